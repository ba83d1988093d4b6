/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cache of translations and the log of invalidations, against tables as an
 * I/O MMU has them: what is found is what the tables say, and what an
 * invalidation has not named is still found if it was before.
 *
 * The tables have pages of 4 KiB, and some of 64 KiB and 2 MiB.  They change,
 * and an invalidation of all that changed, or more, follows at once, in the
 * words of one of the I/O MMUs or as a range.  The cache follows later.
 *
 * Input: steps of 4 bytes: what[1] where[2] more[1].
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/atc-renew.h"
#include "hw/dma/sdxi/core/inval-command.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP    4
#define PAGE    SDXI_ATC_SMALL
#define PAGES   2048u
#define SPACES  3

typedef struct Truth {
    uint32_t host[SPACES][PAGES];   /* page of the host; 0: none */
    uint64_t leaf[PAGES];           /* bytes of the page of the I/O MMU */
    uint32_t next;                  /* of the host, to be used */
} Truth;

typedef struct Rig {
    SdxiAtc *atc;
    SdxiInvalLog *log;
    Truth *truth;
} Rig;

static const SdxiSpace spaces[SPACES] = {
    { }, { .pasid_valid = true }, { .pasid_valid = true, .pasid = 9 },
};

/* No memory is there: pointers are numbers. */
static uint8_t *pointer(uint32_t page)
{
    return (uint8_t *)(uintptr_t)((uint64_t)page * PAGE);
}

static SdxiSpan *find(Rig *r, unsigned space, unsigned page)
{
    return sdxi_atc_find(r->atc, NULL, sdxi_space_process(&spaces[space]),
                         (uint64_t)page * PAGE, PAGE, true);
}

/* By itself, not only as a part of something larger */
static bool is_small(Rig *r, unsigned space, unsigned page)
{
    uint32_t process = sdxi_space_process(&spaces[space]);
    uint64_t addr = (uint64_t)page * PAGE;

    return sdxi_atc_entry(sdxi_atc_small(r->atc, process, addr), NULL,
                          sdxi_atc_tag(r->atc, process), addr,
                          SDXI_ATC_WRITE);
}

/* All that is found is true. */
static void check_true(Rig *r)
{
    for (unsigned i = 0; i < SPACES * PAGES; i++) {
        unsigned page = i % PAGES;
        SdxiSpan *span = find(r, i / PAGES, page);

        if (span && span->host + ((uint64_t)page * PAGE - span->addr) !=
            pointer(r->truth->host[i / PAGES][page])) {
            abort();
        }
    }
}

/* The page of the I/O MMU that has this one */
static unsigned leaf_of(Rig *r, unsigned page, unsigned *count)
{
    *count = r->truth->leaf[page] / PAGE;
    return page - page % *count;
}

/* Asked for as access.c does it */
static void ask(Rig *r, unsigned space, unsigned page)
{
    uint64_t len = r->truth->leaf[page];
    uint64_t start, kept;
    uint64_t at = (uint64_t)r->truth->host[space][page] * PAGE;

    at = sdxi_atc_page((uint64_t)page * PAGE, at, len - 1, &start, &kept);
    /* Not all of it is RAM, now and then. */
    if (kept > PAGE && space == 2) {
        at = sdxi_atc_page((uint64_t)page * PAGE,
                           (uint64_t)r->truth->host[space][page] * PAGE,
                           PAGE - 1, &start, &kept);
    }
    sdxi_atc_insert_part(r->atc, &spaces[space], start, kept, len - 1, true,
                         pointer(at / PAGE), false);
}

/* One leaf of a space is elsewhere now, in a row or not as before. */
static void move(Rig *r, unsigned space, unsigned page)
{
    unsigned count, first = leaf_of(r, page, &count);

    r->truth->next = QEMU_ALIGN_UP(r->truth->next, 512) + first % 512;
    for (unsigned i = 0; i < count; i++) {
        r->truth->host[space][first + i] = r->truth->next++;
    }
}

static void add(Rig *r, const SdxiInval *v)
{
    sdxi_inval_log_add(r->log, v);
}

/* In words of an I/O MMU; any address of the leaf will do. */
static void tell(Rig *r, unsigned space, unsigned page, unsigned how)
{
    uint64_t addr = (uint64_t)page * PAGE, pasid = spaces[space].pasid;
    SdxiInval v;
    bool any;

    if (space) {
        any = how & 1 ? sdxi_inval_intel(6 | 3 << 4 | pasid << 32,
                                         addr | how % 12, &v)
                      : sdxi_inval_intel(8 | pasid << 32, addr, &v);
    } else if (how % 4 == 0) {
        any = sdxi_inval_intel(2 | 3 << 4, addr | how % 12, &v);
    } else if (how % 4 == 1) {
        any = sdxi_inval_amd(3ull << 60, addr | (how >> 2 & 1), &v);
    } else if (how % 4 == 2) {
        any = sdxi_inval_smmu(0x12 | (uint64_t)(how & 31) << 12,
                              addr | (uint64_t)(how >> 5 & 1) << 10, &v);
    } else {
        v = (SdxiInval) { addr, addr + how, SDXI_NO_PROCESS };
        any = true;
    }
    if (!any) {
        abort();
    }
    add(r, &v);
}

/* Is not a part of what was said since */
static bool stays(Rig *r, uint64_t since, unsigned space, unsigned page)
{
    uint64_t first = (uint64_t)page * PAGE, last = first + PAGE - 1;

    for (uint64_t n = since + 1; n != r->log->epoch + 1; n++) {
        SdxiInval v = sdxi_inval_log_get(r->log, n);

        if (v.process == SDXI_NO_PROCESS && r->atc->processes) {
            return false;
        }
        if (v.first <= last && v.last >= first &&
            (!space || v.process == spaces[space].pasid)) {
            return false;
        }
    }
    return true;
}

/* What is not named is found as before; of small pages that is simple. */
static void follow(Rig *r)
{
    static unsigned long must[BITS_TO_LONGS(SPACES * PAGES)];
    uint64_t since = r->atc->epoch;
    /* Few enough that nothing is dropped for want of time */
    bool known = r->log->epoch - since <= 3;

    memset(must, 0, sizeof(must));
    for (unsigned i = 0; known && i < SPACES * PAGES; i++) {
        if (is_small(r, i / PAGES, i % PAGES) &&
            r->truth->leaf[i % PAGES] == PAGE &&
            stays(r, since, i / PAGES, i % PAGES)) {
            must[BIT_WORD(i)] |= BIT_MASK(i);
        }
    }
    sdxi_atc_renew(r->atc, r->log->epoch, r->log);
    for (unsigned i = 0; i < SPACES * PAGES; i++) {
        if ((must[BIT_WORD(i)] & BIT_MASK(i)) &&
            !find(r, i / PAGES, i % PAGES)) {
            abort();
        }
    }
    check_true(r);
    if (sdxi_atc_check(r->atc)) {
        abort();
    }
}

static void step(Rig *r, const uint8_t *in)
{
    unsigned space = in[0] >> 4 & 3, page = lduw_le_p(in + 1) % PAGES;

    space = MIN(space, SPACES - 1);
    switch (in[0] & 7) {
    case 0:
    case 1:
        /* Many at once, as a copy does */
        follow(r);
        for (unsigned i = 0; i < in[3] % 64 && page + i < PAGES; i++) {
            ask(r, space, page + i);
        }
        check_true(r);
        break;
    case 2:
        follow(r);
        ask(r, space, page);
        break;
    case 3:
    case 4:
        move(r, space, page);
        tell(r, space, page, in[3]);
        break;
    case 5:
        tell(r, space, page, in[3]);
        break;
    case 6:
        for (unsigned i = 0; in[3] == 7 && i < SDXI_INVALS; i++) {
            tell(r, space, page, i);
        }
        break;
    default:
        if (in[3] > 250) {
            add(r, &SDXI_INVAL_ALL);
        }
        follow(r);
    }
}

static void fill(Truth *t)
{
    t->next = 1024;
    for (unsigned page = 0; page < PAGES; page++) {
        t->leaf[page] = page < 1024 ? PAGE
                      : page < 1536 ? SDXI_ATC_BLOCK : SDXI_ATC_LARGE;
    }
    for (unsigned space = 0; space < SPACES; space++) {
        for (unsigned page = 0; page < PAGES; page++) {
            t->host[space][page] = t->next++;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Rig r = {
        g_new0(SdxiAtc, 1), g_new0(SdxiInvalLog, 1), g_new0(Truth, 1),
    };

    fill(r.truth);
    for (size_t i = 0; i + STEP <= MIN(size, 32 * STEP); i += STEP) {
        step(&r, data + i);
    }
    follow(&r);
    g_free(r.atc);
    g_free(r.log);
    g_free(r.truth);
    return 0;
}
