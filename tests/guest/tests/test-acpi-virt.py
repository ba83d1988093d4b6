#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The eight-node accelerator on arm's virt machine, with UEFI firmware."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import virt                     # first: it chooses the architecture
import acpi  # noqa: E402
import guest as guests  # noqa: E402
import machine  # noqa: E402

CXL_NODE = 10


def numactl_all(guest):
    """numactl -H shows the nodes from 10 on too: arm64 has every node online"""
    online = guest.read(acpi.NODES + '/online')
    guests.expect(online == '0-%d' % acpi.LAST_NODE, 'online: ' + online)


def virtio_mem(guest):
    """virtio-mem for node 2 is memory of node 2"""
    # Debian's arm64 kernel takes no DIMMs: no CONFIG_ACPI_HOTPLUG_MEMORY.
    acpi.online_by_itself(guest)
    acpi.grow(guest, 2)


def virtio_mem_later(guest):
    """so it is for the last two nodes, which have memory only"""
    acpi.grow(guest, acpi.LAST_NODE)
    acpi.grow(guest, acpi.LAST_NODE - 1)


def cxl_region(guest):
    """a CXL region is memory of the node of its device, with its numbers"""
    # Linux on arm cannot invalidate caches: it makes no region by itself, but
    # takes one that firmware has made.
    if not machine.has_cxl():
        raise guests.Skip('virt of this release has no CXL')
    came = guest.run('cxl-online', 120).splitlines()[-1]
    guests.expect(int(came) == CXL_NODE, 'it came to node ' + came)
    acpi.expect_grown(guest, CXL_NODE, 0, 256 * acpi.MIB)
    acpi.expect_access(guest, CXL_NODE, 1, [0, 1], (400, 400), 8192)
    acpi.expect_tier(guest, CXL_NODE, acpi.tier_of((400, 400), 8192))
    guest.run('node-fill 8 %d' % CXL_NODE)


def cxl_devices():
    """Memory below a CXL bridge that has a node and a window of its own; the
    window stands in the table before nodes that get their memory later."""
    argv = ['-object', 'acpi-device-nodes,id=cxl-nodes,pci-dev=mem0,'
            'initiator=off,nodeset=%d' % CXL_NODE]
    for cpu in range(2):
        argv += machine.hmat_row(cpu, CXL_NODE, 400, '8G')
    devices = machine.cxl_bridge() + machine.cxl_memory(0, persistent='')
    return devices + argv + [
        '-object', 'cxl-boot-region,id=r0,size=256M,devices=mem0']


def main():
    acpi.add_modules()
    if machine.has_cxl():
        acpi.LAST_NODE += 1
    devices = machine.accelerator(later=acpi.LAST_NODE - 1)
    if machine.has_cxl():
        devices += cxl_devices()
    for node in (2, acpi.LAST_NODE - 1, acpi.LAST_NODE):
        devices += machine.virtio_mem(node)
    guests.main('acpi-virt',
                [acpi.node_order, acpi.numactl, numactl_all,
                 acpi.firmware_node, acpi.numa_node, acpi.properties,
                 acpi.bus_number, acpi.mistakes, virtio_mem, acpi.access, acpi.tier,
                 virtio_mem_later, cxl_region],
                devices, boot_seconds=240)


virt.skip_if_missing()
machine.main_with_errors(main)
