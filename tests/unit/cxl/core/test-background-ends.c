/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All work that runs in the background, by each end that it can have: success,
 * a step that fails, an abort, each kind of reset, and another device that
 * loads it half done; and the same, and a clock that jumps, after each of its
 * steps.  What memory, media state, firmware slots and the operation itself are
 * then.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/wire/echo.h"
#include "tests/unit/cxl/fake-host.h"

#define FIRST       0ull
#define LAST        (1280 * MiB - 64)
#define SECOND      1000000000ll

typedef struct Work {
    const char *name;
    uint16_t opcode;
    bool wipes;         /* memory, in order */
    bool disables;      /* the media, until it has succeeded */
    bool abortable;
    bool steps;         /* that can fail */
    uint32_t len;
    uint8_t in[24 + 128];
} Work;

static const Work works[] = {
    { "sanitize", CXL_OP_SANITIZE, true, true, true, true },
    { "media-sanitize", CXL_OP_MEDIA_OPERATION, true, false, true, true, 24,
      { 1, 0, [4] = 1 } },
    { "media-zero", CXL_OP_MEDIA_OPERATION, true, false, true, true, 24,
      { 1, 1, [4] = 1 } },
    { "scan", CXL_OP_SCAN_MEDIA, false, false, true, false, 17,
      { [8 + 3] = 0x01 } },
    { "transfer", CXL_OP_FW_TRANSFER, false, false, true, true, 128 + 128,
      { CXL_FW_FULL, 2 } },
    { "activate", CXL_OP_FW_ACTIVATE, false, false, false, false, 2,
      { 0, 1 } },
    { "echo", CXL_OP_ECHO_BACKGROUND, false, false, true, false, 8,
      { [1] = 2 } },
};

static FakeHost *begin(const Work *work)
{
    FakeHost *h = fake_host_default();
    g_autofree uint8_t *in = g_malloc0(MAX(work->len, 1));

    memcpy(in, work->in, MIN(work->len, sizeof(work->in)));
    if (work->opcode == CXL_OP_MEDIA_OPERATION) {
        stq_le_p(in + 16, 1280 * MiB);
    }
    fake_mark(h, FIRST);
    fake_mark(h, LAST);
    h->lsa[0] = 1;
    g_assert_cmphex(fake_command(h, work->opcode, in, work->len), ==,
                    CXL_RC_BACKGROUND);
    return h;
}

/* Half of it has been done when this returns. */
static FakeHost *half(const Work *work)
{
    FakeHost *h = begin(work);

    fake_host_run(h, h->dev->cci.bg.duration_ns / 2);
    g_assert_true(h->dev->cci.bg.running);
    return h;
}

static void check_memory(FakeHost *h, const Work *work, bool all)
{
    g_assert_cmpint(fake_marked(h, FIRST), ==, !work->wipes);
    g_assert_cmpint(fake_marked(h, LAST), ==, !(work->wipes && all));
}

/* @done: it succeeded */
static void check_rooms(FakeHost *h, const Work *work, bool done)
{
    const CxlFw *fw = &h->dev->fw;

    g_assert_false(h->dev->cci.bg.running);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    g_assert_cmpint(h->dev->media.state, ==, work->disables && !done ?
                    CXL_MEDIA_DISABLED : CXL_MEDIA_READY);
    g_assert_cmpint(cxl_memdev_access(h->dev, FIRST, 64), ==,
                    work->disables && !done ? CXL_ACCESS_DISABLED
                                            : CXL_ACCESS_OK);
    g_assert_cmpint(h->lsa[0], ==, !(work->disables && done));
    g_assert_false(h->dev->security.locked);
    /* Nothing of an image that has not come in whole */
    g_assert_false(fw->open);
    g_assert_cmpint(fw->slot, ==, 0);
    g_assert_cmpint(fw->activating, ==, 0);
    g_assert_cmpint(fw->active, ==, 1);
    g_assert_cmpint(h->fw_stored, ==,
                    work->opcode == CXL_OP_FW_TRANSFER && done);
    fake_check(h);
}

/* Whatever happened: a sanitize that succeeds makes the media ready. */
static void check_recovery(FakeHost *h)
{
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, 2 * SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
    g_assert_cmpint(cxl_memdev_access(h->dev, FIRST, 64), ==, CXL_ACCESS_OK);
    g_assert_false(fake_marked(h, LAST));
    fake_check(h);
    fake_host_free(h);
}

static void test_success(gconstpointer data)
{
    const Work *work = data;
    FakeHost *h = half(work);

    fake_host_run(h, 2 * SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
    check_memory(h, work, true);
    check_rooms(h, work, true);
    check_recovery(h);
}

static void test_failure(gconstpointer data)
{
    const Work *work = data;
    FakeHost *h = half(work);

    h->media_broken = true;
    fake_host_run(h, 2 * SECOND);
    h->media_broken = false;
    if (!work->steps) {
        g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
        fake_host_free(h);
        return;
    }
    g_assert_cmphex(h->dev->cci.bg.rc, !=, CXL_RC_SUCCESS);
    h->fw_stored = 0;
    check_memory(h, work, false);
    check_rooms(h, work, false);
    check_recovery(h);
}

static void test_abort(gconstpointer data)
{
    const Work *work = data;
    FakeHost *h = half(work);
    uint16_t rc = fake_command(h, CXL_OP_IS_ABORT, NULL, 0);

    if (!work->abortable) {
        g_assert_cmphex(rc, ==, CXL_RC_ABORT_UNSUPPORTED);
        g_assert_true(h->dev->cci.bg.running);
        fake_host_free(h);
        return;
    }
    g_assert_cmphex(rc, ==, CXL_RC_SUCCESS);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    check_memory(h, work, false);
    check_rooms(h, work, false);
    check_recovery(h);
}

static void check_reset(const Work *work, CxlResetKind kind)
{
    FakeHost *h = half(work);
    bool volatile_stays = kind == CXL_RESET_HOT || kind == CXL_RESET_CXL;

    cxl_memdev_reset(h->dev, kind);
    g_assert_cmphex(h->dev->cci.bg.opcode, ==, 0);
    g_assert_cmpint(fake_marked(h, FIRST), ==, !work->wipes && volatile_stays);
    g_assert_true(fake_marked(h, LAST));
    check_rooms(h, work, false);
    /* And another, of any kind, does not bring the media back. */
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    check_rooms(h, work, false);
    check_recovery(h);
}

static void test_resets(gconstpointer data)
{
    for (unsigned kind = 0; kind < CXL_RESET_FUNCTION; kind++) {
        check_reset(data, kind);
    }
}

/* What is not PCIe's goes on. */
static void test_function_reset(gconstpointer data)
{
    const Work *work = data;
    FakeHost *h = half(work);

    cxl_memdev_reset(h->dev, CXL_RESET_FUNCTION);
    g_assert_true(h->dev->cci.bg.running);
    fake_host_run(h, 2 * SECOND);
    check_memory(h, work, true);
    check_rooms(h, work, true);
    check_recovery(h);
}

static FakeHost *move(FakeHost *h)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    FakeHost *to = fake_host_default();
    GHashTable *pages = to->pages;
    g_autofree char *problem = NULL;
    bool good;

    cxl_memdev_save(h->dev, bytes);
    to->now = h->now;
    to->pages = h->pages;
    h->pages = pages;
    memcpy(to->lsa, h->lsa, h->lsa_size);
    good = cxl_memdev_load(to->dev, bytes->data, bytes->len, &problem);
    g_assert_cmpstr(problem, ==, NULL);
    g_assert_true(good);
    fake_host_free(h);
    return to;
}

/* Half done there, the other half here; and after an abort, too. */
static void test_load(gconstpointer data)
{
    const Work *work = data;
    FakeHost *h = move(half(work));

    g_assert_true(h->dev->cci.bg.running);
    fake_host_run(h, 2 * SECOND);
    check_memory(h, work, true);
    check_rooms(h, work, true);
    fake_host_free(h);

    h = half(work);
    if (work->abortable) {
        fake_command(h, CXL_OP_IS_ABORT, NULL, 0);
        h = move(h);
        check_memory(h, work, false);
        check_rooms(h, work, false);
        h = move(h);
        check_recovery(h);
    } else {
        fake_host_free(h);
    }
}

/* --- after each step ------------------------------------------------------ */

#define PLACES 20   /* where there are marks, from one end to the other */

static uint64_t place(unsigned i)
{
    return i + 1 < PLACES ? i * (64 * MiB) : LAST;
}

/* The next time that the device has asked for comes, and nothing else. */
static void step(FakeHost *h)
{
    fake_host_run(h, h->timer_at - h->now);
}

static FakeHost *after(const Work *work, unsigned steps)
{
    FakeHost *h = begin(work);

    for (unsigned i = 0; i < PLACES; i++) {
        fake_mark(h, place(i));
    }
    while (steps-- && h->dev->cci.bg.running) {
        step(h);
    }
    return h;
}

/* How far memory was wiped: from the beginning, without a gap */
static unsigned wiped(FakeHost *h)
{
    unsigned n = 0;

    while (n < PLACES && !fake_marked(h, place(n))) {
        n++;
    }
    return n;
}

static FakeHost *jump(FakeHost *h, int64_t ns)
{
    h->now += MAX(ns, -h->now);
    return h;
}

static FakeHost *far_on(FakeHost *h)
{
    return jump(h, INT64_MAX / 4);
}

static FakeHost *back(FakeHost *h)
{
    return jump(h, -SECOND / 3);
}

static FakeHost *back_and_forth(FakeHost *h)
{
    return jump(jump(h, -SECOND / 3), SECOND / 3);
}

static FakeHost *function_reset(FakeHost *h)
{
    cxl_memdev_reset(h->dev, CXL_RESET_FUNCTION);
    return h;
}

static FakeHost *hot_reset(FakeHost *h)
{
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    return h;
}

static FakeHost *cxl_reset(FakeHost *h)
{
    cxl_memdev_reset(h->dev, CXL_RESET_CXL);
    return h;
}

static FakeHost *cold_reset(FakeHost *h)
{
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    return h;
}

/* Near its end it goes on all the same, CXL r3.1 8.2.9.1.5. */
static FakeHost *command_abort(FakeHost *h)
{
    bool late = cxl_background_percent(&h->dev->cci.bg, h->now) >
                CXL_BG_ABORT_LIMIT_PERCENT;

    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==,
                    CXL_RC_SUCCESS);
    g_assert_cmpint(h->dev->cci.bg.running, ==, late);
    return h;
}

static FakeHost *twice(FakeHost *h)
{
    return move(move(h));
}

static const struct {
    const char *name;
    FakeHost *(*happens)(FakeHost *h);
    bool ends_it;
    bool cold;      /* and what is volatile with it */
} events[] = {
    { "nothing", back_and_forth, false },
    { "function", function_reset, false },
    { "move", move, false },
    { "moves", twice, false },
    { "clock-on", far_on, false },
    { "clock-back", back, false },
    { "hot", hot_reset, true },
    { "cxl", cxl_reset, true },
    { "cold", cold_reset, true, true },
    { "abort", command_abort, true },
};

static void at_moment(const Work *work, unsigned steps, unsigned e)
{
    FakeHost *h = after(work, steps);
    unsigned done = wiped(h);

    if (!h->dev->cci.bg.running ||
        (events[e].happens == command_abort && !work->abortable)) {
        fake_host_free(h);
        return;
    }
    g_test_message("%s after %u steps", events[e].name, steps);
    h = events[e].happens(h);
    fake_check(h);
    if (!events[e].ends_it || (events[e].happens == command_abort &&
                               h->dev->cci.bg.running)) {
        fake_host_run(h, 3 * SECOND);
        g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
        g_assert_cmpuint(wiped(h), ==, work->wipes ? PLACES : 0);
        check_rooms(h, work, true);
    } else {
        fake_host_run(h, 3 * SECOND);
        for (unsigned i = 0; i < PLACES; i++) {
            bool stays = cxl_media_is_persistent(&h->dev->media, place(i)) ||
                         !events[e].cold;

            g_assert_cmpint(fake_marked(h, place(i)), ==, i >= done && stays);
        }
        check_rooms(h, work, false);
    }
    check_recovery(h);
}

/* How many steps it has, none of which goes back */
static unsigned count_steps(const Work *work)
{
    FakeHost *h = after(work, 0);
    unsigned n = 0, last = 0;

    while (h->dev->cci.bg.running) {
        g_assert_cmpuint(n, <, 10000);
        step(h);
        n++;
        g_assert_cmpuint(wiped(h), >=, last);
        last = wiped(h);
        for (unsigned i = last; i < PLACES; i++) {
            g_assert_true(fake_marked(h, place(i)));
        }
    }
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_SUCCESS);
    fake_host_free(h);
    return n;
}

static void test_moments(gconstpointer data)
{
    unsigned steps = count_steps(data);

    for (unsigned e = 0; e < G_N_ELEMENTS(events); e++) {
        for (unsigned n = 0; n < steps; n++) {
            at_moment(data, n, e);
        }
    }
}

static const struct {
    const char *name;
    GTestDataFunc test;
} ends[] = {
    { "success", test_success },
    { "failure", test_failure },
    { "abort", test_abort },
    { "resets", test_resets },
    { "function-reset", test_function_reset },
    { "load", test_load },
    { "moments", test_moments },
};

/* No row that runs in the background is left out above. */
static void test_complete(void)
{
    FakeHost *h = fake_host_default();
    const CxlCci *cci = &h->dev->cci;

    for (unsigned i = 0; i < cci->num_rows; i++) {
        bool found = !cci->rows[i]->work;

        for (unsigned w = 0; w < G_N_ELEMENTS(works); w++) {
            found |= works[w].opcode == cci->rows[i]->opcode;
        }
        g_assert_true(found);
    }
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/background-ends/complete", test_complete);
    for (unsigned w = 0; w < G_N_ELEMENTS(works); w++) {
        for (unsigned e = 0; e < G_N_ELEMENTS(ends); e++) {
            g_autofree char *path =
                g_strdup_printf("/cxl/background-ends/%s/%s", works[w].name,
                                ends[e].name);

            g_test_add_data_func(path, &works[w], ends[e].test);
        }
    }
    return g_test_run();
}
