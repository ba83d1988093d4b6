/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/regmap: every width at every offset over areas that touch, leave
 * holes and end in the middle of an access, against one byte after the other.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/regmap.h"

#define END 64

typedef struct World {
    uint8_t bytes[END];
    struct {
        uint64_t at;
        uint64_t value;
        unsigned size;
    } calls[8];
    unsigned num_calls;
} World;

static void note(World *w, uint64_t at, uint64_t value, unsigned size)
{
    g_assert_cmpuint(size, >=, 1);
    g_assert_cmpuint(w->num_calls, <, ARRAY_SIZE(w->calls));
    w->calls[w->num_calls].at = at;
    w->calls[w->num_calls].value = value;
    w->calls[w->num_calls++].size = size;
}

static uint64_t read_at(World *w, uint64_t start, uint64_t offset,
                        unsigned size)
{
    uint64_t value = UINT64_MAX;    /* what is beyond the size is dropped */

    note(w, start + offset, 0, size);
    for (unsigned i = 0; i < size; i++) {
        value = deposit64(value, 8 * i, 8, w->bytes[start + offset + i]);
    }
    return size == 8 ? value : extract64(value, 0, 8 * size);
}

static void write_at(World *w, uint64_t start, uint64_t offset,
                     uint64_t value, unsigned size)
{
    note(w, start + offset, value, size);
    for (unsigned i = 0; i < size; i++) {
        w->bytes[start + offset + i] = value >> (8 * i);
    }
}

#define AREA(name, start_, len_)                                        \
    static uint64_t read_##name(void *o, uint64_t at, unsigned n)       \
    {                                                                   \
        g_assert_cmpuint(at + n, <=, len_);                             \
        return read_at(o, start_, at, n);                               \
    }                                                                   \
    static void write_##name(void *o, uint64_t at, uint64_t v,          \
                             unsigned n)                                \
    {                                                                   \
        g_assert_cmpuint(at + n, <=, len_);                             \
        write_at(o, start_, at, v, n);                                  \
    }

AREA(a, 3, 5)
AREA(b, 8, 1)
AREA(c, 9, 2)
AREA(d, 16, 12)
AREA(e, 40, 8)

#define ROW(name, start_, len_) { start_, len_, read_##name, write_##name }

static const RegmapArea areas[] = {
    ROW(a, 3, 5), ROW(b, 8, 1), ROW(c, 9, 2), ROW(d, 16, 12), ROW(e, 40, 8),
};

static const RegmapArea *area_of(uint64_t at)
{
    for (unsigned i = 0; i < ARRAY_SIZE(areas); i++) {
        if (at >= areas[i].start && at - areas[i].start < areas[i].len) {
            return &areas[i];
        }
    }
    return NULL;
}

static void fill(World *w)
{
    *w = (World) { 0 };
    for (unsigned i = 0; i < END; i++) {
        w->bytes[i] = 0x80 + i;
    }
}

/* One call for each area that is touched, ascending, with all its bytes. */
static void check_calls(const World *w, uint64_t addr, unsigned size)
{
    unsigned n = 0;

    for (unsigned i = 0; i < size; n++) {
        const RegmapArea *area = area_of(addr + i);
        unsigned len = 0;

        while (i < size && area_of(addr + i) == area) {
            i++;
            len++;
        }
        if (!area) {
            n--;
            continue;
        }
        g_assert_cmpuint(n, <, w->num_calls);
        g_assert_cmpuint(w->calls[n].at, ==, addr + i - len);
        g_assert_cmpuint(w->calls[n].size, ==, len);
    }
    g_assert_cmpuint(n, ==, w->num_calls);
}

static void test_reads(void)
{
    World w;

    for (uint64_t addr = 0; addr + 8 < END; addr++) {
        for (unsigned size = 1; size <= 8; size++) {
            uint64_t expected = 0;

            fill(&w);
            for (unsigned i = 0; i < size; i++) {
                expected |= area_of(addr + i) ?
                            (uint64_t)w.bytes[addr + i] << (8 * i) : 0;
            }
            g_assert_cmphex(regmap_read(areas, ARRAY_SIZE(areas), &w, addr,
                                        size), ==, expected);
            check_calls(&w, addr, size);
        }
    }
}

static void test_writes(void)
{
    const uint64_t value = 0x1122334455667788;
    World w, model;

    for (uint64_t addr = 0; addr + 8 < END; addr++) {
        for (unsigned size = 1; size <= 8; size++) {
            fill(&w);
            fill(&model);
            for (unsigned i = 0; i < size; i++) {
                if (area_of(addr + i)) {
                    model.bytes[addr + i] = value >> (8 * i);
                }
            }
            regmap_write(areas, ARRAY_SIZE(areas), &w, addr, value, size);
            g_assert_cmpmem(w.bytes, END, model.bytes, END);
            check_calls(&w, addr, size);
            for (unsigned i = 0; i < w.num_calls; i++) {
                g_assert_cmphex(w.calls[i].value, ==,
                                extract64(value,
                                          8 * (w.calls[i].at - addr),
                                          8 * w.calls[i].size));
            }
        }
    }
}

/* The end of the address space is no wall to run into. */
static void test_far_away(void)
{
    World w;

    fill(&w);
    for (unsigned size = 1; size <= 8; size++) {
        for (uint64_t back = 1; back <= 16; back++) {
            uint64_t addr = -back;

            g_assert_cmphex(regmap_read(areas, ARRAY_SIZE(areas), &w, addr,
                                        size), ==, 0);
            regmap_write(areas, ARRAY_SIZE(areas), &w, addr, UINT64_MAX,
                         size);
        }
    }
    g_assert_cmphex(regmap_read(NULL, 0, &w, 8, 8), ==, 0);
    g_assert_cmpuint(w.num_calls, ==, 0);
}

static void test_check(void)
{
    RegmapArea bad[2] = { areas[0], areas[1] };

    g_assert_true(regmap_check(areas, ARRAY_SIZE(areas)));
    bad[1].start--;
    g_assert_false(regmap_check(bad, 2));
    bad[1] = areas[1];
    bad[1].len = 0;
    g_assert_false(regmap_check(bad, 2));
    bad[1].len = UINT64_MAX;
    g_assert_false(regmap_check(bad, 2));
    bad[1] = areas[1];
    bad[1].write = NULL;
    g_assert_false(regmap_check(bad, 2));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regmap/reads", test_reads);
    g_test_add_func("/regmap/writes", test_writes);
    g_test_add_func("/regmap/far-away", test_far_away);
    g_test_add_func("/regmap/check", test_check);
    return g_test_run();
}
