# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the Test Anything Protocol, one line at a time.

The reader judges only what was printed: results, plans, subtests, bail outs.
How the program ended (exit status, signal, timeout) is run-tests' business.

Leaves are counted, never their parents: GLib from 2.78 on nests one level per
path component, and a summary line would otherwise count its cases twice.
"""

import re

RESULT = re.compile(r'^( *)(not )?ok\b(?:[ \t]+(\d+))?(?:[ \t]+(.*))?$')
PLAN = re.compile(r'^( *)1\.\.(\d+)[ \t]*(?:#[ \t]*(.*))?$')
BAIL = re.compile(r'^ *Bail out!\s*(.*)$')
DIRECTIVE = re.compile(r'(?:^|\s)#\s*(skip|todo)\S*\s*(.*)$', re.IGNORECASE)
INDENT = 4


class Case:
    """One test point: what it is called and how it went."""

    def __init__(self, name, state, reason=''):
        self.name = name
        self.state = state              # 'pass', 'fail' or 'skip'
        self.reason = reason


class Level:
    """What is known about one nesting level while it is open."""

    def __init__(self):
        self.plan = None
        self.seen = 0
        self.failed = False


class TapReader:
    """Feed it lines, call finish() once, then read cases and problems."""

    def __init__(self):
        self.cases = []
        self.problems = []              # faults of the report itself
        self._levels = [Level()]
        self._diagnostics = []

    def feed(self, line):
        line = line.rstrip('\r\n')
        for pattern, action in ((PLAN, self._plan), (RESULT, self._result),
                                (BAIL, self._bail)):
            match = pattern.match(line)
            if match:
                action(match)
                return

    def finish(self):
        while self._levels:
            self._close(self._levels.pop())
        if not self.cases and not self.problems:
            self.problems.append('no test ran')

    def count(self, state):
        return sum(1 for case in self.cases if case.state == state)

    def _level(self, indent):
        """The level of this indentation; deeper ones stay open."""
        depth = len(indent) // INDENT
        while len(self._levels) <= depth:
            self._levels.append(Level())
        return depth, self._levels[depth]

    def _close(self, level):
        if level.plan is None:
            if level.seen or not self._levels:
                self.problems.append('no plan was printed')
        elif level.plan != level.seen:
            self.problems.append('planned %d tests, saw %d'
                                 % (level.plan, level.seen))

    def _plan(self, match):
        _, level = self._level(match.group(1))
        if level.plan is not None:
            self.problems.append('more than one plan')
        level.plan = int(match.group(2))
        if level.plan == 0:
            words = re.sub(r'^skip\S*\s*', '', match.group(3) or '',
                           flags=re.IGNORECASE)
            if match.group(3):
                self.cases.append(Case('(all)', 'skip', words or 'no reason'))

    def _result(self, match):
        depth, level = self._level(match.group(1))
        children = self._levels[depth + 1:]
        del self._levels[depth + 1:]
        for child in reversed(children):
            self._close(child)
        level.seen += 1
        if match.group(3) and int(match.group(3)) != level.seen:
            self.problems.append('test %s came as number %d'
                                 % (match.group(3), level.seen))
        case = self._case(match.group(2), match.group(4) or '', level.seen)
        below_failed = any(child.failed for child in children)
        level.failed |= below_failed or case.state == 'fail'
        is_summary = any(child.seen for child in children)
        if not is_summary or (case.state == 'fail' and not below_failed):
            self.cases.append(case)

    @staticmethod
    def _case(negated, text, number):
        directive = DIRECTIVE.search(text)
        name = DIRECTIVE.sub('', text).strip()
        name = re.sub(r'^-\s*', '', name) or 'test %d' % number
        if directive and (directive.group(1).lower() == 'todo' or not negated):
            reason = directive.group(2).strip() or 'no reason'
            return Case(name, 'skip', reason)
        return Case(name, 'fail' if negated else 'pass')

    def _bail(self, match):
        self.problems.append('bailed out: ' + (match.group(1) or 'no reason'))
