/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP: what the core tells about itself in QAPI's words.  Nothing is changed
 * or computed here.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/rcu.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/module.h"
#include "hw/memfab/describe.h"
#include "hw/pci/pci.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/ops/profiles.h"

/* A list that is meant to be read. */
#define SDXI_CONTEXTS_SHOWN 1024

static SdxiContextState sdxi_context_state(uint8_t state)
{
    static const uint8_t states[16] = {
        [0x0] = SDXI_CONTEXT_STATE_STOPPED_BY_SOFTWARE,
        [0x1] = SDXI_CONTEXT_STATE_RUNNING,
        [0x2] = SDXI_CONTEXT_STATE_STOPPING_BY_SOFTWARE,
        [0x4] = SDXI_CONTEXT_STATE_STOPPED_BY_FUNCTION,
        [0x6] = SDXI_CONTEXT_STATE_STOPPING_BY_FUNCTION,
        [0xf] = SDXI_CONTEXT_STATE_ERROR,
    };

    return states[state & 15];
}

/* Only from RAM: what a person asks for must not have effects. */
static bool sdxi_peek(SdxiPci *s, uint64_t addr, uint64_t *value)
{
    MemoryRegionCache cache;
    uint64_t le;
    bool found;

    RCU_READ_LOCK_GUARD();
    address_space_cache_init(&cache, pci_get_address_space(PCI_DEVICE(s)),
                             addr, sizeof(le), false);
    found = cache.ptr && cache.len == sizeof(le);
    if (found) {
        memcpy(&le, cache.ptr, sizeof(le));
        *value = le64_to_cpu(le);
    }
    address_space_cache_destroy(&cache);
    return found;
}

typedef struct SdxiContextLister {
    SdxiPci *s;
    SdxiContextStatusList **tail;
    unsigned left;
} SdxiContextLister;

static void sdxi_list_context(void *opaque, const SdxiContextInfo *info)
{
    SdxiContextLister *lister = opaque;
    SdxiContextStatus *c;

    if (!lister->left) {
        return;
    }
    lister->left--;
    c = g_new0(SdxiContextStatus, 1);
    c->number = info->number;
    c->state = sdxi_context_state(info->state);
    c->qos = info->qos;
    c->ready = info->ready;
    c->in_flight = info->in_flight;
    c->ring_entries = info->ring_entries;
    c->read_index = info->read_index;
    c->has_write_index = !info->pasid_valid &&
        sdxi_peek(lister->s, info->write_index_at, &c->write_index);
    c->descriptors = info->descriptors;
    c->bytes = info->bytes;
    QAPI_LIST_APPEND(lister->tail, c);
}

static void sdxi_list_error(void *opaque, const SdxiErrorInfo *info)
{
    SdxiErrorList ***tail = opaque;
    SdxiError *e = g_new0(SdxiError, 1);

    /* The enumerations have the order of the specification's numbers. */
    e->step = info->step - 1;
    e->kind = info->sub;
    e->stopped = info->reaction;
    e->has_context = info->has_context;
    e->context = info->context;
    e->has_index = info->has_index;
    e->index = info->index;
    e->has_operand = info->has_buffer;
    e->operand = info->buffer;
    e->logged = info->logged;
    QAPI_LIST_APPEND(*tail, e);
}

static void sdxi_relation(SdxiPci *s, SdxiStatus *f)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (pci_is_vf(pci)) {
        f->physical = object_get_canonical_path(
            OBJECT(pcie_sriov_get_pf(pci)));
        f->has_vf = true;
        f->vf = pcie_sriov_vf_number(pci);
    }
}

static SdxiStatistics *sdxi_statistics(SdxiPci *f, const SdxiCounters *n)
{
    SdxiStatistics *s = g_new0(SdxiStatistics, 1);

    s->doorbells = n->doorbells;
    s->descriptors = n->descriptors;
    s->failed = n->failed;
    s->bytes = n->bytes;
    s->remote_bytes = n->remote_bytes;
    s->peer_bytes = n->peer_bytes;
    s->translations = n->translations;
    s->uio_bytes = qatomic_read(&f->uio_bytes);
    s->uio_refused = qatomic_read(&f->uio_refused);
    s->interrupts = n->interrupts;
    s->errors_logged = n->logged;
    s->errors_lost = n->lost;
    return s;
}

static void sdxi_list_function(SdxiPci *s, void *opaque)
{
    SdxiStatusList ***tail = opaque;
    SdxiStatus *f = g_new0(SdxiStatus, 1);
    SdxiContextLister lister = {
        .s = s, .tail = &f->contexts, .left = SDXI_CONTEXTS_SHOWN,
    };
    SdxiErrorList **errors = &f->errors, **stops = &f->stops;
    SdxiInfo info = { };

    if (sdxi_owner_look(&s->worker)) {
        sdxi_device_query(s->core, &info);
        sdxi_device_each_context(s->core, sdxi_list_context, &lister);
        sdxi_device_each_error(s->core, sdxi_list_error, &errors);
        sdxi_device_each_stop(s->core, sdxi_list_error, &stops);
        sdxi_owner_looked(&s->worker);
    }
    f->qom_path = object_get_canonical_path(OBJECT(s));
    f->sfunc = s->sfunc;
    f->group = g_strdup(s->prop.group);
    f->state = MIN(info.gsv, SDXI_FUNCTION_STATE_ERROR);
    f->running = info.running;
    f->ready = info.ready;
    sdxi_relation(s, f);
    f->statistics = sdxi_statistics(s, &info.counters);
    QAPI_LIST_APPEND(*tail, f);
}

SdxiStatusList *qmp_query_sdxi(Error **errp)
{
    SdxiStatusList *list = NULL, **tail = &list;

    sdxi_functions_each(sdxi_list_function, &tail);
    return list;
}

static MemfabInterface *sdxi_operations(const SdxiOpGroup *group)
{
    MemfabInterface *out = g_new0(MemfabInterface, 1);
    MemfabCommandList **tail = &out->commands;

    out->name = g_strdup(group->name);
    for (unsigned i = 0; i < group->num_rows; i++) {
        MemfabCommand *c = g_new0(MemfabCommand, 1);

        c->opcode = group->type << 8 | group->rows[i].subtype;
        c->name = g_strdup(group->rows[i].name);
        c->section = g_strdup(group->rows[i].section);
        QAPI_LIST_APPEND(tail, c);
    }
    return out;
}

static MemfabDevice *sdxi_describe(Object *obj)
{
    const SdxiProfile *profile = &sdxi_profile_standard;
    MemfabInterfaceList **tail;
    MemfabDevice *dev;

    if (!object_dynamic_cast(obj, TYPE_SDXI_PCI) || !DEVICE(obj)->realized) {
        return NULL;
    }
    dev = g_new0(MemfabDevice, 1);
    tail = &dev->interfaces;
    for (unsigned i = 0; i < profile->num_groups; i++) {
        const SdxiOpGroup *group = profile->groups[i];

        if (sdxi_profile_offers(group, &SDXI_PCI(obj)->prop.core)) {
            QAPI_LIST_APPEND(tail, sdxi_operations(group));
        }
    }
    return dev;
}

static void sdxi_register_describer(void)
{
    memfab_describe_register(sdxi_describe);
}

type_init(sdxi_register_describer)
