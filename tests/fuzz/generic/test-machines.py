#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines for QEMU's generic fuzzer start, and have what it looks for.

    tests/fuzz/generic/test-machines.py BUILD

Each machine of machines.py is started by the emulator in BUILD. What the fuzzer
would find there is what generic_fuzz.c says: a glob names types of objects, and
all memory regions below them are taken, or regions by their own names.
"""

import fnmatch
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machines import MACHINES       # noqa: E402

REGION = 'memory-region'
# The fuzzer makes it, of a device of QEMU's for tests
OWN = 'sparse-mem'
# An I/O MMU of an earlier release knows less.
LACKS = re.compile(r"Property '((?:intel|amd)-iommu\.[\w-]+)' not found")


class Refused(Exception):
    """The emulator does not start the machine, or ends too early."""


class Machine:
    """An emulator that is asked by QMP."""

    def __init__(self, emulator, words):
        self.run = subprocess.Popen(
            [emulator, '-accel', 'qtest', '-display', 'none', '-qmp', 'stdio',
             *words.split()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        if 'QMP' not in self.run.stdout.readline():
            raise Refused(self.run.stderr.read().strip())
        self.ask('qmp_capabilities')

    def ask(self, command, **arguments):
        self.run.stdin.write(json.dumps(
            {'execute': command, 'arguments': arguments}) + '\n')
        self.run.stdin.flush()
        for line in self.run.stdout:
            answer = json.loads(line)
            if 'event' not in answer:
                return answer['return']
        raise Refused('it ended: ' + self.run.stderr.read().strip())

    def end(self):
        self.run.kill()
        self.run.communicate()

    def children(self, path):
        """Path and type of the objects below."""
        for member in self.ask('qom-list', path=path or '/'):
            if member['type'].startswith('child<'):
                yield path + '/' + member['name'], member['type'][6:-1]


def found(machine, globs, path='', within=frozenset()):
    """(glob, path of a region) of all that the globs name."""
    for child, kind in machine.children(path):
        if kind.startswith('container'):
            yield from found(machine, globs, child, within)
            continue
        here = {glob for glob in globs if fnmatch.fnmatchcase(
            kind.lower(), glob)} | within
        if REGION in kind:
            name = child.rsplit('/', 1)[1].lower()
            for glob in here | {glob for glob in globs
                                if fnmatch.fnmatchcase(name, glob)}:
                yield glob, child
            continue
        yield from found(machine, globs, child, here)


def trouble(emulator, objects, words):
    """None if each glob names a region at least."""
    globs = objects.lower().split()
    machine = None
    try:
        machine = Machine(emulator, words)
        have = {glob for glob, _ in found(machine, globs)}
    except Refused as reason:
        return str(reason)
    finally:
        if machine:
            machine.end()
    lost = [glob for glob in globs if glob not in have | {OWN}]
    return 'no memory region of ' + ', '.join(lost) if lost else None


def main():
    emulator = os.path.join(sys.argv[1], 'qemu-system-x86_64')
    chosen = sys.argv[2:] or list(MACHINES)
    failed = 0
    print('1..%d' % len(chosen))
    for number, name in enumerate(chosen, 1):
        said = trouble(emulator, *MACHINES[name])
        lacks = LACKS.search(said or '')
        if lacks:
            print('ok %d - %s # SKIP this QEMU has no %s'
                  % (number, name, lacks.group(1)))
            continue
        failed += bool(said)
        print('%sok %d - %s' % ('not ' if said else '', number, name))
        if said:
            print('# ' + said.replace('\n', '\n# '))
    sys.exit(bool(failed))


if __name__ == '__main__':
    main()
