/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device of four logical devices, of which number 2 is there, and how its
 * FM-owned logical device is asked.
 */
#ifndef TESTS_UNIT_CXL_MLD_FIXTURE_H
#define TESTS_UNIT_CXL_MLD_FIXTURE_H

#include "qemu/units.h"
#include "tests/unit/cxl/switch-fixture.h"
#include "hw/cxl/core/mld.h"

#define LDS 4

typedef struct Mld {
    FakeHost *host;     /* its device is logical device 2 */
    CxlMld *mld;
    uint8_t out[2048];
    uint32_t out_len;
} Mld;

static inline Mld *begin(void)
{
    static const CxlMldConfig cfg = {
        .lds = LDS, .serial = 77, .vendor_id = 0x8086, .device_id = 0xd93,
    };
    Mld *m = g_new0(Mld, 1);

    m->host = fake_host_default();
    m->mld = cxl_mld_new(&cfg, &fake_host_ops, m->host);
    cxl_mld_set(m->mld, 2, &m->host->dev->ld_cci, 512 * MiB, 768 * MiB);
    return m;
}

static inline void finish(Mld *m)
{
    g_assert_cmpstr(cxl_mld_check(m->mld), ==, NULL);
    cxl_mld_free(m->mld);
    fake_host_free(m->host);
    g_free(m);
}

static inline CxlRc ask(Mld *m, uint16_t opcode, const void *in,
                        uint32_t len)
{
    uint16_t vendor;

    return cxl_cci_execute(cxl_mld_fm_cci(m->mld), opcode, in, len, m->out,
                           sizeof(m->out), &m->out_len, &vendor);
}

#endif /* TESTS_UNIT_CXL_MLD_FIXTURE_H */
