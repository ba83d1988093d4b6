/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the windows: which storage is in host order, and the
 * decoders of host bridges and upstream ports, which QEMU does not save.
 *
 * The state travels as one GVariant in little-endian order:
 *   sets      len, ig, iw, members (path of the device, dpa) by position
 *   bridges   path, registers of the HDM decoder capability
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"
#include "migration/vmstate.h"

#define STATE_TYPE "(a(tyya(st))a(say))"
#define DECODERS_LEN CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)

typedef struct BridgeSave {
    GVariantBuilder *out;
    GHashTable *seen;
} BridgeSave;

static uint8_t *decoders(CXLComponentState *c)
{
    return (uint8_t *)c->crb.cache_mem_registers + CXL_COMP_HDM;
}

static void save_set(GVariantBuilder *out, const CxlSliceSet *set)
{
    g_variant_builder_open(out, G_VARIANT_TYPE("(tyya(st))"));
    g_variant_builder_add(out, "t", set->len);
    g_variant_builder_add(out, "y", set->ig);
    g_variant_builder_add(out, "y", set->iw);
    g_variant_builder_open(out, G_VARIANT_TYPE("a(st)"));
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        CxlWindowMember *m = set->member[p].device;
        g_autofree char *path = object_get_canonical_path(OBJECT(m->pdev));

        g_variant_builder_add(out, "(st)", path, set->member[p].dpa);
    }
    g_variant_builder_close(out);
    g_variant_builder_close(out);
}

static void save_bridge(void *opaque, Object *bridge, CXLComponentState *c)
{
    BridgeSave *save = opaque;
    g_autofree char *path = object_get_canonical_path(bridge);

    if (g_hash_table_add(save->seen, bridge)) {
        g_variant_builder_add(save->out, "(s@ay)", path,
            g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, decoders(c),
                                      DECODERS_LEN, 1));
    }
}

static GVariant *little_endian(GVariant *v)
{
    return HOST_BIG_ENDIAN ? g_variant_byteswap(v) : g_variant_ref(v);
}

static int pre_save(void *opaque)
{
    CxlWindows *ws = opaque;
    g_auto(GVariantBuilder) out = G_VARIANT_BUILDER_INIT(
        G_VARIANT_TYPE(STATE_TYPE));
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GVariant) state = NULL;
    g_autoptr(GVariant) le = NULL;
    CxlWindowMember *m;

    g_variant_builder_open(&out, G_VARIANT_TYPE("a(tyya(st))"));
    for (unsigned i = 0; i < ws->slices.sets->len; i++) {
        save_set(&out, &g_array_index(ws->slices.sets, CxlSliceSet, i));
    }
    g_variant_builder_close(&out);
    g_variant_builder_open(&out, G_VARIANT_TYPE("a(say)"));
    QTAILQ_FOREACH(m, &ws->members, next) {
        cxl_window_tree_bridges(m->pdev, save_bridge,
                                &(BridgeSave) { &out, seen });
    }
    g_variant_builder_close(&out);
    state = g_variant_ref_sink(g_variant_builder_end(&out));
    le = little_endian(state);
    g_free(ws->saved);
    ws->saved_len = g_variant_get_size(le);
    ws->saved = g_malloc(ws->saved_len);
    g_variant_store(le, ws->saved);
    return 0;
}

static MemfabPostSave post_save(void *opaque)
{
    CxlWindows *ws = opaque;

    g_clear_pointer(&ws->saved, g_free);
    ws->saved_len = 0;
    return MEMFAB_SAVED;
}

/*
 * A set is 20 bytes and a path for each member, a bridge some hundred bytes:
 * more than the largest machine has, and little to allocate for a liar.
 */
static bool saved_len_is_sane(void *opaque, int version)
{
    CxlWindows *ws = opaque;

    return ws->saved_len <= 16 * MiB;
}

static CxlWindowMember *member_at(CxlWindows *ws, const char *path)
{
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        g_autofree char *own = object_get_canonical_path(OBJECT(m->pdev));

        if (!strcmp(own, path)) {
            return m;
        }
    }
    return NULL;
}

static bool load_set(CxlWindows *ws, GVariant *v)
{
    CxlSliceSet set = { 0 };
    g_autoptr(GVariant) members = NULL;
    gsize count;

    g_variant_get(v, "(tyy@a(st))", &set.len, &set.ig, &set.iw, &members);
    count = g_variant_n_children(members);
    if (!cxl_interleave_valid(set.ig, set.iw) ||
        count != cxl_interleave_ways(set.iw)) {
        return false;
    }
    for (gsize p = 0; p < count; p++) {
        const char *path;
        CxlWindowMember *m;

        g_variant_get_child(members, p, "(&st)", &path, &set.member[p].dpa);
        m = member_at(ws, path);
        if (!m || !cxl_window_storage_there(m, set.member[p].dpa,
                                             set.len)) {
            return false;
        }
        set.member[p].device = m;
    }
    return cxl_slices_restore(&ws->slices, &set);
}

static bool load_bridge(GVariant *v)
{
    const char *path;
    g_autoptr(GVariant) bytes = NULL;
    CXLComponentState *c;
    Object *bridge;
    gsize len;
    const void *data;

    g_variant_get(v, "(&s@ay)", &path, &bytes);
    data = g_variant_get_fixed_array(bytes, &len, 1);
    bridge = object_resolve_path(path, NULL);
    c = bridge ? cxl_window_tree_registers(bridge) : NULL;
    if (!c || len != DECODERS_LEN) {
        return false;
    }
    memcpy(decoders(c), data, len);
    return true;
}

static bool load_state(CxlWindows *ws, GVariant *state)
{
    g_autoptr(GVariant) sets = g_variant_get_child_value(state, 0);
    g_autoptr(GVariant) bridges = g_variant_get_child_value(state, 1);

    for (gsize i = 0; i < g_variant_n_children(sets); i++) {
        g_autoptr(GVariant) v = g_variant_get_child_value(sets, i);

        if (!load_set(ws, v)) {
            return false;
        }
    }
    for (gsize i = 0; i < g_variant_n_children(bridges); i++) {
        g_autoptr(GVariant) v = g_variant_get_child_value(bridges, i);

        if (!load_bridge(v)) {
            return false;
        }
    }
    return true;
}

static int post_load(void *opaque, int version)
{
    CxlWindows *ws = opaque;
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&ws->saved),
                                               ws->saved_len);
    g_autoptr(GVariant) le = g_variant_ref_sink(
        g_variant_new_from_bytes(G_VARIANT_TYPE(STATE_TYPE), bytes, false));
    g_autoptr(GVariant) state = NULL;

    cxl_slices_clear(&ws->slices);
    if (!g_variant_is_normal_form(le)) {
        error_report("saved state of CXL windows is damaged");
        return -EINVAL;
    }
    state = little_endian(le);
    if (!load_state(ws, state)) {
        error_report("saved state of CXL windows does not fit this machine");
        cxl_slices_clear(&ws->slices);
        return -EINVAL;
    }
    cxl_window_layout_record(ws);
    ws->changed(ws);
    return 0;
}

static bool needed(void *opaque)
{
    CxlWindows *ws = opaque;

    return !QTAILQ_EMPTY(&ws->members);
}

static const VMStateDescription vmstate_windows = {
    .name = "memfab-cxl-windows",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .pre_save = pre_save,
    .post_save = post_save,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(saved_len, CxlWindows),
        VMSTATE_VALIDATE("length of the windows' state", saved_len_is_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved, CxlWindows, 0, NULL, saved_len),
        VMSTATE_END_OF_LIST()
    }
};

void cxl_window_vmstate_init(CxlWindows *ws)
{
    vmstate_register(NULL, 0, &vmstate_windows, ws);
}
