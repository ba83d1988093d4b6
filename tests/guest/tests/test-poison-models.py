#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison as processors of different makers and models report it."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import poison  # noqa: E402
from guest import expect  # noqa: E402

# Where all processors enter, Linux waits a second for them; a busy host takes
# longer. Elsewhere it would wait for those that never come.
PATIENCE = 'mce=60000000'


def boot(cpu, cpus=2, extra='', append=''):
    """A guest on this processor, with the memory online"""
    return guests.Guest('poison-models', machine.cxl_bridge(1) +
                        machine.cxl_memory(0, persistent='', extra=extra) +
                        ['-cpu', cpu + ',-hypervisor', '-smp', str(cpus)],
                        append=append, boot_seconds=240)


def recovers(cpu, cpus=2, append=''):
    with boot(cpu, cpus, append=append) as guest:
        poison.online(guest)
        poison.meet(guest)
        poison.check_met(guest)
        poison.check_offline(guest)
        poison.check_device(guest)


def broadcast(_):
    """Intel without local checks: four processors enter, the guest goes on"""
    recovers('Skylake-Server', 4, PATIENCE)


def crowd(_):
    """Intel without local checks: programs meet poison at the same time"""
    with boot('Skylake-Server', 4, append=PATIENCE) as guest:
        poison.online(guest)
        guest.run('rm -f /tmp/go')
        lines = [poison.launch(guest, guest.node, number)
                 for number in range(4)]
        guest.run('touch /tmp/go')
        for number, guest.lines in enumerate(lines):
            guest.met = poison.result(guest, number)
            poison.check_met(guest)


def intel_identity(_):
    """Intel's form: the processor that loads enters"""
    recovers('max,vendor=GenuineIntel')


def amd_model(_):
    """AMD's form: a model that is given recovery"""
    recovers('EPYC,succor=on,overflow-recov=on', 4)


def without_recovery(_):
    """AMD without recovery: ones, a warning, and the guest goes on"""
    with boot('EPYC') as guest:
        poison.online(guest)
        poison.meet(guest)
        poison.check_met(guest, 'read', {'fetch': 'sigill'})
        poison.check_device(guest)
        expect("property 'poison-mode'" in guest.tail(), guest.tail())


def come_what_may(_):
    """poison-mode=trap: a guest without recovery panics"""
    with boot('EPYC', extra='poison-mode=trap') as guest:
        poison.online(guest)
        poison.start(guest)
        try:
            guest.run('touch /tmp/go; sleep 60')
        except guests.GuestError as error:
            expect('without MCA Recovery' in str(error), str(error))
        else:
            raise guests.GuestError('the guest does not panic')


def list_only(_):
    """poison-mode=list-only: the data, and the list"""
    with boot('EPYC', extra='poison-mode=list-only') as guest:
        poison.online(guest)
        poison.meet(guest)
        poison.check_met(guest, 'read', {})
        ranges = poison.ranges(guest)
        expect(len(ranges) == len(guest.lines), ranges)


TESTS = [broadcast, crowd, intel_identity, amd_model, without_recovery,
         come_what_may, list_only]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print('1..%d' % len(TESTS), flush=True)
    machine.build_image()
    good = [guests.run_test(number, test, None)
            for number, test in enumerate(TESTS, 1)]
    sys.exit(0 if all(good) else 1)


if __name__ == '__main__':
    machine.main_with_errors(main)
