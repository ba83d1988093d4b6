/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An endpoint as bytes: which rooms are saved, and in which order; that of the
 * logical device is a stream in the stream (core/persist.c).
 *
 * Everything is judged before anybody learns of it, and by what the logical
 * device has loaded; if something is wrong the endpoint is what it was before.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/endpoint-parts.h"
#include "hw/cxl/core/memdev.h"

#define ENDPOINT_KIND "cxl-endpoint"

/* An endpoint on its way, with what becomes of it only at the end */
typedef struct Transit {
    CxlEndpoint *ep;
    const uint8_t *ld;          /* stream of the logical device */
    size_t ld_len;
    uint32_t cdat_sequence;
    CxlBias *bias;              /* what has been loaded; or NULL */
} Transit;

#define ROOM(name, fn, member)                                          \
    static void save_##name(const void *device, SaveWriter *w)          \
    {                                                                   \
        fn##_save(&((const Transit *)device)->ep->member, w);           \
    }                                                                   \
    static void load_##name(void *device, SaveReader *r)                \
    {                                                                   \
        fn##_load(&((Transit *)device)->ep->member, r);                 \
    }

ROOM(hdm, cxl_hdm, component.hdm)
ROOM(ras, cxl_ras, component.ras)
ROOM(component, cxl_component, component)
ROOM(dvsec, cxl_dvsec, dvsec)
ROOM(doe_cdat, doe, doe[CXL_DOE_CDAT].doe)
ROOM(doe_compliance, doe, doe[CXL_DOE_COMPLIANCE].doe)

static void save_cdat(const void *device, SaveWriter *w)
{
    save_put(w, ((const Transit *)device)->ep->cdat.sequence);
}

static void load_cdat(void *device, SaveReader *r)
{
    SAVE_GET(r, ((Transit *)device)->cdat_sequence);
}

/* 0: no CXL reset is going on. */
static void save_reset(const void *device, SaveWriter *w)
{
    int64_t due = ((const Transit *)device)->ep->reset_due;

    save_put(w, due == INT64_MAX ? 0 : due);
}

static void load_reset(void *device, SaveReader *r)
{
    int64_t due = save_get_time(r, "end of a CXL reset");

    ((Transit *)device)->ep->reset_due = due ? due : INT64_MAX;
}

static bool has_bias(const void *device)
{
    return ((const Transit *)device)->ep->bias;
}

static void save_bias(const void *device, SaveWriter *w)
{
    cxl_bias_save(((const Transit *)device)->ep->bias, w);
}

static void load_bias(void *device, SaveReader *r)
{
    Transit *t = device;

    t->bias = cxl_bias_new(t->ep->config.memory);
    cxl_bias_load(t->bias, r);
}

static bool has_ld(const void *device)
{
    return ((const Transit *)device)->ep->ld;
}

static void save_ld(const void *device, SaveWriter *w)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_memdev_save(((const Transit *)device)->ep->ld, bytes);
    save_put_blob(w, bytes->data, bytes->len);
}

static void load_ld(void *device, SaveReader *r)
{
    Transit *t = device;

    t->ld = save_get_blob(r, "state of the logical device",
                          CXL_MEMDEV_SAVED_MAX, &t->ld_len);
}

#define ROW(section, room)                                              \
    .name = section, .version = 1, .save = save_##room, .load = load_##room

static const SaveRoom rooms[] = {
    { ROW("hdm", hdm) },
    { ROW("ras", ras) },
    { ROW("component", component) },
    { ROW("dvsec", dvsec) },
    { ROW("doe-cdat", doe_cdat) },
    { ROW("doe-compliance", doe_compliance) },
    { ROW("cdat", cdat) },
    { ROW("reset", reset) },
    { ROW("bias", bias), .has = has_bias },
    { ROW("logical-device", ld), .has = has_ld },
};

void cxl_endpoint_save(const CxlEndpoint *ep, GByteArray *out)
{
    const Transit t = { .ep = (CxlEndpoint *)ep };

    save_rooms(ENDPOINT_KIND, rooms, ARRAY_SIZE(rooms), &t, out);
}

/* By the memory that the logical device has loaded */
static const char *endpoint_fits(void *opaque)
{
    CxlEndpoint *ep = opaque;
    const char *wrong;

    cxl_endpoint_memory_changed(ep);
    wrong = cxl_component_check(&ep->component) ?: cxl_dvsec_check(&ep->dvsec);
    for (unsigned i = 0; i < CXL_DOES && !wrong; i++) {
        wrong = doe_check(&ep->doe[i].doe);
    }
    return wrong;
}

/* Now others may learn of it. */
static void tell(Transit *t)
{
    CxlEndpoint *ep = t->ep;

    ep->cdat.sequence = t->cdat_sequence;
    if (t->bias) {
        cxl_bias_assign(ep->bias, t->bias);
        cxl_endpoint_ask_as_enabled(ep);
    }
    for (unsigned i = 0; i < CXL_DOES; i++) {
        doe_loaded(&ep->doe[i].doe);
    }
    cxl_endpoint_rearm(ep);
    ep->endpoint_ops->decode_changed(ep->opaque);
}

static char *sentence(char *wrong)
{
    g_autofree char *why = wrong;

    return g_strdup_printf("saved state of a CXL device cannot be used: %s",
                           why);
}

/* The rooms have been loaded; the logical device follows. */
static bool judge(Transit *t, char **problem)
{
    CxlEndpoint *ep = t->ep;
    const char *wrong;

    if (ep->ld) {
        return cxl_memdev_load_part(ep->ld, t->ld, t->ld_len, endpoint_fits,
                                    ep, problem);
    }
    wrong = endpoint_fits(ep);
    *problem = wrong ? sentence(g_strdup(wrong)) : NULL;
    return !wrong;
}

/* What has been loaded is refused; the logical device is what it was. */
static void go_back(CxlEndpoint *ep, const CxlEndpoint *before)
{
    ep->component = before->component;
    ep->dvsec = before->dvsec;
    memcpy(ep->doe, before->doe, sizeof(ep->doe));
    ep->reset_due = before->reset_due;
    cxl_endpoint_memory_changed(ep);
    ep->cdat.sequence = before->cdat.sequence;
    cxl_endpoint_rearm(ep);
}

bool cxl_endpoint_load(CxlEndpoint *ep, const uint8_t *bytes, size_t len,
                       char **problem)
{
    g_autofree CxlEndpoint *before = g_memdup2(ep, sizeof(*ep));
    Transit t = { .ep = ep };
    bool good = save_load_rooms(ENDPOINT_KIND, rooms, ARRAY_SIZE(rooms), &t,
                                bytes, len, problem);

    if (!good) {
        *problem = sentence(*problem);
    } else if (judge(&t, problem)) {
        tell(&t);
        cxl_bias_unref(t.bias);
        return true;
    }
    go_back(ep, before);
    cxl_bias_unref(t.bias);
    return false;
}

static void adopt_first(CxlEndpoint *ep, const CxlEndpointFirst *first)
{
    cxl_hdm_adopt(&ep->component.hdm, first->hdm_locked >> 1, first->hdm,
                  first->dpa, first->error);
    cxl_ras_adopt(&ep->component.ras, first->ras, first->queue, first->queued);
    cxl_component_adopt_bi(&ep->component, first->bi);
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        if (ep->dvsec.cap[n].offset) {
            cxl_dvsec_adopt(&ep->dvsec, n,
                            first->config + ep->dvsec.cap[n].offset);
        }
    }
    doe_adopt(&ep->doe[CXL_DOE_CDAT].doe, &first->doe_cdat);
    doe_adopt(&ep->doe[CXL_DOE_COMPLIANCE].doe, &first->doe_compliance);
    ep->reset_due = first->reset_end < 0 ? INT64_MAX : first->reset_end;
}

bool cxl_endpoint_load_first(CxlEndpoint *ep, const CxlEndpointFirst *first,
                             const uint8_t *bytes, size_t len, char **problem)
{
    g_autofree CxlEndpoint *before = g_memdup2(ep, sizeof(*ep));
    Transit t = {
        .ep = ep, .ld = bytes, .ld_len = len,
        .cdat_sequence = first->cdat_sequence,
    };

    if (first->queued > CXL_RAS_QUEUE_MAX) {
        *problem = sentence(g_strdup("more records than the queue holds"));
        return false;
    }
    adopt_first(ep, first);
    if (judge(&t, problem)) {
        tell(&t);
        return true;
    }
    go_back(ep, before);
    return false;
}
