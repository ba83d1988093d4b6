/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines that cannot be: each is refused with one sentence that
 * names the property, the value and what would have been accepted.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "tests/qtest/cxl/fixture.h"

typedef struct Refusal {
    const char *name;
    const char *device;     /* arguments of device_add */
    const char *sentence;   /* part of what has to be said */
} Refusal;

#define DEV "'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'cxl0'"

#define ACCEL "'driver': 'cxl-accel', 'bus': 'rp0', 'id': 'cxl0'"

static const Refusal refusals[] = {
    { "accel-no-memory", "{" ACCEL "}", "property 'memdev' must be set" },
    { "accel-odd-size", "{" ACCEL ", 'memdev': 'm100'}",
      "'memdev': size 0x6400000 of the backend is not a multiple of 256 MiB" },
    { "accel-taken", "{" ACCEL ", 'memdev': 'taken'}",
      "property 'memdev': memory backend 'taken' is already used" },
    { "accel-cache-size",
      "{" ACCEL ", 'memdev': 'm256', 'cache-size': 100}",
      "'cache-size': 0x64 is not 0, 1 to 255 times 64 KiB" },
    { "accel-hdm-db", "{" ACCEL ", 'memdev': 'm256', 'hdm-db': true}",
      "'hdm-db' needs 'x-256b-flit=on'" },
    { "accel-hdm-decoders",
      "{" ACCEL ", 'memdev': 'm256', 'hdm-decoders': 3}",
      "'hdm-decoders': 3 is not one of" },
    { "accel-no-regions",
      "{" ACCEL ", 'memdev': 'm256', 'num-dc-regions': 1}",
      "num-dc-regions" },
    { "spdm-nobody", "{" DEV ", 'volatile-memdev': 'm256', 'spdm_port': 1}",
      "property 'spdm_port': no SPDM responder at port 1: " },
    { "no-memory", "{" DEV "}", "at least one of 'volatile-memdev'" },
    { "memdev-and-persistent",
      "{" DEV ", 'memdev': 'm256', 'persistent-memdev': 'm512',"
      " 'lsa': 'lsa'}", "'memdev' is the old name of 'persistent-memdev'" },
    { "no-lsa", "{" DEV ", 'persistent-memdev': 'm256'}",
      "'lsa' must be set" },
    { "no-lsa-old-name", "{" DEV ", 'memdev': 'm256'}",
      "'lsa' must be set" },
    { "odd-size", "{" DEV ", 'volatile-memdev': 'm100'}",
      "'volatile-memdev': size 0x6400000 of the backend is not a multiple of"
      " 256 MiB" },
    { "odd-size-persistent",
      "{" DEV ", 'persistent-memdev': 'm100', 'lsa': 'lsa'}",
      "'persistent-memdev': size 0x6400000" },
    { "odd-size-dynamic",
      "{" DEV ", 'volatile-dc-memdev': 'm100', 'num-dc-regions': 1}",
      "'volatile-dc-memdev': size 0x6400000" },
    { "same-backend-twice",
      "{" DEV ", 'volatile-memdev': 'm256', 'persistent-memdev': 'm256',"
      " 'lsa': 'lsa'}", "'m256' is already used" },
    { "backend-of-other-device", "{" DEV ", 'volatile-memdev': 'taken'}",
      "'taken' is already used" },
    { "small-lsa",
      "{" DEV ", 'persistent-memdev': 'm256', 'lsa': 'tiny'}",
      "'lsa': label storage of 512 bytes is not within 1024" },
    { "regions-without-memory",
      "{" DEV ", 'volatile-memdev': 'm256', 'num-dc-regions': 1}",
      "set 'volatile-dc-memdev'" },
    { "memory-without-regions", "{" DEV ", 'volatile-dc-memdev': 'm256'}",
      "set 'num-dc-regions' to 1 to 8" },
    { "too-many-regions",
      "{" DEV ", 'volatile-dc-memdev': 'm256', 'num-dc-regions': 9}",
      "'num-dc-regions': 9 is not within 0 to 8" },
    { "regions-do-not-split",
      "{" DEV ", 'volatile-dc-memdev': 'm512', 'num-dc-regions': 3}",
      "0x20000000 bytes are left of 0x20000000 for 3 dynamic regions" },
    { "dc-block-size",
      "{" DEV ", 'volatile-dc-memdev': 'm256', 'num-dc-regions': 1,"
      " 'dc-block-size': 100}", "'dc-block-size': 0x64 is not a power of" },
    { "hdm-decoders",
      "{" DEV ", 'volatile-memdev': 'm256', 'hdm-decoders': 3}",
      "'hdm-decoders': 3 is not one of 1, 2, 4, 6, 8, 10" },
    { "hdm-decoders-too-many",
      "{" DEV ", 'volatile-memdev': 'm256', 'hdm-decoders': 16}",
      "'hdm-decoders': 16 is not one of" },
    { "hdm-db-without-flit",
      "{" DEV ", 'volatile-memdev': 'm256', 'hdm-db': true}",
      "'hdm-db' needs 'x-256b-flit=on'" },
    { "payload",
      "{" DEV ", 'volatile-memdev': 'm256', 'mailbox-payload': 300}",
      "'mailbox-payload': 300 is not a power of two" },
    { "event-log-size",
      "{" DEV ", 'volatile-memdev': 'm256', 'event-log-size': 0}",
      "'event-log-size': 0 is not within 1 to 65535" },
    { "poison-mode",
      "{" DEV ", 'volatile-memdev': 'm256', 'poison-mode': 'off'}",
      "'poison-mode': 'off' is not one of auto, trap, list-only" },
    { "partitionable-alone",
      "{" DEV ", 'volatile-memdev': 'm256', 'partitionable': 268435456}",
      "'partitionable' needs 'persistent-memdev'" },
    { "partitionable-beyond",
      "{" DEV ", 'persistent-memdev': 'm256', 'lsa': 'lsa',"
      " 'partitionable': 536870912}",
      "'partitionable': 0x20000000 is not a multiple of 256 MiB within 0 to"
      " 0x10000000" },
    { "temperature", "{" DEV ", 'volatile-memdev': 'm256',"
      " 'temperature': 40000}",
      "'temperature': 40000 is not within -32768 to 32766" },
    { "life-used", "{" DEV ", 'volatile-memdev': 'm256', 'life-used': 101}",
      "'life-used': 101 is not within 0 to 100" },
    { "cdat-missing",
      "{" DEV ", 'volatile-memdev': 'm256', 'cdat': '/nonexistent/cdat'}",
      "'cdat': Failed to open file" },
};

static QTestState *machine;

static void start_machine(void)
{
    machine = qtest_initf("%s "
        "-device cxl-rp,id=rp1,bus=cxl.0,chassis=0,slot=1,port=1 "
        "-object memory-backend-ram,id=m100,size=100M "
        "-object memory-backend-ram,id=m256,size=256M "
        "-object memory-backend-ram,id=m512,size=512M "
        "-object memory-backend-ram,id=taken,size=256M "
        "-object memory-backend-ram,id=lsa,size=1M "
        "-object memory-backend-ram,id=tiny,size=512 "
        "-device cxl-type3,bus=rp1,id=cxl1,volatile-memdev=taken",
        fix_machine);
}

static void test_refusal(gconstpointer opaque)
{
    const Refusal *r = opaque;
    QDict *args = qobject_to(QDict, qobject_from_json(r->device,
                                                      &error_abort));
    QDict *rsp = qtest_qmp(machine,
                           "{'execute': 'device_add', 'arguments': %p}",
                           args);
    const char *desc;

    g_assert_true(qdict_haskey(rsp, "error"));
    desc = qdict_get_str(qdict_get_qdict(rsp, "error"), "desc");
    if (!strstr(desc, r->sentence)) {
        g_test_message("said: %s", desc);
        g_test_message("should contain: %s", r->sentence);
        g_test_fail();
    }
    qobject_unref(rsp);
}

/* Nothing of what was refused may have been taken. */
static void test_accepted_after_refusals(void)
{
    qtest_qmp_assert_success(machine,
        "{'execute': 'device_add', 'arguments': {" DEV ","
        " 'volatile-memdev': 'm256', 'persistent-memdev': 'm512',"
        " 'lsa': 'lsa', 'partitionable': 268435456, 'hdm-decoders': 10,"
        " 'x-256b-flit': true, 'hdm-db': true, 'sn': 42}}");
}

int main(int argc, char **argv)
{
    unsigned i;
    int status;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < ARRAY_SIZE(refusals); i++) {
        g_autofree char *name = g_strdup_printf("/cxl/refusals/%s",
                                                refusals[i].name);

        g_test_add_data_func(name, &refusals[i], test_refusal);
    }
    g_test_add_func("/cxl/refusals/accepted-after",
                    test_accepted_after_refusals);
    start_machine();
    status = g_test_run();
    qtest_quit(machine);
    return status;
}
