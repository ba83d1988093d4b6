#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What only a kernel built for the test can judge, since Debian's are built
without it: EINJ's CXL types, MCTP over USB, fwctl and EDAC; and what newer
kernels alone have: lists of data objects, an extended linear cache, drivers of
type 2 devices.

The kernel and its image are build-kernel's, which takes minutes the first
time: this is for `make soak`. Where the kernel cannot be built all is skipped.
"""

import importlib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

EDAC = importlib.import_module('test-edac')

MEM0 = '/machine/peripheral/mem0'


def function_of(guest, memdev, above=0):
    """PCI address of a memory device, or of the @above-th port above it"""
    where = guest.run('readlink -f /sys/bus/cxl/devices/' + memdev)
    return re.findall(r'/(\w{4}:\w\w:\w\w\.\w)(?=/)', where)[-1 - above]


# Firmware that is told first

def types_are_known(guest):
    """EINJ's CXL types are listed by the kernel and by cxl list"""
    listed = guest.run('cat /sys/kernel/debug/cxl/einj_types')
    for type_ in range(0x1000, 0x20001, 0x1000):
        expect(bool(re.search('0x%08x' % type_, listed))
               == (type_ & (type_ - 1) == 0), listed)
    bus = guest.json('cxl list -B')[0]
    expect(sorted(bus.get('injectable_protocol_errors', []))
           == sorted('%s-%s' % (protocol, severity)
                     for protocol in ('cache', 'mem') for severity in
                     ('correctable', 'uncorrectable', 'fatal')), str(bus))


def inject(guest, where, event, severity, protocol='mem'):
    """What the kernel traces when the tool injects into the port @where"""
    def action():
        said = guest.run('cxl inject-protocol-error %s -p %s -s %s 2>&1'
                         % (where, protocol, severity))
        expect('injected %s-%s' % (protocol, severity) in said, said)
    return guest.traced('cxl/cxl_port_aer_%s_error' % event, action)


def port_errors(guest):
    """cxl inject-protocol-error reaches a root port, and the kernel decodes
    the record of it"""
    where = function_of(guest, guest.memdevs()[0], 1)
    text = inject(guest, where, 'correctable', 'correctable')
    expect(where in text and 'Memory Data ECC' in text, text)
    text = inject(guest, where, 'uncorrectable', 'uncorrectable')
    expect(where in text and 'Memory Data ECC' in text, text)
    said = guest.run('dmesg | grep -A40 "CXL Protocol Error"')
    expect('CXL Root Port' in said and 'agent_address: ' + where in said, said)


def cache_errors(guest):
    """the same with CXL.cache"""
    where = function_of(guest, guest.memdevs()[0], 1)
    text = inject(guest, where, 'correctable', 'correctable', 'cache')
    expect(where in text and 'Cache Data ECC' in text, text)


def switch_port_errors(guest):
    """errors of a switch's ports, which EINJ leaves to QMP, are traced"""
    for above, name in (1, 'ds0'), (2, 'us0'):
        where = function_of(guest, guest.memdevs()[1], above)
        text = guest.traced(
            'cxl/cxl_port_aer_correctable_error', lambda name=name:
            guest.qmp.command('cxl-inject-correctable-error',
                              type='retry-threshold',
                              path='/machine/peripheral/' + name))
        expect(where in text and 'Retry Threshold' in text, text)


def device_errors(guest):
    """the record of an error of a device's protocol is decoded"""
    # Linux means to trace it too, but up to 7.3 looks for the device by the
    # wrong pointer.
    where = function_of(guest, guest.memdevs()[0])
    told = 'test $(dmesg | grep -c cxl_ras_cor_status) = %d'
    guest.run(told % 0)
    guest.qmp.command('cxl-inject-correctable-error', type='retry-threshold',
                      path=MEM0)
    guest.wait(told % 1)
    said = guest.run('dmesg')
    for text in ('CXL Device', 'agent_address: ' + where,
                 'cxl_ras_cor_status: 0x00000008'):
        expect(text in said, said)


def poison_by_tool(guest):
    """cxl inject-media-poison and clear-media-poison"""
    name = guest.memdevs()[0]
    guest.run('cxl inject-media-poison %s -a 0x4000' % name)
    ranges = guest.qmp.command('query-cxl-poison', path=MEM0)['ranges']
    expect([r['start'] for r in ranges] == [0x4000], str(ranges))
    guest.run('cxl clear-media-poison %s -a 0x4000' % name)
    ranges = guest.qmp.command('query-cxl-poison', path=MEM0)['ranges']
    expect(not ranges, str(ranges))


def firmware_first():
    return (machine.cxl_bridge() + machine.cxl_memory(0)
            + ['-device', 'cxl-upstream,id=us0,bus=rp1',
               '-device', 'cxl-downstream,id=ds0,bus=us0,port=0,chassis=0,'
               'slot=8'] + machine.cxl_memory(1, persistent='', bus='ds0')
            + ['-object', 'cxl-firmware-first,id=ff0'])


# A manager in the guest

SWITCH, DEVICE = 0, 3       # component types of Identify
OURS, THEIRS = 8, 9         # endpoint ids
MLD_PORT = 9


def message(opcode, payload=b''):
    """A CCI message, as tunnels carry it"""
    return bytes((0, 1, 0, opcode & 0xff, opcode >> 8)) \
        + len(payload).to_bytes(3, 'little') + bytes(4) + payload


def tunnel(target, inner):
    """Payload of Tunnel Management Command to a port or logical device"""
    return bytes((target, 0)) + len(inner).to_bytes(2, 'little') + inner


def ask(guest, opcode, payload=b'', type_=7, times=1):
    """Payload of the answer to a command over AF_MCTP"""
    said = guest.run('mctp-cci send %d %d %#x %d %s' % (
        THEIRS, type_, opcode, times, payload.hex()), 300).split()
    expect(said[0] == '0', '%04xh is answered %s' % (opcode, said))
    return bytes.fromhex(''.join(said[1:]))


def ask_behind(guest, opcode, *path):
    """The same of who is behind the ports and logical devices of @path"""
    inner = message(opcode)
    for target in path[:0:-1]:
        inner = message(0x5300, tunnel(target, inner))
    answer = ask(guest, 0x5300, tunnel(path[0], inner))
    for _ in path:
        # length, reserved, message
        answer = answer[4:]
        expect(answer[0] == 1 and answer[8:10] == bytes(2), answer.hex())
        answer = answer[12:]
    return answer


def endpoint(guest):
    """mctp-usb: link, address, route; the endpoint takes the id it is given"""
    guest.wait('test -d /sys/class/net/mctpusb0')
    guest.run('mctp-cci up mctpusb0 %d %d' % (OURS, THEIRS))
    for type_ in 7, 8:
        identity = ask(guest, 0x0001, type_=type_)
        expect(len(identity) == 18 and identity[17] == SWITCH,
               identity.hex())


def switch_is_managed(guest):
    """Identify Switch Device, a thousand times, and its ports"""
    identity = ask(guest, 0x5100, times=1000)
    expect(len(identity) == 0x49, identity.hex())
    ports = [port for port in range(256)
             if identity[4 + port // 8] & 1 << port % 8]
    state = ask(guest, 0x5101, bytes((len(ports),)) + bytes(ports))
    expect(state[0] == len(ports) and sorted(state[4::16]) == ports,
           state.hex())


def tunnels(guest):
    """tunnels lead to the MLD's own manager and to a logical device"""
    identity = ask_behind(guest, 0x0001, MLD_PORT)
    expect(identity[17] == DEVICE, identity.hex())
    info = ask_behind(guest, 0x5400, MLD_PORT)
    expect(int.from_bytes(info[8:10], 'little') == 4, info.hex())
    memory = ask_behind(guest, 0x4000, MLD_PORT, 0)
    expect(int.from_bytes(memory[16:24], 'little') << 28 == 256 << 20,
           memory.hex())


def data_objects(guest):
    """what data objects functions answer is listed, by pci-cdat too"""
    usb = guest.run('ls /sys/bus/pci/drivers/xhci_hcd | grep :').strip()
    for function, kinds in ((function_of(guest, guest.memdevs()[0]),
                             ['1e98:00', '1e98:02']), (usb, ['1e98:02'])):
        found = guest.run('ls /sys/bus/pci/devices/%s/doe_features' % function)
        expect(sorted(found.split()) == kinds + ['doe_discovery'],
               '%s: %s' % (function, found))


def managed():
    memory = machine.backend('vmem0', '256M')
    return (machine.cxl_bridge() + machine.cxl_memory(0) + memory
            + ['-device', 'cxl-upstream,id=us0,bus=rp1,addr=0.0,'
               'multifunction=on', '-device',
               'cxl-switch-mailbox-cci,bus=rp1,addr=0.1,target=us0',
               '-device', 'cxl-downstream,id=ds0,bus=us0,port=3,chassis=0,'
               'slot=8', '-device', 'cxl-mld,id=mld0,lds=4,port=%d' % MLD_PORT,
               '-device', 'cxl-type3,bus=ds0,id=ld0,volatile-memdev=vmem0,'
               'mld=mld0,ld=0,bound=off',
               '-device', 'qemu-xhci,id=xhci,bus=pcie.0',
               '-device', 'usb-cxl-mctp,bus=xhci.0,target=us0',
               '-object', 'pci-cdat,id=cdat0,device=xhci,memory=256M'])


# Features by fwctl

PACE = '0c0d84d2-fded-460a-b9ef-6f35d2f38601'


def features(guest):
    """fwctl: the feature that is no kernel's own is there, read and set"""
    name = guest.memdevs()[0]
    expect(PACE in guest.run('cxl-fwctl list ' + name).split(),
           'the feature is not listed')
    expect(guest.run('cxl-fwctl get %s %s 2' % (name, PACE)).strip() == '000a',
           'it is not as after power-on')
    guest.run('cxl-fwctl set %s %s 1 03' % (name, PACE))
    expect(guest.run('cxl-fwctl get %s %s 2' % (name, PACE)).strip() == '030a',
           'it is not set')


def refused_features(guest):
    """fwctl: what the device refuses, and what the kernel keeps"""
    name = guest.memdevs()[0]
    status, said = guest.try_run('cxl-fwctl set %s %s 1 0b' % (name, PACE))
    expect(status == 3 and 'return code 2' in said, said)
    kept = [uuid for uuid in guest.run('cxl-fwctl list ' + name).split()
            if uuid != PACE]
    expect(kept, 'no feature of the specification')
    for uuid in kept:
        status, said = guest.try_run('cxl-fwctl set %s %s 1 00'
                                     % (name, uuid))
        expect(status == 1, '%s: %s' % (uuid, said))


# RAM before CXL memory

HALF = 256 << 20


def extended_linear(guest):
    """RAM and CXL memory of one window are one region, the RAM its cache"""
    region = guest.json('cxl list -R')
    expect(len(region) == 1 and region[0]['size'] == 2 * HALF
           and region[0]['decode_state'] == 'commit', str(region))
    where = '/sys/bus/cxl/devices/' + region[0]['region']
    found = guest.read(where + '/extended_linear_cache_size')
    expect(int(found, 0) == HALF, found)
    window = guest.qmp.command('query-cxl')['windows'][0]
    expect(int(guest.read(where + '/resource'), 0) == window['base'],
           'the region is not all of %s' % window)


def linear_memory(guest):
    """both halves are memory of the window's node, which has a cache"""
    node = guest.run('cxl-online', 120).strip()
    expect(node == '1', 'node ' + node)
    # more than either half
    guest.run('node-fill 360 1', 300)
    cache = '/sys/devices/system/node/node1/memory_side_cache/index1/'
    for name, value in (('size', HALF), ('indexing', 0), ('line_size', 64),
                        ('address_mode', 1)):
        found = guest.read(cache + name)
        expect(int(found, 0) == value, '%s is %s' % (name, found))


def both_addresses(guest):
    """an event of the device is traced with both addresses of its line"""
    window = guest.qmp.command('query-cxl')['windows'][0]['base']
    trace = guest.traced('cxl/cxl_general_media', lambda: guest.qmp.command(
        'cxl-inject-general-media-event', path=MEM0, log='warning', flags=0,
        dpa=0x3000, descriptor=0, type=0, transaction_type=0, sub_type=0))
    for text in ('hpa=%x ' % (window + HALF + 0x3000),
                 'hpa_alias0=%x ' % (window + 0x3000)):
        expect(text in trace, '%s is not in %s' % (text, trace))


def linear():
    argv = ['-machine', 'hmat=on'] + machine.backend('numa0', '1G') + [
        '-numa', 'node,nodeid=0,cpus=0-1,memdev=numa0',
        '-numa', 'node,nodeid=1'] + machine.hmat_row(0, 0, 100, '20G')
    argv += machine.hmat_row(0, 1, 300, '10G') + machine.cxl_bridge()
    argv += machine.backend('near', '256M')
    return argv + machine.cxl_memory(0, persistent='') + [
        '-object', 'cxl-window,id=w0,near-memdev=near',
        '-object', 'acpi-device-nodes,id=n1,pci-dev=mem0,nodeset=1,'
        'initiator=off', '-object', 'cxl-boot-region,id=r0,size=256M,'
        'offset=256M,devices=mem0']


# A driver of a type 2 device

ACCEL = '/sys/bus/pci/devices/0000:0d:00.0'
ACCEL_MEMORY = ACCEL + '/type2_memory'
ACCEL_SIZE = 256 << 20


def accel_piece(guest):
    """What decoders lead to the accelerator: a piece of the window"""
    pieces = guest.qmp.command('query-cxl')['windows'][0]['pieces']
    expect(len(pieces) == 1 and pieces[0]['size'] == ACCEL_SIZE
           and [m['name'] for m in pieces[0]['members']] == ['acc0'],
           str(pieces))
    return pieces[0]


def accel_bytes(guest, at):
    """16 bytes of its backend, so by the accelerator's own addresses"""
    path = guest.qmp.command('qom-get', path='/objects/accel',
                             property='mem-path')
    with open(path, 'rb') as memory:
        memory.seek(at)
        return memory.read(16)


def accel_is_bound(guest):
    """Linux has its memory device, and its region, committed"""
    guest.require(ACCEL_MEMORY, 'the driver has not bound')
    found = guest.json('cxl list -R')
    expect(len(found) == 1 and found[0]['size'] == ACCEL_SIZE
           and found[0]['decode_state'] == 'commit', str(found))
    devices = guest.run('ls /sys/bus/cxl/devices').split()
    for kind in 'mem', 'endpoint', 'region':
        expect(sum(bool(re.fullmatch(kind + r'\d+', name))
                   for name in devices) == 1, str(devices))
    dax = guest.run('ls /sys/bus/dax/devices')
    expect(not dax.strip(), 'others use it as ' + dax)


def accel_is_used(guest):
    """Bytes that a processor writes are in the device's memory, and back"""
    for at in 0, (ACCEL_SIZE >> 1) + 4096, ACCEL_SIZE - 4096:
        first = guest.run('''set -e
            head -c 4096 /dev/urandom >/tmp/page
            dd if=/tmp/page of=%s bs=4096 seek=%d conv=notrunc 2>/dev/null
            dd if=%s of=/tmp/back bs=4096 skip=%d count=1 2>/dev/null
            cmp /tmp/page /tmp/back
            od -A n -v -t x1 -N 16 /tmp/page''' % (
                ACCEL_MEMORY, at >> 12, ACCEL_MEMORY, at >> 12))
        found = accel_bytes(guest, at)
        expect(found == bytes.fromhex(first), 'at %#x the device has %s, not %s'
               % (at, found.hex(), first))


def type2_probe(guest):
    """the driver finds registers, capacity and the region of firmware"""
    base = accel_piece(guest)['base']
    guest.run('modprobe cxl-type2')
    accel_is_bound(guest)
    said = guest.run('dmesg | grep "cxl-type2 .*memory at"')
    expect([int(word, 16) for word in
            re.search(r'\[range (\w+)-(\w+)\]', said).groups()]
           == [base, base + ACCEL_SIZE - 1], said)


def type2_decoders(guest):
    """to Linux the decoders of host bridge and device are an accelerator's"""
    found = guest.run('''cd /sys/bus/cxl/devices
        for i in $(grep -lx %#x decoder*/size); do
            echo $i $(cat ${i%%/size}/target_type)
        done''' % ACCEL_SIZE).splitlines()
    expect(len(found) == 2
           and all(line.endswith(' accelerator') for line in found), str(found))


def type2_memory(guest):
    """its memory is the processor's: first page, middle and last"""
    accel_is_used(guest)


def accel_keeps_bytes(guest, action):
    """@action changes nothing in the first MiB, and it can be used again"""
    read = 'dd if=%s of=/tmp/%%s bs=1M count=1 2>/dev/null' % ACCEL_MEMORY
    guest.run(read % 'before')
    action()
    accel_is_bound(guest)
    guest.run(read % 'after')
    guest.run('cmp /tmp/before /tmp/after')
    accel_is_used(guest)


def type2_unload(guest):
    """unloaded, only the decoders stay; loaded again the bytes are there"""
    def again():
        guest.run('rmmod cxl-type2')
        left = guest.run('ls /sys/bus/cxl/devices; ls ' + ACCEL)
        expect(not re.search(r'^(mem|endpoint|region)\d|^type2', left, re.M),
               left)
        accel_piece(guest)
        guest.run('modprobe cxl-type2')
    accel_keeps_bytes(guest, again)


def type2_function_reset(guest):
    """a function level reset, with the driver and without, is not of CXL.mem"""
    def without():
        guest.run('rmmod cxl-type2')
        guest.write(ACCEL + '/reset', 1)
        accel_piece(guest)
        guest.run('modprobe cxl-type2')
    guest.write(ACCEL + '/reset_method', 'flr')
    accel_keeps_bytes(guest, lambda: guest.write(ACCEL + '/reset', 1))
    accel_keeps_bytes(guest, without)


def type2_bus_reset(guest):
    """after a secondary bus reset nothing is decoded, and nothing bound"""
    guest.run('rmmod cxl-type2')
    guest.write(ACCEL + '/reset_method', 'cxl_bus')
    guest.write(ACCEL + '/reset', 1)
    pieces = guest.qmp.command('query-cxl')['windows'][0]['pieces']
    expect(not pieces, str(pieces))
    guest.run('modprobe cxl-type2')
    expect('no region' in guest.run('dmesg | grep cxl-type2 | tail -n 1'),
           guest.run('dmesg'))
    expect(guest.try_run('test -e ' + ACCEL_MEMORY)[0], 'it is bound')
    guest.run('rmmod cxl-type2')


def type2_reboot(guest):
    """firmware commits it again, and the driver binds"""
    guest.reboot()
    type2_probe(guest)
    accel_is_used(guest)


def without_type2():
    """Why there is no driver, or None"""
    built = machine.build_dir('guest', 'kernel', 'own', 'cxl-type2.ko')
    return None if os.path.exists(built) else \
        'Linux has an interface for drivers of type 2 devices from 7.3 on'


def type2(where):
    return (machine.cxl_bridge() + machine.backend('accel', '256M', where)
            + ['-device', 'cxl-accel,id=acc0,bus=rp0,memdev=accel',
               '-object', 'cxl-boot-region,id=r0,size=256M,devices=acc0'])


def kernel():
    """Build it, and have it booted from now on. None, or why not"""
    sys.stdout.flush()
    result = subprocess.run(
        [os.path.join(machine.HERE, 'build-kernel')], stdout=sys.stderr,
        stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        return (result.stderr.strip().splitlines() or ['no kernel'])[-1]
    where = machine.build_dir('guest', 'kernel')
    os.environ['KERNEL'] = os.path.join(where, 'vmlinuz')
    os.environ['INITRD'] = os.path.join(where, 'initrd.img')
    return None


def machines(where):
    # The kernel writes only the first few of each severity into its log.
    yield 'einj', [types_are_known, device_errors, port_errors, cache_errors,
                   switch_port_errors, poison_by_tool], firmware_first(), {}
    yield 'manager', [endpoint, switch_is_managed, tunnels, features,
                      refused_features, data_objects], managed(), {}
    yield 'linear', [extended_linear, both_addresses,
                     linear_memory], linear(), {
        'window_size': '512M'}
    yield 'type2', [type2_probe, type2_decoders, type2_memory, type2_unload,
                    type2_function_reset, type2_bus_reset,
                    type2_reboot], type2(where), {
        'reboot': True, 'skip': without_type2()}
    yield 'edac', EDAC.TESTS, EDAC.devices(), {'reboot': True}


if __name__ == '__main__':
    WHY = kernel()
    if WHY:
        print('1..0 # SKIP ' + WHY)
        sys.exit(0)
    with tempfile.TemporaryDirectory(prefix='type2-') as WHERE:
        guests.main_of_several(list(machines(WHERE)))
