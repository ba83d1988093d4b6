/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the windows: which storage is in host order, and the
 * decoders of host bridges and upstream ports, which QEMU does not save.
 *
 * The state travels in two sections of hw/common/save.h:
 *   sets      number of them; len, ig, iw, steps left, and by position path of
 *             the device and dpa
 *   bridges   number of them; path, registers of the HDM decoder capability
 *
 * A stream is read into a copy, and judged as a whole before anything is
 * changed.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "hw/common/save.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"
#include "migration/vmstate.h"

/* Of streams of before there were sections */
#define OLD_TYPE "(a(tyya(st))a(say))"
#define KIND "cxl-windows"
#define DECODERS_LEN CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)

/* More than the largest machine has, and little to allocate for a liar */
#define SAVED_MAX (16 * MiB)
#define SETS_MAX 65536
#define BRIDGES_MAX 65536
#define PATH_LEN_MAX 4096
/* The shortest set and bridge in a stream */
#define SET_MIN (5 * 8)
#define BRIDGE_MIN (8 + DECODERS_LEN)

typedef struct BridgeState {
    CXLComponentState *c;
    uint8_t decoders[DECODERS_LEN];
} BridgeState;

/* What is saved, or has been read and not been believed yet */
typedef struct Saved {
    CxlWindows *ws;
    CxlSlices slices;       /* being loaded */
    GArray *bridges;        /* BridgeState */
} Saved;

static uint8_t *decoders(CXLComponentState *c)
{
    return (uint8_t *)c->crb.cache_mem_registers + CXL_COMP_HDM;
}

/* --- writing -------------------------------------------------------------- */

static void put_path(SaveWriter *w, void *obj)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(obj));

    save_put_blob(w, path, strlen(path));
}

static void save_sets(const void *device, SaveWriter *w)
{
    const GArray *sets = ((const Saved *)device)->ws->slices.sets;

    save_put(w, sets->len);
    for (unsigned i = 0; i < sets->len; i++) {
        const CxlSliceSet *set = &g_array_index(sets, CxlSliceSet, i);

        save_put(w, set->len);
        save_put(w, set->ig);
        save_put(w, set->iw);
        save_put(w, set->left);
        for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
            CxlWindowMember *m = set->member[p].device;

            put_path(w, m->pdev);
            save_put(w, set->member[p].dpa);
        }
    }
}

static void note_bridge(void *opaque, Object *bridge, CXLComponentState *c)
{
    GPtrArray *bridges = opaque;

    if (!g_ptr_array_find(bridges, bridge, NULL)) {
        g_ptr_array_add(bridges, bridge);
    }
}

static void save_bridges(const void *device, SaveWriter *w)
{
    const Saved *saved = device;
    g_autoptr(GPtrArray) bridges = g_ptr_array_new();
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &saved->ws->members, next) {
        cxl_window_tree_bridges(m->pdev, note_bridge, bridges);
    }
    save_put(w, bridges->len);
    for (unsigned i = 0; i < bridges->len; i++) {
        Object *bridge = g_ptr_array_index(bridges, i);

        put_path(w, bridge);
        save_put_bytes(w, decoders(cxl_window_tree_registers(bridge)),
                       DECODERS_LEN);
    }
}

/* --- reading -------------------------------------------------------------- */

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

/* NULL if a set of ours may have @path at @position, else what is wrong */
static const char *add_member(Saved *saved, CxlSliceSet *set, unsigned p,
                              const char *path, uint64_t dpa)
{
    CxlWindowMember *m = member_at(saved->ws, path);

    if (!m) {
        return "a device that is not there";
    }
    set->member[p] = (CxlSliceMember) { m, dpa };
    return cxl_window_storage_there(m, dpa, set->len)
           ? NULL : "memory that a device does not have";
}

static const char *add_bridge(Saved *saved, const char *path,
                              const uint8_t *bytes)
{
    Object *bridge = *path == '/' && strlen(path) <= PATH_LEN_MAX ?
                     object_resolve_path(path, NULL) : NULL;
    BridgeState b = {
        .c = bridge ? cxl_window_tree_registers(bridge) : NULL,
    };

    if (!b.c) {
        return "a bridge that is not there";
    }
    memcpy(b.decoders, bytes, DECODERS_LEN);
    /* How many decoders there are is not for a stream to say. */
    memcpy(b.decoders + CXL_HDM_CAP, decoders(b.c) + CXL_HDM_CAP, 4);
    g_array_append_val(saved->bridges, b);
    return NULL;
}

static char *get_path(SaveReader *r)
{
    size_t len;
    const uint8_t *bytes = save_get_blob(r, "path", PATH_LEN_MAX, &len);

    return g_strndup(bytes ? (const char *)bytes : "", len);
}

static void load_set(Saved *saved, SaveReader *r)
{
    CxlSliceSet set = { 0 };

    set.len = save_get(r);
    SAVE_GET(r, set.ig);
    SAVE_GET(r, set.iw);
    set.left = save_get(r);
    for (unsigned p = 0; p < cxl_interleave_ways(set.iw); p++) {
        g_autofree char *path = get_path(r);
        uint64_t dpa = save_get(r);
        const char *problem = save_good(r) ?
                              add_member(saved, &set, p, path, dpa) : NULL;

        if (problem) {
            save_refuse(r, problem);
        }
    }
    if (save_good(r) && !cxl_slices_restore(&saved->slices, &set)) {
        save_refuse(r, "set");
    }
}

static void load_sets(void *device, SaveReader *r)
{
    uint64_t count = save_get_count(r, "sets", SETS_MAX, SET_MIN);

    for (uint64_t i = 0; save_good(r) && i < count; i++) {
        load_set(device, r);
    }
}

static void load_bridges(void *device, SaveReader *r)
{
    uint64_t count = save_get_count(r, "bridges", BRIDGES_MAX, BRIDGE_MIN);

    for (uint64_t i = 0; save_good(r) && i < count; i++) {
        g_autofree char *path = get_path(r);
        uint8_t bytes[DECODERS_LEN];
        const char *problem;

        save_get_bytes(r, bytes, sizeof(bytes));
        problem = save_good(r) ? add_bridge(device, path, bytes) : NULL;
        if (problem) {
            save_refuse(r, problem);
        }
    }
}

static const SaveRoom rooms[] = {
    { .name = "sets", .version = 1, .save = save_sets, .load = load_sets },
    { .name = "bridges", .version = 1, .save = save_bridges,
      .load = load_bridges },
};

/* --- reading what was written before there were sections ------------------ */

static const char *load_old_set(Saved *saved, GVariant *v)
{
    CxlSliceSet set = { 0 };
    g_autoptr(GVariant) members = NULL;
    gsize count;

    g_variant_get(v, "(tyy@a(st))", &set.len, &set.ig, &set.iw, &members);
    count = g_variant_n_children(members);
    if (count != cxl_interleave_ways(set.iw)) {
        return "a set of a wrong number of devices";
    }
    for (gsize p = 0; p < count; p++) {
        const char *path, *problem;
        uint64_t dpa;

        g_variant_get_child(members, p, "(&st)", &path, &dpa);
        problem = add_member(saved, &set, p, path, dpa);
        if (problem) {
            return problem;
        }
    }
    return cxl_slices_restore(&saved->slices, &set) ? NULL : "a bad set";
}

static const char *load_old_bridge(Saved *saved, GVariant *v)
{
    const char *path;
    g_autoptr(GVariant) bytes = NULL;
    const void *data;
    gsize len;

    g_variant_get(v, "(&s@ay)", &path, &bytes);
    data = g_variant_get_fixed_array(bytes, &len, 1);
    return len == DECODERS_LEN ? add_bridge(saved, path, data)
                               : "a bridge of a wrong length";
}

static const char *load_each(Saved *saved, GVariant *list,
                             const char *(*fn)(Saved *saved, GVariant *v))
{
    const char *problem = NULL;

    for (gsize i = 0; !problem && i < g_variant_n_children(list); i++) {
        g_autoptr(GVariant) v = g_variant_get_child_value(list, i);

        problem = fn(saved, v);
    }
    return problem;
}

/* One GVariant in little-endian order */
static const char *load_old(Saved *saved, const uint8_t *data, size_t len)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, len);
    g_autoptr(GVariant) le = g_variant_ref_sink(
        g_variant_new_from_bytes(G_VARIANT_TYPE(OLD_TYPE), bytes, false));
    g_autoptr(GVariant) state = NULL, sets = NULL, bridges = NULL;

    if (!g_variant_is_normal_form(le)) {
        return "neither sections nor what was before them";
    }
    state = HOST_BIG_ENDIAN ? g_variant_byteswap(le) : g_variant_ref(le);
    sets = g_variant_get_child_value(state, 0);
    bridges = g_variant_get_child_value(state, 1);
    return load_each(saved, sets, load_old_set) ?:
           load_each(saved, bridges, load_old_bridge);
}

/* --- both ----------------------------------------------------------------- */

static int pre_save(void *opaque)
{
    CxlWindows *ws = opaque;
    g_autoptr(GByteArray) out = g_byte_array_new();

    if (!cxl_slices_settle(&ws->slices)) {
        error_report("CXL memory that was reset cannot be written");
        return -EIO;
    }
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), &(Saved) { .ws = ws }, out);
    g_free(ws->saved);
    ws->saved_len = out->len;
    ws->saved = g_byte_array_free(g_steal_pointer(&out), false);
    return 0;
}

static MemfabPostSave post_save(void *opaque)
{
    CxlWindows *ws = opaque;

    g_clear_pointer(&ws->saved, g_free);
    ws->saved_len = 0;
    return MEMFAB_SAVED;
}

static bool saved_len_is_sane(void *opaque, int version)
{
    CxlWindows *ws = opaque;

    return ws->saved_len <= SAVED_MAX;
}

static bool load(Saved *saved, const uint8_t *bytes, size_t len)
{
    g_autofree char *problem = NULL;

    if (save_is_kind(KIND, bytes, len)) {
        save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), saved, bytes, len,
                        &problem);
    } else {
        problem = g_strdup(load_old(saved, bytes, len));
    }
    if (problem) {
        error_report("saved state of the CXL windows: %s", problem);
    }
    return !problem;
}

/* All of it was judged: now it is so. */
static void take(CxlWindows *ws, Saved *saved)
{
    GArray *before = ws->slices.sets;

    ws->slices.sets = saved->slices.sets;
    saved->slices.sets = before;
    for (unsigned i = 0; i < saved->bridges->len; i++) {
        BridgeState *b = &g_array_index(saved->bridges, BridgeState, i);

        memcpy(decoders(b->c), b->decoders, DECODERS_LEN);
    }
    cxl_window_layout_record(ws);
    ws->changed(ws);
}

static int post_load(void *opaque, int version)
{
    CxlWindows *ws = opaque;
    g_autofree uint8_t *bytes = g_steal_pointer(&ws->saved);
    Saved saved = {
        .ws = ws, .bridges = g_array_new(false, false, sizeof(BridgeState)),
    };
    bool ok;

    cxl_slices_init(&saved.slices, &ws->slice_ops, ws);
    ok = load(&saved, bytes, ws->saved_len);
    if (ok) {
        take(ws, &saved);
    }
    cxl_slices_destroy(&saved.slices);
    g_array_unref(saved.bridges);
    return ok ? 0 : -EINVAL;
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
