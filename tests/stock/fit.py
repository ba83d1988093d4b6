#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that other programs make for QEMU start here unchanged.

    tests/stock/fit.py BUILD

BUILD is a release's build directory. The machines are those of run_qemu's --cxl
(two host bridges with a switch each, four devices, two windows), of virtme-ng
(1.35), of libvirt and KubeVirt for an assigned device with eight nodes, and of docs/examples/libvirt.xml,
which libvirt's own daemon starts too, where it is installed.
"""

import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'scripts'))
from tapsuite import ROOT, expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
QEMU = os.path.join(BUILD, 'qemu-system-x86_64')
EXAMPLE = os.path.join(ROOT, 'docs', 'examples', 'libvirt.xml')
QEMU_ARG = '{http://libvirt.org/schemas/domain/qemu/1.0}arg'


def answers(directory, words, *commands):
    """What a machine of these words answers before it is let go."""
    if not os.path.exists(QEMU):
        skip('no emulator is built')
    asked = ['qmp_capabilities', *commands, 'quit']
    done = subprocess.run(
        [QEMU, *words, '-S', '-nodefaults', '-display', 'none', '-qmp',
         'stdio'], input='\n'.join(json.dumps({'execute': word})
                                   for word in asked) + '\n',
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=directory, check=False, timeout=120)
    expect(done.returncode == 0, ' '.join(words), done.stderr)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line['return'] for line in found if 'return' in line]
    expect(len(found) == len(asked), done.stdout)
    return found[1:-1], done.stderr


def run_qemu(persistent):
    """The CXL part of run_qemu's command line, with so many of its four
    devices persistent."""
    words = []
    for kind, size in (('mem', '256M'), ('lsa', '128K')):
        for n in range(4):
            words += ['-object', 'memory-backend-file,id=cxl-%s%d,share=on,'
                      'mem-path=cxl-%s%d.raw,size=%s' % (kind, n, kind, n,
                                                         size)]
    for bridge, bus in ((0, 53), (1, 191)):
        words += ['-device', 'pxb-cxl,id=cxl.%d,bus=pcie.0,bus_nr=%d'
                  % (bridge, bus)]
    for n in range(4):
        words += ['-device', 'cxl-rp,id=hb%drp%d,bus=cxl.%d,chassis=0,slot=%d,'
                  'port=%d' % (n // 2, n % 2, n // 2, n, n % 2)]
    for n, serial in ((0, 12345678), (1, 12341234)):
        words += ['-device', 'cxl-upstream,port=4,bus=hb%drp0,id=cxl-up%d,'
                  'multifunction=on,addr=0.0,sn=%d' % (n, n, serial),
                  '-device', 'cxl-switch-mailbox-cci,bus=hb%drp0,addr=0.1,'
                  'target=cxl-up%d' % (n, n)]
    for n in range(8):
        words += ['-device', 'cxl-downstream,port=%d,bus=cxl-up%d,id=swport%d,'
                  'chassis=0,slot=%d' % (n % 4, n // 4, n, n + 4)]
    for n in range(4):
        kind = 'p' if n < persistent else 'v'
        words += ['-device', 'cxl-type3,bus=swport%d,%s-memdev=cxl-mem%d,'
                  'id=cxl-%smem%d,lsa=cxl-lsa%d' % (
                      n * 2, {'p': 'persistent', 'v': 'volatile'}[kind], n,
                      kind, n, n)]
    return words + [
        '-M', 'cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G,'
        'cxl-fmw.0.interleave-granularity=8k,cxl-fmw.1.targets.0=cxl.0,'
        'cxl-fmw.1.targets.1=cxl.1,cxl-fmw.1.size=4G,'
        'cxl-fmw.1.interleave-granularity=8k']


def test_topology_of_run_qemu_starts(directory):
    for persistent in (4, 2, 0):
        (seen,), said = answers(
            directory, ['-machine', 'q35,accel=tcg,hmat=on,cxl=on',
                        '-m', '512M,slots=4,maxmem=8G', '-smp', '2',
                        *run_qemu(persistent)], 'query-cxl')
        expect(len(seen['windows']) == 2 and len(seen['bridges']) == 2, seen)
        expect(json.dumps(seen).count('"memory"') == 4, seen)
        expect(not said, said)


def test_assigned_device_with_eight_nodes_starts(directory):
    words = ['-machine', 'q35,accel=tcg', '-m', 'size=512M,slots=8,maxmem=8G',
             '-smp', '2', '-object',
             '{"qom-type":"memory-backend-ram","id":"ram-node0",'
             '"size":536870912}',
             '-numa', 'node,nodeid=0,cpus=0-1,memdev=ram-node0']
    for n in range(16):
        words += ['-numa', 'node,nodeid=%d' % (n + 1)]
    for device in range(2):
        words += ['-device', json.dumps({
            'driver': 'pcie-root-port', 'port': 8 + device,
            'chassis': device + 1, 'id': 'pci.%d' % (device + 1),
            'bus': 'pcie.0', 'addr': hex(2 + device)}),
                  '-device', json.dumps({
                      'driver': 'sdxi', 'id': 'hostdev%d' % device,
                      'bus': 'pci.%d' % (device + 1), 'addr': '0x0'})]
        for n in range(8):
            words += ['-object', json.dumps({
                'qom-type': 'acpi-generic-initiator',
                'id': 'gi%d-%d' % (device, n),
                'pci-dev': 'hostdev%d' % device, 'node': device * 8 + n + 1})]
    _, said = answers(directory, words, 'query-status')
    expect('rror' not in said, said)


def virtme_ng():
    """The command line of "vng --disable-microvm", but for the kernel, the
    file system of the host, and descriptors that only vng has."""
    words = ['-name', 'virtme-ng', '-m', '1G', '-object',
             'memory-backend-memfd,id=mem,size=1G,share=on', '-numa',
             'node,memdev=mem', '-device', 'i6300esb,id=watchdog0',
             '-machine', 'q35', '-parallel', 'none', '-net', 'none', '-smp',
             '2', '-vga', 'none', '-serial', 'chardev:console', '-chardev',
             'file,id=console,path=console']
    for name in ('stdin', 'stdout', 'stderr', 'dev_stdout', 'dev_stderr',
                 'ret'):
        words += ['-chardev', 'file,id=%s,path=%s' % (name, name),
                  '-device', 'virtio-serial-pci', '-device',
                  'virtserialport,name=virtme.%s,chardev=%s' % (name, name)]
    return words + ['-no-reboot']


def test_machine_of_virtme_ng_starts(directory):
    page = os.path.join(ROOT, 'docs', 'tools', 'qemu-system-x86_64-memfab.md')
    with open(page, encoding='utf-8') as file:
        added = re.search('--qemu-opts="([^"]*)"', file.read()).group(1)
    (seen,), said = answers(
        directory, virtme_ng() + added.replace('\\\n', ' ').split(),
        'query-cxl')
    expect(json.dumps(seen).count('"memory"') == 1, seen)
    expect(not said, said)
    done = subprocess.run([QEMU, '-device', 'vhost-user-fs-pci,help'],
                          stdout=subprocess.PIPE, text=True, check=False)
    expect('tag=' in done.stdout, 'no virtiofs')


def test_example_for_libvirt_is_valid(_):
    validate = shutil.which('virt-xml-validate')
    if not validate or not shutil.which('xmllint'):
        skip('virt-xml-validate (libvirt-clients) is not installed')
    done = subprocess.run([validate, EXAMPLE, 'domain'], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    expect(done.returncode == 0, done.stdout)


def test_example_for_libvirt_starts(directory):
    root = xml.etree.ElementTree.parse(EXAMPLE).getroot()
    words = [arg.get('value') for arg in root.iter(QEMU_ARG)]
    # what libvirt makes of the rest
    base = ['-machine', 'q35,usb=off,dump-guest-core=off', '-cpu',
            'max,hypervisor=off', '-m', 'size=1G', '-smp', '2',
            '-no-user-config']
    (seen, movers), said = answers(directory, base + words, 'query-cxl',
                                   'query-sdxi')
    expect('"memory"' in json.dumps(seen) and len(movers) == 1, seen, movers)
    expect(not re.search('rror|warning', said), said)


class Session:
    """libvirtd of an ordinary user, all of whose files are in @directory."""

    def __init__(self, directory):
        self.home = os.path.join(directory, 'home')
        folders = {'XDG_' + name: os.path.join(self.home, name) for name in (
            'RUNTIME_DIR', 'CONFIG_HOME', 'CACHE_HOME', 'DATA_HOME')}
        self.env = dict(os.environ, HOME=self.home, LC_ALL='C',
                        LIBVIRT_AUTOSTART='0', **folders)
        for folder in folders.values():
            os.makedirs(folder)
        self.prefix = []
        if os.geteuid() == 0:           # root's libvirtd is the system's
            nobody = pwd.getpwnam('nobody')
            self.prefix = ['setpriv', '--reuid=%d' % nobody.pw_uid, '--regid=%d'
                           % nobody.pw_gid, '--clear-groups']
            os.chmod(directory, 0o755)
            for path in (self.home, *folders.values()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def run(self, *words):
        done = subprocess.run(
            [*self.prefix, *words], env=self.env, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            timeout=120)
        return done.returncode, done.stdout

    def virsh(self, *words):
        status, said = self.run('virsh', '-q', '-c', 'qemu:///session', *words)
        expect(status == 0, ' '.join(words), said)
        return said

    def ask(self, command):
        said = self.virsh('qemu-monitor-command', 'memfab',
                          json.dumps({'execute': command}))
        return json.loads(said)['return']

    @contextlib.contextmanager
    def daemon(self):
        with open(os.path.join(self.home, 'log'), 'w+',
                  encoding='utf-8') as log, \
                subprocess.Popen([*self.prefix, 'libvirtd'], env=self.env,
                                 cwd=self.home, stdout=log, stderr=log) as daemon:
            try:
                yield daemon
            finally:
                daemon.terminate()

    def wait(self, daemon):
        """Until somebody answers; the test's own limit is the limit."""
        while self.run('virsh', '-c', 'qemu:///session', 'list')[0]:
            with open(os.path.join(self.home, 'log'), encoding='utf-8') as log:
                expect(daemon.poll() is None, 'libvirtd ends', log.read())
            time.sleep(0.5)


def test_example_is_started_by_libvirtd(directory):
    for program in ('libvirtd', 'virsh', 'setpriv'):
        if not shutil.which(program):
            skip(program + ' is not installed')
    session = Session(directory)
    if session.run('test', '-x', QEMU)[0]:
        skip('an ordinary user, as whom libvirtd runs, cannot reach ' + QEMU)
    with open(EXAMPLE, encoding='utf-8') as file:
        text = re.sub('<emulator>.*</emulator>',
                      '<emulator>%s</emulator>' % QEMU, file.read())
    domain = os.path.join(session.home, 'domain.xml')
    with open(domain, 'w', encoding='utf-8') as file:
        file.write(text)
    with session.daemon() as daemon:
        session.wait(daemon)
        session.virsh('define', domain)
        session.virsh('start', 'memfab')
        expect('running' in session.virsh('domstate', 'memfab'))
        expect('"memory"' in json.dumps(session.ask('query-cxl')))
        expect(len(session.ask('query-sdxi')) == 1)
        session.virsh('destroy', 'memfab')
        session.virsh('undefine', 'memfab')


if __name__ == '__main__':
    main(globals())
