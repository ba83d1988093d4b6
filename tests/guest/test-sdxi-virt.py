#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SDXI function on arm's virt machine, driven from user space."""

import virt                     # first: it chooses the architecture
import guest as guests
import machine
from guest import expect


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
