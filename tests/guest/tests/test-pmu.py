#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux's driver of CXL performance monitoring units counts on a cxl-type3.

Debian's kernels are built without it (CONFIG_CXL_PMU): with KERNEL= of one's
own this test is a judge, otherwise it is skipped.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

UNIT = 'cxl_pmu_mem0.0'
WHERE = '/sys/bus/event_source/devices/' + UNIT


def need_driver(guest):
    guest.try_run('modprobe cxl_pmu || insmod /usr/lib/modules-extra/cxl_pmu.ko')
    if guest.try_run('test -d /sys/bus/cxl/drivers/cxl_pmu')[0]:
        raise guests.Skip('this kernel has no cxl_pmu driver')


def count(guest, event, command):
    text = guest.run('pmu-count %s %s %s' % (UNIT, event, command), 60)
    return int(re.search(r'count (\d+)', text).group(1))


def binds(guest):
    """the driver binds, and shows the events that there are"""
    need_driver(guest)
    guest.wait('test -d ' + WHERE)
    events = guest.run('ls %s/events' % WHERE).split()
    for event in ('clock_ticks', 'm2s_req_memrd', 'm2s_rwd_memwrptl',
                  's2m_ndr_cmp', 's2m_drs_memdata', 's2m_drs_memdatanxm'):
        expect(event in events, '%s is not among %s' % (event, events))
    expect('m2s_rwd_memwr' not in events, 'there are no full writes')


def time_passes(guest):
    """clock ticks are nanoseconds"""
    need_driver(guest)
    ticks = count(guest, 'clock_ticks', 'sleep 1')
    expect(9e8 < ticks < 30e9, '%d ticks in a second' % ticks)


def memory_counts(guest):
    """loads and stores that trap are counted, others than asked for not"""
    need_driver(guest)
    node = guest.run('cxl-online mem0').splitlines()[-1]
    fill = 'node-fill 1 ' + node
    for event in ('m2s_rwd_memwrptl', 's2m_ndr_cmp', 'm2s_req_memrd',
                  's2m_drs_memdata'):
        seen = count(guest, event, fill)
        expect(seen > 16384, '%s: %d for a MiB' % (event, seen))
    expect(count(guest, 's2m_drs_memdatanxm', fill) == 0, 'nothing missing')


if __name__ == '__main__':
    guests.main('pmu', [binds, time_passes, memory_counts],
                machine.cxl_bridge() +
                machine.cxl_memory(0, persistent='', extra='direct=off'))
