#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The private copy of QEMU differs from the pristine one by the seams alone.

    tests/seams/test-seams.py [--update] RELEASE

Prints the whole difference and compares it with tests/seams/RELEASE.diff. Then
proves that the seam program refuses what it must refuse, and that every seam
says what QEMU itself has of it. Reports in TAP.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

REPO = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


# What a seam says on its line "Upstream:"
UPSTREAM = re.compile(r'commits? [0-9a-f]{10}(, [0-9a-f]{10})* \(\d+\.\d+.*\).*'
                      r'|thread https?://\S+.*|none, .+')


def unpack(release, where):
    """A pristine tree of the release that the build uses, or None."""
    with open(f'{REPO}/build/qemu-{release}/.memfab-stamp',
              encoding='utf-8') as f:
        name = f.read().split()[0]
    if os.path.isdir(name):
        subprocess.run(f'tar -C {name} --exclude=./.git --exclude=./build -cf -'
                       f' . | tar -C {where} -xf -', shell=True, check=True)
        return where
    cache = os.environ.get('XDG_CACHE_HOME',
                           os.path.expanduser('~/.cache'))
    archive = os.path.join(cache, 'memfab', name)
    if not os.path.exists(archive):
        return None
    subprocess.run(['tar', '-C', where, '--strip-components=1', '-xf',
                    archive], check=True)
    return where


def difference(pristine, seamed):
    """Every differing line without context, links as they point.

    What Python leaves behind is not looked at: configure of QEMU 11 installs
    its own packages from the tree.
    """
    out = subprocess.run(
        ['diff', '-r', '-U0', '--no-dereference', '--new-file',
         '--exclude=.memfab-stamp', '--exclude=__pycache__',
         '--exclude=*.pyc', '--exclude=*.egg-info', pristine, seamed],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False).stdout
    lines = []
    for line in out.split('\n'):
        if line.startswith(('diff ', '@@', '--- ')):
            continue
        if line.startswith('+++ '):
            line = '+++ ' + line.split()[1][len(seamed) + 1:]
        lines.append(line.replace(pristine + '/', 'a/')
                     .replace(seamed + '/', 'b/'))
    for folder, dirs, files in os.walk(seamed):
        for name in dirs + files:
            path = os.path.join(folder, name)
            rel = os.path.relpath(path, seamed)
            if os.path.islink(path) and \
                    not os.path.islink(os.path.join(pristine, rel)):
                target = os.path.relpath(os.path.realpath(path), REPO)
                lines.append(f'link {rel} -> {target}')
    return '\n'.join(sorted_links(lines)) + '\n'


def sorted_links(lines):
    """Edits first in the order of diff, then the links by name."""
    keep = [line for line in lines if line and not line.startswith(
        ('link ', 'File ', 'Only in ', 'Symbolic links'))]
    return keep + sorted(line for line in lines if line.startswith('link '))


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, name, why=''):
        self.count += 1
        self.failed += not good
        print(f'{"ok" if good else "not ok"} {self.count} {name}')
        if not good and why:
            for line in why.split('\n'):
                print('#', line)

    def skip(self, name, why):
        self.count += 1
        print(f'ok {self.count} {name} # SKIP {why}')


def refusal(tap, name, tree, edit, expect, args=()):
    """The seam program must refuse the edited tree with a certain line."""
    with tempfile.TemporaryDirectory(dir=f'{REPO}/build') as copy:
        for rel in edit['files']:
            dest = os.path.join(copy, rel)
            os.makedirs(os.path.dirname(dest), exist_ok=True)
            shutil.copy(os.path.join(tree, rel), dest)
        edit['change'](copy)
        before = snapshot(copy)
        run = subprocess.run([f'{REPO}/qemu/seam', *args, copy],
                             stderr=subprocess.PIPE, text=True, check=False)
        good = run.returncode == 1 and expect in run.stderr and \
            snapshot(copy) == before
        tap.ok(good, name, f'status {run.returncode}: {run.stderr}')


def snapshot(tree):
    """All that a tree holds, to prove that nothing was written."""
    found = {}
    for folder, _, files in os.walk(tree):
        for name in files:
            with open(os.path.join(folder, name), 'rb') as f:
                found[os.path.join(folder, name)] = f.read()
    return found


def touched(release):
    """The files that the seams of a release edit."""
    names = set()
    folder = f'{REPO}/qemu/seams'
    for seam in os.listdir(folder):
        with open(f'{folder}/{seam}', encoding='utf-8') as f:
            text = f.read().split('\n')
        limits = [t for t in text if t.startswith('releases ')]
        if limits and release not in limits[0].split():
            continue
        names.update(t.split()[1] for t in text if t.startswith('file '))
    return sorted(names) + ['VERSION']


def append(path, text):
    with open(path, 'a', encoding='utf-8') as f:
        f.write(text)


def rewrite(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def upstream_fault(text):
    """Why a seam does not say what QEMU has of it, or None."""
    said = re.findall(r'^# Upstream: (.*)$', text, re.MULTILINE)
    if len(said) != 1:
        return f'{len(said)} lines "# Upstream:", not one'
    if not UPSTREAM.fullmatch(said[0]):
        return f'"{said[0]}" is no commit with its releases, thread or reason'
    return None


def upstream(tap):
    folder = f'{REPO}/qemu/seams'
    faults = []
    for seam in sorted(os.listdir(folder)):
        if seam.endswith('.seam'):
            with open(f'{folder}/{seam}', encoding='utf-8') as f:
                fault = upstream_fault(f.read())
            if fault:
                faults.append(f'{seam}: {fault}')
    tap.ok(not faults, 'every seam says what QEMU has of it',
           '\n'.join(faults))
    tap.ok(all(upstream_fault(text) for text in (
        '# why\nfile a\n', '# Upstream: yes\n', '# Upstream: none\n',
        '# Upstream: none, x\n# Upstream: none, y\n',
        '# Upstream: commit 12345 (11.1)\n')),
           'one that does not is refused')


def conditions(tap, seam, tree, files):
    """A seam with "unless" leaves alone what has its lines already."""
    def mended(copy):
        with open(copy + '/hw/pci-bridge/cxl_upstream.c', 'r+',
                  encoding='utf-8') as f:
            text = f.read()
            f.seek(0)
            f.write(text.replace(
                '    base = cdat->entry[ent].base;\n',
                '    if (ent >= cdat->entry_len) {\n        return false;\n'
                '    }\n    base = cdat->entry[ent].base;\n'))
    with tempfile.TemporaryDirectory(dir=f'{REPO}/build') as copy:
        for rel in files:
            dest = os.path.join(copy, rel)
            os.makedirs(os.path.dirname(dest), exist_ok=True)
            shutil.copy(os.path.join(tree, rel), dest)
        path = copy + '/hw/pci-bridge/cxl_upstream.c'
        with open(path, encoding='utf-8') as f:
            if 'ent >= cdat->entry_len' not in f.read():
                mended(copy)
        run = subprocess.run([seam, copy], stderr=subprocess.PIPE, text=True,
                             check=False)
        with open(path, encoding='utf-8') as f:
            times = f.read().count('ent >= cdat->entry_len')
        tap.ok(run.returncode == 0 and times == 1,
               'what a point release has mended is left alone',
               f'status {run.returncode}, {times} times: {run.stderr}')


def reports(tap, tree, files):
    """qemu/fit says of a whole tree that all fit, and of a changed one why."""
    with tempfile.TemporaryDirectory(dir=f'{REPO}/build') as copy:
        for rel in files:
            dest = os.path.join(copy, rel)
            os.makedirs(os.path.dirname(dest), exist_ok=True)
            shutil.copy(os.path.join(tree, rel), dest)
        before = snapshot(copy)
        run = subprocess.run([f'{REPO}/qemu/fit', copy], text=True,
                             stdout=subprocess.PIPE, check=False)
        tap.ok(run.returncode == 0 and '0 do not fit' in run.stdout and
               snapshot(copy) == before, 'qemu/fit says that all seams fit',
               run.stdout)
        with open(copy + '/Kconfig', encoding='utf-8') as f:
            text = f.read()
        rewrite(copy + '/Kconfig', text.replace('source hw/Kconfig',
                                                'source "hw/Kconfig"'))
        run = subprocess.run([f'{REPO}/qemu/fit', copy, '--old', tree],
                             text=True, stdout=subprocess.PIPE, check=False)
        tap.ok(run.returncode == 1 and '+source "hw/Kconfig"' in run.stdout,
               'qemu/fit shows what changed at an anchor', run.stdout)


def refusals(tap, tree, files, release):
    major, minor = release.split('.')
    successor = f'{major}.{int(minor) + 1}.50'
    refusal(tap, 'an anchor that stands twice is refused', tree,
            {'files': files,
             'change': lambda t: append(t + '/Kconfig', 'source hw/Kconfig\n')},
            'stands 2 times in Kconfig')
    refusal(tap, 'a missing anchor is refused', tree,
            {'files': files,
             'change': lambda t: rewrite(t + '/Kconfig', '\n')},
            'stands 0 times in Kconfig')
    refusal(tap, 'a missing file is refused', tree,
            {'files': files, 'change': lambda t: os.unlink(t + '/Kconfig')},
            'no file Kconfig')
    refusal(tap, 'an unknown release is refused by name', tree,
            {'files': files,
             'change': lambda t: rewrite(t + '/VERSION', '12.7.1\n')},
            'QEMU 12.7.1 is not a supported release')
    refusal(tap, 'a forced unknown release still needs its anchors', tree,
            {'files': files,
             'change': lambda t: (rewrite(t + '/VERSION', successor + '\n'),
                                  rewrite(t + '/Kconfig', '\n'))},
            'stands 0 times in Kconfig', ['--force'])


def main():
    update = '--update' in sys.argv
    release = sys.argv[-1]
    tap = Tap()
    with tempfile.TemporaryDirectory(dir=f'{REPO}/build') as pristine:
        if not unpack(release, pristine):
            tap.skip('the difference is the listed one',
                     'this build used QEMU_SRC: no pristine archive')
        else:
            found = difference(pristine, f'{REPO}/build/qemu-{release}')
            listed = f'{REPO}/tests/seams/{release}.diff'
            if update:
                rewrite(listed, found)
            print('\n'.join('# ' + line for line in found.split('\n')))
            with open(listed, encoding='utf-8') as f:
                want = f.read()
            tap.ok(found == want, 'the difference is the listed one',
                   f'see above; listed in {listed}')
            refusals(tap, pristine, touched(release), release)
            reports(tap, pristine, touched(release))
            conditions(tap, f'{REPO}/qemu/seam', pristine, touched(release))
        upstream(tap)
    print(f'1..{tap.count}')
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())
