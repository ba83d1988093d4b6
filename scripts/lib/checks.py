# SPDX-License-Identifier: GPL-2.0-or-later
"""What the check-* scripts share: the file list, reading C, telling faults.

A check is a list of rules. Each rule is one TAP case; each fault is a
diagnostic line "# file:line: what is wrong" before it. What the rules are is
in the scripts.
"""

import argparse
import bisect
import functools
import os
import re
import shutil
import subprocess
import sys

FLOORS = ('wire', 'core', 'commands', 'glue')
# What lower floors may include: no state, no objects, nothing to link.
QEMU_HEADERS = {
    'qemu/osdep.h', 'qemu/bswap.h', 'qemu/bitops.h', 'qemu/host-utils.h',
    'qemu/units.h', 'hw/core/registerfields.h',
}


def arguments(description):
    """A parser with the option that every check has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--root', default=os.path.dirname(os.path.dirname(
        os.path.dirname(os.path.realpath(__file__)))),
        help='the tree to check (default: the one of this script)')
    return parser


class Tree:
    """The files of a source tree, by path from its root."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._listed() or self._walked())
        if not self.paths:
            sys.exit('%s: there is nothing to check' % root)
        self._known = set(self.paths)

    def _listed(self):
        """Tracked files and new ones; None if this is no work tree, or a
        machine without git."""
        if (not os.path.exists(os.path.join(self.root, '.git')) or
                not shutil.which('git')):
            return None
        result = subprocess.run(
            ['git', '-C', self.root, 'ls-files', '-z', '-co',
             '--exclude-standard'], stdout=subprocess.PIPE, text=True,
            check=False)
        if result.returncode:
            return None
        return {path for path in result.stdout.split('\0')
                if path and os.path.isfile(os.path.join(self.root, path))}

    def _walked(self):
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != '__pycache__'
                          and not (folder == self.root
                                   and name in ('build', '.git'))]
            found += [os.path.relpath(os.path.join(folder, name), self.root)
                      for name in names]
        return found

    def match(self, pattern):
        """Paths that the regular expression matches from their start."""
        compiled = re.compile(pattern)
        return [path for path in self.paths if compiled.match(path)]

    def __contains__(self, path):
        return path in self._known

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        full = os.path.join(self.root, path)
        with open(full, encoding='utf-8', errors='replace') as stream:
            return stream.read()

    def lines(self, path):
        return self.text(path).splitlines()


class Report:
    """Collects the faults of each rule and prints them as TAP."""

    def __init__(self, name):
        self._name = name
        self._rules = []

    def rule(self, title):
        """Start a rule; faults that follow belong to it."""
        self._rules.append((title, [], []))

    def fault(self, path, line, words):
        self._rules[-1][1].append('%s:%d: %s' % (path, line, words))

    def note(self, words):
        self._rules[-1][2].append(words)

    def finish(self):
        """Print everything; returns the exit status."""
        failed = 0
        print('1..%d' % len(self._rules))
        for number, (title, faults, notes) in enumerate(self._rules, 1):
            for line in faults + notes:
                print('# ' + line)
            failed += bool(faults)
            print('%sok %d /check/%s/%s' % ('not ' if faults else '', number,
                                            self._name, title))
        sys.stdout.flush()
        return 1 if failed else 0


# Where a file lives

def floor(path):
    """The floor of a path, or None outside the house."""
    if re.match(r'include/hw/(common|cxl|dma/sdxi)/wire/', path):
        return 'wire'
    if re.match(r'hw/(common|(cxl|dma/sdxi|acpi/topology)/core)/', path):
        return 'core'
    if re.match(r'hw/(cxl/cci|dma/sdxi/ops)/', path):
        return 'commands'
    if re.match(r'(include/)?hw/', path):
        return 'glue'
    return None


def is_lower(path):
    return floor(path) in FLOORS[:3]


def subject(path):
    """'cxl', 'dma/sdxi', 'acpi/topology', 'common'... of a house path."""
    match = re.match(r'(?:include/)?hw/(cxl|dma/sdxi|acpi/topology|[^/]+)/',
                     path)
    return match.group(1) if match else None


# Reading C

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def _blank(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def without_comments(text):
    """Comments become spaces; strings and line numbers stay."""
    return TOKEN.sub(lambda match: _blank(match) if match.group(0)[0] == '/'
                     else match.group(0), text)


def bare(text):
    """Comments, strings and preprocessor lines become spaces."""
    return DIRECTIVE.sub(_blank, TOKEN.sub(_blank, text))


def comments(text):
    """(line, text) of every comment."""
    return [(line_of(text, match.start()), match.group(0))
            for match in TOKEN.finditer(text) if match.group(0)[0] == '/']


@functools.lru_cache(maxsize=8)
def _line_starts(text):
    return [0] + [match.end() for match in re.finditer('\n', text)]


def line_of(text, offset):
    return bisect.bisect_right(_line_starts(text), offset)


def includes(text):
    """(line, header, is_system) of every include."""
    return [(line_of(text, match.start()), match.group(2),
             match.group(1) == '<')
            for match in INCLUDE.finditer(without_comments(text))]


FUNCTION = re.compile(r'([A-Za-z_]\w*)\s*\([^{};=]*\)\s*$', re.S)


def functions(text):
    """(name, first line, last line) of every function body at file level."""
    code = bare(text)
    depth = 0
    found = []
    start = 0
    statement = 0
    for match in re.finditer(r'[{};]', code):
        mark = match.group(0)
        if mark == '{':
            if not depth:
                head = FUNCTION.search(code[statement:match.start()])
                name = head.group(1) if head else None
                start = statement + (head.start() if head else 0)
            depth += 1
        elif mark == '}':
            depth = max(depth - 1, 0)
            if not depth:
                if name:
                    found.append((name, line_of(code, start),
                                  line_of(code, match.start())))
                    name = None
                statement = match.end()
        elif not depth:
            statement = match.end()
    return found


def exceptions(tree, path):
    """{subject: (line, reason)} of a file of "SUBJECT: reason" lines."""
    if path not in tree:
        return {}
    found = {}
    for number, line in enumerate(tree.lines(path), 1):
        if line.strip() and not line.startswith('#'):
            name, _, reason = line.partition(': ')
            found[name.strip()] = (number, reason.strip())
    return found
