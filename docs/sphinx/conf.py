# SPDX-License-Identifier: GPL-2.0-or-later
"""What Sphinx is told of the pages; scripts/docs runs it on a copy of them."""

import glob
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')

with open(os.path.join(ROOT, 'VERSION'), encoding='utf-8') as _file:
    release = version = _file.read().strip()

project = 'memfab'
author = 'the authors of memfab'
copyright = author  # pylint: disable=redefined-builtin
extensions = ['myst_parser']
root_doc = 'contents'
exclude_patterns = ['.doctrees']
# links to headings, as the readers of Markdown make them
myst_heading_anchors = 4
nitpicky = True
# blocks of commands and transcripts are no program
highlight_language = 'none'

html_theme = 'alabaster'
html_theme_options = {'page_width': '1100px', 'sidebar_width': '260px',
                      'fixed_sidebar': False}
html_show_sourcelink = False
html_copy_source = False



def manuals():
    """Entries for man pages: of each page that has a program's name for its
    title.  What the program does, in a few words, is the first of what the page
    says, up to a colon."""
    for path in sorted(glob.glob(os.path.join(ROOT, 'docs', 'tools', '*.md'))):
        page = os.path.splitext(os.path.relpath(path, ROOT))[0]
        name = os.path.basename(page)
        with open(path, encoding='utf-8') as file:
            title, text = file.read().split('\n\n')[:2]
        if title == '# ' + name:
            words = ' '.join(re.split(r'[:.](?:\s|$)', text)[0].split())
            yield (page, name, words[0].lower() + words[1:], 'memfab',
                   3 if name.startswith('lib') else 1)


man_pages = list(manuals())
man_show_urls = True
