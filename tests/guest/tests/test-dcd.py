#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamic capacity as a kernel without a driver for it can have it: a program
takes an offer through the device's mailbox, uses the memory through a decoder
that it has committed, and gives it back. The manager is the monitor.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import guest as guests  # noqa: E402
import machine  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
PIECE = '0x4000000'                     # 64 MiB


def manager(guest, what, policy, offset, length, **more):
    guest.qmp.command('cxl-%s-dynamic-capacity' % what, host_id=0, region=0,
                      path='/machine/peripheral/mem0', tag='',
                      extents=[{'offset': offset, 'len': length}],
                      **policy, **more)


def add(guest, offset, length):
    manager(guest, 'add', {'selection-policy': 'prescriptive'}, offset, length)


def release(guest, offset, length, forced=False):
    manager(guest, 'release', {'removal-policy': 'prescriptive'}, offset,
            length, forced_removal=forced, sanitize_on_release=True)


def said(guest, script):
    return guest.run(script).split()


def taken(guest):
    """an offer is seen, and taken through the mailbox"""
    add(guest, 0, 64 * MIB)
    expect(said(guest, 'cxl-dc wait') == ['add', '0x0', PIECE], 'no offer')
    expect(not said(guest, 'cxl-dc list'), 'there is an extent already')
    guest.run('cxl-dc accept 0 ' + PIECE)
    expect(said(guest, 'cxl-dc list') == ['0x0', PIECE], 'no extent')


def used(guest):
    """what was taken keeps data, what was not does not"""
    guest.run('cxl-dc map')
    guest.run('cxl-dc write 0x1000 memfab; cxl-dc write %s memfab' % PIECE)
    expect(said(guest, 'cxl-dc read 0x1000')[1:] == ['memfab'], 'lost')
    expect(said(guest, 'cxl-dc read ' + PIECE)[1:] != ['memfab'],
           'memory that nobody has given')


def declined(guest):
    """an offer that is not wanted leaves no trace"""
    add(guest, 128 * MIB, 64 * MIB)
    guest.run('cxl-dc wait && cxl-dc accept')
    expect(said(guest, 'cxl-dc list') == ['0x0', PIECE], 'an extent more')


def given_back(guest):
    """asked for it, the guest gives a part back, and has the other"""
    release(guest, 0, 32 * MIB)
    expect(said(guest, 'cxl-dc wait') == ['release', '0x0', '0x2000000'],
           'not asked')
    guest.run('cxl-dc release 0 0x2000000')
    expect(said(guest, 'cxl-dc list') == ['0x2000000', '0x2000000'],
           'not given back')
    expect(said(guest, 'cxl-dc read 0x1000')[1:] != ['memfab'], 'still there')
    status, _ = guest.try_run('cxl-dc release 0 0x2000000')
    expect(status, 'given back twice')


def taken_by_force(guest):
    """taken by force, it is gone before the guest hears of it"""
    guest.run('cxl-dc write 0x2000000 memfab')
    release(guest, 32 * MIB, 32 * MIB, forced=True)
    expect(said(guest, 'cxl-dc read 0x2000000')[1:] != ['memfab'], 'is there')
    expect(said(guest, 'cxl-dc wait') == ['forced', '0x2000000', '0x2000000'],
           'not told')
    expect(not said(guest, 'cxl-dc list'), 'an extent is left')


def wiped_late(guest):
    """memory is wiped when no processor can reach it any more"""
    reachable, unmapped, wiped = False, 0, 0
    with open(guest.stderr_log, errors='replace', encoding='utf-8') as log:
        lines = log.read().splitlines()
    for line in lines:
        if 'window_unmap' in line:
            reachable, unmapped = True, unmapped + 1
        elif 'window_settled' in line:
            reachable = False
        elif unmapped and 'window_fill' in line:
            wiped += 1
            expect(not reachable, 'wiped before processors let go: ' + line)
    expect(unmapped and wiped, 'nothing was wiped')


if __name__ == '__main__':
    guests.main('dcd', [taken, used, declined, given_back, taken_by_force,
                        wiped_late],
                machine.cxl_bridge(1) + machine.backend('dc0', '512M') +
                ['-trace', 'memfab_cxl_window_unmap',
                 '-trace', 'memfab_cxl_window_settled',
                 '-trace', 'memfab_cxl_window_fill', '-device', 'cxl-type3,id=mem0,bus=rp0,num-dc-regions=1,'
                 'volatile-dc-memdev=dc0'])
