# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel of a bzImage, unpacked here once: an emulated processor takes
seconds for it at each boot.

QEMU starts such a file by its PVH entry (the kernel's Documentation/arch/x86/
boot.rst, "The 32-bit boot protocol", has the other way). Where anything is
missing for that, the bzImage is as good.
"""

import os
import struct
import subprocess

PACKERS = {b'\x28\xb5\x2f\xfd': ['zstd', '-qdc'], b'\xfd7zXZ\0': ['xz', '-qdc'],
           b'\x1f\x8b': ['gzip', '-qdc']}


def payload(image):
    """What is packed in a bzImage; b'' if this is none (boot protocol 2.08)."""
    if image[0x202:0x206] != b'HdrS' or struct.unpack_from(
            '<H', image, 0x206)[0] < 0x208:
        return b''
    offset, length = struct.unpack_from('<II', image, 0x248)
    start = (image[0x1f1] + 1) * 512 + offset
    # the last four bytes are the size of what comes out
    return image[start:start + length - 4]


def unpack(packed):
    for magic, command in PACKERS.items():
        if packed.startswith(magic):
            try:
                return subprocess.run(command, input=packed, check=True,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL).stdout
            except (OSError, subprocess.CalledProcessError):
                break
    return b''


def has_pvh_entry(elf):
    """The note XEN_ELFNOTE_PHYS32_ENTRY, of either size of address"""
    return elf.startswith(b'\x7fELF') and any(
        struct.pack('<III4s', 4, size, 18, b'Xen') in elf for size in (4, 8))


def kernel(bzimage, directory):
    """Path of the unpacked kernel in @directory, or @bzimage itself."""
    path = os.path.join(directory, 'vmlinux')
    if os.path.exists(path) and \
            os.path.getmtime(path) == os.path.getmtime(bzimage):
        return path
    with open(bzimage, 'rb') as file:
        elf = unpack(payload(file.read()))
    if not has_pvh_entry(elf):
        return bzimage
    new = '%s.%d' % (path, os.getpid())
    try:
        with open(new, 'wb') as file:
            file.write(elf)
        times = os.stat(bzimage)
        os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
        os.rename(new, path)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        return bzimage
    return path
