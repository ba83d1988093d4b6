/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rings of three contexts, run with random interruptions, against an
 * interpreter so simple that it can be checked by eye.  Afterwards memory must
 * be the same byte by byte: data, rings, completion blocks, status.
 *
 * The contexts work on data of their own, so that their order does not
 * matter; within one context order is all.
 *
 * Input: seed[1], then per descriptor context[1] kind[1] a[2] b[2] len[2]
 * flags[1].
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STEP 9
#define MAX_DSC 96
#define CONTEXTS 3
#define ARENA 0x8000u
#define ARENAS G_CXT(CONTEXTS + 1)
#define ARENA_OF(cxt) (ARENAS + ((cxt) - 1) * 2 * ARENA)
#define MEMORY (ARENAS + CONTEXTS * 2 * ARENA)

static uint8_t memory[MEMORY], model_memory[MEMORY];

typedef struct Model {
    uint8_t *memory;
    unsigned state[CONTEXTS + 1];
    uint64_t read_index[CONTEXTS + 1];
    unsigned interrupts[8];
} Model;

static uint64_t ld(const Model *m, uint64_t addr)
{
    return ldq_le_p(m->memory + addr);
}

static void st(Model *m, uint64_t addr, uint64_t value)
{
    stq_le_p(m->memory + addr, value);
}

static bool inside(uint64_t addr, uint64_t len)
{
    return addr < MEMORY && len <= MEMORY - addr;
}

/* True if the descriptor ends without an error. */
static bool interpret(Model *m, unsigned slot, const uint8_t *d)
{
    uint32_t dw0 = ldl_le_p(d) & ~0x1fu;
    uint64_t bytes = (uint64_t)(uint32_t)ldl_le_p(d + 4) + 1;
    uint64_t a0 = ldq_le_p(d + 16), a1 = ldq_le_p(d + 24);
    uint64_t key[2];

    for (unsigned i = 0; i < 2; i++) {
        unsigned index = lduw_le_p(d + 12 + 2 * i);

        key[i] = index < 256 ? ld(m, G_AKEYS(slot) + 16 * index) : 0;
    }
    switch (dw0) {
    case D_NOP & ~1u:
        return true;
    case D_WRT_IMM & ~1u:
        if (bytes > 32 || !(key[0] & 1) || !inside(a0, bytes)) {
            return false;
        }
        memcpy(m->memory + a0, d + 24, bytes);
        return true;
    case D_COPY & ~1u:
        if (!(key[0] & 1) || !(key[1] & 1) || !inside(a0, bytes) ||
            !inside(a1, bytes)) {
            return false;
        }
        memmove(m->memory + a1, m->memory + a0, bytes);
        return true;
    case D_REPCOPY & ~1u:
        if (bytes % 4096 || !(key[0] & 1) || !(key[1] & 1) ||
            !inside(a0, 4096) || !inside(a1, bytes)) {
            return false;
        }
        for (uint64_t at = 0; at < bytes; at += 4096) {
            memcpy(m->memory + a1 + at, m->memory + a0, 4096);
        }
        return true;
    case D_INTR & ~1u:
        if ((key[0] & 3) != 3) {
            return false;
        }
        m->interrupts[key[0] >> 4 & 7]++;
        return true;
    default:
        return false;
    }
}

static void complete(Model *m, const uint8_t *d, bool ok)
{
    uint64_t csb = ldq_le_p(d + 56) & ~UINT64_C(31);

    if (ldq_le_p(d + 56) & 1) {
        return;
    }
    if (!ok) {
        m->memory[csb + 11] |= 0x80;
    }
    st(m, csb, ld(m, csb) - 1);
}

/* All that a context does until it is idle or broken. */
static void model_run(Model *m, unsigned slot)
{
    while (m->state[slot] == RUN &&
           m->read_index[slot] < ld(m, G_WIDX(slot))) {
        uint64_t at = G_RING(slot) + m->read_index[slot] % 1024 * 64;
        uint8_t d[64];
        bool ok;

        memcpy(d, m->memory + at, 64);
        if (!(d[0] & 1)) {
            return;
        }
        m->memory[at] &= ~1;
        ok = interpret(m, slot, d);
        m->read_index[slot]++;
        st(m, G_STS(slot) + 8, m->read_index[slot]);
        complete(m, d, ok);
        if (!ok) {
            m->state[slot] = ERR_FN;
            m->memory[G_STS(slot)] = ERR_FN;
        }
    }
}

/* Reads and writes of one context stay apart, so that overlap is no topic. */
static Dsc make(unsigned slot, const uint8_t *p)
{
    uint64_t src = ARENA_OF(slot) + lduw_le_p(p + 2) % ARENA;
    uint64_t dst = ARENA_OF(slot) + ARENA + lduw_le_p(p + 4) % (ARENA / 2);
    unsigned len = 1 + lduw_le_p(p + 6) % (ARENA / 2);
    unsigned flags = p[8];
    uint64_t csb = flags & 1 ? G_CSB(slot, flags >> 1 & 3) : 0;
    unsigned key = flags & 0x40 ? flags >> 3 & 7 : 0;
    uint8_t data[32];
    Dsc d;

    memset(data, p[2], sizeof(data));
    switch (p[1] % 16) {
    case 0: case 1: case 2: case 3:
        return dsc_nop(csb);
    case 4: case 5: case 6: case 7: case 8:
        return dsc_copy(src % 2 ? src : ARENA_OF(slot) + ARENA, dst, len,
                        key, 0, csb);
    case 9: case 10:
        return dsc_imm(dst, data, 1 + len % 33, csb);
    case 11:
        return dsc_repcopy(ARENA_OF(slot), dst,
                           len % 8 ? 4096 * (len % 3 + 1) : len, csb);
    case 12: case 13:
        return dsc_intr(key, csb);
    case 14:
        d = dsc_copy(src, dst, len, 0, key, csb);
        d.dw[5] = flags & 0x80 ? 0x55 : 0;
        return d;
    default:
        d = dsc_nop(csb);
        d.dw[0] = D_NOP + (lduw_le_p(p + 2) << 8);
        return d;
    }
}

static void set_up(FakeHost *g, unsigned seed)
{
    g->by_pointer = seed & 2;
    g->quiet = seed & 4;
    g->watch = seed & 8;
    g->span_bytes = seed & 16 ? 4096 << (seed >> 5) : 0;
    guest_log(g);
    guest_activate(g);
    for (unsigned n = 1; n <= CONTEXTS; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_akey(g, n, 1, 0x13, 0);
        guest_akey(g, n, 2, 0x21, 0);
        guest_akey(g, n, 3, 0x37 & ~4, 0);
        guest_pattern(g, ARENA_OF(n), 2 * ARENA, seed + n);
        /* the end of the ring is not far */
        fake_st(g, G_STS(n) + 8, 1020 - seed % 32);
        fake_st(g, G_WIDX(n), 1020 - seed % 32);
        guest_start(g, n);
    }
}

/* Some slots are handed over later than others, as real producers do. */
static unsigned enqueue(FakeHost *g, const uint8_t *data, size_t size,
                        uint64_t *late)
{
    unsigned count = 0, num_late = 0;

    for (; count < MAX_DSC && size >= STEP; count++) {
        unsigned slot = 1 + data[0] % CONTEXTS;
        Dsc d = make(slot, data);
        uint64_t index = guest_push(g, slot, &d);

        if ((data[0] & 0xe0) == 0xe0) {
            late[num_late] = guest_slot(g, slot, index);
            g->memory[late[num_late++]] &= ~1;
        }
        data += STEP;
        size -= STEP;
    }
    return num_late;
}

static void save_and_load(FakeHost *g)
{
    guest_load(g, guest_save(g));
}

static void run(FakeHost *g, unsigned seed)
{
    bool more = true;

    for (unsigned i = 0; more; i++) {
        g->yield = false;
        fake_epoch += i % 3 == 0;
        g->yield_after = i < 200 ? 1 + (seed + i * 37) % 50 : 0;
        more = sdxi_device_run(g->dev, 1 + (seed * 1009 + i * 31) % 20000);
        g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
        if (seed & 1 && i % 8 == 3) {
            save_and_load(g);
        }
        g_assert_cmpuint(i, <, 5000);
    }
}

static void compare(FakeHost *g, const Model *m)
{
    for (unsigned n = 1; n <= CONTEXTS; n++) {
        g_assert_cmpuint(guest_state(g, n), ==, m->state[n]);
        g_assert_cmpuint(guest_read_index(g, n), ==, m->read_index[n]);
        g_assert_cmpint(memcmp(g->memory + G_CXT(n), m->memory + G_CXT(n),
                               0x40000), ==, 0);
    }
    g_assert_cmpint(memcmp(g->memory + ARENAS, m->memory + ARENAS,
                           MEMORY - ARENAS), ==, 0);
    for (unsigned i = 1; i < 8; i++) {
        g_assert_cmpuint(g->interrupts[i], ==, m->interrupts[i]);
    }
}

static void both(FakeHost *g, Model *m, unsigned seed)
{
    for (unsigned n = 1; n <= CONTEXTS; n++) {
        guest_ring(g, n, seed);
        model_run(m, n);
    }
    run(g, seed);
    compare(g, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeHost *g;
    Model m = { 0 };
    uint64_t late[MAX_DSC];
    unsigned num_late, seed;

    if (size < 1) {
        return 0;
    }
    seed = data[0];
    g = guest_new_over(memory, MEMORY, NULL);
    set_up(g, seed);
    num_late = enqueue(g, data + 1, size - 1, late);
    m.memory = model_memory;
    memcpy(m.memory, memory, MEMORY);
    for (unsigned n = 1; n <= CONTEXTS; n++) {
        m.state[n] = RUN;
        m.read_index[n] = guest_read_index(g, n);
    }
    both(g, &m, seed);
    for (unsigned i = 0; i < num_late; i++) {
        g->memory[late[i]] |= 1;
        m.memory[late[i]] |= 1;
    }
    both(g, &m, seed + 1);
    guest_free(g);
    return 0;
}
