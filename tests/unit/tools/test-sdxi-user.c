/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user, by way of a port whose function is the device's own core over
 * memory of this program.  Library and core have each their own words for the
 * same specification: here they have to agree.
 */
#include "qemu/osdep.h"
#include "tests/unit/tools/fake-port.h"

static SdxiUser *opened(FakePort *f)
{
    SdxiUser *fn = NULL;

    g_assert_cmpint(sdxi_user_open_port(&f->port, 0, &fn), ==, SDXI_USER_OK);
    return fn;
}

static SdxiUserContext *context(SdxiUser *fn)
{
    SdxiUserContext *c = NULL;

    g_assert_cmpint(sdxi_user_context_new(fn, NULL, &c), ==, SDXI_USER_OK);
    return c;
}

static SdxiUserMemory *memory(SdxiUser *fn, size_t bytes)
{
    SdxiUserMemory *m = NULL;

    g_assert_cmpint(sdxi_user_memory_new(fn, bytes, -1, &m), ==, SDXI_USER_OK);
    return m;
}

static void pattern(SdxiUserMemory *m, unsigned seed)
{
    for (size_t i = 0; i < m->len; i++) {
        m->va[i] = i * 7 + (i >> 12) * 3 + seed;
    }
}

static int run(SdxiUserContext *c, SdxiUserDescriptor d)
{
    int ret;

    sdxi_user_report(&d, c, 5);
    sdxi_user_arm(c, 5, 1);
    ret = sdxi_user_submit(c, &d, 1);
    return ret < 0 ? ret : sdxi_user_wait(c, 5, 1000);
}

/* --- functions ----------------------------------------------------------- */

static void test_open_and_close(void)
{
    FakePort *f = fake_port_new(NULL);
    bool closed = false;
    SdxiUserInfo info;
    SdxiUser *fn;

    f->closed = &closed;
    fn = opened(f);
    g_assert_cmpuint(sdxi_user_state(fn), ==, GSV_ACTIVE);
    sdxi_user_info(fn, &info);
    g_assert_cmpuint(info.major, ==, 1);
    g_assert_cmpuint(info.minor, ==, 0);
    g_assert_cmpuint(info.contexts, ==, FAKE_CONTEXTS);  /* so many doorbells */
    g_assert_cmpuint(info.sfunc, ==, sdxi_device_config(f->g->dev)->sfunc);
    g_assert_cmpuint(info.max_buffer, ==,
                     sdxi_device_config(f->g->dev)->max_buffer);
    g_assert_false(info.vf);
    g_assert_cmpuint(info.rkeys, ==, 256);
    g_assert_cmpstr(info.bdf, ==, "0000:00:01.0");
    fake_port_work(f);
    g_assert_cmpuint(f->g->traces[SDXI_TRACE_FAULT], ==, 0);
    memory(fn, 3 * PAGE);               /* goes with the function */
    context(fn);
    sdxi_user_close(fn);
    g_assert_true(closed);
    sdxi_user_close(NULL);
}

/* The function runs already: somebody was killed. */
static void test_open_again(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn;

    guest_activate(f->g);
    g_assert_cmpuint(guest_gsv(f->g), ==, GSV_ACTIVE);
    fn = opened(f);
    g_assert_cmpint(run(context(fn), sdxi_user_nop()), ==, SDXI_USER_OK);
    sdxi_user_close(fn);
}

static void open_fails(FakePort *f, int error)
{
    SdxiUser *fn = (SdxiUser *)f;
    bool closed = false;

    f->closed = &closed;
    g_assert_cmpint(sdxi_user_open_port(&f->port, 0, &fn), ==, error);
    g_assert_true(closed);
    g_assert_true(fn == (SdxiUser *)f);
}

static void test_open_refused(void)
{
    FakePort *f = fake_port_new(NULL);

    f->version = 0x20000;
    open_fails(f, SDXI_USER_E_VERSION);
    f = fake_port_new(NULL);
    f->port.doorbells_len = PAGE;
    open_fails(f, SDXI_USER_E_LIMIT);
    for (unsigned i = 0; i < 2; i++) {
        f = fake_port_new(NULL);
        f->allocs_left = i;
        open_fails(f, SDXI_USER_E_MEMORY);
    }
    f = fake_port_new(NULL);
    f->scattered = true;
    open_fails(f, SDXI_USER_E_MEMORY);
    f = fake_port_new(NULL);
    f->g->dma_off = true;               /* goes to ERROR */
    open_fails(f, SDXI_USER_E_STATE);
    f = fake_port_new(NULL);
    guest_activate(f->g);               /* runs and does not stop */
    f->deaf = true;
    open_fails(f, SDXI_USER_E_TIMEOUT);
    f = fake_port_new(NULL);                 /* stopped and does not start */
    f->deaf = true;
    open_fails(f, SDXI_USER_E_TIMEOUT);
}

/* A machine that is busy for two seconds: whoever opens it may wait longer. */
static void test_open_slowly(void)
{
    const uint64_t busy = 2000 * UINT64_C(1000000);
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn;

    f->busy_until_ns = busy;
    open_fails(f, SDXI_USER_E_TIMEOUT);
    f = fake_port_new(NULL);
    f->busy_until_ns = busy;
    g_assert_cmpint(sdxi_user_open_port(&f->port, 5000, &fn), ==,
                    SDXI_USER_OK);
    g_assert_cmpuint(f->now_ns, >=, busy);
    f->busy_until_ns = f->now_ns + busy;        /* and when it stops, too */
    sdxi_user_close(fn);
}

static void no_rkeys(SdxiConfig *config)
{
    config->rkeys = 0;
}

static void test_rkeys_not_offered(void)
{
    FakePort *f = fake_port_new(no_rkeys);
    SdxiUserKey key = { .function = 2 };
    SdxiUser *fn = opened(f);

    g_assert_cmpint(sdxi_user_set_rkey(fn, 0, &key), ==,
                    SDXI_USER_E_UNSUPPORTED);
    g_assert_cmpint(sdxi_user_mask(fn, true), ==, SDXI_USER_E_UNSUPPORTED);
    g_assert_cmpint(sdxi_user_pending(fn, NULL), ==, SDXI_USER_E_UNSUPPORTED);
    sdxi_user_close(fn);
}

/* A function that stops answering is cut off, and nothing is lost. */
static void test_close_of_a_deaf_one(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);

    f->deaf = true;
    sdxi_user_set_timeout(fn, 50);
    g_assert_cmpint(run(c, sdxi_user_nop()), ==, SDXI_USER_E_TIMEOUT);
    g_assert_cmpint(sdxi_user_context_free(c), ==, SDXI_USER_E_TIMEOUT);
    sdxi_user_close(fn);
}

/* --- contexts ------------------------------------------------------------ */

static void test_contexts(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c[FAKE_CONTEXTS] = { NULL }, *more = NULL;

    for (unsigned i = 1; i < FAKE_CONTEXTS; i++) {
        c[i] = context(fn);
        g_assert_cmpuint(sdxi_user_context_number(c[i]), ==, i);
        g_assert_cmpuint(sdxi_user_context_state(c[i]), ==, RUN);
    }
    g_assert_cmpint(sdxi_user_context_new(fn, NULL, &more), ==,
                    SDXI_USER_E_LIMIT);
    g_assert_cmpint(sdxi_user_context_free(c[3]), ==, SDXI_USER_OK);
    more = context(fn);
    g_assert_cmpuint(sdxi_user_context_number(more), ==, 3);
    g_assert_cmpuint(sdxi_user_write_index(more), ==, 0);
    g_assert_cmpint(run(more, sdxi_user_nop()), ==, SDXI_USER_OK);
    g_assert_cmpuint(sdxi_user_read_index(more), ==, 1);
    g_assert_cmpint(sdxi_user_context_free(NULL), ==, SDXI_USER_OK);
    sdxi_user_close(fn);
}

static void first_context(void *opaque, const SdxiContextInfo *info)
{
    if (info->number == 1) {
        *(SdxiContextInfo *)opaque = *info;
    }
}

static void test_options(void)
{
    static const SdxiUserContextOptions bad[] = {
        { .entries = 1023 }, { .qos = 4 },
    };
    SdxiUserContextOptions good = { .entries = 1500, .qos = 3 };
    SdxiUserContextOptions large = { .entries = UINT_MAX };
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = NULL;
    SdxiContextInfo info = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmpint(sdxi_user_context_new(fn, &bad[i], &c), ==,
                        SDXI_USER_E_ARGUMENT);
    }
    g_assert_cmpint(sdxi_user_context_new(fn, &large, &c), ==,
                    SDXI_USER_E_LIMIT);
    f->allocs_left = 0;
    g_assert_cmpint(sdxi_user_context_new(fn, &good, &c), ==,
                    SDXI_USER_E_MEMORY);
    f->allocs_left = 9;
    g_assert_null(c);
    g_assert_cmpint(sdxi_user_context_new(fn, &good, &c), ==, SDXI_USER_OK);
    sdxi_device_each_context(f->g->dev, first_context, &info);
    g_assert_cmpuint(info.ring_entries, ==, 1500);
    g_assert_cmpuint(info.qos, ==, 3);
    for (unsigned i = 0; i < 4000; i++) {       /* laps of an odd ring */
        g_assert_cmpint(run(c, sdxi_user_nop()), ==, SDXI_USER_OK);
    }
    sdxi_user_close(fn);
}

/* Somebody else's context: the second one of the same function plays it. */
static void test_attached(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserMemory *m = memory(fn, 8 * PAGE);
    SdxiUserContext *c = context(fn), *other = NULL;
    uint64_t status[2] = { RUN }, bell = 0, index = 5;
    SdxiUserPlace place = {
        .ring = g_malloc0(1024 * 64), .entries = 1024, .write_index = &index,
        .status = status, .completions = (uint64_t *)m->va,
        .completions_at = 0x4000, .doorbell = &bell, .max_buffer = 1 << 21,
    };
    SdxiUserDescriptor d = sdxi_user_nop();

    g_assert_cmpint(sdxi_user_context_attach(&place, &other), ==,
                    SDXI_USER_OK);
    sdxi_user_report(&d, other, 2);
    g_assert_cmphex(d.q[7], ==, 0x4040);
    status[1] = 5;
    g_assert_cmpint(sdxi_user_submit(other, &d, 1), ==, SDXI_USER_OK);
    g_assert_cmpuint(bell, ==, 6);
    g_assert_cmpuint(index, ==, 6);
    g_assert_cmphex(place.ring[5 * 8], ==, 0x10101);
    g_assert_cmpint(sdxi_user_context_restart(other), ==,
                    SDXI_USER_E_UNSUPPORTED);
    g_assert_cmpint(sdxi_user_set_akey(other, 1, NULL), ==,
                    SDXI_USER_E_UNSUPPORTED);
    g_assert_cmpint(sdxi_user_eventfd(other), ==, SDXI_USER_E_UNSUPPORTED);
    g_assert_cmpint(sdxi_user_zero(other, m, 0, PAGE), ==,
                    SDXI_USER_E_UNSUPPORTED);
    sdxi_user_arm(other, 2, 1);
    status[0] = 15;
    g_assert_cmpint(sdxi_user_wait(other, 2, 0), ==, SDXI_USER_E_STATE);
    status[0] = RUN;
    g_assert_cmpint(sdxi_user_wait(other, 2, 0), ==, SDXI_USER_E_TIMEOUT);
    /* While it stops, it takes no more, and ends what it has. */
    for (unsigned i = 0; i < 2; i++) {
        status[0] = i ? STOPG_FN : STOPG_SW;
        g_assert_cmpint(sdxi_user_wait(other, 2, 0), ==, SDXI_USER_E_TIMEOUT);
        g_assert_cmpint(sdxi_user_submit(other, &d, 1), ==,
                        SDXI_USER_E_STATE);
    }
    sdxi_user_arm(other, 2, 0);
    g_assert_cmpint(sdxi_user_wait(other, 2, 0), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_context_free(other), ==, SDXI_USER_OK);
    g_free(place.ring);
    place.entries = 1023;
    g_assert_cmpint(sdxi_user_context_attach(&place, &other), ==,
                    SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(run(c, sdxi_user_nop()), ==, SDXI_USER_OK);
    sdxi_user_close(fn);
}

/* --- rings --------------------------------------------------------------- */

static void test_full(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    g_autofree SdxiUserDescriptor *d = g_new0(SdxiUserDescriptor, 1025);

    for (unsigned i = 0; i < 1025; i++) {
        d[i] = sdxi_user_nop();
        sdxi_user_report(&d[i], c, 1);
    }
    sdxi_user_arm(c, 1, 1024);
    g_assert_cmpint(sdxi_user_submit(c, d, 1025), ==, SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_submit(c, d, 1000), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_submit(c, d, 25), ==, SDXI_USER_E_FULL);
    g_assert_cmpuint(sdxi_user_write_index(c), ==, 1000);
    g_assert_cmpint(sdxi_user_submit(c, d, 24), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_poll(c, 1), ==, SDXI_USER_E_PENDING);
    g_assert_cmpint(sdxi_user_wait(c, 1, 1000), ==, SDXI_USER_OK);
    g_assert_cmpuint(sdxi_user_read_index(c), ==, 1024);
    g_assert_cmpint(sdxi_user_submit(c, d, 1), ==, SDXI_USER_OK);
    sdxi_user_close(fn);
}

/* What finds no room is not waited for by what follows. */
static void test_full_for_a_move(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *m = memory(fn, 2 * PAGE);
    g_autofree SdxiUserDescriptor *d = g_new0(SdxiUserDescriptor, 1024);

    for (unsigned i = 0; i < 1024; i++) {
        d[i] = sdxi_user_nop();
        sdxi_user_report(&d[i], c, 1);
    }
    sdxi_user_arm(c, 1, 1024);
    g_assert_cmpint(sdxi_user_submit(c, d, 1024), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_move(c, m, PAGE, m, 0, PAGE), ==,
                    SDXI_USER_E_FULL);
    g_assert_cmpint(sdxi_user_wait(c, 1, 1000), ==, SDXI_USER_OK);
    pattern(m, 3);
    g_assert_cmpint(sdxi_user_move(c, m, PAGE, m, 0, PAGE), ==, SDXI_USER_OK);
    g_assert_cmpmem(m->va, PAGE, m->va + PAGE, PAGE);
    sdxi_user_close(fn);
}

static void test_failure(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn), *other = context(fn);
    SdxiUserDescriptor after = sdxi_user_nop();

    g_assert_cmpint(run(c, sdxi_user_copy(1, FAKE_MEMORY, 64)), ==,
                    SDXI_USER_E_FAILED);
    g_assert_cmpuint(sdxi_user_context_state(c), ==, ERR_FN);
    g_assert_cmpint(sdxi_user_submit(c, &after, 1), ==, SDXI_USER_E_STATE);
    g_assert_cmpint(run(other, sdxi_user_nop()), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_context_restart(c), ==, SDXI_USER_OK);
    g_assert_cmpint(run(c, sdxi_user_nop()), ==, SDXI_USER_OK);
    g_assert_cmpuint(sdxi_user_read_index(c), ==, 2);
    sdxi_user_close(fn);
}

/* What was queued behind a failure is never done: that is no time-out. */
static void test_failure_before_others(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserDescriptor d[2] = {
        sdxi_user_copy(1, FAKE_MEMORY, 64), sdxi_user_nop(),
    };

    sdxi_user_report(&d[1], c, 1);
    sdxi_user_arm(c, 1, 1);
    g_assert_cmpint(sdxi_user_submit(c, d, 2), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_wait(c, 1, 1000000), ==, SDXI_USER_E_STATE);
    sdxi_user_close(fn);
}

/* --- descriptors --------------------------------------------------------- */

static void all_groups(SdxiConfig *config)
{
    config->groups = SDXI_USER_GROUP_ATOMIC | SDXI_USER_GROUP_INTR;
}

static void test_descriptors(void)
{
    FakePort *f = fake_port_new(all_groups);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *m = memory(fn, 4 * PAGE);
    uint64_t at = sdxi_user_address(m, 0, NULL);
    SdxiUserDescriptor d;

    for (unsigned n = 1; n <= 32; n++) {
        memset(m->va, 0, 64);
        d = sdxi_user_write(at + 3, "0123456789abcdefghijklmnopqrstuv", n);
        sdxi_user_fence(&d);
        g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
        g_assert_cmpmem(m->va + 3, n, "0123456789abcdefghijklmnopqrstuv", n);
        g_assert_cmpuint(m->va[2] | m->va[3 + n], ==, 0);
    }
    pattern(m, 1);
    g_assert_cmpint(run(c, sdxi_user_repeat(at + PAGE, at, 3 * PAGE)), ==,
                    SDXI_USER_OK);
    for (unsigned i = 1; i < 4; i++) {
        g_assert_cmpmem(m->va, PAGE, m->va + i * PAGE, PAGE);
    }
    stq_le_p(m->va, 40);
    d = sdxi_user_atomic(SDXI_USER_ADD, at, 8, 2, 0, at + 8);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
    g_assert_cmpuint(ldq_le_p(m->va), ==, 42);
    g_assert_cmpuint(ldq_le_p(m->va + 8), ==, 40);
    d = sdxi_user_atomic(SDXI_USER_CMPSWAP, at, 4, 7, 42, 0);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
    g_assert_cmpuint(ldq_le_p(m->va), ==, 7);
    g_assert_cmpint(run(c, sdxi_user_intr(0)), ==, SDXI_USER_OK);
    g_assert_cmpuint(f->g->interrupts[1], ==, 1);
    sdxi_user_close(fn);
}

static void test_eventfd(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = NULL;
    int fd;

    for (unsigned i = 0; i < 3; i++) {
        c = context(fn);
        fd = sdxi_user_eventfd(c);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(lseek(fd, 0, SEEK_END), ==,
                        sdxi_user_context_number(c));
        g_assert_cmpint(sdxi_user_eventfd(c), ==, fd);
    }
    g_assert_cmpint(sdxi_user_eventfd(context(fn)), ==,
                    SDXI_USER_E_UNSUPPORTED);    /* there are four vectors */
    sdxi_user_close(fn);
}

/* --- keys ---------------------------------------------------------------- */

static void second(SdxiConfig *config)
{
    config->sfunc++;
}

static void test_keys_of_two_functions(void)
{
    FakePort *fa = fake_port_new(NULL), *fb = fake_port_new(second);
    SdxiUser *a = opened(fa), *b = opened(fb);
    SdxiUserMemory *ma = memory(a, PAGE), *mb = memory(b, PAGE);
    SdxiUserContext *c = context(a);
    SdxiUserInfo ia, ib;
    SdxiUserKey theirs, mine;
    SdxiUserDescriptor d;

    fake_host_befriend(fa->g, fb->g);
    sdxi_user_info(a, &ia);
    sdxi_user_info(b, &ib);
    theirs = (SdxiUserKey) { .function = ia.sfunc };
    mine = (SdxiUserKey) { .function = ib.sfunc, .rkey = 9 };
    pattern(ma, 3);
    d = sdxi_user_copy(sdxi_user_address(mb, 0, NULL),
                       sdxi_user_address(ma, 0, NULL), PAGE);
    sdxi_user_keys(&d, 4, 0);
    g_assert_cmpint(sdxi_user_set_akey(c, 4, &mine), ==, SDXI_USER_OK);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_E_FAILED);
    g_assert_cmpint(sdxi_user_context_restart(c), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_set_rkey(b, 9, &theirs), ==, SDXI_USER_OK);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
    g_assert_cmpmem(ma->va, PAGE, mb->va, PAGE);
    d = sdxi_user_write(sdxi_user_address(mb, 0, NULL), "hello", 5);
    sdxi_user_keys(&d, 4, 0);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
    g_assert_cmpmem(mb->va, 5, "hello", 5);
    g_assert_cmpint(sdxi_user_set_rkey(b, 9, NULL), ==, SDXI_USER_OK);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_E_FAILED);
    g_assert_cmpint(sdxi_user_context_restart(c), ==, SDXI_USER_OK);
    g_assert_cmpint(sdxi_user_set_akey(c, 4, NULL), ==, SDXI_USER_OK);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_E_FAILED);
    sdxi_user_close(a);
    sdxi_user_close(b);
}

/* The third word of a key: a process's own memory, by its number */
static void test_key_of_a_process(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserKey key = { .pasid_valid = true, .pasid = 2 };
    SdxiUserDescriptor d = sdxi_user_write(0x123, "abc", 3);

    g_assert_cmpint(sdxi_user_set_akey(c, 255, &key), ==, SDXI_USER_OK);
    sdxi_user_keys(&d, 255, 0);
    g_assert_cmpint(run(c, d), ==, SDXI_USER_OK);
    g_assert_cmpmem(fake_host_memory(f->g, true, 2) + 0x123, 3, "abc", 3);
    g_assert_cmpint(sdxi_user_set_akey(c, 256, &key), ==,
                    SDXI_USER_E_ARGUMENT);
    key.pasid = 1 << 20;
    g_assert_cmpint(sdxi_user_set_akey(c, 1, &key), ==, SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_set_rkey(fn, 1, &key), ==, SDXI_USER_E_ARGUMENT);
    key.pasid = 0;
    key.vector = 2048;
    g_assert_cmpint(sdxi_user_set_akey(c, 1, &key), ==, SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_set_rkey(fn, 1, &key), ==, SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_set_rkey(fn, 256, NULL), ==,
                    SDXI_USER_E_ARGUMENT);
    sdxi_user_close(fn);
}

/* --- memory -------------------------------------------------------------- */

static void moves(SdxiUserContext *c, SdxiUserMemory *dst, SdxiUserMemory *src,
                  size_t bytes)
{
    pattern(src, bytes);
    memset(dst->va, 0xa5, dst->len);
    g_assert_cmpint(sdxi_user_move(c, dst, 5, src, 3, bytes), ==,
                    SDXI_USER_OK);
    g_assert_cmpmem(dst->va + 5, bytes, src->va + 3, bytes);
    g_assert_cmpuint(dst->va[4] & dst->va[5 + bytes], ==, 0xa5);
}

static void test_moves(void)
{
    static const size_t sizes[] = {
        1, 63, PAGE, PAGE + 1, 65537, 3 << 20, (3 << 20) + 4097,
    };
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *a = memory(fn, 4 << 20), *b;

    f->scattered = true;
    b = memory(fn, 4 << 20);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        moves(c, a, b, sizes[i]);
        moves(c, b, a, sizes[i]);
    }
    g_assert_cmpint(sdxi_user_memory_check(fn, b), ==, SDXI_USER_E_MOVED);
    g_assert_cmpint(sdxi_user_move(c, a, 1, b, 0, a->len), ==,
                    SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_move(c, a, 0, b, b->len + 1, 0), ==,
                    SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_move(c, a, a->len, b, 0, 0), ==, SDXI_USER_OK);
    sdxi_user_memory_free(fn, a);
    sdxi_user_memory_free(fn, NULL);
    sdxi_user_close(fn);
}

/* What a call has left behind is no end of the next one. */
static void test_moves_after_a_timeout(void)
{
    SdxiUserKey key = { .pasid_valid = true, .pasid = 2 };
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *a = memory(fn, PAGE), *b = memory(fn, PAGE);

    sdxi_user_set_timeout(fn, 50);
    f->deaf = true;
    g_assert_cmpint(sdxi_user_move(c, b, 0, a, 0, PAGE), ==,
                    SDXI_USER_E_TIMEOUT);
    g_assert_cmpint(sdxi_user_set_akey(c, 7, &key), ==, SDXI_USER_E_TIMEOUT);
    f->deaf = false;
    pattern(a, 9);
    g_assert_cmpint(sdxi_user_move(c, b, 0, a, 0, PAGE), ==, SDXI_USER_OK);
    g_assert_cmpmem(b->va, PAGE, a->va, PAGE);
    g_assert_cmpint(sdxi_user_set_akey(c, 7, &key), ==, SDXI_USER_OK);
    sdxi_user_close(fn);
}

static void small_buffers(SdxiConfig *config)
{
    config->max_buffer = 2 << 20;
}

static void test_moves_beyond_a_buffer(void)
{
    FakePort *f = fake_port_new(small_buffers);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *a = memory(fn, 6 << 20), *b = memory(fn, 6 << 20);

    pattern(a, 5);
    g_assert_cmpint(sdxi_user_move_at(c, sdxi_user_address(b, 0, NULL),
                                      sdxi_user_address(a, 0, NULL),
                                      (4 << 20) + 1), ==, SDXI_USER_OK);
    g_assert_cmpuint(sdxi_user_read_index(c), ==, 3);
    g_assert_cmpmem(a->va, (4 << 20) + 1, b->va, (4 << 20) + 1);
    g_assert_cmpuint(b->va[(4 << 20) + 1], ==, 0);
    g_assert_cmpint(sdxi_user_move_at(c, FAKE_MEMORY, 0, 3), ==,
                    SDXI_USER_E_FAILED);
    sdxi_user_close(fn);
}

/* A function that takes more than a descriptor can say */
static void test_largest_buffer(void)
{
    FakePort *f = fake_port_new(NULL);
    SdxiUserInfo info;
    SdxiUser *fn;

    f->cap1 = 15;
    fn = opened(f);
    sdxi_user_info(fn, &info);
    g_assert_cmphex(info.max_buffer, ==, UINT64_C(1) << 32);
    g_assert_cmpuint(guest_rd(f->g, R_CTL2) & 15, ==, 11);
    sdxi_user_close(fn);
}

static void test_zero(void)
{
    static const size_t ends[][2] = {
        { 0, 1 }, { 1, 4095 }, { 7, 3 * PAGE }, { 100, (2 << 20) + 9 },
    };
    FakePort *f = fake_port_new(NULL);
    SdxiUser *fn = opened(f);
    SdxiUserContext *c = context(fn);
    SdxiUserMemory *m;

    for (unsigned round = 0; round < 2; round++) {
        f->scattered = round;
        m = memory(fn, 3 << 20);
        for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
            memset(m->va, 0x5a, m->len);
            g_assert_cmpint(sdxi_user_zero(c, m, ends[i][0], ends[i][1]), ==,
                            SDXI_USER_OK);
            for (size_t at = 0; at < m->len; at++) {
                bool in = at >= ends[i][0] && at < ends[i][0] + ends[i][1];

                g_assert_cmpuint(m->va[at], ==, in ? 0 : 0x5a);
            }
        }
        g_assert_cmpint(sdxi_user_zero(c, m, 1, m->len), ==,
                        SDXI_USER_E_ARGUMENT);
    }
    g_assert_cmpint(sdxi_user_memory_new(fn, 0, -1, &m), ==,
                    SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_memory_new(fn, 1, -2, &m), ==,
                    SDXI_USER_E_ARGUMENT);
    sdxi_user_close(fn);
}

static void test_addresses(void)
{
    uint64_t at[] = { 0x8000, 0x9000, 0x3000 }, n;
    SdxiUserPages pages = { .size = PAGE, .n = 3, .at = at };
    SdxiUserMemory m = { .len = 3 * PAGE - 10, .pages = &pages };

    g_assert_cmphex(sdxi_user_address(&m, 1, &n), ==, 0x8001);
    g_assert_cmpuint(n, ==, 2 * PAGE - 1);
    g_assert_cmphex(sdxi_user_address(&m, PAGE, &n), ==, 0x9000);
    g_assert_cmpuint(n, ==, PAGE);
    g_assert_cmphex(sdxi_user_address(&m, 2 * PAGE + 6, &n), ==, 0x3006);
    g_assert_cmpuint(n, ==, PAGE - 16);
}

static void test_errors_in_words(void)
{
    for (int i = 0; i > -SDXI_USER_ERRORS; i--) {
        for (int j = 0; j > i; j--) {
            g_assert_cmpstr(sdxi_user_strerror(i), !=, sdxi_user_strerror(j));
        }
        g_assert_cmpstr(sdxi_user_strerror(i), !=, sdxi_user_strerror(1));
    }
    g_assert_nonnull(sdxi_user_strerror(INT_MIN));
    g_assert_nonnull(sdxi_user_strerror(INT_MAX));
    g_assert_nonnull(sdxi_user_strerror(-SDXI_USER_ERRORS));
}

/* No such function here: what is asked is refused before anything is done. */
static void test_no_such_function(void)
{
    SdxiUser *fn = NULL;

    g_assert_cmpint(sdxi_user_open("0000:00:1f.7", SDXI_USER_ANY, &fn), ==,
                    SDXI_USER_E_DEVICE);
    g_assert_cmpint(sdxi_user_open("0000:00:1f.7", 3, &fn), ==,
                    SDXI_USER_E_ARGUMENT);
    g_assert_cmpint(sdxi_user_open("../../../../etc", SDXI_USER_VFIO, &fn), ==,
                    SDXI_USER_E_DEVICE);
    g_assert_null(fn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/tools/sdxi-user/" name, test)
    ADD("open", test_open_and_close);
    ADD("open-again", test_open_again);
    ADD("open-slowly", test_open_slowly);
    ADD("open-refused", test_open_refused);
    ADD("no-such-function", test_no_such_function);
    ADD("not-offered", test_rkeys_not_offered);
    ADD("close-deaf", test_close_of_a_deaf_one);
    ADD("contexts", test_contexts);
    ADD("options", test_options);
    ADD("attached", test_attached);
    ADD("full", test_full);
    ADD("full-for-a-move", test_full_for_a_move);
    ADD("failure", test_failure);
    ADD("failure-before-others", test_failure_before_others);
    ADD("descriptors", test_descriptors);
    ADD("eventfd", test_eventfd);
    ADD("keys", test_keys_of_two_functions);
    ADD("key-of-a-process", test_key_of_a_process);
    ADD("moves", test_moves);
    ADD("moves-after-a-timeout", test_moves_after_a_timeout);
    ADD("moves-beyond-a-buffer", test_moves_beyond_a_buffer);
    ADD("largest-buffer", test_largest_buffer);
    ADD("zero", test_zero);
    ADD("addresses", test_addresses);
    ADD("errors", test_errors_in_words);
    return g_test_run();
}
