/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DOE mailbox with table access and compliance behind it, under any register
 * accesses; the first byte decides whether the input is a table file instead.
 *
 * Step: register and size[1] value[4].
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/cdat.h"
#include "hw/cxl/core/compliance.h"
#include "hw/common/doe.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP 5

static Cdat cdat;

static unsigned table(void *opaque, const uint32_t *request, unsigned dwords,
                      uint32_t *response, unsigned max)
{
    return cdat_doe(&cdat, request, dwords, response, max);
}

static unsigned compliance(void *opaque, const uint32_t *request,
                           unsigned dwords, uint32_t *response, unsigned max)
{
    static const CxlComplianceOps ops = { NULL };

    return cxl_compliance_doe(&ops, NULL, request, dwords, response, max);
}

static void interrupt(void *opaque)
{
}

/* Whatever is accepted can be read to its end, entry by entry. */
static void load(const uint8_t *data, size_t size)
{
    const char *why;
    size_t where, len, total = 0;

    if (!cdat_load(&cdat, data, size, &why, &where)) {
        g_assert_nonnull(why);
        g_assert_cmpuint(where, <=, size);
        return;
    }
    g_assert_null(cdat_check(&cdat));
    for (unsigned n = 0; n < cdat_entries(&cdat); n++) {
        const uint8_t *entry = cdat_entry(&cdat, n, &len);

        g_assert_cmpuint(len, ==, n ? lduw_le_p(entry + 2) : 16);
        total += len;
    }
    g_assert_cmpuint(total, ==, size);
}

static void exchange(const uint8_t *data, size_t size)
{
    static const DoeRow rows[] = {
        { DOE_VENDOR_CXL, CDAT_DOE_TYPE, table },
        { DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE, compliance },
    };
    static const CdatRange range = { .size = 1 << 28, .read_mbps = 1000 };
    Doe doe;

    cdat_build(&cdat, &range, 1);
    doe_init(&doe, rows, G_N_ELEMENTS(rows), NULL, interrupt);
    for (size_t at = 0; at + STEP <= size && at < 1024 * STEP; at += STEP) {
        const uint8_t *p = data + at;
        unsigned offset = DOE_REG_CTRL + p[0] % 16;
        unsigned bytes = MIN(1u << (p[0] >> 6) % 3, 4 - offset % 4);

        if (p[0] & 0x20) {
            doe_read(&doe, offset, bytes);
        } else {
            doe_write(&doe, offset, ldl_le_p(p + 1), bytes);
        }
        g_assert_null(doe_check(&doe));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cdat_init(&cdat);
    if (size && data[0] == 'T') {
        load(data + 1, size - 1);
    } else if (size) {
        exchange(data + 1, size - 1);
    }
    cdat_destroy(&cdat);
    return 0;
}
