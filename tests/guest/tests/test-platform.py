#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A platform as firmware makes it: a region that is there before the kernel."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402

MIB = 1 << 20


def devices():
    argv = machine.cxl_bridge()
    for index in range(2):
        argv += machine.cxl_memory(index, persistent='')
    return argv + ['-object', 'cxl-boot-region,id=boot,size=256M,devices=mem1']


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


if __name__ == '__main__':
    guests.main('platform', [region_before_kernel], devices())
