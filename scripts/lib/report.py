# SPDX-License-Identifier: GPL-2.0-or-later
"""Tell people, and machines (JUnit), how programs ended."""

import re
import shlex
import sys
import xml.etree.ElementTree as ET

from tap import Case

# Of so many programs that failed the closing list has the end of the log.
FULL_REPORTS = 5


def plural(passed, failed, skipped):
    text = '%d passed, %d failed' % (passed, failed)
    return text + ', %d skipped' % skipped if skipped else text


def tail(path, lines):
    try:
        with open(path, errors='replace') as stream:
            return stream.read().splitlines()[-lines:] if lines else []
    except OSError:
        return []


def print_program(program, done, total, tail_lines):
    skipped = program.count('skip')
    if program.failures:
        word = 'FAIL'
    else:
        word = 'ok' if program.count('pass') else 'SKIP'
    print('[%*d/%d] %-4s %-44s %7.2f s  %s'
          % (len(str(total)), done, total, word, program.label,
             program.seconds,
             plural(program.count('pass'), program.failures, skipped)))
    for case in program.cases:
        if case.state == 'skip':
            print('        skipped %s: %s' % (case.name, case.reason))
    if program.failures:
        print_failure(program, tail_lines)
    sys.stdout.flush()


def print_failure(program, tail_lines):
    for case in program.cases:
        if case.state == 'fail':
            print('        failed  %s' % case.name)
    for problem in program.problems:
        print('        problem %s' % problem)
    if program.command:
        words = ['%s=%s' % pair for pair in program.environment.items()]
        print('        command %s' % ' '.join(
            shlex.quote(word) for word in words + program.command))
    if program.log:
        print('        log     %s%s' % (program.log, ', the end of which is'
                                        if tail_lines else ''))
    for line in tail(program.log, tail_lines):
        print('        | ' + line)


def print_failed(programs, tail_lines):
    """What failed once more, where a reader of the end of a log sees it."""
    failed = [program for program in programs if program.failures]
    if failed:
        print('\nwhat failed:')
    for number, program in enumerate(failed):
        print('    %s' % program.label)
        print_failure(program, tail_lines if number < FULL_REPORTS else 0)


def xml_text(text):
    """XML 1.0 has no way to write most control characters."""
    return re.sub('[^\t\n\r\x20-\ud7ff\ue000-\ufffd]', '?', text)


def write_junit(programs, path):
    root = ET.Element('testsuites')
    for program in programs:
        suite = ET.SubElement(
            root, 'testsuite', name=program.label,
            tests=str(program.count('pass') + program.failures
                      + program.count('skip')),
            failures=str(program.failures),
            skipped=str(program.count('skip')),
            time='%.3f' % program.seconds)
        cases = list(program.cases)
        if program.problems:
            cases.append(Case('(program)', 'fail',
                              '; '.join(program.problems)))
        for case in cases:
            add_junit_case(suite, program, case)
    ET.ElementTree(root).write(path, encoding='utf-8', xml_declaration=True)


def add_junit_case(suite, program, case):
    element = ET.SubElement(suite, 'testcase', name=xml_text(case.name),
                            classname=program.label)
    if case.state == 'skip':
        ET.SubElement(element, 'skipped', message=xml_text(case.reason))
    elif case.state == 'fail':
        failure = ET.SubElement(element, 'failure',
                                message=xml_text(case.reason or 'failed'))
        failure.text = xml_text('\n'.join(tail(program.log, 200)))
