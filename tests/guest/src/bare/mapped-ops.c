/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that processors do to memory, done to an interleaved set: vectors
 * across chunks and pages, string instructions, atomics of four processors at
 * one word, also of 16 bytes and across a page, and code that runs there and
 * changes itself.
 */
#include "bare-cxl.h"

#define CPUS        4
#define ROUNDS      20000u
#define AREA        (8 * MIB)
#define PAGE        4096

/* What the four count: aligned, 16 bytes, across a chunk, across a page */
typedef struct Counts {
    uint64_t *word;
    uint64_t *pair;
    uint64_t *chunk;
    uint64_t *page;
} Counts;

typedef unsigned __int128 Pair;

static volatile unsigned ready, finished;

static Counts counts(void)
{
    return (Counts) {
        (uint64_t *)(window + 0x10040), (uint64_t *)(window + 0x20080),
        (uint64_t *)(window + 0x300fc), (uint64_t *)(window + 0x40ffc),
    };
}

static void add_pair(uint64_t *p)
{
    uint64_t low = p[0], high = p[1];
    bool done;

    do {
        __asm__ volatile("lock cmpxchg16b %1; sete %0"
                         : "=q"(done), "+m"(*(Pair *)p), "+a"(low), "+d"(high)
                         : "b"(low + 1), "c"(high + 2) : "cc", "memory");
    } while (!done);
}

static void count(void)
{
    Counts c = counts();

    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (ready < CPUS) {
        pause_cpu();
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        __asm__ volatile("lock incq %0" : "+m"(*c.word) : : "cc");
        add_pair(c.pair);
        if (i % 64 == 0) { /* these stop all processors */
            __asm__ volatile("lock incq %0" : "+m"(*c.chunk) : : "cc");
            __asm__ volatile("lock incq %0" : "+m"(*c.page) : : "cc");
        }
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

static bool atomics(void)
{
    Counts c = counts();
    uint64_t some = CPUS * ((ROUNDS + 63) / 64);

    *c.word = c.pair[0] = c.pair[1] = *c.chunk = *c.page = 0;
    start_cpus();
    count();
    while (finished < CPUS) {
        pause_cpu();
    }
    return *c.word == CPUS * ROUNDS && c.pair[0] == CPUS * ROUNDS &&
           c.pair[1] == 2 * CPUS * ROUNDS && *c.chunk == some &&
           *c.page == some;
}

static void enable_avx(void)
{
    uint64_t cr4;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 1u << 18)); /* OSXSAVE */
    __asm__ volatile("xsetbv" : : "a"(7), "d"(0), "c"(0));
}

static void copy32(void *to, const void *from)
{
    __asm__ volatile("vmovdqu (%1), %%ymm0; vmovdqu %%ymm0, (%0)"
                     : : "r"(to), "r"(from) : "memory");
}

static void copy16(void *to, const void *from)
{
    __asm__ volatile("movdqu (%1), %%xmm1; movdqu %%xmm1, (%0)"
                     : : "r"(to), "r"(from) : "memory");
}

static bool equal(const uint8_t *a, const uint8_t *b, unsigned len)
{
    while (len && *a == *b) {
        a++;
        b++;
        len--;
    }
    return !len;
}

/* At every offset across the end of a chunk, and of a page */
static bool vectors(void)
{
    static const uint16_t edges[] = { 256, PAGE };
    uint8_t in[32], out[32];

    enable_avx();
    for (unsigned e = 0; e < 2; e++) {
        for (unsigned back = 0; back <= 32; back++) {
            uint8_t *at = (uint8_t *)(window + MIB + edges[e] - back);

            for (unsigned i = 0; i < 32; i++) {
                in[i] = e * 64 + back + i;
            }
            copy32(at, in);
            copy32(out, at);
            if (!equal(out, in, 32)) {
                return false;
            }
            copy16(at, in + 16);
            copy16(out, at);
            if (!equal(out, in + 16, 16) || at[31] != in[31]) {
                return false;
            }
        }
    }
    return true;
}

static bool strings(void)
{
    uint64_t from = window + 16 * MIB, to = from + AREA + 3;
    const uint64_t *word = (const uint64_t *)from;

    for (unsigned i = 0; i < AREA / 8; i++) {
        ((uint64_t *)from)[i] = i * 0x9e3779b97f4a7c15ull;
    }
    {
        uint64_t d = to, s = from, n = AREA;

        __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : :
                         "memory");
    }
    return equal((const uint8_t *)to, (const uint8_t *)from, AREA) &&
           word[AREA / 8 - 1] == (AREA / 8 - 1) * 0x9e3779b97f4a7c15ull;
}

/* mov $VALUE, %eax; ret: across the end of a chunk, then of a page */
static bool code(void)
{
    static const uint16_t edges[] = { 256, PAGE };

    for (unsigned e = 0; e < 2; e++) {
        uint8_t *at = (uint8_t *)(window + 2 * MIB + edges[e] - 3);
        uint32_t (*function)(void) = (uint32_t (*)(void))at;

        at[0] = 0xb8;
        at[5] = 0xc3;
        for (uint32_t value = 1; value < 300; value += 7) {
            for (unsigned i = 0; i < 4; i++) {
                at[1 + i] = (value * 0x01010101u) >> (8 * i);
            }
            if (function() != value * 0x01010101u) {
                return false;
            }
        }
    }
    return true;
}

/* What the host wrote is where each device has it. */
static bool seen_alone(void)
{
    const uint64_t off = 16 * MIB + 0x12300; /* chunk 291: the second device */
    uint64_t value = *(volatile uint64_t *)(window + off + 8);

    release_all();
    establish(SECOND);
    return *(volatile uint64_t *)(window + off / 512 * 256 + 8) == value;
}

static bool report(const char *what, bool good)
{
    print("%sok %s\n", good ? "" : "not ", what);
    return good;
}

void bare_main(unsigned cpu)
{
    bool good = true;

    if (cpu) {
        count();
        return;
    }
    if (!find_devices()) {
        print("not ok no devices\n");
        finish(false);
    }
    establish(BOTH);
    good &= report("atomics", atomics());
    good &= report("vectors", vectors());
    good &= report("strings", strings());
    good &= report("code", code());
    good &= report("order", seen_alone());
    finish(good);
}
