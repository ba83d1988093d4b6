#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory devices come, change and go while Linux runs."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20
NEW = 0x5eed
MANAGED = 0xc0ffee07
SOCKETS = tempfile.mkdtemp(prefix='memfab-fm-')
SOCKET = os.path.join(SOCKETS, 'fm')
TOOL = machine.build_dir('bin', 'cxl-fm')


def serials(guest):
    return sorted(dev['serial'] for dev in guest.json('cxl list -M'))


def plug(guest):
    """device_add: Linux finds the device and its endpoint"""
    guest.qmp.command('object-add', qom_type='memory-backend-ram', id='hot',
                      size=256 * MIB)
    guest.qmp.command('device_add', driver='cxl-type3', id='hotdev',
                      bus='rp1', volatile_memdev='hot', sn=NEW)
    guest.wait('cxl list -M | grep -q : && [ "$(ls -d '
               '/sys/bus/cxl/devices/endpoint* | wc -l)" = 2 ]', 40)
    expect(NEW in serials(guest), 'found %s' % serials(guest))


def endpoints(number):
    return ('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = %d ]'
            % number)


def manager(*words):
    """The fabric manager, outside of the guest"""
    if not os.access(TOOL, os.X_OK):
        raise guests.Skip('cxl-fm is not built: json-glib is not installed')
    done = subprocess.run([TOOL, '-c', SOCKET, '--timeout',
                           '%d' % guests.scaled(90), *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    expect(not done.returncode, '%s: %s' % (words, done.stderr))
    return done.stdout


def binding():
    """What is bound to the bridge below the switch: a port, or None"""
    vcs = json.loads(manager('--json', 'vcs'))[0]
    return {vppb['vppb']: vppb['port'] for vppb in vcs['vppbs']}[1]


def not_bound(guest):
    """a device that is not bound is there for its manager only"""
    expect(binding() is None, 'bound: %s' % binding())
    expect(MANAGED not in serials(guest), 'found %s' % serials(guest))
    identity = json.loads(manager('--json', 'raw', '0001', '--to', '3'))
    expect(identity[:4] == [0x86, 0x80, 0x93, 0x0d], str(identity))


def bind(guest):
    """the fabric manager binds it, and pciehp and cxl find it"""
    manager('bind', '0.1', '3')
    guest.wait(endpoints(2), 60)
    expect(binding() == 3, 'bound: %s' % binding())
    expect(MANAGED in serials(guest), 'found %s' % serials(guest))


def bound_memory_is_used(guest):
    """what was bound becomes a NUMA node that keeps data"""
    use(guest, MANAGED)
    release(guest)


def unbind_managed(guest):
    """Linux is asked to let it go, and does"""
    manager('unbind', '0.1', '--managed')
    guest.wait(endpoints(1), 40)
    not_bound(guest)


def unbind_surprise(guest):
    """bound again and torn out: Linux takes note of it"""
    bind(guest)
    manager('unbind', '0.1', '--surprise')
    guest.wait(endpoints(1), 40)
    not_bound(guest)


def use(guest, serial):
    name = [dev['memdev'] for dev in guest.json('cxl list -M')
            if dev['serial'] == serial][0]
    guest.node = guest.run('cxl-online ' + name).splitlines()[-1]
    guest.run('node-fill 32 ' + guest.node)


def new_memory_is_used(guest):
    """the new device becomes a NUMA node that keeps data"""
    use(guest, NEW)


def release(guest):
    """its memory goes offline, its region is destroyed"""
    guest.run('''set -e
        daxctl offline-memory all
        cxl disable-region -f all
        cxl destroy-region -f all''', 240)


def unplug(guest):
    """device_del: the guest lets go and the device disappears"""
    guest.qmp.command('device_del', id='hotdev')
    # The attention button of a slot takes five seconds.
    guest.qmp.wait_event('DEVICE_DELETED')
    guest.wait('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = 1 ]',
               40)
    expect(NEW not in serials(guest), 'found %s' % serials(guest))


def plug_again(guest):
    """the same backend serves a second device"""
    guest.qmp.command('device_add', driver='cxl-type3', id='second',
                      bus='rp1', volatile_memdev='hot', sn=NEW + 1)
    guest.wait('[ "$(ls -d /sys/bus/cxl/devices/endpoint* | wc -l)" = 2 ]',
               40)
    expect(NEW + 1 in serials(guest), 'found %s' % serials(guest))


def torn_out(guest):
    """a device is taken away while programs write to its memory

    What becomes of the programs is Linux's affair; the emulator goes on,
    and the slot takes another device.
    """
    name = [dev['memdev'] for dev in guest.json('cxl list -M')
            if dev['serial'] == NEW + 1][0]
    node = guest.run('cxl-online ' + name).splitlines()[-1]
    guest.run('(while node-fill 64 %s; do :; done) >/dev/null 2>&1 &' % node)
    guest.qmp.command('device_del', id='second')
    guest.qmp.wait_event('DEVICE_DELETED', 60)
    status = guest.qmp.command('query-status')['status']
    expect(status == 'running', 'the machine is ' + status)
    guest.qmp.command('device_add', driver='cxl-type3', id='third',
                      bus='rp1', volatile_memdev='hot', sn=NEW + 2)


def switch():
    """A switch with a device that waits for its manager"""
    return ['-device', 'cxl-upstream,bus=rp2,addr=0.0,multifunction=on,id=us0',
            '-device', 'cxl-switch-mailbox-cci,bus=rp2,addr=0.1,target=us0',
            '-device', 'cxl-downstream,bus=us0,id=ds0,port=3,chassis=0,slot=9',
            '-device', 'cxl-fm-port,target=us0,socket=' + SOCKET
            ] + machine.cxl_memory(7, persistent=None, bus='ds0',
                                   extra='bound=off')


if __name__ == '__main__':
    atexit.register(shutil.rmtree, SOCKETS, ignore_errors=True)
    guests.main('hotplug',
                [not_bound, bind, bound_memory_is_used, unbind_managed,
                 unbind_surprise, plug, new_memory_is_used, release, unplug,
                 plug_again, torn_out],
                machine.cxl_bridge(3) + machine.cxl_memory(0) + switch())
