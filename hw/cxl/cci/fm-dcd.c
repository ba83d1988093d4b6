/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity management, the fabric manager's commands, 56xxh, on
 * core/dcd-fm.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/dcd-fm.h"
#include "hw/cxl/wire/fm.h"

QEMU_BUILD_BUG_ON(sizeof(CxlFmDcRegion) != CXL_DC_REGION_SIZE);

/* Bits of the powers of two that a block may have at all, 64 bytes to 2 PiB */
#define BLOCK_SIZES MAKE_64BIT_MASK(6, 46)

/* Powers of two that a block of the region may have. */
static uint64_t block_sizes(const CxlDcRegionConfig *r)
{
    uint64_t unit = r->base | r->len;
    uint64_t biggest = unit & -unit;

    return (biggest | (biggest - 1)) & BLOCK_SIZES;
}

/* Of a memory device, or of several heads with a device each. */
static CxlDcPool *pool_of(const CxlCall *call)
{
    return call->cci->owner_ops->dc_pool(call->owner);
}

static CxlRc info(CxlCall *call)
{
    const CxlDcPool *pool = pool_of(call);
    CxlFmDcInfo *out = (CxlFmDcInfo *)call->out;
    uint64_t total = 0;

    out->hosts = pool->views->len;
    out->regions = pool->num_regions;
    /* Shared access has no bit: it goes with a sharable region. */
    stw_le_p(&out->add_policies, BIT(CXL_DC_ADD_PRESCRIPTIVE + 1) - 1);
    stw_le_p(&out->remove_policies, BIT(CXL_DC_REMOVE_PRESCRIPTIVE + 1) - 1);
    for (unsigned i = 0; i < pool->num_regions; i++) {
        const CxlDcRegionConfig *r = &pool->regions[i].cfg;

        out->sanitize_configurable |= BIT(i);
        stq_le_p(&out->block_sizes[i], block_sizes(r));
        total += r->len;
    }
    stq_le_p(&out->capacity, total / CXL_MEMDEV_CAPACITY_UNIT);
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static void put_region(const CxlDcRegionConfig *r, void *to)
{
    CxlFmDcRegion *out = to;

    stq_le_p(&out->base, r->base);
    stq_le_p(&out->decode_len, r->decode_len / CXL_MEMDEV_CAPACITY_UNIT);
    stq_le_p(&out->len, r->len);
    stq_le_p(&out->block_size, r->block_size);
    out->flags = r->flags & ~CXL_DC_REGION_SANITIZE;
    out->sanitize = !!(r->flags & CXL_DC_REGION_SANITIZE);
}

static CxlRc get_config(CxlCall *call)
{
    const CxlDcPool *pool = pool_of(call);
    const CxlFmDcConfigIn *in = (const void *)call->in;
    const CxlDcView *view = cxl_dcd_view_of(pool, lduw_le_p(&in->host));
    CxlFmDcConfigOut *out = (CxlFmDcConfigOut *)call->out;
    uint32_t len;

    if (!view ||
        !cxl_dcd_put_config(view, in->start, in->count, put_region,
                            (uint8_t *)out->regions,
                            call->out_max - sizeof(*out), &out->returned,
                            &len)) {
        return CXL_RC_INVALID_INPUT;
    }
    out->host = in->host;
    out->total = pool->num_regions;
    call->out_len = sizeof(*out) + len;
    return CXL_RC_SUCCESS;
}

static CxlRc set_config(CxlCall *call)
{
    const CxlFmDcSetConfig *in = (const void *)call->in;

    if (in->sanitize & ~1) {
        return CXL_RC_INVALID_INPUT;
    }
    return cxl_dcd_configure(pool_of(call), in->region,
                             ldq_le_p(&in->block_size), in->sanitize);
}

static CxlRc get_extents(CxlCall *call)
{
    const CxlFmDcExtentsIn *in = (const void *)call->in;
    const CxlDcView *view = cxl_dcd_view_of(pool_of(call),
                                            lduw_le_p(&in->host));
    CxlFmDcExtentsOut *out = (CxlFmDcExtentsOut *)call->out;
    uint32_t start = ldl_le_p(&in->start), count = ldl_le_p(&in->count);
    uint32_t n, fit = (call->out_max - sizeof(*out)) / sizeof(CxlDcExtentWire);

    if (!view || start > view->accepted.count) {
        return CXL_RC_INVALID_INPUT;
    }
    n = cxl_dcd_put_extents(view, start, MIN(count, fit), out->extents);
    out->host = in->host;
    stl_le_p(&out->start, start);
    stl_le_p(&out->returned, n);
    stl_le_p(&out->total, view->accepted.count);
    stl_le_p(&out->generation, view->generation);
    call->out_len = sizeof(*out) + n * sizeof(CxlDcExtentWire);
    return CXL_RC_SUCCESS;
}

/* Only a policy that lists extents has a count of them, and a list. */
#define CHANGE_MIN offsetof(CxlFmDcChange, count)

/* The request of 5604h or 5605h; *@ranges is the caller's to free. */
static CxlRc parse_change(const CxlCall *call, CxlDcRequest *req,
                          CxlBgRange **ranges)
{
    const CxlFmDcChange *in = (const void *)call->in;
    bool lists = call->in_len >= sizeof(*in);
    uint32_t count = lists ? ldl_le_p(&in->count) : 0;
    uint32_t head = lists ? sizeof(*in) : CHANGE_MIN;

    if (call->in_len - head != (uint64_t)count * sizeof(CxlDcExtentWire)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    *ranges = g_try_new(CxlBgRange, count);
    if (count && !*ranges) {
        return CXL_RC_RESOURCES;
    }
    for (uint32_t i = 0; i < count; i++) {
        (*ranges)[i].start = ldq_le_p(&in->extents[i].dpa);
        (*ranges)[i].len = ldq_le_p(&in->extents[i].len);
    }
    *req = (CxlDcRequest) {
        .host = lduw_le_p(&in->host),
        .policy = in->selector & CXL_FM_DC_POLICY_MASK,
        .region = in->region, .tag = in->tag,
        .length = ldq_le_p(&in->length),
        .extents = *ranges, .num_extents = count,
    };
    return CXL_RC_SUCCESS;
}

/*
 * Extents come with their tag, and their addresses tell the region.  Older
 * managers give the tag in the request only, where it is reserved.
 */
static CxlRc take_from_extents(const CxlDcPool *pool, const CxlFmDcChange *in,
                               CxlDcRequest *req)
{
    static const CxlUuid none;
    int region = cxl_dcd_region_of(pool, req->extents[0].start, 1);

    for (uint32_t i = 1; i < req->num_extents; i++) {
        if (!cxl_uuid_equal(&in->extents[i].tag, &in->extents[0].tag)) {
            return CXL_RC_EXTENT_LIST;
        }
    }
    req->region = MAX(region, 0);
    if (!cxl_uuid_equal(&in->extents[0].tag, &none)) {
        req->tag = in->extents[0].tag;
    }
    return CXL_RC_SUCCESS;
}

static CxlRc add(CxlCall *call)
{
    g_autofree CxlBgRange *ranges = NULL;
    CxlDcRequest req;
    const char *why;
    CxlRc rc = parse_change(call, &req, &ranges);

    if (rc == CXL_RC_SUCCESS && req.policy == CXL_DC_ADD_PRESCRIPTIVE &&
        req.num_extents) {
        rc = take_from_extents(pool_of(call), (const void *)call->in, &req);
    }
    return rc == CXL_RC_SUCCESS ? cxl_dcd_add(pool_of(call), &req, &why) : rc;
}

static CxlRc release(CxlCall *call)
{
    const CxlFmDcChange *in = (const void *)call->in;
    g_autofree CxlBgRange *ranges = NULL;
    CxlDcRequest req;
    const char *why;
    CxlRc rc = parse_change(call, &req, &ranges);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    req.forced = in->selector & CXL_FM_DC_FORCED;
    req.sanitize = in->selector & CXL_FM_DC_SANITIZE;
    return cxl_dcd_remove(pool_of(call), &req, &why);
}

static CxlRc add_reference(CxlCall *call)
{
    return cxl_dcd_reference(pool_of(call), (const CxlUuid *)call->in);
}

static CxlRc remove_reference(CxlCall *call)
{
    return cxl_dcd_unreference(pool_of(call), (const CxlUuid *)call->in);
}

static void put_tag(const CxlDcPool *pool, uint32_t index, CxlFmDcTag *out)
{
    const CxlDcTag *tag = cxl_dcd_tag(pool, index);

    out->tag = tag->uuid;
    out->flags = tag->fm_ref;
    for (unsigned i = 0; i < pool->views->len; i++) {
        CxlDcTagUse use = cxl_dcd_tag_use(g_ptr_array_index(pool->views, i),
                                          index);

        out->hosts[i / 8] |= (use.accepted != 0) << i % 8;
        out->pending[i / 8] |= (use.offered != 0) << i % 8;
    }
}

static CxlRc list_tags(CxlCall *call)
{
    const CxlDcPool *pool = pool_of(call);
    const CxlFmDcTagsIn *in = (const void *)call->in;
    CxlFmDcTagsOut *out = (CxlFmDcTagsOut *)call->out;
    uint32_t start = ldl_le_p(&in->start), count = ldl_le_p(&in->count);
    uint32_t fit = (call->out_max - sizeof(*out)) / sizeof(CxlFmDcTag);
    uint32_t n = 0, used = cxl_dcd_tags_used(pool);
    ExtentCursor c = extentset_from(&pool->known, start);
    Extent index;

    if (start > used) {
        return CXL_RC_INVALID_INPUT;
    }
    while (n < MIN(count, fit) && extentset_walk(&pool->known, &c, &index)) {
        put_tag(pool, index.start, &out->tags[n++]);
    }
    stl_le_p(&out->generation, pool->touched);
    stl_le_p(&out->total, used);
    stl_le_p(&out->returned, n);
    out->validity = CXL_FM_DC_HOSTS_VALID | CXL_FM_DC_PENDING_VALID;
    call->out_len = sizeof(*out) + n * sizeof(CxlFmDcTag);
    return CXL_RC_SUCCESS;
}

#define RECONFIGURES (CXL_FX_CONFIG | CXL_FX_CONFIG_COLD |     \
                      CXL_FX_CONFIG_CONV | CXL_FX_CONFIG_CXL | \
                      CXL_FX_RESETS_VALID)

static const CxlCmdRow fm_dcd_rows[] = {
    { .opcode = CXL_OP_FM_DC_INFO, .name = "Get DCD Info",
      .out_max = sizeof(CxlFmDcInfo), .handler = info, .needs = CXL_NEED_DC,
      .section = "7.6.7.6.1" },
    { .opcode = CXL_OP_FM_DC_CONFIG, .name = "Get Host DC Region Configuration",
      .in_min = sizeof(CxlFmDcConfigIn), .in_max = sizeof(CxlFmDcConfigIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get_config,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.2" },
    { .opcode = CXL_OP_FM_DC_SET_CONFIG, .name = "Set DC Region Configuration",
      .in_min = sizeof(CxlFmDcSetConfig), .in_max = sizeof(CxlFmDcSetConfig),
      .handler = set_config, .effects = RECONFIGURES | CXL_FX_DATA,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.3" },
    { .opcode = CXL_OP_FM_DC_EXTENTS, .name = "Get DC Region Extent Lists",
      .in_min = sizeof(CxlFmDcExtentsIn), .in_max = sizeof(CxlFmDcExtentsIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get_extents,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.4" },
    { .opcode = CXL_OP_FM_DC_ADD, .name = "Initiate Dynamic Capacity Add",
      .in_min = CHANGE_MIN, .in_max = CXL_LEN_PAYLOAD,
      .handler = add, .effects = RECONFIGURES | CXL_FX_DATA,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.5" },
    { .opcode = CXL_OP_FM_DC_RELEASE,
      .name = "Initiate Dynamic Capacity Release",
      .in_min = CHANGE_MIN, .in_max = CXL_LEN_PAYLOAD,
      .handler = release, .effects = RECONFIGURES | CXL_FX_DATA,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.6" },
    { .opcode = CXL_OP_FM_DC_ADD_REFERENCE,
      .name = "Dynamic Capacity Add Reference",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid),
      .handler = add_reference, .effects = RECONFIGURES,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.7" },
    { .opcode = CXL_OP_FM_DC_REMOVE_REFERENCE,
      .name = "Dynamic Capacity Remove Reference",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid),
      .handler = remove_reference, .effects = RECONFIGURES,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.8" },
    { .opcode = CXL_OP_FM_DC_TAGS, .name = "Dynamic Capacity List Tags",
      .in_min = sizeof(CxlFmDcTagsIn), .in_max = sizeof(CxlFmDcTagsIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = list_tags,
      .needs = CXL_NEED_DC, .section = "7.6.7.6.9" },
};

const CxlCmdSet cxl_set_fm_dcd = {
    "Dynamic capacity management", fm_dcd_rows, ARRAY_SIZE(fm_dcd_rows),
};
