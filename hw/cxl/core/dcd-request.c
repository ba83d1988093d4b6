/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests in a person's words; see dcd-request.h.
 */
#include "qemu/osdep.h"
#include "hw/common/sha256.h"
#include "hw/cxl/core/dcd-request.h"
#include "hw/cxl/core/uuid.h"

CxlUuid cxl_dcd_request_tag(const char *text)
{
    CxlUuid tag = { };
    size_t len = text ? strlen(text) : 0;

    if (len <= sizeof(tag.b)) {
        memcpy(tag.b, text ? text : "", len);
    } else if (!cxl_uuid_parse(text, &tag)) {
        uint8_t digest[SHA256_BYTES];

        sha256_of(text, len, digest);
        memcpy(tag.b, digest, sizeof(tag.b));
    }
    return tag;
}

char *cxl_dcd_request_problem(const CxlDcPool *pool, const CxlDcRequest *req,
                              const char *name)
{
    unsigned hosts = pool->views->len;

    if (req->host >= hosts) {
        return g_strdup_printf("argument 'host-id': %u, but the hosts of device"
                               " '%s' are 0 to %u", req->host, name,
                               hosts - 1);
    }
    if (req->region >= pool->num_regions) {
        return g_strdup_printf("argument 'region': %u, but device '%s' has %u"
                               " dynamic capacity regions", req->region, name,
                               pool->num_regions);
    }
    return NULL;
}

char *cxl_dcd_request_add(const CxlDcPool *pool, CxlDcRequest *req,
                          GArray *ranges, uint64_t offset, uint64_t len)
{
    const CxlDcRegionConfig *region = &pool->regions[req->region].cfg;
    CxlBgRange range = { .start = region->base + offset, .len = len };

    if (!len) {
        return g_strdup("argument 'extents': extent with 0 length is not"
                        " allowed");
    }
    if (offset % region->block_size || len % region->block_size) {
        return g_strdup_printf("argument 'extents': offset 0x%" PRIx64
                               " or len 0x%" PRIx64 " is not aligned to the"
                               " block size 0x%" PRIx64 " of the region",
                               offset, len, region->block_size);
    }
    if (offset > region->len || len > region->len - offset) {
        return g_strdup_printf("argument 'extents': offset 0x%" PRIx64
                               " len 0x%" PRIx64 " is beyond the region end"
                               " 0x%" PRIx64, offset, len, region->len);
    }
    g_array_append_val(ranges, range);
    req->length += len;
    return NULL;
}
