/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor commands that add and release dynamic capacity, in the part of
 * the fabric manager.
 *
 * Other injections are in inject.c; who has which capacity, and what is
 * refused, is core/dcd-fm.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "qemu/uuid.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/monitor/monitor.h"

static CxlMemdevPci *find_dynamic(const char *path, uint16_t host_id,
                                  uint8_t region, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);
    unsigned hosts;

    if (!s) {
        return NULL;
    }
    hosts = s->core->dc_view.pool->views->len;
    if (host_id >= hosts) {
        error_setg(errp, "argument 'host-id': %u, but the hosts of device '%s'"
                   " are 0 to %u", host_id, path, hosts - 1);
        return NULL;
    }
    if (region >= s->props.core.num_dc_regions) {
        error_setg(errp, "argument 'region': %u, but device '%s' has %u"
                   " dynamic capacity regions", region, path,
                   s->props.core.num_dc_regions);
        return NULL;
    }
    return s;
}

/*
 * A UUID, a name short enough to be used as it is, or a longer name, which
 * stands for the beginning of its SHA-256: the stock device takes any.
 */
static CxlUuid parse_tag(const char *text)
{
    CxlUuid tag = { };
    QemuUUID uuid;
    size_t len = text ? strlen(text) : 0;

    if (len <= sizeof(tag.b)) {
        memcpy(tag.b, text ? text : "", len);
    } else if (!qemu_uuid_parse(text, &uuid)) {
        memcpy(tag.b, uuid.data, sizeof(tag.b));
    } else {
        g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
        uint8_t digest[32];
        gsize size = sizeof(digest);

        g_checksum_update(sum, (const guchar *)text, len);
        g_checksum_get_digest(sum, digest, &size);
        memcpy(tag.b, digest, sizeof(tag.b));
    }
    return tag;
}

static bool check_extent(const CxlDcRegionConfig *region,
                         const CxlDynamicCapacityExtent *e, Error **errp)
{
    if (!e->len) {
        error_setg(errp, "argument 'extents': extent with 0 length is not"
                   " allowed");
        return false;
    }
    if (e->offset % region->block_size || e->len % region->block_size) {
        error_setg(errp, "argument 'extents': offset 0x%" PRIx64 " or len 0x%"
                   PRIx64 " is not aligned to the block size 0x%" PRIx64
                   " of the region", e->offset, e->len, region->block_size);
        return false;
    }
    if (e->offset > region->len || e->len > region->len - e->offset) {
        error_setg(errp, "argument 'extents': offset 0x%" PRIx64 " len 0x%"
                   PRIx64 " is beyond the region end 0x%" PRIx64, e->offset,
                   e->len, region->len);
        return false;
    }
    return true;
}

/* Offsets count from the start of the region; the core wants addresses. */
static GArray *collect(CxlMemdevPci *s, uint8_t region,
                       const CxlDynamicCapacityExtentList *list,
                       uint64_t *total, Error **errp)
{
    const CxlDcRegionConfig *cfg = &s->core->dc_pool.regions[region].cfg;
    g_autoptr(GArray) ranges = g_array_new(false, false, sizeof(CxlBgRange));

    *total = 0;
    for (; list; list = list->next) {
        CxlBgRange range = {
            .start = cfg->base + list->value->offset,
            .len = list->value->len,
        };

        if (!check_extent(cfg, list->value, errp)) {
            return NULL;
        }
        g_array_append_val(ranges, range);
        *total += range.len;
    }
    return g_steal_pointer(&ranges);
}

typedef CxlRc DcChange(CxlDcPool *pool, const CxlDcRequest *req,
                       const char **why);

static void change(CxlMemdevPci *s, DcChange *fn, CxlDcRequest *req,
                   const char *tag,
                   const CxlDynamicCapacityExtentList *extents, Error **errp)
{
    g_autoptr(GArray) ranges = collect(s, req->region, extents, &req->length,
                                       errp);
    const char *why = "refused";

    if (!ranges) {
        return;
    }
    req->tag = parse_tag(tag);
    req->extents = (const CxlBgRange *)ranges->data;
    req->num_extents = ranges->len;
    if (fn(s->core->dc_view.pool, req, &why) != CXL_RC_SUCCESS) {
        error_setg(errp, "device '%s': %s", DEVICE(s)->canonical_path, why);
    }
}

void qmp_cxl_add_dynamic_capacity(const char *path, uint16_t host_id,
                                  CxlExtentSelectionPolicy policy,
                                  uint8_t region, const char *tag,
                                  CxlDynamicCapacityExtentList *extents,
                                  Error **errp)
{
    static const uint8_t core_policy[CXL_EXTENT_SELECTION_POLICY__MAX] = {
        [CXL_EXTENT_SELECTION_POLICY_FREE] = CXL_DC_ADD_FREE,
        [CXL_EXTENT_SELECTION_POLICY_CONTIGUOUS] = CXL_DC_ADD_CONTIGUOUS,
        [CXL_EXTENT_SELECTION_POLICY_PRESCRIPTIVE] = CXL_DC_ADD_PRESCRIPTIVE,
        [CXL_EXTENT_SELECTION_POLICY_ENABLE_SHARED_ACCESS] =
            CXL_DC_ADD_SHARED,
    };
    CxlMemdevPci *s = find_dynamic(path, host_id, region, errp);
    CxlDcRequest req = {
        .host = host_id,
        .policy = core_policy[policy],
        .region = region,
    };

    /* A list that names nothing asks for nothing, as with the stock device. */
    if (s && (extents || policy != CXL_EXTENT_SELECTION_POLICY_PRESCRIPTIVE)) {
        change(s, cxl_dcd_add, &req, tag, extents, errp);
    }
}

void qmp_cxl_release_dynamic_capacity(const char *path, uint16_t host_id,
                                      CxlExtentRemovalPolicy policy,
                                      bool has_forced_removal,
                                      bool forced_removal,
                                      bool has_sanitize_on_release,
                                      bool sanitize_on_release,
                                      uint8_t region, const char *tag,
                                      CxlDynamicCapacityExtentList *extents,
                                      Error **errp)
{
    static const uint8_t core_policy[CXL_EXTENT_REMOVAL_POLICY__MAX] = {
        [CXL_EXTENT_REMOVAL_POLICY_TAG_BASED] = CXL_DC_REMOVE_TAG,
        [CXL_EXTENT_REMOVAL_POLICY_PRESCRIPTIVE] =
            CXL_DC_REMOVE_PRESCRIPTIVE,
    };
    CxlMemdevPci *s = find_dynamic(path, host_id, region, errp);
    CxlDcRequest req = {
        .host = host_id,
        .policy = core_policy[policy],
        .region = region,
        .forced = forced_removal,
        .sanitize = sanitize_on_release,
    };

    if (s && (extents || policy != CXL_EXTENT_REMOVAL_POLICY_PRESCRIPTIVE)) {
        change(s, cxl_dcd_remove, &req, tag, extents, errp);
    }
}
