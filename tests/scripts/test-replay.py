#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/fuzz/replay.c judged from outside: it must name what kills a target.

The driver is compiled against a small osdep.h of this test's own, so that no
QEMU tree is needed.
"""

import os
import shlex
import shutil
import subprocess

from tapsuite import ROOT, expect, main, run, skip, write

OSDEP = '''
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <glib.h>
'''

TARGET = '''
#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    volatile int sink = 0x7fffffff;
    if (size > 3 && data[0] == 'F' && data[1] == 0xff) {
        %s;
    }
    return sink == 0;
}
'''

SANITIZE = ['-fsanitize=address,undefined']


def build(directory, bug, flags=()):
    compiler = shlex.split(os.environ.get('CC', 'cc'))
    if not shutil.which(compiler[0]) or not shutil.which('pkg-config'):
        skip('no C compiler or no pkg-config')
    glib = subprocess.run(['pkg-config', '--cflags', '--libs', 'glib-2.0'],
                          stdout=subprocess.PIPE, text=True, check=False)
    if glib.returncode:
        skip('no GLib headers')
    write(directory, 'include/qemu/osdep.h', OSDEP)
    source = write(directory, 'target.c', TARGET % bug)
    status, output = run(
        *compiler, '-std=gnu11', '-D_GNU_SOURCE', '-g', *flags, '-I', ROOT,
        '-I', directory + '/include', source, ROOT + '/tests/fuzz/replay.c',
        '-o', directory + '/target', *glib.stdout.split())
    expect(status == 0, output)


def corpus(directory):
    write(directory, 'corpus/a', 'FUZZ')
    write(directory, 'corpus/b', 'abcdefgh')
    return directory + '/corpus'


def replay(directory, *arguments):
    return run(directory + '/target',
               '-artifact_prefix=%s/died-' % directory, *arguments)


def expect_named(directory, arguments, *fragments):
    """The run dies, names its input, and that input alone dies again."""
    status, output = replay(directory, *arguments, corpus(directory))
    expect(status != 0, 'survived', output)
    for fragment in fragments:
        expect(fragment in output, 'no "%s" in' % fragment, output)
    left = [name for name in os.listdir(directory)
            if name.startswith('died-')]
    expect(len(left) == 1, left, output)
    status, output = replay(directory, '-timeout=1', '-runs=0',
                            directory + '/' + left[0])
    expect(status != 0, 'the bytes left behind do no harm', output)


def test_harmless_target_passes(directory):
    build(directory, 'sink++')
    status, output = replay(directory, '-runs=300', '-seed=7',
                            corpus(directory))
    expect(status == 0, output)
    expect(output == '1..2\nok 1 corpus of 2 files\n'
           'ok 2 300 seeded inputs, seed 7\n', output)


def test_missing_corpus_is_a_skip(directory):
    build(directory, 'sink++')
    status, output = replay(directory, '-runs=0')
    expect(status == 0 and output.count('# SKIP') == 2, output)


def test_abort_in_a_seeded_input(directory):
    build(directory, 'abort()')
    expect_named(directory, ['-runs=20000'], 'died on seeded input: -seed=1',
                 'bytes left in', 'ok 1 corpus')


def test_abort_in_the_corpus_names_the_file(directory):
    build(directory, 'abort()')
    with open(directory + '/bad', 'wb') as stream:
        stream.write(b'F\xff\0\0')
    status, output = replay(directory, '-runs=0', directory + '/bad')
    expect(status != 0 and 'died on %s/bad' % directory in output, output)
    expect('ok 1' not in output, output)


def test_one_seeded_input_can_be_had_again(directory):
    build(directory, 'abort()')
    _, output = replay(directory, '-runs=20000', corpus(directory))
    words = output.split('seeded input: ')[1].split('\n')[0].split()
    status, output = replay(directory, *words, corpus(directory))
    expect(status != 0 and words[1] in output, words, output)


def test_segmentation_fault(directory):
    build(directory, '*(volatile int *)8 = 1')
    expect_named(directory, ['-runs=20000'], 'died on seeded input')


def test_hang(directory):
    build(directory, 'while (1) { }')
    expect_named(directory, ['-runs=20000', '-timeout=1'], 'hangs',
                 'died on seeded input')


def test_sanitizer_sees_one_byte_too_many(directory):
    build(directory, 'sink = data[size]', SANITIZE)
    expect_named(directory, ['-runs=20000'], 'heap-buffer-overflow',
                 'died on seeded input')


def test_undefined_behaviour_names_the_input(directory):
    build(directory, 'sink += data[1]', SANITIZE)
    expect_named(directory, ['-runs=20000'], 'signed integer overflow',
                 'died on seeded input')


def test_time_limit(directory):
    build(directory, 'sink++')
    status, output = replay(directory, '-runs=1000000000',
                            '-max_total_time=1', corpus(directory))
    expect(status == 0 and 'ok 2' in output, output)


def test_bad_options_are_named(directory):
    build(directory, 'sink++')
    for option, fragment in (('-runs=many', '-runs wants a number'),
                             ('-runs=-1', '-runs wants a number'),
                             ('-speed=1', 'unknown option -speed=1'),
                             ('/nonexistent', '/nonexistent')):
        status, output = replay(directory, option)
        expect(status == 2 and fragment in output, option, output)


if __name__ == '__main__':
    main(dict(globals()))
