#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the stock cxl, ndctl and daxctl tools change in a cxl-type3 for good:
partitions, firmware, secrets, contents; and what survives a loss of power."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
SIZE = 256 * MIB
KEY = '0123456789abcdef0123456789abcdef'


def memdev(guest, options=''):
    return guest.json('cxl list -iM -m %s %s' % (guest.memdev, options))[0]


def sysfs(guest, *names):
    return '/'.join(('/sys/bus/cxl/devices', guest.memdev) + names)


def listing(guest):
    """cxl list -MDR, -BEPTu: the whole tree is shown without a complaint"""
    guest.memdev = guest.memdevs()[0]
    found = guest.json('cxl list -MDR')
    kinds = set(key for part in found for key in part)
    expect({'memdevs', 'root decoders'} <= kinds, 'listed are %s' % kinds)
    guest.run('cxl list -vvv >/dev/null && cxl list -BEPTDMRu >/dev/null')


def memdev_goes_and_comes(guest):
    """cxl disable-memdev, enable-memdev"""
    guest.run('cxl disable-memdev ' + guest.memdev)
    expect(memdev(guest).get('state') == 'disabled', 'not disabled')
    guest.run('cxl enable-memdev ' + guest.memdev)
    guest.run('cxl-settle')
    expect('state' not in memdev(guest), 'not enabled')


def region(guest, kind='pmem', size=SIZE):
    guest.run('cxl create-region -m -d decoder0.0 -t %s -s %d -w 1 %s'
              % (kind, size, guest.memdev), 120)
    if kind == 'pmem':
        guest.wait('ls /sys/bus/nd/devices/region0')


def no_region(guest):
    guest.run('''ndctl disable-namespace all
        set -e
        cxl disable-region -f all
        cxl destroy-region -f all''', 120)
    expect(not guest.json('cxl list -R'), 'a region is left')


def raw_namespace(guest):
    """The block device of a raw namespace over all of the region."""
    guest.run('''set -e
        [ "$(ndctl list -N)" ] || ndctl create-namespace -t pmem -m raw -f
        cxl-wait 20 ls /dev/pmem*''', 120)
    return guest.run('ls /dev/pmem*').strip()


def written(guest, fill):
    """Fill the first 8 MiB of persistent memory, by way of a region."""
    region(guest)
    disk = raw_namespace(guest)
    guest.run('head -c 8388608 /dev/zero | tr "\\000" "%s" >/tmp/data && '
              'dd if=/tmp/data of=%s bs=1M conv=fsync 2>/dev/null'
              % (fill, disk))
    no_region(guest)


def contents(guest):
    """The first byte values there, by way of a new region and namespace."""
    region(guest)
    seen = guest.run('head -c 8388608 %s | tr -d "\\000" | head -c 16'
                     % raw_namespace(guest)).strip()
    no_region(guest)
    return seen


def contents_stay(guest):
    """destroy-region: contents of persistent memory stay"""
    written(guest, 'A')
    expect('A' in contents(guest), 'the data is gone')


def sanitized(guest):
    """sysfs security/sanitize: nothing is left of data and labels"""
    guest.write(sysfs(guest, 'security', 'sanitize'), 1)
    guest.wait('grep -q disabled ' + sysfs(guest, 'security', 'state'), 90)
    expect(contents(guest) == '', 'data is left')


def erased(guest):
    """sysfs security/erase: nothing is left of data"""
    written(guest, 'B')
    guest.write(sysfs(guest, 'security', 'erase'), 1)
    expect(contents(guest) == '', 'data is left')


def busy_is_refused(guest):
    """sanitize and erase are refused while a region is in use"""
    region(guest)
    for name in ('sanitize', 'erase'):
        expect(guest.try_run('echo 1 >' + sysfs(guest, 'security', name))[0],
               name + ' is accepted')
    no_region(guest)


def firmware_cancel(guest):
    """cxl update-firmware --cancel: nothing is staged"""
    dev = guest.memdev
    guest.run('''head -c 4194304 /dev/urandom >/tmp/firmware
        cxl update-firmware -F /tmp/firmware %s
        cxl update-firmware --cancel %s''' % (dev, dev), 120)
    guest.wait('grep -q idle ' + sysfs(guest, 'firmware', dev, 'status'), 120)
    expect('user-abort' in guest.read(sysfs(guest, 'firmware', dev, 'error')),
           'no abort: ' + guest.read(sysfs(guest, 'firmware', dev, 'error')))
    state = memdev(guest, '-F')['firmware']
    expect('staged_slot' not in state, 'staged: %s' % state)


def firmware_again(guest):
    """cxl update-firmware after a cancelled one: staged"""
    dev = guest.memdev
    guest.run('head -c 65536 /tmp/firmware >/tmp/smaller && '
              'cxl update-firmware -F /tmp/smaller ' + dev, 120)
    guest.wait('grep -q idle ' + sysfs(guest, 'firmware', dev, 'status'), 120)
    state = memdev(guest, '-F')['firmware']
    expect(state.get('staged_slot') not in (None, state['active_slot']),
           'not staged: %s' % state)
    guest.staged = state['staged_slot']


def partition_is_refused(guest):
    """cxl set-partition: more than the partitionable capacity is refused"""
    dev = guest.memdev
    guest.run('cxl disable-memdev ' + dev)
    refused = guest.try_run('cxl set-partition -t ram -s %d %s'
                            % (2 * SIZE, dev))[0]
    guest.run('cxl enable-memdev ' + dev)
    expect(refused, 'more than there is is accepted')


def partitions(guest):
    """cxl set-partition: takes effect with the next power cycle"""
    dev = guest.memdev
    guest.run('''set -e
        cxl disable-memdev %s
        cxl set-partition -t ram -s %d %s
        cxl enable-memdev %s''' % (dev, SIZE, dev, dev))
    info = memdev(guest, '-I')
    expect(info['ram_size'] == SIZE, 'partitions moved at once: %s' % info)
    expect(info['partition_info'].get('next_volatile_size') == 2 * SIZE,
           'nothing is planned: %s' % info)


def after_power_cycle(guest):
    """a reboot activates firmware and partitions"""
    guest.reboot()
    info = memdev(guest, '-I -F')
    expect(info['firmware']['active_slot'] == guest.staged,
           'firmware is %s' % info['firmware'])
    expect(info['ram_size'] == 2 * SIZE and info['pmem_size'] == SIZE,
           'partitions are %s' % info)


def moved_partition_works(guest):
    """both partitions are usable where they are now"""
    node = guest.run('cxl-online').splitlines()[-1]
    guest.run('node-fill 4 ' + node)
    guest.run('daxctl offline-memory all', 120)
    no_region(guest)
    written(guest, 'C')
    expect('C' in contents(guest), 'the data is gone')


def dimm(guest):
    """The name of the device in the NVDIMM subsystem."""
    return guest.run('grep -lx %d /sys/bus/nd/devices/*/cxl/id | '
                     'cut -d/ -f6' % memdev(guest)['serial']).strip()


def security_state(guest):
    return guest.read('/sys/bus/nd/devices/%s/security' % dimm(guest))


def passphrase(guest):
    """ndctl: setup-passphrase, update-passphrase, remove-passphrase"""
    name = dimm(guest)
    guest.run('''set -e
        mkdir -p /etc/ndctl/keys
        keyctl add user nvdimm-master %s @u
        ndctl setup-passphrase %s -k user:nvdimm-master
        ndctl update-passphrase %s''' % (KEY, name, name))
    expect(security_state(guest) == 'unlocked', 'no passphrase is set')
    expect(guest.try_run('echo 1 >' + sysfs(guest, 'security', 'erase'))[0],
           'erased in spite of a passphrase')
    guest.run('ndctl remove-passphrase ' + name)
    expect(security_state(guest) == 'disabled', 'the passphrase is not gone')


def locked_by_power_cycle(guest):
    """a passphrase locks with the next power cycle; the key unlocks"""
    name = dimm(guest)
    guest.run('ndctl setup-passphrase %s -k user:nvdimm-master' % name)
    keys = guest.run('cd /etc/ndctl/keys && tar c . | base64 | tr -d "\\n"')
    guest.reboot()
    expect(security_state(guest) == 'locked', 'not locked: '
           + security_state(guest))
    name = dimm(guest)
    # Linux before 6.14 looks for a key with the number in hexadecimal.
    guest.run('''set -e
        mkdir -p /etc/ndctl/keys
        echo %s | base64 -d | tar x -C /etc/ndctl/keys
        keyctl add user nvdimm-master %s @u
        ndctl disable-dimm %s
        ndctl load-keys
        keyctl add encrypted nvdimm:%x \
            "load $(cat /etc/ndctl/keys/nvdimm_*.blob)" @u
        ndctl enable-dimm %s''' % (keys, KEY, name,
                                  memdev(guest)['serial'], name))
    expect(security_state(guest) == 'unlocked', 'still '
           + security_state(guest))
    expect('C' in contents(guest), 'the data is gone')


def erased_with_passphrase(guest):
    """ndctl sanitize-dimm: nothing is left of data and passphrase"""
    name = dimm(guest)
    guest.run('ndctl disable-dimm %s && ndctl sanitize-dimm %s && '
              'ndctl enable-dimm %s' % (name, name, name), 120)
    expect(security_state(guest) == 'disabled', 'a passphrase is left')
    expect(contents(guest) == '', 'data is left')


def overflow(guest):
    """events that a full log has to drop are counted for the kernel"""
    def inject():
        guest.qmp.command('stop')
        for number in range(12):
            guest.qmp.command('cxl-inject-general-media-event',
                              path='/machine/peripheral/mem0', log='warning',
                              flags=1, dpa=number * 64, descriptor=1, type=1,
                              transaction_type=2, sub_type=0)
        guest.qmp.command('cont')
    trace = guest.traced('cxl/cxl_overflow', inject)
    expect('4 records' in trace and 'log=Warning' in trace, trace)


def warmth(guest):
    """a device that gets hot says so by itself"""
    guest.run('cxl set-alert-config --over-temperature-threshold=60 '
              '--over-temperature-alert=on ' + guest.memdev)
    trace = guest.traced('cxl/cxl_memory_module', lambda: guest.qmp.command(
        'qom-set', path='/machine/peripheral/mem0', property='temperature',
        value=61))
    expect('log=Warning' in trace and 'device_temp=61' in trace, trace)
    health = memdev(guest, '-H')['health']
    expect(health['temperature'] == 61, 'health is %s' % health)
    guest.qmp.command('qom-set', path='/machine/peripheral/mem0',
                      property='temperature', value=25)


def cleanup(guest):
    guest.try_run('''ndctl destroy-namespace -f all
        cxl disable-region -f all
        cxl destroy-region -f all''', 240)


if __name__ == '__main__':
    guests.main('tools',
                [listing, memdev_goes_and_comes, contents_stay, sanitized,
                 erased, busy_is_refused, firmware_cancel, firmware_again,
                 partition_is_refused, partitions, after_power_cycle,
                 moved_partition_works, passphrase, locked_by_power_cycle,
                 erased_with_passphrase, overflow, warmth],
                machine.cxl_bridge(1)
                + machine.cxl_memory(0, persistent='512M',
                                     extra='partitionable=256M,'
                                     'event-log-size=8'),
                cleanup=cleanup, reboot=True)
