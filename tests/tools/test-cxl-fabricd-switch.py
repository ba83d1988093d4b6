#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cxl-fabricd as a switch (fabricswitch.py): hosts of fabrichost.py, the real
cxl-fm as manager, and logical devices that go from one host to another.

    tests/tools/test-cxl-fabricd-switch.py BUILD

BUILD is a release's build directory. MEMFAB_FABRIC_ROUNDS is how often one of
the parties is killed at a random step, and everything compared (30);
MEMFAB_SEED, as it was printed, has the same steps.
"""

import json
import os
import random
import resource
import select
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'), HERE]
from fabricdaemon import FABRICD, M, refuses  # noqa: E402
from fabrichost import (BELOW, BIND, HEADER, HOLDS, MAGIC,  # noqa: E402
                        NONE, PART, PART_MAX, PING, Refused, STATE,
                        SwitchHost, TIMEOUT, UNBIND, VERSION)
from fabricswitch import (DONE, LESS, MANAGED, MLD, NOBODY,  # noqa: E402
                          PATIENT, POOL, REFUSED, SURPRISE, Switch, USAGE)
from tapsuite import expect, main  # noqa: E402


def test_shows_what_there_is(directory):
    with Switch(directory) as sw:
        a = sw.host()
        one = sw.manage('identify')
        expect(one['component'] == 'switch' and one['ports'] == 5 and
               one['virtual-switches'] == 3 and one['vppbs'] == 3, one)
        expect({port['port']: port['device'] for port in sw.manage('ports')} ==
               {0: 'none', 1: 'none', 2: 'none', 32: 'mld', 33: 'sld'})
        expect([(ld['range-1'], ld['range-2'])
                for ld in sw.manage('ld', 'list', MLD)] ==
               [(256 * M, 0), (0, 512 * M)])
        sw.manage('dc', 'info', POOL)
        sw.bind(a, 1, 0)
        text = json.dumps(sw.manage('events'))
        expect('Virtual' in text or 'virtual' in text, text)


def test_moves_from_host_to_host(directory):
    with Switch(directory) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 1)
        expect(sw.bound() == {(0, 1): 1}, sw.bound())
        at = a.place[1]
        a.write(at, b'kept')
        a.write(at + 512 * M - 4, b'last')
        # Nobody else has it, and nothing else fits below that bridge.
        sw.manage('bind', '1.1', MLD + '.1', status=REFUSED)
        sw.manage('bind', '0.2', MLD + '.1', status=REFUSED)
        sw.manage('bind', '0.1', MLD + '.0', status=REFUSED)
        sw.unbind(a, 1)
        expect(sw.bound() == {})
        sw.bind(b, 2, 1)
        expect(b.place[1] == at and b.read(at, 4) == b'kept')
        expect(b.read(at + 512 * M - 4, 4) == b'last')
        sw.unbind(b, 2, 'surprise')
        # The pool beside it lends as ever.
        sw.manage('dc', 'list', POOL)


def test_state_goes_along(directory):
    with Switch(directory) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 1)
        expect(a.given[1] == b'', a.given)
        # Longer than what is sent at once
        state = bytes(range(251)) * 2000
        a.hands_over(1, 1, b'older')
        a.hands_over(1, 1, state)
        sw.unbind(a, 1)
        sw.bind(b, 2, 1)
        expect(b.given[1] == state)
        sw.bind(a, 1, 0)
        expect(a.given[0] == b'', a.given)
        # A machine dies in the middle of the next one: the last one stays.
        b.hands_over(2, 1, b'last')
        b.send(STATE, PART.pack(2, 1, 2 * PART_MAX, 0) + bytes(PART_MAX))
        b.die()
        sw.until({(0, 1): 0})
        sw.bind(a, 2, 1)
        expect(a.given[1] == b'last', len(a.given[1]))
        a.hands_over(2, 1, b'')
        sw.unbind(a, 2)
        sw.bind(a, 2, 1)
        expect(a.given[1] == b'', len(a.given[1]))


def test_state_survives_its_own_death(directory):
    with Switch(directory, kept=True) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        sw.bind(a, 2, 1)
        state = bytes(range(250)) * 300
        a.hands_over(1, 0, b'first')
        a.hands_over(1, 0, state)
        sw.unbind(a, 1)
        sw.kill()
        a.hang_up()
        sw.start()
        a.attach()
        sw.bind(a, 1, 0)
        expect(a.given[0] == state)
        a.hands_over(1, 0, b'third')
        sw.unbind(a, 1)
        sw.kill()
        path = os.path.join(sw.journal, 'ld-0')
        with open(path, 'rb') as f:
            kept = f.read()
        for bad in (kept[:-1], kept + b'x', kept[:20] + b'x' + kept[21:],
                    kept[:-1] + b'x', b'', bytes(9 << 20)):
            with open(path, 'wb') as f:
                f.write(bad)
            errors = sw.cannot_start()
            expect('ld-0' in errors and 'damaged' in errors, errors)
        os.unlink(path)
        sw.start()
        a.attach()
        sw.bind(a, 1, 0)
        expect(a.given[0] == b'', a.given[0])


def test_state_is_kept_before_it_is_nobodys(directory):
    with Switch(directory, kept=True) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        a.kept()
        bindings, state = [os.path.join(sw.journal, name)
                           for name in ('bindings', 'ld-0')]
        with open(bindings, 'rb') as f:
            before = f.read()
        os.mkdir(state)
        a.hands_over(1, 0, b'cannot be kept')
        a.die()
        sw.until({})
        with open(bindings, 'rb') as f:
            expect(f.read() == before, 'it is nobody\'s')
        os.rmdir(state)
        b = sw.host()
        sw.bind(b, 1, 0)
        expect(b.given[0] == b'cannot be kept')


def test_state_of_who_did_not_read(directory):
    """It died before it had read what there was for it; what it said counts."""
    with Switch(directory) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 0)
        ping = HEADER.pack(MAGIC, VERSION, PING, 0, 0, 0)
        # Both directions are full: it is not read from any more.
        a.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        while select.select([], [a.socket], [], 1)[1]:
            try:
                a.socket.send(ping, socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
        a.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 212992)
        a.hands_over(1, 0, b'not read')
        a.die()
        sw.until({})
        sw.bind(b, 1, 0)
        expect(b.given[0] == b'not read', b.given)


def test_last_state_is_said_again(directory):
    """The switch dies before it says that it has it."""
    with Switch(directory, kept=True) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 0)
        a.hands_over(1, 0, b'first')
        a.kept()
        a.hands_over(1, 0, b'last')
        a.says(1, NONE)
        sw.kill()
        sw.start()
        # It may have been kept; who does not know says it once more.
        a.below[0] = 0
        a.attach()
        a.hands_over(1, 0, b'last')
        a.says(1, NONE)
        a.kept()
        sw.kill()
        sw.start()
        expect(sw.bound() == {}, sw.bound())
        b.attach()
        sw.bind(b, 1, 0)
        expect(b.given[0] == b'last', b.given)
        # Another one has it, and makes it another: that one counts.
        b.hands_over(1, 0, b'later')
        sw.unbind(b, 1)
        a.below[0] = 0
        a.attach()
        a.hands_over(1, 0, b'last')
        a.says(1, NONE)
        a.kept()
        sw.bind(b, 1, 0)
        expect(b.given[0] == b'later', b.given)


def answer(message, payload, rc=0):
    """What a logical device says to a command"""
    return (b'\x01' + message[1:5] + len(payload).to_bytes(3, 'little') +
            rc.to_bytes(2, 'little') + b'\0\0' + payload)


def test_tunnels_lead_to_machines(directory):
    with Switch(directory) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 0)
        sw.bind(b, 2, 1)
        words = [sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.%d' % ld)
                 for ld in (1, 0)]
        asked = b.command(), a.command()
        expect([vppb for _, vppb, _ in asked] == [2, 1], asked)
        expect(asked[0][2][3:5] == b'\x01\0', asked)
        # The switch does as ever meanwhile, and answers in any order.
        sw.manage('identify')
        a.replies(*asked[1][:2], answer(asked[1][2], b'of a'))
        expect(bytes(sw.end(words[1])) == b'of a')
        b.replies(*asked[0][:2], answer(asked[0][2], b'of b'))
        expect(bytes(sw.end(words[0])) == b'of b')
        # A refusal is the device's own; nonsense is one of the tunnel.
        for reply in (answer(asked[0][2], b'', 2), b'', b'nonsense of a host'):
            words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.1')
            number, vppb, message = b.command()
            b.replies(number, vppb, reply)
            sw.end(words, REFUSED)
        # Nobody has it, or he dies before he has answered.
        words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.1')
        b.command()
        b.end()
        sw.end(words, REFUSED)
        sw.until({(0, 1): 0})
        sw.manage('raw', '0001', '--to', MLD + '.1', status=REFUSED)
        # Nobody waits for ever; what is late is nothing.
        words = sw.begin('--timeout', '1', 'raw', '0001', '--to', MLD + '.0')
        number, vppb, message = a.command()
        sw.end(words, NOBODY)
        a.replies(number, vppb, answer(message, b'late'))
        sw.unbind(a, 1)
        # The connection ends, and the process lives: nobody waits for it.
        sw.bind(a, 1, 0)
        words = sw.begin('--timeout', LESS, 'raw', '0001', '--to', MLD + '.0')
        a.command()
        a.hang_up()
        sw.end(words, REFUSED)
        a.attach()
        # A manager goes away while its command is under way.
        words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.0')
        number, vppb, message = a.command()
        words.kill()
        words.communicate(timeout=TIMEOUT)
        a.replies(number, vppb, answer(message, b'nobody'))
        sw.unbind(a, 1)


def test_registers_are_in_machines(directory):
    """5301h and 5302h, and how long what comes through a tunnel may be"""
    request = os.path.join(directory, 'request')
    with Switch(directory) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        config = bytes([32, 0x04, 0x60, 0x80, 0, 0, 0, 0]) + b'\x06\x05\0\0'
        memory = struct.pack('<BBBBHHQ', 32, 0, 0xf0, 0xf, 0, 8, 0xfe000000)
        for opcode, payload, reply in (
                (0x5301, config, bytes(4)),
                (0x5302, memory, struct.pack('<HHQ', 8, 0, 0x1122334455))):
            with open(request, 'wb') as f:
                f.write(payload)
            words = sw.begin(*PATIENT, 'raw', '%04x' % opcode, request)
            number, vppb, asked = a.command()
            expect(vppb == 1 and a.kind == 1, (vppb, a.kind))
            expect(asked[3:5] == opcode.to_bytes(2, 'little'), asked)
            expect(asked[12:] == payload, asked)
            a.replies(number, vppb, answer(asked, reply))
            expect(bytes(sw.end(words)) == reply)
            # What is shorter than it says is no answer.
            words = sw.begin(*PATIENT, 'raw', '%04x' % opcode, request)
            number, vppb, asked = a.command()
            a.replies(number, vppb, answer(asked, reply[:-1]))
            sw.end(words, REFUSED)
        sw.manage('cfg', 'read', MLD + '.1', '0', status=REFUSED)
        sw.manage('cfg', 'read', POOL + '.0', '0', status=REFUSED)
        # The MLD's own room, not that of the switch
        words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.0')
        number, vppb, asked = a.command()
        expect(a.kind == 0 and a.room == 2044, (a.kind, a.room))
        a.replies(number, vppb, answer(asked, bytes(2032)))
        expect(len(bytes(sw.end(words))) == 2032)
        words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.0')
        number, vppb, asked = a.command()
        a.replies(number, vppb, answer(asked, bytes(2033)))
        sw.end(words, REFUSED)
        sw.unbind(a, 1)


def test_machines_answer_when_the_journal_is_full(directory):
    with Switch(directory, kept=True) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        accounts = os.path.join(sw.journal, 'accounts')
        resource.prlimit(sw.process.pid, resource.RLIMIT_FSIZE,
                         (os.stat(accounts).st_size, resource.RLIM_INFINITY))
        # Room that was taken before the disk was full is used up first.
        for _ in range(100):
            words = sw.begin('dc', 'add', POOL, '--size', '2M')
            words.communicate(timeout=TIMEOUT)
            if words.returncode:
                break
        sw.manage('dc', 'add', POOL, '--size', '2M', status=REFUSED)
        for _ in range(2):
            words = sw.begin(*PATIENT, 'raw', '0001', '--to', MLD + '.0')
            number, vppb, message = a.command()
            a.replies(number, vppb, answer(message, b'here'))
            expect(bytes(sw.end(words)) == b'here')
        a.kept()
        # What has to be kept is refused still.
        a.hands_over(1, 0, b'state')
        try:
            a.told()
        except Refused as refused:
            expect(refused.args[0] == 6, refused.args)
        else:
            expect(False, 'it was taken')


def test_who_is_refused_is_not_asked(directory):
    """Also while the refusal cannot be said, for something is to be kept."""
    with Switch(directory, kept=True) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        a.kept()
        obstacle = os.path.join(sw.journal, 'ld-0')
        os.mkdir(obstacle)
        a.hands_over(1, 0, b'cannot be kept')
        # It is written while everybody goes on: until then all is well.
        expect('nothing is changed' in sw.process.stderr.readline())
        a.hands_over(1, 0, b'is not taken')
        sw.manage('--timeout', LESS, 'raw', '0001', '--to', MLD + '.0',
                  status=REFUSED)
        os.rmdir(obstacle)
        try:
            a.told()
        except Refused as refused:
            expect(refused.args[0] == 6, refused.args)
        else:
            expect(False, 'it was taken')
        expect(a.socket.recv(1) == b'')


def test_refuses_what_there_is_not(directory):
    with Switch(directory) as sw:
        sw.host()
        for words in (('bind', '0.3', MLD + '.0'), ('bind', '0.0', MLD + '.0'),
                      ('bind', '1.1', MLD + '.0'), ('bind', '9.1', MLD + '.0'),
                      ('bind', '0.1', MLD + '.2'), ('bind', '0.1', MLD),
                      ('bind', '0.1', POOL), ('bind', '0.1', '7'),
                      ('unbind', '0.1'), ('unbind', '0.0'),
                      ('unbind', '2.1')):
            sw.manage(*words, status=REFUSED)


def test_host_refuses(directory):
    with Switch(directory) as sw:
        a = sw.host()
        words = sw.begin('bind', '0.1', MLD + '.0')
        expect(a.told() == (BIND, 1, 0))
        a.says(1, NONE)
        sw.end(words, REFUSED)
        expect(sw.bound() == {})
        sw.bind(a, 1, 0)
        words = sw.begin('unbind', '0.1')
        expect(a.told() == (UNBIND, 1, MANAGED))
        a.says(1, 0)
        sw.end(words, REFUSED)
        expect(sw.bound() == {(0, 1): 0})
        # It lets go by itself, and what crossed a command says nothing.
        sw.raw('5202', bytes((0, 1, 0)))
        a.says(1, NONE)
        sw.until({})
        words = sw.begin('bind', '0.1', MLD + '.1')
        told = a.told()
        a.says(1, NONE, number=a.numbers[0] - 1)
        a.says(1, told[2])
        sw.end(words)
        expect(sw.bound() == {(0, 1): 1})


def test_given_up_and_not_let_go(directory):
    """What was begun and aborted is not another one's before its host says."""
    with Switch(directory) as sw:
        a, b = sw.host(), sw.host()
        sw.raw('5201', bytes((0, 1, int(MLD), 0, 0, 0)))
        expect(a.told() == (BIND, 1, 0))
        sw.raw('0005', b'')
        expect(a.told() == (UNBIND, 1, SURPRISE))
        expect(sw.bound() == {})
        sw.manage('bind', '1.1', MLD + '.0', status=REFUSED)
        a.says(1, 0, number=a.numbers[0] - 1)
        sw.manage('bind', '1.1', MLD + '.0', status=REFUSED)
        a.says(1, NONE)
        # What it said may not have been read yet.
        while not sw.bind_if_free(b, 1, 0):
            time.sleep(0.1)
        expect(sw.bound() == {(1, 1): 0})


def test_hosts_die_at_each_step(directory):
    with Switch(directory) as sw:
        b = sw.host(1)
        for step in range(4):
            a = sw.host(0)
            words = None
            if step == 0:
                words = sw.begin('bind', '0.1', MLD + '.0')
                a.told()
            else:
                sw.bind(a, 1, 0)
            if step == 2:
                words = sw.begin('unbind', '0.1')
                a.told()
            if step == 3:
                a.hang_up()
                # Its process lives: it has it still.
                sw.manage('bind', '1.1', MLD + '.0', status=REFUSED)
                expect(sw.bound() == {(0, 1): 0})
            a.die()
            if words:
                sw.end(words, DONE if step == 2 else REFUSED)
            sw.until({})
            sw.bind(b, 1, 0)
            sw.unbind(b, 1)
            a.end()


def test_comes_back(directory):
    with Switch(directory) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        sw.bind(a, 2, 1)
        words = sw.begin('unbind', '0.1')
        a.told()
        # It comes back, is asked again, and has lost the other one.
        a.below[1] = NONE
        a.attach()
        expect(a.told() == (UNBIND, 1, MANAGED))
        expect(sw.bound().keys() <= {(0, 1)}, sw.bound())
        a.says(1, NONE)
        sw.end(words)
        expect(sw.bound() == {})
        # Bound while the connection breaks
        words = sw.begin('bind', '0.2', MLD + '.1')
        expect(a.told() == (BIND, 2, 1))
        a.attach()
        a.takes(2, 1)
        sw.end(words)
        expect(sw.bound() == {(0, 2): 1})


def test_survives_its_own_death(directory):
    with Switch(directory, kept=True) as sw:
        a, b = sw.host(), sw.host()
        sw.bind(a, 1, 0)
        sw.bind(b, 1, 1)
        a.write(a.place[0], b'mine')
        sw.kill()
        # B ends while nobody watches; A has its memory all the time.
        b.die()
        a.write(a.place[0] + 4, b'still')
        sw.start()
        expect(sw.bound() == {(0, 1): 0}, sw.bound())
        sw.host(1)
        sw.manage('bind', '1.1', MLD + '.0', status=REFUSED)
        a.attach()
        expect(a.read(a.place[0], 9) == b'minestill')
        sw.unbind(a, 1)
        # What it says that it has counts, but not what is another one's.
        sw.bind(a, 1, 0)
        thief = SwitchHost(sw.host_path, 2)
        sw.hosts.append(thief)
        thief.below[0] = 0
        refuses(thief, 5)
        sw.kill()
        a.below[0] = NONE
        sw.start()
        a.attach()
        expect(sw.bound() == {}, sw.bound())


def test_sizes_change(directory):
    def sizes():
        return [ld['size'] for ld in sw.manage('ld', 'list', MLD)]

    with Switch(directory, kept=True, more=['--ld-capacity', '1280M']) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        a.write(a.place[0], b'mine')
        sw.manage('ld', 'alloc', MLD + '.0', '512M', status=REFUSED)
        sw.unbind(a, 1)
        sw.manage('ld', 'alloc', MLD + '.1', '0', '1G')
        sw.manage('ld', 'alloc', MLD + '.0', '512M', status=REFUSED)
        sw.manage('ld', 'alloc', MLD + '.0', '0', '256M', status=REFUSED)
        expect(sizes() == [256 * M, 1024 * M], sizes())
        # What keeps its size keeps its bytes, also over a death.
        sw.bind(a, 1, 0)
        expect(a.read(a.place[0], 4) == b'mine')
        sw.unbind(a, 1)
        sw.kill()
        sw.start()
        a = sw.host()
        expect(sizes() == [256 * M, 1024 * M], sizes())
        sw.manage('ld', 'alloc', MLD + '.1', '0')
        sw.manage('bind', '%d.1' % a.number, MLD + '.1', status=REFUSED)
        sw.manage('ld', 'alloc', MLD + '.0', '512M')
        sw.manage('ld', 'alloc', MLD + '.1', '0', '256M')
        sw.bind(a, 1, 0)
        sw.bind(a, 2, 1)
        expect(a.read(a.place[0], 4) == bytes(4))
        expect(a.place[1] >= a.place[0] + 512 * M or
               a.place[1] + 256 * M <= a.place[0], a.place)
        a.write(a.place[0], b'1')
        a.write(a.place[0] + 512 * M - 1, b'1')
        expect(a.read(a.place[1], 1) + a.read(a.place[1] + 256 * M - 1, 1) ==
               bytes(2))


def test_sizes_that_stay(directory):
    """Who keeps the memory and not the accounts cannot know them later."""
    with Switch(directory, more=['--memory',
                                 os.path.join(directory, 'memory')]) as sw:
        sw.manage('ld', 'alloc', MLD + '.0', '0', status=REFUSED)
        expect(len(sw.manage('ld', 'list', MLD)) == 2)


def test_hostile_hosts(directory):
    with Switch(directory) as sw:
        a = sw.host()
        sw.bind(a, 1, 0)
        for talk in (lambda h: h.says(1, 1), lambda h: h.send(BELOW,
                                                              bytes(4) +
                                                              b'\x08\0\xff\0'),
                     lambda h: h.says(1, NONE, number=99),
                     lambda h: h.send(BELOW, bytes(7)),
                     lambda h: h.hands_over(1, 0, b'not mine'),
                     lambda h: h.hands_over(1, 1, b'nobody has it'),
                     lambda h: h.send(STATE, PART.pack(1, 1, PART_MAX + 1,
                                                       PART_MAX) + b'x'),
                     lambda h: h.send(STATE, bytes(15)),
                     lambda h: h.send(HOLDS, bytes(16)),
                     lambda h: h.send(UNBIND, bytes(8)),
                     lambda h: h.socket.sendall(b'garbage, and more of it')):
            h = sw.host(1)
            talk(h)
            try:
                h.told()
            except (Refused, ConnectionError):
                pass
            else:
                expect(False, 'it was believed')
            h.end()
            expect(sw.bound() == {(0, 1): 0}, sw.bound())
        many = SwitchHost(sw.host_path, 1, 9)
        sw.hosts.append(many)
        refuses(many, 5)
        gone = SwitchHost(sw.host_path, 7)
        sw.hosts.append(gone)
        refuses(gone, 2)
        taken = SwitchHost(sw.host_path, 0)
        sw.hosts.append(taken)
        refuses(taken, 3)


class Rounds:
    """Steps at random, in one of which somebody dies; then all is compared."""

    def __init__(self, sw, rng):
        self.sw, self.rng = sw, rng
        self.hosts = [None, None]
        self.asked = None               # a host that has not answered: vPPB
        self.bytes = {0: bytes(16), 1: bytes(16)}
        self.states = {0: {b''}, 1: {b''}}      # that may be given
        self.latest = {0: b'', 1: b''}          # and is given if it was heard

    def host(self, i):
        if not self.hosts[i]:
            self.hosts[i] = self.sw.host(i)
        return self.hosts[i]

    def round(self):
        for _ in range(self.rng.randrange(4)):
            self.step(False)
        self.asked = None
        words = self.step(True)
        restarted = self.death()
        if self.asked and not restarted and self.asked[0] in self.hosts:
            # It does not do it.
            host, vppb = self.asked
            host.says(vppb, host.below[vppb - 1])
        if words:
            words.communicate(timeout=TIMEOUT)
        self.compare()

    def step(self, last):
        """With a host; the last one is begun, and not always finished."""
        host = self.host(self.rng.randrange(2))
        had = [ld for h in self.hosts if h for ld in h.below if ld != NONE]
        free = [ld for ld in (0, 1) if ld not in had]
        vppb = self.rng.randrange(2)
        if host.below[vppb] == NONE:
            return self.bind(host, vppb + 1, self.rng.choice(free),
                             last) if free else None
        if self.rng.random() < .5:
            self.change(host, vppb + 1)
            return None
        return self.unbind(host, vppb + 1, last)

    def bind(self, host, vppb, ld, last):
        words = self.sw.begin('bind', '%d.%d' % (host.number, vppb),
                              '%s.%d' % (MLD, ld))
        expect(host.told() == (BIND, vppb, ld))
        expect(host.given[ld] in self.states[ld], ld)
        expect(host.read(host.place[ld], 16) == self.bytes[ld], ld)
        if last and self.rng.random() < .5:
            self.asked = host, vppb
            return words
        host.says(vppb, ld)
        self.sw.end(words)
        self.states[ld] = {host.given[ld]}
        self.latest[ld] = host.given[ld]
        self.change(host, vppb)
        return None

    def change(self, host, vppb):
        ld = host.below[vppb - 1]
        state = self.rng.randbytes(self.rng.choice((1, 1000, 100000)))
        self.bytes[ld] = self.rng.randbytes(16)
        host.write(host.place[ld], self.bytes[ld])
        host.hands_over(vppb, ld, state)
        self.states[ld].add(state)
        self.latest[ld] = state

    def unbind(self, host, vppb, last):
        ld = host.below[vppb - 1]
        words = self.sw.begin('unbind', '%d.%d' % (host.number, vppb),
                              self.rng.choice(('--managed', '--surprise')))
        expect(host.told()[:2] == (UNBIND, vppb))
        if last and self.rng.random() < .5:
            self.asked = host, vppb
            return words
        state = self.rng.randbytes(100)
        host.hands_over(vppb, ld, state)
        host.says(vppb, NONE)
        self.sw.end(words)
        # All that it said before that has been heard.
        self.states[ld] = {state}
        return None

    def death(self):
        """True: it was the switch, which is there again."""
        victim = self.rng.randrange(3)
        if victim == 2:
            self.sw.kill()
            self.sw.start()
            for host in filter(None, self.hosts):
                self.comes_back(host)
        elif self.hosts[victim]:
            host, self.hosts[victim] = self.hosts[victim], None
            # What it has said counts, whether or not it was read by then.
            for ld in host.below:
                if ld != NONE:
                    self.states[ld] = {self.latest[ld]}
            self.sw.hosts.remove(host)
            host.die()
            host.end()
        return victim == 2

    def comes_back(self, host):
        """What it said last may not have been heard."""
        host.attach()
        for i, ld in enumerate(host.below):
            if ld != NONE:
                host.hands_over(i + 1, ld, self.latest[ld])

    def compare(self):
        """The manager sees what hosts have."""
        self.sw.until({(host.number, i + 1): ld
                       for host in filter(None, self.hosts)
                       for i, ld in enumerate(host.below) if ld != NONE})


def test_deaths_at_random(directory):
    rounds = int(os.environ.get('MEMFAB_FABRIC_ROUNDS', 30))
    seed = int(os.environ.get('MEMFAB_SEED', 0)) or random.randrange(1 << 32)
    print('# MEMFAB_SEED=%d MEMFAB_FABRIC_ROUNDS=%d' % (seed, rounds),
          flush=True)
    with Switch(directory, kept=True) as sw:
        r = Rounds(sw, random.Random(seed))
        for _ in range(rounds):
            r.round()


def test_pipes_are_no_files(directory):
    """Nobody writes to them, and a start does not wait for that."""
    sw = Switch(directory, kept=True)
    for path in [sw.memory] + [os.path.join(sw.journal, name)
                               for name in ('accounts', 'bindings', 'ld-0')]:
        os.mkfifo(path)
        errors = sw.cannot_start()
        expect(path in errors and 'file' in errors, path, errors)
        os.unlink(path)
    with sw:
        sw.manage('identify')


def test_wrong_use(directory):
    base = ['--size', '256M', '--host-socket', directory + '/h',
            '--manager-socket', directory + '/m']
    for more, words in ((['--ld', '100M'], 'multiple of 256M'),
                        (['--ld', '256M,red'], "neither 'volatile'"),
                        (['--ld', 'much'], '--ld'),
                        (['--ld', '0'], 'multiple of 256M'),
                        (['--ld-capacity', '1G'], 'must be one'),
                        (['--ld', '512M', '--ld-capacity', '256M'],
                         'no less than'),
                        (['--ld', '512M', '--ld-capacity', '700M'],
                         'multiple of 256M'),
                        (['--ld', '512M', '--ld-capacity', 'some'],
                         '--ld-capacity'),
                        (['--ld', '256M', '--hosts', '17'], 'there can be 16'),
                        (['--ld', '256M'] * 17, 'more than 16')):
        done = subprocess.run([FABRICD] + base + more, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False)
        expect(done.returncode == USAGE and words in done.stderr, more,
               done.returncode, done.stderr)


if __name__ == '__main__':
    main(globals())
