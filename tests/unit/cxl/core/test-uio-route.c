/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of unordered I/O at switches and host bridges: decoders that are
 * matched, targets that take it, below further switches too, each reason why it
 * is refused, and who decides first.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/core/uio-route.h"

#define BASE 0x400000000ull
#define U    (256 * MiB)

#define LEN  CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)

static uint8_t regs[LEN];
static uint32_t mask[LEN / 4];

static void bridge(void)
{
    memset(regs, 0, sizeof(regs));
    memset(mask, 0, sizeof(mask));
    stl_le_p(regs + CXL_HDM_CAP, CXL_HDM_CAP_COUNT(2)); /* four */
    cxl_uio_bridge_init(regs, mask + CXL_HDM_CTRL(0) / 4);
}

static void commit_at(uint8_t *at, unsigned n, uint32_t ctrl, uint64_t base,
                      uint64_t size)
{
    cxl_bridge_decoders_write(at, CXL_HDM_BASE_LO(n), (uint32_t)base);
    cxl_bridge_decoders_write(at, CXL_HDM_BASE_HI(n), base >> 32);
    cxl_bridge_decoders_write(at, CXL_HDM_SIZE_LO(n), size);
    cxl_bridge_decoders_write(at, CXL_HDM_SIZE_HI(n), size >> 32);
    cxl_bridge_decoders_write(at, CXL_HDM_TARGET_LO(n), 0x0907);
    cxl_bridge_decoders_write(at, CXL_HDM_CTRL(n), ctrl);
}

static void commit(unsigned n, uint32_t ctrl, uint64_t size)
{
    commit_at(regs, n, ctrl, BASE, size);
}

static void test_capability(void)
{
    bridge();
    g_assert_cmphex(ldl_le_p(regs + CXL_HDM_CAP), ==, 0x00042002);
    for (unsigned i = 0; i < ARRAY_SIZE(mask); i++) {
        unsigned n = (4 * i - CXL_HDM_CTRL(0)) / CXL_HDM_STRIDE;
        bool ctrl = n < 4 && 4 * i == CXL_HDM_CTRL(n);

        g_assert_cmphex(mask[i], ==, ctrl ? 0x0fff4000 : 0);
    }
    /* Once more changes nothing. */
    cxl_uio_bridge_init(regs, mask + CXL_HDM_CTRL(0) / 4);
    g_assert_cmphex(ldl_le_p(regs + CXL_HDM_CAP), ==, 0x00042002);
}

static void test_decoder(void)
{
    CxlUioDecoder d;

    bridge();
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_COMMIT, 2 * U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_UIO, 2 * U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(1),
           2 * U);
    g_assert_true(cxl_uio_bridge_decoder(regs, 0, &d));
    g_assert_cmphex(d.base, ==, BASE);
    g_assert_cmphex(d.size, ==, 2 * U);
    g_assert_cmpuint(d.ways, ==, 2);
    g_assert_cmpuint(d.target[0], ==, 7);
    g_assert_cmpuint(d.target[1], ==, 9);
    g_assert_false(d.shared);
    commit(1, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | 0x00100000, 2 * U);
    g_assert_true(cxl_uio_bridge_decoder(regs, 1, &d));
    g_assert_true(d.shared);
    /* What has no size, no code, or is not there */
    commit(2, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT, 0);
    g_assert_false(cxl_uio_bridge_decoder(regs, 2, &d));
    commit(3, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(15), U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 3, &d));
    commit(3, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(4), U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 3, &d));
    commit(4, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT, U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 4, &d));
}

/* --- devices -------------------------------------------------------------- */

static void changed(void *opaque G_GNUC_UNUSED, int decoder G_GNUC_UNUSED,
                    bool committed G_GNUC_UNUSED)
{
}

static const CxlHdmOps ops = { .changed = changed };

/* Position @isp of the ways of @iw, of @size bytes from BASE on */
static uint32_t device_of(CxlHdm *hdm, uint64_t size, unsigned iw,
                          uint32_t isp, uint32_t bits)
{
    static const CxlHdmArea area = { 0, 4 * U };
    const CxlHdmConfig config = { .decoders = 4, .uio_decoders = 4 };

    cxl_hdm_init(hdm, &config, &ops, NULL);
    cxl_hdm_set_areas(hdm, &area, 1);
    cxl_hdm_write(hdm, CXL_HDM_BASE_LO(0), BASE, 8);
    cxl_hdm_write(hdm, CXL_HDM_SIZE_LO(0), size, 8);
    cxl_hdm_write(hdm, CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT |
                  CXL_HDM_CTRL_IW(iw) | isp << 24 | bits, 4);
    return cxl_hdm_read(hdm, CXL_HDM_CTRL(0), 4);
}

static uint32_t device(CxlHdm *hdm, uint32_t isp, uint32_t bits)
{
    return device_of(hdm, 2 * U, 1, isp, bits);
}

static void test_device(void)
{
    CxlUioDecoder d = { .base = BASE, .size = 2 * U, .ways = 2 };
    CxlHdm hdm;

    /* All can: there is no count. */
    g_assert_true(device(&hdm, 1, CXL_HDM_CTRL_UIO) & CXL_HDM_CTRL_COMMITTED);
    g_assert_cmphex(cxl_hdm_read(&hdm, CXL_HDM_CAP, 4) & 0x000f2000, ==,
                    0x2000);
    g_assert_true(cxl_uio_device_takes(&hdm, &d, 1));
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 0));
    d.ways = 1;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.ways = 2;
    d.size = 3 * U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.size = 2 * U;
    d.base -= U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.base += 2 * U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.size = U;
    g_assert_true(cxl_uio_device_takes(&hdm, &d, 1));

    g_assert_true(device(&hdm, 1, 0) & CXL_HDM_CTRL_COMMITTED);
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    g_assert_true(device(&hdm, 2, CXL_HDM_CTRL_UIO) & CXL_HDM_CTRL_ERROR);
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 2));
    /* r3.1's way to say it */
    g_assert_true(device(&hdm, 3, CXL_HDM_CTRL_UIO | 0x00200000) &
                  CXL_HDM_CTRL_COMMITTED);
}

/* --- fates ---------------------------------------------------------------- */

/* What is below ports 7 and 9 of a bridge */
typedef struct Bridge {
    uint8_t regs[LEN];
    CxlUioPlace below[2];
} Bridge;

static GString *story;

static void look(void *opaque G_GNUC_UNUSED, void *at, uint8_t port,
                 CxlUioPlace *place)
{
    Bridge *b = at;

    g_assert_null(place->regs);
    if (port == 7 || port == 9) {
        *place = b->below[port == 9];
    }
}

static void tell(void *opaque G_GNUC_UNUSED, uint64_t base, uint64_t size,
                 CxlUioFate fate)
{
    g_string_append_printf(story, "%d+%d:%d ", (int)((int64_t)(base - BASE) /
                                                     (int64_t)U),
                           (int)(size / U), fate);
}

static const CxlUioOps host = { .look = look, .tell = tell };

static CxlUioPlace completer(const CxlHdm *hdm)
{
    return (CxlUioPlace) { .hdm = hdm, .completer = true, .channel = true };
}

static CxlUioPlace another(Bridge *b)
{
    return (CxlUioPlace) { .regs = b->regs, .bridge = b, .channel = true };
}

static void bridge_at(Bridge *b, uint32_t ctrl, uint64_t base, uint64_t size)
{
    memset(b->regs, 0, sizeof(b->regs));
    stl_le_p(b->regs + CXL_HDM_CAP, CXL_HDM_CAP_COUNT(2));
    commit_at(b->regs, 0, ctrl, base, size);
}

static CxlUioFate fate_at(Bridge *b, bool channel, bool gate)
{
    CxlUioDecoder d;

    g_assert_true(cxl_uio_bridge_decoder(b->regs, 0, &d));
    return cxl_uio_fate(&host, &d, b, channel, gate);
}

#define TAKES (CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_UIO)

static void test_fate(void)
{
    CxlHdm hdm[2];
    Bridge b;

    bridge_at(&b, TAKES | CXL_HDM_CTRL_IW(1), BASE, 2 * U);
    for (unsigned i = 0; i < 2; i++) {
        device(&hdm[i], i, CXL_HDM_CTRL_UIO);
        b.below[i] = completer(&hdm[i]);
    }
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_DIRECT);
    g_assert_cmpint(fate_at(&b, false, true), ==, CXL_UIO_NO_CHANNEL);
    g_assert_cmpint(fate_at(&b, true, false), ==, CXL_UIO_GATE);
    b.below[1].completer = false;
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_NO_COMPLETER);
    b.below[1] = (CxlUioPlace) { };
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_NO_COMPLETER);
    b.below[1] = completer(&hdm[1]);
    b.below[1].channel = false;
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_NO_CHANNEL);
    b.below[1] = completer(&hdm[0]);
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_NO_DECODER);
    /* Only those that there are count. */
    device_of(&hdm[0], 2 * U, 0, 0, CXL_HDM_CTRL_UIO);
    bridge_at(&b, TAKES, BASE, 2 * U);
    b.below[1] = (CxlUioPlace) { };
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_DIRECT);
    /* Whose turn it is is elsewhere: behind the gate, to the host. */
    bridge_at(&b, TAKES | 0x00100000, BASE, 2 * U);
    g_assert_cmpint(fate_at(&b, true, true), ==, CXL_UIO_BY_HOST);
    g_assert_cmpint(fate_at(&b, true, false), ==, CXL_UIO_GATE);
    for (unsigned f = 0; f < CXL_UIO_FATES; f++) {
        g_assert_nonnull(cxl_uio_fate_text(f));
        g_assert_cmpint(cxl_uio_is_refused(f), ==, f > CXL_UIO_BY_HOST);
    }
}

/* Two switches below a bridge, and four devices below them */
typedef struct Tree {
    Bridge top, mid[2];
    CxlHdm hdm[4];
} Tree;

/* Turns change at the top after 256 << @top bytes, below after 256 << @mid. */
static void grow(Tree *t, unsigned top, unsigned mid)
{
    bridge_at(&t->top, TAKES | CXL_HDM_CTRL_IW(1) | top, BASE, 4 * U);
    for (unsigned i = 0; i < 2; i++) {
        bridge_at(&t->mid[i], TAKES | CXL_HDM_CTRL_IW(1) | mid | 0x00100000,
                  BASE, 4 * U);
        t->top.below[i] = another(&t->mid[i]);
        for (unsigned j = 0; j < 2; j++) {
            unsigned isp = top < mid ? i + 2 * j : 2 * i + j;

            device_of(&t->hdm[2 * i + j], 4 * U, 2, isp, CXL_HDM_CTRL_UIO);
            t->mid[i].below[j] = completer(&t->hdm[2 * i + j]);
        }
    }
}

/* The position of a device is that in the whole set, whose turn is when. */
static void test_below_switches(void)
{
    Tree t;

    for (unsigned top = 0; top < 2; top++) {
        grow(&t, top, !top);
        g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_DIRECT);
        t.mid[0].below[1] = completer(&t.hdm[2]);
        t.mid[1].below[0] = completer(&t.hdm[1]);
        g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_DECODER);
    }
    /* Both change at once: two devices have no turn. */
    grow(&t, 0, 0);
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_DECODER);
    grow(&t, 0, 1);
    t.top.below[1].channel = false;
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_CHANNEL);
    grow(&t, 0, 1);
    t.mid[1].below[1].channel = false;
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_CHANNEL);
    grow(&t, 0, 1);
    t.mid[1].below[0].completer = false;
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_COMPLETER);
    /* A switch that does not know all of it, or not as UIO */
    grow(&t, 0, 1);
    bridge_at(&t.mid[1], TAKES | CXL_HDM_CTRL_IW(1) | 1, BASE, U);
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_DECODER);
    bridge_at(&t.mid[1], CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(1) | 1, BASE,
              4 * U);
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_DECODER);
    /* More ways than there can be */
    bridge_at(&t.top, TAKES | CXL_HDM_CTRL_IW(3), BASE, 4 * U);
    stl_le_p(t.top.regs + CXL_HDM_TARGET_LO(0), 0x07070707);
    stl_le_p(t.top.regs + CXL_HDM_TARGET_HI(0), 0x07070707);
    bridge_at(&t.mid[0], TAKES | CXL_HDM_CTRL_IW(3) | 3, BASE, 4 * U);
    stl_le_p(t.mid[0].regs + CXL_HDM_TARGET_LO(0), 0x07070707);
    stl_le_p(t.mid[0].regs + CXL_HDM_TARGET_HI(0), 0x07070707);
    g_assert_cmpint(fate_at(&t.top, true, true), ==, CXL_UIO_NO_DECODER);
}

/* The story of @low, then of @high, above it */
static void expect_story(Bridge *low, Bridge *high, bool channel,
                         const char *want)
{
    CxlUioWay way = { .ops = &host };

    story = g_string_new(NULL);
    cxl_uio_way_bridge(&way, low->regs, low, true, true);
    cxl_uio_way_bridge(&way, high->regs, high, channel, true);
    cxl_uio_way_end(&way);
    g_assert_cmpstr(story->str, ==, want);
    g_string_free(story, true);
}

/* Who is nearer decides, and only of what its decoders know. */
static void test_way_up(void)
{
    Bridge low, high;
    CxlHdm hdm;

    device_of(&hdm, 2 * U, 0, 0, CXL_HDM_CTRL_UIO);
    bridge_at(&low, TAKES, BASE, 2 * U);
    low.below[0] = completer(&hdm);
    bridge_at(&high, TAKES, BASE - U, 4 * U);
    high.below[0] = (CxlUioPlace) { };
    /* 0 direct, 4 no completer, 3 no channel */
    expect_story(&low, &high, true, "0+2:0 -1+1:4 2+1:4 ");
    expect_story(&low, &high, false, "0+2:0 -1+1:3 2+1:3 ");
    bridge_at(&high, TAKES, BASE, U);
    expect_story(&low, &high, true, "0+2:0 ");
    bridge_at(&high, TAKES, BASE + 4 * U, U);
    expect_story(&low, &high, true, "0+2:0 4+1:4 ");
    /* What it leaves to the host it leaves to those on the way. */
    bridge_at(&low, TAKES | 0x00100000, BASE, 2 * U);
    bridge_at(&high, TAKES, BASE, 2 * U);
    high.below[0] = another(&low);
    expect_story(&low, &high, true, "0+2:1 0+2:0 ");
    /* Two of one bridge, and one to the end of all addresses, and beyond */
    bridge_at(&low, TAKES, BASE, 2 * U);
    commit_at(low.regs, 1, TAKES, BASE + U, 2 * U);
    commit_at(low.regs, 2, TAKES, -(uint64_t)U, 2 * U);
    bridge_at(&high, CXL_HDM_CTRL_COMMIT, BASE, U);
    expect_story(&low, &high, true, "0+2:0 2+1:5 ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/uio-route/capability", test_capability);
    g_test_add_func("/cxl/uio-route/decoder", test_decoder);
    g_test_add_func("/cxl/uio-route/device", test_device);
    g_test_add_func("/cxl/uio-route/fate", test_fate);
    g_test_add_func("/cxl/uio-route/below-switches", test_below_switches);
    g_test_add_func("/cxl/uio-route/way-up", test_way_up);
    return g_test_run();
}
