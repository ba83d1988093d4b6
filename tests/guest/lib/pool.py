# SPDX-License-Identifier: GPL-2.0-or-later
"""A pool of memory and a switch with logical devices (cxl-fabricd), and their
manager (cxl-fm), for guests that are hosts: what a host of the pool does is in
src/cxl-dc.c.
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

    MLD = '32'                          # the port of logical devices

    def __init__(self, size, shared, lds=(), hosts=2, say=None):
        self.dir = tempfile.TemporaryDirectory(prefix='memfab-pool-')
        self.host = os.path.join(self.dir.name, 'host.sock')
        self.manager = os.path.join(self.dir.name, 'manager.sock')
        self.argv = [machine.build_dir('bin', 'cxl-fabricd'), '--size', size,
                     '--shared', shared, '--hosts', str(hosts),
                     '--host-socket', self.host,
                     '--manager-socket', self.manager]
        # A switch has the pool below a port.
        self.port = ['33'] if lds else []
        for one in lds:
            self.argv += ['--ld', one]
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

    def dc(self, verb, *words):
        """What the manager says of dynamic capacity"""
        return self.fm('dc', verb, *self.port, *words)

    def extents(self, host):
        """What the host has: [address]"""
        text = subprocess.run(
            [machine.build_dir('bin', 'cxl-fm'), '-c', self.manager, '--json',
             'dc', 'list', *self.port], stdout=subprocess.PIPE, text=True,
            check=True, timeout=60).stdout
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

    def slot(self, vcs):
        """The slot of a port of another host bridge, cxl.1, which cxl-dc
        leaves to the kernel, is vPPB 1 of virtual switch @vcs"""
        return ['-device', 'pxb-cxl,id=cxl.1,bus=pcie.0,bus_nr=40',
                '-device', 'cxl-rp,id=rp1,bus=cxl.1,port=0,chassis=1,slot=9',
                '-chardev', 'socket,id=switch,reconnect-ms=500,path='
                + self.host, '-device', 'cxl-fabric-host,id=host,'
                'chardev=switch,ports=rp1,vcs=%d' % vcs]
