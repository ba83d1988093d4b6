/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows in the CEDT.  The contract is in cedt.h; which windows there are is
 * QEMU's, and what a person chose for them is window/attributes.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/cedt.h"

/* Structures: type, reserved, length of 16 bits */
#define CFMWS           1
#define CXIMS           2
#define CFMWS_BASE      8
#define CFMWS_WAYS      24
#define CFMWS_ARITHMETIC 25
#define CFMWS_GRANULARITY 28
#define CFMWS_RESTRICTIONS 32
#define CFMWS_QTG       34
#define CFMWS_MIN       36
#define CXIMS_HEADER    8

/*
 * Each position bit is one of its own place, and of two places above those
 * that any granularity has for position bits.
 */
void cxl_cedt_xor_maps(unsigned ig, uint64_t maps[CXL_CEDT_XOR_MAPS])
{
    for (unsigned i = 0; i < CXL_CEDT_XOR_MAPS; i++) {
        maps[i] = (BIT_ULL(8) | BIT_ULL(14) | BIT_ULL(22)) << (ig + i);
    }
}

/* The structure at *@at, or NULL at the end; *@at goes to the next. */
static uint8_t *next_structure(GArray *cedt, size_t *at)
{
    uint8_t *s = (uint8_t *)cedt->data + *at;
    size_t left = cedt->len - *at, len;

    if (left < 4) {
        return NULL;
    }
    len = lduw_le_p(s + 2);
    if (len < 4 || len > left) {
        return NULL;
    }
    *at += len;
    return s;
}

static bool is_window(const uint8_t *s)
{
    return s[0] == CFMWS && lduw_le_p(s + 2) >= CFMWS_MIN;
}

/* How many windows lie below @base? */
static unsigned windows_below(GArray *cedt, uint64_t base)
{
    unsigned below = 0;
    size_t at = 0;
    uint8_t *s;

    while ((s = next_structure(cedt, &at))) {
        below += is_window(s) && ldq_le_p(s + CFMWS_BASE) < base;
    }
    return below;
}

bool cxl_cedt_set_window(GArray *cedt, unsigned n, const CxlCedtWindow *w)
{
    size_t at = 0;
    uint8_t *s;

    while ((s = next_structure(cedt, &at))) {
        if (!is_window(s) ||
            windows_below(cedt, ldq_le_p(s + CFMWS_BASE)) != n) {
            continue;
        }
        s[CFMWS_ARITHMETIC] = w->xor;
        if (w->restrictions) {
            stw_le_p(s + CFMWS_RESTRICTIONS, w->restrictions);
        }
        stw_le_p(s + CFMWS_QTG, w->qtg);
        return true;
    }
    return false;
}

unsigned cxl_cedt_recommend(const CxlCedtWindow *const *windows,
                            unsigned count, uint16_t ids[CXL_CEDT_WINDOWS],
                            uint16_t *most)
{
    unsigned found = 0;

    *most = 0;
    for (unsigned n = 0; n < count; n++) {
        uint16_t id = windows[n] ? windows[n]->qtg : 0;
        unsigned known = 0;

        while (known < found && ids[known] != id) {
            known++;
        }
        ids[known] = id;
        found = MAX(found, known + 1);
        *most = MAX(*most, id);
    }
    return found;
}

static void add_maps(GArray *cedt, unsigned ig, unsigned count)
{
    uint8_t s[CXIMS_HEADER + 8 * CXL_CEDT_XOR_MAPS] = { CXIMS };
    uint64_t maps[CXL_CEDT_XOR_MAPS];
    unsigned len = CXIMS_HEADER + 8 * count;

    cxl_cedt_xor_maps(ig, maps);
    stw_le_p(s + 2, len);
    s[6] = ig;
    s[7] = count;
    for (unsigned i = 0; i < count; i++) {
        stq_le_p(s + CXIMS_HEADER + 8 * i, maps[i]);
    }
    g_array_append_vals(cedt, s, len);
}

/* The most maps that a XOR window of that granularity needs */
static unsigned maps_needed(GArray *cedt, unsigned ig)
{
    unsigned most = 0;
    size_t at = 0;
    uint8_t *s;

    while ((s = next_structure(cedt, &at))) {
        if (is_window(s) && s[CFMWS_ARITHMETIC] == 1 &&
            (uint32_t)ldl_le_p(s + CFMWS_GRANULARITY) == ig &&
            cxl_interleave_ways(s[CFMWS_WAYS])) {
            most = MAX(most, cxl_interleave_xor_maps(s[CFMWS_WAYS]));
        }
    }
    return most;
}

void cxl_cedt_add_maps(GArray *cedt)
{
    for (unsigned ig = 0; ig <= CXL_INTERLEAVE_IG_MAX; ig++) {
        unsigned count = maps_needed(cedt, ig);

        if (count) {
            add_maps(cedt, ig, count);
        }
    }
}
