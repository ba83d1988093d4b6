/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read latency and bandwidth out of a CDAT.  How the bytes are fetched from
 * the device is in hw/pci/cdat-fetch.c; what becomes of the numbers is in
 * hmat.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/cdat.h"
#include "hw/common/cdat.h"

static void slowest_latency(uint32_t *field, uint64_t picoseconds)
{
    uint64_t ns = MIN(DIV_ROUND_UP(picoseconds, 1000), UINT32_MAX);

    *field = MAX(*field, ns);
}

static void slowest_bandwidth(uint32_t *field, uint64_t mib)
{
    mib = MIN(mib, UINT32_MAX);
    *field = *field ? MIN(*field, mib) : mib;
}

static void read_dslbis(const uint8_t *entry, AcpiTopoPerf *perf)
{
    uint64_t value = cdat_dslbis_value(entry);

    if (!value) {
        return;
    }
    switch (entry[offsetof(CdatDslbis, data_type)]) {
    case CDAT_ACCESS_LATENCY:
        slowest_latency(&perf->read_latency, value);
        slowest_latency(&perf->write_latency, value);
        break;
    case CDAT_READ_LATENCY:
        slowest_latency(&perf->read_latency, value);
        break;
    case CDAT_WRITE_LATENCY:
        slowest_latency(&perf->write_latency, value);
        break;
    case CDAT_ACCESS_BANDWIDTH:
        slowest_bandwidth(&perf->read_bandwidth, value);
        slowest_bandwidth(&perf->write_bandwidth, value);
        break;
    case CDAT_READ_BANDWIDTH:
        slowest_bandwidth(&perf->read_bandwidth, value);
        break;
    case CDAT_WRITE_BANDWIDTH:
        slowest_bandwidth(&perf->write_bandwidth, value);
        break;
    default:
        break;
    }
}

bool acpi_topo_cdat_parse(const uint8_t *cdat, size_t len, AcpiTopoPerf *perf)
{
    CdatEntry e;

    memset(perf, 0, sizeof(*perf));
    if (len < sizeof(CdatHeader) || (uint32_t)ldl_le_p(cdat) != len) {
        return false;
    }
    for (size_t at = sizeof(CdatHeader); at < len; ) {
        const uint8_t *entry = cdat + at;

        if (cdat_walk(cdat, len, &at, &e)) {
            return false;
        }
        if (e.type == CDAT_DSLBIS &&
            le16_to_cpu(e.length) >= sizeof(CdatDslbis)) {
            read_dslbis(entry, perf);
        }
    }
    return perf->read_latency || perf->write_latency;
}
