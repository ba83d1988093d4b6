#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cxl-topology: what it shows of a machine, and how it ends.

    tests/tools/test-cxl-topology.py BUILD

BUILD is a release's build directory. Machines that were seen once are in tests/data/topology: the document of
--json and the tree that belongs to it. QEMU is started, without a guest, with
several topologies.
"""

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'scripts'),
                os.path.join(HERE, '..', 'guest', 'lib'), HERE]
import machine  # noqa: E402
from fakeqmp import UNKNOWN, Answers, Peer, chatter, say, serve  # noqa: E402
from tapsuite import ROOT, expect, main, skip  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
TOOL = os.path.join(BUILD, 'memfab', 'tools', 'cxl-topology')
QEMU = os.path.join(BUILD, 'qemu-system-x86_64')
DATA = os.path.join(ROOT, 'tests', 'data', 'topology')
MACHINES = sorted(n[:-5] for n in os.listdir(DATA) if n.endswith('.json'))


def seen(name):
    with open(os.path.join(DATA, name + '.json'), encoding='utf-8') as file:
        return json.load(file)


def run(*arguments, timeout=60, **settings):
    """(exit status, standard output, standard error)"""
    env = dict(os.environ, LC_ALL='C.UTF-8', **settings)
    env.pop('MEMFAB_QMP', None) if 'MEMFAB_QMP' not in settings else None
    done = subprocess.run([TOOL, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=env,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


def shown(directory, doc, *options):
    with Peer(directory, serve(Answers(doc))) as path:
        status, text, said = run(path, *options)
    expect(status == 0 and not said, status, said)
    return text


def test_trees_are_as_recorded(directory):
    expect(len(MACHINES) >= 3, 'too few machines in ' + DATA)
    for name in MACHINES:
        with open(os.path.join(DATA, name + '.txt'), encoding='utf-8') as file:
            wanted = file.read()
        text = shown(directory, seen(name))
        expect(text == wanted, name + ':', text, 'instead of', wanted)


def test_json_is_the_whole_answer(directory):
    for name in MACHINES:
        expect(json.loads(shown(directory, seen(name), '--json')) ==
               seen(name), name)


def graphviz():
    if not shutil.which('dot'):
        skip('Graphviz is not installed')


def test_graphs_are_graphviz(directory):
    for name in MACHINES:
        text = shown(directory, seen(name), '--dot')
        expect(text.startswith('digraph topology {\n'), text[:100])
        if shutil.which('dot'):
            done = subprocess.run(['dot', '-Tplain'], input=text, text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False)
            expect(done.returncode == 0 and not done.stderr, done.stderr)


class Page(html.parser.HTMLParser):
    """Ids, scripts and what is fetched from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.scripts, self.fetched, self.script = set(), [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids.add(values.get('id'))
        self.fetched += [v for k, v in attrs
                         if k in ('src', 'href') and v[:1] != '#']
        self.script = tag == 'script'

    def handle_endtag(self, tag):
        self.script = False

    def handle_data(self, data):
        if self.script:
            self.scripts.append(data)


def test_page_holds_all(directory):
    graphviz()
    doc = seen('faults')
    page = Page(shown(directory, doc, '--html'))
    expect(not page.fetched, 'the page needs', page.fetched)
    expect(len(page.scripts) == 1, 'scripts', len(page.scripts))
    text = page.scripts[0].split('const doc = ')[1]
    expect(json.JSONDecoder().raw_decode(text)[0] == doc, text[:200])
    for place in ('windows/0', 'bridges/0', 'bridges/0/ports/0/below',
                  'nodes'):
        expect(place in page.ids, place, sorted(filter(None, page.ids)))


def test_names_are_no_markup(directory):
    graphviz()
    doc = seen('faults')
    name = '</script><script>a&"b" -> <i>'
    doc['bridges'][0]['ports'][0]['below']['name'] = name
    page = Page(shown(directory, doc, '--html'))
    expect(len(page.scripts) == 1, page.scripts)
    expect(json.dumps(name)[1:-1] in shown(directory, doc, '--json'), 'lost')


def test_names_are_no_commands(directory):
    doc = seen('faults')
    doc['bridges'][0]['ports'][0]['below']['name'] = \
        'a\033[2J\r\nb\x7f\u009b3J\u00a0\u00e9'
    text = shown(directory, doc)
    expect('a?[2J??b???3J\u00a0\u00e9' in text and '\033' not in text, text)


def test_a_browser_shows_details(directory):
    graphviz()
    browser = next(filter(None, map(shutil.which, (
        'chromium', 'chromium-headless-shell'))), None)
    if not browser:
        skip('Chromium is not installed')
    page = os.path.join(directory, 'page.html')
    with open(page, 'w', encoding='utf-8') as file:
        file.write(shown(directory, seen('faults'), '--html'))
    done = subprocess.run(
        [browser, '--headless', '--no-sandbox', '--disable-gpu', '--dump-dom',
         '--user-data-dir=' + os.path.join(directory, 'profile'),
         'file://%s#bridges/0/ports/0/below' % page], text=True, timeout=240,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    beside = done.stdout.partition('<aside')[2].partition('</aside>')[0]
    below = seen('faults')['bridges'][0]['ports'][0]['below']
    expect('<h2>%s</h2>' % below['name'] in beside and '<td>serial' in beside,
           'exit status', done.returncode, beside[:500])


def test_a_file_is_replaced(directory):
    target = os.path.join(directory, 'out')
    for name in ('faults', 'switch'):
        expect(shown(directory, seen(name), '-o', target) == '', 'printed')
        with open(target, encoding='utf-8') as file:
            expect(file.read() == shown(directory, seen(name)), name)
    with Peer(directory, serve(Answers(seen('faults')))) as path:
        status, _, said = run(path, '-o', os.path.join(directory, 'no', 'f'))
    expect(status == 1 and 'No such file' in said, status, said)


def test_the_environment_names_the_socket(directory):
    doc = seen('faults')
    with Peer(directory, serve(Answers(doc))) as path:
        expect(run(MEMFAB_QMP=path)[0] == 0, 'MEMFAB_QMP')
        expect(run('-q', path, MEMFAB_QMP='/nowhere')[0] == 0, '--qmp')
        expect(run(path, MEMFAB_QMP='/nowhere')[0] == 0, 'argument')


def test_wrong_options_end_with_2(_):
    for options in ((), ('a', 'b'), ('-q', 'a', 'b'), ('a', '--no-such'),
                    ('a', '--json', '--dot'), ('a', '--watch=0'),
                    ('a', '--watch=x'), ('a', '--watch=nan'),
                    ('a', '--timeout=0'), ('a', '--timeout=x')):
        status, text, said = run(*options)
        expect(status == 2 and not text, options, status, text)
        expect(said.startswith('cxl-topology: ') and said.count('\n') == 1,
               options, said)
    expect(run('--help')[0] == 0 and 'Exit status' in run('--help')[1], 'help')
    expect(run('--version')[1].startswith('cxl-topology (memfab) '), 'version')


def text_of(*names):
    with open(os.path.join(ROOT, *names), encoding='utf-8') as file:
        return file.read()


def test_every_option_is_documented(_):
    options = set(re.findall(r'--[a-z]+', run('--help')[1]))
    expect(len(options) > 8, options)
    for place in (('docs', 'tools', 'cxl-topology.md'),
                  ('tools', 'completion', 'cxl-topology')):
        named = set(re.findall(r'--[a-z]+', text_of(*place)))
        expect(named == options, place, named ^ options)


def test_the_page_shows_a_tree_that_is_tested(_):
    page = text_of('docs', 'tools', 'cxl-topology.md')
    tree = text_of('tests', 'data', 'topology', 'faults.txt')
    expect('```\n' + tree + '```' in page, 'the tree of the page is another')


def test_completion_completes(_):
    shell = '''. "$1"; COMP_WORDS=(cxl-topology --t); COMP_CWORD=1
        _cxl_topology; echo "${COMPREPLY[@]}"'''
    done = subprocess.run(['bash', '-euc', shell, 'bash', os.path.join(
        ROOT, 'tools', 'completion', 'cxl-topology')], text=True,
                          stdout=subprocess.PIPE, check=False)
    expect(done.stdout == '--timeout\n', done.stdout)


def test_stock_ends_with_3(directory):
    def stock(request):
        answer = Answers({})(request)
        return answer if 'return' in answer else UNKNOWN
    with Peer(directory, serve(stock)) as path:
        status, _, said = run(path)
    expect(status == 3 and "not memfab's" in said, status, said)


def ends_with_1(words, *arguments):
    status, text, said = run(*arguments)
    expect(status == 1 and not text, arguments, status, text)
    expect(words in said and said.count('\n') == 1, said)


def test_bad_peers_end_with_1(directory):
    ends_with_1('is QEMU running', os.path.join(directory, 'nothing'))
    ends_with_1('is QEMU running', '127.0.0.1:1')
    ends_with_1('a path of 108 bytes', os.path.join(directory, 's').ljust(
        108, 's'))
    for data, words in ((b'SSH-2.0\r\n', 'does not speak QMP'),
                        (b'[]\n', 'does not speak QMP'),
                        (b'{"QMP": {}\n', 'does not speak QMP'),
                        (b'\n', 'does not speak QMP'),
                        (b'{"a":' * 5000 + b'\n', 'does not speak QMP'),
                        (b'"\\"[' + b'[' * 5000 + b'\n', 'not speak QMP')):
        with Peer(directory, say(data)) as path:
            ends_with_1(words, path)
    for data in (b'', b'{"QMP"'):
        with Peer(directory, say(data, wait=False)) as path:
            ends_with_1('has gone', path)
    with Peer(directory, say(b'')) as path:
        ends_with_1('is another program connected', path, '--timeout=1')


def test_a_peer_that_only_chatters_ends_with_1(directory):
    for data in (b'{"event": "RESUME", "data": {}}\r\n', b' '):
        with Peer(directory, chatter(data)) as path:
            ends_with_1('has not answered within 1 seconds', path,
                        '--timeout=1')


def test_a_peer_that_leaves_ends_with_1(directory):
    doc = seen('faults')
    for limit in (0, 1, 2, 5, 20, 30):
        with Peer(directory, serve(Answers(doc), limit)) as path:
            status, text, said = run(path)
        expect(status == 1 and not text and said.count('\n') == 1, limit,
               status, said)


def test_answers_of_other_types_do_no_harm(directory):
    doc = seen('faults')

    def strange(value):
        def answer(request):
            return {'return': value} if request['execute'] != \
                'qmp_capabilities' else {'return': {}}
        return answer
    for value in (None, 1, 'x', [], [[1], 2], {'windows': 3, 'bridges': [4]},
                  {'bridges': [{'ports': [{'below': {}}, 'x', None]}]}):
        for form in ('--json', '--dot', '--timeout=5'):
            with Peer(directory, serve(strange(value))) as path:
                status, _, said = run(path, form)
            expect(status == 0 and 'CRITICAL' not in said, value, status, said)
    expect(doc, 'no machine')


def test_watch_shows_what_changed(directory):
    first, second = seen('faults'), seen('switch')
    looks = []

    def answer(request):
        # each look begins with this question
        if request['execute'] == 'query-cxl':
            looks.append(1)
        return Answers(first if len(looks) < 4 else second)(request)
    with Peer(directory, serve(answer)) as path:
        with subprocess.Popen([TOOL, path, '--watch=0.1'], text=True,
                              stdout=subprocess.PIPE,
                              env=dict(os.environ, LC_ALL='C.UTF-8')) as tool:
            deadline = time.monotonic() + 60
            while len(looks) < 8 and time.monotonic() < deadline:
                time.sleep(0.05)
            tool.terminate()
            text = tool.stdout.read()
    expect(len(looks) >= 8, 'it looked', len(looks), 'times')
    expect(text == shown(directory, first) + shown(directory, second), text)


def switch():
    words = machine.cxl_bridge(1) + [
        '-device', 'cxl-upstream,bus=rp0,id=us0']
    for port in range(3):
        words += ['-device', 'cxl-downstream,port=%d,bus=us0,id=dp%d,'
                  'chassis=0,slot=%d' % (port, port, port + 8)]
    return words + machine.cxl_memory(0, bus='dp0') + \
        machine.cxl_memory(1, bus='dp2', persistent='')


# name, devices, windows, lines that are shown
TOPOLOGIES = (
    ('none', [], (), ['node 0: 1 GiB, cpus 0 1']),
    ('cxl', machine.cxl_bridge() + machine.cxl_memory(0) + machine.sdxi(),
     ('cxl.0',), [
         '└─ nothing is decoded', 'host-bridge cxl.0',
         '├─ port 0 (rp0): memory mem0: 256 MiB volatile, 256 MiB persistent, '
         'serial 0xc0ffee00, not enabled by the guest', '└─ port 1: empty',
         'sdxi sdxi0: function 1, stop, 0 descriptors (0 failed), '
         '0 bytes moved']),
    ('switch', switch(), ('cxl.0',), [
        '   ├─ port 1: empty', '   └─ port 2 (dp2): memory mem1: 256 MiB '
        'volatile, serial 0xc0ffee01, not enabled by the guest']),
    ('outside', machine.cxl_bridge() + machine.cxl_memory(0), (), [
        'no window leads to memory mem0: 256 MiB volatile, 256 MiB '
        'persistent, serial 0xc0ffee00, not enabled by the guest']),
    ('accelerator', machine.accelerator(), (), [
        'node 1: 512 MiB, cpus 1', 'node 2: no memory, of gpu0',
        'node 9: no memory, of gpu0', 'node 10: no memory']),
)


def live(directory, devices, windows):
    """The tree of a QEMU that has these; nothing runs in it."""
    path = os.path.join(directory, 'qmp')
    argv = [QEMU] + machine.base(windows=windows) + devices + [
        '-S', '-display', 'none', '-qmp', 'unix:%s,server=on' % path]
    if not windows and 'pxb-cxl' in ' '.join(devices):
        argv += ['-M', 'cxl=on']
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as qemu:
        try:
            deadline = time.monotonic() + 60
            while not os.path.exists(path) and qemu.poll() is None and \
                    time.monotonic() < deadline:
                time.sleep(0.05)
            result = run(path, '--timeout=60')
        finally:
            qemu.kill()
            words = qemu.stderr.read()
    os.path.exists(path) and os.unlink(path)
    expect(result[0] == 0, result, words)
    return result[1]


def test_machines_of_a_real_qemu(directory):
    if not os.path.exists(QEMU):
        skip('no QEMU is built')
    for name, devices, windows, wanted in TOPOLOGIES:
        text = live(directory, devices, windows)
        for line in wanted:
            expect('\n' + line + '\n' in '\n' + text, name + ' lacks', line,
                   text)


if __name__ == '__main__':
    main(globals())
