#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/run-tests judged from outside: small programs, known verdicts."""

import json
import os
import re
import signal
import subprocess
import time
import xml.etree.ElementTree as ET

from tapsuite import expect, main, run, script, write

RUN_TESTS = script('run-tests')

# What is said about the real run is not meant for these.
os.environ.pop('TIMEOUT_SCALE', None)


def verdict(directory, manifest, *options):
    """Run a manifest; returns (status, output, last line)."""
    status, output = run(RUN_TESTS, '--out', directory + '/out', '-j', '4',
                         *options, text=manifest)
    return status, output, output.splitlines()[-1]


def shell(text, suite='unit', timeout='20', mode='parallel', name='x'):
    return "%s %s %s %s sh -c '%s'\n" % (suite, name, timeout, mode, text)


def expect_verdict(directory, manifest, status, last, *fragments):
    got, output, line = verdict(directory, manifest)
    expect(got == status and line == last, 'wanted', status, last,
           'got', got, output)
    for fragment in fragments:
        expect(fragment in output, 'no "%s" in' % fragment, output)


def test_all_pass(directory):
    expect_verdict(directory, shell('echo 1..2; echo ok 1 a; echo ok 2 b'),
                   0, '2 passed, 0 failed')


def test_plan_may_come_last(directory):
    expect_verdict(directory, shell('echo ok 1 a; echo 1..1'),
                   0, '1 passed, 0 failed')


def test_failing_case_is_named_with_log(directory):
    expect_verdict(
        directory,
        shell('echo 1..2; echo ok 1 a; echo because >&2; echo not ok 2 /b/c;'
              'exit 1'),
        1, '1 passed, 1 failed', 'failed  /b/c', '| because',
        'out/unit/x.log')


def test_failures_are_repeated_before_the_summary(directory):
    status, output, line = verdict(
        directory,
        shell('echo because >&2; echo 1..1; echo not ok 1 /b/c', name='first')
        + shell('echo 1..1; echo ok 1 a', mode='serial', name='last'))
    end = output.split('what failed:')[-1]
    expect(status == 1 and line == '1 passed, 1 failed', output)
    expect('unit/first' in end and '/b/c' in end and '| because' in end
           and 'unit/last' not in end, output)


def test_nothing_is_repeated_when_all_pass(directory):
    _, output, _ = verdict(directory, shell('echo 1..1; echo ok 1 a'))
    expect('what failed' not in output, output)


def test_failing_case_fails_even_with_status_zero(directory):
    expect_verdict(directory, shell('echo 1..1; echo not ok 1 a'),
                   1, '0 passed, 1 failed')


def test_skip_prints_its_reason(directory):
    expect_verdict(
        directory,
        shell('echo 1..2; echo ok 1 a; echo "ok 2 /b # SKIP no such bus"'),
        0, '1 passed, 0 failed, 1 skipped', 'skipped /b: no such bus')


def test_whole_program_may_skip(directory):
    expect_verdict(
        directory, shell('echo "1..0 # SKIP no kvm"')
        + shell('echo 1..1; echo ok 1 a', name='y'),
        0, '1 passed, 0 failed, 1 skipped', 'no kvm')


def test_todo_counts_as_skip_never_as_pass(directory):
    expect_verdict(
        directory,
        shell('echo 1..2; echo "not ok 1 a # TODO later"; echo ok 2 b'),
        0, '1 passed, 0 failed, 1 skipped', 'skipped a: later')


def test_failed_case_with_skip_word_still_fails(directory):
    expect_verdict(directory,
                   shell('echo 1..1; echo "not ok 1 a # SKIP maybe"'),
                   1, '0 passed, 1 failed')


def test_missing_plan(directory):
    expect_verdict(directory, shell('echo ok 1 a'), 1, '1 passed, 1 failed',
                   'no plan')


def test_plan_not_reached(directory):
    expect_verdict(directory, shell('echo 1..3; echo ok 1 a'),
                   1, '1 passed, 1 failed', 'planned 3 tests, saw 1')


def test_wrong_number(directory):
    expect_verdict(directory, shell('echo 1..2; echo ok 1 a; echo ok 7 b'),
                   1, '2 passed, 1 failed', 'test 7 came as number 2')


def test_no_output(directory):
    expect_verdict(directory, shell('true'), 1, '0 passed, 1 failed')


def test_empty_plan_is_failure(directory):
    expect_verdict(directory, shell('echo 1..0'), 1, '0 passed, 1 failed',
                   'no test ran')


def test_crash_after_partial_output(directory):
    expect_verdict(
        directory, shell('echo 1..2; echo ok 1 a; kill -ABRT $$'),
        1, '1 passed, 1 failed', 'killed by SIGABRT')


def test_crash_after_full_output(directory):
    expect_verdict(directory, shell('echo 1..1; echo ok 1 a; kill -SEGV $$'),
                   1, '1 passed, 1 failed', 'killed by SIGSEGV')


def test_bad_status_after_full_output(directory):
    expect_verdict(directory, shell('echo 1..1; echo ok 1 a; exit 23'),
                   1, '1 passed, 1 failed', 'exit status 23')


def test_bail_out(directory):
    expect_verdict(directory,
                   shell('echo 1..1; echo ok 1 a; echo Bail out! no disk'),
                   1, '1 passed, 1 failed', 'bailed out: no disk')


SUBTESTS = '''
TAP version 14
# Subtest: cxl
    # Subtest: poison
        ok 1 /cxl/poison/insert
        not ok 2 /cxl/poison/merge
        1..2
    not ok 1 poison
    ok 2 /cxl/plain
    1..2
not ok 1 cxl
1..1
'''


def test_subtests_count_leaves_only(directory):
    path = write(directory, 'tap', SUBTESTS)
    expect_verdict(directory, 'unit x 5 parallel cat %s\n' % path,
                   1, '2 passed, 1 failed', 'failed  /cxl/poison/merge')


def test_subtest_plan_is_checked(directory):
    path = write(directory, 'tap',
                 '    ok 1 a\n    1..2\nok 1 parent\n1..1\n')
    expect_verdict(directory, 'unit x 5 parallel cat %s\n' % path,
                   1, '1 passed, 1 failed', 'planned 2 tests, saw 1')


def test_failing_parent_of_passing_children(directory):
    path = write(directory, 'tap',
                 '    ok 1 a\n    1..1\nnot ok 1 parent\n1..1\n')
    expect_verdict(directory, 'unit x 5 parallel cat %s\n' % path,
                   1, '1 passed, 1 failed', 'failed  parent')


def test_timeout_kills_the_whole_group(directory):
    pidfile = directory + '/pid'
    start = time.monotonic()
    expect_verdict(
        directory,
        shell('sleep 60 & echo $! > %s; echo 1..1; wait' % pidfile,
              timeout='0.5'),
        1, '0 passed, 1 failed', 'timed out after 0.5 s')
    expect(time.monotonic() - start < 15, 'took too long')
    expect(is_gone(int(open(pidfile).read())), 'grandchild lives')


def test_deaf_program_is_killed(directory):
    expect_verdict(
        directory,
        shell('trap : TERM; while :; do sleep 1; done', timeout='0.3'),
        1, '0 passed, 1 failed', 'timed out')


def test_background_child_does_not_hold_the_run(directory):
    start = time.monotonic()
    expect_verdict(directory,
                   shell('sleep 60 & echo 1..1; echo ok 1 a'),
                   0, '1 passed, 0 failed')
    expect(time.monotonic() - start < 15, 'waited for the child')


def is_gone(pid):
    for _ in range(50):
        try:
            with open('/proc/%d/stat' % pid) as stream:
                if stream.read().rsplit(')', 1)[1].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def test_exit_status_programs(directory):
    manifest = (shell('exit 0', 'guest:exit', name='a')
                + shell('exit 3', 'guest:exit', name='b')
                + shell('echo no kernel here; exit 77', 'guest:exit',
                        name='c'))
    expect_verdict(directory, manifest, 1,
                   '1 passed, 1 failed, 1 skipped', 'exit status 3',
                   'skipped c: no kernel here')


def test_exit_status_timeout(directory):
    expect_verdict(directory, shell('sleep 9', 'guest:exit', timeout='0.2'),
                   1, '0 passed, 1 failed', 'timed out')


def test_manifest_can_skip(directory):
    expect_verdict(
        directory, 'guest boot skip no kernel found\n'
        + shell('exit 0', 'guest:exit'),
        0, '1 passed, 0 failed, 1 skipped', 'no kernel found')


def test_only_skips_is_failure(directory):
    expect_verdict(directory, 'guest boot skip no kernel found\n',
                   1, '0 passed, 0 failed, 1 skipped', 'nothing ran')


def test_nothing_ran(directory):
    expect_verdict(directory, '# empty\n\n', 1, '0 passed, 0 failed')


def test_command_not_found(directory):
    expect_verdict(directory, 'unit x 5 parallel /nonexistent/program\n',
                   1, '0 passed, 1 failed', 'cannot run')


def test_environment_of_a_line(directory):
    expect_verdict(directory, "unit x 5 parallel A=b C='d e' sh -c "
                   "'echo 1..1; echo ok 1 $A-$C; test \"$C\" = \"d e\"'\n",
                   0, '1 passed, 0 failed')


def test_undefined_behaviour_stops_programs(directory):
    expect_verdict(directory, shell(
        'echo 1..1; case $UBSAN_OPTIONS in *halt_on_error=1*) echo ok 1 a;;'
        'esac'), 0, '1 passed, 0 failed')


def test_bad_manifests_are_named(directory):
    for line, fragment in (
            ('unit x 5\n', '-:1: wants'),
            ('unit x soon parallel true\n', 'timeout "soon"'),
            ('unit x -1 parallel true\n', 'timeout "-1"'),
            ('unit x 5 sideways true\n', '"sideways"'),
            ('unit:often x 5 parallel true\n', '"often"'),
            ('unit x 5 parallel A=b\n', 'no command'),
            ('unit x 5 parallel "oops\n', 'No closing quotation'),
            ('\nunit x 5 parallel true\nunit x 5 parallel true\n',
             '-:3: unit/x is listed twice')):
        status, output, _ = verdict(directory, line)
        expect(status == 2 and fragment in output, line, status, output)


def test_missing_manifest_file(directory):
    status, output = run(RUN_TESTS, '--out', directory, directory + '/none')
    expect(status == 2 and 'none: No such file' in output, output)


def test_serial_programs_run_alone(directory):
    note = ('echo start >> %s/log; sleep 0.3; echo end >> %s/log; '
            'echo 1..1; echo ok 1 a' % (directory, directory))
    manifest = ''.join(shell(note, mode='serial', name='s%d' % i)
                       for i in range(3))
    expect_verdict(directory, manifest, 0, '3 passed, 0 failed')
    words = open(directory + '/log').read().split()
    expect(words == ['start', 'end'] * 3, words)


def test_late_programs_follow_the_parallel_ones(directory):
    """and overlap among themselves"""
    early = ('sleep 0.3; echo early >> %s/log; echo 1..1; echo ok 1 a'
             % directory)
    overlap(directory, 'late', shell(early, name='e1')
            + shell(early, name='e2'), 4)
    words = open(directory + '/log').read().split()
    expect(words == ['early', 'early', 'late', 'late'], words)


def test_parallel_programs_overlap(directory):
    overlap(directory, 'parallel', '', 2)


def overlap(directory, mode, others, passed):
    """Two programs that end well only if they meet"""
    meet = ('touch %s/$0; echo %s >> %s/log; '
            'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do '
            'test -e %s/a -a -e %s/b && break; sleep 0.2; done; '
            'test -e %s/a -a -e %s/b' % ((directory, mode) + (directory,) * 5))
    manifest = others + ''.join("g:exit %s 20 %s sh -c '%s' %s\n"
                                % (name, mode, meet, name) for name in 'ab')
    expect_verdict(directory, manifest, 0, '%d passed, 0 failed' % passed)


def test_only_selects(directory):
    manifest = (shell('echo 1..1; echo ok 1 a', name='one')
                + shell('exit 1', name='two'))
    status, output, line = verdict(directory, manifest, '--only', 'unit/o*')
    expect(status == 0 and line == '1 passed, 0 failed', output)


def test_list_runs_nothing(directory):
    status, output, _ = verdict(directory, shell('exit 1'), '--list')
    expect(status == 0 and output == 'unit/x\n', output)


def test_timeout_scale(directory):
    status, output, line = verdict(
        directory, shell('sleep 0.6; echo 1..1; echo ok 1 a', timeout='0.1'),
        '--timeout-scale', '100')
    expect(status == 0 and line == '1 passed, 0 failed', output)


def test_junit_agrees_with_the_summary(directory):
    manifest = (shell('echo 1..3; echo ok 1 a; echo "not ok 2 b & <c>";'
                      'echo "ok 3 d # SKIP e"; printf "\\\\001\\\\n"; exit 1')
                + shell('kill -SEGV $$', name='y'))
    expect_verdict(directory, manifest, 1, '1 passed, 2 failed, 1 skipped')
    suites = ET.parse(directory + '/out/junit.xml').getroot()
    totals = [sum(int(suite.get(key)) for suite in suites)
              for key in ('tests', 'failures', 'skipped')]
    expect(totals == [4, 2, 1], totals)
    expect(len(suites.findall('.//failure')) == 2, 'failure elements')


def test_old_logs_do_not_survive(directory):
    write(directory, 'out/unit/stale.log', 'old')
    expect_verdict(directory, shell('echo 1..1; echo ok 1 a'),
                   0, '1 passed, 0 failed')
    expect(not os.path.exists(directory + '/out/unit/stale.log'), 'stale')


def test_long_silence_is_broken(directory):
    _, output, _ = verdict(
        directory, shell('sleep 2.5; echo 1..1; echo ok 1 a'),
        '--patience', '1')
    expect(re.search(r'running unit/x \(\d s\)', output), output)


def test_interruption_ends_programs_and_sums_up(directory):
    pidfile = directory + '/pid'
    interrupt(directory, shell('echo $$ > %s; sleep 60' % pidfile,
                               timeout='90'), pidfile)


def interrupt(directory, manifest, pidfile):
    """What runs dies with the runner, and is counted as failed."""
    process = subprocess.Popen(
        [RUN_TESTS, '--out', directory + '/out'], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(manifest)
    process.stdin.close()
    while not os.path.exists(pidfile) or not open(pidfile).read():
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output = process.stdout.read()
    expect(process.wait() == 1, output)
    expect(output.splitlines()[-1] == '0 passed, 1 failed', output)
    expect(is_gone(int(open(pidfile).read())), 'program lives')


# Tests of a build directory, by `meson test`

def meson_build(directory, *tests):
    """Declare (name, shell text, further arguments); returns the build."""
    lines = ["project('p', meson_version: '>=1.0')", "sh = find_program('sh')"]
    for name, text, more in tests:
        path = write(directory, name.replace('/', '_') + '.sh', text)
        lines.append("test('memfab/%s', sh, args: ['%s'], protocol: 'tap', "
                     "suite: 'memfab'%s)" % (name, path, more))
    lines.append("test('other', sh, args: ['-c', 'exit 1'])")
    write(directory, 'meson.build', '\n'.join(lines) + '\n')
    status, output = run('meson', 'setup', directory + '/b', directory)
    expect(status == 0, output)
    return directory + '/b'


PASSES = 'echo 1..1; echo ok 1 a'


def test_meson_runs_what_a_build_declares(directory):
    build = meson_build(
        directory, ('unit/good', PASSES, ''),
        ('unit/bad', 'echo 1..2; echo ok 1 a; echo because >&2; '
                     'echo not ok 2 /b/c; exit 1', ''),
        ('qtest/skips', 'echo "1..1"; echo "ok 1 /d # SKIP no such bus"', ''),
        ('qtest/dies', 'echo 1..2; echo ok 1 a; kill -SEGV $$', ''))
    expect_verdict(directory, 'meson %s unit/* qtest/*\n' % build
                   + shell(PASSES, name='mine'), 1,
                   '4 passed, 2 failed, 1 skipped', 'failed  /b/c',
                   '| because', 'skipped /d: no such bus',
                   'killed by SIGSEGV', 'ok   unit/good', 'ok   unit/mine')


def test_meson_needs_a_plan_that_is_reached(directory):
    build = meson_build(
        directory, ('unit/none', 'echo ok 1 a', ''),
        ('unit/short', 'echo 1..2; echo ok 1 a', ''),
        ('unit/silent', 'true', ''))
    expect_verdict(directory, 'meson %s unit/*\n' % build, 1,
                   '2 passed, 3 failed', 'no plan', 'planned 2 tests, saw 1')


def test_meson_knows_the_time(directory):
    build = meson_build(directory, ('unit/slow', 'sleep 60', ', timeout: 1'))
    start = time.monotonic()
    expect_verdict(directory, 'meson %s unit/*\n' % build, 1,
                   '0 passed, 1 failed', 'timed out after 1 s')
    expect(time.monotonic() - start < 30, 'took too long')


def test_meson_time_is_scaled(directory):
    build = meson_build(directory, ('unit/slow', 'sleep 2; ' + PASSES,
                                    ', timeout: 1'))
    status, output, line = verdict(directory, 'meson %s unit/*\n' % build,
                                   '--timeout-scale', '50')
    expect(status == 0 and line == '1 passed, 0 failed', output)


def test_meson_pattern_must_fit(directory):
    build = meson_build(directory, ('unit/good', PASSES, ''))
    status, output, _ = verdict(directory, 'meson %s quite/*\n' % build)
    expect(status == 2 and 'knows no test "quite/*"' in output, output)
    status, output, _ = verdict(directory, 'meson %s/none unit/*\n' % build)
    expect(status == 2 and 'No such file' in output, output)


def test_meson_only_selects(directory):
    build = meson_build(directory, ('unit/good', PASSES, ''),
                        ('unit/bad', 'exit 1', ''))
    status, output, line = verdict(directory, 'meson %s unit/*\n' % build,
                                   '--only', '*/good')
    expect(status == 0 and line == '1 passed, 0 failed', output)
    status, output, _ = verdict(directory, 'meson %s *\n' % build, '--list')
    expect(status == 0 and sorted(output.split()) == ['unit/bad', 'unit/good'],
           output)


def test_meson_emulator_that_is_not_built_is_a_skip(directory):
    build = meson_build(
        directory, ('qtest/there', PASSES, ''),
        ('qtest/away', 'exit 1', ", env: ['QTEST_QEMU_BINARY=%s/none']"
         % directory))
    expect_verdict(directory, 'meson %s qtest/*\n' % build, 0,
                   '1 passed, 0 failed, 1 skipped', 'none is not built')


def test_meson_program_that_is_not_built_fails(directory):
    build = meson_build(directory, ('unit/good', PASSES, ''))
    path = build + '/meson-info/intro-tests.json'
    with open(path) as stream:
        tests = json.load(stream)
    for test in tests:
        test['cmd'][0] = '/nonexistent/sh'
    write(directory, 'b/meson-info/intro-tests.json', json.dumps(tests))
    expect_verdict(directory, 'meson %s unit/*\n' % build, 1,
                   '0 passed, 1 failed', 'it is not built')


def test_meson_that_does_not_start_fails_each(directory):
    build = meson_build(directory, ('unit/good', PASSES, ''),
                        ('unit/more', PASSES, ''))
    os.unlink(build + '/meson-private/meson_test_setup.dat')
    expect_verdict(directory, 'meson %s unit/*\n' % build, 1,
                   '0 passed, 2 failed', 'Meson did not run it')


def test_meson_is_interrupted(directory):
    pidfile = directory + '/pid'
    build = meson_build(directory, ('unit/long', 'echo $$ > %s; sleep 60'
                                    % pidfile, ', timeout: 90'))
    interrupt(directory, 'meson %s unit/*\n' % build, pidfile)


def test_meson_that_does_not_obey_is_ended(directory):
    pidfile = directory + '/pid'
    build = meson_build(directory, ('unit/long', PASSES, ''))
    os.makedirs(build + '/pyvenv/bin')
    path = write(directory, 'b/pyvenv/bin/meson', "#!/bin/sh\ntrap '' TERM\n"
                 "setsid sh -c 'echo $$ > %s; sleep 600'; sleep 600\n"
                 % pidfile)
    os.chmod(path, 0o755)
    interrupt(directory, 'meson %s unit/*\n' % build, pidfile)


if __name__ == '__main__':
    main(dict(globals()))
