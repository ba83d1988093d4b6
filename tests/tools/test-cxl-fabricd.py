#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cxl-fabricd with hosts of fabrichost.py and the real cxl-fm as manager.

    tests/tools/test-cxl-fabricd.py BUILD

BUILD is a release's build directory. MEMFAB_FABRIC_ROUNDS is how often one of
the parties is killed at a random step, and the accounts compared (30);
MEMFAB_SEED is the seed of that.
"""

import ctypes
import json
import os
import random
import resource
import shutil
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'), HERE]
from fabricdaemon import Daemon, FABRICD, M, MANAGER, refuses  # noqa: E402
from fabrichost import (ANSWER, ASK, DONE, HEADER, HELLO,  # noqa: E402
                        HOLDS, Host, MAGIC, OFFER, RELEASE,
                        TAKE_BACK, TIMEOUT, VERSION)
from mctpclient import answers, notification, request  # noqa: E402
from tapsuite import expect, main, skip  # noqa: E402

SIZE, SHARED = 256 * M, 256 * M
TAG = '01234567-89ab-cdef-0123-456789abcdef'
SUCCESS, INVALID_DPA, RESOURCES, EXTENT_LIST = 0, 0x0f, 0x1d, 0x1e


class Pool(Daemon):
    """A cxl-fabricd with a pool, hosts of it, and cxl-fm."""

    def __init__(self, directory, kept=False, named=False):
        super().__init__(directory, kept)
        self.named = kept or named      # the memory is a file

    def command(self):
        more = ['--memory', self.memory] if self.named else []
        more += ['--journal', self.journal] if self.kept else []
        return super().command() + ['--size', str(SIZE), '--shared',
                                    str(SHARED)] + more

    def host(self, head=0xffff):
        host = Host(self.host_path, head)
        self.hosts.append(host)
        return host.attach()

    def manage(self, *words, status=0):
        done = subprocess.run([MANAGER, '-c', self.manager_path, '--json', *words],
                              capture_output=True, text=True, timeout=TIMEOUT,
                              check=False)
        expect(done.returncode == status, words, done.returncode, done.stdout,
               done.stderr)
        return json.loads(done.stdout) if done.stdout else done.stderr

    def add(self, host, size, region=0, tag=None, status=0):
        return self.manage('dc', 'add', '--host', str(host), '--region',
                           str(region), '--size', str(size),
                           *(['--tag', tag] if tag else []), status=status)

    def take(self, host, *extents, force=True, status=0):
        return self.manage('dc', 'release', '--host', str(host),
                           *(['--forced'] if force else []),
                           *('%d,%d' % e for e in extents), status=status)

    def until_manager(self):
        """The ends of connections may not have been noticed yet."""
        for _ in range(10 * TIMEOUT):
            done = subprocess.run([MANAGER, '-c', self.manager_path, 'identify'],
                                  capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        expect(False, 'nobody makes room', done)

    def extents(self):
        return {(e['host'], e['address'], e['length'])
                for e in self.manage('dc', 'list')}

    def given(self, host, size=4 * M, **more):
        """@host has that much more."""
        self.add(host.number, size, **more)
        expect(host.accept() == SUCCESS)
        return sorted(host.mapped)[-1]

    def offer_all(self, host=2, region=0):
        """All of the region can be had, once it has been wiped: its tag."""
        tag = ['--tag', 'ffffffff-0000-0000-0000-000000000001']
        words = ['dc', 'add', '--host', str(host), '--region', str(region),
                 '--policy', 'contiguous', '--size', str(SIZE)] + tag
        for _ in range(10 * TIMEOUT):
            done = subprocess.run([MANAGER, '-c', self.manager_path, *words],
                                  capture_output=True, text=True, check=False)
            if done.returncode == 0:
                break
            expect(done.returncode == 1, done.stderr)
            time.sleep(0.1)
        expect(done.returncode == 0, 'capacity is lost', done.stderr)
        return tag

    def becomes_free(self, host=2, region=0):
        tag = self.offer_all(host, region)
        self.manage('dc', 'release', '--host', str(host), '--forced', *tag)


def test_moves_from_host_to_host(directory):
    with Pool(directory) as pool:
        a, b = pool.host(), pool.host()
        expect((a.number, b.number) == (0, 1))
        dpa, length = pool.given(a)
        expect(pool.extents() == {(0, dpa, length)})
        a.write(dpa, b'secret')
        pool.take(0, (dpa, length), force=False)
        a.listen(ASK)
        expect(a.asked == [(dpa, length)], a.asked)
        expect(a.release(a.asked) == SUCCESS)
        expect(pool.extents() == set())
        pool.becomes_free(host=1)
        b.sync()
        # What was offered and taken back is not there to be answered.
        while b.taken:
            b.done()
        b.sync()
        while b.offers:
            b.accept([])
        pool.manage('dc', 'add', '--host', '1', '%d,%d' % (dpa, length))
        expect(b.accept() == SUCCESS)
        expect(b.read(dpa, length) == bytes(length))


def test_refuses_and_takes_a_part(directory):
    with Pool(directory) as pool:
        a = pool.host()
        pool.add(0, 8 * M)
        a.listen(OFFER)
        expect(a.accept([]) == SUCCESS and pool.extents() == set())
        pool.add(0, 8 * M)
        a.listen(OFFER)
        number, [(dpa, length)] = a.offers[0]
        expect(a.accept([(dpa + 2 * length, length)]) == INVALID_DPA)
        expect(a.accept([(dpa, 2 * M), (dpa + 4 * M, 2 * M)]) == SUCCESS)
        expect(pool.extents() == {(0, dpa, 2 * M), (0, dpa + 4 * M, 2 * M)})
        # What it has not got it cannot give back.
        expect(a.release([(dpa + 2 * M, 2 * M)]) == INVALID_DPA)


def test_is_taken_by_force(directory):
    with Pool(directory) as pool:
        a, b = pool.host(), pool.host()
        dpa, length = pool.given(a, SIZE)
        a.write(dpa, b'mine')
        pool.take(0, (dpa, length))
        a.listen(TAKE_BACK)
        # The host has not answered: nobody else gets it.
        pool.add(1, 2 * M, status=1)
        a.done()
        expect(not a.mapped)
        pool.becomes_free(host=1)
        b.sync()


def test_is_shared(directory):
    with Pool(directory) as pool:
        a, b = pool.host(), pool.host()
        dpa, length = pool.given(a, region=1, tag=TAG)
        pool.manage('dc', 'share', '--tag', TAG, '--host', '1', '--region',
                    '1')
        expect(b.accept() == SUCCESS and b.mapped == a.mapped)
        a.write(dpa, b'hello')
        expect(b.read(dpa, 5) == b'hello')
        b.write(dpa, b'there')
        expect(a.read(dpa, 5) == b'there')
        expect(pool.extents() == {(0, dpa, length), (1, dpa, length)})
        a.release([(dpa, length)])
        expect(b.read(dpa, 5) == b'there')
        b.release([(dpa, length)])
        pool.becomes_free(region=1)
        expect(b.read(dpa, 5) == bytes(5))


def test_hosts_die_at_each_step(directory):
    with Pool(directory) as pool:
        for step in range(5):
            a = pool.host(0)
            pool.add(0, SIZE)
            a.listen(OFFER)
            if step > 0:
                a.accept()
                a.write(0, b'secret')
            if step == 2:
                pool.take(0, (0, 4 * M), force=False)
                a.listen(ASK)
            if step == 3:
                pool.take(0, (0, 4 * M))
                a.listen(TAKE_BACK)
            if step == 4:
                a.hang_up()
                pool.add(1, 2 * M, status=1)
            a.die()
            pool.becomes_free()
            expect(a.read(0, 6) == bytes(6))
            a.end()


def test_comes_back(directory):
    with Pool(directory) as pool:
        a = pool.host()
        extent = pool.given(a)
        a.write(extent[0], b'kept')
        # The same host by another process, and by another connection
        other = Host(pool.host_path)
        pool.hosts.append(other)
        other.id = a.id
        refuses(other, 3)
        other.die()
        first, process = a.socket, a.process
        a.socket = None
        refuses(a, 4)
        a.hang_up()
        a.socket = first
        a.sync()
        # What is not on its connection any more is said again.
        pool.add(0, 2 * M)
        pool.take(0, extent)
        a.attach()
        a.listen(TAKE_BACK)
        expect(a.process is process and a.taken[0][1] == [extent], a.taken)
        expect(not a.offers)
        a.done()
        expect(a.accept() == SUCCESS)


def test_memory_of_somebody_is_wiped_first(directory):
    """A file that no accounts are about, in whichever way they are missing"""
    memory = os.path.join(directory, 'memory')
    for kept in (False, True):
        with open(memory, 'wb') as stream:
            stream.truncate(SIZE + SHARED)
            for at in (0, SIZE // 2, SIZE - 1, SIZE + SHARED - 1):
                stream.seek(at)
                stream.write(b'x')
        with Pool(directory, kept=kept, named=True) as pool:
            pool.host(2)
            pool.offer_all()
            with open(memory, 'rb') as stream:
                for at in (0, SIZE // 2, SIZE - 1):
                    stream.seek(at)
                    expect(stream.read(1) == b'\0', kept, at)


def test_memory_is_wiped_after_power_was_lost(directory):
    """Holes were not on the disk; what was offered is offered no more."""
    boot = os.path.join(directory, 'journal', 'boot')
    for known in (b'another run 16 b', None):
        with Pool(directory, kept=True) as pool:
            a = pool.host()
            pool.given(a)
            pool.add(1, 4 * M)
            pool.kill()
            a.end()
            if known:
                expect(os.path.getsize(boot) == 16)
                with open(boot, 'wb') as stream:
                    stream.write(known)
            else:
                os.unlink(boot)
            memory = os.path.join(directory, 'memory')
            with open(memory, 'r+b') as stream:
                for at in range(0, SIZE, 2 * M):
                    stream.seek(at)
                    stream.write(b'somebody')
            pool.start()
            expect(pool.extents() == set(), pool.extents())
            host = pool.host(2)
            pool.offer_all()
            expect(host.accept() == SUCCESS)
            for at in range(0, SIZE, 2 * M):
                expect(host.read(at, 8) == bytes(8), at)
        shutil.rmtree(os.path.join(directory, 'journal'))


def test_who_lives_keeps_it_without_a_boot_file(directory):
    """Where nobody knows whether the machine was off, who lives does."""
    with Pool(directory, kept=True) as pool:
        a, b = pool.host(), pool.host()
        mine = pool.given(a)
        pool.given(b)
        a.write(mine[0], b'mine')
        pool.add(0, 4 * M)
        pool.kill()
        b.die()
        os.unlink(os.path.join(directory, 'journal', 'boot'))
        pool.start()
        expect(pool.extents() == {(0,) + mine}, pool.extents())
        # All that can be wiped has been when that is free.
        pool.host(1)
        words = [MANAGER, '-c', pool.manager_path, 'dc', 'add', '--host', '1',
                 '--size', str(SIZE - mine[1])]
        for _ in range(10 * TIMEOUT):
            done = subprocess.run(words, capture_output=True, text=True,
                                  check=False)
            if done.returncode == 0:
                break
            time.sleep(0.1)
        expect(done.returncode == 0, 'capacity is lost', done.stderr)
        a.attach()
        a.sync()
        expect(not a.taken and not a.offers, a.taken, a.offers)
        expect(a.read(mine[0], 4) == b'mine')
        expect(a.release([mine]) == SUCCESS)


def test_survives_its_own_death(directory):
    with Pool(directory, kept=True) as pool:
        a, b = pool.host(), pool.host()
        mine = pool.given(a)
        a.write(mine[0], b'mine')
        shared = pool.given(b, region=1, tag=TAG)
        pool.add(0, 8 * M)              # an offer without an answer
        before = pool.extents()
        pool.kill()
        # B ends while nobody watches; A has its memory all the time.
        b.die()
        a.write(mine[0] + 4, b'still')
        pool.start()
        expect(pool.extents() == before - {(1,) + shared}, pool.extents())
        pool.becomes_free(region=1)
        a.attach()
        expect(a.read(mine[0], 9) == b'minestill')
        expect(a.accept() == SUCCESS and len(a.mapped) == 2)


def test_compares_accounts(directory):
    """What a host has, by its own word, when the pool comes back."""
    with Pool(directory, kept=True) as pool:
        a = pool.host()
        extents = [pool.given(a, 2 * M) for _ in range(3)]
        pool.kill()
        pool.start()
        a.mapped = set(extents[:2])
        a.attach()
        expect(pool.extents() == {(0,) + e for e in extents[:2]},
               pool.extents())
        # It says that it has what it never had.
        a.mapped = {extents[0], (128 * M, 2 * M)}
        a.attach()
        a.listen(TAKE_BACK)
        expect(a.taken[0][1] == [(128 * M, 2 * M)], a.taken)
        a.done()
        expect(pool.extents() == {(0,) + extents[0]})
        # Nobody takes what another one has by saying so.
        b = Host(pool.host_path)
        pool.hosts.append(b)
        b.mapped = {extents[0]}
        refuses(b, 5)


def hang_up_of(path, *parts):
    """What the other side says until it ends the connection."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(TIMEOUT)
        s.connect(path)
        said = b''
        try:
            for part in parts:
                s.sendall(part)
            while True:
                data = s.recv(4096)
                if not data:
                    return said
                said += data
        except (BrokenPipeError, ConnectionResetError):
            return said


def test_hostile_hosts(directory):
    rng = random.Random(5)
    with Pool(directory) as pool:
        a = pool.host()
        extent = pool.given(a)
        hello = HEADER.pack(MAGIC, VERSION, HELLO, 0, 24, 1) + bytes(24)
        for parts in ([rng.randbytes(100)], [b'\0' * 5000],
                      [HEADER.pack(MAGIC, VERSION + 1, HELLO, 0, 24, 1) +
                       bytes(24)],
                      [HEADER.pack(MAGIC, VERSION, HELLO, 0, 1 << 31, 1)],
                      [HEADER.pack(MAGIC, VERSION, ANSWER, 0, 16, 1) +
                       bytes(16)],
                      [hello[:-4] + b'\xff' * 4],
                      [hello[:32] + b'\x09\0' + hello[34:]],
                      [hello[:-4] + b'\1\0\0\0',
                       HEADER.pack(MAGIC, VERSION, HOLDS, 0, 16, 2) +
                       bytes(16)]):
            said = hang_up_of(pool.host_path, *parts)
            expect(len(said) > 20 and said[5] == 17, parts, said)
        # Connections that say nothing make room for each other.
        idle = []
        for _ in range(100):
            s = socket.socket(socket.AF_UNIX)
            s.connect(pool.host_path)
            idle.append(s)
        b = pool.host()
        # Who does not read is not read from.
        b.socket.settimeout(0.3)
        try:
            for _ in range(100000):
                b.send_list(RELEASE, [(0, 2 * M)])
            expect(False, 'all of it was taken')
        except TimeoutError:
            pass
        # In the middle of a message
        a.socket.sendall(HEADER.pack(MAGIC, VERSION, DONE, 0, 16, 9)[:7])
        a.hang_up()
        expect(pool.extents() == {(0,) + extent})
        with open('/proc/%d/status' % pool.process.pid) as status:
            kib = int(status.read().split('RssAnon:')[1].split()[0])
        expect(kib < 10240, kib)
        for s in idle:
            s.close()


def test_hostile_managers(directory):
    rng = random.Random(7)
    with Pool(directory) as pool:
        expect(hang_up_of(pool.manager_path, rng.randbytes(9000)) == b'')
        idle = []
        for _ in range(10):
            s = socket.socket(socket.AF_UNIX)
            s.connect(pool.manager_path)
            s.sendall(b'\x7e\x01\x20')  # a frame without an end
            idle.append(s)
        pool.manage('identify')
        for _ in range(16):             # more than there can be
            idle.append(socket.socket(socket.AF_UNIX))
            idle[-1].connect(pool.manager_path)
        pool.manage('identify', status=3)
        for s in idle:
            s.close()
        pool.until_manager()
        # Two at once: each gets its own, and nothing twice.
        many = [subprocess.Popen([MANAGER, '-c', pool.manager_path, 'dc', 'add',
                                  '--host', str(i % 2), '--size', '128M'],
                                 stderr=subprocess.DEVNULL)
                for i in range(4)]
        states = [p.wait(TIMEOUT) for p in many]
        expect(sorted(states) == [0, 0, 1, 1], states)
        for words in (['dc', 'add', '--host', '9', '--size', '2M'],
                      ['dc', 'add', '--region', '2', '--size', '2M'],
                      ['dc', 'add', '--size', '3M'],
                      ['dc', 'release', '--tag', TAG],
                      ['dc', 'share', '--tag', TAG, '--host', '0'],
                      ['ports'], ['raw', '5300']):
            pool.manage(*words, status=1)


def test_tells_managers(directory):
    """What one asks to hear of all hear, a slow one behind his answers."""
    with Pool(directory) as pool:
        a = pool.host()
        listeners = []
        for _ in range(2):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(TIMEOUT)
            s.connect(pool.manager_path)
            listeners.append(s)
        listeners[0].sendall(request(0x0105, b'\x1f\0'))
        expect(answers(listeners[0], 1) == [0])
        # Both are known before there is news.
        listeners[1].sendall(request(0x0001))
        expect(answers(listeners[1], 1) == [0])
        pool.given(a)
        for s in listeners:
            expect(notification(s.recv(4096)) == 1 << 4)
            s.close()


def test_huge_pages(directory):
    mount = os.path.join(directory, 'huge')
    os.mkdir(mount)
    done = subprocess.run(['mount', '-t', 'hugetlbfs', '-o', 'pagesize=2M',
                           'none', mount], capture_output=True, check=False)
    if done.returncode:
        skip('hugetlbfs cannot be mounted here')
    process = None
    try:
        sockets = ['--host-socket', directory + '/h', '--manager-socket',
                   directory + '/m', '--memory', mount + '/memory']
        for words in (['--size', '256M', '--block-size', '1M'],
                      ['--size', '256M', '--ld', '256M,persistent']):
            done = subprocess.run([FABRICD] + words + sockets,
                                  capture_output=True, text=True,
                                  timeout=TIMEOUT, check=False)
            expect(done.returncode == 1 and 'pages of 2M' in done.stderr,
                   done)
        process = subprocess.Popen([FABRICD, '--size', '256M', '--ld', '256M']
                                   + sockets, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        expect('hosts at' in process.stdout.readline())
    finally:
        # What fails here is not to hide what has failed before.
        if process:
            process.terminate()
            process.communicate(timeout=TIMEOUT)
        subprocess.run(['umount', '-l', mount], check=True)


def fill(pool, accounts):
    """The disk has no more room than it has given already."""
    resource.prlimit(pool.process.pid, resource.RLIMIT_FSIZE,
                     (os.stat(accounts).st_size, resource.RLIM_INFINITY))
    # Room that was taken before the disk was full is used up first.
    for _ in range(100):
        if subprocess.run([MANAGER, '-c', pool.manager_path, 'dc', 'add',
                           '--size', '2M'], capture_output=True,
                          check=False).returncode:
            break


def test_journal_cannot_be_written(directory):
    with Pool(directory, kept=True) as pool:
        a = pool.host()
        extent = pool.given(a)
        accounts = os.path.join(pool.journal, 'accounts')
        fill(pool, accounts)
        pool.add(0, 2 * M, status=1)
        pool.take(0, extent, status=1)
        expect(pool.extents() == {(0,) + extent})
        resource.prlimit(pool.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY,) * 2)
        # What cannot be written anew becomes longer.
        obstacle = os.path.join(pool.journal, 'accounts.new')
        for full in (True, False):
            if full:
                os.mkdir(obstacle)
            else:
                os.rmdir(obstacle)
            pool.add(1, 2 * M)
            pool.manage('dc', 'release', '--host', '1', '--forced', '--tag',
                        '00000000-0000-0000-0000-000000000000')
        pool.take(0, extent)
        a.listen(TAKE_BACK)
        # Who else wants it; and what is in it is not believed.
        words = pool.process.args
        second = subprocess.run(
            words[:3] + ['--host-socket', pool.host_path + '2',
                         '--manager-socket', pool.manager_path + '2'] +
            words[7:], capture_output=True, text=True, check=False)
        expect(second.returncode == 1 and '--memory' in second.stderr,
               second.returncode, second.stderr)
        # A disk that is full is a thing to say once, also if it is again.
        fill(pool, accounts)
        pool.add(0, 2 * M, status=1)
        errors = pool.kill()
        expect(errors.count('nothing is changed until') == 2, errors)
        with open(os.path.join(pool.journal, 'accounts'), 'r+b') as stream:
            stream.seek(100)
            byte = stream.read(1)
            stream.seek(100)
            stream.write(bytes([byte[0] ^ 1]))
        second = subprocess.run(words, capture_output=True, text=True,
                                check=False)
        expect(second.returncode == 1 and 'damaged' in second.stderr, second)
        os.unlink(os.path.join(pool.journal, 'accounts'))
        pool.start()


def test_wrong_use(directory):
    path = os.path.join(directory, 's')
    sockets = ['--host-socket', path, '--manager-socket', path + '2']
    good = ['--size', '256M'] + sockets
    for words, named in (
            (['--size', '256M'], '--host-socket'), (sockets, '--size'),
            (['--size', '1M'] + sockets, '256 MiB'),
            (['--size', 'much'] + sockets, "--size is 'much'"),
            (good + ['--hosts', '33'], '1 to 32'),
            (good + ['--hosts', '0'], '1 to 32'),
            (good + ['--block-size', '3M'], 'power of two'),
            (good + ['--block-size', '64'], '4K'),
            (good + ['--shared', '256M'] * 8, '--shared'),
            (good + ['--journal', directory], '--memory'),
            (good + ['word'], "'word'"), (good + ['--what'], '--what')):
        done = subprocess.run([FABRICD] + words, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False)
        expect(done.returncode == 2 and named in done.stderr, words, done)
    for words, named in (
            (['--size', '256M', '--host-socket', '/none/s',
              '--manager-socket', path], '/none/s'),
            (['--size', '256M', '--host-socket', path, '--manager-socket',
              path.ljust(108, 's')], 'path of 108 bytes'),
            (good + ['--memory', '/none/memory'], '--memory'),
            (good + ['--memory', directory + '/m', '--journal', '/none'],
             '--journal')):
        done = subprocess.run([FABRICD] + words, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False)
        expect(done.returncode == 1 and named in done.stderr, words, done)


def test_few_descriptors(directory):
    """What it may need it takes, or it does not begin: without a descriptor
    it could not see that a host lives."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    pool = Pool(directory)
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, limits[1]))
    try:
        pool.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    try:
        idle = []
        for _ in range(60):
            idle.append(socket.socket(socket.AF_UNIX))
            idle[-1].connect(pool.host_path)
        a = pool.host()
        extent = pool.given(a)
        expect(pool.extents() == {(0,) + extent})
        for s in idle:
            s.close()
    finally:
        pool.__exit__()
    done = subprocess.run(
        pool.command(), capture_output=True, text=True, timeout=TIMEOUT,
        check=False, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (40, 40)))
    expect(done.returncode == 1 and 'ulimit -n' in done.stderr, done)


def refuse_pidfds():
    """pidfd_open() of this process fails by a filter, as in some containers."""
    code = struct.pack('=' + 4 * 'HBBI', 0x20, 0, 0, 0,     # the number
                       0x15, 0, 1, 434, 6, 0, 0, 0x50001,   # it: EPERM
                       6, 0, 0, 0x7fff0000)
    program = ctypes.create_string_buffer(code)
    head = struct.pack('@HP', 4, ctypes.addressof(program))
    prctl = ctypes.CDLL(None).prctl
    no = ctypes.c_ulong(0)
    if prctl(38, ctypes.c_ulong(1), no, no, no) or prctl(
            22, ctypes.c_ulong(2), head, no, no):
        raise OSError('no filters')


def test_who_cannot_be_watched_lives(directory):
    pool = Pool(directory)
    pool.before = refuse_pidfds
    try:
        pool.start()
    except subprocess.SubprocessError:
        skip('there are no filters of system calls')
    try:
        a = pool.host()
        extent = pool.given(a)
        expect(pool.extents() == {(0,) + extent})
        a.end()
        pool.becomes_free()
    finally:
        pool.__exit__()


def test_idle(directory):
    """Nobody who waits wakes it up; its sockets are its owner's only."""
    def switches(pid):
        with open('/proc/%d/status' % pid) as status:
            return status.read().split('\nvoluntary_ctxt_switches:')[1].split(
                )[0]

    with Pool(directory) as pool:
        a, _ = pool.host(), pool.host()
        pool.given(a)
        for path in (pool.host_path, pool.manager_path):
            expect(os.stat(path).st_mode & 0o777 == 0o600)
        a.sync()
        time.sleep(0.2)
        before = switches(pool.process.pid)
        time.sleep(1)
        expect(switches(pool.process.pid) == before)
    expect(not os.path.exists(pool.host_path))


class Rounds:
    """Steps at random, one of which is a death; then accounts are compared."""

    def __init__(self, pool, rng):
        self.pool, self.rng = pool, rng
        self.hosts = [None, None]

    def host(self, i):
        if not self.hosts[i]:
            self.hosts[i] = self.pool.host(i)
        return self.hosts[i]

    def death(self):
        victim = self.rng.randrange(3)
        if victim == 2:
            self.pool.kill()
            self.pool.start()
            for host in filter(None, self.hosts):
                host.attach()
        else:
            self.lose(victim)

    def lose(self, i):
        if self.hosts[i]:
            self.pool.hosts.remove(self.hosts[i])
            self.hosts[i].end()
            self.hosts[i] = None

    def round(self):
        steps = [self.offer, self.answer, self.take, self.end, self.give]
        for step in steps[:self.rng.randrange(1, 6)]:
            step(self.host(self.rng.randrange(2)))
        self.death()
        self.compare()

    def offer(self, host):
        # What was taken is done first: until then nothing is offered.
        self.end(host)
        self.pool.add(host.number, self.rng.randrange(1, 4) * 2 * M)
        host.listen(OFFER)

    def answer(self, host):
        host.sync()
        if host.offers:
            before = set(host.mapped)
            host.accept(None if self.rng.random() < .8 else [])
            for dpa, length in host.mapped - before:
                expect(host.read(dpa, 4096) == bytes(4096), dpa)
                host.write(dpa, host.id)

    def take(self, host):
        host.sync()
        if host.mapped and not host.taken:
            self.pool.take(host.number, self.rng.choice(sorted(host.mapped)),
                           force=self.rng.random() < .5)

    def end(self, host):
        host.sync()
        while host.taken:
            host.done()

    def give(self, host):
        host.sync()
        if host.mapped and not host.taken:
            host.release([self.rng.choice(sorted(host.mapped))])

    def compare(self):
        """The manager sees what hosts have; the process of none is none."""
        for _ in range(10 * TIMEOUT):
            accounts = self.pool.extents()
            have = {(h.number,) + e for h in self.hosts if h
                    for e in h.mapped}
            if accounts <= have:
                break
            time.sleep(0.1)
        for host in filter(None, self.hosts):
            host.sync()
            have -= {(host.number,) + e for e in host.mapped
                     for _, list_ in host.taken for t in list_
                     if t[0] <= e[0] < t[0] + t[1]}
        expect(accounts == have, accounts ^ have)
        for (h1, d1, l1) in accounts:
            expect(not any(h1 != h2 and d1 < d2 + l2 and d2 < d1 + l1
                           for h2, d2, l2 in accounts))


def test_deaths_at_random(directory):
    rounds = int(os.environ.get('MEMFAB_FABRIC_ROUNDS', 30))
    seed = int(os.environ.get('MEMFAB_SEED', 0)) or random.randrange(1 << 32)
    print('# MEMFAB_SEED=%d MEMFAB_FABRIC_ROUNDS=%d' % (seed, rounds),
          flush=True)
    with Pool(directory, kept=True) as pool:
        r = Rounds(pool, random.Random(seed))
        for _ in range(rounds):
            r.round()
        for i in range(2):
            r.lose(i)
        pool.becomes_free()


if __name__ == '__main__':
    main(globals())
