#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A script written for QEMU 11.1's commands runs on every release.

    tests/stock/commands.py BUILD

BUILD is a release's build directory. Each command of 11.1's page about CXL is
given with all its arguments, and with those alone that it cannot do without.
Only sub-type is of no release before 11.
"""

import json
import os
import subprocess
import sys

DEVICE = '/machine/peripheral/mem0'
MACHINE = (
    '-machine q35,cxl=on -m 256M,maxmem=8G,slots=8 -nodefaults -S '
    '-display none -qmp stdio '
    '-object memory-backend-ram,id=v0,size=256M '
    '-object memory-backend-ram,id=p0,size=256M '
    '-object memory-backend-ram,id=l0,size=1M '
    '-object memory-backend-ram,id=d0,size=512M '
    '-device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=12 '
    '-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=2 '
    '-device cxl-type3,id=mem0,bus=rp0,volatile-memdev=v0,'
    'persistent-memdev=p0,lsa=l0,volatile-dc-memdev=d0,num-dc-regions=2 '
    '-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G').split()

EVENT = {'log': 'warning', 'flags': 0xffffff}
EVENT_MORE = {'maint-op-class': 2, 'maint-op-subclass': 1, 'ld-id': 0xffff,
              'head-id': 255}
PART = {'component-id': 'memory0123456789', 'is-comp-id-pldm': True}
PLACE = {'dpa': 0x1000, 'descriptor': 255, 'type': 255,
         'transaction-type': 255, 'sub-type': 255}
EXTENT = {'host-id': 0, 'region': 0,
          'extents': [{'offset': 0, 'len': 128 << 20}]}
# No host has accepted what the script releases
ON_OFFER = 'an extent is still on offer'
UNCORRECTABLE = [
    'cache-data-parity', 'cache-address-parity', 'cache-be-parity',
    'cache-data-ecc', 'mem-data-parity', 'mem-address-parity',
    'mem-be-parity', 'mem-data-ecc', 'reinit-threshold', 'rsvd-encoding',
    'poison-received', 'receiver-overflow', 'internal', 'cxl-ide-tx',
    'cxl-ide-rx']
CORRECTABLE = ['cache-data-ecc', 'mem-data-ecc', 'crc-threshold',
               'retry-threshold', 'cache-poison-received',
               'mem-poison-received', 'physical']

# command, arguments, arguments that may be left out
SCRIPT = [
    ('cxl-inject-general-media-event', {**EVENT, **PLACE},
     {**EVENT_MORE, **PART, 'channel': 255, 'rank': 255, 'device': 0xffffff,
      'cme-ev-flags': 255, 'cme-count': 0xffffff}),
    ('cxl-inject-dram-event', {**EVENT, **PLACE},
     {**EVENT_MORE, **PART, 'channel': 255, 'rank': 255,
      'nibble-mask': 0xffffff, 'bank-group': 255, 'bank': 255,
      'row': 0xffffff, 'column': 0xffff,
      'correction-mask': [1, 2, 3, (1 << 64) - 1], 'sub-channel': 255,
      'cme-ev-flags': 255, 'cvme-count': 0xffffff}),
    ('cxl-inject-memory-module-event',
     {**EVENT, 'type': 255, 'health-status': 255, 'media-status': 255,
      'additional-status': 255, 'life-used': 100, 'temperature': -40,
      'dirty-shutdown-count': 0xffffffff,
      'corrected-volatile-error-count': 0xffffffff,
      'corrected-persistent-error-count': 0xffffffff, 'sub-type': 255},
     {**EVENT_MORE, **PART}),
] + [
    ('cxl-inject-general-media-event', {**EVENT, **PLACE, 'log': log}, {})
    for log in ('informational', 'warning', 'failure', 'fatal')
] + [
    ('cxl-inject-poison', {'start': 0x1000, 'length': 128}, {}),
    ('cxl-inject-uncorrectable-errors',
     {'errors': [{'type': kind, 'header': list(range(32))}
                 for kind in UNCORRECTABLE]}, {}),
] + [
    ('cxl-inject-correctable-error', {'type': kind}, {})
    for kind in CORRECTABLE
] + [
    ('cxl-add-dynamic-capacity',
     {**EXTENT, 'selection-policy': 'prescriptive'}, {}),
    ('cxl-add-dynamic-capacity',
     {**EXTENT, 'region': 1, 'selection-policy': 'prescriptive',
      'tag': '00112233-4455-6677-8899-aabbccddeeff'}, {}),
    ('cxl-release-dynamic-capacity',
     {**EXTENT, 'removal-policy': 'prescriptive'},
     {'forced-removal': False, 'sanitize-on-release': False,
      'tag': '00112233-4455-6677-8899-aabbccddeeff'}),
]


def requests():
    """Command and arguments, first those that are needed, then all"""
    for command, needed, more in SCRIPT:
        needed = {'path': DEVICE, **needed}
        yield command, needed
        if more:
            yield command, {**needed, **more}


def answers(emulator, script):
    """One message for each request; events are left out."""
    talk = ['qmp_capabilities'] + [
        {'execute': command, 'arguments': arguments}
        for command, arguments in script] + ['quit']
    text = '\n'.join(json.dumps(word if isinstance(word, dict)
                                else {'execute': word}) for word in talk)
    run = subprocess.run([emulator] + MACHINE, input=text + '\n',
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False, timeout=120)
    print('#', '\n# '.join(['exit %d' % run.returncode]
                           + run.stderr.splitlines()))
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return [m for m in found if 'return' in m or 'error' in m][1:-1]


def main():
    emulator = os.path.join(sys.argv[1], 'qemu-system-x86_64')
    if not os.path.exists(emulator):
        print('1..0 # SKIP %s is not built' % emulator)
        return 0
    script = list(requests())
    got = answers(emulator, script)
    print('1..%d' % len(script))
    bad = 0
    for number, (command, arguments) in enumerate(script, 1):
        answer = got[number - 1] if number <= len(got) else {}
        said = answer.get('error', {}).get('desc')
        fine = 'return' in answer or ('release' in command
                                      and (said or '').endswith(ON_OFFER))
        bad += not fine
        print('%sok %d - %s, %d arguments' % ('' if fine else 'not ', number,
                                              command, len(arguments)))
        if not fine:
            print('#', json.dumps(arguments), json.dumps(answer))
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
