# SPDX-License-Identifier: GPL-2.0-or-later
"""What Linux made of the topology tables, for the ACPI guest tests.

One test program a machine: test-acpi-*.py. The machine of the accelerator is
in machine.py.
"""

import os
import re
import struct

import machine
from guest import Skip, expect

NODES = '/sys/devices/system/node'
MIB = 1 << 20
DRAM_TIER = 4
# The last node of the accelerator's machine
LAST_NODE = 11


# Reading tables and sysfs

def srat_entries(guest):
    """(type, bytes) of every entry in the SRAT the guest has."""
    table = bytes.fromhex(re.sub(r'\s', '', guest.run(
        'od -An -v -tx1 /sys/firmware/acpi/tables/SRAT')))
    at = 48
    while at < len(table):
        yield table[at], table[at:at + table[at + 1]]
        at += table[at + 1]


def kib(guest, node):
    return int(guest.read(NODES + '/node%d/meminfo' % node).split()[3])


def expect_grown(guest, node, before, size):
    """Wait until node @node has @size bytes more than @before kB."""
    guest.wait('[ -e %s/node%d/meminfo ] && '
               '[ $(awk "/MemTotal/ {print \\$4}" %s/node%d/meminfo) -ge %d ]'
               % (NODES, node, NODES, node, before + size // 1024), 40)
    expect(kib(guest, node) == before + size // 1024,
           'node %d has %d kB' % (node, kib(guest, node)))


def expect_access(guest, node, index, nearest, latency, bandwidth):
    """access<index> of a node: the nearest initiators and their numbers."""
    path = NODES + '/node%d/access%d/initiators' % (node, index)
    found = [os.path.basename(link) for link in
             guest.run('ls -d %s/node*' % path).split()]
    expect(found == ['node%d' % near for near in nearest],
           'access%d of node %d: %s' % (index, node, found))
    for name, want in (('read_latency', latency[0]),
                       ('write_latency', latency[1]),
                       ('read_bandwidth', bandwidth),
                       ('write_bandwidth', bandwidth)):
        got = int(guest.read(path + '/' + name))
        expect(got == want, '%s of access%d of node %d is %d, not %d'
               % (name, index, node, got, want))


def tiers(guest):
    """{node: memory tier} of all nodes with memory."""
    text = guest.run('grep -H . /sys/devices/virtual/memory_tiering/'
                     'memory_tier*/nodelist')
    found = {}
    for tier, nodes in re.findall(r'memory_tier(\d+)/nodelist:(\S+)', text):
        for part in nodes.split(','):
            first, _, last = part.partition('-')
            for node in range(int(first), int(last or first) + 1):
                found[node] = int(tier)
    return found


def tier_of(latency, bandwidth, dram_latency=100, dram_bandwidth=20480):
    """Linux's arithmetic: reading and writing together, rounded down."""
    distance = 576 * sum(latency) // (2 * dram_latency)
    return distance * dram_bandwidth // bandwidth // 128


def expect_tier(guest, node, tier):
    found = tiers(guest)
    expect(found.get(0) == DRAM_TIER and found.get(node) == tier,
           'tiers %s, wanted %d for node %d' % (found, tier, node))


def online_by_itself(guest):
    """Memory that is plugged comes online without further words."""
    guest.write('/sys/devices/system/memory/auto_online_blocks', 'online')


def plug_dimm(guest, node, size=512 * MIB):
    """Plug a DIMM; it must come up in the node of the same number."""
    others = kib(guest, 0)
    guest.qmp.command('object-add', qom_type='memory-backend-ram',
                      id='vram%d' % node, size=size)
    guest.qmp.command('device_add', driver='pc-dimm', id='dimm%d' % node,
                      memdev='vram%d' % node, node=node)
    expect_grown(guest, node, 0, size)
    expect(kib(guest, 0) == others, 'node 0 has changed')


def grow(guest, node, size=512 * MIB):
    """Let virtio-mem fill an empty node; it must be that node and no other."""
    others = kib(guest, 0)
    guest.qmp.command('qom-set', path='/machine/peripheral/vmem%d' % node,
                      property='requested-size', value=size)
    expect_grown(guest, node, 0, size)
    expect(kib(guest, 0) == others, 'node 0 has changed')


# Tests of the accelerator, on every architecture

def function(guest):
    """The accelerator's address in sysfs."""
    return guest.run('lspci -D -d ::1201').split()[0]


def node_order(guest):
    """nodes have the numbers of -numa: 2 to 9 are generic initiators"""
    expect(guest.read(NODES + '/has_generic_initiator') == '2-9',
           guest.run('grep . %s/*' % NODES))
    expect(guest.read(NODES + '/has_cpu') == '0-1', 'CPUs are elsewhere')
    possible = guest.read(NODES + '/possible')
    expect(possible == '0-%d' % LAST_NODE, 'possible: ' + possible)


def numactl(guest):
    """numactl -H shows nodes 2 to 9, in order, empty"""
    text = guest.run('numactl -H')
    nodes = [(int(node), size) for node, size in
             re.findall(r'^node (\d+) size: (\d+) MB$', text, re.M)]
    expect([node for node, _ in nodes[:10]] == list(range(10))
           and all(size == '0' for _, size in nodes[2:]), text)
    cpus = re.findall(r'^node \d+ cpus:(.*)$', text, re.M)
    expect(all(cpus[:2]) and not any(words.strip() for words in cpus[2:]),
           text)


def firmware_node(guest):
    """the function's AML node hangs below that of its root port"""
    path = guest.read('/sys/bus/pci/devices/%s/firmware_node/path'
                      % function(guest))
    expect(path == r'\_SB_.PC40.S28_.S00_', path)


def numa_node(guest):
    """numa_node of the function is its first node, others have none"""
    nodes = dict(re.findall(r'([^/\s]+)/numa_node:(\S+)', guest.run(
        'grep . /sys/bus/pci/devices/*/numa_node')))
    expect(nodes[function(guest)] == '2', 'numa_node: %s' % nodes)
    expect(nodes['0000:00:00.0'] == '-1', 'other devices: %s' % nodes)


def properties(guest):
    """a driver finds _DSD and _PXM below ACPI_COMPANION"""
    module = '/usr/lib/modules-extra/acpi-props.ko'
    if machine.setting('KERNEL') or machine.setting('KERNEL_SUITE'):
        # A newer kernel may want a newer compiler than the one here.
        if guest.try_run('test -e ' + module)[0]:
            raise Skip('no module for this kernel')
    guest.require(module, 'no module')
    guest.try_run('dmesg -c >/dev/null; insmod /usr/lib/modules-extra/'
                  'acpi-props.ko address=' + function(guest))
    log = guest.run('dmesg')
    expect('acpi-props: start 2 count 8 pxm 2' in log, log)


def bus_number(guest):
    """initiator entries carry the bus number of the firmware"""
    bus = int(function(guest).split(':')[1], 16)
    expect(bus != 0, 'the firmware numbers no buses')
    found = [(struct.unpack_from('<I', entry, 4)[0], entry[10])
             for kind, entry in srat_entries(guest) if kind == 5]
    expect(found == [(node, bus) for node in range(2, 10)], found)


def dimm(guest):
    """a DIMM for node 2 is memory of node 2"""
    online_by_itself(guest)
    plug_dimm(guest, 2)


def dimm_later(guest):
    """DIMMs for nodes 11 and 10, which have memory only, come up in these"""
    plug_dimm(guest, 11)
    plug_dimm(guest, 10)


def access(guest):
    """the accelerator is nearest to its memory, then the processors"""
    expect_access(guest, 2, 0, [2], (50, 50), 81920)
    expect_access(guest, 2, 1, [0, 1], (300, 300), 10240)


def tier(guest):
    """memory of node 2 is in a slower tier than DRAM, as HMAT says"""
    expect_tier(guest, 2, tier_of((300, 300), 10240))


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


# Preparation

def add_modules():
    """Append the modules to the image, if they can be built here."""
    machine.build_image()
    machine.add_modules()
