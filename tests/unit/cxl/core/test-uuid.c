/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/uuid: there and back, and what is nearly a UUID.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/uuid.h"

static const CxlUuid some = { {
    0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
    0x0f, 0xed, 0xcb, 0xa9, 0x87, 0x65, 0x43, 0x21,
} };

static void reads(const char *text)
{
    CxlUuid uuid = { };

    g_assert_true(cxl_uuid_parse(text, &uuid));
    g_assert_cmpmem(uuid.b, sizeof(uuid.b), some.b, sizeof(some.b));
}

static void refuses(const char *text)
{
    CxlUuid uuid = some;

    g_assert_false(cxl_uuid_parse(text, &uuid));
    g_assert_true(cxl_uuid_equal(&uuid, &some));
}

static void test_text(void)
{
    g_autofree char *text = cxl_uuid_text(&some);

    g_assert_cmpstr(text, ==, "12345678-9abc-def0-0fed-cba987654321");
    reads(text);
    reads("12345678-9ABC-DEF0-0FED-CBA987654321");
}

static void test_none(void)
{
    refuses("");
    refuses("12345678-9abc-def0-0fed-cba98765432");
    refuses("12345678-9abc-def0-0fed-cba9876543210");
    refuses("12345678-9abc-def0-0fed-cba987654321 ");
    refuses("12345678-9abc-def0-0fedcba9-87654321");
    refuses("123456789abcdef00fedcba987654321");
    refuses("g2345678-9abc-def0-0fed-cba987654321");
    refuses("{12345678-9abc-def0-0fed-cba987654321}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/uuid/text", test_text);
    g_test_add_func("/cxl/uuid/none", test_none);
    return g_test_run();
}
