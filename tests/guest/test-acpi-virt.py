#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The eight-node accelerator on arm's virt machine, with UEFI firmware."""

import virt                     # first: it chooses the architecture
import acpi
import guest as guests
import machine


def numactl_all(guest):
    """numactl -H shows nodes 10 and 11 too: arm64 has every node online"""
    online = guest.read(acpi.NODES + '/online')
    guests.expect(online == '0-11', 'online: ' + online)


def virtio_mem(guest):
    """virtio-mem for node 2 is memory of node 2"""
    # Debian's arm64 kernel takes no DIMMs: no CONFIG_ACPI_HOTPLUG_MEMORY.
    acpi.online_by_itself(guest)
    acpi.grow(guest, 2)


def virtio_mem_later(guest):
    """so it is for nodes 11 and 10, which have memory only"""
    acpi.grow(guest, 11)
    acpi.grow(guest, 10)


def main():
    acpi.add_modules()
    devices = machine.accelerator()
    for node in (2, 10, 11):
        devices += machine.virtio_mem(node)
    guests.main('acpi-virt',
                [acpi.node_order, acpi.numactl, numactl_all,
                 acpi.firmware_node, acpi.properties, acpi.bus_number,
                 acpi.mistakes, virtio_mem, acpi.access, acpi.tier,
                 virtio_mem_later],
                devices, boot_seconds=240)


virt.skip_if_missing()
machine.main_with_errors(main)
