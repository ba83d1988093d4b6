/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: what a running QEMU is asked (collect.c), and the ways to show
 * the answer (tree.c, dot.c, page.c).
 *
 * The answer is one JSON document, described in docs/tools/cxl-topology.md.
 * Strings that are returned belong to the caller.
 */
#ifndef TOOLS_CXL_TOPOLOGY_H
#define TOOLS_CXL_TOPOLOGY_H

#include "../lib/json.h"
#include "../lib/qmp.h"

/* Ask for everything; NULL and @error if the peer is gone or is no memfab. */
JsonNode *topology_collect(Qmp *qmp, GError **error);

/* The document as a tree of lines */
char *topology_tree(JsonObject *doc);

/* The document as a graph in Graphviz's language */
char *topology_dot(JsonObject *doc);

/* The graph as a picture; NULL and @error without Graphviz */
char *topology_svg(JsonObject *doc, GError **error);

/* The picture in a page that shows details of what is pointed at */
char *topology_page(JsonObject *doc, GError **error);

/* Words that several of these use */

/* Bytes as people write them: "512 MiB" */
char *topology_size(uint64_t bytes);

/* "0x180000000-0x19fffffff (512 MiB)" */
char *topology_range(uint64_t base, uint64_t size);

/* ", 2 ways of 256 bytes" of a decoder, window or piece; "" for one way */
char *topology_ways(JsonObject *decoder);

/* "256 MiB volatile, 256 MiB persistent" of a memory device */
char *topology_capacity(JsonObject *device);
/* Is the node memory, and no bridge: a memory device or an accelerator? */
bool topology_is_memory(JsonObject *node);
/* Who holds an accelerator's memory, in words; NULL of anything else. */
char *topology_bias(JsonObject *node);

/* "direct", or how much of a piece traps and why */
char *topology_access(JsonObject *piece);

/* How a person calls what has this QOM path: its id where it has one */
const char *topology_id(const char *qom_path);

/* Texts of elements that are strings or numbers, joined */
char *topology_join(JsonArray *array, const char *between);

#endif
