/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component registers under any accesses: the checkers hold, read-only parts
 * never move, and reads of any width agree with bytes.
 *
 * Step: op[1] offset[2] size[1] value[8].  op bit 7: error injected instead;
 * bit 6: reset; bit 0: read or write.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/component.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP 12

static unsigned committed_now;

static void changed(void *opaque, int decoder, bool committed)
{
    if (decoder >= 0) {
        committed_now += committed ? 1 : -1;
    }
}

static void check(CxlComponent *comp)
{
    unsigned committed = 0;

    g_assert_null(cxl_hdm_check(&comp->hdm));
    g_assert_null(cxl_ras_check(&comp->ras));
    g_assert_cmphex(cxl_component_read(comp, 0, 4), ==, 0x04110001);
    g_assert_cmphex(cxl_component_read(comp, CXL_COMP_HDM, 4) & 0xf, ==, 2);
    for (unsigned n = 0; n < comp->hdm.config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(&comp->hdm, n, &d);
        committed += d.committed;
    }
    /* Every commit and release was reported, once. */
    g_assert_cmpuint(committed, ==, committed_now);
}

static void inject(CxlComponent *comp, unsigned what, uint64_t value)
{
    uint32_t header[2] = { value, value >> 32 };
    CxlRasSignal signal;

    if (what & 1) {
        cxl_ras_uncorrectable(&comp->ras, value % 40, header, 2, &signal);
    } else {
        cxl_ras_correctable(&comp->ras, value % 10, &signal);
    }
}

static void read_all_widths(CxlComponent *comp, uint64_t offset)
{
    uint64_t wide = cxl_component_read(comp, offset, 8);

    for (unsigned b = 0; b < 8; b++) {
        g_assert_cmphex(extract64(wide, 8 * b, 8), ==,
                        cxl_component_read(comp, offset + b, 1));
    }
}

static void step(CxlComponent *comp, const uint8_t *p)
{
    uint64_t offset = lduw_le_p(p + 1) % (CXL_COMP_CACHEMEM_LEN + 8);
    unsigned size = 1 + p[3] % 8;
    uint64_t value = ldq_le_p(p + 4);

    if (p[0] & 0x80) {
        inject(comp, p[0], value);
    } else if ((p[0] & 0x7f) == 0x40) {
        cxl_component_reset(comp, value & 1);
    } else if (p[0] & 1) {
        cxl_component_write(comp, offset, value, size);
    } else {
        read_all_widths(comp, offset);
    }
}

/* However many errors there are, a driver that clears them all gets there. */
static void clear_errors(CxlComponent *comp)
{
    const unsigned status = CXL_COMP_RAS + CXL_RAS_UE_STATUS;

    for (unsigned i = 0; i < CXL_RAS_QUEUE_MAX; i++) {
        cxl_component_write(comp, status, UINT32_MAX, 4);
    }
    g_assert_cmphex(cxl_component_read(comp, status, 4), ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const CxlHdmOps ops = { .changed = changed };
    static const CxlHdmConfig config = {
        .decoders = 4, .uio_decoders = 2, .bi = true, .bi_link = true,
        .poison_on_error = true,
    };
    static const CxlHdmArea area = { 0, 1ull << 40 };
    CxlComponent comp;

    committed_now = 0;
    cxl_component_init(&comp, &config, &ops, NULL);
    cxl_hdm_set_areas(&comp.hdm, &area, 1);
    for (size_t at = 0; at + STEP <= size && at < 256 * STEP; at += STEP) {
        step(&comp, data + at);
        check(&comp);
    }
    clear_errors(&comp);
    check(&comp);
    return 0;
}
