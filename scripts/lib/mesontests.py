# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that a build directory declares as tests, run by `meson test`.

tests/meson.build names them memfab/SUITE/NAME. Meson runs them, as many at a
time as it is told to, with their timeouts, and writes what each printed to a
log of one JSON object per line; here that log is followed and judged.
"""

import fnmatch
import json
import os
import signal
import subprocess
import time

from program import ENVIRONMENT, ManifestError, Program, judge_tap
from tap import TapReader

PREFIX = 'memfab/'
# What Meson calls its logs; those of QEMU's own tests stay.
LOG_BASE = 'memfab'
# The emulators of a test; without them it cannot say anything.
EMULATORS = ('QTEST_QEMU_BINARY', 'MEMFAB_QEMU')
POLL_SECONDS = 0.5
GRACE_SECONDS = 10


def meson_programs(build, patterns, where):
    """Those whose SUITE/NAME fits a pattern; each pattern must fit one."""
    try:
        with open(os.path.join(build, 'meson-info',
                               'intro-tests.json')) as stream:
            known = json.load(stream)
    except OSError as error:
        raise ManifestError('%s: %s: %s' % (where, error.filename,
                                            error.strerror)) from error
    tests = {test['name'][len(PREFIX):]: test for test in known
             if test['name'].startswith(PREFIX)}
    chosen = []
    for pattern in patterns:
        fitting = fnmatch.filter(tests, pattern)
        if not fitting:
            raise ManifestError('%s: %s knows no test "%s"'
                                % (where, build, pattern))
        chosen += [meson_program(build, label, tests[label])
                   for label in fitting]
    return chosen


def meson_program(build, label, test):
    suite, _, name = label.partition('/')
    unbuilt = [path for path in map(test['env'].get, EMULATORS)
               if path and not os.path.exists(path)]
    skip = '%s is not built' % os.path.relpath(unbuilt[0]) if unbuilt else None
    return Program(suite, name, test['cmd'], environment=test['env'],
                   timeout=test['timeout'], when='meson', build=build,
                   skip_reason=skip)


def end_with_tests(process):
    """Ends a `meson test` and what it runs, whether or not it obeys.

    A Meson that is told to end while it starts a test kills the test's first
    process and waits for the others. Each test has a session of its own.
    """
    sessions = {process.pid} | sessions_of_children(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        sessions |= sessions_of_children(process.pid)
        process.kill()
        process.wait()
    for pid, (_, session) in processes().items():
        if session in sessions:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def sessions_of_children(parent):
    return {session for ppid, session in processes().values()
            if ppid == parent}


def processes():
    """{process: (its parent, its session)}, from /proc."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % pid, 'rb') as stream:
                # the name before ")" may hold anything
                fields = stream.read().rpartition(b')')[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(pid)] = (int(fields[1]), int(fields[3]))
    return found


class JsonLog:
    """Whole lines of a file that somebody else writes."""

    def __init__(self, path):
        self._path = path
        self._stream = None
        self._rest = ''

    def entries(self):
        if self._stream is None:
            if not os.path.exists(self._path):
                return
            self._stream = open(self._path)
        lines = (self._rest + self._stream.read()).split('\n')
        self._rest = lines.pop()
        for line in lines:
            yield json.loads(line)


class MesonRun:
    """One `meson test`: calls finish() with each program that has ended."""

    def __init__(self, build, programs, out, finish):
        self._build = build
        self._waiting = {PREFIX + program.label: program
                         for program in programs}
        self._out = out
        self._finish = finish
        self._log = os.path.join(build, 'meson-logs', LOG_BASE + '.json')
        self._said = os.path.join(out, 'meson.log')

    def run(self, jobs, scale, tick):
        """Calls tick() now and then."""
        self._leave_out_what_is_not_built()
        if not self._waiting:
            return
        if os.path.exists(self._log):
            os.unlink(self._log)
        log = JsonLog(self._log)
        process = self._start(jobs, scale)
        try:
            while process.poll() is None:
                time.sleep(POLL_SECONDS)
                self._take(log)
                tick()
        except KeyboardInterrupt:
            end_with_tests(process)
            self._take(log)
            raise
        self._take(log)
        self._missing()

    def _leave_out_what_is_not_built(self):
        """Meson would not begin."""
        for name, program in list(self._waiting.items()):
            if not os.path.exists(program.command[0]):
                program.problems = ['cannot run %s: it is not built'
                                    % program.command[0]]
                self._finish(self._waiting.pop(name))

    def _start(self, jobs, scale):
        own = os.path.join(self._build, 'pyvenv', 'bin', 'meson')
        meson = own if os.path.exists(own) else 'meson'
        with open(self._said, 'w') as said:
            return subprocess.Popen(
                [meson, 'test', '-C', self._build, '--no-rebuild', '--quiet',
                 '--logbase', LOG_BASE, '--num-processes', str(jobs),
                 '--timeout-multiplier', str(scale), *self._waiting],
                stdin=subprocess.DEVNULL, stdout=said,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**ENVIRONMENT, **os.environ})

    def _take(self, log):
        for entry in log.entries():
            # "name" may have a decoration behind it
            program = self._waiting.pop(entry['name'].split(' ')[-1], None)
            if program:
                self._judge(program, entry)
                self._finish(program)

    def _judge(self, program, entry):
        printed = entry.get('stdout') or ''
        complaints = entry.get('stderr') or ''
        program.seconds = entry['duration']
        program.log = os.path.join(self._out, program.suite,
                                   program.name + '.log')
        os.makedirs(os.path.dirname(program.log), exist_ok=True)
        with open(program.log, 'w') as stream:
            stream.write(printed + complaints)
        reader = TapReader()
        for line in printed.splitlines():
            reader.feed(line)
        if entry['result'] in ('TIMEOUT', 'INTERRUPT'):
            reader.finish()
            program.cases = reader.cases
            program.problems = [
                'interrupted' if entry['result'] == 'INTERRUPT' else
                'timed out after %.3g s' % program.timeout]
        else:
            judge_tap(program, entry['returncode'], reader)

    def _missing(self):
        for program in self._waiting.values():
            program.problems = ['Meson did not run it']
            program.log = self._said
            self._finish(program)
