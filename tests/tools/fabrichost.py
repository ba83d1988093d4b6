# SPDX-License-Identifier: GPL-2.0-or-later
"""A host of cxl-fabricd, as hw/cxl/core/fabric-wire.h describes it.

Its process is a child that does nothing but live: it connects when it is told
to, and hands the socket over. So the end of the process and the end of the
connection are two things, as they are for a QEMU.
"""

import mmap
import os
import signal
import socket
import struct
import uuid

(HELLO, HOLDS, ANSWER, RELEASE, DONE, PING, ENTER, BELOW,
 STATE, REPLY) = range(1, 11)
(WELCOME, REFUSED, RESULT, OFFER, ASK, TAKE_BACK, REGION, PONG,
 ENTERED, BIND, UNBIND, GIVEN, RELAY) = range(16, 29)
MAGIC, VERSION = 0x42465843, 3
HEADER = struct.Struct('<IBBHII')
LIST = struct.Struct('<IIII')
EXTENT = struct.Struct('<QQ16sH6x')
PART = struct.Struct('<HHII4x')
PART_MAX = 32768
MORE = 1
ANY, NONE = 0xffff, 0xff
TIMEOUT = 120                           # seconds until a case has failed


class Process:
    """A child that connects for us."""

    def __init__(self, path):
        self.path = path
        self.control, theirs = socket.socketpair()
        self.control.settimeout(TIMEOUT)
        self.pid = os.fork()
        if not self.pid:
            try:
                self.control.close()
                self.serve(theirs)
            finally:
                os._exit(1)
        theirs.close()

    def serve(self, control):
        while control.recv(1):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.path)
                socket.send_fds(control, [b'x'], [s.fileno()])

    def connect(self):
        self.control.sendall(b'x')
        _, fds, _, _ = socket.recv_fds(self.control, 1, 1)
        if not fds:
            raise ConnectionError('nobody listens at ' + self.path)
        s = socket.socket(fileno=fds[0])
        s.settimeout(TIMEOUT)
        return s

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.control.close()


class Refused(Exception):
    """The pool has said no; args: code, text."""


class Peer:
    """Messages of a host whose process is another one."""

    def __init__(self, path):
        self.path = path
        self.id = uuid.uuid4().bytes
        self.process = self.socket = self.memory = None
        self.seq = 0

    def send(self, kind, payload=b''):
        self.seq += 1
        self.socket.sendall(HEADER.pack(MAGIC, VERSION, kind, 0, len(payload),
                                        self.seq) + payload)
        return self.seq

    def bytes(self, count):
        data = b''
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError('the pool has hung up')
            data += part
        return data

    def message(self, head=None):
        """The next one: type, sequence number, what is in it."""
        head = head or self.bytes(HEADER.size)
        magic, version, kind, zero, length, seq = HEADER.unpack(head)
        assert (magic, version, zero) == (MAGIC, VERSION, 0), head
        return kind, seq, self.bytes(length)

    def connect(self):
        """By the process that there is, or by a new one"""
        self.hang_up()
        self.process = self.process or Process(self.path)
        self.socket = self.process.connect()

    def welcome(self, wanted):
        """What the first message, of that type, says; maps the memory."""
        head, fds, _, _ = socket.recv_fds(self.socket, HEADER.size, 1)
        if not head:
            raise ConnectionError('the pool has hung up')
        kind, _, payload = self.message(head + self.bytes(HEADER.size -
                                                          len(head)))
        if kind == REFUSED:
            raise Refused(struct.unpack('<H', payload[:2])[0],
                          payload[4:].decode())
        assert kind == wanted and len(fds) == 1, (kind, fds)
        if self.memory:
            self.memory.close()
        self.memory = mmap.mmap(fds[0], struct.unpack('<Q', payload[:8])[0])
        os.close(fds[0])
        return payload

    def hang_up(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def die(self):
        """The process ends; the connection is in our hands, and stays."""
        if self.process:
            self.process.end()
        self.process = None

    def end(self):
        self.hang_up()
        self.die()
        if self.memory:
            self.memory.close()
            self.memory = None

    # Bytes of the memory

    def write(self, at, data):
        self.memory[at:at + len(data)] = data

    def read(self, at, length):
        return self.memory[at:at + length]


class SwitchHost(Peer):
    """A host of the switch: what it has below its virtual bridges."""

    def __init__(self, path, vcs=ANY, vppbs=2):
        super().__init__(path)
        self.vcs = vcs
        self.below = [NONE] * vppbs
        self.numbers = [0] * vppbs
        self.place = {}                 # logical device: offset of its bytes
        self.given = {}                 # and the state that came with it

    def attach(self):
        self.connect()
        self.numbers = [0] * len(self.below)
        below = self.below + [NONE] * (8 - len(self.below))
        self.send(ENTER, self.id + struct.pack('<HH', self.vcs,
                                               len(self.below)) + bytes(below))
        self.number = struct.unpack('<H', self.welcome(ENTERED)[8:10])[0]
        return self

    def die(self):
        super().die()
        self.below = [NONE] * len(self.below)

    def told(self):
        """The next command: (BIND, vppb, ld) or (UNBIND, vppb, option)"""
        kind, _, payload = self.message()
        given = b''
        while kind == GIVEN:
            _, _, total, at = PART.unpack(payload[:PART.size])
            assert at in (0, len(given)), (at, len(given))
            given = given[:at] + payload[PART.size:]
            assert len(given) <= total
            kind, _, payload = self.message()
        if kind == REFUSED:
            raise Refused(struct.unpack('<H', payload[:2])[0],
                          payload[4:].decode())
        assert kind in (BIND, UNBIND), kind
        number, vppb, last = struct.unpack('<IHH', payload[:8])
        self.numbers[vppb - 1] = number
        if kind == BIND:
            self.place[last] = struct.unpack('<Q', payload[8:16])[0]
            self.given[last] = given
        return kind, vppb, last

    def says(self, vppb, ld, number=None):
        """That is below it now."""
        self.below[vppb - 1] = ld
        self.send(BELOW, struct.pack(
            '<IHH', self.numbers[vppb - 1] if number is None else number,
            vppb, ld))

    def hands_over(self, vppb, ld, state):
        """That is what it is, beside its bytes."""
        for at in range(0, max(len(state), 1), PART_MAX):
            self.send(STATE, PART.pack(vppb, ld, len(state), at) +
                      state[at:at + PART_MAX])

    def kept(self):
        """What was said before is on the disk."""
        seq = self.send(PING)
        kind, answered, _ = self.message()
        assert (kind, answered) == (PONG, seq), (kind, answered, seq)

    def command(self):
        """The next one of a manager: number, vppb, the message"""
        kind, _, payload = self.message()
        assert kind == RELAY, kind
        number, vppb, self.kind, self.room, zero = struct.unpack(
            '<IHHII', payload[:16])
        assert not zero
        return number, vppb, payload[16:]

    def replies(self, number, vppb, message):
        self.send(REPLY, struct.pack('<IHH', number, vppb, 0) + message)

    def takes(self, vppb, ld):
        """The logical device that it is told of"""
        told = self.told()
        assert told == (BIND, vppb, ld), told
        self.says(vppb, ld)


class Host(Peer):
    """A host of the pool: what it has mapped, and what it is told."""

    def __init__(self, path, head=ANY):
        super().__init__(path)
        self.head = head
        self.mapped = set()             # (address, length)
        self.offers, self.asked, self.taken = [], [], []

    def send_list(self, kind, extents=(), number=0, flags=0):
        return self.send(kind, LIST.pack(number, flags, len(extents), 0) +
                         b''.join(EXTENT.pack(dpa, length, bytes(16), 0)
                                  for dpa, length in extents))

    def attach(self):
        self.connect()
        self.offers, self.asked, self.taken = [], [], []
        self.send(HELLO, self.id + struct.pack('<HHI', self.head, 0,
                                               len(self.mapped)))
        if self.mapped:
            self.send_list(HOLDS, sorted(self.mapped))
        self.number = struct.unpack('<H', self.welcome(WELCOME)[16:18])[0]
        return self

    def die(self):
        super().die()
        self.mapped = set()

    # What the pool says

    def take(self, kind, payload):
        number, flags, count, _ = LIST.unpack(payload[:16])
        assert not flags & MORE, 'such long lists are not asked for here'
        extents = [EXTENT.unpack_from(payload, 16 + 40 * i)[:2]
                   for i in range(count)]
        if kind == OFFER:
            self.offers.append((number, extents))
        elif kind == ASK:
            self.asked += extents
        elif kind == TAKE_BACK:
            self.taken.append((number, extents))
        else:
            raise AssertionError('message %d' % kind)

    def listen(self, until=None, answer=None):
        """Messages up to one of that type, or the answer to that number."""
        while True:
            kind, seq, payload = self.message()
            if kind in (RESULT, PONG):
                assert seq == answer, (kind, seq, answer)
                return struct.unpack('<H', payload[:2])[0] if payload else 0
            if kind == REFUSED:
                raise Refused(struct.unpack('<H', payload[:2])[0],
                              payload[4:].decode())
            self.take(kind, payload)
            if kind == until:
                return kind

    def sync(self):
        """All that was said before has been heard."""
        return self.listen(answer=self.send(PING))

    def accept(self, wanted=None):
        """The oldest offer, or the extents of it that are wanted."""
        if not self.offers:
            self.listen(OFFER)
        number, extents = self.offers[0]
        wanted = extents if wanted is None else wanted
        rc = self.listen(answer=self.send_list(ANSWER, wanted, number))
        if not rc:
            self.offers.pop(0)
            self.mapped |= set(wanted)
        return rc

    def release(self, extents):
        self.mapped -= set(extents)
        return self.listen(answer=self.send_list(RELEASE, extents))

    def done(self):
        number, extents = self.taken.pop(0)
        for dpa, length in extents:
            self.mapped = {e for e in self.mapped
                           if not dpa <= e[0] < dpa + length}
        self.send_list(DONE, number=number)
        self.sync()
