#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux's EDAC tunes scrubbing of a cxl-type3 and repairs its memory.

Debian's kernels are built without it (CONFIG_CXL_EDAC_MEM_FEATURES): with
KERNEL= of one's own this test is a judge, and on the kernel of soak-kernel.py;
otherwise it is skipped.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

HOUR = 3600
DEVICE = '/machine/peripheral/mem0'
# What to repair, in the order in which Linux numbers it, and what names it
PLACE = {'channel': 1, 'rank': 2, 'nibble_mask': 0x3, 'bank_group': 4,
         'bank': 5, 'row': 0x60, 'column': 7}
REPAIRS = (('cacheline-sparing', PLACE),
           ('row-sparing', list(PLACE)[:-1]),
           ('bank-sparing', list(PLACE)[:-2]),
           ('rank-sparing', list(PLACE)[:-4]),
           ('ppr', ['nibble_mask']))


def edac(guest, *names):
    return '/'.join(('/sys/bus/edac/devices/cxl_' + guest.memdevs()[0],)
                    + names)


def refused(guest, path, text):
    """Is this value not taken?"""
    status, _ = guest.try_run("echo '%s' >%s" % (text, path))
    expect(status, '%s takes %s' % (path, text))


def kept(guest, path, text):
    guest.write(path, text)
    found = guest.read(path)
    expect(int(found, 0) == int(str(text), 0), '%s is %s, not %s'
           % (path, found, text))


def features(guest):
    """every feature that Linux has a driver for is there"""
    names = guest.run('ls ' + edac(guest)).split()
    for name in (['scrub0'] + ['ecs_fru%d' % fru for fru in range(3)] +
                 ['mem_repair%d' % kind for kind in range(len(REPAIRS))]):
        expect(name in names, '%s is not among %s' % (name, names))
    for number, (kind, places) in enumerate(REPAIRS):
        where = edac(guest, 'mem_repair%d' % number)
        found = guest.read(where + '/repair_type')
        expect(found == kind, 'repair %d is %s' % (number, found))
        names = guest.run('ls ' + where).split()
        for name in places:
            expect(name in names, '%s: no %s' % (kind, name))
        expect(guest.read(where + '/repair_safe_when_in_use') == '1',
               kind + ' is not safe in use')
        expect(int(guest.read(where + '/max_dpa'), 0) == (512 << 20) - 1,
               kind + ' ends elsewhere')


def scrub_rate(guest):
    """patrol scrub: rate and switch are kept, too fast is refused"""
    where = edac(guest, 'scrub0')
    expect(int(guest.read(where + '/min_cycle_duration')) == HOUR, 'minimum')
    expect(int(guest.read(where + '/max_cycle_duration')) == 255 * HOUR,
           'maximum')
    rate = where + '/current_cycle_duration'
    expect(int(guest.read(rate)) == 12 * HOUR, guest.read(rate))
    kept(guest, rate, 2 * HOUR)
    kept(guest, rate, 255 * HOUR)
    refused(guest, rate, 0)
    refused(guest, rate, HOUR - 1)
    expect(int(guest.read(rate)) == 255 * HOUR, 'a refused rate is taken')
    kept(guest, where + '/enable_background', 1)
    kept(guest, where + '/enable_background', 0)
    kept(guest, rate, 6 * HOUR)


def error_check_scrub(guest):
    """ECS: each unit's threshold, mode and log are its own"""
    for fru, threshold, mode in ((0, 1024, 1), (1, 4096, 0), (2, 256, 1)):
        where = edac(guest, 'ecs_fru%d' % fru)
        kept(guest, where + '/threshold', threshold)
        kept(guest, where + '/mode', mode)
        guest.write(where + '/reset', 1)
        refused(guest, where + '/threshold', 512)
        refused(guest, where + '/mode', 2)
    for fru, threshold in ((0, 1024), (1, 4096), (2, 256)):
        found = guest.read(edac(guest, 'ecs_fru%d' % fru, 'threshold'))
        expect(int(found) == threshold, 'unit %d: %s' % (fru, found))
    kept(guest, edac(guest, 'ecs_fru1', 'log_entry_type'), 0)
    kept(guest, edac(guest, 'ecs_fru1', 'log_entry_type'), 1)


def poisoned(guest):
    return len(guest.qmp.command('query-cxl-poison', path=DEVICE)['ranges'])


def idle_repair(guest):
    """memory not in use: package repair cures poison, where it is asked to"""
    where = edac(guest, 'mem_repair4')
    guest.qmp.command('cxl-inject-poison', path=DEVICE, start=0x1000,
                      length=64)
    guest.write(where + '/dpa', '0x2000')
    guest.write(where + '/repair', 1)
    expect(poisoned(guest) == 1, 'another line is cured')
    guest.write(where + '/dpa', '0x1000')
    guest.write(where + '/nibble_mask', '0x3')
    guest.write(where + '/repair', 1)
    expect(poisoned(guest) == 0, 'the line is not cured')
    refused(guest, where + '/dpa', hex(512 << 20))
    refused(guest, where + '/repair', 2)


def name_place(guest, number, places):
    where = edac(guest, 'mem_repair%d' % number)
    for name in places:
        kept(guest, where + '/' + name, hex(PLACE[name]))
    return where


def idle_sparing(guest):
    """memory not in use: sparing of each size is traced with its place"""
    for number, (kind, places) in enumerate(REPAIRS[:4]):
        where = name_place(guest, number, places)
        for persist in (0, 1):
            kept(guest, where + '/persist_mode', persist)
            trace = guest.traced('cxl/cxl_memory_sparing', lambda:
                                 guest.write(where + '/repair', 1))
            for text in ['channel=1', 'rank=2'] + (
                    ['row=96'] if 'row' in places else []):
                expect(text in trace.replace("'", ''),
                       '%s, no %s: %s' % (kind, text, trace))


def dram_event(guest, dpa):
    guest.qmp.command(
        'cxl-inject-dram-event', path=DEVICE, log='informational', flags=1,
        dpa=dpa, descriptor=3, type=3, transaction_type=192,
        sub_type=0,
        **{name: value for name, value in PLACE.items()})


def repair_in_use(guest):
    """memory in use: only what an event has named is repaired"""
    guest.run('cxl-online ' + guest.memdevs()[0])
    for number, (kind, places) in enumerate(REPAIRS):
        where = name_place(guest, number, places)
        guest.write(where + '/dpa', '0x3000')
        status, _ = guest.try_run('echo 1 >%s/repair' % where)
        expect(status, kind + ' without a reason')
    guest.traced('cxl/cxl_dram', lambda: dram_event(guest, 0x3000))
    for number, (kind, _) in enumerate(REPAIRS):
        guest.write(edac(guest, 'mem_repair%d/repair' % number), 1)


def region_scrub(guest):
    """the region has the rate of its device, and sets it"""
    region = guest.json('cxl list -R')[0]['region']
    where = '/sys/bus/edac/devices/cxl_%s/scrub0/' % region
    expect(int(guest.read(where + 'current_cycle_duration')) == 6 * HOUR,
           'another rate')
    kept(guest, where + 'current_cycle_duration', 24 * HOUR)
    found = guest.read(edac(guest, 'scrub0', 'current_cycle_duration'))
    expect(int(found) == 24 * HOUR, 'the device has ' + found)


def after_reboot(guest):
    """settings outlive a reboot"""
    guest.reboot()
    found = guest.read(edac(guest, 'scrub0', 'current_cycle_duration'))
    expect(int(found) == 24 * HOUR, 'the device has ' + found)
    found = guest.read(edac(guest, 'ecs_fru1', 'threshold'))
    expect(int(found) == 4096, 'the threshold is ' + found)


def spares_end(guest):
    """when the spares are used up, repair is refused"""
    where = edac(guest, 'mem_repair3')
    status, _ = guest.try_run(
        'for i in $(seq 300); do echo 1 >%s/repair || exit 1; done' % where,
        120)
    expect(status, 'spares without end')


TESTS = [features, scrub_rate, error_check_scrub, idle_repair, idle_sparing,
         repair_in_use, region_scrub, after_reboot, spares_end]


def devices():
    return machine.cxl_bridge() + machine.cxl_memory(0)


if __name__ == '__main__':
    if not (machine.setting('KERNEL') or machine.setting('KERNEL_SUITE')):
        print('1..0 # SKIP Debian\'s kernels have no EDAC for CXL; '
              'soak-kernel.py builds one that has')
        sys.exit(0)
    guests.main('edac', TESTS, devices(), reboot=True)
