/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables as an independent disassembler reads them, against goldens below
 * tests/data/acpi/topology; what it writes must compile into the same again.
 *
 * MEMFAB_UPDATE_GOLDENS=1 writes the goldens instead.  Runs in the root of the
 * source tree.
 */
#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "tests/qtest/acpi/tables.h"

#define GOLDENS "tests/data/acpi/topology"
#define GPU "-device virtio-rng-pci,id=gpu0"

/* Machines whose tables are alike. */
enum {
    Q35 = 1,
    VIRT = 2,                   /* its DSDT has nodes for functions */
    VIRT_10_0 = 4,              /* its DSDT has none */
};

typedef struct Golden {
    const char *name;           /* of the file, without .dsl */
    unsigned machines;
    unsigned nodes;
    const char *options;
    const char *table;
    const char *block;          /* only this block of the disassembly */
} Golden;

static const Golden goldens[] = {
    {
        "accelerator-srat", Q35, 12,
        GPU ",addr=4.0 -object acpi-memory-nodes,id=later,nodeset=10-11 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=2-9,dsd=on",
        "SRAT",
    }, {
        "accelerator-dsdt", Q35 | VIRT, 12,
        GPU ",addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=2-9,dsd=on",
        "DSDT", "Device (S20)",
    }, {
        "root-port-dsdt", Q35 | VIRT, 3,
        "-device pcie-root-port,id=rp,addr=3.0,chassis=1,hotplug=off "
        GPU ",bus=rp -object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1-2",
        "DSDT", "Device (S18)",
    }, {
        "switch-ssdt", Q35 | VIRT | VIRT_10_0, 4,
        "-device pxb-pcie,id=pxb,bus_nr=64 "
        "-device pcie-root-port,id=rp,bus=pxb,addr=2.0,chassis=1,hotplug=off "
        "-device x3130-upstream,id=up,bus=rp "
        "-device xio3130-downstream,id=d0,bus=up,chassis=2,hotplug=off "
        "-device xio3130-downstream,id=d1,bus=up,addr=1.0,chassis=3,"
        "hotplug=off -device virtio-rng-pci,id=g0,bus=d0 "
        "-device virtio-rng-pci,id=g1,bus=d1 "
        "-object acpi-device-nodes,id=b,pci-dev=g1,nodeset=2-3,dsd=on,"
        "dsd-start-key=nvidia,,gpu-mem-pxm-start,"
        "dsd-count-key=nvidia,,gpu-mem-pxm-count "
        "-object acpi-device-nodes,id=a,pci-dev=g0,nodeset=1",
        "SSDT",
    }, {
        "bridge-pxm-ssdt", Q35 | VIRT, 2,
        GPU ",addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1,bridge-pxm=on",
        "SSDT",
    }, {
        "virt-accelerator-srat", VIRT | VIRT_10_0, 12,
        GPU ",addr=4.0 -object acpi-memory-nodes,id=later,nodeset=10-11 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=2-9,dsd=on",
        "SRAT",
    }, {
        "virt-accelerator-ssdt", VIRT_10_0, 12,
        GPU ",addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=2-9,dsd=on",
        "SSDT",
    }, {
        "virt-root-port-ssdt", VIRT_10_0, 3,
        "-device pcie-root-port,id=rp,addr=3.0,chassis=1,hotplug=off "
        GPU ",bus=rp -object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1-2",
        "SSDT",
    },
};

static unsigned this_machine(void)
{
    return !acpi_is_arm() ? Q35 :
           MEMFAB_QEMU_AT_LEAST(10, 2) ? VIRT : VIRT_10_0;
}

/* Output of a command in @where, which must succeed. */
static char * G_GNUC_PRINTF(2, 3)
shell(const char *where, const char *format, ...)
{
    g_autofree char *command = NULL, *output = NULL;
    const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
    g_autoptr(GError) err = NULL;
    va_list ap;
    int status;

    va_start(ap, format);
    command = g_strdup_vprintf(format, ap);
    va_end(ap);
    argv[2] = command;
    g_assert_true(g_spawn_sync(where, (char **)argv, NULL, 0, NULL, NULL,
                               &output, NULL, &status, &err));
    if (status) {
        g_error("'%s' says: %s", command, output);
    }
    return g_steal_pointer(&output);
}

/*
 * The disassembly without what differs from day to day and from compiler to
 * compiler: opening comment, checksums, names of compilers, guesses about
 * objects of other tables, and the bytes of a data table once more.
 */
static char *readable(const char *dsl)
{
    static const char * const skip[] = {
        "Checksum", "Asl Compiler", "External (", "Table Length",
    };
    g_auto(GStrv) lines = g_strsplit(strstr(dsl, "*/") + 2, "\n", -1);
    GString *text = g_string_new(NULL);
    unsigned i, j;

    for (i = 0; lines[i] && !g_str_has_prefix(lines[i], "Raw Table"); i++) {
        for (j = 0; j < G_N_ELEMENTS(skip); j++) {
            if (strstr(lines[i], skip[j])) {
                break;
            }
        }
        if (j == G_N_ELEMENTS(skip) && *g_strchomp(lines[i])) {
            const char *line = lines[i];

            /* offsets are written in another way by each release */
            if (*line == '[' && strchr(line, ']')) {
                line = strchr(line, ']') + 1;
            }
            g_string_append_printf(text, "%s\n", line);
        }
    }
    return g_string_free(text, false);
}

/*
 * The block from @opening to the brace that closes it, as if it stood at the
 * margin: how deep it is in its table differs from board to board.
 */
static char *cut_block(const char *dsl, const char *opening)
{
    const char *start = strstr(dsl, opening), *end;
    g_autofree char *text = NULL, *margin = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned depth = 0, indent = 0;

    g_assert_nonnull(start);
    end = strchr(start, '{');
    do {
        depth += *end == '{';
        depth -= *end == '}';
        end++;
    } while (depth);
    while (start - indent > dsl && start[-1 - (int)indent] == ' ') {
        indent++;
    }
    margin = g_strdup_printf("\n%*s", indent, "");
    text = g_strdup_printf("%.*s\n", (int)(end - start), start);
    lines = g_strsplit(text, margin, -1);
    return g_strjoinv("\n", lines);
}

static char *disassemble(const char *where, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/%s.dsl", where, name);
    g_autofree char *output = shell(where, "iasl -vs -d %s.aml 2>&1", name);
    char *dsl;

    g_assert_true(g_file_get_contents(path, &dsl, NULL, NULL));
    return dsl;
}

static void dump(const Golden *golden, const char *where)
{
    g_autofree char *numa = acpi_numa(golden->nodes);
    g_autofree char *path = g_strdup_printf("%s/one.aml", where);
    QTestState *qts = qtest_initf("%s -nodefaults %s %s", acpi_machine(), numa,
                                  golden->options);
    const uint8_t *table;
    uint8_t sum = 0;
    AcpiBlob blob;
    size_t len, i;

    acpi_blob_read(qts, &blob);
    table = acpi_table(&blob, golden->table, 0, &len);
    g_assert_nonnull(table);
    for (i = 0; i < len; i++) {
        sum += table[i];
    }
    /* what the firmware would do */
    blob.data[table - blob.data + 9] -= sum;
    g_assert_true(g_file_set_contents(path, (const char *)table, len, NULL));
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

static char *extract(const Golden *golden, const char *dsl)
{
    g_autofree char *text = readable(dsl);

    return golden->block ? cut_block(text, golden->block)
                         : g_steal_pointer(&text);
}

static void compare(const Golden *golden, const char *text)
{
    g_autofree char *path = g_strdup_printf("%s/%s.dsl", GOLDENS,
                                            golden->name);
    g_autofree char *want = NULL;

    if (getenv("MEMFAB_UPDATE_GOLDENS")) {
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
    }
    g_assert_true(g_file_get_contents(path, &want, NULL, NULL));
    g_assert_cmpstr(text, ==, want);
}

static void test_golden(gconstpointer opaque)
{
    const Golden *golden = opaque;
    g_autofree char *where = g_dir_make_tmp("acpi-golden-XXXXXX", NULL);
    g_autofree char *iasl = g_find_program_in_path("iasl");
    g_autofree char *dsl = NULL, *again = NULL, *output = NULL;
    g_autofree char *first = NULL, *second = NULL;

    if (!iasl) {
        g_test_skip("there is no iasl");
        return;
    }
    dump(golden, where);
    dsl = disassemble(where, "one");
    first = extract(golden, dsl);
    compare(golden, first);

    /* Round trip: it compiles, and reads the same afterwards. */
    output = shell(where, "iasl -vs -p two one.dsl 2>&1");
    again = disassemble(where, "two");
    second = extract(golden, again);
    g_assert_cmpstr(first, ==, second);
    g_free(shell("/", "rm -r %s", where));
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(goldens); i++) {
        g_autofree char *path = g_strdup_printf("/acpi/golden/%s",
                                                goldens[i].name);

        if (goldens[i].machines & this_machine()) {
            qtest_add_data_func(path, &goldens[i], test_golden);
        }
    }
    return g_test_run();
}
