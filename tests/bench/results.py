# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of a bench as a file that programs read: build/bench/NAME.json.

{"title": TEXT, "unit": TEXT, "columns": [TEXT...],
 "rows": [{"name": TEXT, "values": [NUMBER...], "goal": NUMBER}...]}

A row has a value for each column; "goal" is there if there is one.
"""

import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
FOLDER = os.path.join(ROOT, 'build', 'bench')


class Results:
    """Saved with every row, so that a run that is ended early leaves some."""

    def __init__(self, name, title, unit, columns):
        self.path = os.path.join(FOLDER, name + '.json')
        self.table = {'title': title, 'unit': unit, 'columns': list(columns),
                      'rows': []}

    def add(self, name, values, goal=None):
        row = {'name': name, 'values': list(values)}
        if goal is not None:
            row['goal'] = goal
        self.table['rows'].append(row)
        os.makedirs(FOLDER, exist_ok=True)
        with open(self.path + '.new', 'w', encoding='utf-8') as stream:
            json.dump(self.table, stream, indent=1)
        os.replace(self.path + '.new', self.path)
