#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`run` as a person at a terminal sees it: command line, banner, shell,
monitor, end. What the devices do is for the other tests.
"""

import glob
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import unpacked  # noqa: E402
from guest import GuestError, comment, expect, scaled  # noqa: E402

BOOT_SECONDS = 120
SECONDS = 60


class Terminal:
    """`run` in a pseudo terminal; leaving the context ends it."""

    def __init__(self, topology, *options):
        self.text = ''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ['TOPOLOGY'] = topology
            os.environ['TERM'] = 'linux'
            path = os.path.join(machine.HERE, 'run')
            os.execv(path, [path, *options])

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read(self, deadline):
        """More text; False at the end of it."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.fd], [], [], left)[0]:
            raise GuestError('nothing more after:\n' + self.text[-2000:])
        try:
            data = os.read(self.fd, 65536)
        except OSError:                 # the other side is closed
            data = b''
        # An escape sequence may come in two pieces.
        self.text = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '',
                           self.text + data.decode(errors='replace'))
        self.text = self.text.replace('\r', '')
        return bool(data)

    def wait(self, pattern, seconds=SECONDS):
        """Read on until a pattern comes; what was read before is gone."""
        deadline = time.monotonic() + scaled(seconds)
        while True:
            match = re.search(pattern, self.text)
            if match:
                self.text = self.text[match.end():]
                return match
            expect(self.read(deadline), 'ended before "%s":\n%s'
                   % (pattern, self.text[-2000:]))

    def type(self, text):
        os.write(self.fd, text.encode())

    def ask(self, command, pattern):
        """Type a command; its output must hold the pattern."""
        self.type(command + '; echo "[$?"]\n')
        text = self.wait(r'(?s)\n(.*?)\[(\d+)\]\n')
        expect(text.group(2) == '0' and re.search(pattern, text.group(1)),
               '%s says: %s' % (command, text.group(1)))
        # or the prompt comes in the middle of what the monitor says
        self.wait(r'(?m)^\S* [#$] ')

    def exit_status(self):
        deadline = time.monotonic() + scaled(SECONDS)
        while self.read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)


def start(terminal):
    """The command line comes first, then the banner, then a prompt."""
    terminal.wait(r'qemu-system-\S+ \\\n(?s:.*)-append \'[^\n]*\n')
    terminal.wait(r'Leave with "poweroff -f" in the guest, or ctrl-a x')
    terminal.wait(r'memfab guest, Linux \S+', BOOT_SECONDS)
    terminal.wait(r'ctrl-a x to end QEMU')
    terminal.wait(r'[#$] $')


def little_memory():
    """run: says that the machine is too small before QEMU starts"""
    with tempfile.NamedTemporaryFile('w', suffix='.meminfo') as meminfo:
        meminfo.write('MemAvailable: 500000 kB\nSwapFree: 24000 kB\n')
        meminfo.flush()
        done = subprocess.run([os.path.join(machine.HERE, 'run')], text=True,
                              env=dict(os.environ, MEMINFO=meminfo.name),
                              stderr=subprocess.PIPE, check=False)
    expect(done.returncode == 1 and done.stderr.startswith(
        'guest: only 511 MiB of memory are free; this guest needs 1500 MiB'),
           done.stderr)


def kernels():
    """run: the image's kernel is unpacked once, what is none is left alone"""
    with tempfile.TemporaryDirectory(prefix='memfab-') as files:
        for text in (b'', b'MZ', b'\0' * 4096, bytes(range(256)) * 64):
            path = os.path.join(files, 'image')
            with open(path, 'wb') as file:
                file.write(text)
            expect(unpacked.kernel(path, files) == path, repr(text[:8]))
        if not machine.quick_boot():
            return
        image = machine.image()[0]
        path = unpacked.kernel(image, files)
        expect(path == os.path.join(files, 'vmlinux'), path)
        made = os.stat(path).st_ino
        expect(unpacked.kernel(image, files) == path and
               os.stat(path).st_ino == made, 'unpacked again')
        os.utime(path, (1, 1))          # as after another image was made
        expect(unpacked.kernel(image, files) == path and
               os.stat(path).st_ino != made, 'not unpacked again')


STORY = ('memfab_cxl_hdm', 'memfab_cxl_window_order', 'memfab_cxl_window_map',
         'sdxi_step')


def same_story(told):
    """The lines that docs/trace.md shows are among the lines, in order."""
    with open(os.path.join(machine.ROOT, 'docs', 'trace.md'),
              encoding='utf-8') as page:
        shown = [line.rstrip('\n') for line in page
                 if line.startswith(STORY)]
    expect(len(shown) >= 15, 'docs/trace.md shows %d lines' % len(shown))
    left = iter(told)
    for line in shown:
        pattern = re.sub(r'0x[0-9a-f]{6,}', '0x[0-9a-f]+', re.escape(line))
        pattern = re.sub(r'in\\ [0-9]+\\ us', r'in [0-9]+ us', pattern)
        expect(any(re.fullmatch(pattern, other) for other in left),
               'nothing as "%s" in its place of:\n%s'
               % (line, '\n'.join(told)))


def from_another_terminal():
    """What the banner says to type there, as README.md does"""
    tool = machine.build_dir('bin', 'cxl-topology')
    if not os.path.exists(tool):
        comment('cxl-topology is not built')
        return
    done = subprocess.run([tool, machine.build_dir('guest', 'qmp.sock')],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    expect(done.returncode == 0 and 'mem0 at dpa 0x0, mem1 at dpa 0x0'
           in done.stdout, done.stdout)


def cxl():
    """run: CXL node, SDXI copy, the trace tells of both, poweroff ends it"""
    with tempfile.NamedTemporaryFile('r', suffix='.trace') as trace:
        options = ['-D', trace.name]
        for event in STORY:
            options += ['-trace', event]
        with Terminal('cxl', *options) as terminal:
            start(terminal)
            terminal.ask('numactl -H', r'node 1 cpus: *\nnode 1 size: 512 MB')
            terminal.ask('cxl list -R', r'"region":"region0"')
            terminal.ask('cxl list -v | grep -c "ram_qos_class.:0"',
                         r'(?m)^2$')
            terminal.ask('cxl list -v | grep -q qos_class_mismatch || '
                         'echo "equal"', r'(?m)^equal$')
            terminal.ask('sdxi-user --no-speed --size 64K', 'verified')
            from_another_terminal()
            terminal.type('poweroff -f\n')
            expect(terminal.exit_status() == 0, 'exit status')
        same_story(trace.read().splitlines())


CI_SCRIPTS = {'good': 'cxl list -M | grep -q mem1', 'idle': 'exit 4',
              'bad': 'echo "one\x1b<two"; exit 3',
              'panic': 'echo c > /proc/sysrq-trigger'}


def own_kernel(build):
    """The variables for a kernel of one's own; here it is Debian's."""
    unpacked_to = machine.build_dir('guest', machine.arch(), 'kernel')
    found = glob.glob(os.path.join(unpacked_to, 'boot', 'vmlinuz*'))
    if not found:                       # newer packages have it elsewhere
        found = glob.glob(os.path.join(unpacked_to, '**', 'vmlinuz*'),
                          recursive=True)
    return dict(os.environ, MEMFAB=machine.ROOT, QEMU=machine.qemu(),
                BUILD=build, KERNEL=found[0], MODULES=unpacked_to)


def kernel_ci():
    """docs/examples/kernel-ci: own kernel, verdicts, report, exit status"""
    with tempfile.TemporaryDirectory(prefix='memfab-') as files:
        for name, text in CI_SCRIPTS.items():
            with open(os.path.join(files, name), 'w', encoding='utf-8') as f:
                f.write(text + '\n')
        done = subprocess.run(
            [os.path.join(machine.ROOT, 'docs', 'examples', 'kernel-ci'),
             'report.xml', *CI_SCRIPTS], text=True, cwd=files, check=False,
            env=own_kernel(os.path.join(files, 'build')),
            stdout=subprocess.PIPE)
        expect(done.returncode == 1, 'exit status %d' % done.returncode)
        suite = ElementTree.parse(os.path.join(files, 'report.xml')).getroot()
    told = {case.get('name'): [(below.tag, below.text) for below in case]
            for case in suite}
    died = told.pop('panic')
    expect(told == {'good': [], 'idle': [('skipped', None)],
                    'bad': [('failure', 'one<two')]}, str(told))
    expect(died[0][0] == 'failure' and 'the guest ended' in died[0][1],
           str(died))
    expect('bad: status 3\n' in done.stdout, done.stdout)


def accelerator():
    """run TOPOLOGY=accelerator: nodes in order, a DIMM by the monitor"""
    empty = ''.join(r'node %d cpus: *\nnode %d size: 0 MB\n.*\n' % (n, n)
                    for n in range(2, 10))
    with Terminal('accelerator') as terminal:
        start(terminal)
        terminal.ask('numactl -H', empty)
        terminal.type('\x01c')
        terminal.wait(r'\(qemu\) $')
        terminal.type('object_add memory-backend-ram,id=vram,size=512M\n')
        terminal.wait(r'\n\(qemu\) $')
        terminal.type('device_add pc-dimm,id=dimm,memdev=vram,node=5\n')
        expect('Error' not in terminal.wait(r'(?s)\n.*\(qemu\) $').group(0),
               'the monitor refuses')
        terminal.type('\x01c\n')
        terminal.ask('cxl-wait 20 test -e /sys/devices/system/node/node5/'
                     'memory32; sleep 1; numactl -H', r'node 5 size: 512 MB')
        terminal.type('\x01x')
        expect(terminal.exit_status() == 0, 'exit status')


def main():
    tests = [little_memory, kernels, kernel_ci, cxl, accelerator]
    machine.build_image()
    print('1..%d' % len(tests), flush=True)
    good = True
    for number, test in enumerate(tests, 1):
        result = 'ok'
        try:
            test()
        except GuestError as error:
            comment(str(error))
            result = 'not ok'
            good = False
        print('%s %d - %s' % (result, number, test.__doc__), flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    machine.main_with_errors(main)
