#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Persistent devices, interleaved, and the emulator killed at any moment.

    test-layout-kill.py [KILLS]

The guest is bare/layout-write.c. With a layout file the memory is mapped, and
the next start brings the files in device order; without one they are in device
order at any time.
"""

import os
import random
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import bare  # noqa: E402
import machine  # noqa: E402
from guest import Qmp, comment, connect, expect, GuestError  # noqa: E402

SLOTS = 2048                    # as in layout-write.c
MIB = 1 << 20


class Files:
    """The memory of both devices, and perhaps the layout file."""

    def __init__(self, where, layout):
        self.where = where
        self.layout = os.path.join(where, 'layout') if layout else None

    def devices(self):
        argv = []
        for index in range(2):
            extra = 'layout-file=' + self.layout if self.layout else ''
            argv += machine.cxl_memory(index, volatile='',
                                       directory=self.where, extra=extra)
        return argv

    def slots(self):
        """What is in the files, in device order."""
        found = []
        memory = [open(os.path.join(self.where, 'pmem%d' % i), 'rb')
                  for i in range(2)]
        for slot in range(SLOTS):
            memory[slot & 1].seek(slot // 2 * 0x1110)
            found.append(struct.unpack('<Q', memory[slot & 1].read(8))[0])
        for one in memory:
            one.close()
        return found


def monitor_of(guest, where):
    return Qmp(connect(os.path.join(where, 'qmp'), time.monotonic() + 60,
                       lambda: guest.poll() is None))


def kill_later(kernel, files, number, seconds):
    """Let the guest write, then kill -9 the emulator."""
    guest = bare.start(kernel, files.devices(), 'round=%d' % number,
                       os.path.join(files.where, 'qmp'))
    try:
        line = guest.stdout.readline()
        expect(line == 'writing\n', 'the guest says ' + line)
        time.sleep(seconds)
        expect(guest.poll() is None, 'the guest ended: status %s, %s' % (
            guest.poll(), guest.poll() is not None and guest.stdout.read()))
    finally:
        guest.kill()
        guest.wait()
        guest.stdout.close()


def start_and_stop(kernel, files):
    """A start that runs nothing, as the next user's would begin."""
    guest = bare.start(kernel, files.devices(), '',
                       os.path.join(files.where, 'qmp'), extra=['-S'])
    try:
        monitor_of(guest, files.where).command('quit')
        output, _ = guest.communicate(timeout=60)
    finally:
        guest.kill()
        guest.wait()
    expect(guest.returncode == 0, 'status %d: %s' % (guest.returncode,
                                                     output))


def last_round(slots):
    """Check that stores are there in the order in which they were made."""
    for number, value in enumerate(slots):
        expect(value & 0xffffffff == number or value == 0,
               'slot %d holds %#x' % (number, value))
    rounds = [value >> 32 for value in slots]
    newest = rounds[0]
    switch = rounds.index(newest - 1) if newest - 1 in rounds else SLOTS
    expect(all(r == newest for r in rounds[:switch])
           and all(r == newest - 1 for r in rounds[switch:]),
           'rounds are mixed: %s' % rounds)
    return newest, switch


def killed(kernel, where, layout, kills):
    """Returns in how many of the kills something was written."""
    files = Files(where, layout)
    number = 1
    middle = 0
    for _ in range(kills):
        kill_later(kernel, files, number, random.uniform(0, 0.7))
        if layout:
            start_and_stop(kernel, files)
        newest, switch = last_round(files.slots())
        expect(newest >= number - 1, 'round %d after %d' % (newest, number))
        middle += 0 < switch < SLOTS
        # the next one finds one round in all slots, or continues this one
        number = newest + 1 if switch == SLOTS else newest
    comment('%d kills, %d in the middle of a round, %d rounds'
            % (kills, middle, number))


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    if not bare.possible():
        print('1..0 # SKIP the program is for x86_64')
        return 0
    failed = 0
    print('1..2', flush=True)
    for test, layout in enumerate((True, False), 1):
        title = '%s layout file: every store is there after kill -9' \
            % ('with a' if layout else 'without a')
        with tempfile.TemporaryDirectory(prefix='layout-') as where:
            try:
                kernel = bare.compile_program('layout-write', where)
                killed(kernel, where, layout, kills)
                print('ok %d - %s' % (test, title), flush=True)
            except GuestError as error:
                comment(str(error))
                print('not ok %d - %s' % (test, title), flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    machine.main_with_errors(main)
