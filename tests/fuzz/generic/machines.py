# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines that QEMU's generic fuzzer is given, each with our devices.

Name: (objects, words of the command line). Objects are globs, without regard
to case, of types and of names of memory regions: these are what is written to
and read, and PCI functions among them are configured. The command line must
need no quoting. Nobody else's chardev, file or socket is in it.
"""

# All have so little RAM that most addresses lie in the fuzzer's own memory,
# sparse-mem, which is filled when a device reads it, and can be a region, too.

BRIDGE = ('-machine q35,cxl=on -nodefaults -m 2M,slots=1,maxmem=1G '
          '-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=52 '
          '-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 '
          '-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=1G ')

# Has decoders of its own
TWO_PORTS = BRIDGE + '-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 '

SWITCH = BRIDGE + (
    '-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 '
    '-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,id=cci0 '
    '-device cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4 '
    '-device cxl-downstream,port=1,bus=us0,id=ds1,chassis=0,slot=5 ')


def ram(name, size):
    return '-object memory-backend-ram,id=%s,size=%s ' % (name, size)


def boot(devices, size='256M'):
    """Decoders that are committed at each reset."""
    return '-object cxl-boot-region,id=b0,size=%s%s ' % (
        size, ''.join(',devices=' + name for name in devices))


SDXI = '-machine q35 -nodefaults -m 2M '
PORT = '-device pcie-root-port,id=rp0,chassis=1 '
SCALABLE = ('-cpu max,-la57 -device intel-iommu,intremap=on,device-iotlb=on,'
            'x-scalable-mode=on,x-flts=on,x-pasid-mode=on,x-svm=on ')

MACHINES = {
    'type3': (
        'cxl-type3 cxl-rp cxl_host_reg* memfab-cxl-window*',
        BRIDGE + ram('v0', '256M') + ram('p0', '256M') + ram('l0', '1M') +
        '-device cxl-type3,bus=rp0,id=mem0,volatile-memdev=v0,'
        'persistent-memdev=p0,lsa=l0,chmu=on,direct=off ' + boot(['mem0'])),
    'interleave': (
        'cxl-type3 cxl-rp cxl_host_reg* memfab-cxl-window*',
        TWO_PORTS + ram('v0', '256M') + ram('v1', '256M') +
        '-device cxl-type3,bus=rp0,id=mem0,volatile-memdev=v0,'
        'x-256b-flit=on,hdm-db=on '
        '-device cxl-type3,bus=rp1,id=mem1,volatile-memdev=v1 ' +
        boot(['mem0', 'mem1'], '512M')),
    'capacity': (
        'cxl-type3 memfab-cxl-window*',
        BRIDGE + ram('v0', '256M') + ram('d0', '512M') +
        '-device cxl-type3,bus=rp0,id=mem0,volatile-memdev=v0,'
        'volatile-dc-memdev=d0,num-dc-regions=2,mailbox-payload=256 '),
    'ports': (
        'cxl-rp cxl-upstream cxl-downstream cxl-type3 memfab-cxl-window*',
        SWITCH + ram('v0', '256M') +
        '-device cxl-type3,bus=ds0,id=mem0,volatile-memdev=v0 ' +
        boot(['mem0'])),
    'switch': (
        'cxl-switch-mailbox-cci cxl-type3',
        SWITCH + ram('v0', '256M') + ram('v1', '256M') +
        '-device cxl-type3,bus=ds0,id=mem0,volatile-memdev=v0 '
        '-device cxl-type3,bus=ds1,id=mem1,volatile-memdev=v1,bound=off '),
    'logical': (
        'cxl-switch-mailbox-cci cxl-type3',
        SWITCH + ram('v0', '256M') + ram('d1', '512M') +
        '-device cxl-mld,id=mld0,lds=2,port=9 '
        '-device cxl-type3,bus=ds0,id=mem0,mld=mld0,ld=0,volatile-memdev=v0 '
        '-device cxl-type3,bus=ds1,id=mem1,mld=mld0,ld=1,bound=off,'
        'volatile-dc-memdev=d1,num-dc-regions=1 '),
    'accel': (
        'cxl-accel memfab-cxl-window*',
        BRIDGE + ram('v0', '256M') +
        '-device cxl-accel,bus=rp0,id=acc0,memdev=v0,mailbox=on,'
        'x-256b-flit=on,hdm-db=on ' + boot(['acc0'])),
    'sdxi': (
        'sdxi sparse-mem',
        SDXI + '-device sdxi,contexts=16,x-atomics=on,addr=4 '),
    'sdxi-group': (
        'sdxi sparse-mem',
        SDXI + PORT +
        '-device sdxi,bus=rp0,contexts=4,vfs=2,workers=2,group=g '
        '-device sdxi,contexts=4,group=g,addr=4 '),
    'sdxi-process': (
        'sdxi intel-iommu sparse-mem',
        SDXI + SCALABLE + PORT +
        '-device sdxi,bus=rp0,contexts=4,pasid=on '),
    'sdxi-amd': (
        'sdxi amd-iommu sparse-mem',
        SDXI + '-device amd-iommu,dma-remap=on ' + PORT +
        '-device sdxi,bus=rp0,contexts=4,vfs=1 '),
    'peers': (
        'sdxi cxl-type3 sparse-mem',
        SWITCH + ram('v0', '256M') +
        '-device cxl-type3,bus=ds0,id=mem0,volatile-memdev=v0,uio=on '
        '-device sdxi,bus=ds1,contexts=4,uio=on '),
    'firmware': (
        'cxl-firmware-first cxl-switch-mailbox-cci cxl-type3',
        SWITCH + ram('v0', '256M') +
        '-device cxl-type3,bus=ds0,id=mem0,volatile-memdev=v0 '
        '-object cxl-firmware-first,id=ff0 '),
    'usb': (
        'usb-ehci',
        SWITCH + ram('v0', '256M') +
        '-device cxl-type3,bus=ds0,id=mem0,volatile-memdev=v0 '
        '-device usb-ehci,bus=pcie.0,id=ehci '
        '-device usb-cxl-mctp,bus=ehci.0,target=us0 '),
}
