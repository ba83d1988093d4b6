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
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import machine

BOOT_SECONDS = 90
COMMAND_SECONDS = 60
TROUBLE = re.compile(r'Kernel panic|BUG:|Oops|WARNING: |INFO: task'
                     r'|general protection fault')


class GuestError(Exception):
    """The guest did not do as it was told."""


class Skip(Exception):
    """A test that cannot run here; the text says why."""


def scaled(seconds):
    """Emulation on a busy machine, or under a sanitizer, is slow."""
    return seconds * float(machine.setting('GUEST_TIMEOUT_SCALE', '1'))


def connect(path, deadline, alive):
    """Connect to QEMU's socket, which appears some time after its start."""
    while True:
        port = socket.socket(socket.AF_UNIX)
        try:
            port.connect(path)
            return port
        except OSError as error:
            port.close()
            if not alive():
                raise GuestError('QEMU ended before it listened') from error
            if time.monotonic() > deadline:
                raise GuestError('QEMU does not listen on %s' % path) from error
            time.sleep(0.05)


class Lines:
    """Lines from a socket, each with a deadline."""

    def __init__(self, port):
        self.port = port
        self.pending = b''

    def next(self, deadline):
        """One line without its end; None at the deadline, EOFError at EOF."""
        while b'\n' not in self.pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.port], [], [], left)[0]:
                return None
            data = self.port.recv(65536)
            if not data:
                raise EOFError
            self.pending += data
        line, self.pending = self.pending.split(b'\n', 1)
        return line.decode(errors='replace').rstrip('\r')


class Qmp:
    """The monitor: commands and the events seen so far."""

    def __init__(self, port):
        self.port = port
        self.lines = Lines(port)
        self.events = []
        self.receive(time.monotonic() + scaled(20))
        self.command('qmp_capabilities')

    def receive(self, deadline):
        try:
            line = self.lines.next(deadline)
        except (EOFError, OSError) as error:
            raise GuestError('QEMU closed its monitor') from error
        if line is None:
            return None
        message = json.loads(line)
        if 'event' in message:
            self.events.append(message)
        return message

    def wait_event(self, name, seconds=30):
        """The first event of this name since the start, which is consumed."""
        deadline = time.monotonic() + scaled(seconds)
        while True:
            for position, event in enumerate(self.events):
                if event['event'] == name:
                    return self.events.pop(position)
            if self.receive(deadline) is None:
                raise GuestError('no event %s after %d s' % (name, seconds))

    def wait_until(self, query, status, seconds=120):
        """Ask until the answer has this status; "failed" is the end."""
        deadline = time.monotonic() + scaled(seconds)
        answer = self.command(query)
        while answer.get('status') != status:
            if answer.get('status') == 'failed' or \
                    time.monotonic() > deadline:
                raise GuestError('%s says %s' % (query, answer))
            time.sleep(0.2)
            answer = self.command(query)

    def reply(self, name, arguments):
        """The whole answer, with "return" or "error"."""
        request = {'execute': name, 'arguments': arguments}
        self.port.sendall(json.dumps(request).encode() + b'\n')
        deadline = time.monotonic() + scaled(30)
        while True:
            message = self.receive(deadline)
            if message is None:
                raise GuestError('no answer to QMP command %s' % name)
            if 'return' in message or 'error' in message:
                return message

    def command(self, name, **arguments):
        arguments = {key.replace('_', '-'): value
                     for key, value in arguments.items()}
        reply = self.reply(name, arguments)
        if 'error' in reply:
            raise GuestError('QMP %s: %s' % (name, reply['error']['desc']))
        return reply['return']


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
        self.process = self.agent = self.qmp = None

    def __enter__(self):
        self.start()
        return self

    def start(self, incoming=None):
        """Start QEMU, with a guest that boots or with a saved one."""
        argv = self.argv + (['-incoming', 'file:' + incoming] if incoming
                            else [])
        with open(os.path.join(self.logs, self.name + '.command'), 'w',
                  encoding='utf-8') as log:
            log.write(machine.printable(argv) + '\n')
        with open(self.stderr_log, 'wb') as log:
            self.process = subprocess.Popen(argv, stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL)
        for path in self.paths:
            if os.path.exists(path):
                os.unlink(path)
        try:
            deadline = time.monotonic() + scaled(20)
            self.agent = Lines(connect(self.paths[0], deadline, self.alive))
            self.qmp = Qmp(connect(self.paths[1], deadline, self.alive))
            if incoming:
                self.qmp.wait_until('query-status', 'running')
            else:
                self.wait_ready()
        except BaseException as error:
            self.end()
            if isinstance(error, GuestError):
                raise GuestError('%s%s' % (error, self.tail())) from error
            raise

    def __exit__(self, *exc):
        self.end()
        self.sockets.cleanup()

    def migrate(self):
        """Save the guest in the middle of what it does, go on in a new QEMU.

        It runs meanwhile; what it writes is written to the file again.
        """
        path = os.path.join(self.sockets.name, 'state')
        self.qmp.command('migrate-set-parameters', max_bandwidth=0,
                         downtime_limit=5000)
        self.qmp.command('migrate', uri='file:' + path)
        self.qmp.wait_until('query-migrate', 'completed')
        self.end()
        self.start(incoming=path)
        os.unlink(path)

    def restart(self):
        """Kill QEMU as a power failure would, start it again."""
        self.end()
        self.start()

    @property
    def stderr_log(self):
        return os.path.join(self.logs, self.name + '.stderr')

    def alive(self):
        return self.process.poll() is None

    def end(self):
        if self.process and self.alive():
            self.process.kill()
        if self.process:
            self.process.wait()
        for end in (self.agent, self.qmp):
            if end:
                end.port.close()
        self.agent = self.qmp = None

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
            raise GuestError('the guest hangs in: %s%s' % (what, self.tail()))
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
        self.agent.port.sendall(base64.b64encode(script.encode()) + b'\n')
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

    def reboot(self):
        self.agent.port.sendall(base64.b64encode(b'reboot -f') + b'\n')
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


def run_test(number, test, guest):
    """One TAP line, after comments where something went wrong."""
    title = test.__doc__.splitlines()[0]
    try:
        test(guest)
        print('ok %d - %s' % (number, title), flush=True)
    except Skip as reason:
        print('ok %d - %s # SKIP %s' % (number, title, reason), flush=True)
    except Exception as error:             # pylint: disable=broad-except
        comment(str(error) if isinstance(error, GuestError)
                else traceback.format_exc())
        print('not ok %d - %s' % (number, title), flush=True)
        return False
    return True


def main(name, tests, devices, cleanup=None, **kwargs):
    """Boot one guest, run @tests on it in order, print TAP, exit.

    @cleanup puts the guest in order after a test that failed.
    """
    tests = list(tests) + [kernel_is_healthy]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print('1..%d' % len(tests), flush=True)
    good = True
    try:
        machine.build_image()
        with Guest(name, devices, **kwargs) as guest:
            for number, test in enumerate(tests, 1):
                if not run_test(number, test, guest):
                    good = False
                    if cleanup:
                        cleanup(guest)
    except (GuestError, machine.MachineError) as error:
        comment(str(error))
        print('Bail out! %s' % str(error).splitlines()[0], flush=True)
        good = False
    sys.exit(0 if good else 1)
