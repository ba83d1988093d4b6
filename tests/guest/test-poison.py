#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison that a program meets in interleaved memory: a machine check, SIGBUS,
the page offlined."""

import machine
import guest as guests
import poison


def loads_are_refused(guest):
    """every way of loading poison ends at the load, and nothing else does"""
    poison.online(guest)
    poison.meet(guest)
    poison.check_met(guest)


def pages_go_offline(guest):
    """Linux takes the pages out of use"""
    poison.check_offline(guest)


def the_device_says_the_same(guest):
    """lists and events of the devices name the lines that were met"""
    poison.check_device(guest)


TESTS = [loads_are_refused, pages_go_offline, the_device_says_the_same]

if __name__ == '__main__':
    guests.main('poison', TESTS,
                machine.cxl_bridge(2) +
                machine.cxl_memory(0, persistent='') +
                machine.cxl_memory(1, persistent=''))
