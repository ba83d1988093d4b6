#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions made with the stock cxl tool: NUMA nodes, interleaving, files."""

import atexit
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
DISK = machine.build_dir('guest', 'region.disk')


def disk():
    """A disk with something on it, that reads by DMA."""
    os.makedirs(os.path.dirname(DISK), exist_ok=True)
    with open(DISK, 'wb') as out:
        out.write(os.urandom(24 * MIB))
    atexit.register(os.unlink, DISK)
    return ['-drive', 'if=none,id=disk,format=raw,readonly=on,file=' + DISK,
            '-device', 'virtio-blk-pci,drive=disk,bus=pcie.0']


def create(guest, options, *memdevs):
    guest.run('cxl create-region -m -d decoder0.0 %s -w %d %s'
              % (options, len(memdevs), ' '.join(memdevs)))
    region = guest.json('cxl list -R')[-1]
    expect(region['decode_state'] == 'commit', 'not committed: %s' % region)
    return region


def destroy(guest, region):
    guest.run('cxl disable-region -f %s && cxl destroy-region -f %s'
              % (region['region'], region['region']), 120)
    expect(not guest.json('cxl list -R'), 'the region is still there')


def interleaved_pmem(guest, granularity):
    """A pmem region over both devices as a raw block device."""
    region = create(guest, '-t pmem -g %d' % granularity, *guest.memdevs())
    guest.run('ndctl create-namespace -t pmem -m raw -f')
    guest.wait('ls /dev/pmem*')
    return region


def written_data_returns(guest):
    """pmem over 2 devices, 256 to 16384 bytes: data survives re-creation"""
    for granularity in (256, 1024, 4096, 16384):
        region = interleaved_pmem(guest, granularity)
        expect(region['interleave_ways'] == 2
               and region['interleave_granularity'] == granularity,
               'not as asked: %s' % region)
        guest.run('''set -e
            head -c 1000000 /dev/urandom >/tmp/data
            dd if=/tmp/data of=$(ls /dev/pmem*) bs=64k conv=fsync 2>/dev/null
            ndctl disable-namespace -r all all
            ''')
        destroy(guest, region)
        region = create(guest, '-t pmem -g %d' % granularity,
                        *guest.memdevs())
        guest.wait('ls /dev/pmem*')
        guest.run('head -c 1000000 $(ls /dev/pmem*) | cmp - /tmp/data')
        guest.run('ndctl destroy-namespace -f all')
        destroy(guest, region)


def interleave_is_by_granule(guest):
    """pmem over 2 devices: every second granule is on the second device"""
    region = interleaved_pmem(guest, 4096)
    guest.run('''set -e
        for i in 0 1 2 3 4 5 6 7; do
            head -c 4096 /dev/zero | tr '\\000' "$i"
        done >/tmp/data
        dd if=/tmp/data of=$(ls /dev/pmem*) bs=4k seek=16 conv=fsync \\
            2>/dev/null
        ndctl destroy-namespace -f all''')
    destroy(guest, region)
    for position, dev in enumerate(guest.memdevs()):
        region = create(guest, '-t pmem', dev)
        guest.run('ndctl create-namespace -t pmem -m raw -f')
        guest.wait('ls /dev/pmem*')
        seen = guest.run('dd if=$(ls /dev/pmem*) bs=4k skip=8 count=4 '
                         '2>/dev/null | fold -w 4096 | cut -c1').split()
        expect(seen == [str(n) for n in range(position, 8, 2)],
               '%s holds granules %s' % (dev, seen))
        guest.run('ndctl destroy-namespace -f all')
        destroy(guest, region)


def bind_backwards(guest, pci):
    """Are the names in another order than the serial numbers then?"""
    for name in pci:
        guest.run('echo %s >/sys/bus/pci/drivers/cxl_pci/unbind' % name)
    for name in reversed(pci):
        guest.run('echo %s >/sys/bus/pci/drivers/cxl_pci/bind' % name)
    guest.run('cxl-settle')
    return guest.memdevs() != sorted(guest.memdevs())


def found_backwards(guest):
    """cxl-online: by serial number, in whatever order Linux finds devices"""
    pci = guest.run('''for dev in %s; do
        basename $(readlink -f /sys/bus/cxl/devices/$dev/..); done'''
                    % ' '.join(guest.memdevs())).split()
    if not any(bind_backwards(guest, pci) for _ in range(5)):
        raise guests.Skip('Linux gives them the same names each time')
    guest.node = int(guest.run('cxl-online').splitlines()[-1])
    targets = guest.json('cxl list -R -T')[0]['mappings']
    order = [target['memdev'] for target in
             sorted(targets, key=lambda target: target['position'])]
    expect(order == guest.memdevs(), 'targets: %s' % targets)


def ram_becomes_node(guest):
    """ram over 2 devices: a NUMA node without processors"""
    text = guest.run('numactl -H')
    expect(re.search(r'node %d cpus: *\n' % guest.node, text)
           and re.search(r'node %d size: 512 MB' % guest.node, text), text)


def node_keeps_data(guest):
    """memory of the node holds what programs write"""
    guest.run('node-fill 16 %d' % guest.node, 120)


def disk_reads_into_node(guest):
    """a disk reads into memory of the node by DMA"""
    with open(DISK, 'rb') as data:
        want = hashlib.sha256(data.read()).hexdigest()
    guest.wait('ls /dev/vda')
    got = guest.run('numactl -m %d dd if=/dev/vda bs=4M iflag=direct '
                    '2>/dev/null | sha256sum' % guest.node, 120)
    expect(got.split()[0] == want, 'read something else: %s' % got)


def code_runs_from_node(guest):
    """a program runs from memory of the node"""
    guest.run('numactl -m %d sh -c "mkdir /tmp/bin; '
              'cp /usr/bin/busybox /tmp/bin; /tmp/bin/busybox sha256sum '
              '/tmp/bin/busybox"' % guest.node, 120)


def node_goes_away(guest):
    """the memory goes offline and the region is destroyed"""
    region = guest.json('cxl list -R')[0]
    status, output = guest.try_run('daxctl offline-memory all', 240)
    expect(not status, output)
    destroy(guest, region)
    expect('node %d size' % guest.node not in guest.run('numactl -H'),
           'the node is still there')


def cleanup(guest):
    guest.try_run('''ndctl destroy-namespace -f all
        cxl disable-region -f all
        cxl destroy-region -f all''', 240)


if __name__ == '__main__':
    guests.main('region',
                [written_data_returns, interleave_is_by_granule,
                 found_backwards, ram_becomes_node, node_keeps_data, disk_reads_into_node,
                 code_runs_from_node, node_goes_away],
                machine.cxl_bridge() + machine.cxl_memory(0)
                + machine.cxl_memory(1) + disk(), cleanup=cleanup)
