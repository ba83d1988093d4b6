/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison where the error result of a load makes the vCPU take an
 * abort or an access fault: arm and others.
 *
 * What is added here, before that, is the firmware's error record, which names
 * the memory: with it the guest knows which page to take out of use.  It takes
 * a machine with such records, which is "virt,ras=on" with ACPI.  What is in
 * the record is core/error-record.c.
 */

#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "hw/core/cpu.h"
#include "hw/cxl/core/error-record.h"
#include "hw/cxl/poison/consume.h"
#ifdef MEMFAB_HAVE_CXL_VIRT
#include CONFIG_DEVICES
#include "hw/acpi/ghes.h"
#endif
#include "hw/cxl/trace.h"

#if defined(MEMFAB_HAVE_CXL_VIRT) && defined(CONFIG_ACPI_APEI)

/* Fails if the guest has not taken the last one. */
static bool record(hwaddr line)
{
    AcpiGhesState *ghes = acpi_ghes_get_state();
    CxlErrorRecord rec;
    Error *err = NULL;

    if (!ghes) {
        return false;
    }
    cxl_error_record(&rec, line, CXL_CONSUME_GRANULE);
    ghes_record_cper_errors(ghes, &rec, sizeof(rec), ACPI_HEST_SRC_ID_SYNC,
                            &err);
    if (err) {
        qemu_log_mask(LOG_GUEST_ERROR, "poison at 0x%" PRIx64 ": %s\n", line,
                      error_get_pretty(err));
        error_free(err);
        return false;
    }
    return true;
}

#else

static bool record(hwaddr line)
{
    return false;
}

#endif

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool always)
{
    hwaddr line = hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1);

    if (current_cpu && !attrs.unspecified && !attrs.requester_id) {
        trace_memfab_cxl_consume_record(current_cpu->cpu_index, line,
                                        record(line));
    }
}
