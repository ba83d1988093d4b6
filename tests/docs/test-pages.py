#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What README.md and the pages below docs/ tell people to type does work.

    tests/docs/test-pages.py BUILD

BUILD is a release's build directory. Command lines of QEMU start a machine;
blocks that hold options alone are added to a machine with a PCIe root port
(rp1), for CXL devices with a root port of theirs (rp0) too. Targets of make exist,
and programs of this repository are there. What is typed into a guest is in
tests/guest/tests/test-run.py and its neighbours.
"""

import glob
import html
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'),
                os.path.join(HERE, '..', 'tools')]
from fakeqmp import Answers, Peer, serve  # noqa: E402
from tapsuite import ROOT, expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
FENCE = re.compile(r'^```\w*\n(.*?)^```', re.M | re.S)
QEMU = re.compile(r'(?:build/bin/|\./)?(qemu-system-(?:x86_64|aarch64)) ')
BASE = '-M q35 -m 512M,maxmem=16G,slots=8 -device pcie-root-port,id=rp1,chassis=7 '
BASE_CXL = BASE + ('-M cxl=on,cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G '
                   '-device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=52 '
                   '-device cxl-rp,id=rp0,bus=cxl.0,chassis=9,slot=2 ')
TALK = '\n'.join(json.dumps({'execute': word}) for word in
                 ('qmp_capabilities', 'query-status', 'quit')) + '\n'


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def pages():
    found = [os.path.join(ROOT, 'README.md')] + glob.glob(
        os.path.join(ROOT, 'docs', '**', '*.md'), recursive=True)
    return sorted(os.path.relpath(path, ROOT) for path in found)


def commands():
    """(page, command) of every line in a block; ends with \\ are joined."""
    for page in pages():
        for block in FENCE.findall(read(page)):
            text = re.sub(r'\s*\\\n\s*', ' ', block)
            for line in text.splitlines():
                yield page, line.strip()


# what is wrong on purpose, and what is said of it
FAQ = 'docs/faq.md'
WRONG = re.compile(r'^### `([^`]+)`\n\n```\n(qemu-system-x86_64 .*)\n```', re.M)


def machines():
    """(page, emulator, words) of every machine that a page shows."""
    for page, line in commands():
        if page == FAQ:
            continue
        match = QEMU.match(line)
        if match:
            text, name = line[match.end():], match.group(1)
        elif line.startswith(('-device ', '-object ', '-M ')):
            base = BASE_CXL if 'cxl-' in line else BASE
            text, name = base + line, 'qemu-system-x86_64'
        else:
            continue
        # "..." stands for what the reader adds
        words = [word for word in shlex.split(text, comments=True)
                 if word != '...']
        if '...' not in ' '.join(words):
            yield page, name, words


def trouble(emulator, words, directory):
    done = subprocess.run(
        [emulator, *words, '-S', '-display', 'none', '-monitor', 'none',
         '-serial', 'none', '-qmp', 'stdio'], input=TALK, text=True,
        cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        check=False, timeout=120)
    if done.returncode == 0 and done.stdout.count('"return"') == 3:
        return ''
    return 'exit status %d: %s' % (done.returncode, done.stderr)


def test_machines_of_the_pages_start(directory):
    started, faults = 0, []
    for page, name, words in machines():
        emulator = os.path.join(BUILD, name)
        if not os.path.exists(emulator):
            continue
        said = trouble(emulator, words, directory)
        if said:
            faults += ['%s: %s' % (page, shlex.join(words)), said]
        started += 1
    expect(not faults, *faults)
    if not os.path.exists(os.path.join(BUILD, 'qemu-system-x86_64')):
        skip('no emulator is built')
    expect(started >= 8, 'only %d machines are found' % started)
    print('# %d machines' % started)


def test_messages_of_the_faq_are_said(directory):
    emulator = os.path.join(BUILD, 'qemu-system-x86_64')
    if not os.path.exists(emulator):
        skip('no emulator is built')
    faults, found = [], WRONG.findall(read(FAQ))
    for message, line in found:
        said = trouble(emulator, shlex.split(line)[1:], directory)
        # a machine with KVM starts
        if message not in said and 'kvm' not in line:
            faults += ['%s: "%s" is not said, but:' % (line, message), said]
    expect(not faults, *faults)
    expect(len(found) >= 8, 'only %d mistakes' % len(found))


def sources():
    """All text that could say something; strings that were cut are joined."""
    text = ''
    for pattern in ('qemu/*', 'tools/**/*.c', 'scripts/*', 'tests/guest/*',
                    'tests/guest/lib/*'):
        for path in glob.glob(os.path.join(ROOT, pattern), recursive=True):
            if os.path.isfile(path) and not path.endswith('.pyc'):
                text += read(os.path.relpath(path, ROOT))
    return re.sub(r'\s+', ' ', re.sub(r'"\s*(?:\\\n\s*)?"', '', text))


def test_other_messages_of_the_faq_are_ours(_):
    text, found = sources(), 0
    for message in re.findall(r'^### `([^`]+)`\n\n(?!```)', read(FAQ), re.M):
        # the numbers and names in it vary; "fetch: " is put before it
        words = re.sub(r'^\w+: ', '', message)
        pattern = '.{1,12}'.join(re.escape(part) for part in
                                re.split(r'10\.2|400|this monitor', words))
        if message.startswith(('cxl ', 'create-region', 'Failed to sync')):
            continue                    # the guest's
        expect(re.search(pattern, text), message)
        found += 1
    expect(found >= 5, 'only %d' % found)


def test_targets_of_make_exist(_):
    found = 0
    for page, line in commands():
        match = re.match(r'(?:sudo )?make(?: -C memfab)?((?: [\w=./:|<>-]+)*)',
                         line)
        if not match or '-C linux' in line:
            continue
        targets = [word for word in match.group(1).split() if '=' not in word]
        for target in targets:
            expect(re.search(r'^%s:' % re.escape(target), read('Makefile'),
                             re.M), page, line, 'no target ' + target)
        found += 1
    expect(found >= 4, 'only %d' % found)


def test_programs_of_the_pages_are_there(_):
    found = 0
    for page, line in commands():
        for word in re.findall(r'(?<![\w/.-])((?:scripts|qemu|tests|docs)/'
                               r'[\w/.-]*\w)', line):
            path = os.path.join(ROOT, word)
            expect(os.path.exists(path), page, line, 'no ' + word)
            found += 1
    expect(found >= 3, 'only %d' % found)


def test_readme_is_short(_):
    lines = len(read('README.md').splitlines())
    expect(lines < 150, '%d lines' % lines)


def test_readme_shows_what_the_tool_shows(_):
    tree = read('tests/data/topology/demo.txt')
    expect('```\n' + tree + '```' in read('README.md'),
           'the tree of the README is another than tests/data/topology has')


def test_readme_counts_our_commands(_):
    interface = read('docs/cxl/commands.md').split('\n## Interface: ')[1]
    rows = re.findall(r'^\| [0-9A-F]{4}h \|', interface, re.M)
    expect('| %d, with passphrases' % len(rows) in read('README.md'),
           'the primary mailbox has %d commands' % len(rows))


def test_picture_is_that_of_the_demo(_):
    tool = os.path.join(BUILD, 'memfab', 'tools', 'cxl-topology')
    if not os.path.exists(tool):
        skip('cxl-topology is not built')
    picture = html.unescape(read('docs/pictures/demo.svg'))
    ids = set(re.findall(r'<g id="([^"]+)" class="node"', picture))
    with tempfile.TemporaryDirectory(prefix='memfab-') as directory, \
            Peer(directory, serve(Answers(json.loads(read(
                'tests/data/topology/demo.json'))))) as path:
        dot = subprocess.run([tool, path, '--dot'], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
    expect(ids == set(re.findall(r'\[id="([^"]+)"', dot)), ids, dot)
    for text in re.findall(r'<FONT POINT-SIZE="10">(?:&#160;)*([^<&]+)', dot):
        expect(text in picture, 'the picture lacks', text)


if __name__ == '__main__':
    main(globals())
