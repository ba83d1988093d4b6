#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is given away: the tarball of scripts/release, and what packages hold."""

import fnmatch
import os
import re
import shutil
import subprocess
import tarfile

from tapsuite import ROOT, expect, main, run, skip, write

ENV = dict(os.environ, GIT_AUTHOR_NAME='a', GIT_AUTHOR_EMAIL='a@b',
           GIT_COMMITTER_NAME='a', GIT_COMMITTER_EMAIL='a@b')


def repository(directory, version='0.2.0', change='## 0.2\n'):
    """A small repository with the script; returns its path."""
    if not shutil.which('git'):
        skip('no git')
    tree = os.path.join(directory, 'tree')
    write(tree, 'VERSION', version + '\n')
    write(tree, 'CHANGELOG.md', '# Changes\n\n' + change)
    write(tree, 'hw/a.c', 'int a;\n')
    os.makedirs(os.path.join(tree, 'scripts'))
    shutil.copy(os.path.join(ROOT, 'scripts', 'release'),
                os.path.join(tree, 'scripts'))
    for words in ('init -q', 'add .', 'commit -q -m one'):
        subprocess.run(['git', '-C', tree, *words.split()], env=ENV, check=True)
    return tree


def release(tree, *arguments):
    return run(os.path.join(tree, 'scripts', 'release'), *arguments)


def test_tarball_holds_what_is_committed(directory):
    tree = repository(directory)
    write(tree, 'left-over', 'x')
    status, said = release(tree)
    path = os.path.join(tree, 'build', 'memfab-0.2.0.tar.xz')
    expect(status == 0 and 'memfab-0.2.0.tar.xz' in said, said)
    with tarfile.open(path) as tar:
        names = {m.name for m in tar.getmembers() if m.isfile()}
        mode = tar.getmember('memfab-0.2.0/scripts/release').mode
    expect(names == {'memfab-0.2.0/' + name for name in (
        'VERSION', 'CHANGELOG.md', 'hw/a.c', 'scripts/release')}, names)
    expect(mode & 0o111, 'the script cannot be run')
    done = subprocess.run(['sha256sum', '--check', '--status',
                           'memfab-0.2.0.tar.xz.sha256'],
                          cwd=os.path.dirname(path), check=False)
    expect(done.returncode == 0, 'checksum')


def test_bytes_are_the_same_each_time(directory):
    tree, found = repository(directory), []
    for place in ('one', 'two'):
        release(tree, os.path.join(directory, place))
        with open(os.path.join(directory, place, 'memfab-0.2.0.tar.xz'),
                  'rb') as file:
            found.append(file.read())
    expect(found[0] == found[1], 'they differ')


def test_changes_that_are_not_committed_are_refused(directory):
    tree = repository(directory)
    write(tree, 'hw/a.c', 'int b;\n')
    status, said = release(tree)
    expect(status == 1 and 'not committed' in said, said)
    expect(not os.path.exists(os.path.join(tree, 'build')), 'made all the same')


def test_a_version_without_changes_is_refused(directory):
    status, said = release(repository(directory, version='0.3.0'))
    expect(status == 1 and 'no section for 0.3.0' in said, said)


def read(*names):
    with open(os.path.join(ROOT, *names), encoding='utf-8') as file:
        return file.read()


def test_packages_are_of_this_version(_):
    head = read('debian', 'changelog').split('\n')[0]
    expect(head.startswith('memfab (%s) ' % read('VERSION').strip()), head)


def test_packages_have_every_tool(_):
    tools = set(re.findall(r"executable\('([\w-]+)'",
                           read('tools', 'meson.build'))) | {'cxl-play'}
    expect(len(tools) >= 4, tools)
    patterns = [line.rsplit('/', 1)[1] for line in
                read('debian', 'memfab-tools.install').split()
                if '/man1/' in line]
    for tool in tools:
        expect(os.path.exists(os.path.join(ROOT, 'tools', 'completion', tool)),
               tool + ' has no completion')
        expect(any(fnmatch.fnmatch(tool, pattern) for pattern in patterns),
               'the man page of %s is in no package' % tool)
        expect(tool in read('docs', 'tools', 'qemu-system-x86_64-memfab.md'),
               tool + ' is not among the packages')


def test_packages_have_the_library(_):
    held = ' '.join(read('debian', name + '.install') for name in
                    ('libsdxi-user0', 'libsdxi-user-dev')).split()
    for name in ('usr/include/sdxi-user.h', 'usr/lib/x/libsdxi-user.a',
                 'usr/lib/x/libsdxi-user.so', 'usr/lib/x/libsdxi-user.so.0',
                 'usr/lib/x/pkgconfig/sdxi-user.pc',
                 'usr/share/man/man3/libsdxi-user.3'):
        expect(any(fnmatch.fnmatch(name, pattern) for pattern in held),
               name + ' is in no package')
    expect("soversion: '0'" in read('tools', 'meson.build'),
           'the package is called after another version')


def test_scripts_of_packages_are_scripts(_):
    for name in ('rules', 'tests/smoke', 'tests/demo'):
        path = os.path.join(ROOT, 'debian', name)
        expect(os.access(path, os.X_OK), path + ' cannot be run')
        if name != 'rules':
            done = subprocess.run(['sh', '-n', path], check=False)
            expect(done.returncode == 0, path)


if __name__ == '__main__':
    main(globals())
