/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as people like to read it: objects as lines "name: value", arrays of
 * objects as tables.
 */
#ifndef TOOLS_CXL_FM_SHOW_H
#define TOOLS_CXL_FM_SHOW_H

#include <json-glib/json-glib.h>

/* To be freed; ends with a newline unless it is empty. */
char *show_text(JsonNode *node);
char *show_json(JsonNode *node);

#endif /* TOOLS_CXL_FM_SHOW_H */
