/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-top: look at the functions, and compare with the look before.
 */
#include <string.h>
#include "top.h"

Look *look_take(Qmp *qmp, GError **error)
{
    JsonNode *answer = qmp_run(qmp, "query-sdxi", NULL, error);
    Look *look;

    if (!answer) {
        return NULL;
    }
    if (!JSON_NODE_HOLDS_ARRAY(answer)) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER,
                    "query-sdxi is not answered with a list");
        json_node_unref(answer);
        return NULL;
    }
    look = g_new0(Look, 1);
    look->at = g_get_monotonic_time();
    look->answer = answer;
    return look;
}

void look_free(Look *look)
{
    if (look) {
        json_node_unref(look->answer);
        g_free(look);
    }
}

JsonObject *look_function(const Look *before, JsonObject *function)
{
    const char *path = json_text(function, "qom-path");

    if (!before) {
        return NULL;
    }
    JSON_EACH(other, json_node_get_array(before->answer)) {
        if (!strcmp(json_text(other, "qom-path"), path)) {
            return other;
        }
    }
    return NULL;
}

JsonObject *look_context(JsonObject *before, JsonObject *context)
{
    uint64_t number = json_number(context, "number");

    JSON_EACH(other, json_list(before, "contexts")) {
        if (json_number(other, "number") == number) {
            return other;
        }
    }
    return NULL;
}

double look_rate(JsonObject *before, JsonObject *now, const char *name,
                 double seconds)
{
    uint64_t old = json_number(before, name), new = json_number(now, name);

    if (!before || !(seconds > 0) || new < old) {
        return -1;
    }
    return (new - old) / seconds;
}
