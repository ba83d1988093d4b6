#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SDXI for programs by vfio behind each I/O MMU of x86: the function itself, and
virtual functions while the kernel has the physical one. Behind arm's smmuv3 it
is test-sdxi-virt's work.
"""

import importlib
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

SVA = importlib.import_module('test-sva')

# What Linux says of each in its log, and a parameter of vfio_iommu_type1:
# virtio-iommu leaves interrupts alone, which vfio takes for unsafe.
IOMMUS = {'intel-iommu': ('DMAR-IR: Enabled IRQ remapping', ''),
          'amd-iommu': ('AMD-Vi: Interrupt remapping enabled', ''),
          'virtio-iommu-pci': ('virtio_iommu virtio.*input address',
                               'allow_unsafe_interrupts=1')}
FUNCTION = ['-device', 'pcie-root-port,id=rp0',
            '-device', 'sdxi,id=sdxi0,bus=rp0,vfs=2,group=g']


def function_of(guest):
    return guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()[0]


def drives(name, log, parameter):
    """The test that this I/O MMU is what stands before the function"""
    def run(guest):
        guest.run('modprobe -a virtio_iommu vfio-pci && '
                  'modprobe vfio_iommu_type1 ' + parameter)
        guest.run('dmesg | grep "%s"' % log)
        guest.run('''echo vfio-pci >/sys/bus/pci/devices/%s/driver_override
            echo %s >/sys/bus/pci/drivers_probe
            test -e /sys/bus/pci/devices/%s/iommu_group'''
                  % ((function_of(guest),) * 3), 120)
    run.__doc__ = 'Linux drives %s, and vfio-pci has the function' % name
    return run


def by_vfio(guest):
    """a program drives the function by vfio, with an event"""
    text = guest.run('sdxi-user --size 1M && sdxi-copy', 300)
    expect('by vfio' in text and 'makes an event' in text and
           text.rstrip().endswith('copied'), text)


def reset_by_vfio(guest):
    """a reset between two programs leaves a function that works"""
    guest.run('''set -e
        echo 1 >/sys/bus/pci/devices/%s/reset
        sdxi-user --no-speed --size 64K''' % function_of(guest), 180)


def given_back(guest):
    """without vfio-pci the function is free for the kernel"""
    function = function_of(guest)
    guest.run('''set -e
        echo %s >/sys/bus/pci/drivers/vfio-pci/unbind
        echo >/sys/bus/pci/devices/%s/driver_override'''
              % (function, function))


def iommu(name):
    """Newer releases leave accesses untranslated behind amd-iommu unless they
    are told not to."""
    return ['-device', name + ''.join(
        ',%s=on' % part for part in ('intremap', 'dma-remap')
        if machine.has_property(name, part))]


def machines():
    why = machine.add_modules()
    for name, known in IOMMUS.items():
        yield name, [drives(name, *known), by_vfio, reset_by_vfio, given_back] \
            + SVA.VFIO, iommu(name) + FUNCTION, {
                'skip': why, 'append': 'intel_iommu=on'}


if __name__ == '__main__':
    guests.main_of_several(list(machines()))
