#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with regions in use goes on elsewhere, by each way that QEMU has.

MEMFAB_ROUNDS=N goes each way N times instead of twice.
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import everyday  # noqa: E402
import moves  # noqa: E402
from guest import expect  # noqa: E402

ROUNDS = int(os.environ.get('MEMFAB_ROUNDS', '2'))


def made(guest):
    """a region over two devices is a node, with a file in it"""
    everyday.make(guest)


def same(guest, move):
    """Move while a program works in memory of the node; all is as it was."""
    for _ in range(ROUNDS):
        before = everyday.decoders(guest), guest.json('cxl list -R')
        guest.run('''rm -f /tmp/stop /tmp/failures
            (while [ ! -e /tmp/stop ]; do
                node-fill 8 %d || echo failed >>/tmp/failures
            done) >/dev/null 2>&1 &''' % guest.node)
        move(guest)
        guest.run('touch /tmp/stop; wait; [ ! -e /tmp/failures ]')
        guest.wait('! pidof node-fill')
        everyday.check(guest)
        after = everyday.decoders(guest), guest.json('cxl list -R')
        expect(before == after, 'before %s\nafter %s' % (before, after))


def multifd(guest):
    """multifd, over a socket"""
    same(guest, lambda guest: moves.over_socket(guest, 'multifd'))


def precopy(guest):
    """precopy, over a socket"""
    same(guest, moves.over_socket)


def mapped_ram(guest):
    """mapped-ram, through a file"""
    same(guest, lambda guest: moves.through_file(guest, 'mapped-ram'))


def mapped_ram_multifd(guest):
    """mapped-ram with multifd, through a file"""
    same(guest, lambda guest: moves.through_file(guest, 'mapped-ram',
                                                 'multifd'))


def snapshot(guest):
    """savevm, and back after the region was undone and another made"""
    for _ in range(ROUNDS):
        before = everyday.decoders(guest)
        moves.snapshot(guest, 'snapshots')
        everyday.undo(guest)
        everyday.again(guest)
        moves.back(guest, 'snapshots')
        everyday.check(guest)
        expect(everyday.decoders(guest) == before, 'was %s, is %s'
               % (before, everyday.decoders(guest)))


def undone(guest):
    """after all that the region is undone, made again and undone"""
    everyday.undo(guest)
    everyday.again(guest)


def persistent_made(guest):
    """a file system on two interleaved persistent devices"""
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 2 %s
        ndctl create-namespace -t pmem -m fsdax -f
        cxl-wait 20 'ls /dev/pmem*'
        mke2fs -q -b 4096 $(ls /dev/pmem*)
        mount -t ext4 -o dax $(ls /dev/pmem*) /root
        head -c 20000000 /dev/urandom >/root/data
        sync
        sha256sum /root/data >/tmp/sums''' % ' '.join(guest.memdevs()), 180)


def ignore_shared(guest):
    """x-ignore-shared: what is in files stays there, and is found there"""
    for _ in range(ROUNDS):
        before = everyday.decoders(guest)
        moves.through_file(guest, 'x-ignore-shared')
        guest.run('echo 3 >/proc/sys/vm/drop_caches')
        everyday.check(guest)
        expect(everyday.decoders(guest) == before, 'was %s, is %s'
               % (before, everyday.decoders(guest)))
        guest.run('''head -c 1000000 /dev/urandom >/root/more
            sync
            sha256sum /root/data /root/more >/tmp/sums''')


def persistent_undone(guest):
    """the file system is unmounted, mounted and checked; all is undone"""
    guest.run('umount /root && mount -t ext4 -o dax $(ls /dev/pmem*) /root')
    everyday.check(guest)
    guest.run('umount /root')
    everyday.give_up_persistent(guest)


def main(where):
    image = os.path.join(where, 'snapshots')
    subprocess.run([machine.build_dir('bin', 'qemu-img'), 'create', '-q', '-f',
                    'qcow2', image, '1M'], check=True)
    disk = ['-blockdev', 'driver=qcow2,node-name=snapshots,file.driver=file,'
            'file.filename=' + image]
    bridge = machine.cxl_bridge()
    guests.main_of_several([
        ('moves', [made, snapshot, precopy, multifd, mapped_ram,
                   mapped_ram_multifd, undone],
         bridge + disk + [word for index in range(2) for word in
                          machine.cxl_memory(index, persistent=None)], {}),
        ('shared-files', [persistent_made, ignore_shared, persistent_undone],
         bridge + [word for index in range(2) for word in
                   machine.cxl_memory(index, volatile=None, directory=where,
                                      extra='layout-file=auto')], {})])


if __name__ == '__main__':
    os.makedirs(machine.build_dir('guest'), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=machine.build_dir('guest'),
                                     prefix='moves-') as files:
        main(files)
