# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison in a guest: put where poison-read asks for it, and what comes of it."""

import re

from guest import expect

TRACING = '/sys/kernel/tracing'
PAGE = 4096


def online(guest):
    """Memory of all devices as a node."""
    guest.node = int(guest.run('cxl-online').splitlines()[-1])
    find_region(guest)


def find_region(guest):
    """What there is to know of the only region: its members by position, as
    the kernel and as the monitor name them."""
    region = guest.json('cxl list -R -T')[0]
    names = [m['memdev'] for m in sorted(region['mappings'],
                                         key=lambda m: m['position'])]
    serials = {m['memdev']: m['serial'] for m in guest.json('cxl list -M')}
    guest.base = int(region['resource'])
    guest.granularity = region.get('interleave_granularity', PAGE)
    guest.members = [(name, '/machine/peripheral/mem%d'
                      % (serials[name] & 0xff)) for name in names]


def place(guest, hpa):
    """(position, DPA); the members' capacity is all in the region."""
    expect(hpa >= guest.base, 'the page is not in the region')
    chunk, offset = divmod(hpa - guest.base, guest.granularity)
    row, position = divmod(chunk, len(guest.members))
    return position, row * guest.granularity + offset


def inject(guest, hpa):
    position, dpa = place(guest, hpa)
    guest.qmp.command('cxl-inject-poison', path=guest.members[position][1],
                      start=dpa, length=64)


def launch(guest, where, number=0):
    """Have one more poison-read wait, with poison where it wants it: in memory
    of a node, or of a file. The lines by the name of the way."""
    out = '/tmp/out%d' % number
    guest.run('poison-read %s /tmp/go >%s 2>&1 &' % (where, out))
    guest.wait('grep -q ready ' + out)
    lines = {name: int(hpa, 16) for name, hpa in (
        line.split() for line in guest.read(out).splitlines()[:-1])}
    for hpa in lines.values():
        inject(guest, hpa)
    return lines


def start(guest, where=None):
    guest.run('echo 1 >%s/events/cxl/cxl_general_media/enable; rm -f /tmp/go'
              % TRACING)
    guest.lines = launch(guest, where or guest.node)


def result(guest, number=0):
    """What the program printed, by the name of the way"""
    out = '/tmp/out%d' % number
    guest.wait('grep -qE "intact|damaged|:" ' + out, 240)
    text = guest.read(out).partition('ready\n')[2]
    return dict((line + ' ').split(' ', 1) for line in text.splitlines())


def meet(guest, where=None):
    """Let poison-read go all its ways.

    Fills guest.lines, the poisoned lines, and guest.met, what it printed, both
    by the name of the way.
    """
    start(guest, where)
    guest.run('touch /tmp/go')
    guest.met = result(guest)


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


def check_offline(guest, counted=True):
    """Exactly the pages whose poison was met are out of use; the kernel does
    not count those of persistent memory."""
    pages = {hpa // PAGE for hpa in consumed(guest)}
    if counted:
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
    """List, events and monitor of the devices name the lines, and so does
    the kernel."""
    lines = sorted((place(guest, hpa)[1], hpa) for hpa in consumed(guest))
    events = traced(guest, 'cxl_general_media', "'Host Read'")
    expect(events == lines, 'events: %s, not %s' % (events, lines))
    guest.run('echo 1 >%s/events/cxl/cxl_poison/enable' % TRACING)
    for name, _ in guest.members:
        guest.run('echo 1 >/sys/bus/cxl/devices/%s/trigger_poison_list' % name)
    listed = traced(guest, 'cxl_poison', 'source=Internal')
    expect(listed == lines, 'list: %s, not %s' % (listed, lines))
    expect(sorted(ranges(guest)) ==
           sorted((*place(guest, hpa), 64, 'internal', True)
                  for _, hpa in lines), 'the monitor: %s' % ranges(guest))


def ranges(guest):
    """What the monitor knows: position, start, length, source, listed"""
    return [(position, r['start'], r['length'], r['source'], r['listed'])
            for position, (_, path) in enumerate(guest.members)
            for r in guest.qmp.command('query-cxl-poison',
                                       path=path)['ranges']]


# Tests that several programs have in common

def pages_go_offline(guest):
    """Linux takes the pages out of use"""
    check_offline(guest)


def the_device_says_the_same(guest):
    """lists and events of the devices name the lines that were met"""
    check_device(guest)
