#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory devices come, change and go while Linux runs."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
NEW = 0x5eed


def serials(guest):
    return sorted(dev['serial'] for dev in guest.json('cxl list -M'))


def plug(guest):
    """device_add: Linux finds the device and its endpoint"""
    guest.qmp.command('object-add', qom_type='memory-backend-ram', id='hot',
                      size=256 * MIB)
    guest.qmp.command('device_add', driver='cxl-type3', id='hotdev',
                      bus='rp1', volatile_memdev='hot', sn=NEW)
    guest.wait('cxl list -M | grep -q : && [ "$(ls -d '
               '/sys/bus/cxl/devices/endpoint* | wc -l)" = 2 ]', 40)
    expect(NEW in serials(guest), 'found %s' % serials(guest))


def new_memory_is_used(guest):
    """the new device becomes a NUMA node that keeps data"""
    name = [dev['memdev'] for dev in guest.json('cxl list -M')
            if dev['serial'] == NEW][0]
    guest.node = guest.run('cxl-online ' + name).splitlines()[-1]
    guest.run('node-fill 32 ' + guest.node)


def release(guest):
    """its memory goes offline, its region is destroyed"""
    guest.run('''set -e
        daxctl offline-memory all
        cxl disable-region -f all
        cxl destroy-region -f all''', 240)


def unplug(guest):
    """device_del: the guest lets go and the device disappears"""
    guest.qmp.command('device_del', id='hotdev')
    # The attention button of a slot takes five seconds.
    guest.qmp.wait_event('DEVICE_DELETED')
    guest.wait('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = 1 ]',
               40)
    expect(NEW not in serials(guest), 'found %s' % serials(guest))


def plug_again(guest):
    """the same backend serves a second device"""
    guest.qmp.command('device_add', driver='cxl-type3', id='second',
                      bus='rp1', volatile_memdev='hot', sn=NEW + 1)
    guest.wait('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = 2 ]',
               40)
    expect(NEW + 1 in serials(guest), 'found %s' % serials(guest))


def torn_out(guest):
    """a device is taken away while programs write to its memory

    What becomes of the programs is Linux's affair; the emulator goes on,
    and the slot takes another device.
    """
    name = [dev['memdev'] for dev in guest.json('cxl list -M')
            if dev['serial'] == NEW + 1][0]
    node = guest.run('cxl-online ' + name).splitlines()[-1]
    guest.run('(while node-fill 64 %s; do :; done) >/dev/null 2>&1 &' % node)
    guest.qmp.command('device_del', id='second')
    guest.qmp.wait_event('DEVICE_DELETED', 60)
    status = guest.qmp.command('query-status')['status']
    expect(status == 'running', 'the machine is ' + status)
    guest.qmp.command('device_add', driver='cxl-type3', id='third',
                      bus='rp1', volatile_memdev='hot', sn=NEW + 2)


if __name__ == '__main__':
    guests.main('hotplug',
                [plug, new_memory_is_used, release, unplug, plug_again,
                 torn_out],
                machine.cxl_bridge() + machine.cxl_memory(0))
