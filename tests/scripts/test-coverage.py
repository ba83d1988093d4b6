#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/coverage tells what of the lower floors has been executed, and
refuses too little of it."""

import os
import shutil

from tapsuite import expect, main, run, script, skip, write

PATH = 'hw/cxl/core/poison.c'
FOLDER = '/tree/build/10.2-coverage/memfab/tests/libmemfab-core-san.a.p'
CODE = '''
#include <assert.h>
int half(int x);
int half(int x)
{
    assert(x > 0 &&
           x < 1000);
    if (x % 2) {
        return -1;
    }
    return x / 2;
}
'''
EVEN = 'int half(int x);\nint main(void)\n{\n    return half(2) != 1;\n}\n'
ALL = EVEN.replace('!= 1', '!= 1 || half(1) != -1')
EXCUSE = PATH + ' half: an example\n'


def look(directory, program, code=CODE, excuse=None, path=PATH):
    """What is said after @program has been run with @code."""
    if not shutil.which('gcc') or not shutil.which('gcov'):
        skip('no gcc, or no gcov')
    tree, objects = directory + '/tree', directory + FOLDER
    write(tree, path, code)
    if excuse:
        write(tree, 'scripts/coverage-exceptions', excuse)
    write(objects, 'main.c', program)
    for command in (
            ['gcc', '-O0', '--coverage', '-c', '-o', 'code.o',
             os.path.join(tree, path)],
            ['gcc', '--coverage', '-o', 'main', 'main.c', 'code.o'],
            ['./main'],
            ['sh', '-c', 'rm -f main-*']):
        status, output = run(*command, cwd=objects)
        expect(status == 0, output)
    return run(script('coverage'), '--root', tree, '--counted', '10.2')


def test_all_is_reached(directory):
    status, output = look(directory, ALL)
    expect(status == 0 and 'nothing is missing' in output, output)
    # without those that assert
    expect(' 4      0  100.0 %       2      0  100.0 %' in output, output)


def test_too_little_is_reached(directory):
    status, output = look(directory, EVEN, excuse=EXCUSE)
    expect(status == 1 and 'below 95 % of lines or 85 % of branches' in output,
           output)


def long_code():
    """So long that what half() lacks is of no account."""
    body = '    if (x > %d) {\n        x--;\n    }\n'
    return CODE + 'int more(int x);\nint more(int x)\n{\n' + ''.join(
        body % i for i in range(30)) + '    return x;\n}\n'


LONG = EVEN.replace('half(2) != 1', '''half(2) != 1 || more(99) != 69 ||
        more(-1) != -1''').replace('int main', 'int more(int x);\nint main')


def test_lines_that_are_not_reached(directory):
    status, output = look(directory, LONG, long_code())
    expect(status == 0 and PATH + ':9 half(): no test' in output, output)
    status, output = look(directory, LONG, long_code(), EXCUSE)
    expect(status == 0 and PATH + ':9 half(): an example' in output, output)


def test_a_reason_that_is_not_needed(directory):
    status, output = look(directory, ALL, excuse=EXCUSE)
    expect(status == 1 and 'is reached, or is not there' in output, output)


def test_glue_is_not_counted(directory):
    status, output = look(directory, EVEN, path='hw/cxl/type3/pci.c')
    expect('pci.c' not in output, status, output)


def test_a_build_that_is_not_there(directory):
    write(directory, 'tree/' + PATH, CODE)
    status, output = run(script('coverage'), '--root', directory + '/tree',
                         '--counted', '10.2')
    expect(status == 1 and 'qemu/build coverage' in output, output)


if __name__ == '__main__':
    main(dict(globals()))
