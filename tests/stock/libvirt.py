#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine starts with the options that libvirt gives to a distribution's QEMU.

    tests/stock/libvirt.py BUILD

BUILD is a release's build directory. Options that QEMU was built without are
left out; BUILD/.left-out names them (LEAN=1, or a library that is not there).
What the kernel of the machine denies (a container may have no mbind and no
io_uring) is no fault: only an option that this QEMU does not know is.
"""

import json
import os
import subprocess
import sys
import tempfile

BASE = ['-name', 'guest=test,debug-threads=on', '-S', '-no-user-config',
        '-nodefaults', '-display', 'none', '-msg', 'timestamp=on',
        '-machine', 'q35,usb=off,vmport=off,dump-guest-core=off,cxl=on',
        '-m', 'size=262144k,slots=4,maxmem=1048576k', '-overcommit',
        'mem-lock=off', '-rtc', 'base=utc,driftfix=slew', '-no-shutdown',
        '-boot', 'strict=on', '-qmp', 'stdio']
TALK = '\n'.join(json.dumps({'execute': word}) for word in
                 ('qmp_capabilities', 'query-status', 'quit')) + '\n'

# name, the features that it needs, its options; {} is a directory
CASES = (
    ('plain', (), '-device virtio-balloon-pci -object rng-random,id=rng0,'
     'filename=/dev/urandom -device virtio-rng-pci,rng=rng0 '
     '-chardev pty,id=c0 -serial chardev:c0 -device qemu-xhci,id=usb '
     '-device usb-tablet -device virtio-vga -audiodev none,id=a0 '
     '-device ich9-intel-hda -device hda-duplex,audiodev=a0'),
    ('sandbox', ('seccomp',), '-sandbox on,obsolete=deny,elevateprivileges='
     'deny,spawn=deny,resourcecontrol=deny'),
    ('numa', ('numa',), '-object memory-backend-ram,id=m0,size=256M,'
     'host-nodes=0,policy=bind -numa node,nodeid=0,memdev=m0'),
    ('pmem', ('libpmem',), '-object memory-backend-file,id=p0,size=256M,'
     'mem-path={}/pmem,share=on,pmem=on -object memory-backend-ram,id=lsa,'
     'size=1M -device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=52 '
     '-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=0 '
     '-device cxl-type3,bus=rp0,persistent-memdev=p0,lsa=lsa'),
    ('vnc', ('vnc', 'vnc-sasl'), '-vnc unix:{}/vnc,audiodev=a0 -audiodev '
     'none,id=a0 -device virtio-vga'),
    ('spice', ('spice', 'usb-redir'), '-spice unix=on,addr={}/spice,'
     'disable-ticketing=on -device qxl-vga -audiodev spice,id=a0 '
     '-device virtio-serial-pci -chardev spicevmc,id=v0,name=vdagent '
     '-device virtserialport,chardev=v0,name=com.redhat.spice.0 '
     '-device qemu-xhci -chardev spicevmc,id=u0,name=usbredir '
     '-device usb-redir,chardev=u0'),
    ('disk', (), '-blockdev driver=file,filename={}/disk,node-name=d0,'
     'auto-read-only=on,discard=unmap -blockdev driver=raw,file=d0,'
     'node-name=f0 -device virtio-blk-pci,drive=f0'),
    ('native', ('linux-aio',), '-blockdev driver=file,filename={}/disk,'
     'node-name=d0,aio=native,cache.direct=on'),
    ('io-uring', ('linux-io-uring',), '-blockdev driver=file,filename={}/'
     'disk,node-name=d0,aio=io_uring'),
    ('9p', ('virtfs',), '-fsdev local,id=fs0,path={},security_model='
     'mapped-xattr -device virtio-9p-pci,fsdev=fs0,mount_tag=host'),
    ('tls', ('gnutls',), '-object tls-creds-anon,id=t0,endpoint=server'),
    ('usb-host', ('libusb',), '-device qemu-xhci '
     '-device usb-host,vendorid=1,productid=1'),
    ('migration', ('zstd',), '-incoming defer '
     '-global migration.multifd-compression=zstd'),
)
# What QEMU says of an option that it was built without
UNKNOWN = ('not supported by this', 'is not supported in this', 'not a valid',
           'was not found', 'invalid option', 'not compiled', 'Parameter ',
           'no such option', 'support is disabled', 'Invalid parameter',
           'support is not available', 'not built', 'invalid object type',
           'does not accept', 'lack of libpmem')


def trouble(emulator, options, files):
    """None if the machine came up, or failed for the host's sake."""
    words = [word.replace('{}', files) for word in options.split()]
    with open(files + '/disk', 'wb') as disk:
        disk.truncate(1 << 20)
    run = subprocess.run([emulator] + BASE + words, input=TALK,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False, timeout=60)
    if run.returncode == 0 and run.stdout.count('"return"') == 3:
        return None
    if run.returncode > 0 and not any(part in run.stderr for part in UNKNOWN):
        print('#', run.stderr.strip().replace('\n', '\n# '))
        return None
    return 'exit %d: %s' % (run.returncode, run.stderr.strip())


def main():
    build = sys.argv[1]
    emulator = os.path.join(build, 'qemu-system-x86_64')
    with open(os.path.join(build, '.left-out'), encoding='utf-8') as file:
        left_out = file.read()
    bad = False
    if not os.path.exists(emulator):
        print('1..0 # SKIP %s is not built' % emulator)
        return 0
    cases = [case for case in CASES
             if not any(', %s (' % f in left_out for f in case[1])]
    print('1..%d' % (len(cases) + 1))
    for number, (name, _, options) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory(prefix='memfab-') as files:
            said = trouble(emulator, options, files)
        print('ok %d - %s' % (number, name) if said is None else
              'not ok %d - %s\n# %s' % (number, name,
                                        said.replace('\n', '\n# ')))
        bad |= said is not None
    helped = subprocess.run([emulator, '-tpmdev', 'help'], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False).stdout
    good = 'emulator' in helped or ', tpm (' in left_out
    print('%sok %d - tpm' % ('' if good else 'not ', len(cases) + 1))
    return bad or not good


if __name__ == '__main__':
    sys.exit(main())
