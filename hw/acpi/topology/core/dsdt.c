/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turn the topology model into AML bytes.  The emitter knows the seven forms
 * that are needed and no more (ACPI 6.5 chapter 20); device nodes that QEMU
 * builds itself are QEMU's.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/dsdt.h"

#define AML_ZERO            0x00
#define AML_ONE             0x01
#define AML_NAME            0x08
#define AML_BYTE            0x0A
#define AML_WORD            0x0B
#define AML_DWORD           0x0C
#define AML_STRING          0x0D
#define AML_SCOPE           0x10
#define AML_BUFFER          0x11
#define AML_PACKAGE         0x12
#define AML_MULTI_NAME      0x2F
#define AML_EXT             0x5B
#define AML_EXT_DEVICE      0x82

#define AML_SEGMENT         4

/* daffd814-6eba-4d8c-8a91-bc9bbf4aa301 in the byte order of ToUUID() */
static const uint8_t device_properties_uuid[16] = {
    0x14, 0xd8, 0xff, 0xda, 0xba, 0x6e, 0x8c, 0x4d,
    0x8a, 0x91, 0xbc, 0x9b, 0xbf, 0x4a, 0xa3, 0x01,
};

static GArray *aml_new(void)
{
    return g_array_new(false, false, 1);
}

static void aml_bytes(GArray *aml, const void *bytes, size_t len)
{
    g_array_append_vals(aml, bytes, len);
}

static void aml_byte(GArray *aml, uint8_t byte)
{
    aml_bytes(aml, &byte, 1);
}

/* PkgLength counts itself, ACPI 6.5 20.2.4 */
static void aml_length(GArray *aml, size_t body)
{
    uint8_t bytes[4];
    unsigned extra = body + 1 <= 0x3f ? 0 : body + 2 <= 0xfff ? 1 : 2;
    size_t length = body + 1 + extra;
    unsigned i;

    assert(length <= 0xfffff);
    if (extra == 0) {
        bytes[0] = length;
    } else {
        bytes[0] = extra << 6 | (length & 0xf);
        for (i = 1; i <= extra; i++) {
            bytes[i] = length >> (8 * i - 4);
        }
    }
    aml_bytes(aml, bytes, 1 + extra);
}

/* Append @body behind its length and free it. */
static void aml_close(GArray *aml, GArray *body)
{
    aml_length(aml, body->len);
    aml_bytes(aml, body->data, body->len);
    g_array_free(body, true);
}

static void aml_integer(GArray *aml, uint32_t value)
{
    uint8_t bytes[4];

    stl_le_p(bytes, value);
    if (value <= 1) {
        aml_byte(aml, value ? AML_ONE : AML_ZERO);
    } else if (value <= UINT8_MAX) {
        aml_byte(aml, AML_BYTE);
        aml_bytes(aml, bytes, 1);
    } else if (value <= UINT16_MAX) {
        aml_byte(aml, AML_WORD);
        aml_bytes(aml, bytes, 2);
    } else {
        aml_byte(aml, AML_DWORD);
        aml_bytes(aml, bytes, 4);
    }
}

static void aml_name(GArray *aml, const char *segment)
{
    aml_byte(aml, AML_NAME);
    aml_bytes(aml, segment, AML_SEGMENT);
}

/* The name QEMU gives to a function's node, padded to a segment. */
static void aml_function_name(GArray *aml, uint8_t devfn)
{
    char name[AML_SEGMENT + 1];

    snprintf(name, sizeof(name), "S%02X_", devfn);
    aml_bytes(aml, name, AML_SEGMENT);
}

/* { key, value } */
static void aml_property(GArray *aml, const char *key, uint32_t value)
{
    GArray *body = aml_new();

    aml_byte(body, 2);
    aml_byte(body, AML_STRING);
    aml_bytes(body, key, strlen(key) + 1);
    aml_integer(body, value);
    aml_byte(aml, AML_PACKAGE);
    aml_close(aml, body);
}

static void aml_uuid(GArray *aml, const uint8_t *uuid)
{
    GArray *body = aml_new();

    aml_integer(body, 16);
    aml_bytes(body, uuid, 16);
    aml_byte(aml, AML_BUFFER);
    aml_close(aml, body);
}

static void aml_dsd(GArray *aml, const AcpiTopoSet *set)
{
    GArray *pairs = aml_new();
    GArray *body = aml_new();

    aml_byte(pairs, 2);
    aml_property(pairs, set->start_key, acpi_topo_nodes_next(&set->nodes, 0));
    aml_property(pairs, set->count_key, acpi_topo_nodes_count(&set->nodes));

    aml_byte(body, 2);
    aml_uuid(body, device_properties_uuid);
    aml_byte(body, AML_PACKAGE);
    aml_close(body, pairs);

    aml_name(aml, "_DSD");
    aml_byte(aml, AML_PACKAGE);
    aml_close(aml, body);
}

void acpi_topo_aml_properties(GArray *aml, const AcpiTopoSet *set)
{
    int pxm = acpi_topo_set_pxm(set);

    if (pxm >= 0) {
        aml_name(aml, "_PXM");
        aml_integer(aml, pxm);
    }
    if (set->dsd) {
        aml_dsd(aml, set);
    }
}

/* \_SB.host and the first @depth steps of @fn */
static void aml_path(GArray *aml, const AcpiTopoFunction *fn, unsigned depth)
{
    unsigned i;

    aml_byte(aml, '\\');
    aml_byte(aml, AML_MULTI_NAME);
    aml_byte(aml, 2 + depth);
    aml_bytes(aml, "_SB_", AML_SEGMENT);
    aml_bytes(aml, fn->host, AML_SEGMENT);
    for (i = 0; i < depth; i++) {
        aml_function_name(aml, fn->devfn[i]);
    }
}

static bool same_step(const AcpiTopoFunction *a, const AcpiTopoFunction *b,
                      unsigned depth)
{
    return !strcmp(a->host, b->host) && a->depth > depth && b->depth > depth &&
           !memcmp(a->devfn, b->devfn, depth + 1);
}

/*
 * Device nodes below step @depth - 1 for sets[0] to sets[count - 1], which all
 * pass through that step and are sorted by their way.
 */
static void aml_devices(GArray *aml, const AcpiTopoSet **sets, unsigned count,
                        unsigned depth)
{
    unsigned i, run;

    for (i = 0; i < count; i += run) {
        const AcpiTopoFunction *fn = &sets[i]->fn;
        GArray *body = aml_new();
        unsigned own = 0;
        uint8_t devfn;

        for (run = 1; i + run < count; run++) {
            if (!same_step(fn, &sets[i + run]->fn, depth)) {
                break;
            }
        }
        devfn = fn->devfn[depth];
        aml_function_name(body, devfn);
        aml_name(body, "_ADR");
        aml_integer(body, (devfn >> 3) << 16 | (devfn & 7));
        while (own < run && sets[i + own]->fn.depth == depth + 1) {
            acpi_topo_aml_properties(body, sets[i + own]);
            own++;
        }
        aml_devices(body, sets + i + own, run - own, depth + 1);

        aml_byte(aml, AML_EXT);
        aml_byte(aml, AML_EXT_DEVICE);
        aml_close(aml, body);
    }
}

static int function_compare(const AcpiTopoFunction *x,
                            const AcpiTopoFunction *y)
{
    int order = strcmp(x->host, y->host);
    unsigned common = MIN(x->depth, y->depth);

    if (order == 0) {
        order = memcmp(x->devfn, y->devfn, common);
    }
    return order ? order : x->depth - y->depth;
}

static gint way_compare(gconstpointer a, gconstpointer b)
{
    const AcpiTopoSet *x = *(const AcpiTopoSet **)a;
    const AcpiTopoSet *y = *(const AcpiTopoSet **)b;
    int order = function_compare(&x->fn, &y->fn);

    return order ? order : strcmp(x->id, y->id);
}

/* Sets whose function needs a node that the DSDT does not have. */
static GPtrArray *missing_sets(const AcpiTopoModel *model)
{
    GPtrArray *missing = g_ptr_array_new();
    unsigned i;

    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        if (set->device && set->present &&
            set->fn.described < set->fn.depth &&
            (set->dsd || acpi_topo_set_pxm(set) >= 0)) {
            g_ptr_array_add(missing, (gpointer)set);
        }
    }
    g_ptr_array_sort(missing, way_compare);
    return missing;
}

static void aml_missing_devices(GArray *aml, const AcpiTopoModel *model)
{
    GPtrArray *missing = missing_sets(model);
    unsigned i, run;

    for (i = 0; i < missing->len; i += run) {
        const AcpiTopoSet **sets = (const AcpiTopoSet **)missing->pdata + i;
        const AcpiTopoFunction *fn = &sets[0]->fn;
        GArray *body = aml_new();

        for (run = 1; i + run < missing->len; run++) {
            if (!same_step(fn, &sets[run]->fn, fn->described)) {
                break;
            }
        }
        aml_path(body, fn, fn->described);
        aml_devices(body, sets, run, fn->described);
        aml_byte(aml, AML_SCOPE);
        aml_close(aml, body);
    }
    g_ptr_array_free(missing, true);
}

/* One _PXM for each host bridge that is asked for and has none. */
static void aml_bridges(GArray *aml, const AcpiTopoModel *model)
{
    unsigned i, j;

    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);
        bool done = false;
        GArray *body;

        if (!set->bridge_pxm || !set->present || set->fn.host_pxm >= 0) {
            continue;
        }
        for (j = 0; j < i && !done; j++) {
            const AcpiTopoSet *other = acpi_topo_model_set(model, j);

            done = other->bridge_pxm && other->present &&
                   !strcmp(other->fn.host, set->fn.host);
        }
        if (done) {
            continue;
        }
        body = aml_new();
        aml_path(body, &set->fn, 0);
        aml_name(body, "_PXM");
        aml_integer(body, acpi_topo_set_pxm(set));
        aml_byte(aml, AML_SCOPE);
        aml_close(aml, body);
    }
}

void acpi_topo_aml_missing(GArray *aml, const AcpiTopoModel *model)
{
    aml_bridges(aml, model);
    aml_missing_devices(aml, model);
}
