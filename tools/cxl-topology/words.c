/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: sizes, ranges and states as people write them.
 */
#include <inttypes.h>
#include <string.h>
#include "topology.h"

char *topology_size(uint64_t bytes)
{
    static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB",
                                        "PiB", "EiB" };
    double value = bytes;
    unsigned n = 0;

    while (value >= 1024 && n + 1 < G_N_ELEMENTS(unit)) {
        value /= 1024;
        n++;
    }
    return g_strdup_printf("%.3g %s", value, unit[n]);
}

char *topology_range(uint64_t base, uint64_t size)
{
    g_autofree char *length = topology_size(size);

    return g_strdup_printf("0x%" PRIx64 "-0x%" PRIx64 " (%s)", base,
                           base + size - 1, length);
}

char *topology_ways(JsonObject *decoder)
{
    uint64_t ways = json_number(decoder, "ways");

    if (ways < 2) {
        return g_strdup("");
    }
    return g_strdup_printf(", %" PRIu64 " ways of %" PRIu64 " bytes", ways,
                           json_number(decoder, "granularity"));
}

char *topology_capacity(JsonObject *device)
{
    static const char *const kinds[] = { "volatile", "persistent",
                                         "dynamic" };
    JsonObject *capacity = json_below(device, "capacity");
    GString *out = g_string_new(NULL);
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
        uint64_t bytes = json_number(capacity, kinds[i]);

        if (bytes) {
            g_autofree char *size = topology_size(bytes);

            g_string_append_printf(out, "%s%s %s", out->len ? ", " : "", size,
                                   kinds[i]);
        }
    }
    return g_string_free(out, false);
}

char *topology_access(JsonObject *piece)
{
    const char *access = json_text(piece, "access");
    const char *reason = json_text(piece, "reason");

    if (!strcmp(access, "partly")) {
        g_autofree char *rest = topology_size(json_number(piece, "size") -
                                              json_number(piece, "mapped"));

        return g_strdup_printf("direct but %s (poison, or no extent)", rest);
    }
    return *reason ? g_strdup_printf("%s: %s", access, reason)
                   : g_strdup(access);
}

bool topology_is_memory(JsonObject *node)
{
    const char *type = json_text(node, "type");

    return !strcmp(type, "memory") || !strcmp(type, "accelerator");
}

char *topology_bias(JsonObject *node)
{
    JsonObject *bias = json_below(node, "bias");
    g_autofree char *held = NULL;

    if (!bias) {
        return NULL;
    }
    held = topology_size(json_number(bias, "held") *
                         json_number(bias, "page-size"));
    return g_strdup_printf("the device holds %s: %" PRIu64 " pages taken, %"
                           PRIu64 " given back", held,
                           json_number(bias, "taken"),
                           json_number(bias, "given"));
}

const char *topology_id(const char *qom_path)
{
    static const char named[] = "/machine/peripheral/";

    return g_str_has_prefix(qom_path, named) ? qom_path + strlen(named)
                                             : qom_path;
}

char *topology_join(JsonArray *array, const char *between)
{
    GString *out = g_string_new(NULL);
    unsigned i;

    for (i = 0; i < json_count(array); i++) {
        JsonNode *node = json_array_get_element(array, i);

        g_string_append(out, i ? between : "");
        if (json_is(node, G_TYPE_STRING)) {
            g_string_append(out, json_node_get_string(node));
        } else if (json_is(node, G_TYPE_INT64)) {
            g_string_append_printf(out, "%" PRIu64,
                                   (uint64_t)json_node_get_int(node));
        }
    }
    return g_string_free(out, false);
}
