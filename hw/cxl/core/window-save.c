/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows as bytes, and back; the contract is in window-save.h.  A stream is
 * read into a copy, and judged before anything is changed.
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/window-save.h"
#include "hw/cxl/wire/component.h"

/* Of streams of before there were sections */
#define OLD_TYPE "(a(tyya(st))a(say))"
#define KIND "cxl-windows"
#define DECODERS_LEN CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)

#define SETS_MAX 65536
#define BRIDGES_MAX 65536
#define PATH_LEN_MAX 4096
/* The shortest set and bridge in a stream */
#define SET_MIN (5 * 8)
#define BRIDGE_MIN (8 + DECODERS_LEN)

typedef struct BridgeState {
    uint8_t *registers;         /* where the bytes go */
    uint8_t bytes[DECODERS_LEN];
} BridgeState;

/* What is saved, or has been read and not been believed yet */
typedef struct Transit {
    const CxlWindowSaveOps *ops;
    void *opaque;
    const GArray *travellers;   /* CxlSliceSet, being saved */
    const GPtrArray *paths;
    CxlSlices loaded;
    GTree *lent;                /* Lent: what sets of @loaded use */
    GArray *bridges;            /* BridgeState */
} Transit;

/* Storage of a device that a set uses */
typedef struct Lent {
    const void *device;
    uint64_t dpa, len;
} Lent;

/* How all bytes of a set come to the other side */
static unsigned way_of(const Transit *t, const CxlSliceSet *set)
{
    unsigned way = 0;

    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        way |= t->ops->way(t->opaque, set->member[p].device,
                           set->member[p].dpa, set->len);
    }
    return way;
}

/* --- writing -------------------------------------------------------------- */

static void put_path(SaveWriter *w, const char *path)
{
    save_put_blob(w, path, strlen(path));
}

static void save_sets(const void *device, SaveWriter *w)
{
    const Transit *t = device;
    const GArray *sets = t->travellers;

    save_put(w, sets->len);
    for (unsigned i = 0; i < sets->len; i++) {
        const CxlSliceSet *set = &g_array_index(sets, CxlSliceSet, i);

        save_put(w, set->len);
        save_put(w, set->ig);
        save_put(w, set->iw);
        save_put(w, set->left);
        save_put(w, set->zero);
        for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
            g_autofree char *path = t->ops->path(t->opaque,
                                                 set->member[p].device);

            put_path(w, path);
            save_put(w, set->member[p].dpa);
        }
    }
}

static void save_bridges(const void *device, SaveWriter *w)
{
    const Transit *t = device;

    save_put(w, t->paths->len);
    for (unsigned i = 0; i < t->paths->len; i++) {
        const char *path = g_ptr_array_index(t->paths, i);

        put_path(w, path);
        save_put_bytes(w, t->ops->decoders(t->opaque, path), DECODERS_LEN);
    }
}

/* --- reading -------------------------------------------------------------- */

/* NULL if a set of ours may have @path at @position, else what is wrong */
static const char *add_member(Transit *t, CxlSliceSet *set, unsigned position,
                              const char *path, uint64_t dpa)
{
    void *device = t->ops->device(t->opaque, path);

    if (!device) {
        return "a device that is not there";
    }
    set->member[position] = (CxlSliceMember) { device, dpa };
    return t->ops->backed(t->opaque, device, dpa, set->len)
           ? NULL : "memory that a device does not have";
}

static const char *add_bridge(Transit *t, const char *path,
                              const uint8_t *bytes)
{
    BridgeState b = { };

    if (*path && strlen(path) <= PATH_LEN_MAX) {
        b.registers = t->ops->decoders(t->opaque, path);
    }
    if (!b.registers) {
        return "a bridge that is not there";
    }
    memcpy(b.bytes, bytes, DECODERS_LEN);
    /* How many decoders there are is not for a stream to say. */
    memcpy(b.bytes + CXL_HDM_CAP, b.registers + CXL_HDM_CAP, 4);
    g_array_append_val(t->bridges, b);
    return NULL;
}

static char *get_path(SaveReader *r)
{
    size_t len;
    const uint8_t *bytes = save_get_blob(r, "path", PATH_LEN_MAX, &len);

    return g_strndup(bytes ? (const char *)bytes : "", len);
}

/* What overlaps is the same: there are too many sets to look at each. */
static gint by_place(gconstpointer a, gconstpointer b,
                     gpointer opaque G_GNUC_UNUSED)
{
    const Lent *x = a, *y = b;

    if (x->device != y->device) {
        return (uintptr_t)x->device < (uintptr_t)y->device ? -1 : 1;
    }
    return x->dpa + x->len <= y->dpa ? -1 : y->dpa + y->len <= x->dpa;
}

/* False if it cannot be, or uses what another one uses. */
static bool restore(Transit *t, const CxlSliceSet *set)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        Lent lent = { set->member[p].device, set->member[p].dpa, set->len };
        Lent *key;

        if (g_tree_lookup(t->lent, &lent)) {
            return false;
        }
        key = g_new(Lent, 1);
        *key = lent;
        g_tree_insert(t->lent, key, key);
    }
    return cxl_slices_append(&t->loaded, set);
}

/* NULL, or what is wrong with a set whose members are all known */
static const char *add_set(Transit *t, const CxlSliceSet *set)
{
    switch (way_of(t, set)) {
    case CXL_BYTES_STAY:
        return NULL;
    case CXL_BYTES_TRAVEL | CXL_BYTES_STAY:
        return "memory of which only a part has come along";
    default:
        return restore(t, set) ? NULL : "a bad set";
    }
}

static void load_set(Transit *t, SaveReader *r)
{
    CxlSliceSet set = { 0 };

    set.len = save_get(r);
    SAVE_GET(r, set.ig);
    SAVE_GET(r, set.iw);
    set.left = save_get(r);
    if (r->version > 1) {
        SAVE_GET(r, set.zero);
    }
    for (unsigned p = 0; p < cxl_interleave_ways(set.iw); p++) {
        g_autofree char *path = get_path(r);
        uint64_t dpa = save_get(r);
        const char *problem = save_good(r) ?
                              add_member(t, &set, p, path, dpa) : NULL;

        if (problem) {
            save_refuse(r, problem);
        }
    }
    if (save_good(r)) {
        const char *problem = add_set(t, &set);

        if (problem) {
            save_refuse(r, problem);
        }
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
    { .name = "sets", .version = 2, .save = save_sets, .load = load_sets },
    { .name = "bridges", .version = 2, .save = save_bridges,
      .load = load_bridges },
};

/* --- reading what was written before there were sections ------------------ */

static const char *load_old_set(Transit *t, GVariant *v)
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
        problem = add_member(t, &set, p, path, dpa);
        if (problem) {
            return problem;
        }
    }
    return add_set(t, &set);
}

static const char *load_old_bridge(Transit *t, GVariant *v)
{
    const char *path;
    g_autoptr(GVariant) bytes = NULL;
    const void *data;
    gsize len;

    g_variant_get(v, "(&s@ay)", &path, &bytes);
    data = g_variant_get_fixed_array(bytes, &len, 1);
    return len == DECODERS_LEN ? add_bridge(t, path, data)
                               : "a bridge of a wrong length";
}

static const char *load_each(Transit *t, GVariant *list,
                             const char *(*fn)(Transit *t, GVariant *v))
{
    const char *problem = NULL;

    for (gsize i = 0; !problem && i < g_variant_n_children(list); i++) {
        g_autoptr(GVariant) v = g_variant_get_child_value(list, i);

        problem = fn(t, v);
    }
    return problem;
}

/* One GVariant in little-endian order */
static const char *load_old(Transit *t, const uint8_t *data, size_t len)
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
    return load_each(t, sets, load_old_set) ?:
           load_each(t, bridges, load_old_bridge);
}

/* --- both ----------------------------------------------------------------- */

bool cxl_window_save(const CxlSlices *slices, const GPtrArray *bridges,
                     const CxlWindowSaveOps *ops, void *opaque,
                     GByteArray *out)
{
    g_autoptr(GArray) travellers = g_array_new(false, false,
                                               sizeof(CxlSliceSet));
    Transit t = {
        .ops = ops, .opaque = opaque, .travellers = travellers,
        .paths = bridges,
    };

    for (unsigned i = 0; i < slices->sets->len; i++) {
        const CxlSliceSet *set = &g_array_index(slices->sets, CxlSliceSet, i);
        unsigned way = way_of(&t, set);

        if (way == (CXL_BYTES_TRAVEL | CXL_BYTES_STAY)) {
            return false;
        }
        if (way == CXL_BYTES_TRAVEL) {
            g_array_append_vals(travellers, set, 1);
        }
    }
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), &t, out);
    return true;
}

/* Sets of here whose bytes have not been touched are as they were. */
static bool keep_stayers(Transit *t, const CxlSlices *slices)
{
    for (unsigned i = 0; i < slices->sets->len; i++) {
        const CxlSliceSet *set = &g_array_index(slices->sets, CxlSliceSet, i);

        if (way_of(t, set) == CXL_BYTES_STAY &&
            !restore(t, set)) {
            return false;
        }
    }
    return true;
}

/* All of it was judged: now it is so. */
static void take(Transit *t, CxlSlices *slices)
{
    GArray *before = slices->sets;

    slices->sets = t->loaded.sets;
    t->loaded.sets = before;
    for (unsigned i = 0; i < t->bridges->len; i++) {
        BridgeState *b = &g_array_index(t->bridges, BridgeState, i);

        memcpy(b->registers, b->bytes, DECODERS_LEN);
    }
}

bool cxl_window_load(CxlSlices *slices, const CxlWindowSaveOps *ops,
                     void *opaque, const uint8_t *bytes, size_t len,
                     char **problem)
{
    Transit t = {
        .ops = ops, .opaque = opaque,
        .bridges = g_array_new(false, false, sizeof(BridgeState)),
        .lent = g_tree_new_full(by_place, NULL, g_free, NULL),
    };

    *problem = NULL;
    cxl_slices_init(&t.loaded, slices->host.ops, slices->host.opaque);
    if (save_is_kind(KIND, bytes, len)) {
        save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), &t, bytes, len,
                        problem);
    } else {
        *problem = g_strdup(load_old(&t, bytes, len));
    }
    if (!*problem && !keep_stayers(&t, slices)) {
        *problem = g_strdup("no memory for the sets of here");
    }
    if (!*problem) {
        take(&t, slices);
    }
    cxl_slices_destroy(&t.loaded);
    g_array_unref(t.bridges);
    g_tree_unref(t.lent);
    return !*problem;
}
