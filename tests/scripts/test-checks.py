#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-* scripts can fail: a small good tree passes every one of them,
and each way to spoil it is refused by the rule meant for it."""

import os
import re
import shutil
import sys

from goodtree import (COMMANDS, GLUE, GOOD, GRADES, LICENCE, SOURCE, UNIT,
                      WIRE, changed, check, expect_fault, grow)
from tapsuite import expect, main, run, script, skip, write

# The small tree has no build of its own, whatever the real one has.
os.environ.pop('MEMFAB_BUILD', None)

def test_good_tree_passes_everything(directory):
    for name in ('check-arrows', 'check-rooms', 'check-sizes', 'check-cites',
                 'check-words', 'check-docs', 'check-rows'):
        status, output = check(directory, name, {})
        expect(status == 0 and 'not ok' not in output, name, output)
        expect(re.match(r'1\.\.[1-9]', output), name, output)


def test_machine_without_git(directory):
    """A clone is checked where nobody has installed git."""
    os.mkdir(directory + '/bin')
    os.symlink(sys.executable, directory + '/bin/python3')
    status, output = run(
        script('check-sizes'), '--root',
        grow(directory + '/tree', {'.git/HEAD': 'ref: refs/heads/main\n'}),
        env={'PATH': directory + '/bin'})
    expect(status == 0 and re.match(r'1\.\.[1-9]', output), output)


def test_empty_tree_passes_nothing(directory):
    for name in ('check-arrows', 'check-rooms', 'check-sizes', 'check-cites',
                 'check-words', 'check-docs', 'check-rows'):
        status, output = run(script(name), '--root', directory)
        expect(status != 0, name, output)


# check-arrows

ARROWS = (
    ('lower-floors-include-only-what-they-may', 'hw/cxl/core/poison.c:4',
     changed('hw/cxl/core/poison.c', '#include "hw/cxl/core',
             '#include "hw/core/qdev.h"\n#include "hw/cxl/core')),
    ('lower-floors-include-only-what-they-may', 'hw/cxl/core/poison.h:8',
     changed('hw/cxl/core/poison.h', '#include "hw/cxl/wire/poison.h"',
             '#include <stdio.h>')),
    ('includes-go-down', 'include/hw/cxl/wire/poison.h:8',
     changed('include/hw/cxl/wire/poison.h', '#define CXL_POISON',
             '#include "hw/cxl/core/idset.h"\n#define CXL_POISON')
     | {'hw/cxl/core/idset.h': LICENCE}),
    ('includes-go-down', 'hw/cxl/core/poison.c:4',
     changed('hw/cxl/core/poison.c', '#include "hw/cxl/core',
             '#include "hw/cxl/cci/rows.h"\n#include "hw/cxl/core')
     | {'hw/cxl/cci/rows.h': LICENCE}),
    ('includes-go-down', 'hw/cxl/cci/media.c:4',
     changed('hw/cxl/cci/media.c', 'hw/cxl/core/poison.h', 'hw/cxl/type3/memdev.h')
     | {'hw/cxl/type3/memdev.h': LICENCE}),
    ('includes-go-down', 'hw/cxl/cci/media.c:4',
     changed('hw/cxl/cci/media.c', 'hw/cxl/core/poison.h', 'tests/fake.h')
     | {'tests/fake.h': LICENCE}),
    ('subjects-share-only-hw-common', 'hw/cxl/core/poison.c:4',
     changed('hw/cxl/core/poison.c', '#include "hw/cxl/core',
             '#include "hw/dma/sdxi/core/ring.h"\n#include "hw/cxl/core')
     | {'hw/dma/sdxi/core/ring.h': LICENCE}),
    ('devices-know-nothing-of-each-other', 'hw/dma/sdxi/peers.c:3',
     {'hw/dma/sdxi/peers.c': LICENCE + '#include "qemu/osdep.h"\n'
      '#include "hw/cxl/type3/memdev.h"\n',
      'hw/cxl/type3/memdev.h': LICENCE}),
    ('rooms-include-each-other-without-cycle', 'hw/cxl/core/a.h:2',
     {'hw/cxl/core/a.h': LICENCE + '#include "hw/cxl/core/b.h"\n',
      'hw/cxl/core/b.h': LICENCE + '#include "hw/cxl/core/a.h"\n'}),
    ('osdep-comes-first-in-sources-and-never-in-headers',
     'hw/cxl/core/poison.c:3',
     changed('hw/cxl/core/poison.c', '#include "qemu/osdep.h"',
             '#include "qemu/bitops.h"')),
    ('osdep-comes-first-in-sources-and-never-in-headers',
     'hw/cxl/core/poison.h:8',
     changed('hw/cxl/core/poison.h', 'hw/cxl/wire/poison.h',
             'qemu/osdep.h')),
    ('headers-that-move-come-by-compat', 'hw/cxl/type3/pci.c:5',
     changed('hw/cxl/type3/pci.c', '#include "hw/cxl/core',
             '#include "exec/memory.h"\n#include "hw/cxl/core')),
    ('headers-that-move-come-by-compat', 'hw/cxl/type3/pci.c:5',
     changed('hw/cxl/type3/pci.c', '#include "hw/cxl/core',
             '#include "system/memory_cached.h"\n#include "hw/cxl/core')),
    ('headers-that-move-come-by-compat', 'include/hw/memfab/compat.h:1',
     {'include/hw/memfab/compat.h': LICENCE + '#include "system/memory.h"\n'}),
)


def test_arrows(directory):
    for rule, place, changes in ARROWS:
        expect_fault(directory, 'check-arrows', rule, changes, place)


def test_commented_include_is_no_include(directory):
    status, output = check(directory, 'check-arrows', changed(
        'hw/cxl/core/poison.c', '#include "hw/cxl/core',
        '/*\n#include "hw/core/qdev.h"\n*/\n#include "hw/cxl/core'))
    expect(status == 0, output)


def compile_objects(directory, sources):
    """Objects with the names that meson gives them."""
    if not shutil.which('cc') or not shutil.which('ar'):
        skip('no C compiler')
    objects = []
    for path, text in sources.items():
        name = '%s/%s.o' % (directory, path.replace('/', '_'))
        source = write(directory, 'src/' + path, text)
        status, output = run('cc', '-c', source, '-o', name)
        expect(status == 0, output)
        objects.append(name)
    return objects


def compile_library(directory, sources):
    objects = compile_objects(directory, sources)
    library = directory + '/lib.a'
    status, output = run('ar', 'rcs', library, *objects)
    expect(status == 0, output)
    return library


def test_library_arrows(directory):
    core, cci = 'hw/cxl/core/poison.c', 'hw/cxl/cci/media.c'
    for text, rule in (
            ('int a(void) { return b(); }', 'calls-go-down'),
            ('int a(void) { return qdev_new(); }', 'calls-go-down'),
            ('int counter; int a(void) { return ++counter; }',
             'lower-floors-have-no-globals'),
            ('int a(void) { static int n = 3; return ++n; }',
             'lower-floors-have-no-globals'),
            ('const char *const t[] = { "x" }; int a(void)'
             '{ return memcmp(t[0], "y", 1); }', None)):
        library = compile_library(directory, {
            core: '#include <string.h>\nint b(void); int qdev_new(void);\n'
                  + text + '\n',
            cci: 'int b(void) { return 1; }\n'})
        status, output = check(directory, 'check-arrows', {}, '--library',
                               library)
        failed = re.findall(r'^not ok \d+ \S*/(\S+)$', output, re.M)
        expect(failed == ([rule] if rule else []), text, output)


def test_library_with_glue_inside(directory):
    library = compile_library(directory, {'hw/cxl/type3/pci.c': 'int x(void)'
                                          '{ return 1; }\n'})
    status, output = check(directory, 'check-arrows', {}, '--library', library)
    expect(status == 1 and re.search(
        r'^not ok \d+ \S*library-holds-lower-floors-only', output, re.M),
        output)


CALLS = {
    'hw/cxl/type3/pci.c': 'int away(void); int here(void)'
                          '{ return away(); }\n',
    'hw/cxl/type3/regs.c': 'int deep(void); int away(void)'
                           '{ return deep(); }\n',
    'hw/cxl/type3/props.c': 'int deep(void) { return 1; }\n',
}
BACK = {'hw/cxl/type3/props.c': 'int here(void); int deep(void)'
                                '{ return here(); }\n'}
EXCUSE = 'hw/cxl/type3/props -> hw/cxl/type3/pci: it is old\n'


def check_circle(directory, sources, changes):
    library = compile_library(directory, {
        'hw/cxl/core/poison.c': 'int a(void) { return 1; }\n'})
    objects = compile_objects(directory, sources)
    files = {path: LICENCE + '/* A part of the device as QEMU sees it. */\n'
             for path in sources}
    status, output = check(directory, 'check-arrows', {**files, **changes},
                           '--library', library, '--objects', *objects)
    return re.findall(r'^not ok \d+ \S*/(\S+)$', output, re.M), output


def test_circles_of_calls(directory):
    rule = 'rooms-call-each-other-without-cycle'
    excused = 'scripts/arrow-exceptions'
    needless = 'exceptions-are-needed-and-have-a-reason'
    for sources, changes, wanted in (
            (CALLS, {}, []),
            ({**CALLS, **BACK}, {}, [rule]),
            ({**CALLS, **BACK}, {excused: EXCUSE}, []),
            ({**CALLS, **BACK}, {excused: EXCUSE.replace('it is old', '')},
             [needless]),
            (CALLS, {excused: EXCUSE}, [needless])):
        failed, output = check_circle(directory, sources, changes)
        expect(failed == wanted, changes, output)
    failed, output = check_circle(directory, {**CALLS, **BACK}, {})
    expect('hw/cxl/type3/pci.c (away):1: circle: hw/cxl/type3/pci -> '
           'hw/cxl/type3/regs -> hw/cxl/type3/props -> hw/cxl/type3/pci'
           in output, output)


def test_circles_of_includes_in_glue(directory):
    expect_fault(directory, 'check-arrows',
                 'rooms-include-each-other-without-cycle',
                 {'hw/cxl/type3/a.h': LICENCE + '#include "b.h"\n',
                  'hw/cxl/type3/b.h': LICENCE
                  + '#include "hw/cxl/type3/a.h"\n'},
                 'hw/cxl/type3/a.h:2')


# check-ways-out

def ways_out(**changes):
    """A device whose ways out are gathered; files replaced or added."""
    files = {'out.c': 'msix_notify(d, 1); pci_default_write_config(d, a, v);',
             'access.c': 'address_space_rw(a);',
             'pasid.c': 'address_space_rw(a);'}
    files.update({name + '.c': body for name, body in changes.items()})
    return {'hw/dma/sdxi/' + name: '%s/* Glue. */\nvoid f(void)\n{\n    %s\n'
            '}\n' % (LICENCE, body) for name, body in files.items()}


WAYS_OUT = (
    ('message-leaves-by-one-file', 'hw/dma/sdxi/pci.c:5',
     ways_out(pci='msix_notify(d, 2);')),
    ('message-leaves-by-one-file', 'hw/dma/sdxi/pci.c:5',
     ways_out(pci='pcie_aer_msg(d, m);')),
    ('message-leaves-by-one-file', 'hw/net/new.c:5',
     {'hw/net/new.c': ways_out(pci='msi_notify(d, 2);')[
         'hw/dma/sdxi/pci.c']}),
    ('message-leaves-by-one-file', 'hw/cxl/switch/cci.c:5',
     {'hw/cxl/switch/cci.c': ways_out(pci='msix_notify(d, 3);')[
         'hw/dma/sdxi/pci.c']}),
    ('memory-leaves-by-one-file', 'hw/dma/sdxi/pci.c:5',
     ways_out(pci='pci_dma_write(d, a, b, 1);')),
    ('configuration-leaves-by-one-file', 'hw/dma/sdxi/access.c:5',
     ways_out(access='address_space_rw(a); pci_default_write_config(d, a);')),
    ('table-names-what-is-there', 'hw/dma/sdxi/access.c:1',
     ways_out(access='')),
)


def test_ways_out(directory):
    status, output = check(directory, 'check-ways-out', ways_out(
        pci='/* not msix_notify(d, 1); */ my_msix_notify(d, 1);'))
    expect(status == 0, output)
    for rule, place, changes in WAYS_OUT:
        expect_fault(directory, 'check-ways-out', rule, changes, place)


# check-rooms

ROOMS = (
    ('c-files-open-with-licence-and-reason', 'hw/cxl/type3/pci.c:1',
     {'hw/cxl/type3/pci.c': GLUE[len(LICENCE):]}),
    ('c-files-open-with-licence-and-reason', 'hw/cxl/type3/pci.c:2',
     changed('hw/cxl/type3/pci.c',
             '/* The device as QEMU sees it: properties and reset. */\n',
             '')),
    ('scripts-have-a-licence', 'scripts/tool:1',
     {'scripts/tool': '#!/bin/sh\n'}),
    ('headers-are-guarded-by-their-path', 'hw/cxl/core/poison.h:1',
     changed('hw/cxl/core/poison.h', 'CORE_POISON_H', 'POISON_H', 9)),
    ('headers-are-guarded-by-their-path', 'hw/cxl/core/poison.h:1',
     changed('hw/cxl/core/poison.h', '#define HW', '#define  HW')),
    ('every-core-room-has-a-unit-test', 'hw/cxl/core/poison.c:1',
     {'tests/unit/cxl/core/test-poison.c': None}),
    ('every-source-is-in-a-build-list', 'hw/cxl/core/poison.c:1',
     {'hw/cxl/core/meson.build': "memfab_core_ss += files('poisons.c')\n"}),
    ('every-source-is-in-a-build-list', 'tests/unit/cxl/core/test-poison.c:1',
     {'tests/unit/meson.build': '\n'}),
    ('every-source-is-in-a-build-list', 'tests/qtest/cxl/dcd.c:1',
     {'tests/qtest/cxl/dcd.c': UNIT, 'tests/qtest/meson.build':
      "foreach room : ['doe']\n  t += {'x': files('cxl' / (room + '.c'))}\n"}),
    ('packed-structs-assert-their-size', 'include/hw/cxl/wire/poison.h:17',
     changed('include/hw/cxl/wire/poison.h', 'QEMU_BUILD_BUG_ON(',
             'assert(')),
    ('state-structs-assert-their-size', 'hw/cxl/core/poison.h:15',
     changed('hw/cxl/core/poison.c', 'QEMU_BUILD_BUG_ON', 'assert')),
)


def test_rooms(directory):
    for rule, place, changes in ROOMS:
        expect_fault(directory, 'check-rooms', rule, changes, place)


# check-sizes

def long_function(lines):
    return 'static void f(int (*g)(void))\n{\n' + '    g();\n' * lines + '}\n'


def test_sizes(directory):
    path = 'hw/cxl/core/poison.c'
    for lines, fits in ((57, True), (58, False)):
        text = SOURCE + long_function(lines)
        status, output = check(directory, 'check-sizes', {path: text})
        expect((status == 0) == fits, lines, output)
    expect_fault(directory, 'check-sizes', 'functions-have-at-most-60-lines',
                 {path: SOURCE + long_function(58)}, path + ':12',
                 'f has 61 lines')
    expect_fault(directory, 'check-sizes', 'functions-have-at-most-60-lines',
                 {'scripts/tool.py': 'def f():\n' + '    print()\n' * 60},
                 'scripts/tool.py:1', 'f has 61 lines')
    expect_fault(directory, 'check-sizes', 'files-have-at-most-800-lines',
                 {'hw/x.c': LICENCE + '\n' * 800}, 'hw/x.c:1', '801')


def test_share_of_glue(directory):
    rule = 'glue-is-less-than-29-per-cent-of-floors-and-25-of-product'
    core = {'hw/cxl/core/large.h': LICENCE + '\n' * 700}
    glue = {'hw/cxl/type3/large.h': LICENCE + '\n' * 700}
    expect_fault(directory, 'check-sizes', rule, core | glue,
                 'scripts/check-sizes:1')
    status, output = check(directory, 'check-sizes', core | {
        'hw/cxl/type3/large.h': LICENCE + '\n' * 200})
    expect(status == 0, output)
    # Less than three tenths of the floors, and too much of the product
    core = {'hw/cxl/core/large.h': LICENCE + '\n' * 790}
    glue = {'hw/cxl/type3/large.h': LICENCE + '\n' * 300}
    expect_fault(directory, 'check-sizes', rule, core | glue,
                 'scripts/check-sizes:1')
    status, output = check(directory, 'check-sizes', core | glue | {
        'tools/large': '\n' * 200})
    expect(status == 0, output)


def test_sizes_are_not_fooled_by_braces(directory):
    text = SOURCE + '''
static const int table[] = {
''' + '    1,\n' * 70 + '''};
static void a(void)
{
    char open = '{'; /* { */
    puts("{");
}
#define BODY { \\
    }
''' + long_function(58)
    expect_fault(directory, 'check-sizes', 'functions-have-at-most-60-lines',
                 {'hw/cxl/core/poison.c': text}, 'hw/cxl/core/poison.c:92')


def test_size_exceptions(directory):
    path = 'hw/cxl/core/poison.c'
    text = {path: SOURCE + long_function(58)}
    status, output = check(directory, 'check-sizes', dict(text, **{
        'scripts/size-exceptions': path + ':f: a table of cases\n'}))
    expect(status == 0, output)
    rule = 'exceptions-are-needed-and-have-a-reason'
    expect_fault(directory, 'check-sizes', rule, dict(text, **{
        'scripts/size-exceptions': path + ':f: \n'}),
        'scripts/size-exceptions:1', 'no reason')
    expect_fault(directory, 'check-sizes', rule, {
        'scripts/size-exceptions': path + ':g: was long once\n'},
        'scripts/size-exceptions:1', 'needs no exception')


# check-errors

def said(words, start='error_setg(errp, '):
    path = 'hw/cxl/type3/pci.c'
    return {path: LICENCE + '/* Says. */\nvoid f(void)\n{\n    %s%s);\n}\n'
                  % (start, words)}


def test_errors(directory):
    rule, place = 'errors-name-what-they-are-about', 'hw/cxl/type3/pci.c:5'
    for words in ('"too large"', '"%s", problem', '"it isn\'t 5"',
                  '"size %" PRIu64 " is odd",\n               size',
                  '"no (such) thing)"'):
        expect_fault(directory, 'check-errors', rule, said(words), place)
    expect_fault(directory, 'check-errors', rule,
                 said('"too large"', 'error_setg_errno(errp, errno, '), place)
    for words in ('"\'sn\' is too large"', '"\'%s=%s\' is odd", p, v',
                  '"argument"\n               " \'path\': none"',
                  '"%s: it is odd", name', '"device \'%s\' is odd", id'):
        status, output = check(directory, 'check-errors', said(words))
        expect(status == 0, words, output)


def test_error_exceptions(directory):
    listed = 'scripts/error-exceptions'
    status, output = check(directory, 'check-errors', dict(
        said('"too large"'), **{
            listed: 'hw/cxl/type3/pci.c too: the core said it\n'}))
    expect(status == 0, output)
    rule = 'exceptions-are-needed-and-have-a-reason'
    expect_fault(directory, 'check-errors', rule, dict(
        said('"too large"'), **{listed: 'hw/cxl/type3/pci.c too: \n'}),
        listed + ':1', 'no reason')
    expect_fault(directory, 'check-errors', rule, {
        listed: 'hw/cxl/type3/pci.c too: the core said it\n'},
        listed + ':1', 'needs no exception')


# check-qmp

SCHEMA = '''##
# @query-a:
#
# What A is.
#
# @path: its place
#
# Returns: what it is
#
# Since: 0.1
##
{ 'command': 'query-a', 'data': { '*path': 'str' },
  'returns': [ 'A' ] }
'''


def test_qmp(directory):
    schema = {'qapi/memfab.json': SCHEMA}
    expect_fault(directory, 'check-qmp', 'the-page-is-written-from-the-schema',
                 schema, 'docs/qmp.md:1', 'check-qmp --write')
    tree = grow(directory + '/tree', schema)
    status, output = run(script('check-qmp'), '--root', tree, '--write')
    expect(status == 0, output)
    with open(tree + '/docs/qmp.md', encoding='utf-8') as page:
        text = page.read()
    for words in ('## command query-a\n\nWhat A is.\n',
                  '| `path` | str, optional | its place |',
                  'Returns what it is (list of A).'):
        expect(words in text, words, text)
    status, output = check(directory, 'check-qmp', dict(schema, **{
        'docs/qmp.md': text}))
    expect(status == 0, output)


# check-cites

def test_cites(directory):
    path = 'include/hw/cxl/wire/poison.h'
    rule = 'wire-definitions-cite-a-section'
    expect_fault(directory, 'check-cites', rule,
                 changed(path, ', CXL r3.1 8.2.9.9.4.1', ''), path + ':8')
    expect_fault(directory, 'check-cites', rule,
                 {path: WIRE + '\n' * 60 + 'enum {\n    A,\n};\n'},
                 path + ':81')
    status, output = check(directory, 'check-cites', {
        path: WIRE + '\n' * 60 + '/* 8.2.9.9.4.2 */\nenum {\n    A,\n};\n'})
    expect(status == 0, output)


def test_citation_spelling(directory):
    for words in ('CXL 3.1 8.2.9', 'CXL spec r3.1 8.2.9', 'CXL rev 3.1 8.2.9',
                  'SDXI v1.0 3.2', 'CXL r3.1 section 8.2.9', 'ACPI r6.5 5.2'):
        expect_fault(directory, 'check-cites', 'citations-are-spelled-alike',
                     {'hw/cxl/core/poison.c': SOURCE + '/* %s */\n' % words},
                     'hw/cxl/core/poison.c:12')


# check-words

def test_words(directory):
    for line, rule in (
            ('https://deb.mirror.example/debian', 'no-hosts-but-'
             'public-projects'),
            ('see /work/build/x', 'no-paths-of-one-machine'),
            ('PATH=/home/somebody/bin', 'no-paths-of-one-machine'),
            ('TODO: more', 'no-promises-without-an-issue'),
            ('FIXME(later)', 'no-promises-without-an-issue'),
            ('space ', 'no-trailing-space'),
            ('a\tb', 'no-tabs-but-in-makefiles')):
        expect_fault(directory, 'check-words', rule,
                     {'docs/cxl/device.md': 'x\n%s\n' % line},
                     'docs/cxl/device.md:2')


def test_words_let_honest_lines_through(directory):
    status, output = check(directory, 'check-words', {
        'docs/cxl/device.md': 'https://www.qemu.org/docs\nTODO(#12): more\n'
                              '${XDG_CACHE_HOME:-~/.cache}/root/x\n'})
    expect(status == 0, output)


# check-docs

HOPS = ('\n\n| 1 | `hw/cxl/core/poison.c:%s` | `none` |\n'
        '| %d | `hw/cxl/core/poison.c:cxl_poison_count` | `%spoison_count` |\n')
DOCS = (
    ('every-property-is-documented', 'hw/cxl/type3/pci.c:8',
     {'docs/cxl/device.md': '# Device\n'}),
    ('files-named-in-documents-exist', 'docs/cxl/walk-poison.md:1',
     changed('docs/cxl/walk-poison.md', 'type3/pci.c', 'type3/gone.c')),
    ('files-named-in-documents-exist', 'docs/cxl/walk-poison.md:1',
     changed('docs/cxl/walk-poison.md', 'cxl_poison_count', 'cxl_poison_no')),
    ('hops-are-calls-and-few', 'docs/cxl/walk-poison.md:4',
     changed('docs/cxl/walk-poison.md', '\n',
             HOPS % ('cxl_poison_count', 2, 'no_'))),
    ('hops-are-calls-and-few', 'docs/cxl/walk-poison.md:4',
     changed('docs/cxl/walk-poison.md', '\n',
             HOPS % ('cxl_poison_count', 9, 'cxl_'))),
    ('hops-are-calls-and-few', 'docs/cxl/walk-poison.md:3',
     changed('docs/cxl/walk-poison.md', '\n', HOPS % ('list', 2, 'cxl_'))),
    ('links-lead-somewhere', 'docs/README.md:3',
     changed('docs/README.md', '](cxl/device.md)', '](cxl/devices.md)')
     | {'docs/index2.md': '[d](cxl/device.md) [i](index2.md)'}),
    ('links-to-headings-lead-somewhere', 'docs/index2.md:1',
     {'docs/index2.md': '[d](cxl/device.md#no-such) [i](index2.md)'}),
    ('every-document-is-linked', 'docs/cxl/lost.md:1',
     {'docs/cxl/lost.md': '# Lost\n'}),
)


def test_docs(directory):
    for rule, place, changes in DOCS:
        expect_fault(directory, 'check-docs', rule, changes, place)


# check-rows

ROW = 'hw/cxl/cci/media.c'
PAGE = 'docs/cxl/maturity.md'
ROWS = (
    ('there-are-rows', 'hw/cxl/cci:1',
     {ROW: None, 'docs/cxl/commands.md': '\n',
      PAGE: '| 4300h | a | 8.2 | 0 | |\n| 4301h | b | 8.2 | 0 | |\n'}),
    ('rows-are-complete', ROW + ':7',
     changed(ROW, '.handler = poison_list, ', '')),
    ('rows-are-complete', ROW + ':7',
     changed(ROW, '"8.2.9.9.4.1"', '"somewhere"')),
    ('a-command-has-one-row-and-a-known-opcode', 'hw/cxl/cci/twice.c:7',
     {'hw/cxl/cci/twice.c': COMMANDS}),
    ('every-command-is-named-by-a-test', ROW + ':7',
     changed('tests/unit/cxl/core/test-poison.c', 'CXL_OP_POISON_LIST',
             '/* CXL_OP_LIST */ 0')),
    ('the-command-page-has-every-row', ROW + ':7',
     {'docs/cxl/commands.md': '\n'}),
    ('the-command-page-has-every-row', 'docs/cxl/commands.md:1',
     changed('docs/cxl/commands.md', 'Get Poison', 'Get Media')),
    ('the-command-page-has-every-row', 'docs/cxl/commands.md:2',
     {'docs/cxl/commands.md': GOOD['docs/cxl/commands.md']
      + '| 4301h | Inject Poison | 8 |\n'}),
    ('every-opcode-is-graded-with-evidence',
     'include/hw/cxl/wire/poison.h:12',
     changed(PAGE, '| 4301h | Inject Poison | 8.2.9.9.4.2 | 0 | |\n', '')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':4',
     changed(PAGE, '| 0 | |', '| 1 | |')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':3',
     changed(PAGE, '| 2 |', '| 0 |')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':3',
     changed(PAGE, '`tests/unit/cxl/core/test-poison.c`', 'seen')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':3',
     changed(PAGE, 'test-poison.c', 'test-gone.c')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':3',
     changed(PAGE, '| 2 |', '| 9 |')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':3',
     changed(PAGE, '| 2 |', '| 3 |')),
    ('every-opcode-is-graded-with-evidence', PAGE + ':5',
     {PAGE: GRADES + '| 4999h | Nothing | 8.2 | 0 | |\n'}),
)


def test_rows(directory):
    for rule, place, changes in ROWS:
        expect_fault(directory, 'check-rows', rule, changes, place)


# check-statements

PROMISES = 'docs/sdxi/conformance.md'
PROVES = 'tests/qtest/sdxi/keys.c'
PROMISED = {
    PROMISES: '| KEY-05 | Remote copy works | talk | itself | tested |\n'
              '| KEY-06 | So does a third party | talk | itself | open |\n',
    PROVES: 'add("/sdxi/key-05/remote");\n',
}
TWIN = '| KEY-05 | Remote copy works | talk | %s | tested |\n'
STATEMENTS = (
    ('there-are-statements', PROMISES + ':1', {PROMISES: '\n', PROVES: '\n'}),
    ('states-are-true', PROMISES + ':1', {PROVES: '\n'}),
    ('states-are-true', PROMISES + ':2',
     {PROVES: 'add("/sdxi/key-05/a"); add("/sdxi/KEY-06/b");\n'}),
    ('twins-are-tests', PROMISES + ':1',
     {PROMISES: TWIN % '`/sdxi/key-05/refused`'}),
    ('twins-are-tests', PROMISES + ':1', {PROMISES: TWIN % ''}),
    ('tests-name-statements-that-exist', PROVES + ':2',
     {PROVES: 'add("/sdxi/key-05/a");\nadd("/sdxi/key-99/b");\n'}),
)


def test_statements(directory):
    status, output = check(directory, 'check-statements', PROMISED)
    expect(status == 0 and '1 of 2 statements' in output, output)
    status, output = check(directory, 'check-statements', {
        **PROMISED, PROMISES: TWIN % '`/sdxi/key-05/remote`'})
    expect(status == 0, output)
    for rule, place, changes in STATEMENTS:
        expect_fault(directory, 'check-statements', rule,
                     {**PROMISED, **changes}, place)


def test_statements_can_be_written(directory):
    stale = {**PROMISED, PROVES: 'add("/sdxi/key-06/other");\n'}
    check(directory, 'check-statements', stale, '--write')
    with open(directory + '/tree/' + PROMISES) as stream:
        states = re.findall(r'(\w+) \|$', stream.read(), re.M)
    expect(states == ['open', 'tested'], states)


# check-commits

GOOD_MESSAGE = '''cxl/mailbox: answer 20h when a command cannot be aborted

Every command takes an abort and says that it worked.

Signed-off-by: Some Body <some@body.example>
'''
COMMITS = (
    ('subjects-are-area-and-imperative', ('answer 20h', 'answer 20h ' * 5)),
    ('subjects-are-area-and-imperative', ('cxl/mailbox: a', 'A')),
    ('subjects-are-area-and-imperative', ('answer', 'the answer is')),
    ('subjects-are-area-and-imperative', ('when a', '; when a')),
    ('subjects-are-area-and-imperative', ('aborted\n', 'aborted.\n')),
    ('bodies-say-why', ('aborted\n\nEvery', 'aborted\nEvery')),
    ('bodies-say-why', ('Every command takes an abort and says that it '
                        'worked.\n\n', '')),
    ('commits-are-signed-off', ('Signed-off-by', 'Signed-of-by')),
    ('commits-are-signed-off', (' <some@body.example>', '')),
)


def commit(tree, message, lines):
    """Returns the name of a commit that has so many lines."""
    write(tree, 'file', 'a line\n' * lines)
    environment = dict(os.environ, GIT_CONFIG_GLOBAL='/dev/null')
    for words in (('add', '-A'), ('-c', 'user.name=a', '-c', 'user.email=b',
                                  'commit', '-q', '-F', '-')):
        status, output = run('git', '-C', tree, *words, text=message,
                             env=environment)
        expect(status == 0, words, output)
    return run('git', '-C', tree, 'rev-parse', 'HEAD')[1].strip()


def history(directory, message, lines=20):
    """A tree whose second commit has this message; and its first's name."""
    if not shutil.which('git'):
        skip('no git')
    tree = directory + '/tree'
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(tree)
    run('git', '-C', tree, 'init', '-q')
    first = commit(tree, 'of before the rule', 1)
    commit(tree, message, lines)
    return tree, first


def check_commits(tree, since):
    status, output = run(script('check-commits'), '--root', tree, '--since',
                         since)
    return status, re.findall(r'^not ok \d+ \S*/(\S+)$', output, re.M), output


def test_commits(directory):
    tree, first = history(directory, GOOD_MESSAGE)
    status, failed, output = check_commits(tree, first)
    expect(status == 0 and 'SKIP' not in output, output)
    for rule, (old, new) in COMMITS:
        expect(old in GOOD_MESSAGE, old)
        tree, first = history(directory, GOOD_MESSAGE.replace(old, new, 1))
        status, failed, output = check_commits(tree, first)
        expect(status == 1 and failed == [rule], rule, new, output)


def test_small_commits_need_no_body(directory):
    bare = re.sub('Every.*\n\n', '', GOOD_MESSAGE)
    for lines, passes in ((11, True), (12, False)):
        tree, first = history(directory, bare, lines)
        status, _, output = check_commits(tree, first)
        expect((status == 0) == passes, lines, output)


def test_commits_that_are_excused(directory):
    tree, first = history(directory, GOOD_MESSAGE.replace('answer', 'An'))
    name = run('git', '-C', tree, 'rev-parse', 'HEAD')[1].strip()[:7]
    rule = 'exceptions-are-needed-and-have-a-reason'
    for line, wanted in ((name + ': published before\n', []),
                         (name + ': \n', [rule]),
                         (name + ': published\n0123456: gone\n', [rule])):
        write(tree, 'scripts/commit-exceptions', line)
        _, failed, output = check_commits(tree, first)
        expect(failed == wanted, line, output)


def test_commits_without_history_are_skipped(directory):
    tree, first = history(directory, 'no good')
    for since, path, words in (
            ('0' * 40, os.environ['PATH'], 'does not reach back to 0000'),
            (first, directory + '/bin', 'no git here')):
        os.makedirs(directory + '/bin', exist_ok=True)
        if not os.path.exists(directory + '/bin/python3'):
            os.symlink(sys.executable, directory + '/bin/python3')
        status, output = run(script('check-commits'), '--root', tree,
                             '--since', since, env={'PATH': path})
        expect(status == 0 and re.match('1..1\nok 1 .* # SKIP .*' + words,
                                        output), output)


# check-style

def test_style(directory):
    qemu = os.environ.get('MEMFAB_QEMU_TREE')
    if not qemu or not os.path.exists(qemu + '/scripts/checkpatch.pl'):
        skip('MEMFAB_QEMU_TREE names no QEMU tree')
    status, output = check(directory, 'check-style', {}, '--qemu', qemu)
    expect(status == 0, output)
    for text in ('static int f(void)\n{\n    if (1) return 2;\n}\n',
                 'static int  f(void)\n{\n\treturn 2;\n}\n',
                 '/* ' + 'x' * 90 + ' */\n'):
        status, output = check(directory, 'check-style', {
            'hw/cxl/core/poison.c': SOURCE + text}, '--qemu', qemu)
        expect(status == 1 and 'hw/cxl/core/poison.c:1' in output, text,
               output)


def test_style_of_modes(directory):
    qemu = os.environ.get('MEMFAB_QEMU_TREE')
    if not qemu or not os.path.exists(qemu + '/scripts/checkpatch.pl'):
        skip('MEMFAB_QEMU_TREE names no QEMU tree')
    tree = grow(directory + '/tree', {})
    for mode in (0o755, 0o644):
        os.chmod(tree + '/hw/cxl/core/poison.c', mode)
        status, output = run(script('check-style'), '--root', tree, '--qemu',
                             qemu)
        expect(status == (mode == 0o755), output)
        expect(('hw/cxl/core/poison.c:1: chmod' in output) == bool(status),
               output)


def test_style_exceptions(directory):
    qemu = os.environ.get('MEMFAB_QEMU_TREE')
    if not qemu or not os.path.exists(qemu + '/scripts/checkpatch.pl'):
        skip('MEMFAB_QEMU_TREE names no QEMU tree')
    bad = SOURCE + 'static int f(void)\n{\n    if (1) return 2;\n}\n'
    for line, passes in (
            ('hw/cxl/core/* statement|braces: for this test\n', True),
            ('hw/cxl/core/* statement|braces: \n', False),
            ('hw/cxl/cci/* statement|braces: elsewhere\n', False)):
        status, output = check(directory, 'check-style', {
            'hw/cxl/core/poison.c': bad, 'scripts/style-exceptions': line},
            '--qemu', qemu)
        expect((status == 0) == passes, line, output)


def test_style_of_a_file_is_its_own(directory):
    qemu = os.environ.get('MEMFAB_QEMU_TREE')
    if not qemu or not os.path.exists(qemu + '/scripts/checkpatch.pl'):
        skip('MEMFAB_QEMU_TREE names no QEMU tree')
    # from this line checkpatch.pl takes "i" for a type
    teacher = ('static void f(GPtrArray *a, unsigned i)\n{\n'
               '    void (*fill)(Shapes *) = g_ptr_array_index(a, i);\n'
               '    fill(NULL);\n}\n')
    pupil = ('static void f(int i)\n{\n    g(a, b + i * SIZE, c, d);\n'
             '}\n')
    tree = grow(directory + '/tree', {
        'hw/cxl/core/a.c': SOURCE + teacher,
        'hw/cxl/core/poison.c': SOURCE + pupil})
    # nothing that was said before
    status, output = run(script('check-style'), '--root', tree, '--qemu', qemu,
                         env={**os.environ, 'XDG_CACHE_HOME': directory})
    expect(status == 0, output)


def test_style_without_a_tree_is_no_pass(directory):
    status, output = check(directory, 'check-style', {}, '--qemu',
                           directory + '/none')
    expect(status != 0 and 'checkpatch.pl' in output, output)


if __name__ == '__main__':
    main(dict(globals()))
