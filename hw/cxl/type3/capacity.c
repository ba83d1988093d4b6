/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a memory device says about its ranges, kept in one place because
 * the decoders, the DVSEC ranges and the CDAT have to say the same.
 *
 * Not here: who may access a range (core/device.h) and where its bytes
 * are (backend.c).
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/type3/memdev.h"

static CdatRange cdat_range(const CxlMemdevPci *s, CxlBackendKind kind,
                            uint8_t handle, uint64_t base, uint64_t size)
{
    static const struct {
        uint8_t flags, efi_type;
    } look[] = {
        [CXL_BACKEND_VOLATILE] = { 0, CDAT_EFI_SPECIFIC_PURPOSE },
        [CXL_BACKEND_PERSISTENT] = {
            CDAT_DSMAS_NONVOLATILE, CDAT_EFI_RESERVED
        },
        [CXL_BACKEND_DYNAMIC] = {
            CDAT_DSMAS_DYNAMIC, CDAT_EFI_SPECIFIC_PURPOSE
        },
    };
    const CxlMemdevPerf *perf = &s->props.perf[kind];

    return (CdatRange) {
        .base = base,
        .size = size,
        .handle = handle,
        .flags = look[kind].flags,
        .efi_type = look[kind].efi_type,
        .read_latency_ps = perf->read_latency * 1000ull,
        .write_latency_ps = perf->write_latency * 1000ull,
        .read_mbps = perf->read_bandwidth,
        .write_mbps = perf->write_bandwidth,
    };
}

void cxl_memdev_capacity_update(CxlMemdevPci *s)
{
    uint64_t sizes[CXL_CONFIG_RANGES] = { };
    CxlHdmArea area[CXL_HDM_AREAS_MAX] = { };
    CdatRange range[CXL_HDM_AREAS_MAX];
    uint64_t dvsec[2];
    unsigned i, n = 2;

    sizes[0] = cxl_media_volatile(&s->core->media);
    sizes[1] = cxl_media_persistent(&s->core->media);
    area[0] = (CxlHdmArea) { 0, sizes[0] };
    area[1] = (CxlHdmArea) { sizes[0], sizes[1] };
    range[0] = cdat_range(s, CXL_BACKEND_VOLATILE, 0, 0, sizes[0]);
    range[1] = cdat_range(s, CXL_BACKEND_PERSISTENT, 1, sizes[0], sizes[1]);
    for (i = 0; i < s->core->cfg.num_dc_regions; i++, n++) {
        const CxlDcRegionConfig *r = &s->core->cfg.dc_regions[i];

        area[n] = (CxlHdmArea) { r->base, r->len };
        range[n] = cdat_range(s, CXL_BACKEND_DYNAMIC, r->dsmad_handle,
                              r->base, r->len);
        range[n].flags |= r->flags & CXL_DC_REGION_DSMAS;
    }
    cxl_hdm_set_areas(&s->component.hdm, area, n);
    cdat_build(&s->cdat, range, n);

    /* The first range that exists comes first, CXL r3.1 8.1.3.8 */
    dvsec[0] = sizes[0] ? sizes[0] : sizes[1];
    dvsec[1] = sizes[0] ? sizes[1] : 0;
    cxl_config_set_ranges(&s->config, PCI_DEVICE(s), dvsec);
}

bool cxl_memdev_cdat_load(CxlMemdevPci *s, Error **errp)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) gerr = NULL;
    const char *why;
    size_t len, where;

    if (!s->props.cdat) {
        return true;
    }
    if (!g_file_get_contents(s->props.cdat, &bytes, &len, &gerr)) {
        error_setg(errp, "property 'cdat': %s", gerr->message);
        return false;
    }
    if (!cdat_load(&s->cdat, (const uint8_t *)bytes, len, &why,
                   &where)) {
        error_setg(errp, "property 'cdat': file '%s' at byte %zu: %s",
                   s->props.cdat, where, why);
        return false;
    }
    return true;
}
