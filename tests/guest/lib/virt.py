# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests on arm's virt machine: importing this chooses the architecture, so it
comes before machine.py.
"""

import os
import shutil
import sys

os.environ['ARCH'] = 'aarch64'
if os.environ.get('QEMU'):
    os.environ['QEMU'] = os.environ['QEMU'].replace('-x86_64', '-aarch64')

import machine                                                # noqa: E402


def missing():
    """Why the guest cannot be built or run here; None if it can."""
    if not os.access(machine.setting('QEMU') or machine.build_dir(
            'bin', 'qemu-system-aarch64'), os.X_OK):
        return 'no qemu-system-aarch64'
    if os.uname().machine != 'aarch64' and \
            not shutil.which('aarch64-linux-gnu-gcc'):
        return 'no gcc-aarch64-linux-gnu to build the guest with'
    return None


def skip_if_missing():
    reason = missing()
    if reason:
        print('1..0 # SKIP ' + reason)
        sys.exit(0)
