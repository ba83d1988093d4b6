#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SDXI for programs behind an I/O MMU: in a process's own addresses
(module/sva.c and src/sdxi-sva.c), and by vfio on virtual functions.

MEMFAB_ROUNDS=N does N times what several do at once.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

EXTRA = '/usr/lib/modules-extra/'
ROUNDS = int(os.environ.get('MEMFAB_ROUNDS', '1'))
MODULE = EXTRA + 'sdxi-sva.ko'
# Linux shares no address space of five levels with an IOMMU of four.
# Its properties lost their "x-" in QEMU 11, and got other names.
IOMMUS = {'svm': 'scalable-mode=on,fsts=on,pasid-bits=20,svm=on',
          'x-svm': 'x-scalable-mode=on,x-flts=on,x-pasid-mode=on,x-svm=on'}
IOMMU = ['-device', 'intel-iommu,intremap=on,device-iotlb=on,',
         '-cpu', 'max,-hypervisor,-la57']
FUNCTION = ['-device', 'pcie-root-port,id=rp0',
            '-device', 'sdxi,id=sdxi0,bus=rp0,pasid=on,vfs=2,group=g']


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
    case('other-process', 'from and to the memory of another process, which '
         'lends a key'),
]


def who_binds(guest):
    """Linux 7.3 shares address spaces itself, 6.12 leaves it to the module"""
    said = guest.run('dmesg')
    release = guest.run('uname -r')
    by_kernel = 'address spaces are shared by the kernel' in said
    newer = [int(n) for n in re.findall(r'\d+', release)[:2]] >= [7, 3]
    expect(by_kernel or not newer, said)
    guests.comment('%s: by the %s' % (release.strip(), 'kernel' if by_kernel
                                      else 'module'))


def figures(guest):
    """copies in own addresses beside the processor's"""
    text = guest.run('sdxi-sva speed', 180)
    guests.comment(text.replace('# ', ''))


def again(test):
    def run(guest):
        for _ in range(ROUNDS):
            test(guest)
    run.__doc__ = test.__doc__
    return run


def killed_process(guest):
    """a process is killed with copies under way: others get its context"""
    for _ in range(3):
        guest.run('''sdxi-sva speed >/dev/null 2>&1 &
            usleep 300000
            kill -9 $! 2>/dev/null
            wait
            sdxi-sva present other-process''', 180)


# dmatest writes its end to the log; the shell waits for the others.
TOGETHER = '''set -e
    dmesg -c >/dev/null
    sdxi-cases rogue %s >/tmp/rogue & rogue=$!
    insmod %sdmatest.ko iterations=%d threads_per_chan=2 \\
        test_buf_size=16384 timeout=20000 channel=dma0chan0 run=1
    users=
    for n in 1 2 3 4; do
        sdxi-sva present own-key absent-target both-absent copy-on-write \\
            hole given-back >/tmp/user$n & users="$users $!"
    done
    bad=0
    for user in $users; do
        wait $user || bad=1
    done
    cat /sys/module/dmatest/parameters/wait
    kill $rogue
    wait $rogue || bad=1
    cat /tmp/user? /tmp/rogue
    dmesg | grep summary
    rmmod dmatest
    exit $bad'''


def together(guest):
    """four processes, the kernel's channel, and one that rings every doorbell"""
    function = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()[0]
    text = guest.run(TOGETHER % (function, EXTRA, 100), 400)
    expect(text.count('ok given-back') == 4 and 'not ok' not in text, text)
    done = re.findall(r'summary (\d+) tests, (\d+) failures', text)
    expect(done == [('100', '0')] * 2, text)
    expect('rogue: all well' in text, text)
    guests.comment(text[text.index('sdxi-cases'):])


OF_A_VF = '''set -e
    pf=/sys/bus/pci/devices/%s
    echo 1 >$pf/sriov_numvfs
    cases="present own-key absent-target absent-source both-absent \\
        copy-on-write given-back unmapped-target hole other-process"
    SDXI_SVA=/dev/sdxi-sva-vf0 sdxi-sva $cases >/tmp/vf & vf=$!
    sdxi-sva $cases >/tmp/pf || touch /tmp/bad
    wait $vf || touch /tmp/bad
    SDXI_SVA=/dev/sdxi-sva-vf0 sdxi-sva speed >/dev/null & vf=$!
    usleep 300000
    kill -9 $vf || true
    wait $vf || true
    SDXI_SVA=/dev/sdxi-sva-vf0 sdxi-sva present other-process
    echo 0 >$pf/sriov_numvfs
    sdxi-sva present
    cat /tmp/vf /tmp/pf
    [ ! -e /tmp/bad ]'''


def processes_of_a_vf(guest):
    """a VF has processes of its own, beside those of the physical one"""
    function = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()[0]
    text = guest.run(OF_A_VF % function, 300)
    expect(text.count('ok other-process') == 3 and 'not ok' not in text, text)


def unload(guest):
    """the module unloads, and loads again"""
    guest.run('rmmod sdxi_sva && insmod %s && sdxi-sva present && '
              'rmmod sdxi_sva' % MODULE, 180)


BIND = '''set -e
    insmod %ssdxi-dma.ko
    modprobe -a vfio-pci vfio_iommu_type1
    pf=/sys/bus/pci/devices/%s
    echo 0 >$pf/sriov_drivers_autoprobe
    echo 2 >$pf/sriov_numvfs
    for n in 0 1; do
        vf=$(basename $(readlink $pf/virtfn$n))
        echo vfio-pci >/sys/bus/pci/devices/$vf/driver_override
        echo $vf >/sys/bus/pci/drivers_probe
        echo $vf
    done'''


def virtual_functions(guest):
    """VFs are vfio-pci's, the physical function is the kernel's"""
    function = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()[0]
    guest.vfs = guest.run(BIND % (EXTRA, function)).split()
    expect(len(guest.vfs) == 2, guest.vfs)
    for vf in guest.vfs:
        driver = guest.run('readlink /sys/bus/pci/devices/%s/driver' % vf)
        expect(driver.endswith('/vfio-pci'), driver)


def driven_by_vfio(guest):
    """a program drives a VF by vfio, with an event, while dmatest runs"""
    text = guest.run('''set -e
        dmesg -c >/dev/null
        insmod %sdmatest.ko iterations=100 threads_per_chan=1 \\
            test_buf_size=16384 timeout=20000 channel=dma0chan0 run=1
        sdxi-user --device %s --size 1M
        cat /sys/module/dmatest/parameters/wait
        dmesg | grep summary
        rmmod dmatest''' % (EXTRA, guest.vfs[0]), 300)
    expect('by vfio' in text and 'makes an event' in text and
           'summary 100 tests, 0 failures' in text, text)
    guests.comment('\n'.join(line for line in text.splitlines()
                             if 'MiB/s' in line))


def two_address_spaces(guest):
    """two programs with a VF each copy from one to the other, by key"""
    text = guest.run('sdxi-cases share %s %s' % tuple(guest.vfs), 180)
    expect('refused once' in text, text)
    guests.comment(text)


def killed_program(guest):
    """a program that is killed leaves a VF that vfio opens again"""
    guest.run('''sdxi-user --device %s --size 8M >/dev/null 2>&1 &
        usleep 700000
        kill -9 $!
        wait
        sdxi-user --device %s --no-speed --size 64K'''
              % (guest.vfs[1], guest.vfs[1]), 180)


def two_owners(guest):
    """a VF that a program has is refused to another, which says so"""
    status, text = guest.try_run('sdxi-cases share %s %s'
                                 % (guest.vfs[0], guest.vfs[0]), 180)
    expect(status and 'another program has the function' in text, text)
    guest.wait('! pidof sdxi-cases')
    guest.run('sdxi-user --device %s --no-speed --size 64K' % guest.vfs[0])


VFIO = [virtual_functions, again(driven_by_vfio), again(two_address_spaces),
        again(killed_program), two_owners]


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
    tests = [capabilities] + CASES + [who_binds, figures, again(together),
                                      again(killed_process),
                                      processes_of_a_vf, unload] + VFIO
    guests.main('sva', tests, IOMMU + FUNCTION, append='intel_iommu=on,sm_on')
    return 0


if __name__ == '__main__':
    machine.main_with_errors(main)
