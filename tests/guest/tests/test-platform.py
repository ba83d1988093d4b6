#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A platform as firmware and hardware make it: regions before the kernel, an
accelerator, a window with XOR arithmetic, groups of windows, and errors of
which firmware is told first."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
# QTG IDs of the windows
FIRST, XOR = 7, 3


def distances():
    """Nodes, so that Linux knows how far the host bridges are.

    Without the generic ports it computes no class of service for what is below.
    """
    argv = ['-machine', 'hmat=on']
    argv += machine.backend('numa0', '1G') + machine.backend('numa3', '16M')
    argv += ['-numa', 'node,nodeid=0,cpus=0-1,memdev=numa0',
             '-numa', 'node,nodeid=1', '-numa', 'node,nodeid=2',
             '-numa', 'node,nodeid=3,memdev=numa3']
    for bridge in range(2):
        argv += ['-object', 'acpi-generic-port,id=gp%d,pci-bus=cxl.%d,node=%d'
                 % (bridge, bridge, bridge + 1)]
    for node in range(4):
        argv += machine.hmat_row(0, node, 120 if node else 100, '16G')
    return argv


def devices():
    """mem0 and mem2 below the XOR window's host bridges, mem1 and acc0 for
    firmware.

    Decoders of a bridge are used in the order of addresses, so the window of
    the regions that are there first comes first.
    """
    argv = distances() + machine.cxl_bridge(3) + [
        '-device', 'pxb-cxl,id=cxl.1,bus=pcie.0,bus_nr=40',
        '-device', 'cxl-rp,id=rp3,bus=cxl.1,port=0,chassis=0,slot=5']
    for index, port in enumerate(('rp0', 'rp1', 'rp3')):
        argv += machine.cxl_memory(index, persistent='', bus=port)
    argv += machine.backend('accel', '256M')
    argv += ['-device', 'cxl-accel,id=acc0,bus=rp2,addr=0.0,multifunction=on,'
             'memdev=accel', '-device', 'sdxi,bus=rp2,addr=0.1',
             '-object', 'cxl-window,id=w0,qtg-id=%d' % FIRST, '-object',
             'cxl-window,id=w1,window=1,arithmetic=xor,qtg-id=%d' % XOR,
             '-object', 'cxl-firmware-first,id=ff0']
    for region in ('boot,size=256M,devices=mem1,soft-reserved=on',
                   'acc,size=256M,devices=acc0'):
        argv += ['-object', 'cxl-boot-region,id=' + region]
    return argv


def region_before_kernel(guest):
    """decoders set before the kernel: it finds the region, and its memory"""
    guest.run('cxl-settle')
    region = guest.json('cxl list -R')
    expect(len(region) == 1 and region[0]['size'] == 256 * MIB
           and region[0]['decode_state'] == 'commit', 'regions: %s' % region)
    guest.run('''set -e
        echo online_movable >/sys/devices/system/memory/auto_online_blocks
        daxctl online-memory all || true''', 120)
    node = guest.run('cat /sys/bus/cxl/devices/%s/dax_region*/dax*.0/'
                     'target_node' % region[0]['region']).strip()
    guest.wait('grep -q online /sys/devices/system/node/node%s/memory*/state'
               % node)
    guest.run('node-fill 4 ' + node, 120)


def memory_map(guest):
    """the memory map has the region that firmware hands over, and no other"""
    pieces = guest.qmp.command('query-cxl')['windows'][0]['pieces']
    base = [p['base'] for p in pieces if p['members'][0]['name'] == 'mem1'][0]
    said = re.findall(r'BIOS-e820: \[mem 0x(\w+)-0x(\w+)\] +soft reserved',
                      guest.run('dmesg'))
    expect([[int(word, 16) for word in entry] for entry in said]
           == [[base, base + 256 * MIB - 1]],
           'mem1 is at %#x; the map says %s' % (base, said))


def accelerator(guest):
    """an accelerator: lspci reads what it is, its memory is where it was put"""
    said = guest.run('lspci -vv -d 1b36:00d6')
    expect(re.search(r'CXLCap:\s+Cache\+ IO\+ Mem\+', said), said)
    expect('Processing accelerators' in said, said)
    window = guest.qmp.command('query-cxl')['windows'][0]
    piece = [p for p in window['pieces'] if p['members'][0]['name'] == 'acc0']
    expect(piece and piece[0]['access'] == 'direct', window)
    word = 'devmem %#x 64' % (piece[0]['base'] + 8 * MIB)
    guest.run(word + ' 0x1122334455667788')
    said = guest.run(word)
    expect(int(said, 16) == 0x1122334455667788, said)


def xor_window(guest):
    """a region through a window with XOR arithmetic is committed and used"""
    memdevs = guest.memdevs()
    node = guest.run('cxl-online %s %s' % (memdevs[0], memdevs[2]), 120)
    region = guest.json('cxl list -R')
    expect(sorted(r['interleave_ways'] for r in region) == [1, 2],
           'regions: %s' % region)
    shown = guest.qmp.command('human-monitor-command', command_line='info cxl')
    expect('XOR' in shown, shown)
    guest.run('node-fill 4 ' + node.splitlines()[-1], 180)


def qos_class(guest):
    """the class of windows is that of the table, that of devices what _DSM
    recommends first"""
    roots = guest.json('cxl list -D -d root')
    expect(sorted(root['qos_class'] for root in roots) == [XOR, FIRST],
           'decoders: %s' % roots)
    devices = guest.run('cxl list -M -v')
    expect(devices.count('"ram_qos_class":%d,' % FIRST) == 3, devices)


def events_by_firmware(guest):
    """events come as records of the error source, and the kernel traces them"""
    device = '/machine/peripheral/mem0'
    media = {'descriptor': 0, 'type': 0, 'transaction_type': 0}
    module = {'type': 0, 'health_status': 3, 'media_status': 0,
              'additional_status': 0, 'life_used': 5, 'temperature': 7,
              'dirty_shutdown_count': 0, 'corrected_volatile_error_count': 9,
              'corrected_persistent_error_count': 0}
    for kind, more, seen in (
            ('general_media', dict(media, dpa=0x3000), 'dpa=3000 '),
            ('dram', dict(media, dpa=0x5000), 'dpa=5000 '),
            ('memory_module', module, 'life_used=5 ')):
        trace = guest.traced('cxl/cxl_' + kind, lambda: guest.qmp.command(
            'cxl-inject-%s-event' % kind.replace('_', '-'), path=device,
            log='failure', flags=0, sub_type=0, **more))
        expect('log=Failure' in trace and seen in trace, trace)
    # The firmware has taken them out of the device, and not the kernel.
    logs = guest.qmp.command('query-cxl-events', path=device)
    expect(not any(log['records'] for log in logs), logs)


def port_errors(guest):
    """the errors that a root port has recorded"""
    return guest.qmp.command('query-cxl-errors',
                             path='/machine/peripheral/rp0')


def injection(guest):
    """EINJ makes errors of a root port, and the kernel is told by firmware"""
    einj = '/sys/kernel/debug/apei/einj'
    guest.run('modprobe einj')
    port = guest.run('readlink -f /sys/bus/cxl/devices/' + guest.memdevs()[0])
    bus, device, function = re.search(
        r'pci\w{4}:\w\w/\w{4}:(\w\w):(\w\w)\.(\w)/', port).groups()
    sbdf = int(bus, 16) << 16 | int(device, 16) << 11 | int(function) << 8
    inject = '''cd %s; echo 4 >flags; echo %#x >param4
        echo %%#x >error_type; echo 1 >error_inject''' % (einj, sbdf)
    where = '0000:%s:%s.%s' % (bus, device, function)
    # The kernel writes only the first few of each severity into its log.
    for number, type_ in enumerate((0x10000, 0x8000), 1):
        guest.run(inject % type_)
        guest.wait('test $(dmesg | grep -c "agent_address: %s") = %d'
                   % (where, number))
    said = guest.run('dmesg | grep -A40 "CXL Protocol Error"')
    expect('CXL Root Port' in said, said)
    seen = port_errors(guest)
    expect(seen['correctable'] == ['mem-data-ecc'] and
           [e['type'] for e in seen['uncorrectable']] == ['mem-data-ecc'],
           seen)
    # a function that is none of CXL's
    status, _ = guest.try_run('''cd %s; echo 0 >param4
        echo 0x8000 >error_type; echo 1 >error_inject''' % einj)
    expect(status, 'an error of a function without CXL')


if __name__ == '__main__':
    guests.main('platform', [accelerator, memory_map, region_before_kernel,
                             xor_window, qos_class, injection,
                             events_by_firmware],
                devices(), memory='1040M', windows=('cxl.0', 'cxl.0+cxl.1'))
