# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest: commands through its second serial port, QMP, reboots.

The command line is machine.py's work; the other end of the serial port is
image/bin/guest-agent. main() runs a list of test functions on one guest and
prints TAP.
"""

import base64
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import machine
from monitor import GuestError, Lines, Qmp, connect, scaled

BOOT_SECONDS = 90
COMMAND_SECONDS = 60
TROUBLE = re.compile(r'Kernel panic|BUG:|Oops|WARNING: |INFO: task'
                     r'|general protection fault')


class Skip(Exception):
    """A test that cannot run here; the text says why."""


class Emulator:
    """A QEMU that runs, and the connections to it."""

    def __init__(self, argv, log):
        self.process = subprocess.Popen(argv, stderr=log, stdout=log,
                                        stdin=subprocess.DEVNULL)
        self.agent = self.qmp = None

    def connect(self, paths):
        deadline = time.monotonic() + scaled(20)
        self.agent = Lines(connect(paths[0], deadline, self.alive))
        self.qmp = Qmp(connect(paths[1], deadline, self.alive))

    def alive(self):
        return self.process.poll() is None

    def stands(self):
        """Where a guest is that does not answer, for who must find out why:
        the processor time that it was given, and twice its registers."""
        try:
            with open('/proc/%d/stat' % self.process.pid,
                      encoding='utf-8') as stat:
                user, system = stat.read().rsplit(')')[1].split()[11:13]
            text = ('\n    %d s of processor time' % (
                (int(user) + int(system)) // os.sysconf('SC_CLK_TCK')))
            for _ in range(2):
                text += '\n    ' + '; '.join(
                    line for line in self.qmp.command(
                        'human-monitor-command',
                        command_line='info registers -a').splitlines()
                    if re.search(r'\b(HLT|PC)=', line))
                time.sleep(2)
            return text
        except (OSError, EOFError, GuestError) as error:
            return '\n    QEMU does not answer either: %s' % error

    def end(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        for end in (self.agent, self.qmp):
            if end:
                end.port.close()
        self.agent = self.qmp = None


class Guest:
    """QEMU with the guest's agent at the other end of a serial port.

    Use as a context manager: leaving it ends QEMU, whatever happened.
    """

    def __init__(self, name, devices, append='', boot_seconds=BOOT_SECONDS,
                 **kwargs):
        self.name = name
        self.boot_seconds = boot_seconds
        self.logs = machine.build_dir('guest', 'logs')
        os.makedirs(self.logs, exist_ok=True)
        self.console_log = os.path.join(self.logs, name + '.console')
        self.sockets = tempfile.TemporaryDirectory(prefix='memfab-guest-')
        agent = os.path.join(self.sockets.name, 'agent')
        qmp = os.path.join(self.sockets.name, 'qmp')
        self.argv = machine.command(
            devices, append=('memfab=agent ' + append).strip(), **kwargs) + [
                '-serial', 'file:' + self.console_log,
                '-chardev', 'socket,id=agent,server=on,wait=off,path=' + agent,
                '-serial', 'chardev:agent',
                '-qmp', 'unix:%s,server=on,wait=off' % qmp]
        self.paths = agent, qmp
        self.emulator = None

    def __enter__(self):
        try:
            self.start()
        except GuestError:
            if not self.ran_a_breakpoint():
                raise
            print('# %s ended at a breakpoint that its kernel had taken away;'
                  ' it boots again' % self.name, flush=True)
            self.start()
        return self

    def ran_a_breakpoint(self):
        """Whether TCG ran an old translation while Linux patched itself.

        Linux puts a breakpoint where it changes an instruction, waits for all
        processors, and takes it away. A processor that its host suspends long
        enough between lookup and execution meets it afterwards. No device has
        a part in that.
        """
        if not os.path.exists(self.console_log):
            return False
        with open(self.console_log, errors='replace', encoding='utf-8') as log:
            return 'Oops: int3: 0000' in log.read()

    def start(self, ready=None, more=()):
        """Start QEMU and wait until it is @ready: until its guest has booted.

        @more is added to the command line.
        """
        argv = self.argv + list(more)
        with open(os.path.join(self.logs, self.name + '.command'), 'w',
                  encoding='utf-8') as log:
            log.write(machine.printable(argv) + '\n')
        for path in self.paths:
            if os.path.exists(path):
                os.unlink(path)
        with open(self.stderr_log, 'wb') as log:
            self.emulator = Emulator(argv, log)
        try:
            self.emulator.connect(self.paths)
            (ready or self.wait_ready)()
        except BaseException as error:
            self.end()
            tail = self.tail()
            if isinstance(error, GuestError) and tail not in str(error):
                raise GuestError('%s%s' % (error, tail)) from error
            raise

    def __exit__(self, *exc):
        self.end()
        self.sockets.cleanup()

    def restart(self):
        """Kill QEMU as a power failure would, start it again."""
        self.end()
        self.start()

    @property
    def stderr_log(self):
        return os.path.join(self.logs, self.name + '.stderr')

    @property
    def agent(self):
        return self.emulator.agent

    @property
    def qmp(self):
        return self.emulator.qmp

    def end(self):
        if self.emulator:
            self.emulator.end()

    def tail(self):
        """The end of what QEMU and the guest's console said."""
        text = ''
        for path in (self.stderr_log, self.console_log):
            if os.path.exists(path):
                with open(path, errors='replace', encoding='utf-8') as log:
                    lines = log.read().splitlines()[-12:]
                text += ''.join('\n    ' + line for line in lines)
        return text

    def agent_line(self, deadline, what):
        try:
            line = self.agent.next(deadline)
        except (EOFError, OSError) as error:
            raise GuestError('the guest ended during: %s%s'
                             % (what, self.tail())) from error
        if line is None:
            raise GuestError('the guest hangs in: %s%s%s'
                             % (what, self.tail(), self.emulator.stands()))
        return line

    def wait_ready(self):
        deadline = time.monotonic() + scaled(self.boot_seconds)
        # UEFI clears this terminal too, without an end of line.
        while not self.agent_line(deadline, 'boot').endswith('@ready'):
            pass

    # Commands

    def stream(self, script, emit, seconds=COMMAND_SECONDS):
        """Run a shell script; lines go to @emit as they come. Its status."""
        deadline = time.monotonic() + scaled(seconds)
        self.say(script)
        while True:
            line = self.agent_line(deadline, script)
            # What the program printed last may lack its newline.
            text, mark, status = line.rpartition('@done ')
            if mark and status.isdigit():
                if text:
                    emit(text)
                return int(status)
            emit(line)

    def try_run(self, script, seconds=COMMAND_SECONDS):
        lines = []
        status = self.stream(script, lines.append, seconds)
        return status, '\n'.join(lines)

    def run(self, script, seconds=COMMAND_SECONDS):
        """Output of a shell script, which must succeed."""
        status, output = self.try_run(script, seconds)
        if status:
            raise GuestError('status %d from: %s\n%s'
                             % (status, script, output))
        return output

    def json(self, script):
        """A tool's JSON; nothing found is an empty list."""
        output = self.run(script + ' 2>/dev/null')
        return json.loads(output) if output.strip() else []

    def memdevs(self):
        """Names of the CXL memory devices in the order of serial numbers:
        the order in which Linux finds them is not fixed."""
        found = self.json('cxl list -M')
        return [dev['memdev'] for dev in sorted(found,
                                                key=lambda d: d['serial'])]

    def read(self, path):
        return self.run('cat ' + shlex.quote(path)).strip()

    def write(self, path, text):
        self.run('echo %s >%s' % (shlex.quote(str(text)), shlex.quote(path)))

    def say(self, script):
        """Have a shell script run, and do not wait for its end."""
        self.agent.port.sendall(base64.b64encode(script.encode()) + b'\n')

    def reboot(self):
        self.say('reboot -f')
        self.wait_ready()

    def wait(self, condition, seconds=20):
        """Wait until a shell command succeeds."""
        expect(not self.try_run('cxl-wait %d %s'
                                % (scaled(seconds), shlex.quote(condition)),
                                seconds + COMMAND_SECONDS)[0],
               'still not after %d s: %s' % (seconds, condition))

    def traced(self, event, action):
        """The lines that @action adds to the trace of a kernel event."""
        tracing = '/sys/kernel/tracing'
        self.run('echo 1 >%s/events/%s/enable; echo >%s/trace'
                 % (tracing, event, tracing))
        action()
        name = event.rpartition('/')[2]
        status, _ = self.try_run('cxl-wait 10 grep %s: %s/trace'
                                 % (name, tracing))
        expect(not status, 'the kernel traces no ' + name)
        return self.run('grep %s: %s/trace' % (name, tracing))

    def kernel_trouble(self):
        """Lines of the kernel's log that a healthy guest does not have."""
        log = self.run('dmesg')
        with open(os.path.join(self.logs, self.name + '.dmesg'), 'w',
                  encoding='utf-8') as out:
            out.write(log + '\n')
        return [line for line in log.splitlines() if TROUBLE.search(line)]

    def kernel(self):
        """The version of the kernel, to compare with another: (6, 12)."""
        return tuple(int(part) for part in
                     self.run('uname -r').split('-')[0].split('.')[:2])

    def require(self, path, why):
        expect(not self.try_run('test -e ' + path)[0], why)


# Tests

def expect(condition, text):
    if not condition:
        raise GuestError(text)


def kernel_is_healthy(guest):
    """the kernel's log has no warning, oops or panic"""
    trouble = guest.kernel_trouble()
    expect(not trouble, 'kernel log:\n' + '\n'.join(trouble))


def comment(text):
    for line in text.splitlines():
        print('# ' + line)


def report(number, title, test, more='', state='ok'):
    print('%s %d - %s%s%s' % (state, number, title,
                              test.__doc__.splitlines()[0], more), flush=True)


def run_test(number, test, guest, title=''):
    """One TAP line, after comments where something went wrong."""
    try:
        test(guest)
        report(number, title, test)
    except Skip as reason:
        report(number, title, test, ' # SKIP %s' % reason)
    except Exception as error:             # pylint: disable=broad-except
        comment(str(error) if isinstance(error, GuestError)
                else traceback.format_exc())
        report(number, title, test, state='not ok')
        return False
    return True


def main(name, tests, devices, cleanup=None, **kwargs):
    """Boot one guest, run @tests on it in order, print TAP, exit.

    @cleanup puts the guest in order after a test that failed.
    """
    main_of_several([(name, tests, devices, kwargs)], cleanup)


def main_of_several(machines, cleanup=None):
    """The same with one guest after the other: (name, tests, devices,
    arguments of Guest, and "skip" with a reason where that is not to be).

    Names on the command line choose guests.
    """
    names = [name for name, _, _, _ in machines]
    chosen = sys.argv[1:] or names
    if not set(chosen) <= set(names):
        sys.exit('the guests are: ' + ', '.join(names))
    machines = [one for one in machines if one[0] in chosen]
    plan = [list(tests) + [kernel_is_healthy] for _, tests, _, _ in machines]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print('1..%d' % sum(len(tests) for tests in plan), flush=True)
    good, first = True, 1
    try:
        machine.build_image()
        for (name, _, devices, kwargs), tests in zip(machines, plan):
            title = '' if len(machines) == 1 else name + ': '
            why = kwargs.pop('skip', None)
            if why:
                skip_tests(first, tests, title, why)
            else:
                good &= run_tests(first, tests, title, cleanup,
                                  Guest(name, devices, **kwargs))
            first += len(tests)
    except (GuestError, machine.MachineError) as error:
        comment(str(error))
        print('Bail out! %s' % str(error).splitlines()[0], flush=True)
        good = False
    sys.exit(0 if good else 1)


def run_tests(first, tests, title, cleanup, new_guest):
    good = True
    with new_guest as guest:
        for number, test in enumerate(tests, first):
            if not run_test(number, test, guest, title):
                good = False
                if cleanup:
                    cleanup(guest)
    return good


def skip_tests(first, tests, title, why):
    for number, test in enumerate(tests, first):
        report(number, title, test, ' # SKIP ' + why)
