#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/static has compilers look at our C as a build compiles it, and
refuses what they say unless it is excused."""

import json
import shutil

from tapsuite import expect, main, run, script, skip, write

PATH = 'hw/cxl/core/poison.c'
GOOD = 'int twice(int x);\nint twice(int x)\n{\n    return 2 * x;\n}\n'
# What is said if -Wall, -Wextra and -Wshadow are asked for
BAD = {
    '-Wunused-variable': GOOD.replace('return', 'int y;\n    return'),
    '-Wunused-parameter': GOOD.replace('2 * x', '2'),
    '-Wshadow': GOOD.replace('return', '{ int x = 1; (void)x; }\n    return'),
}
EXCUSE = 'hw/cxl/core/*.c unused: an example\n'


def check(directory, text, *options, path=PATH, excuse=None):
    if not shutil.which('gcc'):
        skip('no gcc')
    tree = directory + '/tree/'
    write(tree, path, text)
    if excuse:
        write(tree, 'scripts/static-exceptions', excuse)
    write(directory, 'build/compile_commands.json', json.dumps([{
        'directory': directory + '/build', 'file': 'qemu/memfab/' + path,
        'command': 'gcc -std=gnu11 -w -c qemu/memfab/' + path}]))
    return run(script('static'), '--root', tree,
               '--build', directory + '/build', *options)


GCC = ('--tool', 'gcc')


def test_findings(directory):
    status, output = check(directory, GOOD, *GCC)
    expect(status == 0, output)
    for word, text in BAD.items():
        status, output = check(directory, text, *GCC)
        expect(status == 1 and PATH in output and word in output, word, output)


def test_every_tool_finds_something(directory):
    text = GOOD.replace('return 2', 'int y[2] = { 0 };\n    return y[2] + 2')
    for tool in ('clang', 'clang-tidy', 'cppcheck'):
        if shutil.which(tool):
            status, output = check(directory, text, '--tool', tool)
            expect(status == 1 and PATH in output, tool, output)


def test_glue_may_leave_parameters_unused(directory):
    status, output = check(directory, BAD['-Wunused-parameter'],
                           *GCC, path='hw/cxl/type3/pci.c')
    expect(status == 0, output)
    status, output = check(directory, BAD['-Wshadow'],
                           *GCC, path='hw/cxl/type3/pci.c')
    expect(status == 1 and '-Wshadow' in output, output)


def test_exceptions(directory):
    status, output = check(directory, BAD['-Wunused-parameter'], *GCC,
                           excuse=EXCUSE)
    expect(status == 0, output)
    status, output = check(directory, BAD['-Wshadow'], *GCC,
                           excuse=EXCUSE)
    expect(status == 1, output)


def test_exceptions_that_nobody_needs(directory):
    status, output = check(directory, GOOD, excuse=EXCUSE)
    expect(status == 1 and 'not needed' in output, output)


def test_without_a_build(directory):
    write(directory, PATH, GOOD)
    status, output = run(script('static'), '--root', directory,
                         '--build', directory)
    expect(status == 2 and 'configured' in output, output)


if __name__ == '__main__':
    main(dict(globals()))
