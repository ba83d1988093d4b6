# SPDX-License-Identifier: GPL-2.0-or-later
"""What people do with memory all day: make it, use it, undo it, again.

Each step is looked at from both sides: in the guest by checksums and by the
state of its regions, at the devices by their decoders.
"""

from guest import expect


def decoders(guest):
    """The committed decoders of each memory device, by its id"""
    found = {}

    def walk(node):
        if node['type'] == 'memory':
            found[node['name']] = node['decoders']
        for port in node['ports']:
            if 'below' in port:
                walk(port['below'])

    for bridge in guest.qmp.command('query-cxl')['bridges']:
        walk(bridge)
    return found


def enumerate_devices(guest, number):
    """Linux and the monitor see the same devices, each with its endpoint."""
    guest.wait('[ $(ls -d /sys/bus/cxl/devices/endpoint* | wc -l) = %d ]'
               % number, 60)
    expect(len(guest.memdevs()) == number, 'memdevs: %s' % guest.memdevs())
    expect(len(decoders(guest)) == number, 'query-cxl: %s' % decoders(guest))


def make(guest):
    """One region over all devices, in the order of their serial numbers, and
    a file in its memory"""
    names = guest.memdevs()
    guest.node = int(guest.run('cxl-online ' + ' '.join(names), 120)
                     .splitlines()[-1])
    region = guest.json('cxl list -R')[0]
    expect(region['decode_state'] == 'commit'
           and region['interleave_ways'] == len(names), str(region))
    fill(guest)


def fill(guest):
    """A file in memory of the node"""
    guest.run('''set -e
        mkdir -p /tmp/node
        mount -t tmpfs -o mpol=bind:%d,size=96m none /tmp/node
        head -c 20000000 /dev/urandom >/tmp/node/data
        sha256sum /tmp/node/data >/tmp/sums''' % guest.node)


def check(guest):
    guest.run('sha256sum -c /tmp/sums')


def undo(guest):
    guest.run('umount /tmp/node')
    give_up(guest)


def give_up(guest, used='daxctl offline-memory all'):
    """Take what uses the regions away by the command @used, and the regions"""
    guest.run('''set -e
        %s
        cxl disable-region -f all
        cxl destroy-region -f all''' % used, 240)
    expect(not guest.json('cxl list -R'), 'a region is still there')
    expect(not any(decoders(guest).values()),
           'still committed: %s' % decoders(guest))


def give_up_persistent(guest):
    give_up(guest, 'ndctl destroy-namespace -f all')


def again(guest):
    """made, used and undone as if nothing had been"""
    make(guest)
    expect(all(decoders(guest).values()), 'committed: %s' % decoders(guest))
    check(guest)
    undo(guest)
