/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers in a device's own CDAT (CDAT 1.03) that tables can use.
 */
#ifndef HW_ACPI_TOPOLOGY_CORE_CDAT_H
#define HW_ACPI_TOPOLOGY_CORE_CDAT_H

/* Latency in nanoseconds, bandwidth in MiB/s; 0: not given. */
typedef struct AcpiTopoPerf {
    uint32_t read_latency;
    uint32_t write_latency;
    uint32_t read_bandwidth;
    uint32_t write_bandwidth;
} AcpiTopoPerf;

/*
 * Read @len bytes of a CDAT, header included.  Of several memory ranges the
 * slowest counts.  False if the table is damaged or gives no latency.
 */
bool acpi_topo_cdat_parse(const uint8_t *cdat, size_t len, AcpiTopoPerf *perf);

#endif
