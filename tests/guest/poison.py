# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison in a guest: put where poison-read asks for it, and what comes of it."""

import re

from guest import expect

PATH = '/machine/peripheral/mem0'
TRACING = '/sys/kernel/tracing'
PAGE = 4096


def inject(guest, hpa):
    """Poison a line of the only device; its first HPA is its first DPA."""
    expect(hpa >= guest.base, 'the page is not in the region')
    guest.qmp.command('cxl-inject-poison', path=PATH, start=hpa - guest.base,
                      length=64)


def online(guest):
    """Memory of the device as a node."""
    guest.node = int(guest.run('cxl-online').splitlines()[-1])
    guest.base = int(guest.json('cxl list -R -r region0')[0]['resource'])


def start(guest):
    """Have poison-read wait, with poison where it wants it."""
    guest.run('echo 1 >%s/events/cxl/cxl_general_media/enable' % TRACING)
    guest.run('rm -f /tmp/go; poison-read %d /tmp/go >/tmp/out 2>&1 &'
              % guest.node)
    guest.wait('grep -q ready /tmp/out')
    guest.lines = {name: int(hpa, 16) for name, hpa in (
        line.split() for line in guest.read('/tmp/out').splitlines()[:-1])}
    for hpa in guest.lines.values():
        inject(guest, hpa)


def meet(guest):
    """Let poison-read go all its ways on memory of guest.node.

    Fills guest.lines, the poisoned lines, and guest.met, what it printed, both
    by the name of the way.
    """
    start(guest)
    guest.run('touch /tmp/go')
    guest.wait('grep -qE "intact|damaged|:" /tmp/out', 60)
    text = guest.read('/tmp/out').partition('ready\n')[2]
    guest.met = dict((line + ' ').split(' ', 1) for line in text.splitlines())


# Ways that rewrite the whole line, and then load it
CURED = ('store-all', 'store-vectors', 'store-string')


def consumed(guest):
    """The lines that some load met"""
    return {hpa for name, hpa in guest.lines.items() if name not in CURED}


# BUS_MCEERR_AR is 4, EFAULT 14
REFUSED = {'system-call': 'errno 14'}


def check_met(guest, what='sigbus 4 page exact', special=REFUSED):
    """Every load meets the same, and repaired lines are good."""
    met = {name: text.strip() for name, text in guest.met.items()}
    expected = {name: special.get(name, what) for name in guest.lines}
    expected.update({name: 'read' for name in CURED})
    expected['intact'] = ''
    expect(met == expected, '\n'.join(
        '%s: %s, not %s' % (name, met.get(name), expected.get(name))
        for name in sorted(set(met) | set(expected))
        if met.get(name) != expected.get(name)))


def check_offline(guest):
    """Exactly the pages whose poison was met are out of use."""
    pages = {hpa // PAGE for hpa in consumed(guest)}
    guest.wait("grep -q 'HardwareCorrupted: *%d kB' /proc/meminfo"
               % (4 * len(pages)))
    log = guest.run('dmesg')
    failed = {int(pfn, 16) for pfn in re.findall(
        r'Memory failure: 0x([0-9a-f]+): recovery action .*: Recovered', log)}
    expect(failed == pages, 'offline: %s, not %s'
           % (sorted(map(hex, failed)), sorted(map(hex, pages))))


def traced(guest, event, words):
    """Addresses (dpa, hpa) of the traced events that have these words."""
    lines = guest.run('grep " %s:" %s/trace' % (event, TRACING)).splitlines()
    found = [dict(re.findall(r' ([dh]pa)=(?:0x)?([0-9a-f]+)', line))
             for line in lines if words in line]
    expect(all(len(f) == 2 for f in found), '\n'.join(lines))
    return sorted((int(f['dpa'], 16), int(f['hpa'], 16)) for f in found)


def check_device(guest):
    """List, events and monitor of the device name the lines, and so does
    the kernel."""
    lines = sorted((hpa - guest.base, hpa) for hpa in consumed(guest))
    events = traced(guest, 'cxl_general_media', "'Host Read'")
    expect(events == lines, 'events: %s, not %s' % (events, lines))
    guest.run('echo 1 >%s/events/cxl/cxl_poison/enable;'
              'echo 1 >/sys/bus/cxl/devices/mem0/trigger_poison_list' % TRACING)
    listed = traced(guest, 'cxl_poison', 'source=Internal')
    expect(listed == lines, 'list: %s, not %s' % (listed, lines))
    ranges = guest.qmp.command('query-cxl-poison', path=PATH)['ranges']
    expect([(r['start'], r['length'], r['source'], r['listed'])
            for r in ranges] ==
           [(dpa, 64, 'internal', True) for dpa, _ in lines],
           'not the list: %s' % ranges)
