#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The eight-node accelerator, as Linux understands its tables."""

import os
import re
import struct
import subprocess
import sys

import machine
import guest as guests
from guest import expect

NODES = '/sys/devices/system/node'
MIB = 1 << 20


def function(guest):
    """The accelerator's address in sysfs."""
    return guest.run('lspci -D -d ::1201').split()[0]


def node_order(guest):
    """nodes have the numbers of -numa: 2 to 9 are generic initiators"""
    expect(guest.read(NODES + '/has_generic_initiator') == '2-9',
           guest.run('grep . %s/*' % NODES))
    expect(guest.read(NODES + '/has_cpu') == '0-1', 'CPUs are elsewhere')
    possible = guest.read(NODES + '/possible')
    expect(possible == '0-11', 'possible: ' + possible)


def numactl(guest):
    """numactl -H shows nodes 2 to 9, in order, empty"""
    text = guest.run('numactl -H')
    sizes = re.findall(r'^node (\d+) size: (\d+) MB$', text, re.M)
    empty = [int(node) for node, size in sizes if size == '0']
    expect(empty[:8] == list(range(2, 10)), text)


def firmware_node(guest):
    """the function's AML node hangs below that of its root port"""
    path = guest.read('/sys/bus/pci/devices/%s/firmware_node/path'
                      % function(guest))
    expect(path == r'\_SB_.PCI0.S28_.S00_', path)


def properties(guest):
    """a driver finds _DSD and _PXM below ACPI_COMPANION"""
    guest.require('/usr/lib/modules-extra/acpi-props.ko', 'no module')
    guest.try_run('dmesg -c >/dev/null; insmod /usr/lib/modules-extra/'
                  'acpi-props.ko address=' + function(guest))
    log = guest.run('dmesg')
    expect('acpi-props: start 2 count 8 pxm 2' in log, log)


def srat_entries(guest):
    """(type, bytes) of every entry in the SRAT the guest has."""
    table = bytes.fromhex(re.sub(r'\s', '', guest.run(
        'od -An -v -tx1 /sys/firmware/acpi/tables/SRAT')))
    at = 48
    while at < len(table):
        yield table[at], table[at:at + table[at + 1]]
        at += table[at + 1]


def bus_number(guest):
    """initiator entries carry the bus number of the firmware"""
    bus = int(function(guest).split(':')[1], 16)
    expect(bus != 0, 'the firmware numbers no buses')
    found = [(struct.unpack_from('<I', entry, 4)[0], entry[10])
             for kind, entry in srat_entries(guest) if kind == 5]
    expect(found == [(node, bus) for node in range(2, 10)], found)


def linux_node(guest, domain):
    """The number that Linux gives to a proximity domain: in the order of the
    table, first of processors and initiators, then of memory."""
    entries = list(srat_entries(guest))
    order = [entry[2] for kind, entry in entries if kind == 0]
    order += [struct.unpack_from('<I', entry, 4)[0]
              for kind, entry in entries if kind in (2, 5)]
    order += [struct.unpack_from('<I', entry, 2)[0] for kind, entry in entries
              if kind == 1 and entry[28] & 1]
    return list(dict.fromkeys(order)).index(domain)


def plug(guest, domain):
    """Plug 512 MiB; the node that they come up in."""
    node = linux_node(guest, domain)
    guest.qmp.command('object-add', qom_type='memory-backend-ram',
                      id='vram%d' % domain, size=512 * MIB)
    guest.qmp.command('device_add', driver='pc-dimm', id='dimm%d' % domain,
                      memdev='vram%d' % domain, node=domain)
    guest.wait('[ -e %s/node%d/meminfo ] && '
               '[ $(awk "/MemTotal/ {print \\$4}" %s/node%d/meminfo) -gt 0 ]'
               % (NODES, node, NODES, node))
    total = guest.read(NODES + '/node%d/meminfo' % node).split()[3]
    expect(int(total) == 512 * 1024, 'node %d has %s kB' % (node, total))
    return node


def dimm(guest):
    """a DIMM for node 2 is memory of node 2"""
    before = guest.read(NODES + '/node0/meminfo').split()[3]
    guest.run('echo online >/sys/devices/system/memory/auto_online_blocks')
    expect(plug(guest, 2) == 2, 'node 2 has another number')
    expect(guest.read(NODES + '/node0/meminfo').split()[3] == before,
           'node 0 has changed')


def dimm_later(guest):
    """DIMMs for nodes 10 and 11 come up in nodes of their own"""
    found = {plug(guest, 10), plug(guest, 11)}
    expect(found == {10, 11}, found)


def access(guest):
    """the accelerator is nearest to its memory, then the processors"""
    where = NODES + '/node2/access%d/initiators'
    expect(guest.run('ls -d %s/node*' % where % 0).split('/')[-1].strip()
           == 'node2', guest.run('ls ' + where % 0))
    for index, latency, bandwidth in ((0, 50, 81920), (1, 300, 10240)):
        path = where % index
        expect(int(guest.read(path + '/read_latency')) == latency,
               'read_latency of access%d' % index)
        expect(int(guest.read(path + '/write_bandwidth')) == bandwidth,
               'write_bandwidth of access%d' % index)
    nearest = guest.run('ls -d %s/node*' % where % 1).split()
    expect([os.path.basename(path) for path in nearest] == ['node0', 'node1'],
           nearest)


def tier(guest):
    """memory of node 2 is in a slower tier than DRAM, as HMAT says"""
    text = guest.run('grep . /sys/devices/virtual/memory_tiering/'
                     'memory_tier*/nodelist')
    tiers = dict((nodes, int(number)) for number, nodes in
                 re.findall(r'memory_tier(\d+)/nodelist:(\S+)', text))
    expect(tiers.get('2') == 27, text)
    expect(any(nodes.startswith('0') and number == 4
               for nodes, number in tiers.items()), text)


def mistakes(guest):
    """wrong object-add is an error reply, the guest goes on"""
    for qom_type, arguments in (
            ('acpi-device-nodes', {'pci-dev': 'gpu0', 'nodeset': [2]}),
            ('acpi-memory-nodes', {'nodeset': [11]}),
            ('acpi-generic-initiator', {'pci-dev': 'gpu9', 'node': 2}),
            ('acpi-generic-initiator', {'pci-dev': 'gpu0', 'node': 200}),
            ('acpi-generic-port', {'pci-bus': 'pcie.0', 'node': 11})):
        reply = guest.qmp.reply('object-add', dict(
            arguments, **{'qom-type': qom_type, 'id': 'late'}))
        expect('error' in reply, reply)
    expect(guest.run('echo alive').strip() == 'alive', 'it is not')


def stock_initiator(guest):
    """a stock initiator for a device that goes: reboot, and it is left out"""
    guest.qmp.command('object-add', qom_type='acpi-generic-initiator',
                      id='stock', pci_dev='nic', node=10)
    guest.reboot()
    expect(guest.read(NODES + '/has_generic_initiator') == '2-10',
           'node 10 is no initiator')
    guest.qmp.events.clear()
    guest.qmp.command('device_del', id='nic')
    guest.wait('[ -z "$(lspci -d 1af4:1044)" ]')
    guest.reboot()
    node_order(guest)


def prepare():
    """Append the modules to the image, if they can be built here."""
    machine.build_image()
    if machine.setting('KERNEL'):
        return
    result = subprocess.run([os.path.join(machine.HERE, 'build-module')],
                            stdout=sys.stderr, check=False)
    if result.returncode:
        return
    where = machine.build_dir('guest', machine.arch())
    joined = os.path.join(where, 'initrd-acpi.img')
    with open(joined, 'wb') as out:
        for name in ('initrd.img', 'module.img'):
            with open(os.path.join(where, name), 'rb') as part:
                out.write(part.read())
    os.environ['INITRD'] = joined


def main():
    prepare()
    guests.main('acpi-topology',
                [node_order, numactl, firmware_node, properties, bus_number,
                 mistakes, stock_initiator, dimm, access, tier, dimm_later],
                machine.accelerator()
                + ['-device', 'pcie-root-port,id=rp9,addr=6.0,chassis=10',
                   '-device', 'virtio-rng-pci,id=nic,bus=rp9'],
                reboot=True)


machine.main_with_errors(main)
