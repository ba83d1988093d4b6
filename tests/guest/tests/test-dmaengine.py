#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SDXI below Linux's dmaengine: module/sdxi-dma.c and the kernel's dmatest."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

EXTRA = '/usr/lib/modules-extra/'


def engine_registers(guest):
    """the module probes the function and registers a channel"""
    guest.run('insmod %ssdxi-dma.ko' % EXTRA)
    guest.require('/sys/class/dma/dma0chan0', 'there is no channel')
    expect('sdxi-dma' in guest.run('lspci -k -d ::1201'), 'not bound')


def dmatest(guest, iterations, threads=1, size=16384):
    """Run the kernel's test; every thread must report no failure."""
    guest.run('dmesg -c >/dev/null')
    guest.run('insmod %sdmatest.ko iterations=%d threads_per_chan=%d '
              'test_buf_size=%d timeout=5000 channel=dma0chan0 run=1 wait=1'
              % (EXTRA, iterations, threads, size), 180)
    guest.run('cat /sys/module/dmatest/parameters/wait', 180)
    log = guest.run('dmesg')
    guest.run('rmmod dmatest')
    summary = re.findall(r'summary (\d+) tests, (\d+) failures', log)
    expect(len(summary) == threads
           and all(int(tests) == iterations and failures == '0'
                   for tests, failures in summary), log)


def one_thread(guest):
    """dmatest: 500 copies"""
    dmatest(guest, 500)


def four_threads(guest):
    """dmatest: 4 threads, 200 copies of up to 64 KiB each"""
    dmatest(guest, 200, 4, 65536)


def unbind_and_bind(guest):
    """unbind, bind and dmatest again, three times"""
    for _ in range(3):
        guest.run('''set -e
            cd /sys/bus/pci/drivers/sdxi-dma
            bdf=$(ls -d 0000:* | head -n 1)
            echo $bdf >unbind
            [ ! -e /sys/class/dma/dma0chan0 ]
            echo $bdf >bind
            cxl-wait 5 ls /sys/class/dma/dma0chan0''')
        dmatest(guest, 50)


def pages_move(guest):
    """pages go to a CXL node and back by Linux's migration and the function"""
    node = guest.run('cxl-online').splitlines()[-1]
    guest.run('insmod %ssdxi-move.ko' % EXTRA)
    guests.comment(guest.run('sdxi-cases migrate %s' % node, 180))
    guest.run('rmmod sdxi_move')


def unload(guest):
    """the module unloads and sdxi-user finds a function that works"""
    guest.run('rmmod sdxi_dma && sdxi-user --no-speed --size 64K')


def main():
    reason = machine.add_modules()
    if reason:
        print('1..0 # SKIP ' + reason)
        return 0
    guests.main('dmaengine',
                [engine_registers, one_thread, four_threads, unbind_and_bind,
                 pages_move, unload],
                machine.cxl_bridge(1) + machine.cxl_memory(0, persistent='')
                + machine.sdxi())
    return 0


machine.main_with_errors(main)
