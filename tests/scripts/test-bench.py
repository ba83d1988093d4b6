#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of make bench: they take too long to be run here, but they start
(a module that has moved ends them before they have read their arguments), and
what they measured is kept and drawn."""

import glob
import json
import os
import shutil
import sys
from xml.etree import ElementTree

from tapsuite import ROOT, expect, main, run, skip, write

sys.path.insert(0, os.path.join(ROOT, 'tests', 'bench'))
import results                                                # noqa: E402

DRAW = os.path.join(ROOT, 'tests', 'bench', 'draw')
SVG = '{http://www.w3.org/2000/svg}'


def test_they_say_what_they_do(_):
    programs = [path for path in glob.glob(ROOT + '/tests/bench/*')
                if os.access(path, os.X_OK) and os.path.isfile(path)]
    expect(len(programs) >= 2, programs)
    for path in programs:
        status, output = run(path, '--help')
        expect(status == 0 and 'usage:' in output, path, output)


def test_figures_are_kept_row_by_row(folder):
    results.FOLDER = folder
    kept = results.Results('memory', 'title', 'ratio', ['store', 'load'])
    kept.add('memfab 2 x 256', [1.0, 0.5], 0.95)
    kept.add('stock 1 x 256', [0.25, 0.125])
    with open(os.path.join(folder, 'memory.json'), encoding='utf-8') as stream:
        table = json.load(stream)
    expect(table == {
        'title': 'title', 'unit': 'ratio', 'columns': ['store', 'load'],
        'rows': [{'name': 'memfab 2 x 256', 'values': [1.0, 0.5],
                  'goal': 0.95},
                 {'name': 'stock 1 x 256', 'values': [0.25, 0.125]}]}, table)


def test_charts_have_the_names_and_bars_of_the_figures(folder):
    if not shutil.which('gnuplot'):
        skip('gnuplot is not installed')
    path = write(folder, "it's.json", json.dumps({
        'title': 'A <title> & more', 'unit': 'ratio of speeds',
        'columns': ['store', 'load'],
        'rows': [{'name': 'first "row"', 'values': [1, 0.5], 'goal': 0.95},
                 {'name': 'second_row', 'values': [0.25, 0.125]}]}))
    status, output = run(DRAW, path)
    expect(status == 0, output)
    with open(path[:-len('json')] + 'svg', encoding='utf-8') as stream:
        tree = ElementTree.parse(stream)
    texts = [(e.text or '').strip() for e in tree.iter(SVG + 'text')]
    for words in ('A <title> & more', "first 'row'", 'second_row',
                  'ratio of speeds', 'store', 'load', 'goal'):
        expect(words in texts, words, texts)
    # two columns: for each a square in the legend, and a bar for each row
    bars = [e.get('fill') for e in tree.iter(SVG + 'polygon')]
    expect(sorted(bars.count(fill) for fill in set(bars)) == [3, 3], bars)


def test_figures_that_cannot_be_drawn_are_told(folder):
    if not shutil.which('gnuplot'):
        skip('gnuplot is not installed')
    path = write(folder, 'none.json', json.dumps({
        'title': '', 'unit': '', 'columns': ['a'],
        'rows': [{'name': 'r', 'values': [None]}]}))
    status, output = run(DRAW, path)
    expect(status == 1 and 'none.json' in output, status, output)


if __name__ == '__main__':
    main(globals())
