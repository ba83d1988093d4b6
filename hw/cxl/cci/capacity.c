/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capacity configuration and label storage, 41xxh.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"

static CxlRc get_partition(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    const CxlMedia *m = &dev->media;
    const uint64_t unit = CXL_MEMDEV_CAPACITY_UNIT;
    CxlPartitionOut *out = (CxlPartitionOut *)call->out;

    stq_le_p(&out->active_volatile, cxl_media_volatile(m) / unit);
    stq_le_p(&out->active_persistent, cxl_media_persistent(m) / unit);
    if (m->next_valid) {
        uint64_t next = m->volatile_only + m->next;

        stq_le_p(&out->next_volatile, next / unit);
        stq_le_p(&out->next_persistent, (cxl_media_total(m) - next) / unit);
    }
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static CxlRc set_partition(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlPartitionIn *in = (const void *)call->in;
    uint64_t units = ldq_le_p(&in->volatile_capacity);
    CxlMedia next = dev->media;
    CxlRc rc;

    if (in->flags & ~CXL_PARTITION_IMMEDIATE ||
        units > cxl_media_total(&dev->media) / CXL_MEMDEV_CAPACITY_UNIT) {
        return CXL_RC_INVALID_INPUT;
    }
    rc = cxl_media_set_next(&next, units * CXL_MEMDEV_CAPACITY_UNIT);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (in->flags & CXL_PARTITION_IMMEDIATE) {
        if (cxl_decode_mapped(dev->decode, 0,
                              cxl_media_total(&dev->media))) {
            return CXL_RC_INVALID_INPUT;
        }
        dev->media = next;
        if (next.next_valid && !cxl_mediaops_move_boundary(dev)) {
            return CXL_RC_INTERNAL;
        }
        return CXL_RC_SUCCESS;
    }
    dev->media = next;
    return CXL_RC_SUCCESS;
}

static bool in_labels(const CxlMemdev *dev, uint64_t offset, uint64_t length)
{
    return offset <= dev->cfg.lsa_size && length <= dev->cfg.lsa_size - offset;
}

static CxlRc get_lsa(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint32_t offset = ldl_le_p(call->in);
    uint32_t length = ldl_le_p(call->in + 4);

    if (!in_labels(dev, offset, length) || length > call->out_max) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!dev->store->lsa_read(dev->store_opaque, offset, call->out, length)) {
        return CXL_RC_INTERNAL;
    }
    call->out_len = length;
    return CXL_RC_SUCCESS;
}

#define SET_LSA_HEADER 8

static CxlRc set_lsa(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint32_t offset = ldl_le_p(call->in);
    uint32_t length = call->in_len - SET_LSA_HEADER;

    if (!in_labels(dev, offset, length)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!dev->store->lsa_write(dev->store_opaque, offset,
                               call->in + SET_LSA_HEADER, length)) {
        return CXL_RC_INTERNAL;
    }
    return CXL_RC_SUCCESS;
}

/* Linux sends one byte more than the table of the specification has. */
#define PARTITION_IN_LINUX (sizeof(CxlPartitionIn) + 1)

static const CxlCmdRow capacity_rows[] = {
    { .opcode = CXL_OP_PARTITION_GET, .name = "Get Partition Info",
      .out_max = sizeof(CxlPartitionOut), .handler = get_partition,
      .gates = CXL_GATE_MEDIA, .section = "8.2.9.9.2.1" },
    { .opcode = CXL_OP_PARTITION_SET, .name = "Set Partition Info",
      .in_min = sizeof(CxlPartitionIn), .in_max = PARTITION_IN_LINUX,
      .handler = set_partition,
      .effects = CXL_FX_CONFIG_COLD | CXL_FX_CONFIG | CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .needs = CXL_NEED_PARTITION,
      .section = "8.2.9.9.2.2" },
    { .opcode = CXL_OP_LSA_GET, .name = "Get LSA", .in_min = 8, .in_max = 8,
      .out_max = CXL_LEN_PAYLOAD, .handler = get_lsa,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .needs = CXL_NEED_LSA,
      .section = "8.2.9.9.2.3" },
    { .opcode = CXL_OP_LSA_SET, .name = "Set LSA", .in_min = SET_LSA_HEADER,
      .in_max = CXL_LEN_PAYLOAD, .handler = set_lsa,
      .effects = CXL_FX_CONFIG | CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .needs = CXL_NEED_LSA,
      .section = "8.2.9.9.2.4" },
};

const CxlCmdSet cxl_set_capacity = {
    "Capacity configuration and label storage", capacity_rows,
    ARRAY_SIZE(capacity_rows),
};

const CxlCmdSet cxl_set_partition_info = {
    "Capacity configuration (read only)", capacity_rows, 1,
};
