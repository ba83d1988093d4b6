#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that comes to nodes of a set later: CXL regions and virtio-mem.

Node 0 has the processor, 1 and 2 belong to CXL memory below two host bridges
(the first device is there at boot, the second is plugged), 3 is for
virtio-mem.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from acpi import (MIB, NODES, expect_access, expect_grown,  # noqa: E402
                  expect_tier, grow, online_by_itself, tier_of)
from guest import expect  # noqa: E402

SIZE = 256 * MIB
# What the first device says of itself: the slower of reading and writing,
# because the typed rows are for "access"; and the link's 100 ns to processors.
LATENCY, LINK, BANDWIDTH = 250, 100, 16000


def nodes_are_known(guest):
    """before any memory comes, Linux knows the nodes and none of its own"""
    possible = guest.read(NODES + '/possible')
    expect(possible == '0-3', 'possible: ' + possible)
    expect(guest.read(NODES + '/has_generic_initiator') == '1-2',
           'other initiators')
    expect(guest.read(NODES + '/has_memory') == '0', 'memory elsewhere')


def distances(guest):
    """the first device's distance comes from its CDAT"""
    text = guest.read(NODES + '/node0/distance').split()
    # 10 times (250 + 100) ns to 100 ns of DRAM
    expect(text[:2] == ['10', '35'], text)


def region(guest, node):
    """A region of the device below the root decoder of its own bridge."""
    name, = (dev['memdev'] for dev in guest.json('cxl list -M')
             if dev['serial'] == 0xc0ffee00 + node - 1)
    came = guest.run('cxl-online ' + name).splitlines()[-1]
    expect(int(came) == node, 'it came to node ' + came)
    expect_grown(guest, node, 0, SIZE)


def first_region(guest):
    """a region of the device that was there at boot is node 1"""
    region(guest, 1)


def first_access(guest):
    """its numbers: the CDAT's, and the link's 100 ns for processors"""
    expect_access(guest, 1, 0, [1], (LATENCY, LATENCY), BANDWIDTH)
    expect_access(guest, 1, 1, [0], (LATENCY + LINK, LATENCY + LINK),
                  BANDWIDTH)


def first_tier(guest):
    """its memory tier is that of these numbers"""
    expect_tier(guest, 1, tier_of((LATENCY + LINK,) * 2, BANDWIDTH))


def second_region(guest):
    """a device is plugged into the other slot: its region is node 2"""
    guest.qmp.command('object-add', qom_type='memory-backend-ram', id='ram1',
                      size=SIZE)
    guest.qmp.command('device_add', driver='cxl-type3', id='mem1', bus='rp1',
                      volatile_memdev='ram1', sn=0xc0ffee01)
    guest.wait('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = 2 ]',
               40)
    region(guest, 2)


def second_access(guest):
    """its numbers are those of -numa hmat-lb"""
    expect_access(guest, 2, 0, [2], (60, 60), 40960)
    expect_access(guest, 2, 1, [0], (400, 400), 8192)
    expect_tier(guest, 2, tier_of((400, 400), 8192))


def virtio_mem(guest):
    """virtio-mem grows in node 3, in the tier of its rows"""
    online_by_itself(guest)
    grow(guest, 3, SIZE)
    expect_tier(guest, 3, tier_of((200, 200), 10240))


def keeps_data(guest):
    """programs use memory of all three"""
    for node in (1, 2, 3):
        guest.run('node-fill 8 %d' % node)


def bridge(index):
    """Host bridge and root port with one slot for memory."""
    return ['-device', 'pxb-cxl,id=cxl.%d,bus=pcie.0,bus_nr=%d'
            % (index, 32 + 32 * index),
            '-device', 'cxl-rp,id=rp%d,bus=cxl.%d,chassis=%d,slot=2'
            % (index, index, index)]


def devices():
    argv = ['-machine', 'hmat=on']
    argv += machine.backend('dram', '1G')
    argv += ['-numa', 'node,nodeid=0,cpus=0-1,memdev=dram']
    for node in (1, 2, 3):
        argv += ['-numa', 'node,nodeid=%d' % node]
    argv += bridge(0) + bridge(1)
    argv += machine.cxl_memory(0, persistent=None)
    argv += machine.virtio_mem(3)
    argv += ['-object', 'acpi-device-nodes,id=first,pci-dev=mem0,nodeset=1',
             '-object', 'acpi-device-nodes,id=second,pci-bus=rp1,addr=0.0,'
             'nodeset=2',
             '-object', 'acpi-memory-nodes,id=later,nodeset=3']
    argv += machine.hmat_row(0, 0, 100, '20G')
    argv += machine.hmat_row(0, 2, 400, '8G')
    argv += machine.hmat_row(2, 2, 60, '40G')
    argv += machine.hmat_row(0, 3, 200, '10G')
    return argv


if __name__ == '__main__':
    guests.main('acpi-memory',
                [nodes_are_known, distances, first_region, first_access,
                 first_tier, second_region, second_access, virtio_mem,
                 keeps_data],
                devices(), windows=('cxl.0', 'cxl.1'))
