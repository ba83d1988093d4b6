/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dump: every room that has something to say is in the text.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dump.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void test_rooms(void)
{
    static const char *const words[] = {
        "media: next volatile 0x30000000", "background: opcode 0x4400",
        "event log 0: 1 of 8", "event log 4: ", "poison: 0x1000+0x40 source 3",
        "region 1: ", "extents: 0 accepted, 1 offered", "security: state 0x0",
    };
    FakeHost *h = start();
    GString *text;

    cxl_mediaops_poison(h->dev, 0x1000, 64, CXL_POISON_INJECTED);
    cxl_media_set_next(&h->dev->media, 256 * MiB);
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = BLOCK }), ==, 0);
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    text = cxl_dump_text(h->dev);
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        g_assert_nonnull(strstr(text->str, words[i]));
    }
    g_string_free(text, TRUE);
    fake_host_free(h);
}

/* Millions of poisoned lines do not make millions of lines of text. */
static void test_bounded(void)
{
    FakeHost *h = start();
    GString *text;

    for (unsigned i = 0; i < 5000; i++) {
        cxl_mediaops_poison(h->dev, i * 128, 64, CXL_POISON_INJECTED);
    }
    text = cxl_dump_text(h->dev);
    g_assert_cmpuint(text->len, <, 8192);
    g_string_free(text, TRUE);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dump/rooms", test_rooms);
    g_test_add_func("/cxl/dump/bounded", test_bounded);
    return g_test_run();
}
