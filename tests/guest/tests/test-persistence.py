#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Persistent memory and labels outlive the guest's kernel and QEMU."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

OPEN = '''set -e
    cxl create-region -m -d decoder0.0 -t pmem -w 1 %s
    cxl-wait 10 'ls /dev/pmem*' || {
        ndctl list -RDNi
        dmesg | tail
        exit 1
    }
    mount -t ext4 -o dax $(ls /dev/pmem*) /root'''
CHECK = 'cd /root && sha256sum -c sums'


def file_is_written(guest):
    """a file system on a namespace of a pmem region"""
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 1 %s
        ndctl create-namespace -t pmem -m fsdax -n survivor -f
        mke2fs -q -b 4096 $(ls /dev/pmem*)
        mount -t ext4 -o dax $(ls /dev/pmem*) /root
        cd /root
        head -c 3000000 /dev/urandom >data
        sha256sum data >sums
        cd /
        umount /root''' % guest.memdevs()[0], 120)


def survives(guest):
    """The namespace comes back by its label alone, the file by the memory."""
    guest.run(OPEN % guest.memdevs()[0], 120)
    name = guest.json('ndctl list -N')[0].get('name')
    expect(name == 'survivor', 'the namespace is called %s' % name)
    expect('OK' in guest.run(CHECK), 'the file is damaged')


def guest_reboots(guest):
    """namespace and file survive a reboot of the guest"""
    guest.reboot()
    survives(guest)


def machine_resets(guest):
    """namespace and file survive a reset of the machine while mounted"""
    guest.run('sync')
    guest.qmp.command('system_reset')
    guest.wait_ready()
    survives(guest)


def process_dies(guest):
    """namespace and file survive a QEMU process that is killed"""
    guest.run('sync')
    guest.restart()
    survives(guest)


def file_is_cut(guest):
    """a file that becomes shorter is poison for the guest, which goes on"""
    os.truncate(os.path.join(FILES[0], 'pmem0'), 64 << 20)
    # The load that finds it reads zeroes.
    guest.wait('''echo 3 >/proc/sys/vm/drop_caches
        ! dd if=$(ls /dev/pmem*) of=/dev/null bs=4k skip=40000 count=1 \
            2>/tmp/why''')
    expect('Input/output error' in guest.read('/tmp/why'),
           guest.read('/tmp/why'))
    guest.run('dd if=$(ls /dev/pmem*) of=/dev/null bs=1M count=32')


def other_partition_is_volatile(guest):
    """the volatile partition becomes a node beside it"""
    guest.run('''set -e
        umount /root
        cxl disable-region -f all
        cxl destroy-region -f all''', 120)
    node = guest.run('cxl-online').splitlines()[-1]
    guest.run('node-fill 4 ' + node)


def programs_run(guest):
    """programs run from a file system on two interleaved devices"""
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 2 -g 256 %s %s
        ndctl create-namespace -t pmem -m fsdax -f
        cxl-wait 10 'ls /dev/pmem*'
        mke2fs -q -b 4096 $(ls /dev/pmem*)
        mount -t ext4 -o dax $(ls /dev/pmem*) /root
        cp $(readlink -f /bin/busybox) /root/busybox
        cmp $(readlink -f /bin/busybox) /root/busybox
        for run in 1 2 3 4; do
            /root/busybox sh -c 'i=0; while [ $i -lt 99 ]; do
                                              i=$((i + 1)); done'
        done''' % tuple(guest.memdevs()[1:3]), 180)


FILES = []      # the folder where they are


def main():
    with tempfile.TemporaryDirectory(
            dir=machine.build_dir('guest'), prefix='persistence-') as files:
        FILES.append(files)
        guests.main('persistence',
                    [file_is_written, guest_reboots, machine_resets,
                     process_dies, file_is_cut, other_partition_is_volatile,
                     programs_run],
                    machine.cxl_bridge(3)
                    + machine.cxl_memory(0, directory=files)
                    + machine.cxl_memory(1, volatile='', directory=files)
                    + machine.cxl_memory(2, volatile='', directory=files),
                    reboot=True)


if __name__ == '__main__':
    os.makedirs(machine.build_dir('guest'), exist_ok=True)
    main()
