#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The eight-node accelerator, as Linux understands its tables."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import acpi  # noqa: E402
import guest as guests  # noqa: E402
import machine  # noqa: E402


def main():
    acpi.add_modules()
    guests.main('acpi-topology',
                [acpi.node_order, acpi.numactl, acpi.firmware_node,
                 acpi.numa_node, acpi.properties, acpi.bus_number,
                 acpi.mistakes, acpi.stock_initiator, acpi.dimm, acpi.access,
                 acpi.tier, acpi.dimm_later],
                machine.accelerator()
                + ['-device', 'pcie-root-port,id=rp9,addr=6.0,chassis=10',
                   '-device', 'virtio-rng-pci,id=nic,bus=rp9'],
                reboot=True)


machine.main_with_errors(main)
