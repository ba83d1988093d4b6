/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of QEMU's monitor (QMP): connection, lines, answers; see qmp.h.
 *
 * Events of the monitor are passed over: our tools ask, they do not listen.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <gio/gio.h>
#include "address.h"
#include "qmp.h"

struct Qmp {
    char *address;
    GSocketConnection *connection;
    unsigned seconds;
    int64_t deadline;           /* of the answer awaited, monotonic us */
    GByteArray *input;          /* received and not yet taken */
    JsonNode *greeting;
};

GQuark qmp_error_quark(void)
{
    return g_quark_from_static_string("memfab-qmp-error");
}

JsonObject *qmp_greeting(const Qmp *qmp)
{
    return json_node_get_object(qmp->greeting);
}

/* json-glib calls itself for what is nested; strings may hold brackets. */
static bool depth_is_sane(const char *text, gsize length)
{
    unsigned depth = 0;
    bool quoted = false;
    gsize i;

    for (i = 0; i < length; i++) {
        if (quoted && text[i] == '\\') {
            i++;                        /* whatever it is, it is quoted */
        } else if (quoted) {
            quoted = text[i] != '"';
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > QMP_DEPTH_MAX) {
                return false;
            }
        } else if (text[i] == '}' || text[i] == ']') {
            depth -= depth > 0;
        }
    }
    return true;
}

static JsonNode *parse(Qmp *qmp, gsize length, GError **error)
{
    const char *text = (const char *)qmp->input->data;
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;

    if (!depth_is_sane(text, length) ||
        !json_parser_load_from_data(parser, text, length, NULL)) {
        root = NULL;
    } else {
        root = json_parser_get_root(parser);
    }
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER,
                    "%s does not speak QMP: start QEMU with"
                    " -qmp unix:PATH,server=on,wait=off", qmp->address);
        return NULL;
    }
    return json_node_copy(root);
}

static bool receive(Qmp *qmp, GError **error)
{
    GInputStream *in =
        g_io_stream_get_input_stream(G_IO_STREAM(qmp->connection));
    g_autoptr(GError) why = NULL;
    uint8_t part[16384];
    gssize got;

    if (g_get_monotonic_time() > qmp->deadline) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER,
                    "%s talks, and has not answered within %u seconds",
                    qmp->address, qmp->seconds);
        return false;
    }
    got = g_input_stream_read(in, part, sizeof(part), NULL, &why);
    if (got < 0 && g_error_matches(why, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER,
                    "%s is silent: is another program connected to this"
                    " monitor? QEMU serves one at a time; -qmp can be given"
                    " twice", qmp->address);
    } else if (got <= 0) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER, "%s: %s", qmp->address,
                    got ? why->message : "the emulator has gone");
    } else if (qmp->input->len + got > QMP_LINE_MAX) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER,
                    "%s: an answer is longer than %d MiB", qmp->address,
                    QMP_LINE_MAX >> 20);
    } else {
        g_byte_array_append(qmp->input, part, got);
        return true;
    }
    return false;
}

/* From now on: who sends events, or bytes, and no answer has no more time. */
static void expect_answer(Qmp *qmp)
{
    qmp->deadline = g_get_monotonic_time() + qmp->seconds * G_USEC_PER_SEC;
}

/* The next object that the peer sends */
static JsonNode *take(Qmp *qmp, GError **error)
{
    guint seen = 0;

    for (;;) {
        uint8_t *end = qmp->input->len == seen ? NULL :
                       memchr(qmp->input->data + seen, '\n',
                              qmp->input->len - seen);
        JsonNode *node;

        if (end) {
            node = parse(qmp, end - qmp->input->data, error);
            g_byte_array_remove_range(qmp->input, 0,
                                      end - qmp->input->data + 1);
            return node;
        }
        seen = qmp->input->len;
        if (!receive(qmp, error)) {
            return NULL;
        }
    }
}

static bool send_command(Qmp *qmp, const char *command, JsonObject *arguments,
                         GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();
    g_autofree char *text = NULL;
    g_autoptr(GString) line = NULL;
    g_autoptr(GError) why = NULL;

    json_object_set_string_member(object, "execute", command);
    if (arguments) {
        json_object_set_object_member(object, "arguments", arguments);
    }
    json_node_take_object(node, object);
    text = json_to_string(node, false);
    line = g_string_new(text);
    g_string_append_c(line, '\n');
    if (!g_output_stream_write_all(
            g_io_stream_get_output_stream(G_IO_STREAM(qmp->connection)),
            line->str, line->len, NULL, NULL, &why)) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER, "%s: %s", qmp->address,
                    why->message);
        return false;
    }
    return true;
}

/* A refusal of the command, by its class and its words */
static void set_refusal(JsonNode *answer, const char *command, GError **error)
{
    JsonNode *node = json_object_get_member(json_node_get_object(answer),
                                            "error");
    const char *kind = "", *words = "refused";

    if (node && JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObject *object = json_node_get_object(node);

        kind = json_object_get_string_member_with_default(object, "class",
                                                          kind);
        words = json_object_get_string_member_with_default(object, "desc",
                                                           words);
    }
    g_set_error(error, QMP_ERROR, strcmp(kind, "CommandNotFound") ?
                QMP_ERROR_COMMAND : QMP_ERROR_UNKNOWN, "%s: %s", command,
                words);
}

JsonNode *qmp_run(Qmp *qmp, const char *command, JsonObject *arguments,
                  GError **error)
{
    if (!send_command(qmp, command, arguments, error)) {
        return NULL;
    }
    expect_answer(qmp);
    for (;;) {
        g_autoptr(JsonNode) answer = take(qmp, error);
        JsonObject *object;

        if (!answer) {
            return NULL;
        }
        object = json_node_get_object(answer);
        if (json_object_has_member(object, "return")) {
            return json_object_dup_member(object, "return");
        }
        if (json_object_has_member(object, "error")) {
            set_refusal(answer, command, error);
            return NULL;
        }
    }
}

static GSocketConnection *connect_to(const char *address, unsigned seconds,
                                     GError **error)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();

    g_socket_client_set_timeout(client, seconds);
    if (!strchr(address, '/') && strchr(address, ':')) {
        return g_socket_client_connect_to_host(client, address, 4444, NULL,
                                               error);
    } else {
        g_autoptr(GSocketAddress) at = unix_address(address, error);

        return at ? g_socket_client_connect(client, G_SOCKET_CONNECTABLE(at),
                                            NULL, error) : NULL;
    }
}

Qmp *qmp_open(const char *address, unsigned seconds, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GSocketConnection) connection =
        connect_to(address, seconds, &why);
    g_autoptr(JsonNode) answer = NULL;
    g_autoptr(Qmp) qmp = NULL;

    if (!connection) {
        g_set_error(error, QMP_ERROR, QMP_ERROR_PEER, "%s: %s: is QEMU"
                    " running, with -qmp unix:%s,server=on,wait=off?",
                    address, why->message, address);
        return NULL;
    }
    qmp = g_new0(Qmp, 1);
    qmp->address = g_strdup(address);
    qmp->connection = g_steal_pointer(&connection);
    qmp->seconds = seconds;
    qmp->input = g_byte_array_new();
    expect_answer(qmp);
    qmp->greeting = take(qmp, error);
    if (!qmp->greeting) {
        return NULL;
    }
    answer = qmp_run(qmp, "qmp_capabilities", NULL, error);
    return answer ? g_steal_pointer(&qmp) : NULL;
}

void qmp_close(Qmp *qmp)
{
    if (qmp) {
        g_clear_object(&qmp->connection);
        g_byte_array_unref(qmp->input);
        g_clear_pointer(&qmp->greeting, json_node_unref);
        g_free(qmp->address);
        g_free(qmp);
    }
}
