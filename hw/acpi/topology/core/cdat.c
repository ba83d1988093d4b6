/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read latency and bandwidth out of a CDAT.  How the bytes are fetched from
 * the device is in doe.c; what becomes of the numbers is in hmat.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/cdat.h"

/* CDAT 1.03 2.2 */
#define CDAT_HEADER         16
#define CDAT_ENTRY_HEADER   4
#define CDAT_DSLBIS         1
#define CDAT_DSLBIS_LENGTH  24

/* DSLBIS data types, the same as in HMAT */
enum {
    ACCESS_LATENCY, READ_LATENCY, WRITE_LATENCY,
    ACCESS_BANDWIDTH, READ_BANDWIDTH, WRITE_BANDWIDTH,
};

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
    uint64_t unit = ldq_le_p(entry + 8);
    uint16_t number = lduw_le_p(entry + 16);
    uint64_t value;

    /* 0 and 0xffff say nothing; a guest's device never has such units. */
    if (number == 0 || number == 0xffff || unit == 0 ||
        unit > UINT64_MAX >> 20) {
        return;
    }
    value = unit * number;
    switch (entry[6]) {
    case ACCESS_LATENCY:
        slowest_latency(&perf->read_latency, value);
        slowest_latency(&perf->write_latency, value);
        break;
    case READ_LATENCY:
        slowest_latency(&perf->read_latency, value);
        break;
    case WRITE_LATENCY:
        slowest_latency(&perf->write_latency, value);
        break;
    case ACCESS_BANDWIDTH:
        slowest_bandwidth(&perf->read_bandwidth, value);
        slowest_bandwidth(&perf->write_bandwidth, value);
        break;
    case READ_BANDWIDTH:
        slowest_bandwidth(&perf->read_bandwidth, value);
        break;
    case WRITE_BANDWIDTH:
        slowest_bandwidth(&perf->write_bandwidth, value);
        break;
    default:
        break;
    }
}

bool acpi_topo_cdat_parse(const uint8_t *cdat, size_t len, AcpiTopoPerf *perf)
{
    size_t at, size;

    memset(perf, 0, sizeof(*perf));
    if (len < CDAT_HEADER || ldl_le_p(cdat) != len) {
        return false;
    }
    for (at = CDAT_HEADER; at < len; at += size) {
        if (len - at < CDAT_ENTRY_HEADER) {
            return false;
        }
        size = lduw_le_p(cdat + at + 2);
        if (size < CDAT_ENTRY_HEADER || size > len - at) {
            return false;
        }
        if (cdat[at] == CDAT_DSLBIS && size >= CDAT_DSLBIS_LENGTH) {
            read_dslbis(cdat + at, perf);
        }
    }
    return perf->read_latency || perf->write_latency;
}
