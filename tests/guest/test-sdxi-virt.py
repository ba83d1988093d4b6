#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SDXI function on arm's virt machine, driven from user space."""

import os
import shutil
import sys

os.environ['ARCH'] = 'aarch64'
if os.environ.get('QEMU'):
    os.environ['QEMU'] = os.environ['QEMU'].replace('-x86_64', '-aarch64')

import machine                                                # noqa: E402
import guest as guests                                        # noqa: E402
from guest import expect                                      # noqa: E402


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


def missing():
    """Why the guest cannot be built or run here; None if it can."""
    if not os.access(machine.setting('QEMU') or machine.qemu(), os.X_OK):
        return 'no qemu-system-aarch64'
    if os.uname().machine != 'aarch64' and \
            not shutil.which('aarch64-linux-gnu-gcc'):
        return 'no gcc-aarch64-linux-gnu to build the guest with'
    return None


if __name__ == '__main__':
    REASON = missing()
    if REASON:
        print('1..0 # SKIP ' + REASON)
        sys.exit(0)
    guests.main('sdxi-virt', [found, copies, comes_up_again], machine.sdxi())
