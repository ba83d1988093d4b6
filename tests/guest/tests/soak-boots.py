#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Everyday tasks between boots of each kind, and beside devices and options
of QEMU that reach for memory or time themselves.

MEMFAB_ROUNDS=N reboots N times instead of twice, and so the rest.
"""

import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import everyday  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
ROUNDS = int(os.environ.get('MEMFAB_ROUNDS', '2'))
# Where Debian and others put UEFI firmware for q35: code, variables
UEFI = (('/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'),
        ('/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_VARS.fd'))


def found(guest):
    """both devices are found, nothing is committed"""
    everyday.enumerate_devices(guest, 2)
    expect(not any(everyday.decoders(guest).values()),
           'committed: %s' % everyday.decoders(guest))


def rounds(guest):
    """a region is made, used and undone, and made again"""
    for _ in range(ROUNDS):
        everyday.again(guest)


def in_use(guest, boot):
    everyday.make(guest)
    boot()
    found(guest)


def reboots(guest):
    """reboots with the region in use: nothing is left of it"""
    for _ in range(ROUNDS):
        in_use(guest, guest.reboot)
    everyday.again(guest)


def resets(guest):
    """resets of the machine with the region in use: nothing is left of it"""
    def reset():
        guest.qmp.command('system_reset')
        guest.wait_ready()

    for _ in range(ROUNDS):
        in_use(guest, reset)
    everyday.again(guest)


# kexec

def disks():
    """Kernel and initramfs, for the guest to read"""
    argv = []
    for name, path in zip(('vmlinuz', 'initrd'), machine.image()):
        argv += ['-drive', 'if=none,id=%s,format=raw,readonly=on,file=%s'
                 % (name, path), '-device', 'virtio-blk-pci,bus=pcie.0,'
                 'drive=%s,serial=%s' % (name, name)]
    return argv


def written(guest):
    """regions of volatile and of persistent memory are in use"""
    found(guest)
    everyday.make(guest)
    guest.run('''set -e
        cxl create-region -m -d decoder0.0 -t pmem -w 2 %s
        ndctl create-namespace -t pmem -m raw -f
        cxl-wait 20 ls /dev/pmem*
        head -c 1000000 /dev/urandom >/tmp/data
        dd if=/tmp/data of=$(ls /dev/pmem*) bs=64k conv=fsync'''
              % ' '.join(guest.memdevs()))
    guest.sum = guest.run('sha256sum </tmp/data')
    guest.committed = everyday.decoders(guest)


def read_kernel(guest):
    guest.run('''set -e
        for disk in /sys/block/vd*; do
            cat /dev/${disk##*/} >/tmp/$(cat $disk/serial)
        done''')


def as_before(guest):
    """Regions, decoders and bytes are what another kernel has left."""
    everyday.enumerate_devices(guest, 2)
    expect(everyday.decoders(guest) == guest.committed, 'was %s, is %s'
           % (guest.committed, everyday.decoders(guest)))
    regions = guest.json('cxl list -R')
    expect(sorted(region['type'] for region in regions) == ['pmem', 'ram']
           and all(region['decode_state'] == 'commit' for region in regions),
           str(regions))
    guest.wait('ls /dev/pmem*', 40)
    expect(guest.run('head -c 1000000 $(ls /dev/pmem*) | sha256sum')
           == guest.sum, 'the bytes are others')
    guests.kernel_is_healthy(guest)


def other_kernel(guest):
    """another kernel by kexec finds regions, decoders and bytes again"""
    for _ in range(ROUNDS):
        read_kernel(guest)
        guest.say('kexec-file /tmp/vmlinuz /tmp/initrd "$(cat /proc/cmdline)"')
        guest.wait_ready()
        as_before(guest)


def after_a_panic(guest):
    """a kernel for the dump of one that has panicked finds the same"""
    read_kernel(guest)
    guest.run('kexec-file -p /tmp/vmlinuz /tmp/initrd '
              '"$(cat /proc/cmdline) maxcpus=1"')
    guest.say('echo c >/proc/sysrq-trigger')
    guest.wait_ready()
    guest.require('/proc/vmcore', 'there is nothing to dump')
    as_before(guest)


def let_go(guest):
    """the regions that were found can be undone"""
    # A device gives its decoders back in the order in which it came by them,
    # the last one first; "all" are destroyed in another order.
    last = [region['region'] for region in guest.json('cxl list -R')
            if region['type'] == 'pmem'][0]
    everyday.give_up(guest, 'daxctl offline-memory all\n'
                     'ndctl destroy-namespace -f all\n'
                     'cxl disable-region -f %s\n'
                     'cxl destroy-region -f %s' % (last, last))
    found(guest)


# UEFI

def uefi(where):
    """Firmware in flash, or nothing where it is not installed"""
    for code, variables in UEFI:
        if os.path.exists(code) and os.path.exists(variables):
            own = shutil.copy(variables, os.path.join(where, 'variables'))
            return ['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file='
                    + code, '-drive', 'if=pflash,format=raw,unit=1,file='
                    + own]
    return []


def firmware_is_uefi(guest):
    """the firmware is UEFI, and Linux uses it"""
    guest.require('/sys/firmware/efi', 'not booted by UEFI')


# virtio-balloon

def squeezed(guest):
    """a balloon takes most of RAM and of the node, and the file stays"""
    everyday.make(guest)
    for _ in range(ROUNDS):
        whole = guest.qmp.command('query-balloon')['actual']
        before = free(guest)
        # all of RAM that is free would not do
        balloon(guest, whole - before[0] - before[1] // 4)
        after = free(guest)
        expect(after[1] < before[1] - 16 * MIB,
               'free were %s, are %s: the node is as it was' % (before, after))
        everyday.check(guest)
        balloon(guest, whole)
        guest.run('node-fill 64 %d' % guest.node)
        everyday.check(guest)


def free(guest):
    """Bytes that are free in RAM and in the node"""
    return [int(guest.run("awk '/MemFree/ {print $4}' /sys/devices/system/"
                          "node/node%d/meminfo" % node)) << 10
            for node in (0, guest.node)]


def balloon(guest, value):
    guest.qmp.command('balloon', value=value)
    guest.qmp.wait_for('query-balloon', lambda answer:
                       abs(answer['actual'] - value) < MIB)


def undone(guest):
    """the region is undone, made again and undone"""
    everyday.undo(guest)
    everyday.again(guest)


def machines(where):
    two = machine.cxl_bridge() + [word for index in range(2) for word in
                                  machine.cxl_memory(index, persistent=None)]
    kept = machine.cxl_bridge() + [
        word for index in range(2) for word in
        machine.cxl_memory(index, directory=where)]
    firmware = uefi(where)
    yield 'boots', [found, rounds, reboots, resets], two, {'reboot': True}
    yield 'kexec', [written, other_kernel, after_a_panic, let_go], \
        kept + disks(), {
            'append': 'crashkernel=224M memhp_default_state=online_movable'}
    # Instructions alone make time pass: what else runs here does not matter.
    yield 'icount', [found, rounds], two + ['-icount', 'shift=3,sleep=off'], {
        'boot_seconds': 240}
    yield 'balloon', [found, squeezed, undone], two + [
        '-device', 'virtio-balloon-pci,bus=pcie.0'], {}
    yield 'uefi', [firmware_is_uefi, found, rounds, reboots], two + firmware, {
        'reboot': True, 'boot_seconds': 240,
        'skip': '' if firmware else 'no UEFI firmware: install ovmf'}


if __name__ == '__main__':
    os.makedirs(machine.build_dir('guest'), exist_ok=True)
    machine.build_image()
    with tempfile.TemporaryDirectory(dir=machine.build_dir('guest'),
                                     prefix='boots-') as files:
        guests.main_of_several(list(machines(files)))
