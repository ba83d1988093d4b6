#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SDXI function on arm's virt machine, driven from user space."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import virt                     # first: it chooses the architecture
import guest as guests  # noqa: E402
import machine  # noqa: E402
from guest import expect  # noqa: E402


def found(guest):
    """lspci finds the function"""
    expect(guest.run('lspci -d ::1201').strip(), guest.run('lspci -n'))


def copies(guest):
    """sdxi-user: up, copies verified, interrupt, down"""
    text = guest.run('sdxi-user')
    expect('verified' in text, text)


def comes_up_again(guest):
    """sdxi-user: the function comes up again"""
    guest.run('sdxi-user --no-speed --size 64K')


if __name__ == '__main__':
    virt.skip_if_missing()
    guests.main('sdxi-virt', [found, copies, comes_up_again], machine.sdxi())
