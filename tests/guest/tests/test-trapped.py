#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices whose rings and buffers lie in memory that traps: Linux's own virtio
drivers, loaded on a node of CXL memory with direct=off."""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

KIB = 1 << 10
FILES = tempfile.mkdtemp(prefix='memfab-trapped-')


def make(name, size):
    with open(os.path.join(FILES, name), 'wb') as out:
        out.write(os.urandom(size))


def devices():
    make('disk', 2048 * KIB)
    make('file', 300 * KIB)
    return machine.cxl_bridge() + machine.cxl_memory(
        0, persistent=None, extra='direct=off') + [
            '-drive', 'if=none,id=disk,format=raw,file=%s/disk' % FILES,
            '-device', 'virtio-blk-pci,id=blk,drive=disk,bus=pcie.0',
            '-netdev', 'user,id=net,tftp=' + FILES,
            '-device', 'virtio-net-pci,id=nic,netdev=net,bus=pcie.0']


def digest(name):
    with open(os.path.join(FILES, name), 'rb') as data:
        return hashlib.sha256(data.read()).hexdigest()


def queues(guest, name, count):
    """Where the rings of a device are: descriptors and both rings"""
    path = '/machine/peripheral/%s/virtio-backend' % name
    for number in range(count):
        status = guest.qmp.command('x-query-virtio-queue-status', path=path,
                                   queue=number)
        yield from (status[ring] for ring in ('vring-desc', 'vring-avail',
                                              'vring-used'))


def node_for_the_kernel(guest):
    """CXL memory becomes a node from which the kernel itself takes"""
    guest.run("sed -i s/online_movable/online_kernel/ $(which cxl-online)")
    guest.node = int(guest.run('cxl-online').splitlines()[-1])
    region = guest.json('cxl list -R')[0]
    guest.memory = range(region['resource'],
                         region['resource'] + region['size'])


def drivers_move_there(guest):
    """the drivers of disk and network are bound again, and take from it"""
    guest.run('''set -e
        cd /sys/bus/pci/drivers/virtio-pci
        for dev in $(echo 0*); do
            echo $dev >unbind
            numactl -m %d sh -c "echo $dev >bind"
        done
        cxl-wait 20 ls /dev/vda
        cxl-wait 20 ls /sys/class/net/eth0''' % guest.node, 120)
    for name, count in (('blk', 1), ('nic', 2)):
        rings = list(queues(guest, name, count))
        expect(all(ring in guest.memory for ring in rings),
               '%s has %s, not in %s' % (name, rings, guest.memory))


def disk_reads_and_writes(guest):
    """a disk reads into trapped memory and writes from it, 512 KiB at a time"""
    copy = ('numactl -m %d dd if=/dev/vda bs=512k %%s 2>/dev/null' % guest.node)
    got = guest.run(copy % 'iflag=direct' + ' | sha256sum', 240)
    expect(got.split()[0] == digest('disk'), 'read something else: %s' % got)
    guest.run('numactl -m %d dd if=/dev/urandom of=/tmp/new bs=512k count=2 '
              '2>/dev/null && numactl -m %d dd if=/tmp/new of=/dev/vda bs=512k '
              'seek=2 oflag=direct 2>/dev/null' % (guest.node, guest.node), 240)
    got = guest.run('sha256sum /tmp/new')
    with open(os.path.join(FILES, 'disk'), 'rb') as data:
        data.seek(1024 * KIB)
        want = hashlib.sha256(data.read()).hexdigest()
    expect(got.split()[0] == want, 'wrote something else: %s' % got)


def network_transfers(guest):
    """a network card sends and receives a file through trapped rings"""
    guest.run('''set -e
        ip link set eth0 up
        ip addr add 10.0.2.15/24 dev eth0
        tftp -g -r file -l /tmp/file 10.0.2.2''', 240)
    got = guest.run('sha256sum /tmp/file')
    expect(got.split()[0] == digest('file'), 'received: %s' % got)


if __name__ == '__main__':
    atexit.register(shutil.rmtree, FILES, ignore_errors=True)
    guests.main('trapped',
                [node_for_the_kernel, drivers_move_there,
                 disk_reads_and_writes, network_transfers], devices())
