# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests without a kernel: compile a program of bare/, and start it."""

import os
import subprocess

import machine

FOLDER = os.path.join(machine.HERE, 'src', 'bare')
GOOD = 33                       # isa-debug-exit: twice 16, plus one
FLAGS = ('-O2 -Wall -Wextra -Werror -m64 -ffreestanding -fno-pic -no-pie '
         '-mno-red-zone -mgeneral-regs-only -fno-stack-protector -nostdlib '
         '-static -Wl,--build-id=none -Wl,--no-warn-rwx-segments').split()
COMMON = ('start.S', 'bare.c', 'bare-cxl.c')


def possible():
    """They are for x86_64, and compiled with the machine's own compiler."""
    return machine.arch() == 'x86_64' and os.uname().machine == 'x86_64'


def compile_program(name, where):
    """The program as a 32-bit ELF, which is what -kernel takes."""
    path = os.path.join(where, name)
    files = [os.path.join(FOLDER, f) for f in COMMON + (name + '.c',)]
    subprocess.run([os.environ.get('CC', 'cc'), *FLAGS, '-T',
                    os.path.join(FOLDER, 'bare.ld'), *files, '-o', path],
                   check=True)
    subprocess.run(['objcopy', '-O', 'elf32-i386', path, path + '.32'],
                   check=True)
    return path + '.32'


def start(kernel, devices, append, monitor, accel='tcg', cpus=1, extra=()):
    """Start it on a CXL machine; text comes from its standard output.

    What QEMU itself says goes where the test's own errors go.
    """
    argv = [machine.qemu()]
    for directory in machine.FIRMWARE:
        if os.path.isdir(directory):
            argv += ['-L', directory]
    argv += machine.base(memory='512M', cpus=cpus, windows=('cxl.0',))
    argv[argv.index('-accel') + 1] = accel
    argv += machine.cxl_bridge(2) + devices
    argv += ['-display', 'none', '-vga', 'none', '-no-reboot',
             '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
             '-serial', 'stdio',
             '-qmp', 'unix:%s,server=on,wait=off' % monitor,
             '-kernel', kernel, '-append', append, *extra]
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE)
