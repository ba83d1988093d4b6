# SPDX-License-Identifier: GPL-2.0-or-later
"""A cxl-fabricd with its hosts and cxl-fm, as the tests of it need one.

It is that of the build directory that is the test's first argument.
"""

import os
import subprocess
import sys

from fabrichost import Refused, TIMEOUT
from tapsuite import expect, skip

BUILD = os.path.abspath(sys.argv[1])
FABRICD = os.path.join(BUILD, 'memfab', 'tools', 'cxl-fabricd')
MANAGER = os.path.join(BUILD, 'memfab', 'tools', 'cxl-fm')
M = 1 << 20


class Daemon:
    """Begins and ends; what it is started with command() says."""

    def __init__(self, directory, kept):
        for tool in (FABRICD, MANAGER):
            if not os.path.exists(tool):
                skip('%s is not built' % os.path.basename(tool))
        self.host_path, self.manager_path, self.memory, self.journal = [
            os.path.join(directory, name)
            for name in ('hosts', 'managers', 'memory', 'journal')]
        self.kept = kept
        self.hosts = []
        self.process = None
        self.before = None              # it is called in the child
        if kept:
            os.mkdir(self.journal)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        for host in self.hosts:
            host.end()
        self.stop()

    def command(self):
        """The words that start it; sockets are the same for all."""
        return [FABRICD, '--hosts', '3', '--host-socket', self.host_path,
                '--manager-socket', self.manager_path]

    def start(self):
        # Signals stay as they are here: a full file is no death.
        self.process = subprocess.Popen(self.command(), text=True,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE,
                                        restore_signals=False,
                                        preexec_fn=self.before)
        line = self.process.stdout.readline()
        expect(line.startswith('cxl-fabricd: hosts at '), line,
               '' if line else self.process.stderr.read())

    def stop(self):
        self.process.terminate()
        _, errors = self.process.communicate(timeout=TIMEOUT)
        expect(self.process.returncode == 0, self.process.returncode, errors)
        return errors

    def kill(self):
        self.process.kill()
        _, errors = self.process.communicate(timeout=TIMEOUT)
        for host in self.hosts:
            host.hang_up()
        return errors


def refuses(host, code):
    try:
        host.attach()
    except Refused as refused:
        expect(refused.args[0] == code, refused.args)
    else:
        expect(False, 'it was attached')
