#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/docs does beside Sphinx: the side bar, and links of the HTML.

The pages themselves are made, without a warning, by `make docs`.
"""

import importlib.machinery
import importlib.util
import os
import re

from tapsuite import ROOT, expect, main, script, write


def load(name, path):
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


DOCS = load('docs', script('docs'))


def test_every_page_is_in_the_side_bar(_):
    tree = DOCS.Tree(ROOT)
    text = DOCS.contents(tree)
    entries = re.findall(r'^/?([\w./-]+)$', text, re.M)
    pages = [path[:-3] for path in tree.match(r'.*\.md$')]
    expect(sorted(entries) == sorted(pages), set(entries) ^ set(pages))
    expect(':caption: CXL memory device' in text, text)


def test_links_that_lead_nowhere_are_found(directory):
    write(directory, 'a.html', '<h1 id="top">x</h1><a href="b/c.html#here">'
          '</a><a href="#top"></a><a href="https://www.qemu.org/#x"></a>'
          '<img src="b/p.svg">')
    write(directory, 'b/c.html', '<p id="here"></p><a href="../a.html"></a>')
    write(directory, 'b/p.svg', '')
    expect(not list(DOCS.dead_links(directory)))
    write(directory, 'b/d.html', '<a href="../a.html#gone"></a>'
          '<a href="e.html"></a><a href="#no"></a><img src="q.svg">')
    expect([link for _, link in DOCS.dead_links(directory)] ==
           ['../a.html#gone', 'e.html', '#no', 'q.svg'],
           list(DOCS.dead_links(directory)))


def test_every_program_has_a_man_page_of_one_line(_):
    conf = load('conf', os.path.join(ROOT, 'docs', 'sphinx', 'conf.py'))
    names = {entry[1]: entry[2] for entry in conf.man_pages}
    expect({'cxl-topology', 'cxl-play', 'sdxi-top'} <= set(names), names)
    for name, words in names.items():
        expect(words[0].islower() and len(words) < 120 and '\n' not in words,
               name, words)


if __name__ == '__main__':
    main(globals())
