#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of make bench start: they take too long to be run here, but a
module that has moved ends them before they have read their arguments."""

import glob
import os

from tapsuite import ROOT, expect, main, run


def test_they_say_what_they_do(_):
    programs = [path for path in glob.glob(ROOT + '/tests/bench/*')
                if os.access(path, os.X_OK) and os.path.isfile(path)]
    expect(len(programs) >= 2, programs)
    for path in programs:
        status, output = run(path, '--help')
        expect(status == 0 and 'usage:' in output, path, output)


if __name__ == '__main__':
    main(globals())
