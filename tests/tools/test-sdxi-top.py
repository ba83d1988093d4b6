#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sdxi-top: what it shows of two looks, on a terminal too, and how it ends.

    tests/tools/test-sdxi-top.py BUILD

BUILD is a release's build directory. The looks are those of a peer that
answers as QEMU does; one case asks QEMU itself.
"""

import copy
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'), HERE]
from fakeqmp import UNKNOWN, Peer, chatter, say, serve  # noqa: E402
from tapsuite import ROOT, expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
TOOL = os.path.join(BUILD, 'memfab', 'tools', 'sdxi-top')
QEMU = os.path.join(BUILD, 'qemu-system-x86_64')

FAULT = {'step': 'data', 'kind': 'access', 'stopped': 'context', 'context': 2,
         'index': 7, 'logged': True}
FUNCTION = {
    'qom-path': '/machine/peripheral/sdxi0', 'sfunc': 1, 'state': 'active',
    'running': 2, 'ready': 1, 'errors': [FAULT], 'stops': [FAULT],
    'contexts': [
        {'number': 1, 'state': 'running', 'qos': 2, 'ready': True,
         'in-flight': True, 'ring-entries': 1024, 'read-index': 76,
         'write-index': 100, 'descriptors': 100, 'bytes': 1 << 30}],
    'statistics': {'doorbells': 9, 'descriptors': 100, 'failed': 1,
                   'bytes': 3 << 29, 'remote-bytes': 0, 'peer-bytes': 0,
                   'interrupts': 4, 'errors-logged': 1, 'errors-lost': 0}}


class Looks:
    """Answers with one look after another, the last one again and again."""

    def __init__(self, *looks):
        self.looks = list(looks)

    def __call__(self, request):
        if request['execute'] == 'qmp_capabilities':
            return {'return': {}}
        look = self.looks[0]
        if len(self.looks) > 1:
            self.looks.pop(0)
        return {'return': look}


def later():
    """A look after that of FUNCTION: context 1 went on, 3 is new."""
    now = copy.deepcopy(FUNCTION)
    now['contexts'][0]['descriptors'] += 10 ** 6
    now['contexts'][0]['bytes'] += 1 << 40
    now['contexts'].append(dict(now['contexts'][0], number=3, qos=0,
                                bytes=4096))
    del now['contexts'][1]['write-index']
    now['contexts'][1]['in-flight'] = False
    now['statistics']['descriptors'] = 50       # began anew
    return now


def run(*arguments):
    if not os.path.exists(TOOL):
        skip('sdxi-top is not built')
    return subprocess.run([TOOL, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120,
                          check=False, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, LC_ALL='C.UTF-8'))


def looks(directory, *answers, count=2):
    with Peer(directory, serve(Looks(*answers))) as path:
        done = run(path, '-b', '-n', str(count), '-d', '0.1')
    expect(done.returncode == 0, done.stdout, done.stderr)
    return [part.splitlines() for part in done.stdout.split('\n\n')]


def test_first_look_has_counters_and_no_rates(directory):
    (lines,) = looks(directory, [FUNCTION], count=1)
    expect(lines[0] == 'sdxi-top: 1 function', lines)
    expect(re.match(r'sdxi0 +1 active +2 +1 +- +- +1\.50G +1 +-$', lines[2]),
           lines[2])
    expect(re.match(r'  context 1 +running +- +- +1\.00G  priority 2, '
                    r'24 of 1024 wait, one half-way$', lines[3]), lines[3])
    expect(lines[4:] == [
        '  stopped: access at data, context 2, descriptor 7, stopped: context',
        '  error: access at data, context 2, descriptor 7, stopped: context'],
           lines)


def test_second_look_has_rates(directory):
    _, lines = looks(directory, [FUNCTION], [later()])
    # how fast the clock went is not known, but not by how much at most
    rate = re.match(r'  context 1 +running +([\d.]+)([KM]) +([\d.]+)([MGT])',
                    lines[3])
    expect(rate, lines[3])
    expect(re.match(r'  context 3 +running +- +- +4\.00K  priority 0$',
                    lines[4]), lines[4])
    # a counter that went back has no rate; one that stood still has 0
    expect(re.match(r'sdxi0 .* - +0 +1\.50G +1 +0$', lines[2]), lines[2])


def test_functions_come_and_go(directory):
    first, second, third = looks(directory, [], [FUNCTION], [], count=3)
    expect(first[0] == third[0] == 'sdxi-top: 0 functions', first, third)
    expect(len(first) == len(third) == 2 and len(second) == 6, second)


def test_page_shows_what_the_tool_shows(directory):
    with open(os.path.join(ROOT, 'docs', 'tools', 'sdxi-top.md'),
              encoding='utf-8') as file:
        shown = file.read().split('```\nsdxi-top: ')[1].splitlines()[1:7]
    _, lines = looks(directory, [FUNCTION], [later()])
    plain, page = ([re.sub(r'(?<=\s)(?:[\d.]+[KMGTP]?|-)(?=\s|$)', 'N',
                           ' '.join(line.split())) for line in part]
                   for part in (lines[1:], shown))
    expect(plain == page, plain, page)


def test_answers_that_are_none_end_it(directory):
    for answer in ({}, 7, None, 'x'):
        with Peer(directory, serve(Looks(answer))) as path:
            done = run(path, '-b', '-n', '1')
        expect(done.returncode == 1 and 'list' in done.stderr, done.stderr)
    for odd in ([7, None, []], [{}], [{'contexts': 3, 'errors': [None]}],
                [{'statistics': [], 'contexts': [{}], 'stops': [{}]}]):
        looks(directory, odd, odd)


def test_statuses(directory):
    with Peer(directory, serve(
            lambda request: {'return': {}} if
            request['execute'] == 'qmp_capabilities' else UNKNOWN)) as path:
        done = run(path, '-b')
        expect(done.returncode == 3 and 'memfab' in done.stderr, done.stderr)
        done = run(path)
        expect(done.returncode == 1 and '--batch' in done.stderr, done.stderr)
    with Peer(directory, say(b'SSH-2.0\r\n')) as path:
        expect(run(path, '-b').returncode == 1)
    with Peer(directory, chatter(b'{"event": "STOP"}\r\n')) as path:
        done = run(path, '-b', '-t', '1')
        expect(done.returncode == 1 and 'has not answered' in done.stderr,
               done.stderr)
    expect(run(directory + '/none', '-b').returncode == 1)
    for words in ([], ['a', 'b'], ['x', '-d', '0'], ['x', '-d', 'nan'],
                  ['x', '-b', '-n', '-1'], ['x', '-n', '2'], ['x', '-t', '0'],
                  ['x', '--what']):
        done = run(*words)
        expect(done.returncode == 2 and done.stderr.startswith('sdxi-top: '),
               words, done.returncode, done.stderr)


def read_until(terminal, text, seconds=60):
    """What a terminal was sent, up to some text."""
    seen, until = b'', time.monotonic() + seconds
    while text not in seen:
        ready, _, _ = select.select([terminal], [], [],
                                    max(0, until - time.monotonic()))
        expect(ready, 'waited for', text, seen)
        seen += os.read(terminal, 65536)
    return seen


def test_terminal_shows_it_and_q_ends_it(directory):
    if not os.path.exists(TOOL):
        skip('sdxi-top is not built')
    with Peer(directory, serve(Looks([FUNCTION]))) as path:
        pid, terminal = pty.fork()
        if not pid:
            os.environ['TERM'] = 'vt100'
            os.execv(TOOL, [TOOL, path, '-d', '0.2'])
        try:
            read_until(terminal, b'access at data')
            os.write(terminal, b' ')
            read_until(terminal, b'stands still')
            os.write(terminal, b'q')
            _, status = os.waitpid(pid, 0)
            pid = 0
            expect(os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0,
                   status)
        finally:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            os.close(terminal)


def test_qemu_is_shown(directory):
    if not os.path.exists(QEMU):
        skip('no emulator is built')
    path = os.path.join(directory, 'monitor')
    with subprocess.Popen(
            [QEMU, '-M', 'q35', '-m', '64M', '-S', '-display', 'none',
             '-device', 'pcie-root-port,id=rp1', '-device',
             'sdxi,id=mover,bus=rp1', '-qmp',
             'unix:%s,server=on,wait=off' % path],
            stdin=subprocess.DEVNULL) as qemu:
        try:
            while not os.path.exists(path) and qemu.poll() is None:
                time.sleep(0.1)
            done = run(path, '-b', '-n', '2', '-d', '0.1')
        finally:
            qemu.kill()
    expect(done.returncode == 0, done.stderr)
    expect(re.search(r'^mover +1 stop +0 +0 +0 +0 +0 +0 +0$', done.stdout,
                     re.M), done.stdout)


if __name__ == '__main__':
    main(globals())
