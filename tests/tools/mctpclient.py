# SPDX-License-Identifier: GPL-2.0-or-later
"""MCTP frames of a socket for fabric managers, as a client speaks that is no
cxl-fm: by hand, and as wrong as it likes.
"""

import functools
import struct

from tapsuite import expect


def check_sequence(data):
    fcs = 0xffff
    for byte in data:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ (0x8408 if fcs & 1 else 0)
    return fcs


@functools.lru_cache(4096)
def frame(packet):
    head = bytes([1, len(packet)])
    inner = packet.replace(b'\x7d', b'\x7d\x5d').replace(b'\x7e', b'\x7d\x5e')
    return (b'\x7e' + head + inner +
            struct.pack('>H', check_sequence(head + packet)) + b'\x7e')


def message(opcode, payload, length, tag, answer):
    body = (b'\x07' + bytes([answer, tag, 0, opcode & 0xff, opcode >> 8]) +
            struct.pack('<I', length)[:3] + bytes(4) + payload)
    parts = [body[i:i + 64] for i in range(0, len(body), 64)]
    out = []
    for i, part in enumerate(parts):
        flags = (0x80 if i == 0 else 0) | tag | i % 4 << 4 | (
            0 if answer else 8) | (0x40 if i == len(parts) - 1 else 0)
        out.append(frame(bytes([1, 0, 9, flags]) + part))
    return b''.join(out)


def request(opcode, payload=b'', claimed=None, tag=1):
    length = len(payload) if claimed is None else claimed
    return message(opcode, payload, length, tag, 0)


@functools.lru_cache(64)
def answer(opcode, payload, tag):
    return message(opcode, payload, len(payload), tag, 1)


def requests(sock):
    """(opcode, payload, tag) of what a manager asks, until it goes."""
    data, body = b'', b''
    while True:
        more = sock.recv(65536)
        if not more:
            return
        *frames, data = (data + more).split(b'\x7e')
        for packet in (undo(part)[2:-2] for part in frames if len(part) > 4):
            body += packet[4:]
            if packet[3] & 0x40:
                yield (struct.unpack_from('<H', body, 4)[0], body[13:],
                       packet[3] & 7)
                body = b''


def answers(sock, count):
    """Return codes of so many short answers, or more if they are there."""
    codes = []
    data = b''
    while len(codes) < count:
        more = sock.recv(65536)
        expect(more, 'it hung up after', codes)
        data += more
        parts = data.split(b'\x7e')
        codes = [part for part in parts[:-1] if len(part) > 4]
    return [struct.unpack_from('<H', undo(part), 6 + 1 + 8)[0]
            for part in codes]


def undo(part):
    return part.replace(b'\x7d\x5e', b'\x7e').replace(b'\x7d\x5d', b'\x7d')


def hung_up(sock):
    """It ends the connection, with bytes of ours unread or not."""
    try:
        return sock.recv(1) == b''
    except ConnectionError:
        return True


def notification(data):
    """The bits of an Event Notification (0106h), if that is what came."""
    packet = undo(data.strip(b'\x7e'))[2:-2]
    head = struct.unpack_from('<BBBBBB', packet, 4)
    expect(head[0] == 7 and head[1] == 0 and head[4:] == (6, 1), packet)
    return struct.unpack_from('<H', packet, 4 + 1 + 12)[0]
