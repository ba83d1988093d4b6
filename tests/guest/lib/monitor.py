# SPDX-License-Identifier: GPL-2.0-or-later
"""The sockets of a running QEMU: lines from one, and its monitor at another."""

import json
import select
import socket
import time

import machine


class GuestError(Exception):
    """The guest did not do as it was told."""


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
        answer = self.wait_for(query, lambda answer: answer.get('status')
                               in (status, 'failed'), seconds)
        if answer['status'] == 'failed':
            raise GuestError('%s says %s' % (query, answer))

    def wait_for(self, query, good, seconds=120):
        """Ask until the answer is a good one, and return it."""
        deadline = time.monotonic() + scaled(seconds)
        answer = self.command(query)
        while not good(answer):
            if time.monotonic() > deadline:
                raise GuestError('%s says %s' % (query, answer))
            time.sleep(0.2)
            answer = self.command(query)
        return answer

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

    def capabilities(self, names, state=True):
        """Set capabilities of a migration."""
        self.command('migrate-set-capabilities', capabilities=[
            {'capability': name, 'state': state} for name in names])

    def command(self, name, **arguments):
        arguments = {key.replace('_', '-'): value
                     for key, value in arguments.items()}
        reply = self.reply(name, arguments)
        if 'error' in reply:
            raise GuestError('QMP %s: %s' % (name, reply['error']['desc']))
        return reply['return']
