/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands for who knows what he does: registers of ports and logical devices
 * (cfg), and any command at all (raw).  CXL r3.1 7.6.7.1.4, 7.6.7.3.2.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/wire/fm.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

typedef struct Access {
    int port;
    unsigned ld;
    uint64_t address;   /* bytes, 0 to fffh */
    uint64_t width;     /* 1, 2 or 4 */
} Access;

static bool parse_access(char **args, uint64_t width, Access *a,
                         GError **error)
{
    a->width = width;
    if (!parse_place(args[0], &a->port, &a->ld, error) ||
        !parse_number(args[1], "the register", 0xfff, &a->address, error)) {
        return false;
    }
    if ((width != 1 && width != 2 && width != 4) || a->address % width) {
        g_set_error(error, FM_ERROR, FM_USAGE, "--width is %" PRIu64 ", it"
                    " takes 1, 2 or 4, and the register (0x%" PRIx64 ") is a"
                    " multiple of it", width, a->address);
        return false;
    }
    return true;
}

static bool access_config(Fm *fm, const Access *acc, bool write,
                          uint32_t *data, GError **error)
{
    unsigned shift = acc->address % 4;
    uint8_t enables = ((1u << acc->width) - 1) << shift;
    uint16_t opcode = acc->ld == NO_LD ? CXL_OP_SWITCH_PORT_CONFIG :
                      CXL_OP_LD_CONFIG;
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    Reader r;

    put_u8(in, acc->port);
    put_u8(in, acc->address & 0xfc);
    put_u8(in, acc->address >> 8 | enables << 4);
    put_u8(in, write ? CXL_PORT_CONFIG_WRITE : 0);
    if (acc->ld != NO_LD) {
        put_u16(in, acc->ld);
        put_zeros(in, 2);
    }
    put_u32(in, *data << 8 * shift);
    a = fm_ask(fm, PLACE_HERE, opcode, in, error);
    if (!a) {
        return false;
    }
    r = reader_of(a);
    *data = get_u32(&r) >> 8 * shift;
    if (acc->width < 4) {
        *data &= (1u << 8 * acc->width) - 1;
    }
    return fm_complete(&r, opcode, error);
}

static bool run_read(Fm *fm, char **args, GError **error)
{
    gint64 width = 4;
    const GOptionEntry entries[] = {
        { "width", 'w', 0, G_OPTION_ARG_INT64, &width },
        { NULL }
    };
    g_autofree char *text = NULL;
    uint32_t data = 0;
    JsonNode *node;
    Access acc;

    if (!fm_options(args, entries, 2, 2, error) ||
        !parse_access(args, width, &acc, error) ||
        !access_config(fm, &acc, false, &data, error)) {
        return false;
    }
    text = g_strdup_printf("0x%0*x", (int)(2 * acc.width), data);
    node = json_node_new(JSON_NODE_VALUE);
    json_node_set_string(node, text);
    fm_show(fm, node);
    return true;
}

static bool run_write(Fm *fm, char **args, GError **error)
{
    gint64 width = 4;
    const GOptionEntry entries[] = {
        { "width", 'w', 0, G_OPTION_ARG_INT64, &width },
        { NULL }
    };
    uint64_t value;
    uint32_t data;
    Access acc;

    if (!fm_options(args, entries, 3, 3, error) ||
        !parse_access(args, width, &acc, error) ||
        !parse_number(args[2], "the value", UINT32_MAX >> (32 - 8 * width),
                      &value, error)) {
        return false;
    }
    data = value;
    return access_config(fm, &acc, true, &data, error);
}

/* Any command */

static bool read_payload(const char *name, GByteArray *in, GError **error)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *bytes = NULL;
    gsize len;

    if (!name) {
        return true;
    }
    if (!g_file_get_contents(strcmp(name, "-") ? name : "/dev/stdin", &bytes,
                             &len, &err)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s", err->message);
        return false;
    }
    if (len > LINK_PAYLOAD) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s has %zu bytes, a payload"
                    " has at most %d", name, len, LINK_PAYLOAD);
        return false;
    }
    g_byte_array_append(in, (uint8_t *)bytes, len);
    return true;
}

static char *hex_dump(const GByteArray *a)
{
    GString *s = g_string_new(NULL);

    for (guint i = 0; i < a->len; i++) {
        if (i % 16 == 0) {
            g_string_append_printf(s, "%s%04x:", i ? "\n" : "", i);
        }
        g_string_append_printf(s, " %02x", a->data[i]);
    }
    return g_string_free(s, FALSE);
}

static bool show_raw(Fm *fm, const GByteArray *a, const char *file,
                     GError **error)
{
    g_autoptr(JsonBuilder) b = NULL;
    g_autoptr(GError) err = NULL;

    if (file) {
        if (!g_file_set_contents(file, (char *)a->data, a->len, &err)) {
            g_set_error(error, FM_ERROR, FM_USAGE, "%s", err->message);
        }
        return !err;
    }
    if (!fm->json) {
        g_autofree char *text = hex_dump(a);

        printf("%s%s", text, *text ? "\n" : "");
        return true;
    }
    b = json_builder_new();
    json_builder_begin_array(b);
    for (guint i = 0; i < a->len; i++) {
        json_builder_add_int_value(b, a->data[i]);
    }
    json_builder_end_array(b);
    fm_show(fm, json_builder_get_root(b));
    return true;
}

static bool run_raw(Fm *fm, char **args, GError **error)
{
    g_autofree char *where = NULL, *output = NULL;
    const GOptionEntry entries[] = {
        { "to", 't', 0, G_OPTION_ARG_STRING, &where },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output },
        { NULL }
    };
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    Place place = PLACE_HERE;
    uint64_t opcode;
    char *prefixed;

    if (!fm_options(args, entries, 1, 2, error)) {
        return false;
    }
    prefixed = g_strdup_printf("%s%s", g_str_has_prefix(args[0], "0x") ? "" :
                               "0x", args[0]);
    if (!parse_number(prefixed, "the opcode", 0xffff, &opcode, error) ||
        (where && !parse_place(where, &place.port, &place.ld, error)) ||
        !read_payload(args[1], in, error)) {
        g_free(prefixed);
        return false;
    }
    g_free(prefixed);
    a = fm_ask(fm, place, opcode, in, error);
    return a && show_raw(fm, a, output, error);
}

const FmCommand config_commands[] = {
    { "cfg read", "PORT[.LD] REGISTER [--width 1|2|4]",
      "a register of a port's, or of an LD's, configuration space", run_read },
    { "cfg write", "PORT[.LD] REGISTER VALUE [--width 1|2|4]",
      "write one", run_write },
    { "raw", "OPCODE [FILE] [--to PORT[.LD]] [--output FILE]",
      "any command, opcode in hexadecimal; its payload from FILE or -",
      run_raw },
    { NULL }
};
