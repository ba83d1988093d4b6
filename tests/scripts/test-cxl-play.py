#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/cxl-play judged from outside, against a monitor of this test's own:
what it sends and when, that the same seed and the log do the same again, and
that every mistake of a scenario is told by line and column."""

import importlib.machinery
import json
import os
import re
import socket
import threading
import types

from tapsuite import ROOT, expect, main, run, write

PLAY = os.path.join(ROOT, 'tools', 'cxl-play')
SCENARIOS = os.path.join(ROOT, 'tools', 'scenarios')


class Machine(threading.Thread):
    """A monitor that keeps what it is sent, and refuses what it is told to."""

    def __init__(self, directory, refuse=(), greeting='{"QMP": {}}',
                 words=None):
        super().__init__(daemon=True)
        self.path = os.path.join(directory, 'qmp')
        self.refuse = refuse
        self.greeting = greeting
        self.words = words
        self.seen = []
        self.port = socket.socket(socket.AF_UNIX)
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.port.bind(self.path)
        self.port.listen()
        self.start()

    def run(self):
        stream = self.port.accept()[0].makefile('rwb')
        stream.write(self.greeting.encode() + b'\n')
        stream.flush()
        for line in stream:
            request = json.loads(line)
            name = request['execute']
            if name != 'qmp_capabilities':
                self.seen.append((name, request.get('arguments', {})))
            # an event may come before any answer
            self.answer(stream, {'event': 'X'})
            self.answer(stream, {'error': {'desc': self.words or 'no ' + name}}
                        if name in self.refuse else {'return': {}})

    @staticmethod
    def answer(stream, message):
        stream.write(json.dumps(message).encode() + b'\n')
        stream.flush()


def play(directory, text, *options, refuse=()):
    """Status, output, and what the machine was sent."""
    machine = Machine(directory, refuse)
    name = write(directory, 'scenario', text)
    status, output = run(PLAY, '--qmp', machine.path, *options, name)
    return status, output, machine.seen


def test_order_and_values(directory):
    status, output, seen = play(directory, '''
        # later first
        at 2ms set mem0 temperature -5
        every 1ms until 3ms correctable /machine/x physical
        at 1ms poison mem0 0x1000 4k
        at 3ms qmp query-status arguments='{"a b": [1]}'
        ''')
    expect(status == 0, output)
    names = [name for name, _ in seen]
    expect(names == ['cxl-inject-correctable-error',
                     'cxl-inject-correctable-error', 'cxl-inject-poison',
                     'qom-set', 'cxl-inject-correctable-error',
                     'cxl-inject-correctable-error', 'query-status'], names)
    expect(seen[0][1]['path'] == '/machine/x', seen)
    expect(seen[2][1] == {'path': '/machine/peripheral/mem0', 'start': 4096,
                          'length': 4096}, seen[2])
    expect(seen[3][1]['value'] == -5, seen[3])
    expect(seen[6][1] == {'a b': [1]}, seen[6])


CHANCE = '''
seed 42
every 1ms until 30ms poison mem0 random(0,64k,64) 64
every 1ms until 30ms correctable mem0|mem1 physical|crc-threshold
every 2ms until 30ms uncorrectable mem0 internal header=random(1,9),2
'''


def test_a_seed_is_a_play(directory):
    first = play(directory, CHANCE)
    again = play(directory, CHANCE)
    other = play(directory, CHANCE, '--seed', '43')
    expect(first[0] == 0, first[1])
    expect(first[2] == again[2], 'the same seed played something else')
    expect(first[2] != other[2], 'another seed played the same')
    lines = [arguments['start'] for name, arguments in first[2]
             if name == 'cxl-inject-poison']
    expect(len(lines) == 31 and len(set(lines)) > 15
           and not any(start % 64 for start in lines), lines)


def test_the_log_is_a_scenario(directory):
    log = os.path.join(directory, 'log')
    first = play(directory, CHANCE, '--log', log)
    expect(first[0] == 0, first[1])
    with open(log, encoding='utf-8') as stream:
        text = stream.read()
    expect('random' not in text and '|' not in text, text)
    again = play(directory, text, '--seed', '99')
    expect(again[2] == first[2], 'the log played something else')


def test_what_is_refused_is_told(directory):
    status, output, seen = play(directory, '''
        at 0s stop
        at 1ms unplug mem0
        at 2ms continue''', refuse=('device_del',))
    expect(status == 1 and '# refused: no device_del' in output, output)
    expect([name for name, _ in seen] == ['stop', 'device_del', 'cont'], seen)


WRONG = {
    'later 1s stop': '1:1: ',
    'at': '1:3: a time is missing',
    'at 5 stop': "1:4: '5' is not a time",
    'at 1h stop': "1:4: '1h' is not a time",
    'at 1s': '1:6: a step is missing',
    '\n\n  at 1s explode': "3:9: 'explode' is no step",
    'at 1s stop now': "1:12: 'now' is not",
    'at 1s poison mem0 0x10': '1:23: length is missing',
    'at 1s poison mem0 x 64': "1:19: 'x' is not a number",
    'at 1s poison mem0 -64 64': '1:19: -64 is not within',
    'at 1s poison mem0 random(9,3) 64': '1:19: ',
    'at 1s poison mem0 random(0,9,0) 64': '1:19: ',
    'at 1s correctable mem0 rust': "1:24: 'rust' is not one of",
    'at 1s correctable mem0 physical|rust': "1:24: 'rust' is not one of",
    'at 1s dram mem0 0 bank=256': '1:24: 256 is not within 0 to 255',
    'at 1s dram mem0 0 bang=1': "1:19: 'bang=1' is not",
    'at 1s general-media mem0 0 log=loud': "1:32: 'loud' is not one of",
    'at 1s release-capacity mem0 0 64 forced=1': "1:41: '1' is not on",
    'at 1s plug {"a"': '1:12: ',
    "at 1s set mem0 tag 'x": '1:20: ',
    "at 1s set mem0 tag x'": "1:21: ''' is not",
    'at 1s poison mem0 random(0,9,-1) 64': '1:19: ',
    'at 527041m stop': '1:4: more than 366 days',
    'at 1%s.0s stop' % ('0' * 400): '1:4: more than 366 days',
    'at %ss stop' % ('9' * 5000): '1:4: more than 366 days',
    'every 1s from 5s until 1s stop': '1:7: until is before from',
    'seed random(1,2)': '1:6: ',
    'every 1s stop': '1:10: until',
    'every 0s until 1s stop': '1:7: ',
    'every 1ns until 10s stop': '1:7: ',
    'seed x': "1:6: 'x' is not a number",
    'seed 1 2': "1:8: '2' is one word too many",
    "at 1s plug '%s'" % ('[' * 100000): '1:12: too much is nested',
}


def test_mistakes_have_a_place(directory):
    for text, place in WRONG.items():
        name = write(directory, 'wrong', text)
        status, output = run(PLAY, '--check', name)
        expect(status == 2 and '%s:%s' % (name, place) in output,
               repr(text), 'expected: ' + place, 'said: ' + output)
        expect('Traceback' not in output, output)


def test_no_machine(directory):
    name = write(directory, 'scenario', 'at 0s stop\n')
    for where in (os.path.join(directory, 'nothing'), name):
        status, output = run(PLAY, '--qmp', where, name)
        expect(status == 2 and 'Traceback' not in output, output)
    status, output = run(PLAY, '--check', os.path.join(directory, 'none'))
    expect(status == 2 and 'Traceback' not in output, output)
    write(directory, 'bytes', '')
    with open(os.path.join(directory, 'bytes'), 'wb') as stream:
        stream.write(b'\xff\xfe\x00')
    status, output = run(PLAY, '--check', os.path.join(directory, 'bytes'))
    expect(status == 2 and 'Traceback' not in output, output)


def test_no_monitor(directory):
    name = write(directory, 'scenario', 'at 0s stop\n')
    for said in ('SSH-2.0', '[]', '7'):
        machine = Machine(directory, greeting=said)
        status, output = run(PLAY, '--qmp', machine.path, name)
        expect(status == 2 and 'no QMP' in output and
               'Traceback' not in output, said, output)


def test_no_answer(directory):
    """One that talks, and one whose line has no end, have their time."""
    loader = importlib.machinery.SourceFileLoader('cxl_play', PLAY)
    module = types.ModuleType(loader.name)
    loader.exec_module(module)
    for said, patience, end in (('{"event": "X"}\n', 1, 'has not answered'),
                                ('x' * 4096, 600, 'has no end')):
        path = os.path.join(directory, 'talker-%d' % len(said))
        port = socket.socket(socket.AF_UNIX)
        port.bind(path)
        port.listen()

        def talk(port=port, said=said):
            peer = port.accept()[0]
            try:
                peer.sendall(b'{"QMP": {}}\n')
                while True:
                    peer.sendall(said.encode())
            except OSError:
                peer.close()

        threading.Thread(target=talk, daemon=True).start()
        module.LINE_MAX = 1 << 20
        try:
            module.Monitor(path, patience)
            told = 'nothing'
        except OSError as error:
            told = str(error)
        expect(end in told, said[:20], told)


def test_the_log_says_it_as_it_was(directory):
    """What has quotes is the same again, and an answer is no step."""
    text = """at 0s qmp a arguments='{"x": "it\\u0027s"}'
at 0s set mem0 tag "a \\"b\\" c"
at 0s unplug mem0
"""
    log = os.path.join(directory, 'log')
    first = play(directory, text, '--log', log)
    expect([arguments for _, arguments in first[2]][:2] ==
           [{'x': "it's"}, {'path': '/machine/peripheral/mem0',
                            'property': 'tag', 'value': 'a "b" c'}], first)
    with open(log, encoding='utf-8') as stream:
        again = play(directory, stream.read())
    expect(again[0] == 0 and again[2] == first[2], again)


def test_an_answer_is_no_step(directory):
    machine = Machine(directory, refuse=('stop',),
                      words='no\nat 0s qmp quit\n')
    name = write(directory, 'scenario', 'at 0s stop\n')
    log = os.path.join(directory, 'log')
    status, output = run(PLAY, '--qmp', machine.path, '--log', log, name)
    expect(status == 1, output)
    with open(log, encoding='utf-8') as stream:
        text = stream.read()
    expect('# refused: no at 0s qmp quit\n' in text, text)
    expect(len(text.splitlines()) == 2, text)


def test_ours_are_right_and_described(directory):
    names = sorted(os.listdir(SCENARIOS))
    expect(len(names) >= 10, names)
    status, output = run(PLAY, '--check', *(os.path.join(SCENARIOS, name)
                                            for name in names))
    expect(status == 0, output)
    with open(os.path.join(ROOT, 'docs', 'cxl', 'scenarios.md'),
              encoding='utf-8') as stream:
        page = stream.read()
    with open(PLAY, encoding='utf-8') as stream:
        steps = re.findall(r"^@step\('([a-z-]+)'", stream.read(), re.M)
    missing = [word for word in names + steps
               if '`%s`' % word.replace('.scenario', '') not in page]
    expect(not missing, 'docs/cxl/scenarios.md lacks', missing)


if __name__ == '__main__':
    main(globals())
