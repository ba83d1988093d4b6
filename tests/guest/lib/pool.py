# SPDX-License-Identifier: GPL-2.0-or-later
"""A pool of memory (cxl-fabricd) and its manager (cxl-fm), for guests that are
its hosts: what a host does is in src/cxl-dc.c.
"""

import json
import os
import subprocess
import tempfile
import time

import machine
from guest import GuestError, expect
from monitor import scaled


class Pool:
    """The pool's process; leaving the context ends it."""

    def __init__(self, size, shared, hosts=2, say=None):
        self.dir = tempfile.TemporaryDirectory(prefix='memfab-pool-')
        self.host = os.path.join(self.dir.name, 'host.sock')
        self.manager = os.path.join(self.dir.name, 'manager.sock')
        self.argv = [machine.build_dir('bin', 'cxl-fabricd'), '--size', size,
                     '--shared', shared, '--hosts', str(hosts),
                     '--host-socket', self.host,
                     '--manager-socket', self.manager]
        self.say = say or (lambda text: None)
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdout=subprocess.PIPE,
                                        text=True)
        expect(self.process.stdout.readline(), 'cxl-fabricd does not start')
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.dir.cleanup()

    def fm(self, *words):
        """What the manager says; the command is told."""
        done = subprocess.run(
            [machine.build_dir('bin', 'cxl-fm'), '-c', self.manager, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60)
        self.say('\n'.join(['$ cxl-fm ' + ' '.join(words)] +
                           done.stdout.splitlines()))
        if done.returncode:
            raise GuestError('cxl-fm %s: %s' % (' '.join(words), done.stdout))
        return done.stdout

    def extents(self, host):
        """What the host has: [address]"""
        text = subprocess.run(
            [machine.build_dir('bin', 'cxl-fm'), '-c', self.manager, '--json',
             'dc', 'list'], stdout=subprocess.PIPE, text=True, check=True,
            timeout=60).stdout
        return [one['address'] for one in json.loads(text)
                if one['host'] == host]

    def wait(self, host, wanted, seconds=20):
        """Until the host has extents at these addresses."""
        deadline = time.monotonic() + scaled(seconds)
        while self.extents(host) != wanted:
            expect(time.monotonic() < deadline, 'host %d has %s, not %s'
                   % (host, self.extents(host), wanted))
            time.sleep(0.2)

    def device(self, head):
        """A memory device that is head @head of the pool, below rp0"""
        return ['-object', 'memory-backend-cxl-fabric,id=pool,socket=%s,'
                'head=%d' % (self.host, head),
                '-device', 'cxl-type3,id=mem0,bus=rp0,volatile-dc-memdev=pool']
