#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command line of QEMU's own page about CXL starts a machine.

    tests/stock/examples.py BUILD

BUILD is a release's build directory; the page is in the tree beside it. The
words are taken as they are, except for files, which go to a new directory.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

PAGE = 'docs/system/devices/cxl.rst'
EXAMPLE = re.compile(r'^ +(qemu-system-\w+ .*(?:\n +\S.*)*)', re.MULTILINE)
MONITOR = ['-S', '-display', 'none', '-qmp', 'stdio']
TALK = '\n'.join(json.dumps({'execute': word}) for word in
                 ('qmp_capabilities', 'query-status', 'quit')) + '\n'


def examples(tree):
    with open(os.path.join(tree, PAGE), encoding='utf-8') as page:
        for text in EXAMPLE.findall(page.read()):
            words = shlex.split(text.replace('\\\n', ' '))
            yield [word for word in words if word != '...']


def trouble(build, words, files):
    """None if the machine came up and went away in order."""
    emulator = os.path.join(build, words[0])
    arguments = [word.replace('=/tmp/', '=%s/' % files) for word in words[1:]]
    run = subprocess.run([emulator] + arguments + MONITOR, input=TALK,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False)
    if run.returncode:
        return 'exit %d: %s' % (run.returncode, run.stderr.strip())
    if run.stdout.count('"return"') != 3:
        return 'no answer: ' + run.stdout
    return None


def main():
    build = os.path.abspath(sys.argv[1])
    tree = os.path.join(os.path.dirname(build),
                        'qemu-' + os.path.basename(build))
    found = list(examples(tree))
    bad = not found
    print('1..%d' % len(found))
    for number, words in enumerate(found, 1):
        name = '%d - %s, %d words' % (number, words[0], len(words))
        if not os.path.exists(os.path.join(build, words[0])):
            print('ok %s # SKIP it is not built' % name)
            continue
        with tempfile.TemporaryDirectory(prefix='memfab-') as files:
            said = trouble(build, words, files)
        print('ok ' + name if said is None else
              'not ok %s\n# %s' % (name, said.replace('\n', '\n# ')))
        bad |= said is not None
    return bad


if __name__ == '__main__':
    sys.exit(main())
