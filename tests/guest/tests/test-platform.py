#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A platform as firmware makes it: regions that are there before the kernel."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20


def devices():
    argv = machine.cxl_bridge(3)
    for index in range(2):
        argv += machine.cxl_memory(index, persistent='')
    argv += machine.backend('accel', '256M')
    argv += ['-device', 'cxl-accel,id=acc0,bus=rp2,addr=0.0,multifunction=on,'
             'memdev=accel', '-device', 'sdxi,bus=rp2,addr=0.1']
    for region in ('boot,size=256M,devices=mem1', 'acc,size=256M,devices=acc0'):
        argv += ['-object', 'cxl-boot-region,id=' + region]
    return argv


def region_before_kernel(guest):
    """decoders set before the kernel: it finds the region, and its memory"""
    guest.run('cxl-settle')
    region = guest.json('cxl list -R')
    expect(len(region) == 1 and region[0]['size'] == 256 * MIB
           and region[0]['decode_state'] == 'commit', 'regions: %s' % region)
    guest.run('''set -e
        echo online_movable >/sys/devices/system/memory/auto_online_blocks
        daxctl online-memory all || true''', 120)
    node = guest.run('cat /sys/bus/cxl/devices/%s/dax_region*/dax*.0/'
                     'target_node' % region[0]['region']).strip()
    guest.wait('grep -q online /sys/devices/system/node/node%s/memory*/state'
               % node)
    guest.run('node-fill 4 ' + node, 120)


def accelerator(guest):
    """an accelerator: lspci reads what it is, its memory is where it was put"""
    said = guest.run('lspci -vv -d 1b36:00d6')
    expect(re.search(r'CXLCap:\s+Cache\+ IO\+ Mem\+', said), said)
    expect('Processing accelerators' in said, said)
    window = guest.qmp.command('query-cxl')['windows'][0]
    piece = [p for p in window['pieces'] if p['members'][0]['name'] == 'acc0']
    expect(piece and piece[0]['access'] == 'direct', window)
    word = 'devmem %#x 64' % (piece[0]['base'] + 8 * MIB)
    guest.run(word + ' 0x1122334455667788')
    said = guest.run(word)
    expect(int(said, 16) == 0x1122334455667788, said)


if __name__ == '__main__':
    guests.main('platform', [accelerator, region_before_kernel], devices())
