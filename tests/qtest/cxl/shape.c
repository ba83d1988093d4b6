/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine is saved once, and loaded by others that differ from it: in what a
 * guest sees, then the state is refused by the name of every property before
 * the guest runs; or in what is the host's business, then it goes on.
 *
 * Every property of every device of ours has a row here that says which.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qstring.h"
#include "tests/qtest/libqtest.h"
#include "tests/qtest/status.h"

typedef enum Rule {
    REFUSED,        /* was and is: saved and given */
    GOES_ON,
    ELSEWHERE,      /* does not get as far as this; was says why */
} Rule;

typedef struct Row {
    const char *type, *property;
    const char *was, *is;       /* NULL: not given */
    Rule rule;
} Row;

#define MEM "cxl-type3"
#define ACC "cxl-accel"
#define REGION(n)                                                       \
    { MEM, "dc-region" #n "-size", NULL, "256M" },                      \
    { MEM, "dc-region" #n "-block-size", NULL, "8M" },                  \
    { MEM, "dc-region" #n "-sharable", NULL, "on" },                    \
    { MEM, "dc-region" #n "-read-only", NULL, "on" },                   \
    { MEM, "dc-region" #n "-sanitize", NULL, "on" }
#define PERF(of)                                                        \
    { MEM, of "-read-latency", NULL, "151" },                           \
    { MEM, of "-write-latency", NULL, "152" },                          \
    { MEM, of "-read-bandwidth", NULL, "15300" },                       \
    { MEM, of "-write-bandwidth", NULL, "15400" }
#define STATE(property, is) { MEM, property, NULL, is, GOES_ON }

static const Row rows[] = {
    { MEM, "volatile-memdev", "v1", "v2" },
    { MEM, "persistent-memdev", "p1", "p2" },
    { MEM, "volatile-dc-memdev", "d1", "d2" },
    { MEM, "lsa", "l1", "l2" },
    { MEM, "memdev", "another name of persistent-memdev", NULL, ELSEWHERE },
    { MEM, "hdm-decoders", "4", "8" },
    { MEM, "num-dc-regions", "2", "8" },
    { MEM, "dc-block-size", "2M", "4M" },
    REGION(0), REGION(1), REGION(2), REGION(3),
    REGION(4), REGION(5), REGION(6), REGION(7),
    { MEM, "partitionable", NULL, "256M" },
    { MEM, "sn", "1", "2" },
    { MEM, "vendor-id", NULL, "0x1af4" },
    { MEM, "device-id", NULL, "0x1234" },
    { MEM, "subsystem-vendor-id", NULL, "0x1235" },
    { MEM, "subsystem-id", NULL, "0x1236" },
    { MEM, "cdat", NULL, "%s/cdat" },
    { MEM, "spdm_port", "needs a responder", NULL, ELSEWHERE },
    { MEM, "x-speed", "32", "16" },
    { MEM, "x-width", "16", "8" },
    { MEM, "hdm-db", NULL, "on" },
    { MEM, "x-256b-flit", NULL, "on" },
    { MEM, "security", NULL, "off" },
    { MEM, "cpmu", NULL, "off" },
    { MEM, "uio", NULL, "on" },
    { MEM, "chmu", NULL, "on" },
    { MEM, "non-cxl-map", NULL, "on" },
    { MEM, "mailbox-payload", NULL, "4096" },
    { MEM, "event-log-size", NULL, "64" },
    { MEM, "poison-list-size", NULL, "128" },
    { MEM, "inject-limit", NULL, "5" },
    PERF("volatile"), PERF("persistent"), PERF("dc"),
    { MEM, "direct", "on", "off", GOES_ON },
    { MEM, "layout-file", NULL, "%s/layout", GOES_ON },
    { MEM, "power-cycle", "on", "off", GOES_ON },
    { MEM, "poison-mode", "auto", "trap", GOES_ON },
    { MEM, "sanitize-ms", NULL, "2000", GOES_ON },
    { MEM, "scan-ms", NULL, "2000", GOES_ON },
    STATE("corrected-volatile-errors", "1"),
    STATE("corrected-persistent-errors", "1"),
    { MEM, "dirty-shutdowns", "is counted, not given", NULL, ELSEWHERE },
    STATE("health-status", "1"),
    STATE("life-used", "1"),
    STATE("media-status", "1"),
    STATE("temperature", "30"),
    { MEM, "bound", "needs a switch, whose state it becomes", NULL,
      ELSEWHERE },
    { MEM, "mld", "logical devices do not migrate", NULL, ELSEWHERE },
    { MEM, "ld", "logical devices do not migrate", NULL, ELSEWHERE },

    { ACC, "memdev", "a1", "a2" },
    { ACC, "mailbox", NULL, "on" },
    { ACC, "cache-size", NULL, "2M" },
    { ACC, "read-latency", NULL, "151" },
    { ACC, "write-latency", NULL, "152" },
    { ACC, "read-bandwidth", NULL, "15300" },
    { ACC, "write-bandwidth", NULL, "15400" },
    { ACC, "hdm-decoders", NULL, "8" },
    { ACC, "sn", NULL, "2" },
    { ACC, "vendor-id", NULL, "0x1af4" },
    { ACC, "device-id", NULL, "0x1234" },
    { ACC, "subsystem-vendor-id", NULL, "0x1235" },
    { ACC, "subsystem-id", NULL, "0x1236" },
    { ACC, "cdat", NULL, "%s/cdat" },
    { ACC, "spdm_port", "needs a responder", NULL, ELSEWHERE },
    { ACC, "x-speed", NULL, "16" },
    { ACC, "x-width", NULL, "8" },
    { ACC, "hdm-db", NULL, "on" },
    { ACC, "x-256b-flit", NULL, "on" },
    { ACC, "non-cxl-map", NULL, "on" },
    { ACC, "mailbox-payload", NULL, "4096" },
    { ACC, "event-log-size", NULL, "64" },
    { ACC, "poison-list-size", NULL, "128" },
    { ACC, "inject-limit", NULL, "5" },
    { ACC, "direct", NULL, "off", GOES_ON },
    { ACC, "power-cycle", NULL, "off", GOES_ON },
    { ACC, "poison-mode", NULL, "trap", GOES_ON },
    { ACC, "sanitize-ms", NULL, "2000", GOES_ON },
    { ACC, "scan-ms", NULL, "2000", GOES_ON },
    { ACC, "corrected-volatile-errors", NULL, "1", GOES_ON },
    { ACC, "corrected-persistent-errors", NULL, "1", GOES_ON },
    { ACC, "dirty-shutdowns", "is counted, not given", NULL, ELSEWHERE },
    { ACC, "health-status", NULL, "1", GOES_ON },
    { ACC, "life-used", NULL, "1", GOES_ON },
    { ACC, "media-status", NULL, "1", GOES_ON },
    { ACC, "temperature", NULL, "30", GOES_ON },

    { "sdxi", "contexts", NULL, "64" },
    { "sdxi", "vectors", NULL, "32" },
    { "sdxi", "max-ring", NULL, "2M" },
    { "sdxi", "max-buffer", NULL, "2G" },
    { "sdxi", "doorbell-stride", NULL, "8K" },
    { "sdxi", "akeys", NULL, "512" },
    { "sdxi", "rkeys", NULL, "512" },
    { "sdxi", "errlog", NULL, "128" },
    { "sdxi", "sfunc", "1", "7" },
    { "sdxi", "group", NULL, "ring" },
    { "sdxi", "vfs", NULL, "2" },
    { "sdxi", "x-atomics", NULL, "on" },
    { "sdxi", "x-minimal-atomics", NULL, "on" },
    { "sdxi", "cdat", NULL, "off" },
    { "sdxi", "uio", NULL, "on" },
    { "sdxi", "latency", NULL, "101" },
    { "sdxi", "bandwidth", NULL, "16001" },
    { "sdxi", "pasid", "only some releases have it", NULL, ELSEWHERE },
    { "sdxi", "pasid-bits", NULL, "10" },
    { "sdxi", "x-errlog-shift", NULL, "on" },
    { "sdxi", "x-rkey-pages", NULL, "on" },
    { "sdxi", "vendor-id", NULL, "0x1af5" },
    { "sdxi", "device-id", NULL, "0x1234" },
    { "sdxi", "spdm_port", "needs a responder", NULL, ELSEWHERE },
    { "sdxi", "iothread", NULL, "io0", GOES_ON },
    { "sdxi", "poll-us", "the other function has it", NULL, ELSEWHERE },
    { "sdxi", "workers", "the other function has them", NULL, ELSEWHERE },

    { "cxl-switch-mailbox-cci", "target", "says where it is plugged", NULL,
      ELSEWHERE },
    { "cxl-fm-port", "target", "has no state", NULL, ELSEWHERE },
    { "cxl-fm-port", "socket", "has no state", NULL, ELSEWHERE },
    { "usb-cxl-mctp", "target", "is told by whose state it is", NULL,
      ELSEWHERE },
    { "usb-cxl-mctp", "chardev", "does not migrate", NULL, ELSEWHERE },
    { "cxl-mld", "sn", "does not migrate", NULL, ELSEWHERE },
    { "cxl-mld", "lds", "does not migrate", NULL, ELSEWHERE },
    { "cxl-mld", "port", "does not migrate", NULL, ELSEWHERE },
    { "cxl-fabric-host", "chardev", "does not migrate", NULL, ELSEWHERE },
    { "cxl-fabric-host", "ports", "does not migrate", NULL, ELSEWHERE },
    { "cxl-fabric-host", "vcs", "does not migrate", NULL, ELSEWHERE },
    { "cxl-fabric-host", "attached", "is read only", NULL, ELSEWHERE },
};

/* What is not a row: that of objects, and of windows, ports and bridges */
static const char *const nodes_was =
    "-object acpi-device-nodes,id=dn0,pci-dev=s0,nodeset=1 "
    "-object acpi-device-nodes,id=dn1,pci-dev=s1,nodeset=2 "
    "-object acpi-memory-nodes,id=mn0,nodeset=3 "
    "-object acpi-generic-initiator,id=gi0,pci-dev=mem0,node=4 "
    "-object acpi-generic-port,id=gp0,pci-bus=cxl.0,node=5 "
    "-object cxl-boot-region,id=br0,size=256M,devices=mem0 "
    "-object cxl-window,id=w1,window=1,qtg-id=1 "
    "-device qemu-xhci,id=xh0,bus=pcie.0,addr=1c "
    "-object pci-cdat,id=cd0,device=xh0,memory=4K ";

static const char *const nodes_is =
    "-object acpi-device-nodes,id=dn0,pci-bus=sp0,addr=00.0,nodeset=1,"
    "arch-transactions=on,dsd=on,dsd-start-key=a,dsd-count-key=b,memory=off,"
    "bridge-pxm=on "
    "-object acpi-device-nodes,id=dn1,pci-dev=s1,nodeset=6,initiator=off,"
    "pxm=none "
    "-object acpi-memory-nodes,id=mn0,nodeset=7 "
    "-object acpi-generic-initiator,id=gi0,pci-dev=s1,node=8 "
    "-object acpi-generic-port,id=gp0,pci-bus=cxl.1,node=9 "
    "-object cxl-boot-region,id=br0,size=512M,offset=1G,granularity=1k,"
    "persistent=on,lock=on,hole=on,soft-reserved=on,devices=mem0 "
    "-object cxl-window,id=w1,window=1,qtg-id=2,arithmetic=xor,"
    "restrictions=fixed "
    "-device qemu-xhci,id=xh0,bus=pcie.0,addr=1c "
    "-object pci-cdat,id=cd0,device=xh0,memory=8K,persistent=on,initiator=on,"
    "read-latency=1,write-latency=2,read-bandwidth=3,write-bandwidth=4,"
    "flatten=on ";

static const char *const nodes_words[] = {
    "'dn0': property 'pci-dev' was ", "'dn0': property 'pci-bus' was ",
    "'dn0': property 'addr' was not set, is 00.0",
    "'dn0': property 'arch-transactions' was false, is true",
    "'dn0': property 'dsd' was false, is true",
    "'dn0': property 'dsd-start-key' was dev-mem-pxm-start, is a",
    "'dn0': property 'dsd-count-key' was dev-mem-pxm-count, is b",
    "'dn0': property 'memory' was true, is false",
    "'dn0': property 'bridge-pxm' was false, is true",
    "'dn1': property 'nodeset' was 2, is 6",
    "'dn1': property 'initiator' was true, is false",
    "'dn1': property 'pxm' was first, is none",
    "acpi-memory-nodes 'mn0': property 'nodeset' was 3, is 7",
    "acpi-generic-initiator 'gi0': property 'pci-dev' was ",
    "acpi-generic-initiator 'gi0': property 'node' was 4, is 8",
    "acpi-generic-port 'gp0': property 'pci-bus' was ",
    "acpi-generic-port 'gp0': property 'node' was 5, is 9",
    "cxl-boot-region 'br0': property 'size' was 268435456, is 536870912",
    "cxl-boot-region 'br0': property 'offset' was behind others, is 1073",
    "cxl-boot-region 'br0': property 'granularity' was 0, is 1024",
    "cxl-boot-region 'br0': property 'persistent' was false, is true",
    "cxl-boot-region 'br0': property 'lock' was false, is true",
    "cxl-boot-region 'br0': property 'hole' was false, is true",
    "cxl-boot-region 'br0': property 'soft-reserved' was false, is true",
    "pci-cdat 'cd0': property 'memory' was 4096, is 8192",
    "pci-cdat 'cd0': property 'persistent' was false, is true",
    "pci-cdat 'cd0': property 'initiator' was false, is true",
    "pci-cdat 'cd0': property 'read-latency' was 0, is 1",
    "pci-cdat 'cd0': property 'write-latency' was 0, is 2",
    "pci-cdat 'cd0': property 'read-bandwidth' was 0, is 3",
    "pci-cdat 'cd0': property 'write-bandwidth' was 0, is 4",
    "pci-cdat 'cd0': property 'flatten' was false, is true",
    "window 'cxl-fmw.1': property 'qtg-id' was 1, is 2",
    "window 'cxl-fmw.1': property 'arithmetic' was modulo, is xor",
    "window 'cxl-fmw.1': property 'restrictions' was 0, is 16",
};

typedef struct Setup {
    const char *windows;        /* 0 and 1 */
    const char *rp0;            /* properties of the root port */
    const char *nodes;
    const char *more;
    bool other;                 /* rows of @rule are as they are there */
    bool renamed;               /* backends have other names */
    Rule rule;
} Setup;

static const char *const windows_was =
    "cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G,"
    "cxl-fmw.1.targets.0=cxl.0,cxl-fmw.1.targets.1=cxl.1,cxl-fmw.1.size=4G";
static const char *const windows_is =
    "cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=8G,"
    "cxl-fmw.0.interleave-granularity=1k,"
    "cxl-fmw.1.targets.0=cxl.1,cxl-fmw.1.targets.1=cxl.0,cxl-fmw.1.size=4G";

static const char *const other_words[] = {
    "window 'cxl-fmw.0': property 'size' was 4294967296, is 8589934592",
    "window 'cxl-fmw.0': property 'interleave-granularity' was 256, is 1024",
    "window 'cxl-fmw.1': property 'base' was 0x",
    "window 'cxl-fmw.1': property 'targets' was bus 52, bus 60,"
    " is bus 60, bus 52",
    "cxl-rp 'rp0': property 'x-width' was 16, is 8",
    "cxl-rp 'rp0': property 'slot' was 0, is 3",
    "cxl-type3 'mem0': property 'hdm-decoders' was 4, is 8",
    "cxl-type3 'mem0': property 'dc-block-size' was 2097152, is 4194304",
    "cxl-type3 'mem0': property 'volatile-memdev' was 268435456, is 536870912",
    "sdxi 's0': property 'vectors' was 129, is 32",
};

static const char *const machine =
    "-nodefaults -m 64M,slots=1,maxmem=1G -object iothread,id=io0 "
    "-object memory-backend-ram,id=ram,size=64M "
    "-numa node,memdev=ram -numa node -numa node -numa node -numa node "
    "-numa node -numa node -numa node -numa node -numa node "
    "-object memory-backend-ram,id=v1,size=256M,share=on "
    "-object memory-backend-ram,id=v2,size=512M,share=on "
    "-object memory-backend-ram,id=p1,size=256M,share=on "
    "-object memory-backend-ram,id=p2,size=512M,share=on "
    "-object memory-backend-ram,id=d1,size=512M,share=on "
    "-object memory-backend-ram,id=d2,size=2G,share=on "
    "-object memory-backend-ram,id=a1,size=256M,share=on "
    "-object memory-backend-ram,id=a2,size=512M,share=on "
    "-object memory-backend-ram,id=l1,size=1M,share=on "
    "-object memory-backend-ram,id=l2,size=2M,share=on "
    "-device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=52,addr=5 "
    "-device pxb-cxl,id=cxl.1,bus=pcie.0,bus_nr=60,addr=6 "
    "-device pcie-root-port,id=sp0,bus=pcie.0,chassis=7,slot=7,addr=7 "
    "-device pcie-root-port,id=sp1,bus=pcie.0,chassis=8,slot=8,addr=8 ";

static char *dir;

static void add_device(GString *cmd, const Setup *s, const char *type,
                       const char *where)
{
    g_string_append_printf(cmd, "-device %s,%s", type, where);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];
        const char *value = s->other && row->rule == s->rule ? row->is
                                                             : row->was;

        if (strcmp(row->type, type) || row->rule == ELSEWHERE || !value) {
            continue;
        }
        g_string_append_printf(cmd, ",%s=", row->property);
        g_string_append_printf(cmd, value, dir);
    }
    g_string_append(cmd, " ");
}

static void replace(GString *cmd, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(cmd->str, from, -1);
    g_autofree char *joined = g_strjoinv(to, parts);

    g_string_assign(cmd, joined);
}

/* One backend has the name of a device, and two have each other's. */
static void rename_backends(GString *cmd)
{
    replace(cmd, "id=v1,", "id=mem0,");
    replace(cmd, "volatile-memdev=v1,", "volatile-memdev=mem0,");
    replace(cmd, "id=p1,", "id=x,");
    replace(cmd, "id=l1,", "id=p1,");
    replace(cmd, "id=x,", "id=l1,");
    replace(cmd, "persistent-memdev=p1,", "persistent-memdev=l1,");
    replace(cmd, ",lsa=l1,", ",lsa=p1,");
}

static GString *command(const Setup *s)
{
    GString *cmd = g_string_new(NULL);

    g_string_append_printf(cmd, "-machine q35,cxl=on,%s %s", s->windows,
                           machine);
    g_string_append_printf(cmd, "-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,"
                           "port=0,%s ", s->rp0);
    add_device(cmd, s, "cxl-type3", "id=mem0,bus=rp0");
    g_string_append(cmd, "-device cxl-rp,id=rp2,bus=cxl.1,chassis=0,slot=10,"
                    "port=1 ");
    add_device(cmd, s, ACC, "id=acc0,bus=rp2");
    add_device(cmd, s, "sdxi", "id=s0,bus=sp0");
    g_string_append_printf(cmd, "%s %s", s->more, s->nodes);
    if (s->renamed) {
        rename_backends(cmd);
    }
    return cmd;
}

static const Setup usual = {
    .windows = windows_was, .rp0 = "slot=0,x-width=16", .nodes = nodes_was,
    .more = "-device sdxi,id=s1,bus=sp1,sfunc=100",
};

static char *state_uri(void)
{
    return g_strdup_printf("file:%s/state", dir);
}

/* What is in the memory of devices is no matter here, and takes time. */
static void leave_memory(QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-set-capabilities',"
                             " 'arguments': {'capabilities': ["
                             "  {'capability': 'x-ignore-shared',"
                             "   'state': true} ]}}");
}

/* Once, for all tests. */
static void save(void)
{
    g_autoptr(GString) cmd = command(&usual);
    g_autofree char *uri = state_uri();
    QTestState *qts = qtest_init(cmd->str);

    leave_memory(qts);
    qtest_qmp_assert_success(qts, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
    g_assert_true(status_migrated(qts));
    qtest_quit(qts);
}

/* What QEMU said; it is gone. */
static char *load(const char *cmd, bool want)
{
    g_autofree char *uri = state_uri();
    g_autofree char *file = g_strdup_printf("%s/said", dir);
    QTestState *qts = qtest_initf("%s -incoming defer 2>%s", cmd, file);
    char *said;
    bool good;

    leave_memory(qts);
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s,"
                             " 'exit-on-error': false}}", uri);
    good = status_migrated(qts);
    qtest_quit(qts);
    g_assert_true(g_file_get_contents(file, &said, NULL, NULL));
    if (good != want) {
        g_test_message("%s", said);
    }
    g_assert_cmpint(good, ==, want);
    return said;
}

static void expect(const char *said, const char *words)
{
    if (!strstr(said, words)) {
        g_test_message("\"%s\" is not in: %s", words, said);
        g_test_fail();
    }
}

/* Everything at once: each is named, and nothing else complains before. */
static void test_refused(void)
{
    Setup other = usual;
    g_autoptr(GString) cmd = NULL;
    g_autofree char *said = NULL;

    other.windows = windows_is;
    other.rp0 = "slot=3,x-width=8";
    other.nodes = nodes_is;
    other.other = true;
    other.rule = REFUSED;
    cmd = command(&other);
    said = load(cmd->str, false);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].rule == REFUSED) {
            g_autofree char *words = g_strdup_printf(
                "%s '%s': property '%s' was ", rows[i].type,
                !strcmp(rows[i].type, MEM) ? "mem0" :
                !strcmp(rows[i].type, ACC) ? "acc0" : "s0",
                rows[i].property);

            expect(said, words);
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(other_words); i++) {
        expect(said, other_words[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(nodes_words); i++) {
        expect(said, nodes_words[i]);
    }
}

static void test_goes_on(void)
{
    Setup other = usual;
    g_autoptr(GString) cmd = NULL;
    g_autofree char *said = NULL;

    other.more = "-device sdxi,id=s1,bus=sp1,sfunc=100,workers=4,"
                 "poll-us=50";
    other.other = true;
    other.rule = GOES_ON;
    other.renamed = true;
    cmd = command(&other);
    said = load(cmd->str, true);
    g_assert_null(strstr(said, "property"));
}

static void test_devices(void)
{
    Setup other = usual;
    g_autoptr(GString) cmd = NULL;
    g_autofree char *said = NULL;

    other.more = "-device cxl-rp,id=rp1,bus=cxl.1,chassis=0,slot=9,port=0 "
                 "-device cxl-type3,id=mem1,bus=rp1,volatile-memdev=v2";
    other.nodes = "-object cxl-boot-region,id=br0,window=1,size=512M,"
                  "devices=mem0,devices=mem1";
    cmd = command(&other);
    said = load(cmd->str, false);
    expect(said, "sdxi 's1' was there, and is not here");
    expect(said, "cxl-type3 'mem1' is here, and was not there");
    expect(said, "acpi-memory-nodes 'mn0' was there, and is not here");
    expect(said, "cxl-boot-region 'br0': property 'window' was 0, is 1");
    expect(said, "cxl-boot-region 'br0': property 'devices' was ");
}

/* The state calls two memories the same, which would be the end of QEMU. */
static void test_names(void)
{
    static const char property[] = "@persistent-memdev";
    g_autofree char *file = g_strdup_printf("%s/state", dir);
    g_autoptr(GString) cmd = command(&usual);
    g_autofree char *state = NULL, *said = NULL;
    gsize len;
    char *name, before;

    g_assert_true(g_file_get_contents(file, &state, &len, NULL));
    name = memmem(state, len, property, strlen(property));
    g_assert_nonnull(name);
    name += strlen(property);
    /* Its length, and then the name, which ends in "p1" */
    name += 8 + (uint8_t)*name - 2;
    before = *name;
    g_assert_cmpint(before, ==, 'p');
    *name = 'v';
    g_assert_true(g_file_set_contents(file, state, len, NULL));
    said = load(cmd->str, false);
    expect(said, "names of memory are not of it");
    *name = before;
    g_assert_true(g_file_set_contents(file, state, len, NULL));
}

static bool listed(const char *type, const char *property)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (!strcmp(rows[i].type, type) &&
            !strcmp(rows[i].property, property)) {
            return true;
        }
    }
    return false;
}

static QList *properties(QTestState *qts, const char *type)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device-list-properties',"
                           " 'arguments': {'typename': %s}}", type);
    QList *list = qobject_ref(qdict_get_qlist(rsp, "return"));

    qobject_unref(rsp);
    return list;
}

static bool has(QList *list, const char *name)
{
    QListEntry *e;

    QLIST_FOREACH_ENTRY(list, e) {
        QDict *one = qobject_to(QDict, qlist_entry_obj(e));

        if (!strcmp(qdict_get_str(one, "name"), name)) {
            return true;
        }
    }
    return false;
}

/* Whoever adds a property says here whether it may differ. */
static void test_rows(void)
{
    static const char *const types[] = {
        MEM, ACC, "sdxi", "cxl-switch-mailbox-cci", "cxl-fm-port", "cxl-mld",
        "cxl-fabric-host", "usb-cxl-mctp",
    };
    QTestState *qts = qtest_init("-machine none");
    QList *common = properties(qts, "edu"), *usb = properties(qts, "usb-hub");

    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        QList *list = properties(qts, types[i]);
        QListEntry *e;

        QLIST_FOREACH_ENTRY(list, e) {
            QDict *one = qobject_to(QDict, qlist_entry_obj(e));
            const char *name = qdict_get_str(one, "name");

            if (!has(g_str_has_prefix(types[i], "usb-") ? usb : common,
                     name) && !listed(types[i], name)) {
                g_test_message("%s: no row for property '%s'", types[i], name);
                g_test_fail();
            }
        }
        qobject_unref(list);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        QList *list = properties(qts, rows[i].type);

        g_assert_true(has(list, rows[i].property));
        qobject_unref(list);
    }
    qobject_unref(common);
    qobject_unref(usb);
    qtest_quit(qts);
}

/* An attribute table with nothing in it */
static const char cdat[16] = { 16, 0, 0, 0, 1, (char)-17 };

int main(int argc, char **argv)
{
    static const char *const files[] = { "state", "said", "cdat", "layout" };
    g_autofree char *table = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    dir = g_dir_make_tmp("cxl-shape-XXXXXX", NULL);
    table = g_strdup_printf("%s/cdat", dir);
    g_assert_true(g_file_set_contents(table, cdat, sizeof(cdat), NULL));
    save();
    g_test_add_func("/cxl/shape/rows", test_rows);
    g_test_add_func("/cxl/shape/refused", test_refused);
    g_test_add_func("/cxl/shape/goes-on", test_goes_on);
    g_test_add_func("/cxl/shape/devices", test_devices);
    g_test_add_func("/cxl/shape/names", test_names);
    result = g_test_run();
    for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
        g_autofree char *file = g_strdup_printf("%s/%s", dir, files[i]);

        unlink(file);
    }
    rmdir(dir);
    g_free(dir);
    return result;
}
