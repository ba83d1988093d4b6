#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SDXI function on arm's virt machine, driven from user space."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import virt                     # first: it chooses the architecture
import guest as guests  # noqa: E402
import machine  # noqa: E402
from guest import expect  # noqa: E402


def found(guest):
    """lspci finds the function"""
    expect(guest.run('lspci -d ::1201').strip(), guest.run('lspci -n'))


def copies(guest):
    """sdxi-user: up, copies verified, interrupt, down"""
    text = guest.run('sdxi-user')
    expect('verified' in text, text)


def comes_up_again(guest):
    """sdxi-user: the function comes up again"""
    guest.run('sdxi-user --no-speed --size 64K')


def use_cases(guest):
    """sdxi-cases: zeroing, contexts of two priorities"""
    guests.comment(guest.run('sdxi-cases zero && sdxi-cases qos', 300))


def by_vfio(guest):
    """a program drives the function by vfio, with an event, behind smmuv3"""
    function = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").strip()
    guest.run('''set -e
        modprobe -a vfio-pci vfio_iommu_type1
        echo vfio-pci >/sys/bus/pci/devices/%s/driver_override
        echo %s >/sys/bus/pci/drivers_probe''' % (function, function), 120)
    text = guest.run('sdxi-user --size 1M && sdxi-copy', 300)
    expect('by vfio' in text and 'makes an event' in text and
           text.endswith('copied'), text)


def given_back(guest):
    """without vfio-pci it is root's again"""
    function = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").strip()
    guest.run('echo %s >/sys/bus/pci/drivers/vfio-pci/unbind' % function)
    text = guest.run('sdxi-user --no-speed --size 64K')
    expect('by sysfs' in text, text)


# The I/O MMU lets all pass but what vfio puts behind it, once a driver has been
# bound: a device tree is not looked at before. Without an ITS vfio takes no
# function for safe.
if __name__ == '__main__':
    virt.skip_if_missing()
    guests.main('sdxi-virt',
                [found, by_vfio, given_back, copies, comes_up_again,
                 use_cases],
                machine.sdxi() + ['-machine', 'iommu=smmuv3,gic-version=3'],
                append='iommu.passthrough=1')
