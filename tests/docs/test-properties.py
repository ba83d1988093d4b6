#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/properties.md says what the emulator says of its properties.

    tests/docs/test-properties.py BUILD [--write]

BUILD is a release's build directory; --write makes the page anew. What every
PCI device has is left out. Releases write types and defaults each in its own
way: on another than RELEASE only names are compared.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'scripts'))
from tapsuite import ROOT, expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
QEMU = os.path.join(BUILD, 'qemu-system-x86_64')
PAGE = os.path.join(ROOT, 'docs', 'properties.md')
RELEASE = '10.2'

# type, option, the page that explains it
TYPES = (
    ('cxl-type3', '-device', 'cxl/index.md'),
    ('cxl-accel', '-device', 'cxl/accel.md'),
    ('cxl-mld', '-device', 'fabric.md'),
    ('cxl-fabric-host', '-device', 'fabric.md'),
    ('cxl-switch-mailbox-cci', '-device', 'fabric.md'),
    ('cxl-fm-port', '-device', 'tools/cxl-fm.md'),
    ('usb-cxl-mctp', '-device', 'fabric.md'),
    ('memory-backend-cxl-fabric', '-object', 'fabric.md'),
    ('cxl-boot-region', '-object', 'kernel-developers.md'),
    ('cxl-window', '-object', 'kernel-developers.md'),
    ('cxl-firmware-first', '-object', 'kernel-developers.md'),
    ('pci-cdat', '-object', 'kernel-developers.md'),
    ('sdxi', '-device', 'sdxi/index.md'),
    ('acpi-device-nodes', '-object', 'acpi/index.md'),
    ('acpi-memory-nodes', '-object', 'acpi/index.md'),
    ('acpi-generic-initiator', '-object', 'acpi/index.md'),
    ('acpi-generic-port', '-object', 'acpi/index.md'))
# of the same family, but QEMU's own
STOCK = {'cxl-rp', 'cxl-upstream', 'cxl-downstream', 'acpi-erst'}
# what all devices have
COMMON = {'realized', 'hotpluggable'}
HEAD = '''# Properties

Written from what the emulator itself says (`-device cxl-type3,help`) by
`tests/docs/test-properties.py build/10.2 --write`; to change this page, change the
descriptions in the source. The pages of the devices say more. What every PCI device has (`addr`,
`romfile`, ...), every USB device (`port`, ...) and every memory backend (`size`, `policy`, ...) is
left out; "-" is no default.
'''
LINE = re.compile(r'^ +([\w.-]+)=<(.*?)>(?: +- (.*))?$', re.M)
DEFAULT = re.compile(r'^(.*?) *\(default: ([^()]*)\)$')


def ask(*words):
    return subprocess.run([QEMU, *words], stdout=subprocess.PIPE, check=True,
                          text=True, timeout=120).stdout


def properties(option, name):
    """[(name, type, default, meaning)]"""
    found = []
    for word, kind, rest in LINE.findall(ask(option, name + ',help')):
        match = DEFAULT.match(rest)
        meaning, default = match.groups() if match else (rest, '-')
        found.append((word, kind, default or '-', meaning))
    return found


def inherited(name):
    """What its like has that has no property of its own."""
    if name.startswith('memory-backend-'):
        return {row[0] for row in properties('-object', 'memory-backend-ram')}
    if name.startswith('usb-'):
        return COMMON | {row[0] for row in properties('-device', 'usb-hub')}
    return COMMON | {row[0] for row in properties('-device', 'edu')} - {
        'dma_mask'}


def page():
    out = [HEAD.rstrip('\n')]
    for name, option, where in TYPES:
        common = inherited(name)
        out += ['', '## %s' % name, '',
                '`%s %s`, explained in [%s](%s)' % (option, name, where, where),
                '']
        rows = ['| `%s` | %s | %s | %s |' % (
            row[0], row[1].replace('<', ' to ').replace('>', ''), row[2],
            row[3].replace('|', '\\|')) for row in properties(option, name)
            if row[0] not in common]
        out += ['| property | type | default | meaning |',
                '| --- | --- | --- | --- |'] + rows if rows else [
                    'It has no properties.']
    return '\n'.join(out) + '\n'


def read():
    with open(PAGE, encoding='utf-8') as file:
        return file.read()


def names(text):
    return re.findall(r'^## .*|^\| `[\w.-]+`', text, re.M)


def test_page_is_written_from_the_emulator(_):
    if not os.path.exists(QEMU):
        skip('no emulator is built')
    now, want = read(), page()
    if os.path.basename(BUILD) != RELEASE:
        now, want = '\n'.join(names(now)), '\n'.join(names(want))
    differ = sorted(set(now.split('\n')) ^ set(want.split('\n')))
    expect(now == want, 'the page is old: see its first lines', *differ)


def test_every_property_has_a_meaning(_):
    empty = re.findall(r'^\| (`[\w.-]+`) \|.*\|  \|$', read(), re.M)
    expect(not empty, 'no description of', *empty)
    expect(len(names(read())) > 120, 'only %d' % len(names(read())))


def test_no_type_of_ours_is_left_out(_):
    if not os.path.exists(QEMU):
        skip('no emulator is built')
    known = STOCK | {row[0] for row in TYPES}
    there = re.findall(r'"((?:cxl|sdxi|acpi)[\w-]*)"', ask('-device', 'help'))
    there += re.findall(r'^ +((?:cxl|sdxi|acpi)[\w-]*)$',
                        ask('-object', 'help'), re.M)
    expect(set(there) <= known, 'not on the page:', set(there) - known)
    expect(len(there) >= 9, there)


if __name__ == '__main__':
    if '--write' in sys.argv:
        with open(PAGE, 'w', encoding='utf-8') as output:
            output.write(page())
    else:
        main(globals())
