/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of changes: how they are done again; see fabric-log.h.  What they
 * say is judged as it was when somebody asked for it.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-attach.h"
#include "hw/cxl/core/fabric-log.h"
#include "hw/cxl/core/fabric-mapped.h"

/* Capacity, in one region each; NULL: refused */
static GArray *get_ranges(const CxlFabric *fabric, SaveReader *r)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    uint64_t n = save_get_count(r, "count of ranges", UINT32_MAX,
                                sizeof(CxlBgRange));

    for (uint64_t i = 0; i < n; i++) {
        CxlBgRange x = { .start = save_get(r) };

        x.len = save_get(r);
        if (!x.len ||
            cxl_dcd_region_of(&fabric->pool, x.start, x.len) < 0) {
            save_refuse_number(r, "a range", x.start);
            break;
        }
        g_array_append_val(ranges, x);
    }
    return ranges;
}

/* The same as a set, and a piece may be in several regions. */
static void get_set(const CxlFabric *fabric, SaveReader *r, ExtentSet *set)
{
    uint64_t n = save_get_count(r, "count of ranges", UINT32_MAX,
                                sizeof(CxlBgRange));

    extentset_init(set, true);
    for (uint64_t i = 0; i < n; i++) {
        Extent e = { .start = save_get(r) };

        e.len = save_get(r);
        if (!extentset_insert(set, e.start, e.len, 0) ||
            !cxl_fabric_is_capacity(fabric, &e)) {
            save_refuse_number(r, "a range", e.start);
            break;
        }
    }
}

static CxlFabricHost *get_host(CxlFabric *fabric, SaveReader *r)
{
    uint64_t head = save_get(r);

    if (head >= fabric->cfg.hosts) {
        save_refuse_number(r, "a head", head);
        head = 0;
    }
    return &fabric->host[head];
}

static void expect(SaveReader *r, CxlRc rc, const char *what)
{
    if (save_good(r) && rc != CXL_RC_SUCCESS) {
        save_refuse(r, what);
    }
}

/* What was given was free, so it had been wiped. */
static void add(CxlFabric *fabric, SaveReader *r)
{
    CxlDcRequest req = { .host = get_host(fabric, r)->view.host };
    g_autoptr(GArray) ranges = NULL;
    bool shared = save_get(r);
    const char *why;

    SAVE_GET(r, req.region);
    save_get_bytes(r, &req.tag, sizeof(req.tag));
    ranges = get_ranges(fabric, r);
    for (unsigned i = 0; save_good(r) && i < ranges->len; i++) {
        const CxlBgRange *x = &g_array_index(ranges, CxlBgRange, i);

        cxl_dcd_pool_wiped(&fabric->pool, x->start, x->len);
    }
    req.policy = shared ? CXL_DC_ADD_SHARED : CXL_DC_ADD_PRESCRIPTIVE;
    req.extents = (const CxlBgRange *)ranges->data;
    req.num_extents = ranges->len;
    if (save_good(r)) {
        expect(r, cxl_dcd_add(&fabric->pool, &req, &why), "an addition");
    }
}

static void take(CxlFabric *fabric, SaveReader *r)
{
    CxlDcRequest req = { .host = get_host(fabric, r)->view.host };
    g_autoptr(GArray) ranges = NULL;
    const char *why;

    SAVE_GET(r, req.policy);
    req.forced = save_get(r);
    req.sanitize = save_get(r);
    save_get_bytes(r, &req.tag, sizeof(req.tag));
    ranges = get_ranges(fabric, r);
    req.extents = (const CxlBgRange *)ranges->data;
    req.num_extents = ranges->len;
    if (save_good(r)) {
        expect(r, cxl_dcd_remove(&fabric->pool, &req, &why), "a removal");
    }
}

static void set_up(CxlFabric *fabric, SaveReader *r)
{
    uint64_t region = save_get(r), block_size = save_get(r);
    bool sanitize = save_get(r);

    if (region >= fabric->cfg.num_regions) {
        save_refuse_number(r, "a region", region);
    }
    if (save_good(r)) {
        const CxlDcRegionConfig *cfg = &fabric->cfg.regions[region];

        cxl_dcd_pool_wiped(&fabric->pool, cfg->base, cfg->len);
        expect(r, cxl_dcd_configure(&fabric->pool, region, block_size,
                                    sanitize), "a region's setup");
    }
}

static void reference(CxlFabric *fabric, SaveReader *r)
{
    CxlUuid tag;
    bool is;

    save_get_bytes(r, &tag, sizeof(tag));
    is = save_get(r);
    if (save_good(r)) {
        expect(r, is ? cxl_dcd_reference(&fabric->pool, &tag) :
               cxl_dcd_unreference(&fabric->pool, &tag), "a reference");
    }
}

static void list(CxlFabric *fabric, SaveReader *r, bool is_answer)
{
    CxlFabricHost *host = get_host(fabric, r);
    g_autoptr(GArray) ranges = get_ranges(fabric, r);
    const CxlBgRange *x = (const CxlBgRange *)ranges->data;

    if (!host->seat.known) {
        save_refuse(r, "a head that is nobody's");
    }
    if (save_good(r)) {
        fabric->acting = host->view.host;
        expect(r, is_answer ?
               cxl_dcd_respond(&host->view, x, ranges->len, false) :
               cxl_dcd_release(&host->view, x, ranges->len, false),
               is_answer ? "an answer" : "a release");
        fabric->acting = CXL_FABRIC_NOBODY;
    }
}

static void unmapped(CxlFabric *fabric, SaveReader *r)
{
    CxlFabricHost *host = get_host(fabric, r);
    ExtentSet gone;

    get_set(fabric, r, &gone);
    if (save_good(r)) {
        cxl_fabric_unmapped(fabric, host, &gone);
    }
    extentset_clear(&gone);
}

static void attach(CxlFabric *fabric, SaveReader *r)
{
    CxlFabricHost *host = get_host(fabric, r);
    uint8_t process[CXL_FABRIC_PROCESS];
    const char *why = NULL;
    ExtentSet holds;
    CxlUuid id;

    save_get_bytes(r, &id, sizeof(id));
    save_get_bytes(r, process, sizeof(process));
    get_set(fabric, r, &holds);
    if (save_good(r)) {
        why = cxl_fabric_take_head(fabric, host, &id, process, &holds);
    }
    if (why) {
        save_refuse(r, why);
    }
    extentset_clear(&holds);
}

static void do_again(CxlFabric *fabric, SaveReader *r)
{
    uint64_t type = save_get(r);

    switch (type) {
    case CXL_FABRIC_LOG_ADD:
        add(fabric, r);
        break;
    case CXL_FABRIC_LOG_TAKE:
        take(fabric, r);
        break;
    case CXL_FABRIC_LOG_SET_UP:
        set_up(fabric, r);
        break;
    case CXL_FABRIC_LOG_REFERENCE:
        reference(fabric, r);
        break;
    case CXL_FABRIC_LOG_ANSWER:
    case CXL_FABRIC_LOG_RELEASE:
        list(fabric, r, type == CXL_FABRIC_LOG_ANSWER);
        break;
    case CXL_FABRIC_LOG_UNMAPPED:
        unmapped(fabric, r);
        break;
    case CXL_FABRIC_LOG_ATTACH:
        attach(fabric, r);
        break;
    case CXL_FABRIC_LOG_DIED:
        cxl_fabric_died(fabric, get_host(fabric, r)->view.host);
        break;
    default:
        save_refuse_number(r, "type of a change", type);
    }
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        cxl_fabric_news(&fabric->host[i]);
    }
}

bool cxl_fabric_replay(CxlFabric *fabric, const uint8_t *bytes, size_t len,
                       char **problem)
{
    SaveReader r = { .at = bytes, .left = len, .section = "changes" };
    const char *bad;

    assert(!fabric->log);
    while (save_good(&r) && r.left) {
        do_again(fabric, &r);
    }
    bad = save_good(&r) ? cxl_fabric_check(fabric) : NULL;
    *problem = bad ? g_strdup_printf("the accounts do not add up: %s", bad) :
               r.problem;
    return !*problem;
}
