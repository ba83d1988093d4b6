#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Decoders flip while three processors use the memory: nothing goes stale.

    test-decoder-flip.py [SECONDS]

The guest is bare/decoder-flip.c, which needs no kernel. One device is
unplugged at half time.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import bare  # noqa: E402
import machine  # noqa: E402
from guest import Qmp, comment, connect  # noqa: E402

CASES = (
    ('threads, direct', 'tcg,thread=multi', 'on'),
    ('threads, trapping', 'tcg,thread=multi', 'off'),
    ('one thread, direct', 'tcg,thread=single', 'on'),
)


def one(kernel, accel, direct, seconds, where):
    """What is wrong, or None."""
    monitor = os.path.join(where, 'qmp')
    devices = []
    for index in range(2):
        devices += machine.cxl_memory(index, persistent='',
                                      extra='direct=' + direct)
    guest = bare.start(kernel, devices, 'seconds=%d' % seconds, monitor,
                       accel, cpus=4)
    try:
        qmp = Qmp(connect(monitor, time.monotonic() + 30,
                          lambda: guest.poll() is None))
        time.sleep(seconds / 2)
        qmp.command('device_del', id='mem1')
        output, _ = guest.communicate(timeout=seconds * 4 + 60)
    except subprocess.TimeoutExpired:
        return 'the guest hangs'
    finally:
        guest.kill()
        guest.wait()
    comment(output)
    if guest.returncode != bare.GOOD:
        return 'status %d' % guest.returncode
    if not re.search(r'^unplugged$', output, re.M):
        return 'the device was not unplugged'
    return None


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    if not bare.possible():
        print('1..0 # SKIP the program is for x86_64')
        return 0
    failed = 0
    print('1..%d' % len(CASES), flush=True)
    with tempfile.TemporaryDirectory(prefix='flip-') as where:
        kernel = bare.compile_program('decoder-flip', where)
        for number, (title, accel, direct) in enumerate(CASES, 1):
            problem = one(kernel, accel, direct, seconds, where)
            if problem:
                comment(problem)
            print('%sok %d - decoders flip: %s'
                  % ('not ' if problem else '', number, title), flush=True)
            failed += bool(problem)
    return 1 if failed else 0


if __name__ == '__main__':
    machine.main_with_errors(main)
