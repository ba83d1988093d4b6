# SPDX-License-Identifier: GPL-2.0-or-later
"""A test program, what came of it, and how its end is judged."""

import signal

EXIT_SKIP = 77
# Sanitizers must stop the program: a report that scrolls by proves nothing.
ENVIRONMENT = {
    'UBSAN_OPTIONS': ('halt_on_error=1:abort_on_error=1:'
                      'print_stacktrace=1'),
    'LC_ALL': 'C.UTF-8',
}


class ManifestError(Exception):
    """A line that cannot be understood; says where and why."""


class Program:
    """One manifest line, and after its run what came of it."""

    def __init__(self, suite, name, command, **settings):
        self.suite = suite
        self.name = name
        self.command = command
        self.environment = settings.get('environment', {})
        self.timeout = settings.get('timeout', 0)
        self.when = settings.get('when', 'parallel')
        self.exit_only = settings.get('exit_only', False)
        self.skip_reason = settings.get('skip_reason')
        self.build = settings.get('build')
        self.cases = []
        self.problems = []
        self.seconds = 0.0
        self.log = ''

    @property
    def label(self):
        return self.suite + '/' + self.name

    def count(self, state):
        return sum(1 for case in self.cases if case.state == state)

    @property
    def failures(self):
        """A program that broke without a failing case still failed once."""
        return self.count('fail') or (1 if self.problems else 0)


def describe_end(status):
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = 'signal %d' % -status
        return 'killed by ' + name
    return 'exit status %d' % status


def judge_tap(program, status, reader):
    reader.finish()
    program.cases = reader.cases
    program.problems += reader.problems
    ended_well = status == 0 or (status == EXIT_SKIP and reader.count('skip'))
    if not ended_well and (status < 0 or not reader.count('fail')):
        program.problems.insert(0, describe_end(status))
