/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: the words of the page that page.c puts together: head,
 * picture, middle, tree, script, document, end.
 */
#ifndef TOOLS_CXL_TOPOLOGY_PAGE_TEXT_H
#define TOOLS_CXL_TOPOLOGY_PAGE_TEXT_H

#define PAGE_HEAD                                                           \
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"   \
    "<title>CXL topology</title>\n<style>\n"                                \
    "body { font: 14px/1.4 Helvetica, Arial, sans-serif; margin: 0;\n"      \
    "       color: #1f2933; display: flex; height: 100vh; }\n"              \
    "main { flex: 1; overflow: auto; padding: 16px; }\n"                    \
    "aside { width: 30em; overflow: auto; padding: 16px;\n"                 \
    "        background: #f5f7fa; border-left: 1px solid #cbd2d9; }\n"      \
    "h1 { font-size: 18px; margin: 0 0 12px; }\n"                           \
    "h2 { font-size: 15px; margin: 0 0 8px; word-break: break-all; }\n"     \
    "svg { max-width: 100%; height: auto; }\n"                              \
    "g.node { cursor: pointer; }\n"                                         \
    "g.node.on polygon { stroke: #0967d2; stroke-width: 2; }\n"             \
    "table { border-collapse: collapse; width: 100%; }\n"                   \
    "td { border-top: 1px solid #cbd2d9; padding: 2px 6px 2px 0;\n"         \
    "     vertical-align: top; word-break: break-word; }\n"                 \
    "td div + div { border-top: 1px dotted #cbd2d9; }\n"                    \
    "td:first-child { color: #616e7c; white-space: nowrap; }\n"             \
    "pre { font-size: 12px; }\n"                                            \
    "</style></head>\n<body><main><h1>CXL topology</h1>\n"

#define PAGE_MIDDLE                                                         \
    "<details><summary>as text</summary><pre>"

#define PAGE_SCRIPT                                                         \
    "</pre></details></main>\n"                                             \
    "<aside id=\"details\"><h2>Details</h2>"                                \
    "<p>Point at a box; a click keeps it here.</p></aside>\n"               \
    "<script>\nconst doc = "

#define PAGE_END                                                            \
    ";\nconst aside = document.getElementById('details');\n"                \
    "const hex = ['base', 'start', 'dpa'];\n"                               \
    "const bytes = ['size', 'length', 'mapped', 'bytes', 'volatile',\n"     \
    "               'persistent', 'dynamic', 'labels'];\n"                  \
    "let kept = null;\n"                                                    \
    "function words(key, value) {\n"                                        \
    "  if (typeof value === 'number' && hex.includes(key)) {\n"             \
    "    return '0x' + value.toString(16);\n  }\n"                          \
    "  if (typeof value === 'number' && bytes.includes(key)) {\n"           \
    "    const unit = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];\n"      \
    "    let n = 0;\n"                                                      \
    "    for (; value >= 1024 && n < 5; n++) value /= 1024;\n"              \
    "    return +value.toPrecision(3) + ' ' + unit[n];\n  }\n"              \
    "  return String(value);\n}\n"                                          \
    "function line(object) {\n"                                             \
    "  return Object.entries(object).map(([key, value]) => key + ' ' +\n"   \
    "    (Array.isArray(value) ? value.length : words(key, value)))\n"      \
    "    .join(', ');\n}\n"                                                 \
    "function lines(key, list) {\n"                                         \
    "  const all = document.createElement('div');\n"                        \
    "  for (const one of list) {\n"                                         \
    "    const row = document.createElement('div');\n"                      \
    "    row.textContent = one !== null && typeof one === 'object'\n"       \
    "      ? line(one) : words(key, one);\n"                                \
    "    all.append(row);\n  }\n"                                           \
    "  return all;\n}\n"                                                    \
    "function table(object) {\n"                                            \
    "  const t = document.createElement('table');\n"                        \
    "  for (const [key, value] of Object.entries(object)) {\n"              \
    "    const row = t.insertRow();\n"                                      \
    "    row.insertCell().textContent = key;\n"                             \
    "    const cell = row.insertCell();\n"                                  \
    "    if (value === null || typeof value !== 'object') {\n"              \
    "      cell.textContent = words(key, value);\n"                         \
    "    } else if (!Object.keys(value).length) {\n"                        \
    "      cell.textContent = 'none';\n"                                    \
    "    } else if (key === 'ports') {\n"                                   \
    "      cell.textContent = value.map(p => (p.id || p.number) +\n"        \
    "        ': ' + (p.below ? p.below.name : 'empty')).join(', ');\n"      \
    "    } else {\n"                                                        \
    "      cell.append(Array.isArray(value) ? lines(key, value)\n"          \
    "                                       : table(value));\n"             \
    "    }\n  }\n"                                                          \
    "  return t;\n}\n"                                                      \
    "function show(node) {\n"                                               \
    "  let part = doc;\n"                                                   \
    "  for (const step of node.id.split('/')) part = part && part[step];\n" \
    "  if (!part) return;\n"                                                \
    "  document.querySelectorAll('g.node.on').forEach(\n"                   \
    "    n => n.classList.remove('on'));\n"                                 \
    "  node.classList.add('on');\n"                                         \
    "  const name = document.createElement('h2');\n"                        \
    "  name.textContent = part.name || part['qom-path'] || node.id;\n"      \
    "  aside.replaceChildren(name, table(part));\n}\n"                      \
    "document.querySelectorAll('g.node').forEach(node => {\n"               \
    "  node.querySelectorAll('title').forEach(t => t.remove());\n"          \
    "  node.addEventListener('mouseenter',\n"                               \
    "                        () => kept || show(node));\n"                  \
    "  node.addEventListener('click', () => {\n"                            \
    "    kept = kept === node ? null : node;\n"                             \
    "    show(node);\n  });\n});\n"                                         \
    "if (location.hash) {\n"                                                \
    "  const node = document.getElementById(\n"                             \
    "    decodeURIComponent(location.hash.slice(1)));\n"                    \
    "  if (node) { kept = node; show(node); }\n}\n"                         \
    "</script></body></html>\n"

#endif
