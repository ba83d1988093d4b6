#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors, atomics, strings and code in interleaved memory.

The guest is bare/mapped-ops.c, once with mapped memory and once trapping.
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import bare  # noqa: E402
import machine  # noqa: E402
from guest import comment  # noqa: E402

WHAT = ('atomics', 'vectors', 'strings', 'code', 'order')


def run(kernel, direct, where):
    """What the guest says, and the status of its end."""
    devices = []
    for index in range(2):
        devices += machine.cxl_memory(index, persistent='',
                                      extra='direct=' + direct)
    guest = bare.start(kernel, devices, '', os.path.join(where, 'qmp'),
                       cpus=4)
    try:
        output, _ = guest.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        output = 'the guest hangs'
    finally:
        guest.kill()
        guest.wait()
    return output, guest.returncode


def main():
    if not bare.possible():
        print('1..0 # SKIP the program is for x86_64')
        return 0
    print('1..%d' % (2 * len(WHAT)), flush=True)
    failed = number = 0
    with tempfile.TemporaryDirectory(prefix='mapped-') as where:
        kernel = bare.compile_program('mapped-ops', where)
        for direct in ('on', 'off'):
            output, status = run(kernel, direct, where)
            for what in WHAT:
                number += 1
                good = 'ok ' + what in output.splitlines()
                failed += not good
                print('%sok %d - %s with direct=%s'
                      % ('' if good else 'not ', number, what, direct),
                      flush=True)
            if status != bare.GOOD:
                comment('status %d: %s' % (status, output))
                failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    machine.main_with_errors(main)
