#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison in persistent memory, met through a block device and through files
that are mapped."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import poison  # noqa: E402
from guest import expect  # noqa: E402

BLOCK = 100


def reading_a_block_fails(guest):
    """a block is not read, its neighbours are, and the kernel lives"""
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 1 %s
        ndctl create-namespace -t pmem -m fsdax -f
        cxl-wait 10 'ls /dev/pmem*'
        dd if=/dev/urandom of=/tmp/data bs=4k count=200 2>/dev/null
        dd if=/tmp/data of=$(ls /dev/pmem*) bs=4k conv=fsync 2>/dev/null
        echo 3 >/proc/sys/vm/drop_caches''' % guest.memdevs()[0], 120)
    poison.find_region(guest)
    data = int(guest.run('cat /sys/bus/nd/devices/pfn*/resource '
                         '2>/dev/null; true').split()[0], 16)
    poison.inject(guest, data + BLOCK * poison.PAGE + 1024)
    status, text = guest.try_run(
        'dd if=$(ls /dev/pmem*) of=/dev/null bs=4k skip=%d count=1' % BLOCK)
    expect(status and 'Input/output error' in text, text)
    for block in (BLOCK - 1, BLOCK + 1):
        guest.run('''set -e
            dd if=$(ls /dev/pmem*) of=/tmp/a bs=4k skip=%d count=1
            dd if=/tmp/data of=/tmp/b bs=4k skip=%d count=1
            cmp /tmp/a /tmp/b''' % (block, block))


def writing_a_block_repairs(guest):
    """a block that is written anew can be read again"""
    guest.run('''set -e
        dd if=/tmp/data of=$(ls /dev/pmem*) bs=4k skip=%d seek=%d count=1 \\
            conv=fsync,notrunc
        echo 3 >/proc/sys/vm/drop_caches
        dd if=$(ls /dev/pmem*) of=/dev/null bs=4k skip=%d count=1'''
              % (BLOCK, BLOCK, BLOCK))
    expect(not poison.ranges(guest), poison.ranges(guest))


def mapped_files_are_refused(guest):
    """every way of loading poison of a mapped file ends at the load"""
    guest.run('''set -e
        mke2fs -q -b 4096 $(ls /dev/pmem*)
        mount -t ext4 -o dax $(ls /dev/pmem*) /root
        dd if=/dev/zero of=/root/file bs=1M count=4 conv=fsync 2>/dev/null
        echo >/sys/kernel/tracing/trace''')
    poison.meet(guest, '/root/file')
    # Who has the file mapped is killed, whoever loads: here the kernel.
    poison.check_met(guest, special={'system-call': 'sigbus 4 page late'})
    poison.check_offline(guest, counted=False)


def mapped_devices_are_refused(guest):
    """every way of loading poison of a mapped device ends at the load"""
    guest.run('''set -e
        umount /root
        ndctl create-namespace -f -e namespace0.0 -m devdax
        cxl-wait 10 'ls /dev/dax0.0' ''')
    poison.meet(guest, '/dev/dax0.0')
    # It is mapped in large pieces, and the signal names one of them.
    poison.check_met(guest, 'sigbus 4 block exact',
                     {'system-call': 'sigbus 4 block late'})


TESTS = [reading_a_block_fails, writing_a_block_repairs,
         mapped_files_are_refused, poison.the_device_says_the_same,
         mapped_devices_are_refused]

if __name__ == '__main__':
    guests.main('poison-pmem', TESTS,
                machine.cxl_bridge(1) + machine.cxl_memory(0, volatile=None))
