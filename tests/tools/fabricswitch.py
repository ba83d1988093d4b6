# SPDX-License-Identifier: GPL-2.0-or-later
"""A cxl-fabricd that is a switch, as the tests of it need one.

It is that of the build directory that is the test's first argument.
"""

import json
import select
import subprocess
import time

from fabricdaemon import Daemon, MANAGER
from fabrichost import NONE, SwitchHost, TIMEOUT, UNBIND
from tapsuite import expect

MLD, POOL = '32', '33'
MANAGED, SURPRISE = 1, 2
DONE, REFUSED, USAGE, NOBODY = 0, 1, 2, 3
PATIENT = '--timeout', str(TIMEOUT)
LESS = '18'                             # than the switch waits for a machine


class Switch(Daemon):
    """A cxl-fabricd with two logical devices, hosts of it, and cxl-fm."""

    def __init__(self, directory, kept=False, more=()):
        super().__init__(directory, kept)
        self.more = list(more)

    def command(self):
        more = (['--memory', self.memory, '--journal', self.journal]
                if self.kept else [])
        return super().command() + ['--size', '256M', '--ld', '256M', '--ld',
                                    '512M,persistent'] + more + self.more

    def cannot_start(self):
        """What it says of that"""
        done = subprocess.run(self.command(), capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)
        expect(done.returncode == 1, done.returncode, done.stderr)
        return done.stderr

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
