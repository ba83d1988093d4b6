#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kernels do not do by themselves: count, back-invalidate, and
listen to the errors of CXL ports, or to hot memory.

They are built without the driver of performance monitoring units
(CONFIG_CXL_PMU): it is built from the kernel's own source. With KERNEL= of
one's own it has to be there, or its tests are skipped. Back-invalidate is
switched on by a program of ours, cxl-bi, and the hotness monitoring unit is
read by another, cxl-hot. The errors of ports are unmasked by hand; then the
kernel's AER driver reports them.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402


def unit(guest):
    """Name of the first device's first monitoring unit"""
    return 'cxl_pmu_%s.0' % guest.memdevs()[0]


def need_driver(guest):
    guest.try_run('modprobe cxl_pmu || insmod /usr/lib/modules-extra/cxl_pmu.ko')
    if guest.try_run('test -d /sys/bus/cxl/drivers/cxl_pmu')[0]:
        expect(NO_MODULES, 'cxl_pmu was built, and the kernel does not take it')
        raise guests.Skip('this kernel has no cxl_pmu driver: %s' % NO_MODULES)


def count(guest, event, command):
    text = guest.run('pmu-count %s %s %s' % (unit(guest), event, command),
                     60)
    return int(re.search(r'count (\d+)', text).group(1))


def binds(guest):
    """the driver binds, and shows the events that there are"""
    need_driver(guest)
    where = '/sys/bus/event_source/devices/' + unit(guest)
    guest.wait('test -d ' + where)
    events = guest.run('ls %s/events' % where).split()
    for event in ('clock_ticks', 'm2s_req_memrd', 'm2s_rwd_memwrptl',
                  's2m_ndr_cmp', 's2m_drs_memdata', 's2m_drs_memdatanxm'):
        expect(event in events, '%s is not among %s' % (event, events))
    expect('m2s_rwd_memwr' not in events, 'there are no full writes')


def time_passes(guest):
    """clock ticks are nanoseconds"""
    need_driver(guest)
    ticks = count(guest, 'clock_ticks', 'sleep 1')
    expect(9e8 < ticks < 30e9, '%d ticks in a second' % ticks)


def online(guest):
    """The node of the first device's memory, and where that begins"""
    device = guest.memdevs()[0]
    if not guest.json('cxl list -R'):
        guest.run('cxl-online ' + device)
    region = '/sys/bus/cxl/devices/' + guest.json('cxl list -R')[0]['region']
    return (guest.run('cat %s/dax_region*/dax*.0/target_node' % region).strip(),
            guest.read(region + '/resource'))


def memory_counts(guest):
    """loads and stores that trap are counted, others than asked for not"""
    need_driver(guest)
    fill = 'node-fill 1 ' + online(guest)[0]
    for event in ('m2s_rwd_memwrptl', 's2m_ndr_cmp', 'm2s_req_memrd',
                  's2m_drs_memdata'):
        seen = count(guest, event, fill)
        expect(seen > 16384, '%s: %d for a MiB' % (event, seen))
    expect(count(guest, 's2m_drs_memdatanxm', fill) == 0, 'nothing missing')


def hottest_page(guest):
    """the hotness monitoring unit tells which page a program uses most"""
    where = guest.run('readlink -f /sys/bus/cxl/devices/'
                      + guest.memdevs()[0])
    function = re.findall(r'/(\w{4}:\w\w:\w\w\.\w)(?=/)', where)[-1]
    said = guest.run('cxl-hot %s %s %s' % ((function,) + online(guest)), 300)
    expect(said.startswith('hot: 0x'), said)


def path_to(guest, position):
    """PCI functions from the root port to a device below the switch"""
    where = guest.run('readlink -f /sys/bus/cxl/devices/'
                      + guest.memdevs()[position])
    path = re.findall(r'/(\w{4}:\w\w:\w\w\.\w)(?=/)', where)
    expect(len(path) == 4, 'no switch above: ' + where)
    return path


def back_invalidate(guest, position):
    """Exit status and output of cxl-bi for all functions above a device."""
    path = path_to(guest, position)
    return guest.try_run('cxl-bi ' + ' '.join(path)) + (path,)


def flits_everywhere(guest):
    """back-invalidate is switched on where every link has large flits"""
    status, text, path = back_invalidate(guest, 1)
    if ports_have_flits():
        expect(status == 0 and 'was on' in text, text)
        expect(text.count('committed after') == 2, text)
    else:
        expect(status == 3 and 'refused: %s: its link' % path[0] in text, text)


def small_flits(guest):
    """it is refused, and nothing changes, where one port has none"""
    status, text, path = back_invalidate(guest, 2)
    missing = path[2 if ports_have_flits() else 0]
    expect(status == 3 and 'refused: %s: its link' % missing in text, text)


def one_port_error(guest, bdf, name):
    """Retry threshold, which the kernel is told by AER, and does not clear"""
    bar = int(re.search(r'Memory at ([0-9a-f]+)',
                        guest.run('lspci -v -s ' + bdf)).group(1), 16)
    status = 'devmem %#x 32 ' % (bar + 0x108c)
    guest.run('devmem %#x 32 0' % (bar + 0x1090))
    guest.run('setpci -s %s ECAP_AER+14.l=0:4000' % bdf)
    expect(int(guest.run(status), 16) == 0, 'an error before there was one')
    guest.qmp.command('cxl-inject-correctable-error', type='retry-threshold',
                      path='/machine/peripheral/' + name)
    guest.wait('dmesg | grep "%s: .*CorrIntErr"' % bdf)
    expect(int(guest.run(status), 16) == 8, 'the status is not recorded')
    guest.run(status + '0xffffffff')
    expect(int(guest.run(status), 16) == 0, 'the status does not clear')


def port_errors(guest):
    """QMP: errors of root port, upstream and downstream port reach AER"""
    for bdf, name in zip(path_to(guest, 1), ('rp1', 'us0', 'ds0')):
        one_port_error(guest, bdf, name)


def ports_have_flits():
    """Since QEMU 11.0"""
    return machine.has_property('cxl-rp', 'x-256b-flit')


def switch():
    """Behind rp1: a port with large flits and one without, a device each."""
    def port(kind, more, flit='on'):
        return ['-device', 'cxl-%s,%s%s' % (
            kind, more, ',x-256b-flit=' + flit if ports_have_flits() else '')]
    capable = 'x-256b-flit=on,hdm-db=on'
    return (port('upstream', 'id=us0,bus=rp1')
            + port('downstream', 'id=ds0,bus=us0,port=0,chassis=0,slot=8')
            + port('downstream', 'id=ds1,bus=us0,port=1,chassis=0,slot=9',
                   'off')
            + machine.cxl_memory(1, persistent='', bus='ds0', extra=capable)
            + machine.cxl_memory(2, persistent='', bus='ds1', extra=capable))


if __name__ == '__main__':
    NO_MODULES = machine.add_modules()
    guests.main('pmu', [flits_everywhere, small_flits, port_errors,
                        binds, time_passes, memory_counts, hottest_page],
                machine.cxl_bridge() + switch() +
                machine.cxl_memory(0, persistent='', extra='direct=off,chmu=on'),
                append='iomem=relaxed')
