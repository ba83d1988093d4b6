# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine that the guest boots on, as a QEMU command line.

One place for `run`, `demo` and the tests; how a guest is driven once it runs
is guest.py's work. The environment (ARCH, ACCEL, KERNEL, INITRD, QEMU, BUILD)
is that of the Makefile.
"""

import atexit
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIRMWARE = ('/usr/share/seabios', '/usr/share/qemu',
            '/usr/lib/ipxe/qemu', '/usr/share/qemu-efi-aarch64')


# what QEMU and the guest of default_devices() take, in MiB
NEEDED_MIB = 1500


class MachineError(Exception):
    """What the user asked for cannot be had; the text says what to do."""


def setting(name, default=''):
    return os.environ.get(name) or default


def arch():
    value = setting('ARCH', 'x86_64')
    if value not in ('x86_64', 'aarch64'):
        raise MachineError('ARCH=%s is not supported; use x86_64 or aarch64'
                           % value)
    return value


def accel():
    value = setting('ACCEL', 'tcg')
    if value not in ('tcg', 'kvm'):
        raise MachineError('ACCEL=%s is not supported; use tcg or kvm' % value)
    return value


def build_dir(*names):
    return os.path.join(setting('BUILD', os.path.join(ROOT, 'build')), *names)


def qemu():
    path = setting('QEMU', build_dir('bin', 'qemu-system-' + arch()))
    if not os.access(path, os.X_OK):
        raise MachineError('%s: not an executable file; run make' % path)
    return path


def check_memory():
    """Say so if QEMU would be killed later for want of memory."""
    with open(setting('MEMINFO', '/proc/meminfo'), encoding='ascii') as lines:
        free = sum(int(line.split()[1]) for line in lines
                   if line.startswith(('MemAvailable:', 'SwapFree:'))) >> 10
    if free < NEEDED_MIB:
        raise MachineError('only %d MiB of memory are free; this guest needs '
                           '%d MiB: end something, or add memory or swap'
                           % (free, NEEDED_MIB))


def build_image():
    """Make kernel and initramfs if they are not up to date.

    What is said goes to stderr: stdout may be a TAP stream.
    """
    sys.stdout.flush()
    result = subprocess.run([os.path.join(HERE, 'build-image')],
                            stdout=sys.stderr, check=False)
    if result.returncode:
        raise MachineError('there is no guest image')


def has_property(device, name):
    """Does this QEMU's @device have a property @name?"""
    found = subprocess.run([qemu(), '-device', device + ',help'],
                           stdout=subprocess.PIPE, text=True, check=False)
    return re.search(r'^ *%s=' % re.escape(name), found.stdout, re.M)


def has_cxl():
    """On arm the machine has CXL with newer releases only."""
    if arch() == 'x86_64':
        return True
    text = subprocess.run([qemu(), '--version'], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    version = re.search(r'version (\d+)\.(\d+)', text).groups()
    return tuple(map(int, version)) >= (10, 2)


def add_modules():
    """Append our modules to the image; why not, if they cannot be had."""
    if setting('KERNEL'):
        return 'modules are built for Debian\'s kernel only'
    build_image()
    result = subprocess.run([os.path.join(HERE, 'build-module')],
                            stdout=sys.stderr, stderr=subprocess.PIPE,
                            text=True, check=False)
    if result.returncode:
        return (result.stderr.strip().splitlines() or ['no modules'])[-1]
    where = build_dir('guest', arch())
    joined = os.path.join(where, 'initrd-modules.%d.img' % os.getpid())
    with open(joined, 'wb') as out:
        for name in ('initrd.img', 'module.img'):
            with open(os.path.join(where, name), 'rb') as part:
                out.write(part.read())
    atexit.register(os.unlink, joined)
    os.environ['INITRD'] = joined
    return None


def image():
    """The kernel and the initramfs, which build-image has made."""
    where = build_dir('guest', arch())
    kernel = setting('KERNEL', os.path.join(where, 'vmlinuz'))
    initrd = setting('INITRD', os.path.join(where, 'initrd.img'))
    for path in (kernel, initrd):
        if not os.path.exists(path):
            raise MachineError('%s: no such file; run tests/guest/build-image'
                               % path)
    return kernel, initrd


def quick_boot():
    """Can the image's own kernel be started without being unpacked by it?"""
    return arch() == 'x86_64' and not setting('KERNEL') and any(
        os.path.exists(os.path.join(path, 'pvh.bin')) for path in FIRMWARE)


def console():
    return 'ttyS0' if arch() == 'x86_64' else 'ttyAMA0'


def base(memory='1G', cpus=2, windows=(), window_size='4G', granularity=0):
    """Processor, memory, fixed memory windows; no device yet.

    A window is the names of its host bridges, joined by "+".

    Linux commits a region only where it can invalidate the caches, and it
    takes a processor with the hypervisor bit for one where it cannot.
    """
    argv = ['-accel', accel(), '-smp', str(cpus), '-nodefaults']
    cpu = 'host' if accel() == 'kvm' else 'max'
    if arch() == 'aarch64':
        machine = ['virt'] + (['cxl=on', 'ras=on'] if windows else [])
    else:
        machine = ['q35'] + (['cxl=on'] if windows else [])
        cpu += ',-hypervisor'
        memory += ',maxmem=16G,slots=8'
    for index, targets in enumerate(windows):
        for position, target in enumerate(targets.split('+')):
            machine.append('cxl-fmw.%d.targets.%d=%s'
                           % (index, position, target))
        machine.append('cxl-fmw.%d.size=%s' % (index, window_size))
        if granularity:
            machine.append('cxl-fmw.%d.interleave-granularity=%d'
                           % (index, granularity))
    return argv + ['-M', ','.join(machine), '-cpu', cpu, '-m', memory]


def cxl_bridge(ports=2):
    argv = ['-device', 'pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=12']
    for port in range(ports):
        argv += ['-device', 'cxl-rp,id=rp%d,bus=cxl.0,port=%d,chassis=0,slot=%d'
                 % (port, port, port + 2)]
    return argv


def backend(name, size, directory=None):
    """A memory backend: in a file of @directory where it must outlive QEMU."""
    if directory is None:
        return ['-object', 'memory-backend-ram,id=%s,size=%s' % (name, size)]
    return ['-object', 'memory-backend-file,id=%s,size=%s,share=on,mem-path=%s'
            % (name, size, os.path.join(directory, name))]


def cxl_memory(index, volatile='256M', persistent='256M', directory=None,
               extra='', bus=None):
    """One cxl-type3, mem<index>; persistent memory comes with a label area."""
    device = ['cxl-type3', 'id=mem%d' % index, 'bus=%s' % (bus or
                                                           'rp%d' % index)]
    argv = []
    if volatile:
        argv += backend('ram%d' % index, volatile)
        device.append('volatile-memdev=ram%d' % index)
    if persistent:
        argv += backend('pmem%d' % index, persistent, directory)
        argv += backend('lsa%d' % index, '1M', directory)
        device += ['persistent-memdev=pmem%d' % index, 'lsa=lsa%d' % index]
    device.append('sn=0x%x' % (0xc0ffee00 + index))
    if extra:
        device.append(extra)
    return argv + ['-device', ','.join(device)]


def firmware_regions(*regions):
    """What firmware has made where the kernel cannot: Linux on arm has no way
    to invalidate caches, and commits no region itself. With a node of its own
    for RAM, the window is another one."""
    return (backend('numa0', '1G') +
            ['-numa', 'node,cpus=0-1,memdev=numa0'] + boot_regions(*regions))


def boot_regions(*regions):
    """Decoders that firmware has committed before the kernel starts"""
    argv = []
    for number, region in enumerate(regions):
        argv += ['-object', 'cxl-boot-region,id=region%d,%s'
                 % (number, region)]
    return argv


def sdxi(index=0):
    return ['-device', 'sdxi,id=sdxi%d,bus=pcie.0' % index]


def virtio_mem(node, size='512M'):
    """Memory of a node that can grow from nothing to @size."""
    return backend('vram%d' % node, size) + [
        '-device', 'virtio-mem-pci,id=vmem%d,bus=pcie.0,memdev=vram%d,'
        'node=%d,requested-size=0' % (node, node, node)]


def hmat_row(initiator, target, latency, bandwidth):
    """One latency in nanoseconds and one bandwidth, with their units."""
    row = 'hmat-lb,initiator=%d,target=%d,hierarchy=memory,data-type=' \
        % (initiator, target)
    return ['-numa', '%saccess-latency,latency=%d' % (row, latency),
            '-numa', '%saccess-bandwidth,bandwidth=%s' % (row, bandwidth)]


def distances(bridges=('cxl.0',), memory='1G'):
    """How far the host bridges are, by generic ports: Linux computes a class of
    service for what is below them.

    Each has a node of its own, which is none of Linux's. The last node is that
    of processors and memory, since QEMU says of it that memory can be plugged.
    """
    argv = ['-machine', 'hmat=on'] + backend('numa0', memory)
    cpus = len(bridges)
    for node, bridge in enumerate(bridges):
        argv += ['-numa', 'node,nodeid=%d' % node, '-object',
                 'acpi-generic-port,id=gp%d,pci-bus=%s,node=%d'
                 % (node, bridge, node)]
    argv += ['-numa', 'node,nodeid=%d,cpus=0-1,memdev=numa0' % cpus]
    for node in range(cpus + 1):
        argv += hmat_row(cpus, node, 100 if node == cpus else 120, '16G')
    return argv


def accelerator(device='sdxi', hotplug='off', objects='', later=10):
    """An accelerator that owns eight NUMA nodes, see docs/acpi/index.md.

    Nodes 0 and 1 have a processor and half of the memory (1G) each, 2 to 9
    are the accelerator's, @later and the next get their memory later; a node
    between is the caller's. It has a host bridge of its own, since Linux looks
    for the node of a function there.
    """
    argv = ['-machine', 'hmat=on', '-m', 'slots=8,maxmem=16G',
            '-smp', 'sockets=2']
    for node in range(2):
        argv += backend('numa%d' % node, '512M')
        argv += ['-numa', 'node,nodeid=%d,cpus=%d,memdev=numa%d'
                 % (node, node, node)]
    for node in range(2, later + 2):
        argv += ['-numa', 'node,nodeid=%d' % node]
    argv += ['-device', 'pxb-pcie,id=accbus,bus=pcie.0,bus_nr=64',
             '-device', 'pcie-root-port,id=acc,bus=accbus,addr=5.0,chassis=9,'
             'hotplug=' + hotplug, '-device', device + ',id=gpu0,bus=acc',
             '-object', 'acpi-device-nodes,id=gpu0-nodes,pci-dev=gpu0,'
             'nodeset=2-9,dsd=on,bridge-pxm=on' + objects,
             '-object', 'acpi-memory-nodes,id=later,nodeset=%d-%d'
             % (later, later + 1)]
    for cpu in range(2):
        argv += hmat_row(cpu, cpu, 100, '20G')
        argv += hmat_row(cpu, 1 - cpu, 150, '10G')
        for node in range(2, 10):
            argv += hmat_row(cpu, node, 300, '10G')
    for node in range(2, 10):
        argv += hmat_row(node, node, 50, '80G')
    return argv


def firmware(devices):
    """On arm the kernel gets ACPI tables from UEFI only; without it a device
    tree says all there is to say, and starts sooner."""
    if arch() != 'aarch64' or not any(
            'acpi-' in word or word.startswith('pxb-cxl')
            for word in devices):
        return []
    own = build_dir('guest', arch(), 'QEMU_EFI.fd')
    return ['-bios', own if os.path.exists(own) else 'QEMU_EFI.fd']


def default_devices():
    """What `make run` and `make demo` show: CXL memory and a data mover."""
    topology = setting('TOPOLOGY', 'cxl')
    if topology == 'accelerator':
        return accelerator()
    if topology != 'cxl':
        raise MachineError('TOPOLOGY=%s is not known; use cxl or accelerator'
                           % topology)
    if not has_cxl():
        return sdxi()
    devices = distances() + cxl_bridge() + cxl_memory(0) + cxl_memory(1)
    devices += sdxi()
    if arch() == 'aarch64':
        devices += boot_regions('size=512M,devices=mem0,devices=mem1',
                                'size=256M,devices=mem1,persistent=on')
    return devices


def command(devices, append='', reboot=False, **kwargs):
    """The whole command line, except for where the serial ports go."""
    if any(word.startswith('pxb-cxl') for word in devices):
        kwargs.setdefault('windows', ('cxl.0',))
    kernel, initrd = image()
    argv = [qemu()]
    for directory in FIRMWARE:
        if os.path.isdir(directory):
            argv += ['-L', directory]
    argv += base(**kwargs) + firmware(devices) + devices
    argv += ['-display', 'none', '-vga', 'none']
    if not reboot:
        argv.append('-no-reboot')
    # An emulated processor may wait long for a real one: no stall reports, and
    # no panic because the timer came too late.
    words = ['console=' + console(), 'quiet', 'panic=-1', 'oops=panic',
             'nowatchdog', 'rcupdate.rcu_cpu_stall_suppress=1',
             'no_timer_check', append]
    return argv + ['-kernel', kernel, '-initrd', initrd,
                   '-append', ' '.join(word for word in words if word)]


def printable(argv):
    """The command line for people: one option and its value per line."""
    lines = [shlex.quote(argv[0])]
    for word in argv[1:]:
        if word.startswith('-') and not lines[-1].endswith(' -append'):
            lines.append(shlex.quote(word))
        else:
            lines[-1] += ' ' + shlex.quote(word)
    return ' \\\n  '.join(lines)


def main_with_errors(function):
    """Run @function; a MachineError is one line, not a traceback."""
    try:
        sys.exit(function())
    except MachineError as error:
        sys.exit('guest: %s' % error)
