#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cxl-fm against the cxl-fm-port of a real QEMU, and hostile clients of both.

    tests/tools/test-cxl-fm.py BUILD

BUILD is a release's build directory. QEMU runs without a guest: a switch with
a memory device that has dynamic capacity below port 0, and nothing below
port 1. The switch has a socket, and so has the memory device.
"""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'), HERE]
from mctpclient import (answer, answers, frame, hung_up, request,  # noqa: E402
                        requests)
from tapsuite import expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
TOOL = os.path.join(BUILD, 'memfab', 'tools', 'cxl-fm')
QEMU = os.path.join(BUILD, 'qemu-system-x86_64')
DONE, REFUSED, USAGE, NOBODY = range(4)
TAG = '01234567-89ab-cdef-0123-456789abcdef'
DOORS = 8
MEMORY = '/machine/peripheral/cxl0'


# a logical device of four that there could be, in the empty port
MLD = ['-object', 'memory-backend-ram,id=ldmem,size=256M',
       '-device', 'cxl-mld,id=mld0,lds=4,port=9',
       '-device', 'cxl-type3,bus=ds1,id=ld2,volatile-memdev=ldmem,mld=mld0,'
       'ld=2,bound=off']


def words(*ports, more=()):
    """The machine; @ports are the options of cxl-fm-ports."""
    argv = [QEMU, '-M', 'q35,cxl=on,cxl-fmw.0.targets.0=cxl.0,'
            'cxl-fmw.0.size=4G', '-m', '256M,maxmem=8G,slots=2', '-S',
            '-display', 'none', '-nodefaults',
            '-device', 'pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=12',
            '-device', 'cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=2',
            '-device', 'cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0',
            '-device', 'cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,'
            'id=sw0',
            '-device', 'cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4',
            '-device', 'cxl-downstream,port=1,bus=us0,id=ds1,chassis=0,slot=5',
            '-object', 'memory-backend-ram,id=vmem,size=256M',
            '-object', 'memory-backend-ram,id=dcmem,size=512M',
            '-device', 'cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,'
            'volatile-dc-memdev=dcmem,num-dc-regions=2']
    argv += more
    for port in ports:
        argv += ['-device', 'cxl-fm-port,' + port]
    return argv


class Machine:
    """A QEMU with both sockets and a monitor."""

    def __init__(self, directory, more=()):
        if not os.path.exists(QEMU):
            skip('no QEMU is built')
        self.switch = os.path.join(directory, 'switch')
        self.memory = os.path.join(directory, 'memory')
        self.qmp_path = os.path.join(directory, 'qmp')
        self.qemu = subprocess.Popen(
            words('id=fm0,target=us0,socket=' + self.switch,
                  'id=fm1,target=cxl0,socket=' + self.memory, more=more) +
            ['-qmp', 'unix:%s,server=on,wait=off' % self.qmp_path],
            stderr=subprocess.PIPE, text=True)
        self.lines = None
        self.deleted = set()            # devices that have left

    def __enter__(self):
        wait_until(lambda: os.path.exists(self.qmp_path) and
                   os.path.exists(self.memory) or self.qemu.poll() is not None)
        expect(self.qemu.poll() is None, 'QEMU does not start',
               self.qemu.poll() is not None and self.qemu.stderr.read())
        self.monitor = connect(self.qmp_path)
        self.lines = self.monitor.makefile('r')
        self.lines.readline()
        self.qmp('qmp_capabilities')
        return self

    def __exit__(self, kind, *_):
        died = self.qemu.poll()
        if died is None:
            with contextlib.suppress(OSError):
                self.qmp('quit')
            self.qemu.wait(60)
        said = self.qemu.stderr.read()
        self.qemu.stderr.close()
        self.lines.close()
        self.monitor.close()
        if kind is None:
            expect(died is None, 'QEMU died:', died, said)
            expect(not os.path.exists(self.switch) and
                   not os.path.exists(self.memory), 'a socket is left')

    def qmp(self, command, **arguments):
        self.monitor.sendall((json.dumps(
            {'execute': command, 'arguments': arguments}) + '\n').encode())
        while True:
            answer = json.loads(self.lines.readline() or '{"error": "gone"}')
            if answer.get('event') == 'DEVICE_DELETED':
                self.deleted.add(answer['data'].get('device'))
            if 'return' in answer or 'error' in answer:
                expect('return' in answer, command, answer)
                return answer['return']

    def ports(self):
        return {os.path.basename(port['path']): port
                for port in self.qmp('query-cxl-fm-ports')}


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, 'it takes too long')
        time.sleep(0.02)


def connect(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(path)
    return sock


def fm(path, *arguments, text=None):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([TOOL, '-c', path, '--timeout=60', *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          input=text, check=False, timeout=120)
    return (done.returncode, done.stdout.decode(), done.stderr.decode())


def good(path, *arguments, **settings):
    status, text, said = fm(path, *arguments, **settings)
    expect(status == DONE and not said, arguments, status, said)
    return text


def seen(path, *arguments):
    return json.loads(good(path, '--json', *arguments))


def refused(path, status, words_said, *arguments):
    got, text, said = fm(path, *arguments)
    expect(got == status and words_said in said and not text, arguments, got,
           said, 'instead of', status, words_said)


# The cases

def test_what_there_is(directory):
    with Machine(directory) as m:
        identity = seen(m.switch, 'identify')
        expect(identity['component'] == 'switch' and identity['ports'] == 3 and
               identity['device'] == '19e5:a123', identity)
        ports = {port['port']: port for port in seen(m.switch, 'ports')}
        expect(ports[0]['device'] == 'sld' and ports[0]['link'] == 'L0' and
               ports[1]['device'] == 'none' and ports[1]['link'] == 'detect',
               ports)
        text = good(m.switch, 'ports')
        expect(text.startswith('PORT ') and len(text.splitlines()) >= 3, text)
        expect(seen(m.memory, 'identify')['component'] == 'type-3', 'memory')
        refused(m.memory, REFUSED, 'a memory device and no switch', 'ports')
        # the socket is its owner's alone
        expect(os.stat(m.switch).st_mode & 0o777 == 0o600, 'mode')
        info = m.ports()
        expect(info['fm0']['target'] == '/machine/peripheral/us0' and
               info['fm0']['socket'] == m.switch and
               info['fm0']['clients'] == 0 and info['fm0']['requests'] > 5 and
               info['fm0']['refused'] == 0, info)


def test_registers_and_any_command(directory):
    with Machine(directory) as m:
        expect(good(m.switch, 'cfg', 'read', '0', '0xa', '-w', '2') ==
               '0x0604\n', 'class of the port')
        good(m.switch, 'cfg', 'write', '0', '0x19', '5', '--width=1')
        expect(good(m.switch, 'cfg', 'read', '0', '0x18', '-w', '4') ==
               '0x00000500\n', 'bus numbers')
        expect(seen(m.switch, 'cfg', 'read', '0', '0x19', '-w', '1') == '0x05',
               'as JSON')
        refused(m.switch, REFUSED, 'Invalid Input (02h)', 'cfg', 'read', '77',
                '0')
        # so much of Identify: vendor and device
        text = good(m.switch, 'raw', '0001')
        expect(text.startswith('0000: e5 19 23 a1'), text)
        path = os.path.join(directory, 'identity')
        good(m.switch, 'raw', '0001', '--to', '0', '--output', path)
        with open(path, 'rb') as file:
            expect(file.read()[:4] == b'\x86\x80\x93\x0d', 'of port 0')
        expect(good(m.switch, 'raw', '0004', '-', text=b'\x0a') ==
               '0000: 0a\n', 'payload from standard input')
        refused(m.switch, REFUSED, 'Unsupported (03h)', 'raw', '7777')
        refused(m.switch, REFUSED, 'Tunnel Management Command (5300h) was '
                'refused: Invalid Input', 'raw', '1', '--to', '1')


def test_reset_of_ports(directory):
    def link(path):
        return {p['port']: p['link'] for p in seen(path, 'ports')}[0]

    with Machine(directory) as m:
        good(m.switch, 'port', 'reset', '0')
        good(m.switch, 'port', 'perst', '0', 'on')
        expect(link(m.switch) == 'hot-reset', 'PERST')
        good(m.switch, 'port', 'perst', '0', 'off')
        expect(link(m.switch) == 'L0', 'no PERST')
        refused(m.switch, REFUSED, 'Invalid Input', 'port', 'reset', '9')


def offered(m):
    return [e for e in m.qmp('query-cxl-extents', path=MEMORY)['extents']]


def test_dynamic_capacity(directory):
    with Machine(directory) as m:
        info = seen(m.switch, 'dc', 'info', '0')
        expect(info['regions'] == 2 and info['capacity'] == 512 << 20 and
               [r['length'] for r in info['region-list']] == 2 * [256 << 20],
               info)
        expect(seen(m.memory, 'dc', 'info') == info, 'the same device')
        expect(seen(m.switch, 'dc', 'list', '0') == [], 'nobody has any')
        good(m.switch, 'dc', 'add', '0', '--size', '64M', '--tag', TAG)
        extents = offered(m)
        expect(sum(e['length'] for e in extents) == 64 << 20, extents)
        refused(m.switch, REFUSED, 'Resources Exhausted', 'dc', 'add', '0',
                '--size', '1G')
        base = info['region-list'][1]['base']
        good(m.memory, 'dc', 'add', '--region', '1', hex(base) + ',4M')
        expect(len(offered(m)) == len(extents) + 1, offered(m))
        refused(m.memory, REFUSED, 'Invalid Extent List', 'dc', 'add',
                '--region', '1', hex(base + (2 << 20)) + ',4M')
        # nobody has accepted it: that can be taken back by force only
        refused(m.switch, REFUSED, 'refused', 'dc', 'release', '0',
                hex(base) + ',4M')
        good(m.switch, 'dc', 'release', '0', '--forced', hex(base) + ',4M')
        expect(len(offered(m)) == len(extents), offered(m))
        refused(m.switch, REFUSED, 'refused', 'dc', 'share', '0', '--tag', TAG,
                '--host', '0')
        refused(m.switch, USAGE, 'Give the PORT', 'dc', 'info')
        expect(isinstance(seen(m.switch, 'events', '0'), list), 'events')


def bound(m):
    """Port that is bound to vPPB 0.1, or None."""
    vcs = seen(m.switch, 'vcs')[0]
    return {v['vppb']: v for v in vcs['vppbs']}[1]['port']


def port_state(m):
    return {p['port']: p['state'] for p in seen(m.switch, 'ports')}[0]


def test_bind_and_unbind(directory):
    with Machine(directory) as m:
        m.qmp('cont')
        with subprocess.Popen([TOOL, '-c', m.switch, '--json', 'events',
                               '--follow'], stdout=subprocess.PIPE,
                              text=True) as watcher:
            wait_until(lambda: m.ports()['fm0']['requests'] > 6)
            expect(bound(m) == 0, 'as it was plugged in')
            good(m.switch, 'unbind', '0.1', '--surprise')
            expect(bound(m) is None, 'still bound')
            # it is a manager's all the same
            good(m.switch, 'raw', '0001', '--to', '0')
            refused(m.switch, REFUSED, 'Unbind vPPB (5202h) was refused: '
                    'Invalid Input (02h)', 'unbind', '0.1')
            good(m.switch, 'bind', '0.1', '0')
            expect(bound(m) == 0, 'not bound')
            refused(m.switch, REFUSED, 'Bind vPPB (5201h) was refused: '
                    'Invalid Input (02h)', 'bind', '0.1', '0')
            changes = []
            while len(changes) < 2:
                record = json.loads(watcher.stdout.readline())
                if record.get('event') == 'binding-change':
                    changes.append((record['vcs'], record['vppb'],
                                    record['status']))
            watcher.kill()
        expect(changes[0] == (0, 1, 'unbound') and
               changes[1] == (0, 1, 'bound-port'), changes)


def test_logical_devices(directory):
    with Machine(directory, MLD) as m:
        m.qmp('cont')
        port = {p['port']: p for p in seen(m.switch, 'ports')}[9]
        expect(port['device'] == 'mld' and port['lds'] == 4, port)
        lds = seen(m.switch, 'ld', 'list', '9')
        expect([ld['size'] >> 20 for ld in lds] == [0, 0, 256, 0], lds)
        good(m.switch, 'ld', 'qos', '9', 'egress-moderate-percent=20')
        qos = seen(m.switch, 'ld', 'qos', '9')
        expect(qos['egress-moderate-percent'] == 20, qos)
        refused(m.switch, REFUSED, 'Invalid Input', 'ld', 'qos', '9',
                'sample-interval=16')
        refused(m.switch, REFUSED, 'Unsupported (03h)', 'ld', 'alloc', '9.2',
                '512M')
        # a manager reaches it, bound or not, and no other
        identity = seen(m.switch, 'raw', '0001', '--to', '9.2')
        expect(identity[:4] == [0x86, 0x80, 0x93, 0x0d], identity)
        expect(good(m.switch, 'cfg', 'read', '9.2', '0') == '0x0d938086\n',
               'configuration space')
        good(m.switch, 'cfg', 'write', '9.2', '0x3c', '7', '-w', '1')
        expect(good(m.switch, 'cfg', 'read', '9.2', '0x3c', '-w', '1') ==
               '0x07\n', 'a register that keeps what is written')
        refused(m.switch, REFUSED, 'Invalid Input', 'cfg', 'read', '9.3', '0')
        refused(m.switch, REFUSED, 'Invalid Input', 'bind', '0.2', '9.3')
        good(m.switch, 'bind', '0.2', '9.2')
        vppb = {v['vppb']: v for v in seen(m.switch, 'vcs')[0]['vppbs']}[2]
        expect((vppb['status'], vppb['port'], vppb['ld']) ==
               ('bound-ld', 9, 2), vppb)
        doc = seen(m.switch, 'list')
        expect([len(p['ld-list']) for p in doc['ports'] if p['port'] == 9] ==
               [4], doc)
        good(m.switch, 'unbind', '0.2', '--surprise')
        refused(m.switch, REFUSED, 'Invalid Input', 'unbind', '0.2')


def test_everything_at_once(directory):
    with Machine(directory) as m:
        doc = seen(m.switch, 'list')
        expect([p['port'] for p in doc['ports'] if p['device'] == 'sld'] ==
               [0] and doc['vcs'][0]['vppbs'], doc)
        text = good(m.switch, 'list')
        for line in ('switch 19e5:a123', '  port 0 downstream, sld, link L0',
                     '  vcs 0 enabled', '    vppb 0.1 bound-port 0'):
            expect('\n' + line in '\n' + text, line, 'is not in', text)
        text = good(m.switch, 'graph', '--dot')
        expect(text.startswith('graph fabric {') and
               '"vcs 0" -- "port 0"' in text, text)
        doc = seen(m.memory, 'list')
        expect(doc['extents'] == [], doc)
        good(m.memory, 'graph')
        path = os.path.join(directory, 'picture.svg')
        good(m.memory, 'graph', '--svg', path)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        expect(text.startswith('<svg ') and text.endswith('</svg>\n'), text)


def test_wrong_use(directory):
    path = os.path.join(directory, 'nobody')
    for arguments, said in (
            ((), 'no command is given'),
            (('lost',), "no command 'lost'"),
            (('dc',), "no command 'dc'"),
            (('identify', '--color'), '--color'),
            (('bind', '0.1'), 'something is missing'),
            (('bind', '0.1', '2', '3'), 'too many'),
            (('bind', '1', '2'), 'VCS.VPPB'),
            (('bind', '0.1', '300'), 'PORT.LD'),
            (('bind', '0.1', '-1'), '-1'),
            (('unbind', '0.1', '--managed', '--surprise'), 'exclude'),
            (('port', 'perst', '0', 'yes'), "'on'"),
            (('cfg', 'read', '0', '0x1000'), '4095'),
            (('cfg', 'read', '0', '2', '-w', '3'), '1, 2 or 4'),
            (('cfg', 'read', '0', '2'), 'multiple'),
            (('cfg', 'write', '0', '0', '256', '-w', '1'), '255'),
            (('dc', 'add', '0', '--size', '4X'), '256M or 4G'),
            (('dc', 'add', '0', '--size', '99999999T'), '256M or 4G'),
            (('dc', 'add', '0', '--size', ''), '256M or 4G'),
            (('dc', 'add', '0'), '--size'),
            (('dc', 'add', '0', '1,2,3'), 'ADDRESS,LENGTH'),
            (('dc', 'add', '0', '--tag', 'blue'), 'UUID'),
            (('dc', 'add', '0', '--size', '1M', '--policy', 'any'),
             'contiguous'),
            (('dc', 'release', '0'), '--tag'),
            (('dc', 'share', '0', '--tag', TAG), '--host'),
            (('ld', 'alloc', '0', '1G'), 'names no LD'),
            (('ld', 'list', '0.1'), 'names one LD'),
            (('raw', 'xyz'), 'opcode'),
            (('raw', '1', '/dev/null/none'), 'none'),
            (('graph', '--dot', '--svg', 'x'), 'exclude')):
        refused(path, USAGE, said, *arguments)
    for option in ('--timeout=0', '--timeout=-1', '--timeout=nan',
                   '--timeout=x'):
        refused(path, USAGE, '--timeout' if option != '--timeout=x' else 'x',
                option, 'list')
    env = {k: v for k, v in os.environ.items() if k != 'CXL_FM_SOCKET'}
    done = subprocess.run([TOOL, 'list'], env=env, stderr=subprocess.PIPE,
                          text=True, check=False)
    expect(done.returncode == USAGE and 'CXL_FM_SOCKET' in done.stderr, done)
    for option in ('--help', '--version'):
        done = subprocess.run([TOOL, option], stdout=subprocess.PIPE,
                              text=True, check=False)
        expect(done.returncode == DONE and 'cxl-fm' in done.stdout, done)


def test_nobody_answers(directory):
    path = os.path.join(directory, 'socket')
    refused(path, NOBODY, path, 'list')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        refused(path, NOBODY, path, 'list')
        server.listen()
        # not somebody whose path is the beginning of this one
        refused(path.ljust(108, 's'), NOBODY, 'path of 108 bytes', 'list')
        start = time.monotonic()
        done = subprocess.run([TOOL, '-c', path, '--timeout=0.2', 'list'],
                              stderr=subprocess.PIPE, text=True, check=False)
        expect(done.returncode == NOBODY and 'no answer within 200 ms' in
               done.stderr and time.monotonic() - start < 60, done)
        server.accept()[0].close()

        # noise, then the end; a peer that is no cxl-fm-port
        def talk():
            peer = server.accept()[0]
            with peer:
                peer.recv(100)
                peer.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n' + bytes(9999))
        thread = threading.Thread(target=talk)
        thread.start()
        refused(path, NOBODY, 'ended the connection', 'list')
        thread.join()


@contextlib.contextmanager
def component(directory, says):
    """One that answers whatever @says(opcode, payload, number) is, forever."""
    path = os.path.join(directory, 'component')

    def talk(server):
        with contextlib.suppress(OSError), server.accept()[0] as peer:
            for number, (opcode, payload, tag) in enumerate(requests(peer)):
                peer.sendall(answer(opcode, says(opcode, payload, number),
                                    tag))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        thread = threading.Thread(target=talk, args=(server,))
        thread.start()
        try:
            yield path
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_log_that_never_ends(directory):
    many = 255

    def says(opcode, payload, number):
        # Get Event Records: of the first log there are always more
        if opcode != 0x0100 or payload[0]:
            return bytes(32)
        return (b'\2' + bytes(19) + struct.pack('<H', many) + bytes(10) +
                bytes(128 * many))
    with component(directory, says) as path:
        status, text, said = fm(path, '--json', 'events', '--clear')
    expect(status == DONE and "log 'informational' has more records than the 65535" in
           said, status, said)
    # what was cleared is shown
    expect(text.count('"handle"') == 65535, text.count('"handle"'))


def test_extents_that_never_end(directory):
    def says(opcode, payload, number):
        if opcode == 0x5600:                # one host
            return b'\1' + bytes(31)
        if opcode == 0x0001:                # a memory device
            return bytes(17) + b'\3'
        total = 2 * number if number < 9 else 0xffffffff
        return bytes(8) + struct.pack('<II', 1, total) + bytes(8 + 40)
    with component(directory, says) as path:
        refused(path, NOBODY, 'is answered with 4294967295 extents', 'dc',
                'list')


def test_short_answers_print_nothing(directory):
    def says(opcode, payload, number):
        # through the tunnel: Get QoS Control is answered, QoS Status is not
        inner = bytes(7) if payload[7:9] == b'\x03\x54' else b''
        return struct.pack('<HH', 12 + len(inner), 0) + bytes(12) + inner
    with component(directory, says) as path:
        refused(path, NOBODY, 'only 0 bytes long', 'ld', 'qos', '0')


def test_one_is_hostile_and_others_do_not_notice(directory):
    with Machine(directory) as m:
        clients = [connect(m.switch) for _ in range(4)]
        noisy, half, liar, stranger = clients
        noisy.sendall(b'GET / HTTP/1.1\r\n' * 1000)
        half.sendall(request(0x5100)[:11])
        liar.sendall(request(1, bytes(3), claimed=0xfffff) +
                     request(1, bytes(20000)))
        stranger.sendall(frame(b'\x01\x00\x09\xc8\x7f') + frame(b'\x02' * 9) +
                         frame(b'\x01'))
        good(m.switch, 'identify')
        expect(hung_up(noisy), 'it listens to noise')
        expect(answers(liar, 2) == [0x16, 0x16], 'lengths that lie')
        stranger.sendall(request(1))
        expect(answers(stranger, 1) == [0], 'after what is nothing')
        expect(m.ports()['fm0']['dropped'] >= 3, m.ports())
        half.close()
        good(m.switch, 'identify')
        for client in clients:
            client.close()
        wait_until(lambda: m.ports()['fm0']['clients'] == 0)


def test_floods(directory):
    flood = request(0x0003) * 100
    with Machine(directory) as m:
        slow = connect(m.switch)
        slow.setblocking(False)
        sent = 0
        # nobody reads the answers: it stops to take requests
        with contextlib.suppress(BlockingIOError):
            for _ in range(1000):
                sent += slow.send(flood)
            expect(False, 'everything was taken:', sent)
        taken = m.ports()['fm0']['requests']
        good(m.switch, 'identify')
        good(m.memory, 'identify')
        # who reads at last gets them all
        slow.settimeout(60)
        expect(set(answers(slow, 50)) == {0}, 'after the flood', taken)
        slow.close()
        wait_until(lambda: m.ports()['fm0']['clients'] == 0)


def test_too_many_managers(directory):
    with Machine(directory) as m:
        for name, path in (('fm0', m.switch), ('fm1', m.memory)):
            clients = [connect(path) for _ in range(DOORS)]
            for client in clients:
                client.sendall(request(1))
                expect(answers(client, 1) == [0], name, 'within the limit')
            refused(path, NOBODY, 'as many managers as', 'identify')
            expect(m.ports()[name]['refused'] == 1 and
                   m.ports()[name]['clients'] == DOORS, m.ports())
            clients.pop().close()
            wait_until(lambda n=name: m.ports()[n]['clients'] == DOORS - 1)
            good(path, 'identify')
            for client in clients:
                client.close()


def test_two_managers_at_once(directory):
    """One operation at a time, whoever asks; who starts it may go."""
    with Machine(directory) as m:
        first, second = connect(m.switch), connect(m.switch)
        # the machine stands: what has begun does not end
        first.sendall(request(0x5202, bytes([0, 1, 2])))
        expect(answers(first, 1) == [1], 'begun')
        second.sendall(request(0x5202, bytes([0, 1, 2])))
        expect(answers(second, 1) == [6], 'busy')
        first.sendall(request(0x5201, bytes([0, 1, 0, 0]))[:20])
        first.close()
        expect(bound(m) == 0 and port_state(m) == 'unbind-in-progress',
               seen(m.switch, 'ports'))
        m.qmp('cont')
        wait_until(lambda: bound(m) is None)
        second.sendall(request(0x5201, bytes([0, 1, 0, 0, 255, 255])))
        expect(answers(second, 1) == [1], 'bound again')
        wait_until(lambda: bound(m) == 0)
        second.close()


def slot_off(m):
    """The slot of port 0 loses power, and what is in it is gone."""
    cap = int(seen(m.switch, 'cfg', 'read', '0', '0x34', '-w', '1'), 0)
    while int(seen(m.switch, 'cfg', 'read', '0', hex(cap), '-w', '1'),
              0) != 0x10:
        cap = int(seen(m.switch, 'cfg', 'read', '0', hex(cap + 1), '-w', '1'),
                  0)
    control = hex(cap + 0x18)
    good(m.switch, 'cfg', 'write', '0', control, '0x0100', '-w', '2')
    m.qmp('device_del', id='cxl0')
    good(m.switch, 'cfg', 'write', '0', control, '0x0700', '-w', '2')


def test_target_goes(directory):
    with Machine(directory) as m:
        idle = connect(m.memory)
        idle.sendall(request(1))
        expect(answers(idle, 1) == [0], 'before')
        slot_off(m)
        wait_until(lambda: {p['port']: p['device'] for p in seen(
            m.switch, 'ports')}[0] == 'none')
        refused(m.memory, NOBODY, 'device is gone', 'identify')
        idle.sendall(request(1))
        expect(hung_up(idle), 'it answers')
        idle.close()
        good(m.switch, 'identify')
        # Nobody holds on to it.
        wait_until(lambda: m.qmp('query-status') and 'cxl0' in m.deleted)
        expect(m.ports())


def launch(*ports):
    done = subprocess.run(words(*ports), stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False)
    return done.returncode, done.stderr


def test_refused_at_launch(directory):
    path = os.path.join(directory, 'socket')
    if not os.path.exists(QEMU):
        skip('no QEMU is built')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        for port, said in (
                ('target=sw0', "'socket' must be set"),
                ('socket=' + path, "'target' must be set"),
                ('target=none,socket=' + path, "no device 'none'"),
                ('target=ds0,socket=' + path, 'a cxl-downstream has no'),
                ('target=sw0,socket=' + path, 'Address already in use'),
                ('target=sw0,socket=' + directory + '/no/such', 'No such'),
                ('target=sw0,socket=' + 200 * 'x', '200 characters')):
            status, text = launch(port)
            expect(status == 1 and said in text, port, status, text)


def test_a_stale_socket_is_replaced(directory):
    path = os.path.join(directory, 'switch')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
    with Machine(directory) as m:
        good(m.switch, 'identify')


if __name__ == '__main__':
    main(globals())
