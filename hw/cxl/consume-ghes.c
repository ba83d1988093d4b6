/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison where the error result of a load makes the vCPU take an
 * abort or an access fault: arm and others.
 *
 * What is added here, before that, is the firmware's error record (ACPI 6.5,
 * 18.3.2.8), which names the memory: with it the guest knows which page to take
 * out of use.  It takes a machine with such records, which is "virt,ras=on"
 * with ACPI.
 */

#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "hw/core/cpu.h"
#include "hw/cxl/consume.h"
#ifdef MEMFAB_HAVE_CXL_VIRT
#include "hw/acpi/ghes.h"
#endif
#include "trace.h"

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool insist)
{
#ifdef MEMFAB_HAVE_CXL_VIRT
    hwaddr line = hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1);
    AcpiGhesState *ghes;
    bool recorded;

    if (!current_cpu || attrs.unspecified || attrs.requester_id) {
        return;
    }
    ghes = acpi_ghes_get_state();
    /* Fails, with a message, if the guest has not taken the last one. */
    recorded = ghes && !acpi_ghes_memory_errors(ghes, ACPI_HEST_SRC_ID_SYNC,
                                                line);
    trace_memfab_cxl_consume_record(current_cpu->cpu_index, line, recorded);
#endif
}
