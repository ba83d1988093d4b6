#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison that a program meets in interleaved memory: a machine check, SIGBUS,
the page offlined."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
import moves  # noqa: E402
import poison  # noqa: E402


def loads_are_refused(guest):
    """every way of loading poison ends at the load, and nothing else does"""
    poison.online(guest)
    poison.meet(guest)
    poison.check_met(guest)


def poison_travels(guest):
    """a saved guest meets the poison when it runs again"""
    poison.start(guest)
    moves.through_file(guest)
    guest.run('touch /tmp/go')
    guest.met = poison.result(guest)
    poison.check_met(guest)


TESTS = [loads_are_refused, poison.pages_go_offline,
         poison.the_device_says_the_same, poison_travels]

if __name__ == '__main__':
    guests.main('poison', TESTS,
                machine.cxl_bridge(2) +
                machine.cxl_memory(0, persistent='') +
                machine.cxl_memory(1, persistent=''))
