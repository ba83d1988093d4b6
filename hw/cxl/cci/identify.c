/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identify Memory Device, 40xxh.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

static void put_capacities(const CxlMemdev *dev, CxlIdentifyOut *out)
{
    const CxlMedia *m = &dev->media;
    const uint64_t unit = CXL_MEMDEV_CAPACITY_UNIT;

    stq_le_p(&out->total, cxl_media_total(m) / unit);
    stq_le_p(&out->volatile_only, m->volatile_only / unit);
    stq_le_p(&out->persistent_only, m->persistent_only / unit);
    /* Zero tells the host that there is nothing to partition. */
    stq_le_p(&out->partition_align, m->partitionable ? m->align / unit : 0);
}

static CxlRc identify(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    CxlIdentifyOut *out = (CxlIdentifyOut *)call->out;

    memcpy(out->fw_revision, dev->fw.revision[dev->fw.active],
           sizeof(out->fw_revision));
    put_capacities(dev, out);
    for (unsigned i = 0; i < ARRAY_SIZE(out->event_log_size); i++) {
        stw_le_p(&out->event_log_size[i], dev->events.log[i].size);
    }
    stl_le_p(&out->lsa_size, dev->cfg.lsa_size);
    out->poison_list_max[0] = dev->poison.list_max;
    out->poison_list_max[1] = dev->poison.list_max >> 8;
    out->poison_list_max[2] = dev->poison.list_max >> 16;
    stw_le_p(&out->inject_limit, dev->poison.inject_limit);
    out->poison_caps = CXL_POISON_CAP_SCANS;
    out->qos_caps = CXL_QOS_CAP_EGRESS;
    if (dev->events.have_dc) {
        stw_le_p(&out->dc_log_size, dev->events.log[CXL_EVLOG_DC].size);
    }
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow identify_rows[] = {
    { .opcode = CXL_OP_IDENTIFY, .name = "Identify Memory Device",
      .out_max = sizeof(CxlIdentifyOut), .handler = identify,
      .section = "8.2.9.9.1.1" },
};

const CxlCmdSet cxl_set_identify = {
    "Identify memory device", identify_rows, ARRAY_SIZE(identify_rows),
};
