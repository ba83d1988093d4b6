/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders against a model that knows only the rules: a commit succeeds
 * exactly when the model says so, and translation agrees with it.
 *
 * Step: op[1] decoder[1] a[1] b[1].  Values are small multiples of 256 MiB so
 * that rules are met and broken often.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/interleave.h"
#include "tests/fuzz/fuzz-target.h"

#define N 4
#define U CXL_HDM_ALIGN
#define STEP 4

typedef struct Model {
    uint64_t base, size, skip, dpa;
    unsigned ig, iw;
    bool committed, locked;
} Model;

static const CxlHdmArea areas[] = { { 0, 6 * U }, { 6 * U, 10 * U } };

static void changed(void *opaque, int decoder, bool committed)
{
}

static uint64_t share(const Model *m)
{
    return m->size / cxl_interleave_ways(m->iw);
}

/* A decoder of size 0 is somewhere only in the order. */
static uint64_t skip(const Model *m)
{
    return m->size ? m->skip : 0;
}

static bool both(const Model *a, const Model *b)
{
    return a->size && b->size;
}

/* The rules of commit, said the other way round. */
static bool may_commit(const Model *m, unsigned n, uint64_t *dpa)
{
    bool area = false;

    if (!cxl_interleave_valid(m[n].ig, m[n].iw) ||
        m[n].size % (U * cxl_interleave_ways(m[n].iw)) ||
        m[n].base + m[n].size < m[n].base || (n && !m[n - 1].committed)) {
        return false;
    }
    *dpa = skip(&m[n]) + (n ? m[n - 1].dpa + share(&m[n - 1]) : 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(areas); i++) {
        area |= *dpa >= areas[i].base &&
                *dpa + share(&m[n]) <= areas[i].base + areas[i].size;
    }
    for (unsigned i = 0; i < N; i++) {
        if (i == n || !m[i].committed) {
            continue;
        }
        if (i < n ? both(&m[i], &m[n]) && m[i].base + m[i].size > m[n].base
                  : (both(&m[i], &m[n]) &&
                     m[n].base + m[n].size > m[i].base) ||
                    *dpa + share(&m[n]) > m[i].dpa) {
            return false;
        }
    }
    return (area || !m[n].size) &&
           !(n + 1 < N && m[n + 1].committed &&
             *dpa + share(&m[n]) + skip(&m[n + 1]) != m[n + 1].dpa);
}

static void write_pair(CxlHdm *hdm, unsigned offset, uint64_t value)
{
    cxl_hdm_write(hdm, offset, value, 8);
}

static void commit(CxlHdm *hdm, Model *m, unsigned n, bool lock)
{
    uint64_t dpa = 0;
    bool want = !m[n].committed && may_commit(m, n, &dpa);
    bool was = m[n].committed;
    CxlHdmDecoder d;

    cxl_hdm_write(hdm, CXL_HDM_CTRL(n), m[n].ig | CXL_HDM_CTRL_IW(m[n].iw) |
                  CXL_HDM_CTRL_COMMIT | (lock ? CXL_HDM_CTRL_LOCK : 0), 4);
    cxl_hdm_decoder(hdm, n, &d);
    g_assert_true(d.committed == (was || want));
    if (want) {
        m[n].committed = true;
        m[n].locked = lock;
        m[n].dpa = dpa;
        g_assert_cmphex(d.dpa, ==, dpa);
    }
}

static void release(CxlHdm *hdm, Model *m, unsigned n)
{
    cxl_hdm_write(hdm, CXL_HDM_CTRL(n),
                  m[n].ig | CXL_HDM_CTRL_IW(m[n].iw), 4);
    if (!m[n].locked) {
        m[n].committed = false;
    }
}

static void step(CxlHdm *hdm, Model *m, const uint8_t *p)
{
    unsigned n = p[1] % N;
    bool fixed = m[n].committed;

    switch (p[0] % 8) {
    case 0:
    case 1:
        commit(hdm, m, n, p[2] == 0x5a);
        break;
    case 2:
        release(hdm, m, n);
        break;
    case 3:
        write_pair(hdm, CXL_HDM_BASE_LO(n), p[2] * U);
        m[n].base = fixed ? m[n].base : p[2] * U;
        break;
    case 4:
        write_pair(hdm, CXL_HDM_SIZE_LO(n), p[2] % 16 * U);
        m[n].size = fixed ? m[n].size : p[2] % 16 * U;
        break;
    case 5:
        write_pair(hdm, CXL_HDM_SKIP_LO(n), p[2] % 8 * U);
        m[n].skip = fixed ? m[n].skip : p[2] % 8 * U;
        break;
    case 6:
        if (!fixed) {
            m[n].ig = p[2] % 9;
            m[n].iw = p[3] % 12;
        }
        break;
    default:
        if (p[2] == 0xa5) {
            cxl_hdm_reset(hdm);
            memset(m, 0, N * sizeof(*m));
        }
        break;
    }
}

static void compare(CxlHdm *hdm, const Model *m, uint64_t hpa)
{
    uint64_t dpa, want = 0;
    unsigned n = 0, by = N;

    for (unsigned i = 0; i < N && by == N; i++) {
        if (m[i].committed && hpa >= m[i].base &&
            hpa < m[i].base + m[i].size) {
            by = i;
            want = m[i].dpa + cxl_interleave_to_dpa(hpa - m[i].base, m[i].ig,
                                                    m[i].iw);
        }
    }
    g_assert_true(cxl_hdm_to_dpa(hdm, hpa, &dpa, &n) == (by < N));
    if (by < N) {
        g_assert_cmpuint(n, ==, by);
        g_assert_cmphex(dpa, ==, want);
        g_assert_cmpint(cxl_hdm_by_dpa(hdm, dpa), ==, by);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const CxlHdmOps ops = { .changed = changed };
    static const CxlHdmConfig config = { .decoders = N };
    Model m[N] = { { 0 } };
    CxlHdm hdm;

    cxl_hdm_init(&hdm, &config, &ops, NULL);
    cxl_hdm_set_areas(&hdm, areas, G_N_ELEMENTS(areas));
    for (size_t at = 0; at + STEP <= size && at < 512 * STEP; at += STEP) {
        const uint8_t *p = data + at;

        step(&hdm, m, p);
        g_assert_null(cxl_hdm_check(&hdm));
        compare(&hdm, m, p[2] * U + p[3] * 251);
    }
    return 0;
}
