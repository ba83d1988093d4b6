/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about health by name; see vitals.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/vitals.h"

#define VITAL(name_, field, min_, max_, signed_, text_)                 \
    { .name = name_, .min = min_, .max = max_, .text = text_,           \
      .offset = offsetof(CxlHealthFacts, field),                        \
      .size = sizeof_field(CxlHealthFacts, field),                      \
      .is_signed = signed_ }

/* The largest temperature of the wire format stands for "not known". */
static const CxlVital vitals[] = {
    VITAL("temperature", temperature, INT16_MIN, INT16_MAX - 1, true,
          "degrees Celsius"),
    VITAL("life-used", life_used, 0, 100, false,
          "percent of the expected life"),
    VITAL("health-status", status, 0, CXL_HEALTH_ALL, false,
          "bits: maintenance needed, performance degraded, replacement needed,"
          " capacity degraded"),
    VITAL("media-status", media_status, 0, CXL_MEDIA_STATUS_TOP, false,
          "0 for normal, else as in Get Health Info"),
    VITAL("corrected-volatile-errors", corrected_volatile, 0, UINT32_MAX,
          false, "count of corrected errors"),
    VITAL("corrected-persistent-errors", corrected_persistent, 0, UINT32_MAX,
          false, "count of corrected errors"),
};

const CxlVital *cxl_vital(unsigned n)
{
    return n < ARRAY_SIZE(vitals) ? &vitals[n] : NULL;
}

int64_t cxl_vital_get(const CxlVital *v, const CxlHealthFacts *facts)
{
    uint64_t bits = ldn_he_p((const uint8_t *)facts + v->offset, v->size);

    return v->is_signed ? sextract64(bits, 0, 8 * v->size) : (int64_t)bits;
}

char *cxl_vital_set(const CxlVital *v, CxlHealthFacts *facts, int64_t value)
{
    if (value < v->min || value > v->max) {
        return g_strdup_printf("property '%s': %" PRId64 " is not within %"
                               PRId64 " to %" PRId64, v->name, value, v->min,
                               v->max);
    }
    stn_he_p((uint8_t *)facts + v->offset, v->size, value);
    return NULL;
}
