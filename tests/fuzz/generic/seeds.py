# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs that QEMU's generic fuzzer begins with.

What an input means is said in generic_fuzz.c: operations, separated by the word
FUZZ, whose first byte says what is done. A region is named by its number among
those of the machine that are mapped, in the order of addresses, where a bridge
alone has five. So probes come first: each does one thing to one region, and a
trace event says whether that was the right one.
"""

import os
import re
import struct

SEPARATOR = b'FUZZ'
READ, WRITE, CONFIG_READ, CONFIG_WRITE = 2, 3, 4, 5
PATTERN, STEP = 7, 9
REGIONS = 48
FUNCTIONS = 6

# Mailbox of a memory device and of a switch, from the start of a BAR
MAILBOX_CONTROL, MAILBOX_COMMAND, MAILBOX_PAYLOAD = 0x104, 0x108, 0x120
# Sets of commands, how many each has at most, lengths of requests
COMMANDS = {
    0x0000: 6, 0x0100: 6, 0x0200: 3, 0x0300: 3, 0x0400: 3, 0x0500: 3,
    0x0600: 1, 0x4000: 1, 0x4100: 4, 0x4300: 9, 0x4400: 3, 0x4500: 6,
    0x4800: 4, 0x5100: 5, 0x5200: 3, 0x5300: 3, 0x5400: 8, 0x5500: 2,
    0x5600: 9,
}
LENGTHS = (0, 1, 2, 4, 8, 12, 16, 24, 32, 40, 64)

# Control and status of an SDXI function
SDXI = (0x0, 0x10, 0x10000, 0x10100, 0x20000, 0x20008, 0x20010, 0x20020,
        0x20028)


def write(region, offset, value, shift=3):
    return struct.pack('<BBBHIQ', WRITE, shift, region, 0, offset, value)


def read(region, offset, shift=3):
    return struct.pack('<BBBHI', READ, shift, region, 0, offset)


def config_write(function, register, value, shift=2):
    return struct.pack('<BBBHI', CONFIG_WRITE, shift, function, register,
                       value)


def config_read(function, register, shift=2):
    return struct.pack('<BBBH', CONFIG_READ, shift, function, register)


def pattern(data, index=0, stride=0):
    return struct.pack('<BBB', PATTERN, index, stride) + data


def command(region, opcode, lengths=LENGTHS):
    """A command with requests of all lengths, then what goes on behind it."""
    steps = []
    for length in lengths:
        steps += [write(region, MAILBOX_PAYLOAD, 1 << 32 | 1),
                  write(region, MAILBOX_COMMAND, length << 16 | opcode),
                  write(region, MAILBOX_CONTROL, 1, 2)]
    return steps + [bytes([STEP])] * 2


def sdxi(region, offset):
    """One register with what it may point to, then a doorbell."""
    return [pattern(bytes(range(1, 65)), 7, 1), pattern(b'\1' + bytes(63)),
            write(region, offset, 0x100000001), write(region, 0, 3),
            bytes([STEP]), read(region, offset),
            *[write(region + more, 0, 1) for more in range(1, 5)],
            bytes([STEP])]


# An SDXI function at work: the image of its memory, from BASE on
BASE = 0x400000
# Where the fuzzer has its own memory below BASE, and which region that is
MEMORY, MEMORY_START = 0, 0x200000
L2, L1, CONTROL, STATUS, INDEX, KEYS, LOG, RINGS, DATA = (
    BASE + 0x1000 * n for n in (0, 1, 2, 3, 4, 5, 6, 0x10, 0x40))
SLOTS = 1024
RING = 64 * SLOTS
NO_COMPLETION = 1
CONTEXTS = 2


def descriptor(kind, subtype, more=0, *words):
    words = list(words) + [0] * (6 - len(words))
    return [more << 32 | kind << 16 | subtype << 8 | 1, *words, NO_COMPLETION]


# Of the administrative context, and of the other
WORK = (
    [descriptor(2, 3, 0, 1 | 1 << 16), descriptor(2, 6, 1, 1 | 1 << 16),
     descriptor(2, 1, 0, 1 | 1 << 16), descriptor(2, 4, 0, 1 | 1 << 16)],
    [descriptor(1, 3, 4095, 0, DATA, DATA + 0x1000),
     descriptor(1, 4, 0x4000 - 1, 0, DATA, DATA + 0x2000),
     descriptor(1, 2, 15, 0, DATA, 1, 2), descriptor(4, 0, 0, 1 << 32),
     descriptor(3, 2, 3, 0, DATA, DATA + 8, 5)])


def image():
    """(address, 64 bits) of all that is not zero."""
    yield L2, L1 | 1
    yield KEYS, 1
    yield KEYS + 16, 1 | 2 | 1 << 4
    yield DATA, 0x0123456789abcdef
    for number in range(CONTEXTS):
        ring = RINGS + number * RING
        for at, value in (
                (L1 + 32 * number, (CONTROL + 64 * number) | 3),
                (L1 + 32 * number + 8, KEYS),
                (L1 + 32 * number + 16, 0xffffffff << 32 | 11 << 20),
                (CONTROL + 64 * number, ring | 0x31),
                (CONTROL + 64 * number + 8, SLOTS),
                (CONTROL + 64 * number + 16, STATUS + 16 * number),
                (CONTROL + 64 * number + 24, INDEX + 8 * number),
                (INDEX + 8 * number, len(WORK[number]))):
            yield at, value
        for slot, words in enumerate(WORK[number]):
            for word, value in enumerate(words):
                yield ring + 64 * slot + 8 * word, value
    yield STATUS, 1


def at_work(memory, start, registers):
    """
    Regions by their numbers: memory, whose address is @start, registers, and
    doorbells behind them.
    """
    steps = [write(memory, at - start, value)
             for at, value in image() if value]
    steps += [write(registers, register, value) for register, value in (
        (0x10, 0xffffffffffff), (0x20008, 0xb), (0x20008, 1),
        (0x20010, LOG | 3), (0x10000, L2), (0, 3))]
    steps += [bytes([STEP])] * 2
    for _ in range(3):
        for number in range(CONTEXTS):
            steps += [write(region, 0x1000 * number, len(WORK[number]))
                      for region in range(registers + 1, registers + 5)]
        steps.append(bytes([STEP]))
    return steps


def capabilities(function):
    """All of configuration space is read; then some of it is written."""
    steps = [config_read(function, register)
             for register in range(0x40, 0x400, 0x40)]
    return steps + [config_write(function, register, 0xffffffff)
                    for register in range(0x100, 0x400, 0x10)]


def probes():
    """(kind, region, steps)"""
    for region in range(REGIONS):
        yield 'mailbox', region, command(region, 0x0001, (0,))
        yield 'sdxi', region, [write(region, 0x10, 0)]


# The event that says that a probe was right
EVENTS = {'mailbox': 'memfab_cxl_command', 'sdxi': 'sdxi_reg_write'}


def once(numbers):
    """The fuzzer begins again behind the last region: what is not again."""
    for period in range(1, REGIONS):
        if all((number + period in numbers or number + period >= REGIONS) and
               (number - period in numbers or number < period)
               for number in numbers):
            return [number for number in numbers if number < period]
    return numbers


def found(log):
    """Kind: regions where it is, by what a run of all probes has said."""
    regions = {kind: [] for kind in EVENTS}
    kind = region = None
    for line in log.split('\n'):
        began = re.match(r'Running: .*/probe-(\w+)-(\d+)$', line)
        if began:
            kind, region = began.group(1), int(began.group(2))
        elif kind and line.startswith(EVENTS[kind] + ' '):
            regions[kind].append(region)
    return {kind: once(sorted(set(numbers)))
            for kind, numbers in regions.items()}


def seeds(regions):
    for region in regions['mailbox']:
        for group, count in COMMANDS.items():
            for opcode in range(group, group + count):
                yield ('command-%d-%04x' % (region, opcode),
                       command(region, opcode))
    for region in regions['sdxi']:
        for offset in SDXI:
            yield 'sdxi-%d-%x' % (region, offset), sdxi(region, offset)
        yield ('sdxi-%d-at-work' % region,
               at_work(MEMORY, MEMORY_START, region))
    for function in range(FUNCTIONS):
        yield 'function-%d' % function, capabilities(function)


def put(folder, name, steps):
    path = os.path.join(folder, name)
    with open(path, 'wb') as out:
        out.write(SEPARATOR.join(steps))
    return path


def write_probes(folder):
    """Paths, to be run in this order."""
    return [put(folder, 'probe-%s-%d' % (kind, region), steps)
            for kind, region, steps in probes()]


def write_seeds(folder, log):
    """@log is what has been said when the probes were run."""
    for name, steps in seeds(found(log)):
        put(folder, name, steps)
