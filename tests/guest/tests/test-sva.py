#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SDXI in a process's own addresses: module/sva.c and src/sdxi-sva.c."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MODULE = '/usr/lib/modules-extra/sdxi-sva.ko'
# Linux shares no address space of five levels with an IOMMU of four.
# Its properties lost their "x-" in QEMU 11, and got other names.
IOMMUS = {'svm': 'scalable-mode=on,fsts=on,pasid-bits=20,svm=on',
          'x-svm': 'x-scalable-mode=on,x-flts=on,x-pasid-mode=on,x-svm=on'}
IOMMU = ['-device', 'intel-iommu,intremap=on,device-iotlb=on,',
         '-cpu', 'max,-hypervisor,-la57']
FUNCTION = ['-device', 'pcie-root-port,id=rp0',
            '-device', 'sdxi,id=sdxi0,bus=rp0,pasid=on']


def capabilities(guest):
    """Linux turns ATS, page requests and PASIDs on"""
    guest.run('insmod ' + MODULE)
    found = guest.run('lspci -vv -d ::1201')
    for control in ('ATSCtl:\tEnable+', 'PRICtl: Enable+', 'PASIDCtl: Enable+'):
        expect(control in found, control + ' is not in\n' + found)


def case(name, text):
    def run(guest):
        status, output = guest.try_run('sdxi-sva ' + name, 180)
        expect(not status and 'ok ' + name in output, output)
    run.__doc__ = text
    return run


CASES = [
    case('present', 'memory that the process has touched'),
    case('own-key', 'an AKey with a PASID of its own'),
    case('absent-target', 'pages that are not there yet are written'),
    case('absent-source', 'pages that are not there yet are read'),
    case('both-absent', 'neither side is there yet'),
    case('huge-page', 'a huge page is written'),
    case('copy-on-write', 'a page that a child shares is copied first'),
    case('given-back', 'pages that were given back are asked for again'),
    case('unmapped-target', 'no target: error completion, and a new start'),
    case('unmapped-source', 'no source: error completion, and a new start'),
    case('hole', 'a hole in the target: error completion, and a new start'),
    case('read-only', 'a target that may not be written: error completion'),
]


def unload(guest):
    """the module unloads, and loads again"""
    guest.run('rmmod sdxi_sva && insmod %s && sdxi-sva present && '
              'rmmod sdxi_sva' % MODULE, 180)


def main():
    reason = 'PASIDs are for x86 only' if machine.arch() != 'x86_64' \
        else machine.add_modules()
    known = [name for name in IOMMUS
             if machine.has_property('intel-iommu', name)]
    if not reason and not known:
        reason = 'this QEMU has no PASIDs'
    if reason:
        print('1..0 # SKIP ' + reason)
        return 0
    IOMMU[1] += IOMMUS[known[0]]
    guests.main('sva', [capabilities] + CASES + [unload], IOMMU + FUNCTION,
                append='intel_iommu=on,sm_on')
    return 0


machine.main_with_errors(main)
