/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of an object that is being built, in the order in which they are
 * printed.
 */
#ifndef TOOLS_JSON_BUILD_H
#define TOOLS_JSON_BUILD_H

#include <stdbool.h>
#include <json-glib/json-glib.h>

static inline void json_add_int(JsonBuilder *b, const char *name, gint64 value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_int_value(b, value);
}

static inline void json_add_bool(JsonBuilder *b, const char *name, bool value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_boolean_value(b, value);
}

static inline void json_add_text(JsonBuilder *b, const char *name,
                                 const char *value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_string_value(b, value);
}

static inline void json_add_null(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_add_null_value(b);
}

#endif
