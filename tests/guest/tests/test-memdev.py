#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux's drivers and the stock cxl and ndctl tools drive a cxl-type3."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import Skip, expect  # noqa: E402

MIB = 1 << 20
SERIAL = 0xc0ffee00


def memdev(guest, options=''):
    """What `cxl list` says about the device under test."""
    return guest.json('cxl list -M -m %s %s' % (guest.memdevs()[0], options))[0]


def sysfs(guest, *names):
    return '/'.join(('/sys/bus/cxl/devices', guest.memdevs()[0]) + names)


def debugfs(guest, name):
    return '/sys/kernel/debug/cxl/%s/%s' % (guest.memdevs()[0], name)


def identity(guest):
    """cxl list: sizes, serial number and firmware version"""
    found = guest.json('cxl list -M')
    expect(len(found) == 2, 'expected 2 memory devices, got %s' % found)
    dev = memdev(guest)
    expect(dev['serial'] == SERIAL, 'serial number is 0x%x' % dev['serial'])
    expect(dev['ram_size'] == 256 * MIB, 'wrong volatile size')
    expect(dev['pmem_size'] == 256 * MIB, 'wrong persistent size')
    expect(dev['firmware_version'].strip(), 'no firmware version')
    size = int(guest.read(sysfs(guest, 'label_storage_size')))
    expect(size == MIB, 'label storage area has %d bytes' % size)


def topology(guest):
    """cxl list: host bridge, two root ports, an endpoint below each"""
    bus = guest.json('cxl list -B -P -E -T')[0]
    bridge = bus['ports:root0'][0]
    expect(bridge['nr_dports'] == 2, 'host bridge without 2 ports')
    expect(len(bridge['endpoints:port1']) == 2, 'not 2 endpoints')


def health(guest):
    """cxl list -H: a new device is healthy"""
    state = memdev(guest, '-H').get('health')
    expect(state, 'cxl list -H shows no health')
    expect(state.pop('media_normal'), 'the media is not normal')
    for name, value in state.items():
        expect(value is not True, 'health says ' + name)
        expect(not name.startswith('ext_') or value == 'normal',
               '%s is %s' % (name, value))


def alerts(guest):
    """cxl set-alert-config: a threshold is kept and shown"""
    dev = guest.memdevs()[0]
    expect('alert_config' in memdev(guest, '-A'),
           'cxl list -A shows no alerts')
    guest.run('cxl set-alert-config -L 30 --life-used-alert=on ' + dev)
    config = memdev(guest, '-A')['alert_config']
    expect(config['life_used_prog_warn_threshold_valid'] is True
           and config['life_used_prog_warn_threshold'] == 30,
           'alerts are %s' % config)


def partition(guest):
    """cxl list -I: partitions add up to the capacity"""
    info = memdev(guest, '-I')['partition_info']
    expect(info['total_size'] == 512 * MIB, 'total is %d'
           % info['total_size'])


def poison(guest):
    """debugfs: poison is injected, listed, traced and cleared"""
    dev = guest.memdevs()[0]
    guest.write(debugfs(guest, 'inject_poison'), '0x10000')
    errors = memdev(guest, '-L').get('media_errors')
    expect(errors and errors[0]['offset'] == 0x10000
           and errors[0]['length'] == 64
           and errors[0]['source'] == 'Injected',
           'media errors are %s' % errors)
    trace = guest.traced('cxl/cxl_poison', lambda: guest.write(
        sysfs(guest, 'trigger_poison_list'), 1))
    expect(dev in trace and 'source=Injected' in trace, trace)
    guest.write(debugfs(guest, 'clear_poison'), '0x10000')
    expect('media_errors' not in memdev(guest, '-L'), 'poison is not cleared')


def poison_beside_region(guest):
    """poison is listed where a region takes all volatile memory"""
    if guest.kernel() >= (6, 15):
        raise Skip('Linux from 6.15 on stops listing at such a region')
    dev = guest.memdevs()[0]
    guest.run('cxl-online ' + dev)
    guest.write(debugfs(guest, 'inject_poison'), '0x18000000')
    errors = memdev(guest, '-L').get('media_errors')
    guest.write(debugfs(guest, 'clear_poison'), '0x18000000')
    guest.run('''set -e
        daxctl offline-memory all
        cxl disable-region -f all
        cxl destroy-region -f all''', 240)
    expect(errors and errors[0]['offset'] == 0x18000000,
           'media errors are %s' % errors)


def poison_is_refused(guest):
    """debugfs: poison beyond the capacity or unaligned is refused"""
    for address in ('0x10001', hex(512 * MIB)):
        status, _ = guest.try_run('echo %s >%s' % (
            address, debugfs(guest, 'inject_poison')))
        expect(status, 'poison at %s is accepted' % address)


def event(guest):
    """QMP: an injected general media event is traced by the kernel"""
    def inject():
        guest.qmp.command('cxl-inject-general-media-event',
                          path='/machine/peripheral/mem0', log='warning',
                          flags=1, dpa=0x1000, descriptor=1, type=1,
                          transaction_type=2, sub_type=0, channel=3, rank=4, device=5,
                          component_id='slot 7')
    trace = guest.traced('cxl/cxl_general_media', inject)
    for part in (guest.memdevs()[0], 'log=Warning', 'dpa=1000', 'channel=3',
                 'rank=4', 'device=5'):
        expect(part in trace, '"%s" is not in: %s' % (part, trace))


def dram_event(guest):
    """QMP: an injected DRAM event is traced by the kernel"""
    def inject():
        guest.qmp.command('cxl-inject-dram-event',
                          path='/machine/peripheral/mem0', log='failure',
                          flags=1, dpa=0x2000, descriptor=3, type=2,
                          transaction_type=1, sub_type=0, channel=6, bank_group=2,
                          bank=3, row=1234, column=56)
    trace = guest.traced('cxl/cxl_dram', inject)
    for part in ('log=Failure', 'dpa=2000', 'channel=6', 'bank_group=2',
                 'bank=3', 'row=1234', 'column=56'):
        expect(part in trace, '"%s" is not in: %s' % (part, trace))


def module_event(guest):
    """QMP: an injected memory module event is traced by the kernel"""
    def inject():
        guest.qmp.command('cxl-inject-memory-module-event',
                          path='/machine/peripheral/mem0',
                          log='informational', flags=1, type=2, sub_type=0,
                          health_status=0, media_status=0,
                          additional_status=0, life_used=37, temperature=25,
                          dirty_shutdown_count=0,
                          corrected_volatile_error_count=0,
                          corrected_persistent_error_count=0)
    trace = guest.traced('cxl/cxl_memory_module', inject)
    for part in ('log=Informational', 'life_used=37', 'device_temp=25'):
        expect(part in trace, '"%s" is not in: %s' % (part, trace))


def event_burst(guest):
    """QMP: every one of 50 events reaches the kernel"""
    def inject():
        for number in range(50):
            guest.qmp.command('cxl-inject-general-media-event',
                              path='/machine/peripheral/mem1', log='warning',
                              flags=1, dpa=number * 64, descriptor=1, type=1,
                              transaction_type=2, sub_type=0)
    guest.traced('cxl/cxl_general_media', inject)
    guest.wait('[ "$(grep -c cxl_general_media: /sys/kernel/tracing/trace)" '
               '-ge 50 ]')


def correctable_errors_masked(guest, bdf):
    """Linux 7.3, for one, forgets to clear the mask in the RAS registers."""
    bar = int(guest.run("lspci -vv -s %s | sed -n "
                        "'s/.*Region 0: Memory at \\([0-9a-f]*\\).*/\\1/p'"
                        % bdf), 16)
    mask = guest.qmp.command('human-monitor-command',
                             command_line='xp /1wx 0x%x' % (bar + 0x1090))
    return int(mask.split()[-1], 16) != 0


def correctable_error(guest):
    """QMP: an injected correctable error is traced and clears"""
    # CXL errors are reported as internal errors, which are masked by default.
    dev = guest.memdevs()[0]
    bdf = guest.json('cxl list -M -m ' + dev)[0]['host']
    if correctable_errors_masked(guest, bdf):
        raise Skip('this Linux leaves the errors of a device masked')
    guest.run('setpci -s %s ECAP_AER+14.l=0:4000' % bdf)
    trace = guest.traced('cxl/cxl_aer_correctable_error', lambda:
                         guest.qmp.command(
                             'cxl-inject-correctable-error',
                             path='/machine/peripheral/mem0',
                             type='mem-data-ecc'))
    expect(dev in trace and 'Memory Data ECC' in trace, trace)


def labels(guest):
    """cxl write-labels, read-labels, zero-labels"""
    dev = guest.memdevs()[0]
    guest.run('''set -e
        cxl disable-memdev %(dev)s
        head -c 8192 /dev/urandom >/tmp/labels
        cxl write-labels -i /tmp/labels -s 8192 -O 4096 %(dev)s
        cxl read-labels -s 8192 -O 4096 -o /tmp/read %(dev)s
        cmp /tmp/labels /tmp/read
        cxl zero-labels %(dev)s
        cxl read-labels -s 65536 -o /tmp/read %(dev)s
        head -c 65536 /dev/zero | cmp - /tmp/read
        cxl enable-memdev %(dev)s''' % {'dev': dev}, 120)


def label_index(guest):
    """ndctl init-labels and check-labels"""
    guest.run('''set -e
        cxl-wait 10 ls /sys/bus/nd/devices/nmem1
        for dimm in nmem0 nmem1; do
            ndctl disable-dimm $dimm
            ndctl init-labels -f $dimm
            ndctl check-labels $dimm
            ndctl enable-dimm $dimm
        done''', 120)


def firmware(guest):
    """cxl update-firmware: transferred, staged, not active"""
    dev = guest.memdevs()[0]
    before = memdev(guest, '-F')['firmware']
    guest.run('''head -c 4096 /dev/urandom >/tmp/firmware
        cxl update-firmware -F /tmp/firmware %s''' % dev)
    guest.wait('grep -q idle %s'
               % sysfs(guest, 'firmware', dev, 'status'), 60)
    after = memdev(guest, '-F')['firmware']
    expect(guest.read(sysfs(guest, 'firmware', dev, 'error')) == '',
           'the update failed')
    expect(after['active_slot'] == before['active_slot'],
           'the new firmware is active before a reset')
    expect(after.get('staged_slot') not in (None, after['active_slot']),
           'nothing is staged: %s' % after)


def sanitize(guest):
    """sysfs: sanitize runs in the background and ends"""
    # in one go: a busy machine takes its time between two commands
    state = guest.run('echo 1 >%s && cat %s' % (
        sysfs(guest, 'security', 'sanitize'),
        sysfs(guest, 'security', 'state')))
    expect(state.strip() == 'sanitize', 'sanitize does not run')
    guest.wait('grep -q disabled ' + sysfs(guest, 'security', 'state'), 60)


def security(guest):
    """ndctl: passphrase set, changed, erased with, frozen"""
    dimm = guest.run('grep -lx %d /sys/bus/nd/devices/*/cxl/id | '
                     'cut -d/ -f6' % SERIAL).strip()
    state = '/sys/bus/nd/devices/%s/security' % dimm
    guest.run('''set -e
        mkdir -p /etc/ndctl/keys
        keyctl add user nvdimm-master 0123456789abcdef0123456789abcdef @u
        ndctl setup-passphrase %s -k user:nvdimm-master''' % dimm)
    expect(guest.read(state) == 'unlocked', 'no passphrase is set')
    guest.run('ndctl update-passphrase ' + dimm)
    expect(guest.read(state) == 'unlocked', 'no passphrase is set')
    guest.run('ndctl disable-dimm %s && ndctl sanitize-dimm %s'
              % (dimm, dimm), 120)
    expect(guest.read(state) == 'disabled',
           'a passphrase is left after secure erase: ' + guest.read(state))
    guest.run('ndctl freeze-security ' + dimm)
    expect(guest.try_run('ndctl setup-passphrase %s -k user:nvdimm-master'
                         % dimm)[0],
           'a frozen device accepts a passphrase')


def reload_drivers(guest):
    """the drivers unload, load and find the same devices"""
    before = guest.json('cxl list -M')
    guest.run('''set -e
        rmmod cxl_pci cxl_mem cxl_acpi cxl_pmem
        modprobe -a cxl_acpi cxl_mem cxl_pmem cxl_pci
        cxl-settle''')
    after = guest.json('cxl list -M')
    expect(sorted(dev['serial'] for dev in before)
           == sorted(dev['serial'] for dev in after),
           'other devices after the reload: %s' % after)


if __name__ == '__main__':
    guests.main('memdev',
                [identity, topology, health, alerts, partition, poison,
                 poison_beside_region, poison_is_refused, event, dram_event,
                 module_event, event_burst, correctable_error, labels,
                 label_index, firmware,
                 sanitize, security, reload_drivers],
                machine.cxl_bridge() + machine.cxl_memory(0)
                + machine.cxl_memory(1))
