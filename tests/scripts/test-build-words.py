#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person sees of a build: qemu/progress, qemu/room, qemu/firmware.

No QEMU is built: ninja's words are given, and the machine's memory is a file.
"""

import importlib.machinery
import importlib.util
import io
import os

from tapsuite import ROOT, expect, main, run, write


def load():
    path = os.path.join(ROOT, 'qemu', 'progress')
    loader = importlib.machinery.SourceFileLoader('progress', path)
    spec = importlib.util.spec_from_loader('progress', loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


PROGRESS = load()


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


def seen(lines, terminal=False, seconds=1.0, log='a.log'):
    """What is shown of @lines when each takes @seconds."""
    out, clock = io.StringIO(), Clock()
    progress = PROGRESS.Progress('T', out, terminal, now=clock)
    for line in lines:
        clock.time += seconds
        progress.line(line + '\n')
    progress.end(log)
    return out.getvalue()


STEPS = ['[%d/2000] Compiling C object x.o' % n for n in range(1, 2001)]


def test_2000_steps_are_11_lines(_):
    shown = seen(STEPS).splitlines()
    expect(len(shown) == 11, shown)
    expect(shown[0] == 'T: 2000 steps', shown[0])
    expect(shown[5] == 'T: step 1000 of 2000, 50 %, about 17 min left',
           shown[5])
    expect(shown[-1] == 'T: step 2000 of 2000, 100 %', shown[-1])


def test_a_quick_build_says_nothing(_):
    expect(seen(['[1/9] a', '[9/9] b'], seconds=0.1) == '', 'it speaks')
    expect(seen(['ninja: no work to do.']) == '', 'no work is no word')


def test_ninja_may_begin_at_0(_):
    for terminal in (False, True):
        shown = seen(['[0/99] Generating x', '[99/99] b'], terminal, 30.0)
        expect('T: step 99 of 99, 100 %' in shown, shown)


def test_a_terminal_has_one_line(_):
    shown = seen(STEPS, terminal=True)
    expect('\n' not in shown, 'more than one line')
    expect('about 33 min left' in shown, shown[:2000])
    expect(shown.endswith('\r\x1b[K'), 'the line stays behind')


FAILURE = ['[1/9] Compiling C object a.o',
           'FAILED: [code=1] b.o', 'cc ' + 'x' * 600 + ' -o b.o',
           'b.c:1:2: error: expected something',
           '[2/9] Compiling C object c.o', 'c.c:3:4: warning: other',
           'FAILED: d.o', 'd.c:5:6: error: second',
           'ninja: build stopped: subcommand failed.']


def test_the_first_failure_is_shown(_):
    for terminal in (False, True):
        shown = seen(FAILURE, terminal)
        expect('b.c:1:2: error: expected something\n' in shown, shown)
        expect('T: failed; all of it is in a.log\n' in shown, shown)
        expect('second' not in shown and 'c.c' not in shown, shown)
        expect('xxxx' not in shown, 'the command is shown')


def test_warnings_of_ours_are_shown(_):
    shown = seen(['[1/2] x', '../hw/core/qdev.c:1:1: warning: theirs',
                  '../memfab/hw/cxl/a.c:1:1: warning: ours'])
    expect(shown == '../memfab/hw/cxl/a.c:1:1: warning: ours\n', shown)


def test_all_is_in_the_log(directory):
    log = os.path.join(directory, 'log')
    status, shown = run(os.path.join(ROOT, 'qemu', 'progress'), log, 'T',
                        text='\n'.join(FAILURE) + '\n')
    expect(status == 0 and 'b.c:1:2' in shown, status, shown)
    with open(log, encoding='utf-8') as stream:
        expect(stream.read() == '\n'.join(FAILURE) + '\n', 'log differs')


def jobs(directory, available, swap, **settings):
    meminfo = write(directory, 'meminfo', 'MemTotal: 9999999 kB\n'
                    'MemAvailable: %d kB\nSwapFree: %d kB\n'
                    % (available << 10, swap << 10))
    return run('bash', '-euc', '''
        say() { echo "$@"; }
        die() { say "$@"; exit 1; }
        nproc() { echo 4; }
        . "$1/qemu/room"
        set_jobs
        echo "jobs $jobs"''', 'bash', ROOT,
               env=dict(os.environ, MEMINFO=meminfo, **settings))


def test_memory_bounds_the_jobs(directory):
    expect(jobs(directory, 4000, 0, JOBS='') == (0, 'jobs 4\n'), 'plenty')
    status, said = jobs(directory, 900, 200, JOBS='')
    expect(status == 0 and said.endswith('jobs 2\n'), said)
    expect('1100 MiB of memory are free, enough for 2 compilers' in said, said)
    status, said = jobs(directory, 300, 100, JOBS='')
    expect(status == 1 and 'only 400 MiB of memory are free' in said, said)
    expect('jobs' not in said, said)


def test_a_number_of_jobs_is_kept(directory):
    status, said = jobs(directory, 1100, 0, JOBS='7')
    expect(status == 0 and said.endswith('jobs 7\n'), said)
    expect('enough for 2 compilers' in said, said)


def test_disk_is_asked_before(directory):
    status, said = run('bash', '-euc', '''
        say() { echo "$@"; }
        die() { say "$@"; exit 1; }
        . "$1/qemu/room"
        room_left "$2" 1
        room_left "$2" 99999999999999''', 'bash', ROOT, directory)
    expect(status == 1 and said.count('\n') == 1, said)
    expect('97656249999 MiB are needed: make room' in said, said)


def firmware(directory, version, archive):
    """What qemu/firmware says on a machine with that SeaBIOS."""
    write(directory, 'bin/dpkg-query', '#!/bin/sh\n%s\n' % (
        'printf %s ' + version if version else 'exit 1'))
    write(directory, 'bin/dpkg-deb', '#!/bin/sh\n'
          'mkdir -p "$3/usr/share/seabios"\n'
          'touch "$3/usr/share/seabios/bios-256k.bin"\n')
    write(directory, 'apt', '#!/bin/sh\necho x >> %s/asked\n%s\n' % (
        directory, 'touch seabios_9.deb' if archive else 'exit 100'))
    for program in ('bin/dpkg-query', 'bin/dpkg-deb', 'apt'):
        os.chmod(os.path.join(directory, program), 0o755)
    status, output = run(
        os.path.join(ROOT, 'qemu', 'firmware'), directory + '/fw',
        env={**os.environ, 'MEMFAB_APT_PRIVATE': directory + '/apt',
             'PATH': directory + '/bin:' + os.environ['PATH']})
    expect(status == 0, output)
    return output.splitlines()


def test_firmware_that_is_new_enough_is_taken(directory):
    for version in ('1.16.3-2', '1.17.0-1'):
        said = firmware(directory, version, True)
        expect(said == ['/usr/share/seabios'], said)
    expect(not os.path.exists(directory + '/asked'), 'something was fetched')


def test_firmware_of_a_machine_without_packages(directory):
    said = firmware(directory, '', True)
    expect(said == ['/usr/share/seabios'], said)


def test_firmware_that_is_too_old_is_replaced_once(directory):
    there = directory + '/fw/seabios/usr/share/seabios'
    said = firmware(directory, '1.16.2-1', True)
    expect(said[-1] == there and 'SATA' in said[0], said)
    said = firmware(directory, '1.16.2-1', True)
    expect(said == [there], said)
    with open(directory + '/asked') as stream:
        expect(stream.read() == 'x\n', 'fetched again')


def test_firmware_that_cannot_be_replaced_stays(directory):
    for _ in range(2):
        said = firmware(directory, '1.16.2-1', False)
        expect(said[-1] == '/usr/share/seabios' and
               said[-2] == 'firmware: it cannot be had; -bios <file> takes any',
               said)
    with open(directory + '/asked') as stream:
        expect(stream.read() == 'x\n', 'tried again')


if __name__ == '__main__':
    main(globals())
