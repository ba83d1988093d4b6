#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest is saved and goes on in a new QEMU."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import moves  # noqa: E402
from guest import expect  # noqa: E402


def prepare(guest):
    """a region over two devices is online and holds a file"""
    guest.node = guest.run('cxl-online').splitlines()[-1]
    guest.run('''set -e
        mount -t tmpfs -o mpol=bind:%s cxl /root
        head -c 8000000 /dev/urandom >/root/data
        sha256sum /root/data >/tmp/sums''' % guest.node)


def idle(guest):
    """memory of the region is the same afterwards, and can be used"""
    moves.through_file(guest)
    guest.run('sha256sum -c /tmp/sums')
    guest.run('node-fill 16 ' + guest.node)


def state(guest):
    """What the guest lists, and the poison of the first device.

    Linux from 6.15 on does not list poison beside a region that takes all
    volatile memory: the device is asked too.
    """
    return (guest.json('cxl list -M -L'),
            guest.json('cxl list -M -A -H -I -F'),
            guest.qmp.command('query-cxl-poison',
                              path='/machine/peripheral/mem0')['ranges'])


def device_state(guest):
    """poison, labels and thresholds are the same afterwards"""
    dev = guest.memdevs()[0]
    guest.run('''set -e
        echo 0x18000000 >/sys/kernel/debug/cxl/%s/inject_poison
        cxl set-alert-config -L 33 --life-used-alert=on %s
        ndctl disable-dimm nmem0
        ndctl init-labels -f nmem0
        ndctl read-labels nmem0 | sha256sum >/tmp/labels
        ''' % (dev, dev))
    before = state(guest)
    listed = "'media_errors'" in str(before) or guest.kernel() >= (6, 15)
    expect(listed and before[-1] and ': 33,' in str(before),
           'nothing to save: %s' % (before,))
    moves.through_file(guest)
    after = state(guest)
    expect(before == after, 'before %s\nafter %s' % (before, after))
    guest.run('ndctl read-labels nmem0 | sha256sum | cmp - /tmp/labels')
    guest.write('/sys/kernel/debug/cxl/%s/clear_poison' % dev, '0x18000000')


def events_go_on(guest):
    """events are delivered afterwards"""
    guest.traced('cxl/cxl_general_media', lambda: guest.qmp.command(
        'cxl-inject-general-media-event', path='/machine/peripheral/mem0',
        log='warning', flags=1, dpa=0x40, descriptor=1, type=1,
        transaction_type=2, sub_type=0))


def sdxi_copies(guest):
    """SDXI copies to and from CXL memory afterwards"""
    text = guest.run('sdxi-user --no-speed --src-node 0 --dst-node '
                     + guest.node)
    expect('all verified' in text, text)


def busy(guest):
    """a program fills CXL memory while the guest is saved"""
    guest.run('''(while [ ! -e /tmp/stop ]; do
            node-fill 16 %s || echo failed >>/tmp/failures
            echo >>/tmp/rounds
        done) >/dev/null 2>&1 &''' % guest.node)
    moves.through_file(guest)
    guest.run('rounds=$(wc -l </tmp/rounds); '
              'cxl-wait 60 \'[ $(wc -l </tmp/rounds) -gt \'$rounds\' ]\'')
    guest.run('touch /tmp/stop; wait; [ ! -e /tmp/failures ]')


def busy_sdxi(guest):
    """SDXI copies while the guest is saved"""
    guest.run('sdxi-user --size 4M --src-node 0 --dst-node %s '
              '>/tmp/sdxi 2>&1 & echo $! >/tmp/sdxi.pid; usleep 300000'
              % guest.node)
    moves.through_file(guest)
    guest.run('cxl-wait 60 grep -qE "verified$|FAILED" /tmp/sdxi; '
              'cxl-wait 60 "! kill -0 $(cat /tmp/sdxi.pid)"; cat /tmp/sdxi; '
              'grep -q "all verified" /tmp/sdxi', 180)


if __name__ == '__main__':
    guests.main('migration',
                [prepare, idle, device_state, events_go_on, sdxi_copies,
                 busy, busy_sdxi], machine.default_devices())
