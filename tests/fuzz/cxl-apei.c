/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of firmware that is told of errors, under any register accesses
 * with records coming in between; the first byte decides whether the input is
 * a saved state instead.
 *
 * Step: what[1] address[2] value[4].
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/apei.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP 7

static void nothing(void *opaque)
{
}

static unsigned inject(void *opaque, uint32_t type, uint32_t sbdf)
{
    g_assert_cmphex(type & ~CXL_EINJ_TYPES, ==, 0);
    return sbdf % 3;
}

static void ignored(void *opaque, const char *what, uint64_t value)
{
    g_assert_nonnull(what);
}

static const CxlApeiOps ops = { nothing, nothing, inject, ignored };

/* What was loaded goes on; what was not is as before. */
static void load(CxlApei *a, const uint8_t *data, size_t size)
{
    char *problem = NULL;

    if (!cxl_apei_load(a, data, size, &problem)) {
        g_assert_nonnull(problem);
        g_free(problem);
        g_assert_cmpuint(cxl_apei_room(a), ==, CXL_APEI_QUEUE);
    }
    g_assert_null(cxl_apei_check(a));
    cxl_apei_write(a, CXL_APEI_READ_ACK, 1, 8);
}

static void run(CxlApei *a, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + STEP <= size && at < 1024 * STEP; at += STEP) {
        const uint8_t *p = data + at;
        uint16_t addr = lduw_le_p(p + 1) % (CXL_APEI_SIZE + 8);
        unsigned bytes = 1 + p[0] % 8;

        if (p[0] & 0x80) {
            unsigned room = cxl_apei_room(a);

            g_assert_true(cxl_apei_record(a, data, MIN(size, 1 + addr %
                                                       CXL_APEI_BLOCK_SIZE)) ||
                          !room);
        } else if (p[0] & 0x40) {
            cxl_apei_read(a, addr, bytes);
        } else {
            cxl_apei_write(a, addr, ldl_le_p(p + 3), bytes);
        }
        g_assert_null(cxl_apei_check(a));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CxlApei a;

    cxl_apei_init(&a, &ops, NULL);
    if (size && data[0] == 'S') {
        load(&a, data + 1, size - 1);
    } else {
        run(&a, data, size);
    }
    cxl_apei_destroy(&a);
    return 0;
}
