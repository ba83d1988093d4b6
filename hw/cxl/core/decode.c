/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of an endpoint as areas, ranges and table; see decode.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/decode.h"
#include "hw/cxl/core/interleave.h"

static CdatRange cdat_range(const CxlDecode *d, const CxlMemoryRange *r)
{
    static const struct {
        uint8_t flags, efi_type;
    } look[CXL_MEMORY_KINDS] = {
        [CXL_MEMORY_VOLATILE] = { 0, CDAT_EFI_SPECIFIC_PURPOSE },
        [CXL_MEMORY_PERSISTENT] = {
            CDAT_DSMAS_NONVOLATILE, CDAT_EFI_RESERVED
        },
        [CXL_MEMORY_DYNAMIC] = {
            CDAT_DSMAS_DYNAMIC, CDAT_EFI_SPECIFIC_PURPOSE
        },
    };
    const CxlMemoryPerf *perf = &d->perf[r->kind];

    return (CdatRange) {
        .base = r->base,
        .size = r->size,
        .handle = r->handle,
        .flags = look[r->kind].flags | r->dsmas,
        .efi_type = look[r->kind].efi_type,
        .read_latency_ps = perf->read_latency * 1000ull,
        .write_latency_ps = perf->write_latency * 1000ull,
        .read_mbps = perf->read_bandwidth,
        .write_mbps = perf->write_bandwidth,
    };
}

void cxl_decode_set_memory(CxlDecode *d, const CxlMemoryRange *ranges,
                           unsigned count)
{
    uint64_t dvsec[CXL_DVSEC_RANGES] = { };
    CxlHdmArea area[CXL_HDM_AREAS_MAX] = { };
    CdatRange table[CXL_HDM_AREAS_MAX];
    unsigned n = 0;

    assert(count <= CXL_HDM_AREAS_MAX);
    for (unsigned i = 0; i < count; i++) {
        area[i] = (CxlHdmArea) { ranges[i].base, ranges[i].size };
        table[i] = cdat_range(d, &ranges[i]);
        /* The first range that exists comes first, CXL r3.1 8.1.3.8 */
        if (ranges[i].kind != CXL_MEMORY_DYNAMIC && ranges[i].size) {
            assert(n < CXL_DVSEC_RANGES);
            dvsec[n++] = ranges[i].size;
        }
    }
    cxl_hdm_set_areas(d->hdm, area, count);
    cdat_build(d->cdat, table, count);
    cxl_dvsec_set_ranges(d->dvsec, dvsec);
}

bool cxl_decode_enabled(const CxlDecode *d)
{
    return cxl_dvsec_mem_enabled(d->dvsec);
}

/* No window is at address 0: software has not given it a place yet. */
bool cxl_decode_range(const CxlDecode *d, unsigned n, uint64_t *hpa,
                      uint64_t *size, uint64_t *dpa)
{
    *hpa = cxl_dvsec_range_base(d->dvsec, n);
    *size = cxl_dvsec_range_size(d->dvsec, n);
    *dpa = n ? cxl_dvsec_range_size(d->dvsec, 0) : 0;
    return *hpa && *size && *size - 1 <= UINT64_MAX - *hpa;
}

static bool overlaps(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
    return a_len && b_len && (a < b ? b - a < a_len : a - b < b_len);
}

static bool range_mapped(const CxlDecode *d, uint64_t dpa, uint64_t len)
{
    uint64_t hpa, size, start;

    if (!cxl_decode_enabled(d) || cxl_hdm_enabled(d->hdm)) {
        return false;
    }
    for (unsigned n = 0; n < CXL_DVSEC_RANGES; n++) {
        if (cxl_decode_range(d, n, &hpa, &size, &start) &&
            overlaps(dpa, len, start, size)) {
            return true;
        }
    }
    return false;
}

bool cxl_decode_mapped(const CxlDecode *d, uint64_t dpa, uint64_t len)
{
    if (!d) {
        return false;
    }
    for (unsigned n = 0; n < d->hdm->config.decoders; n++) {
        CxlHdmDecoder decoder;

        cxl_hdm_decoder(d->hdm, n, &decoder);
        if (decoder.committed &&
            overlaps(dpa, len, decoder.dpa,
                     decoder.size / cxl_interleave_ways(decoder.iw))) {
            return true;
        }
    }
    return range_mapped(d, dpa, len);
}

void cxl_decode_describe(const CxlDecode *d, GString *out)
{
    g_string_append_printf(out, "decoders enabled: %d\n",
                           cxl_hdm_enabled(d->hdm));
    for (unsigned n = 0; n < d->hdm->config.decoders; n++) {
        CxlHdmDecoder decoder;

        cxl_hdm_decoder(d->hdm, n, &decoder);
        g_string_append_printf(out, "decoder %u: %s host 0x%" PRIx64
                               " size 0x%" PRIx64 " dpa 0x%" PRIx64
                               " ways %u granularity %" PRIu64 " (%s)\n",
                               n, decoder.committed ? "committed" : "free",
                               decoder.base, decoder.size, decoder.dpa,
                               cxl_interleave_ways(decoder.iw),
                               cxl_interleave_bytes(decoder.ig),
                               cxl_hdm_error_name(
                                   cxl_hdm_last_error(d->hdm, n)));
    }
}
