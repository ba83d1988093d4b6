#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Everyday tasks on machines of many shapes, each of which people have built.

MEMFAB_ROUNDS=N does them N times instead of twice, before and after a reboot.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import everyday  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
ROUNDS = int(os.environ.get('MEMFAB_ROUNDS', '2'))


def bridge(index, bus_nr, where=''):
    return ['-device', 'pxb-cxl,id=cxl.%d,bus=pcie.0,bus_nr=%d%s'
            % (index, bus_nr, where)]


def root_port(name, bus, slot, where=''):
    return ['-device', 'cxl-rp,id=%s,bus=%s,chassis=0,port=%d,slot=%d%s'
            % (name, bus, slot, slot, where)]


def switch(name, bus, ports, slot):
    """A switch below @bus: its ports are <name>.0 and so on."""
    argv = ['-device', 'cxl-upstream,id=%s,bus=%s' % (name, bus)]
    for port in range(ports):
        argv += ['-device', 'cxl-downstream,id=%s.%d,bus=%s,port=%d,chassis=0,'
                 'slot=%d' % (name, port, name, port, slot + port)]
    return argv


def volatile(index, bus, extra=''):
    return machine.cxl_memory(index, persistent=None, bus=bus, extra=extra)


def sixteen():
    """Two bridges with eight root ports: the window turns to the other bridge
    with each granule, a bridge to its next port."""
    argv = []
    for index in range(2):
        argv += bridge(index, 32 + 64 * index)
    for index in range(16):
        port = 'rp%d' % index
        argv += root_port(port, 'cxl.%d' % (index % 2), index)
        argv += volatile(index, port)
    return argv


def two_levels():
    """A switch, a switch below each of its two ports, two devices there"""
    argv = bridge(0, 12) + root_port('rp0', 'cxl.0', 0)
    argv += switch('us', 'rp0', 2, 10)
    for low in range(2):
        argv += switch('low%d' % low, 'us.%d' % low, 2, 20 + 10 * low)
    for index in range(4):
        argv += volatile(index, 'low%d.%d' % (index % 2, index // 2))
    return argv


def two_bridges():
    """Two bridges with two root ports, a switch below each, two devices there"""
    argv = []
    for index in range(2):
        argv += bridge(index, 32 + 64 * index)
    for index in range(4):
        port = 'rp%d' % index
        argv += root_port(port, 'cxl.%d' % (index % 2), index)
        argv += switch('us%d' % index, port, 2, 10 + 10 * index)
    for index in range(8):
        argv += volatile(index, 'us%d.%d' % (index % 4, index // 4))
    return argv


def odd_places():
    """The last functions of their slots, the last bus numbers, and a memory
    device that shares its slot with a network card"""
    argv = bridge(0, 0xf0, ',addr=1e.0,multifunction=on')
    argv += bridge(1, 0xe0, ',addr=1e.7')
    argv += root_port('rp0', 'cxl.0', 0, ',addr=1f.0,multifunction=on')
    argv += root_port('rp1', 'cxl.1', 1, ',addr=0.0,multifunction=on')
    argv += root_port('rp2', 'cxl.0', 2, ',addr=1f.7')
    argv += root_port('rp3', 'cxl.1', 3, ',addr=0.7')
    argv += volatile(0, 'rp0', 'addr=0.0,multifunction=on')
    argv += ['-device', 'virtio-net-pci,bus=rp0,addr=0.3']
    for index in range(1, 4):
        argv += volatile(index, 'rp%d' % index)
    return argv


def four_slots():
    """Four root ports where something may be plugged"""
    argv = bridge(0, 12)
    for index in range(4):
        argv += root_port('rp%d' % index, 'cxl.0', index)
    return argv


def found(guest):
    """every device is found"""
    guest.number = sum('cxl-type3,' in word for word in guest.argv)
    everyday.enumerate_devices(guest, guest.number)


def rounds(guest):
    """one region over all is made, used and undone, and made again"""
    for _ in range(ROUNDS):
        everyday.again(guest)


def rebooted(guest):
    """the same after a reboot with the region in use"""
    everyday.make(guest)
    guest.reboot()
    everyday.enumerate_devices(guest, guest.number)
    expect(not any(everyday.decoders(guest).values()),
           'a reset leaves %s' % everyday.decoders(guest))
    rounds(guest)


def net_card_is_there(guest):
    """the card beside the memory device has its driver"""
    guest.wait('ls /sys/bus/pci/drivers/virtio-pci/*/virtio*/net')


def plugged(guest):
    """four devices are plugged in, and make one region"""
    guest.number = 4
    for index in range(4):
        guest.qmp.command('object-add', qom_type='memory-backend-ram',
                          id='ram%d' % index, size=256 * MIB)
        guest.qmp.command('device_add', driver='cxl-type3',
                          id='mem%d' % index, bus='rp%d' % index,
                          volatile_memdev='ram%d' % index, sn=index + 1)
    everyday.enumerate_devices(guest, 4)
    rounds(guest)


def taken_out(guest):
    """all four are let go by Linux"""
    for index in range(4):
        guest.qmp.command('device_del', id='mem%d' % index)
    for _ in range(4):
        # each slot blinks for five seconds
        guest.qmp.wait_event('DEVICE_DELETED', 60)
    for index in range(4):
        guest.qmp.command('object-del', id='ram%d' % index)
    everyday.enumerate_devices(guest, 0)


def plugged_again(guest):
    """the same once more"""
    plugged(guest)
    taken_out(guest)


ONE = {'reboot': True, 'window_size': '8G'}
TWO = dict(ONE, windows=('cxl.0+cxl.1',))
DAY = [found, rounds, rebooted]

if __name__ == '__main__':
    guests.main_of_several([
        ('sixteen', DAY, sixteen(), TWO),
        ('two-levels', DAY, two_levels(), ONE),
        ('two-bridges', DAY, two_bridges(), TWO),
        ('odd-places', DAY + [net_card_is_there], odd_places(), TWO),
        ('four-slots', [plugged, taken_out, plugged_again], four_slots(),
         ONE)])
