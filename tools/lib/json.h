/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of objects that came from elsewhere: what is missing or of another
 * type than expected is empty, 0, or has no elements.
 *
 * Strings, objects and arrays belong to the object that they were taken from.
 */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <json-glib/json-glib.h>

static inline JsonNode *json_member(JsonObject *object, const char *name)
{
    return object ? json_object_get_member(object, name) : NULL;
}

static inline bool json_is(JsonNode *node, GType type)
{
    return node && JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == type;
}

static inline const char *json_text(JsonObject *object, const char *name)
{
    JsonNode *node = json_member(object, name);

    return json_is(node, G_TYPE_STRING) ? json_node_get_string(node) : "";
}

/* QMP's numbers are unsigned; json-glib keeps their bits. */
static inline uint64_t json_number(JsonObject *object, const char *name)
{
    JsonNode *node = json_member(object, name);

    return json_is(node, G_TYPE_INT64) ? json_node_get_int(node) : 0;
}

static inline bool json_truth(JsonObject *object, const char *name)
{
    JsonNode *node = json_member(object, name);

    return json_is(node, G_TYPE_BOOLEAN) && json_node_get_boolean(node);
}

static inline JsonObject *json_below(JsonObject *object, const char *name)
{
    JsonNode *node = json_member(object, name);

    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node)
                                                : NULL;
}

static inline JsonArray *json_list(JsonObject *object, const char *name)
{
    JsonNode *node = json_member(object, name);

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

static inline unsigned json_count(JsonArray *array)
{
    return array ? json_array_get_length(array) : 0;
}

/* An element that is an object, or NULL */
static inline JsonObject *json_at(JsonArray *array, unsigned index)
{
    JsonNode *node = json_array_get_element(array, index);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* Run the statement after it for each element that is an object. */
#define JSON_EACH(object, array)                                        \
    for (unsigned object##_i = 0; object##_i < json_count(array);      \
         object##_i++)                                                  \
        for (JsonObject *object = json_at(array, object##_i); object;   \
             object = NULL)

#endif
