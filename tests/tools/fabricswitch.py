# SPDX-License-Identifier: GPL-2.0-or-later
"""A cxl-fabricd that is a switch, as the tests of it need one.

It is that of the build directory that is the test's first argument.
"""

import json
import os
import select
import subprocess
import sys
import time

from fabrichost import NONE, SwitchHost, TIMEOUT, UNBIND
from tapsuite import expect, skip

BUILD = os.path.abspath(sys.argv[1])
FABRICD = os.path.join(BUILD, 'memfab', 'tools', 'cxl-fabricd')
MANAGER = os.path.join(BUILD, 'memfab', 'tools', 'cxl-fm')
M = 1 << 20
MLD, POOL = '32', '33'
MANAGED, SURPRISE = 1, 2
DONE, REFUSED, USAGE, NOBODY = 0, 1, 2, 3
PATIENT = '--timeout', str(TIMEOUT)
LESS = '18'                             # than the switch waits for a machine


class Switch:
    """A cxl-fabricd with two logical devices, hosts of it, and cxl-fm."""

    def __init__(self, directory, kept=False, more=()):
        for tool in (FABRICD, MANAGER):
            if not os.path.exists(tool):
                skip('%s is not built' % os.path.basename(tool))
        self.host_path, self.manager_path, self.memory, self.journal = [
            os.path.join(directory, name)
            for name in ('hosts', 'managers', 'memory', 'journal')]
        self.kept = kept
        self.more = list(more)
        self.hosts = []
        self.process = None
        if kept:
            os.mkdir(self.journal)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        for host in self.hosts:
            host.end()
        self.process.terminate()
        _, errors = self.process.communicate(timeout=TIMEOUT)
        expect(self.process.returncode == 0, self.process.returncode, errors)

    def command(self):
        more = (['--memory', self.memory, '--journal', self.journal]
                if self.kept else [])
        return [FABRICD, '--size', '256M', '--ld', '256M', '--ld',
                '512M,persistent', '--hosts', '3', '--host-socket',
                self.host_path, '--manager-socket',
                self.manager_path] + more + self.more

    def start(self):
        # Signals stay as they are here: a full file is no death.
        self.process = subprocess.Popen(self.command(), text=True,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE,
                                        restore_signals=False)
        line = self.process.stdout.readline()
        expect(line.startswith('cxl-fabricd: hosts at '), line,
               '' if line else self.process.stderr.read())

    def cannot_start(self):
        """What it says of that"""
        done = subprocess.run(self.command(), capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)
        expect(done.returncode == 1, done.returncode, done.stderr)
        return done.stderr

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT)
        for host in self.hosts:
            host.hang_up()

    def host(self, vcs=0xffff, vppbs=2):
        host = SwitchHost(self.host_path, vcs, vppbs)
        self.hosts.append(host)
        return host.attach()

    def begin(self, *words):
        """The manager begins, and waits for a host."""
        return subprocess.Popen([MANAGER, '-c', self.manager_path, '--json',
                                 *words], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    @staticmethod
    def end(process, status=DONE):
        out, errors = process.communicate(timeout=TIMEOUT)
        expect(process.returncode == status, process.args, process.returncode,
               out, errors)
        return json.loads(out) if out else errors

    def manage(self, *words, status=DONE):
        return self.end(self.begin(*words), status)

    def bind(self, host, vppb, ld):
        words = self.begin('bind', '%d.%d' % (host.number, vppb),
                           '%s.%d' % (MLD, ld))
        host.takes(vppb, ld)
        self.end(words)

    def bind_if_free(self, host, vppb, ld):
        words = self.begin('bind', '%d.%d' % (host.number, vppb),
                           '%s.%d' % (MLD, ld))
        while words.poll() is None:
            if select.select([host.socket], [], [], 0.1)[0]:
                host.takes(vppb, ld)
                self.end(words)
                return True
        self.end(words, REFUSED)
        return False

    def unbind(self, host, vppb, how='managed'):
        words = self.begin('unbind', '%d.%d' % (host.number, vppb), '--' + how)
        expect(host.told() == (UNBIND, vppb,
                               MANAGED if how == 'managed' else SURPRISE))
        host.says(vppb, NONE)
        self.end(words)

    def raw(self, opcode, payload):
        """A command without its end being waited for; the payload back"""
        path = self.manager_path + '.in'
        with open(path, 'wb') as f:
            f.write(payload)
        return self.manage('raw', opcode, path)

    def bound(self):
        """{(vcs, vppb): ld}"""
        return {(vcs['vcs'], vppb['vppb']): vppb['ld']
                for vcs in self.manage('vcs') for vppb in vcs['vppbs']
                if vppb.get('ld') is not None and vppb['vppb']}

    def until(self, bound):
        for _ in range(10 * TIMEOUT):
            if self.bound() == bound:
                return
            time.sleep(0.1)
        expect(False, self.bound(), bound)
