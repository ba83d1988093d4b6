/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands about a switch, its ports and virtual switches: identify, ports,
 * vcs, bind, unbind, port.  CXL r3.1 7.6.7.1, 7.6.7.2.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/fm.h"
#include "tools/lib/json-build.h"
#include "tools/cxl-fm/codes.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

#define VPPB_LD        3
#define ANSWER_LD_NONE 0xff
/* Ports or virtual switches that one question is about */
#define CHUNK          16

static bool is_switch(Fm *fm, GError **error)
{
    if (!fm_know(fm, error)) {
        return false;
    }
    if (!fm->is_switch) {
        g_set_error(error, FM_ERROR, FM_REFUSED, "this is a memory device and"
                    " no switch: it has no ports and no virtual switches");
    }
    return fm->is_switch;
}

static bool add_component(Fm *fm, JsonBuilder *b, GError **error)
{
    g_autoptr(GByteArray) a = fm_ask(fm, PLACE_HERE, CXL_OP_IS_IDENTIFY, NULL,
                                     error);
    g_autofree char *ids = NULL, *board = NULL, *serial = NULL;
    uint16_t vendor, device;
    uint64_t sn;
    Reader r;

    if (!a) {
        return false;
    }
    r = reader_of(a);
    vendor = get_u16(&r);
    device = get_u16(&r);
    ids = g_strdup_printf("%04x:%04x", vendor, device);
    vendor = get_u16(&r);
    device = get_u16(&r);
    board = g_strdup_printf("%04x:%04x", vendor, device);
    sn = get_u64(&r);
    serial = g_strdup_printf("0x%016" PRIx64, sn);
    skip_bytes(&r, 1);
    json_add_text(b, "component", word_of(component_words, get_u8(&r)));
    json_add_text(b, "device", ids);
    json_add_text(b, "subsystem", board);
    if (sn == UINT64_MAX) {
        json_add_null(b, "serial");
    } else {
        json_add_text(b, "serial", serial);
    }
    return fm_complete(&r, CXL_OP_IS_IDENTIFY, error);
}

static GByteArray *ask_switch(Fm *fm, CxlSwitchIdentity *id, GError **error)
{
    GByteArray *a = fm_ask(fm, PLACE_HERE, CXL_OP_SWITCH_IDENTIFY, NULL,
                           error);
    Reader r;

    if (!a) {
        return NULL;
    }
    r = reader_of(a);
    get_bytes(&r, id, sizeof(*id));
    if (!fm_complete(&r, CXL_OP_SWITCH_IDENTIFY, error)) {
        g_clear_pointer(&a, g_byte_array_unref);
    }
    return a;
}

static bool add_switch(Fm *fm, JsonBuilder *b, GError **error)
{
    CxlSwitchIdentity id;
    g_autoptr(GByteArray) a = ask_switch(fm, &id, error);
    Reader r;

    if (!a) {
        return false;
    }
    r = reader_of(a);
    skip_bytes(&r, offsetof(CxlSwitchIdentity, vppbs));
    json_add_int(b, "ports", id.ports);
    json_add_int(b, "virtual-switches", id.vcs);
    json_add_int(b, "vppbs", get_u16(&r));
    json_add_int(b, "active-vppbs", get_u16(&r));
    json_add_int(b, "decoders", id.decoders);
    json_add_int(b, "ingress-port", id.ingress_port);
    return true;
}

JsonNode *fm_switch_identity(Fm *fm, GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();

    json_builder_begin_object(b);
    if (!fm_know(fm, error) || !add_component(fm, b, error) ||
        (fm->is_switch && !add_switch(fm, b, error))) {
        return NULL;
    }
    json_builder_end_object(b);
    return json_builder_get_root(b);
}

static bool set_in(const uint8_t *bitmap, unsigned bit)
{
    return bitmap[bit / 8] & 1u << bit % 8;
}

static void add_port(JsonBuilder *b, Reader *r)
{
    static const char *const speeds[] = {
        "-", "2.5", "5", "8", "16", "32", "64", NULL
    };
    CxlPortInfo p;

    get_bytes(r, &p, sizeof(p));
    json_builder_begin_object(b);
    json_add_int(b, "port", p.port);
    json_add_text(b, "state", word_of(port_state_words, p.config_state & 0xf));
    json_add_text(b, "device", word_of(device_words, p.device_type));
    json_add_text(b, "link", word_of(ltssm_words, p.ltssm));
    json_add_int(b, "width", p.width);
    json_add_int(b, "max-width", p.max_width);
    json_add_text(b, "speed", word_of(speeds, p.speed));
    json_add_text(b, "max-speed", word_of(speeds, p.max_speed));
    json_add_int(b, "lds", p.lds);
    json_builder_end_object(b);
}

static bool add_ports(Fm *fm, JsonBuilder *b, const uint8_t *ports, unsigned n,
                      GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    unsigned there;
    Reader r;

    put_u8(in, n);
    g_byte_array_append(in, ports, n);
    a = fm_ask(fm, PLACE_HERE, CXL_OP_SWITCH_PORTS, in, error);
    if (!a) {
        return false;
    }
    r = reader_of(a);
    there = get_u8(&r);
    skip_bytes(&r, 3);
    for (unsigned i = 0; i < there && !r.too_short; i++) {
        add_port(b, &r);
    }
    return fm_complete(&r, CXL_OP_SWITCH_PORTS, error);
}

/* Calls @add for what is set in a bitmap of 256, so many at a time. */
typedef bool AddSome(Fm *fm, JsonBuilder *b, const uint8_t *ids, unsigned n,
                     GError **error);

static JsonNode *each_of(Fm *fm, const uint8_t *bitmap, AddSome *add,
                         GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    uint8_t ids[CHUNK];
    unsigned n = 0;

    json_builder_begin_array(b);
    for (unsigned bit = 0; bit < 256; bit++) {
        if (set_in(bitmap, bit)) {
            ids[n++] = bit;
        }
        if (n == CHUNK || (n && bit == 255)) {
            if (!add(fm, b, ids, n, error)) {
                return NULL;
            }
            n = 0;
        }
    }
    json_builder_end_array(b);
    return json_builder_get_root(b);
}

JsonNode *fm_switch_ports(Fm *fm, GError **error)
{
    CxlSwitchIdentity id;
    g_autoptr(GByteArray) a = NULL;

    if (!is_switch(fm, error)) {
        return NULL;
    }
    a = ask_switch(fm, &id, error);
    return a ? each_of(fm, id.active_ports, add_ports, error) : NULL;
}

static void add_vppb(JsonBuilder *b, unsigned number, Reader *r)
{
    uint8_t status = get_u8(r), port = get_u8(r), ld = get_u8(r);

    skip_bytes(r, 1);
    json_builder_begin_object(b);
    json_add_int(b, "vppb", number);
    json_add_text(b, "status", word_of(vppb_words, status));
    if (status) {
        json_add_int(b, "port", port);
    } else {
        json_add_null(b, "port");
    }
    if (status == VPPB_LD && ld != ANSWER_LD_NONE) {
        json_add_int(b, "ld", ld);
    } else {
        json_add_null(b, "ld");
    }
    json_builder_end_object(b);
}

static GByteArray *ask_vcs(Fm *fm, uint8_t vcs, unsigned start, Reader *r,
                           GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    GByteArray *a;

    put_u8(in, start);
    put_u8(in, UINT8_MAX);
    put_u8(in, 1);
    put_u8(in, vcs);
    a = fm_ask(fm, PLACE_HERE, CXL_OP_VCS_INFO, in, error);
    if (a) {
        *r = reader_of(a);
        skip_bytes(r, 4);
    }
    return a;
}

/* vPPBs come in as many answers as it takes. */
static bool add_one_vcs(Fm *fm, JsonBuilder *b, uint8_t vcs, GError **error)
{
    unsigned next = 0, all = 1;

    json_builder_begin_object(b);
    json_add_int(b, "vcs", vcs);
    while (next < all) {
        Reader r;
        g_autoptr(GByteArray) a = ask_vcs(fm, vcs, next, &r, error);
        unsigned before = next;
        uint8_t state, usp;

        if (!a) {
            return false;
        }
        skip_bytes(&r, 1);
        state = get_u8(&r);
        usp = get_u8(&r);
        all = get_u8(&r);
        if (!before) {
            json_add_text(b, "state", state == 1 ? "enabled" :
                     state ? "invalid" : "disabled");
            json_add_int(b, "usp", usp);
            json_builder_set_member_name(b, "vppbs");
            json_builder_begin_array(b);
        }
        for (; next < all && r.len - r.at >= 4; next++) {
            add_vppb(b, next, &r);
        }
        r.too_short |= next == before && next < all;
        if (!fm_complete(&r, CXL_OP_VCS_INFO, error)) {
            return false;
        }
    }
    json_builder_end_array(b);
    json_builder_end_object(b);
    return true;
}

static bool add_vcs(Fm *fm, JsonBuilder *b, const uint8_t *ids, unsigned n,
                    GError **error)
{
    for (unsigned i = 0; i < n; i++) {
        if (!add_one_vcs(fm, b, ids[i], error)) {
            return false;
        }
    }
    return true;
}

JsonNode *fm_switch_vcs(Fm *fm, GError **error)
{
    CxlSwitchIdentity id;
    g_autoptr(GByteArray) a = NULL;

    if (!is_switch(fm, error)) {
        return NULL;
    }
    a = ask_switch(fm, &id, error);
    return a ? each_of(fm, id.active_vcs, add_vcs, error) : NULL;
}

/* Commands */

static bool show(Fm *fm, JsonNode *result)
{
    if (result) {
        fm_show(fm, result);
    }
    return result;
}

static bool run_identify(Fm *fm, char **args, GError **error)
{
    return fm_options(args, NULL, 0, 0, error) &&
           show(fm, fm_switch_identity(fm, error));
}

static bool run_ports(Fm *fm, char **args, GError **error)
{
    return fm_options(args, NULL, 0, 0, error) &&
           show(fm, fm_switch_ports(fm, error));
}

static bool run_vcs(Fm *fm, char **args, GError **error)
{
    return fm_options(args, NULL, 0, 0, error) &&
           show(fm, fm_switch_vcs(fm, error));
}

static bool run_bind(Fm *fm, char **args, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    uint8_t vcs, vppb;
    unsigned ld;
    int port;

    if (!fm_options(args, NULL, 2, 2, error) ||
        !parse_vppb(args[0], &vcs, &vppb, error) ||
        !parse_place(args[1], &port, &ld, error) || !is_switch(fm, error)) {
        return false;
    }
    put_u8(in, vcs);
    put_u8(in, vppb);
    put_u8(in, port);
    put_u8(in, 0);
    put_u16(in, ld);
    return fm_do(fm, CXL_OP_VCS_BIND, in, error);
}

static bool run_unbind(Fm *fm, char **args, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    gboolean managed = FALSE, surprise = FALSE, wait = FALSE;
    const GOptionEntry entries[] = {
        { "managed", 0, 0, G_OPTION_ARG_NONE, &managed },
        { "surprise", 0, 0, G_OPTION_ARG_NONE, &surprise },
        { "wait", 0, 0, G_OPTION_ARG_NONE, &wait },
        { NULL }
    };
    uint8_t vcs, vppb;

    if (!fm_options(args, entries, 1, 1, error) ||
        !parse_vppb(args[0], &vcs, &vppb, error)) {
        return false;
    }
    if (managed + surprise + wait > 1) {
        g_set_error(error, FM_ERROR, FM_USAGE, "--managed, --surprise and"
                    " --wait exclude each other");
        return false;
    }
    put_u8(in, vcs);
    put_u8(in, vppb);
    put_u8(in, surprise ? 2 : wait ? 0 : 1);
    return is_switch(fm, error) && fm_do(fm, CXL_OP_VCS_UNBIND, in, error);
}

static bool port_control(Fm *fm, const char *text, uint8_t action,
                         GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    uint64_t port;

    if (!parse_number(text, "the port", 255, &port, error) ||
        !is_switch(fm, error)) {
        return false;
    }
    put_u8(in, port);
    put_u8(in, action);
    a = fm_ask(fm, PLACE_HERE, CXL_OP_SWITCH_PORT_CONTROL, in, error);
    return a;
}

static bool run_port_reset(Fm *fm, char **args, GError **error)
{
    return fm_options(args, NULL, 1, 1, error) &&
           port_control(fm, args[0], CXL_PORT_RESET, error);
}

static bool run_port_perst(Fm *fm, char **args, GError **error)
{
    bool on;

    if (!fm_options(args, NULL, 2, 2, error)) {
        return false;
    }
    on = !strcmp(args[1], "on");
    if (!on && strcmp(args[1], "off")) {
        g_set_error(error, FM_ERROR, FM_USAGE, "PERST is '%s', it takes 'on'"
                    " or 'off'", args[1]);
        return false;
    }
    return port_control(fm, args[0], on ? CXL_PORT_ASSERT_PERST :
                        CXL_PORT_DEASSERT_PERST, error);
}

const FmCommand switch_commands[] = {
    { "identify", "", "what the component is", run_identify },
    { "ports", "", "ports of the switch and what is below them", run_ports },
    { "vcs", "", "virtual switches, and what their vPPBs are bound to",
      run_vcs },
    { "bind", "VCS.VPPB PORT[.LD]",
      "give a virtual switch what is below a port, or one of its LDs",
      run_bind },
    { "unbind", "VCS.VPPB [--managed|--surprise|--wait]",
      "take it away; --managed, which asks the host, unless said otherwise",
      run_unbind },
    { "port reset", "PORT", "reset what is below a port", run_port_reset },
    { "port perst", "PORT on|off", "hold what is below a port in reset",
      run_port_perst },
    { NULL }
};
