/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: ask QEMU's monitor for everything that is shown, and put the
 * answers together in one document.
 *
 * Devices come and go while we ask: what is refused is left out of the
 * document, and only a peer that is gone, or is no memfab, ends it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "topology.h"

/* Bridges and switches below each other; PCI has 256 buses. */
#define LEVELS_MAX      256
/* NUMA nodes: far more than QEMU has */
#define NODES_MAX       1024

typedef struct Asker {
    Qmp *qmp;
    GHashTable *seen;           /* QOM paths of the memory devices shown */
    GError *error;              /* the peer is gone: nothing more is asked */
} Asker;

/* The answer, or NULL if there is none */
static JsonNode *ask(Asker *a, const char *command, JsonObject *arguments)
{
    g_autoptr(GError) why = NULL;
    JsonNode *answer;

    if (a->error) {
        g_clear_pointer(&arguments, json_object_unref);
        return NULL;
    }
    answer = qmp_run(a->qmp, command, arguments, &why);
    if (why && g_error_matches(why, QMP_ERROR, QMP_ERROR_PEER)) {
        a->error = g_steal_pointer(&why);
    }
    return answer;
}

static void take_answer(JsonObject *to, const char *member, JsonNode *answer)
{
    if (answer) {
        json_object_set_member(to, member, answer);
    }
}

static JsonObject *path_argument(const char *path)
{
    JsonObject *arguments = json_object_new();

    json_object_set_string_member(arguments, "path", path);
    return arguments;
}

static JsonNode *ask_property(Asker *a, const char *path, const char *name)
{
    JsonObject *arguments = path_argument(path);

    json_object_set_string_member(arguments, "property", name);
    return ask(a, "qom-get", arguments);
}

static char *ask_text(Asker *a, const char *path, const char *name)
{
    g_autoptr(JsonNode) node = ask_property(a, path, name);

    return g_strdup(json_is(node, G_TYPE_STRING) ? json_node_get_string(node)
                                                 : "");
}

/* How large the backend is that a link of a device leads to */
static void add_capacity(Asker *a, JsonObject *to, const char *name,
                         const char *path, const char *link)
{
    g_autofree char *backend = ask_text(a, path, link);
    g_autoptr(JsonNode) size = NULL;

    if (*backend) {
        size = ask_property(a, backend, "size");
        if (json_is(size, G_TYPE_INT64)) {
            json_object_set_int_member(to, name, json_node_get_int(size));
        }
    }
}

static void add_serial(Asker *a, JsonObject *device, const char *path)
{
    g_autoptr(JsonNode) sn = ask_property(a, path, "sn");

    /* as text: JSON's numbers are signed for many who read them */
    if (json_is(sn, G_TYPE_INT64)) {
        g_autofree char *text = g_strdup_printf(
            "0x%" PRIx64, (uint64_t)json_node_get_int(sn));

        json_object_set_string_member(device, "serial", text);
    }
}

/* The port above a device: the owner of the bus that it is plugged into */
static void add_port_id(Asker *a, JsonObject *port, const char *path)
{
    g_autofree char *bus = ask_text(a, path, "parent_bus");
    char *end = strrchr(bus, '/');

    if (end) {
        *end = '\0';
        json_object_set_string_member(port, "id", topology_id(bus));
    }
}

/* What the type has for memory; "memdev" is not the same for both. */
static const char *memdev_name(JsonObject *device)
{
    return !strcmp(json_text(device, "type"), "accelerator") ? "volatile"
                                                             : "persistent";
}

static void add_memory(Asker *a, JsonObject *device)
{
    static const struct { const char *name, *link; } capacities[] = {
        { "volatile", "volatile-memdev" },
        { "persistent", "persistent-memdev" },
        { "dynamic", "volatile-dc-memdev" },
        { "labels", "lsa" },
    };
    static const char *const properties[] = {
        "direct", "temperature", "life-used", "health-status",
        "media-status", "poison-mode",
    };
    const char *path = json_text(device, "qom-path");
    JsonObject *capacity = json_object_new();
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(capacities); i++) {
        add_capacity(a, capacity, capacities[i].name, path,
                     capacities[i].link);
    }
    add_capacity(a, capacity, memdev_name(device), path, "memdev");
    json_object_set_object_member(device, "capacity", capacity);
    add_serial(a, device, path);
    for (i = 0; i < G_N_ELEMENTS(properties); i++) {
        take_answer(device, properties[i],
                    ask_property(a, path, properties[i]));
    }
    take_answer(device, "poison",
                ask(a, "query-cxl-poison", path_argument(path)));
    take_answer(device, "dynamic-capacity",
                ask(a, "query-cxl-extents", path_argument(path)));
    take_answer(device, "errors",
                ask(a, "query-cxl-errors", path_argument(path)));
    take_answer(device, "events",
                ask(a, "query-cxl-events", path_argument(path)));
    g_hash_table_add(a->seen, g_strdup(path));
}

/* A bridge or device of query-cxl and all below it */
static void add_below(Asker *a, JsonObject *node, unsigned level)
{
    if (topology_is_memory(node)) {
        add_memory(a, node);
    }
    JSON_EACH(port, json_list(node, "ports")) {
        JsonObject *below = json_below(port, "below");

        if (below && level < LEVELS_MAX) {
            add_port_id(a, port, json_text(below, "qom-path"));
            add_below(a, below, level + 1);
        }
    }
}

static void add_cxl(Asker *a, JsonObject *doc, GError **error)
{
    g_autoptr(JsonNode) answer = qmp_run(a->qmp, "query-cxl", NULL, error);
    JsonObject *info;

    if (!answer || !JSON_NODE_HOLDS_OBJECT(answer)) {
        return;
    }
    info = json_node_get_object(answer);
    JSON_EACH(bridge, json_list(info, "bridges")) {
        add_below(a, bridge, 0);
    }
    take_answer(doc, "windows", json_object_dup_member(info, "windows"));
    take_answer(doc, "bridges", json_object_dup_member(info, "bridges"));
}

/* A memory device that no window leads to */
static JsonObject *new_memory(const char *path, const char *type)
{
    JsonObject *device = json_object_new();

    json_object_set_string_member(device, "type", type);
    json_object_set_string_member(device, "name", topology_id(path));
    json_object_set_string_member(device, "qom-path", path);
    json_object_set_boolean_member(device, "enabled", false);
    return device;
}

static void add_unreached(Asker *a, JsonArray *list, const char *folder)
{
    g_autoptr(JsonNode) answer = ask(a, "qom-list", path_argument(folder));

    if (!answer || !JSON_NODE_HOLDS_ARRAY(answer)) {
        return;
    }
    JSON_EACH(child, json_node_get_array(answer)) {
        g_autofree char *path = g_strdup_printf("%s/%s", folder,
                                                json_text(child, "name"));

        bool accelerator = !strcmp(json_text(child, "type"),
                                   "child<cxl-accel>");

        if ((accelerator ||
             !strcmp(json_text(child, "type"), "child<cxl-type3>")) &&
            !g_hash_table_contains(a->seen, path)) {
            JsonObject *device = new_memory(path, accelerator ? "accelerator"
                                                              : "memory");

            add_memory(a, device);
            json_array_add_object_element(list, device);
        }
    }
}

static JsonObject *node_at(JsonArray *nodes, unsigned number)
{
    JsonObject *node;

    JSON_EACH(known, nodes) {
        if (json_number(known, "node") == number) {
            return known;
        }
    }
    node = json_object_new();
    json_object_set_int_member(node, "node", number);
    json_array_add_object_element(nodes, node);
    return node;
}

/* "node 0 cpus: 0 1", "node 0 size: 1024 MB": the monitor has it as text. */
static void parse_numa(JsonArray *nodes, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    char **line;

    for (line = lines; *line; line++) {
        const char *value = strchr(*line, ':');
        unsigned number, mib;

        g_strchomp(*line);
        if (!value || sscanf(*line, "node %u ", &number) != 1 ||
            number >= NODES_MAX) {
            continue;
        }
        value += 1 + strspn(value + 1, " ");
        if (strstr(*line, " cpus:")) {
            json_object_set_string_member(node_at(nodes, number), "cpus",
                                          value);
        } else if (strstr(*line, " size:") && sscanf(value, "%u", &mib) == 1) {
            json_object_set_int_member(node_at(nodes, number), "size",
                                       (gint64)mib << 20);
        }
    }
}

/* The nodes of an ACPI object */
static void add_owner(Asker *a, JsonArray *nodes, const char *object)
{
    g_autofree char *path = g_strdup_printf("/objects/%s", object);
    g_autofree char *owner = ask_text(a, path, "pci-dev");
    g_autoptr(JsonNode) answer = ask_property(a, path, "nodeset");
    JsonArray *set;
    unsigned i;

    if (!answer || !JSON_NODE_HOLDS_ARRAY(answer)) {
        return;
    }
    set = json_node_get_array(answer);
    for (i = 0; i < json_count(set); i++) {
        JsonNode *element = json_array_get_element(set, i);

        if (json_is(element, G_TYPE_INT64) &&
            (uint64_t)json_node_get_int(element) < NODES_MAX) {
            JsonObject *node = node_at(nodes, json_node_get_int(element));

            json_object_set_string_member(node, "object", object);
            json_object_set_string_member(node, "owner", owner);
        }
    }
}

/* ACPI objects say whose a node is. */
static void add_owners(Asker *a, JsonArray *nodes)
{
    g_autoptr(JsonNode) answer = ask(a, "qom-list", path_argument("/objects"));

    if (!answer || !JSON_NODE_HOLDS_ARRAY(answer)) {
        return;
    }
    JSON_EACH(child, json_node_get_array(answer)) {
        if (g_str_has_prefix(json_text(child, "type"), "child<acpi-")) {
            add_owner(a, nodes, json_text(child, "name"));
        }
    }
}

static void add_nodes(Asker *a, JsonObject *doc)
{
    JsonObject *arguments = json_object_new();
    JsonArray *nodes = json_array_new();
    g_autoptr(JsonNode) text = NULL;

    json_object_set_array_member(doc, "nodes", nodes);
    json_object_set_string_member(arguments, "command-line", "info numa");
    text = ask(a, "human-monitor-command", arguments);
    if (json_is(text, G_TYPE_STRING)) {
        parse_numa(nodes, json_node_get_string(text));
    }
    add_owners(a, nodes);
}

static void add_rest(Asker *a, JsonObject *doc)
{
    JsonArray *unreached = json_array_new();

    json_object_set_array_member(doc, "unreached", unreached);
    add_unreached(a, unreached, "/machine/peripheral");
    add_unreached(a, unreached, "/machine/peripheral-anon");
    take_answer(doc, "functions", ask(a, "query-sdxi", NULL));
    add_nodes(a, doc);
    take_answer(doc, "memory-devices",
                ask(a, "query-memory-devices", NULL));
    take_answer(doc, "memfab", ask(a, "query-memfab", NULL));
    take_answer(doc, "qemu", ask(a, "query-version", NULL));
}

JsonNode *topology_collect(Qmp *qmp, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal,
                                                       g_free, NULL);
    Asker a = { .qmp = qmp, .seen = seen };
    g_autoptr(JsonNode) doc = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(GError) why = NULL;

    json_node_take_object(doc, json_object_new());
    add_cxl(&a, json_node_get_object(doc), &why);
    if (!why) {
        add_rest(&a, json_node_get_object(doc));
        why = a.error;
    }
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    return g_steal_pointer(&doc);
}
