# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of scripts in Python: every test_* function is one TAP case.

A case fails by raising; it may return early with skip(reason). Each gets a
new empty directory, which is removed afterwards.
"""

import os
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))


class Skip(Exception):
    """Says why a case cannot run here."""


def skip(reason):
    raise Skip(reason)


def script(name):
    return os.path.join(ROOT, 'scripts', name)


def write(directory, path, text):
    """Create a file and the directories above it."""
    full = os.path.join(directory, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'w') as stream:
        stream.write(text)
    return full


def run(*command, text=None, **settings):
    """Run it; returns (exit status, everything printed)."""
    result = subprocess.run(command, input=text, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=600,
                            check=False, **settings)
    return result.returncode, result.stdout


def expect(condition, *words):
    if not condition:
        raise AssertionError('\n'.join(str(word) for word in words))


def main(namespace):
    cases = [(name, value) for name, value in namespace.items()
             if name.startswith('test_')]
    print('1..%d' % len(cases))
    failed = 0
    for number, (name, function) in enumerate(cases, 1):
        title = name[len('test_'):].replace('_', '-')
        verdict, note = run_case(function)
        failed += verdict == 'not ok'
        print('%s %d %s%s' % (verdict, number, title, note), flush=True)
    sys.exit(1 if failed else 0)


def run_case(function):
    with tempfile.TemporaryDirectory(prefix='memfab-test-') as directory:
        try:
            function(directory)
        except Skip as reason:
            return 'ok', ' # SKIP %s' % reason
        except Exception:               # a broken case is a failed case
            for line in traceback.format_exc().splitlines():
                print('# ' + line)
            return 'not ok', ''
    return 'ok', ''
