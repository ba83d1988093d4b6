#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two SDXI functions on q35, driven from user space in a Linux guest."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402


def functions(guest):
    """PCI addresses of the SDXI functions."""
    return guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()


def found(guest):
    """lspci finds two functions of class 0x1201"""
    expect(len(functions(guest)) == 2, guest.run('lspci -n'))


def copies(guest):
    """sdxi-user: up, copies verified, interrupt, down"""
    text = guest.run('sdxi-user')
    expect('verified' in text, text)


def comes_up_again(guest):
    """sdxi-user: the same function comes up again, five times"""
    for _ in range(5):
        text = guest.run('sdxi-user --no-speed --size 64K')
        expect('all verified' in text, text)


def example(guest):
    """docs/examples/sdxi-copy.c copies"""
    expect(guest.run('sdxi-copy').strip() == 'copied', 'it does not')


def zeroing(guest):
    """sdxi-cases zero: 32 MiB, with figures"""
    guests.comment(guest.run('sdxi-cases zero', 180))


def priorities(guest):
    """sdxi-cases qos: contexts of two priorities, neither starves"""
    guests.comment(guest.run('sdxi-cases qos', 180))


def both_at_once(guest):
    """sdxi-user: both functions at the same time"""
    one, two = functions(guest)
    guest.run('''sdxi-user --device %s --no-speed --size 1M >/tmp/one 2>&1 &
        sdxi-user --device %s --no-speed --size 1M >/tmp/two 2>&1
        second=$?
        wait $!
        first=$?
        cat /tmp/one /tmp/two
        [ $first = 0 ] && [ $second = 0 ]''' % (one, two), 120)


def function_reset(guest):
    """a reset through sysfs leaves a function that works, nothing pending"""
    one = functions(guest)[0]
    guest.run('''set -e
        sdxi-user --device %s --no-speed --size 64K
        echo 1 >/sys/bus/pci/devices/%s/reset''' % (one, one))
    text = guest.run('sdxi-user --device %s --no-speed --size 64K' % one)
    expect('INTR makes MSI-X' in text,
           'an interrupt is pending after the reset:\n' + text)


def cxl_memory(guest):
    """sdxi-user: DRAM to CXL memory and back"""
    node = guest.run('cxl-online').splitlines()[-1]
    text = guest.run('sdxi-user --no-speed --src-node 0 --dst-node ' + node)
    expect('round trip' in text, text)


def two_owners(guest):
    """a function that a program has is refused to another, which says so"""
    one = functions(guest)[0]
    status, text = guest.try_run('sdxi-cases share %s %s' % (one, one), 120)
    expect(status and 'another program has the function' in text, text)
    guest.wait('! pidof sdxi-cases')
    guest.run('sdxi-user --device %s --no-speed --size 64K' % one)


def killed_program(guest):
    """a program that dies in the middle leaves a function that works"""
    one = functions(guest)[0]
    guest.run('''sdxi-user --device %s --size 8M >/dev/null 2>&1 &
        usleep 700000
        kill -9 $!
        wait
        sdxi-user --device %s --no-speed --size 64K''' % (one, one))


if __name__ == '__main__':
    guests.main('sdxi',
                [found, copies, comes_up_again, example, zeroing, priorities,
                 both_at_once, function_reset,
                 cxl_memory, two_owners, killed_program],
                machine.cxl_bridge(1) + machine.cxl_memory(0, persistent='')
                + machine.sdxi(0) + machine.sdxi(1))
