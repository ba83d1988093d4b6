#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What people do all day: make memory, use it, undo it, reset, again.

Each way of taking a device away from its driver is said to keep or to lose
memory, and looked at: in the guest by checksums, at the device by its decoders.

MEMFAB_ROUNDS=N does the harmless part N times instead of twice.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from everyday import again, check, decoders, make, undo  # noqa: E402
from guest import expect  # noqa: E402

ROUNDS = int(os.environ.get('MEMFAB_ROUNDS', '2'))


def rounds(guest):
    """memory is made, used and undone, and made again"""
    for _ in range(ROUNDS):
        again(guest)


def class_of_service(guest):
    """what Linux computes for devices and region is what the window gives"""
    make(guest)
    listed = guest.run('cxl list -v')
    expect('"ram_qos_class":0' in listed and '"qos_class":0' in listed, listed)
    expect('qos_class_mismatch' not in listed, listed)


def function_reset(guest):
    """a function level reset keeps memory that is in use"""
    before = decoders(guest)
    guest.run('''for dev in /sys/bus/pci/drivers/cxl_pci/0*; do
        echo flr >$dev/reset_method && echo 1 >$dev/reset || exit 1
        done''')
    check(guest)
    expect(decoders(guest) == before,
           'was %s, is %s' % (before, decoders(guest)))
    undo(guest)


def rebind(guest):
    guest.run('''cd /sys/bus/pci/drivers/cxl_pci || exit 1
        for dev in $(echo 0*); do
            echo $dev >unbind && [ ! -e $dev ] && echo $dev >bind || exit 1
        done''')
    found(guest)


def found(guest):
    guest.wait('[ $(ls -d /sys/bus/cxl/devices/endpoint* | wc -l) = 2 ]')


def driver_unbound(guest):
    """the driver unbound and bound: devices as before"""
    rebind(guest)
    again(guest)


def rescanned(guest):
    """functions removed and found by a scan: devices as before"""
    guest.run('''set -e
        for dev in $(cd /sys/bus/pci/drivers/cxl_pci && echo 0*); do
            echo 1 >/sys/bus/pci/devices/$dev/remove
        done
        ! cxl list -M 2>/dev/null | grep memdev
        echo 1 >/sys/bus/pci/rescan''')
    found(guest)
    again(guest)


def reset_bus(guest):
    guest.run('''for dev in /sys/bus/pci/drivers/cxl_pci/0*; do
        echo cxl_bus >$dev/reset_method && echo 1 >$dev/reset || exit 1
        done''')


def bus_reset(guest):
    """a reset of the bus with nothing in use: devices as before, once the
    driver, which enables memory, is bound again"""
    reset_bus(guest)
    rebind(guest)
    again(guest)


def bus_reset_in_use(guest):
    """a reset of the bus clears decoders, and Linux does not restore them"""
    make(guest)
    guest.run('umount /tmp/node && daxctl offline-memory all', 240)
    reset_bus(guest)
    expect(not any(decoders(guest).values()),
           'still committed: %s' % decoders(guest))


def undone_after_loss(guest):
    """what is left of the region is destroyed, and memory made again"""
    guest.run('cxl disable-region -f all && cxl destroy-region -f all')
    rebind(guest)
    again(guest)


def torn_from_use(guest):
    """the driver unbound with memory in use: Linux gives the region up and
    keeps the addresses until it is booted again; others serve"""
    make(guest)
    rebind(guest)
    expect(not any(decoders(guest).values()),
           'still committed: %s' % decoders(guest))
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 2 %s
        ndctl create-namespace -t pmem -m raw -f
        cxl-wait 20 ls /dev/pmem*
        head -c 1000000 /dev/urandom >/tmp/data
        dd if=/tmp/data of=$(ls /dev/pmem*) bs=64k conv=fsync
        head -c 1000000 $(ls /dev/pmem*) | cmp - /tmp/data'''
              % ' '.join(guest.memdevs()))
    expect(all(decoders(guest).values()), 'committed: %s' % decoders(guest))


if __name__ == '__main__':
    guests.main('everyday',
                [rounds, class_of_service, function_reset, driver_unbound,
                 rescanned, bus_reset, bus_reset_in_use, undone_after_loss,
                 torn_from_use],
                machine.distances() + machine.cxl_bridge()
                + machine.cxl_memory(0) + machine.cxl_memory(1))
