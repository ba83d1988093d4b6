# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the manifest of scripts/run-tests, which describes it."""

import re
import shlex
import sys

from mesontests import meson_programs
from program import ManifestError, Program

ASSIGNMENT = re.compile(r'^[A-Za-z_][A-Za-z0-9_]*=')


def parse_line(line, where):
    """The programs that a line names: one, or those of a build directory."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ManifestError('%s: %s' % (where, error)) from error
    if words[0] == 'meson' and len(words) > 2:
        return meson_programs(words[1], words[2:], where)
    if len(words) < 4:
        raise ManifestError('%s: wants SUITE NAME TIMEOUT '
                            'parallel|late|serial COMMAND' % where)
    suite, _, flag = words[0].partition(':')
    if flag not in ('', 'exit'):
        raise ManifestError('%s: "%s" is not ":exit"' % (where, flag))
    if words[2] == 'skip':
        return [Program(suite, words[1], [], skip_reason=' '.join(words[3:]))]
    return [parse_command(suite, flag == 'exit', words, where)]


def parse_command(suite, exit_only, words, where):
    try:
        timeout = float(words[2])
    except ValueError:
        timeout = 0
    if timeout <= 0:
        raise ManifestError('%s: timeout "%s" is not a positive number of '
                            'seconds' % (where, words[2]))
    if words[3] not in ('parallel', 'late', 'serial'):
        raise ManifestError('%s: "%s" is not parallel, late or serial'
                            % (where, words[3]))
    command = words[4:]
    environment = {}
    while command and ASSIGNMENT.match(command[0]):
        key, _, value = command.pop(0).partition('=')
        environment[key] = value
    if not command:
        raise ManifestError('%s: no command' % where)
    return Program(suite, words[1], command, environment=environment,
                   timeout=timeout, when=words[3], exit_only=exit_only)


def read_manifests(paths):
    programs = {}
    for path in paths or ['-']:
        try:
            with (sys.stdin if path == '-' else open(path)) as stream:
                lines = stream.read().splitlines()
        except OSError as error:
            raise ManifestError('%s: %s' % (path, error.strerror)) from error
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith('#'):
                continue
            where = '%s:%d' % (path, number)
            for program in parse_line(line, where):
                if program.label in programs:
                    raise ManifestError('%s: %s is listed twice'
                                        % (where, program.label))
                programs[program.label] = program
    return list(programs.values())
