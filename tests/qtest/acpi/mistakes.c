/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that can be wrong with a topology object has its own message:
 * at launch QEMU ends with it, later the monitor answers with it and the
 * machine lives.
 */
#include "qemu/osdep.h"
#include "qobject/qjson.h"
#include "tests/qtest/acpi/tables.h"

#define GPU "-device virtio-rng-pci,id=gpu0,addr=4.0 "
#define SET "-object acpi-device-nodes,id=a,pci-dev=gpu0,"
#define JSON_SET(members)                                               \
    "-object '{\"qom-type\":\"acpi-device-nodes\",\"id\":\"a\","         \
    "\"pci-dev\":\"gpu0\"," members "}' "
#define PORT_BUS "-device pxb-cxl,id=cxl.1,bus_nr=64 "

typedef struct Mistake {
    const char *name;
    unsigned nodes;             /* 0: no -numa at all */
    const char *machine;        /* added to -machine, or NULL */
    const char *options;
    const char *message;
    bool lives;                 /* a warning: QEMU starts */
    bool x86_only;
    bool arm_only;
} Mistake;

static const Mistake mistakes[] = {
    {
        "node-out-of-range", 4, NULL, GPU SET "nodeset=128",
        "acpi-device-nodes: 'nodeset' has node 128, nodes are 0 to 127",
    }, {
        "node-undefined", 4, NULL, GPU SET "nodeset=3-4",
        "acpi-device-nodes 'a': node 4 of 'nodeset' is not defined",
    }, {
        "node-with-cpus", 4, NULL, GPU SET "nodeset=0",
        "node 0 of 'nodeset' has CPUs",
    }, {
        "node-with-memory", 1, NULL,
        "-m 128M -object memory-backend-ram,id=ram1,size=64M "
        "-numa node,nodeid=1,memdev=ram1 " GPU SET "nodeset=1",
        "node 1 of 'nodeset' has memory at boot",
    }, {
        "node-in-two-sets", 4, NULL,
        GPU SET "nodeset=1-2 -object acpi-memory-nodes,id=m,nodeset=2-3",
        "node 2 of 'nodeset' is a memory node of",
    }, {
        "node-of-port", 4, "cxl=on", GPU PORT_BUS SET "nodeset=1-2 "
        "-object acpi-generic-port,id=gp,pci-bus=cxl.1,node=2",
        "node 2 of 'nodeset' is the node of acpi-generic-port 'gp'",
        .x86_only = true,
    }, {
        "no-selector", 4, NULL, "-object acpi-device-nodes,id=a,nodeset=1",
        "acpi-device-nodes 'a': no device, give 'pci-dev', or 'pci-bus' and",
    }, {
        "two-selectors", 4, NULL, GPU SET "nodeset=1,pci-bus=pcie.0,addr=4.0",
        "'pci-dev' and 'pci-bus' exclude each other",
    }, {
        "bus-without-addr", 4, NULL,
        "-object acpi-device-nodes,id=a,nodeset=1,pci-bus=pcie.0",
        "'pci-bus' needs 'addr' beside it",
    }, {
        "addr-without-bus", 4, NULL,
        "-object acpi-device-nodes,id=a,nodeset=1,addr=4.0",
        "'addr' needs 'pci-bus' beside it",
    }, {
        "bad-addr", 4, NULL, "-object acpi-device-nodes,id=a,nodeset=1,"
        "pci-bus=pcie.0,addr=20.0",
        "'addr' is '20.0', it takes a hexadecimal device from 0 to 1f",
    }, {
        "bad-pxm", 4, NULL, GPU SET "nodeset=1,pxm=last",
        "'pxm' is 'last', it takes 'first', 'none' or a node from 0 to 127",
    }, {
        "pxm-undefined", 4, NULL, GPU SET "nodeset=1,pxm=9",
        "node 9 of 'pxm' is not defined",
    }, {
        "unknown-device", 4, NULL, SET "nodeset=1",
        "acpi-device-nodes 'a': 'pci-dev=gpu0': no such PCI device",
    }, {
        "unknown-bus", 4, NULL, "-object acpi-device-nodes,id=a,nodeset=1,"
        "pci-bus=nowhere,addr=4.0",
        "'pci-bus=nowhere': no such PCI bus",
    }, {
        "fixed-slot", 4, NULL, "-object acpi-device-nodes,id=a,nodeset=1,"
        "pci-bus=pcie.0,addr=9.0",
        "'addr=9.0': no device there, and bus 'pcie.0' takes none later",
    }, {
        "not-pci", 4, NULL,
        "-object rng-random,id=gpu0,filename=/dev/null " SET "nodeset=1",
        "'pci-dev=gpu0' is a rng-random, not a PCI device",
    }, {
        "hot-pluggable", 4, NULL,
        "-device pcie-root-port,id=rp,chassis=1 "
        "-device virtio-rng-pci,id=gpu0,bus=rp " SET "nodeset=1",
        "device 'gpu0' is hot-pluggable", .lives = true,
    }, {
        "dsd-with-hole", 5, NULL, GPU SET "nodeset=1-2,nodeset=4,dsd=on",
        "'nodeset' has a hole at node 3",
    }, {
        "nothing-to-describe", 4, NULL,
        GPU SET "nodeset=1,initiator=off,memory=off,pxm=none",
        "nothing to describe",
    }, {
        "same-function", 4, NULL, GPU SET "nodeset=1 "
        "-object acpi-device-nodes,id=b,pci-dev=gpu0,nodeset=2",
        "its function has _PXM or _DSD from",
    }, {
        "acpi-off", 4, "acpi=off", GPU SET "nodeset=1",
        "acpi-device-nodes 'a': the machine has 'acpi=off'",
    }, {
        "no-numa", 0, NULL, GPU SET "nodeset=1",
        "acpi-device-nodes 'a': the machine has no NUMA nodes",
    }, {
        "machine-none", 0, "none", "-object acpi-memory-nodes,id=m,nodeset=1",
        "acpi-memory-nodes 'm': machine 'none' has no SRAT to extend",
    }, {
        "machine-microvm", 0, "microvm",
        "-object acpi-memory-nodes,id=m,nodeset=1",
        "machine 'microvm' has no SRAT to extend, use pc, q35 or (arm) virt",
        .x86_only = true,
    }, {
        "machine-microvm-json", 0, "microvm", JSON_SET("\"nodeset\":[1]"),
        "acpi-device-nodes 'a': machine 'microvm' has no SRAT to extend",
        .x86_only = true,
    }, {
        "machine-isapc", 0, "isapc", "-object acpi-memory-nodes,id=m,nodeset=1",
        "acpi-memory-nodes 'm': machine 'isapc' has no SRAT to extend",
        .x86_only = true,
    }, {
        "json-node-out-of-range", 4, NULL, GPU JSON_SET("\"nodeset\":[1,128]"),
        "acpi-device-nodes: 'nodeset' has node 128, nodes are 0 to 127",
    }, {
        "json-node-undefined", 4, NULL, GPU JSON_SET("\"nodeset\":[4]"),
        "acpi-device-nodes 'a': node 4 of 'nodeset' is not defined",
    }, {
        "json-nodeset-empty", 4, NULL, GPU JSON_SET("\"nodeset\":[]"),
        "acpi-device-nodes 'a': 'nodeset' is empty, it takes nodes from 0",
    }, {
        "json-nodeset-string", 4, NULL, GPU JSON_SET("\"nodeset\":\"1\""),
        "Invalid parameter type for 'nodeset', expected: array",
    }, {
        "json-dsd-with-hole", 4, NULL,
        GPU JSON_SET("\"nodeset\":[3,1],\"dsd\":true"),
        "acpi-device-nodes 'a': 'dsd=on' gives a first node and a count, but "
        "'nodeset' has a hole at node 2",
    }, {
        "json-node-negative", 4, NULL, GPU JSON_SET("\"nodeset\":[1,-1]"),
        "acpi-device-nodes: 'nodeset' has node -1, nodes are 0 to 127",
    }, {
        "json-node-huge", 4, NULL, GPU JSON_SET("\"nodeset\":[4294967297]"),
        "acpi-device-nodes: 'nodeset' has node 4294967297, nodes are 0 to 127",
    }, {
        "nodeset-missing", 4, NULL, "-object acpi-memory-nodes,id=m",
        "Parameter 'nodeset' is missing",
    }, {
        "nodeset-backwards", 4, NULL, GPU SET "nodeset=3-1",
        "Parameter 'nodeset' expects an int64 value or range",
    }, {
        "nodeset-huge", 4, NULL, GPU SET "nodeset=0-4294967295",
        "Parameter 'nodeset' expects an int64 value or range",
    }, {
        "nodeset-negative", 4, NULL, GPU SET "nodeset=-1",
        "acpi-device-nodes: 'nodeset' has node -1, nodes are 0 to 127",
    }, {
        "nodeset-text", 4, NULL, GPU SET "nodeset=gpu0",
        "Parameter 'nodeset' expects an int64 value or range",
    }, {
        "device-empty", 4, NULL,
        GPU "-object acpi-device-nodes,id=a,pci-dev=,nodeset=1",
        "acpi-device-nodes 'a': 'pci-dev' is empty, it takes the id or the",
    }, {
        "bus-empty", 4, NULL,
        GPU "-object acpi-device-nodes,id=a,pci-bus=,addr=4.0,nodeset=1",
        "acpi-device-nodes 'a': 'pci-bus' is empty, it takes the id or the",
    }, {
        "machine-sbsa", 0, "sbsa-ref",
        "-object acpi-memory-nodes,id=m,nodeset=1",
        "machine 'sbsa-ref' has no SRAT to extend", .arm_only = true,
    }, {
        "arm-node-limit", 17, NULL, GPU SET "nodeset=1",
        "the machine has 17 NUMA nodes, but an arm64 guest counts to 16",
        .arm_only = true,
    }, {
        "stock-node-out-of-range", 4, NULL,
        GPU "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=128",
        "acpi-generic-initiator: 'node' is 128, nodes are 0 to 127",
    }, {
        "stock-node-undefined", 4, NULL,
        GPU "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=4",
        "acpi-generic-initiator 'gi': 'node' is 4, which is not defined",
    }, {
        "stock-unknown-device", 4, NULL,
        "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=1",
        "acpi-generic-initiator 'gi': 'pci-dev=gpu0': no such PCI device",
    }, {
        "stock-machine-none", 0, "none",
        "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=1",
        "acpi-generic-initiator 'gi': the machine knows no NUMA nodes",
    }, {
        "stock-no-numa", 0, NULL,
        GPU "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=1",
        "acpi-generic-initiator 'gi' has no effect: the machine has no NUMA",
        .lives = true,
    }, {
        "stock-acpi-off", 4, "acpi=off",
        GPU "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=1",
        "acpi-generic-initiator 'gi' has no effect: the machine has 'acpi=off'",
        .lives = true,
    }, {
        "stock-no-srat", 0, "microvm",
        "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=1",
        "acpi-generic-initiator 'gi' has no effect: this machine builds no",
        .lives = true, .x86_only = true,
    }, {
        "port-not-a-bridge", 4, NULL,
        "-object acpi-generic-port,id=gp,pci-bus=pcie.0,node=1",
        "'pci-bus=pcie.0' is a PCIE, not a CXL host bridge bus",
    }, {
        "port-on-last-node", 4, "cxl=on",
        PORT_BUS "-object acpi-generic-port,id=gp,pci-bus=cxl.1,node=3",
        "acpi-generic-port 'gp': node 3 is the last one",
        .lives = true, .x86_only = true,
    }, {
        "port-beside-window", 4,
        "cxl=on,cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.size=1G",
        PORT_BUS "-object acpi-generic-port,id=gp,pci-bus=cxl.1,node=2",
        "acpi-generic-port 'gp': no node above 2 exists for the guest",
        .lives = true, .x86_only = true,
    }, {
        "dimm-on-unknown-node", 4, NULL,
        "-object memory-backend-ram,id=dimm-ram,size=128M "
        "-device pc-dimm,id=dimm0,memdev=dimm-ram,node=1",
        "pc-dimm 'dimm0': 'node' is 1, which the guest does not know, Linux "
        "will put this memory into another node; launch with '-object "
        "acpi-memory-nodes,id=later,nodeset=1'",
        /* arm takes DIMMs only with its UEFI firmware */
        .lives = true, .x86_only = true,
    }, {
        "virtio-mem-on-unknown-node", 4, NULL,
        "-object memory-backend-ram,id=more-ram,size=128M "
        "-device virtio-mem-pci,id=more,memdev=more-ram,node=2",
        "virtio-mem 'more': 'node' is 2, which the guest does not know",
        .lives = true,
    },
};

/* A machine of its own replaces ours, anything else is added to it. */
static char *machine_options(const Mistake *mistake)
{
    const char *extra = mistake->machine;

    if (!extra) {
        return g_strdup(acpi_machine());
    }
    if (!strchr(extra, '=')) {
        return g_strdup_printf("-machine %s", extra);
    }
    return g_strdup_printf("%s -machine %s", acpi_machine(), extra);
}

/* Exit status of a QEMU that executes @qmp and quits; what it complains of */
static int run_qemu(const char *options, const char *qmp, char **errors)
{
    g_autofree char *command = g_strdup_printf(
        "echo '{\"execute\":\"qmp_capabilities\"}%s{\"execute\":\"quit\"}' | "
        "%s -accel qtest -display none -nodefaults -qmp stdio %s",
        qmp, getenv("QTEST_QEMU_BINARY"), options);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    g_autofree char *output = NULL;
    g_autoptr(GError) err = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL,
                               &output, errors, &status, &err));
    g_test_message("%s: %s%s", command, output, *errors);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_mistake(gconstpointer opaque)
{
    const Mistake *mistake = opaque;
    g_autofree char *machine = machine_options(mistake);
    g_autofree char *numa = mistake->nodes ? acpi_numa(mistake->nodes)
                                           : g_strdup("");
    g_autofree char *options = g_strdup_printf("%s %s %s", machine, numa,
                                               mistake->options);
    g_autofree char *errors = NULL;
    int status = run_qemu(options, "", &errors);
    const char *said;

    said = strstr(errors, mistake->message);
    if (!said || strstr(said + 1, mistake->message)) {
        g_error("expected '%s' once in: %s", mistake->message, errors);
    }
    g_assert_cmpint(status, ==, mistake->lives ? 0 : 1);
}

/* Plugged later: a warning for the node that nothing tells of, no other. */
static void test_memory_plugged_late(void)
{
    g_autofree char *numa = acpi_numa(4);
    g_autofree char *options = g_strdup_printf("%s %s "
        "-object acpi-memory-nodes,id=later,nodeset=2 "
        "-object memory-backend-ram,id=ram2,size=128M "
        "-object memory-backend-ram,id=ram1,size=128M", acpi_machine(), numa);
    g_autofree char *errors = NULL;

    g_assert_cmpint(run_qemu(options,
        "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"pc-dimm\","
        "\"id\":\"dimm2\",\"memdev\":\"ram2\",\"node\":2}}"
        "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"pc-dimm\","
        "\"id\":\"dimm1\",\"memdev\":\"ram1\",\"node\":1}}", &errors), ==, 0);
    g_assert_nonnull(strstr(errors, "pc-dimm 'dimm1': 'node' is 1, which the "
                                    "guest does not know"));
    g_assert_null(strstr(errors, "dimm2"));
}

/* Errors of a running machine */

static void expect_error(QTestState *qts, QDict *arguments,
                         const char *message)
{
    QDict *error = qtest_qmp_assert_failure_ref(qts,
        "{'execute': 'object-add', 'arguments': %p}", arguments);
    const char *text = qdict_get_str(error, "desc");

    if (!strstr(text, message)) {
        g_error("expected '%s' in: %s", message, text);
    }
    qobject_unref(error);
    qtest_qmp_assert_success(qts, "{'execute': 'query-status'}");
}

#define ARGUMENTS(...) qdict_from_jsonf_nofail(__VA_ARGS__)

static QTestState *start_running(void)
{
    g_autofree char *numa = acpi_numa(3);

    return qtest_initf("%s -nodefaults %s " GPU, acpi_machine(), numa);
}

static void test_added_late(void)
{
    QTestState *qts = start_running();

    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-device-nodes', 'id': 'a',"
                             " 'pci-dev': 'gpu0', 'nodeset': [1]}"),
                 "acpi-device-nodes 'a': the guest's tables are made when the "
                 "machine starts");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-memory-nodes', 'id': 'm',"
                             " 'nodeset': [1]}"),
                 "acpi-memory-nodes 'm': the guest's tables are made when");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-memory-nodes', 'id': 'm',"
                             " 'nodeset': [128]}"),
                 "'nodeset' has node 128");
    qtest_quit(qts);
}

static void test_stock_late(void)
{
    QTestState *qts = start_running();

    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-generic-initiator',"
                             " 'id': 'g', 'pci-dev': 'gpu0', 'node': 200}"),
                 "'node' is 200, nodes are 0 to 127");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-generic-initiator',"
                             " 'id': 'g', 'pci-dev': 'gpu0', 'node': 3}"),
                 "'node' is 3, the machine has nodes 0 to 2");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-generic-initiator',"
                             " 'id': 'g', 'pci-dev': 'gpu9', 'node': 1}"),
                 "'pci-dev=gpu9': no such PCI device");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-generic-port', 'id': 'g',"
                             " 'pci-bus': 'pcie.0', 'node': 1}"),
                 "not a CXL host bridge bus");
    qtest_quit(qts);
}

static void expect_no_effect(QTestState *qts, const char *reason)
{
    g_autofree char *message = g_strdup_printf(
        "acpi-generic-initiator 'g' has no effect: %s", reason);

    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-generic-initiator',"
                             " 'id': 'g', 'pci-dev': 'gpu0', 'node': 1}"),
                 message);
    qtest_system_reset(qts);
    qtest_quit(qts);
}

/* A machine that can show no initiator says so to the monitor. */
static void test_stock_without_effect(void)
{
    g_autofree char *numa = acpi_numa(2);

    expect_no_effect(qtest_initf("%s -nodefaults " GPU, acpi_machine()),
                     "the machine has no NUMA nodes");
    expect_no_effect(qtest_initf("%s -machine acpi=off -nodefaults %s " GPU,
                                 acpi_machine(), numa),
                     "the machine has 'acpi=off'");
}

/* Before the machine starts a monitor may add what a command line may. */
static void test_preconfig(void)
{
    QTestState *qts = qtest_initf("%s -nodefaults -preconfig -m 64M "
        "-object memory-backend-ram,id=ram0,size=64M " GPU, acpi_machine());
    GArray *entries;
    AcpiBlob blob;

    qtest_qmp_assert_success(qts, "{'execute': 'set-numa-node', 'arguments':"
        " {'type': 'node', 'nodeid': 0, 'memdev': 'ram0'}}");
    qtest_qmp_assert_success(qts, "{'execute': 'set-numa-node', 'arguments':"
        " {'type': 'node', 'nodeid': 1}}");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-device-nodes', 'id': 'a',"
                             " 'nodeset': [1]}"), "no device, give 'pci-dev'");
    expect_error(qts, ARGUMENTS("{'qom-type': 'acpi-memory-nodes', 'id': 'a',"
                             " 'nodeset': []}"), "'nodeset' is empty");
    qtest_qmp_assert_success(qts, "{'execute': 'object-add', 'arguments':"
        " {'qom-type': 'acpi-device-nodes', 'id': 'a', 'pci-dev': 'gpu0',"
        "  'nodeset': [1]}}");
    qtest_qmp_assert_success(qts, "{'execute': 'x-exit-preconfig'}");
    acpi_blob_read(qts, &blob);
    entries = acpi_srat_entries(&blob, 5);
    g_assert_cmpuint(entries->len, ==, 32);
    g_array_free(entries, true);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

static size_t initiators_after_reset(QTestState *qts)
{
    AcpiBlob blob;
    GArray *entries;
    size_t len;

    qtest_system_reset(qts);
    acpi_blob_read(qts, &blob);
    entries = acpi_srat_entries(&blob, 5);
    len = entries->len;
    g_array_free(entries, true);
    acpi_blob_free(&blob);
    return len / 32;
}

/* A stock object that is right may come and go; the next reset shows it. */
static void test_stock_comes_and_goes(void)
{
    QTestState *qts = start_running();

    g_assert_cmpuint(initiators_after_reset(qts), ==, 0);
    qtest_qmp_assert_success(qts, "{'execute': 'object-add', 'arguments':"
        " {'qom-type': 'acpi-generic-initiator', 'id': 'g',"
        "  'pci-dev': 'gpu0', 'node': 1}}");
    g_assert_cmpuint(initiators_after_reset(qts), ==, 1);
    qtest_qmp_assert_success(qts, "{'execute': 'object-del', 'arguments':"
                                  " {'id': 'g'}}");
    g_assert_cmpuint(initiators_after_reset(qts), ==, 0);
    qtest_quit(qts);
}

/* What the guest has been told stays: no deletion, no change. */
static void test_fixed(void)
{
    g_autofree char *numa = acpi_numa(2);
    QTestState *qts = qtest_initf("%s -nodefaults %s " GPU SET "nodeset=1",
                                  acpi_machine(), numa);
    QDict *error;

    error = qtest_qmp_assert_failure_ref(qts, "{'execute': 'object-del',"
                                              " 'arguments': {'id': 'a'}}");
    qobject_unref(error);
    error = qtest_qmp_assert_failure_ref(qts, "{'execute': 'qom-set',"
        " 'arguments': {'path': '/objects/a', 'property': 'nodeset',"
        "               'value': [0]}}");
    g_assert_nonnull(strstr(qdict_get_str(error, "desc"),
                            "'nodeset' cannot be changed any more"));
    qobject_unref(error);
    g_assert_cmpuint(initiators_after_reset(qts), ==, 1);
    qtest_quit(qts);
}

static bool applies(const Mistake *mistake)
{
    return acpi_is_arm() ? !mistake->x86_only : !mistake->arm_only;
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strdup_printf("/acpi/mistakes/%s",
                                                mistakes[i].name);

        if (applies(&mistakes[i])) {
            qtest_add_data_func(path, &mistakes[i], test_mistake);
        }
    }
    if (!acpi_is_arm()) {
        qtest_add_func("/acpi/mistakes/memory-plugged-late",
                       test_memory_plugged_late);
    }
    qtest_add_func("/acpi/mistakes/added-late", test_added_late);
    qtest_add_func("/acpi/mistakes/stock-late", test_stock_late);
    qtest_add_func("/acpi/mistakes/stock-without-effect",
                   test_stock_without_effect);
    qtest_add_func("/acpi/mistakes/preconfig", test_preconfig);
    qtest_add_func("/acpi/mistakes/stock-comes-and-goes",
                   test_stock_comes_and_goes);
    qtest_add_func("/acpi/mistakes/fixed", test_fixed);
    return g_test_run();
}
