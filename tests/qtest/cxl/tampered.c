/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load that is refused in the middle leaves nothing behind that a device
 * works with: the machine goes on, and its guest with it.  One machine loads a
 * snapshot whose bytes are changed where they lie in its image; each is right
 * otherwise, and so is the configuration that is loaded before.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cxl/fixture.h"

#define MESSAGES    "memfab-cxl-type3/messages"
#define USB         "memfab-usb-cxl-mctp"
#define MHRE        0x400   /* multiple header recording, PCIe r6.0 7.8.4.7 */

typedef struct Snapshot {
    CxlFixture *f;
    char *image;
} Snapshot;

static char *make_image(void)
{
    g_autofree char *path = NULL, *words = NULL;
    int fd = g_file_open_tmp("cxl-tampered-XXXXXX", &path, NULL);
    int status;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    words = g_strdup_printf("%s create -q -f qcow2 %s 1M",
                            g_getenv("QTEST_QEMU_IMG"), path);
    g_assert_true(g_spawn_command_line_sync(words, NULL, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    return g_steal_pointer(&path);
}

static void inject_uncorrectable(CxlFixture *f)
{
    g_autofree char *said = qtest_hmp(f->qts, "pcie_aer_inject_error rp0"
                                      " POISON_TLP");

    g_assert_nonnull(strstr(said, "OK"));
}

/* What comes next is queued behind the first, and a message waits. */
static void fill(CxlFixture *f)
{
    static const uint8_t all[5] = { 1, 1, 1, 1, 1 };

    g_assert_cmphex(fix_command_rc(f, 0x0103, all, 5), ==, 0);
    qtest_writel(f->qts, fix_root_aer(f) + PCI_ERR_CAP, MHRE);
    inject_uncorrectable(f);
    inject_uncorrectable(f);
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
    qtest_qmp_eventwait(f->qts, "STOP");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': 'informational',"
        " 'flags': 0, 'dpa': 0, 'descriptor': 0, 'type': 0,"
        " 'transaction-type': 0, 'sub-type': 0 }}");
}

/* Does the snapshot load with these bytes at @at behind @mark? */
static bool loads_with(Snapshot *s, const void *mark, size_t mark_len,
                       int at, const void *bytes, size_t len)
{
    g_autofree char *state = NULL, *said = NULL;
    const char *found;
    gsize size;
    int fd = open(s->image, O_RDWR);

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(g_file_get_contents(s->image, &state, &size, NULL));
    found = memmem(state, size, mark, mark_len);
    g_assert_nonnull(found);
    found += mark_len + at;
    g_assert_cmpint(pwrite(fd, bytes, len, found - state), ==, len);
    said = qtest_hmp(s->f->qts, "loadvm s");
    g_assert_cmpint(pwrite(fd, found, len, found - state), ==, len);
    close(fd);
    return !*said;
}

/* A vector that the function does not have */
static void check_messages(Snapshot *s)
{
    uint32_t vectors = cpu_to_be32(0x80000000);

    g_assert_false(loads_with(s, MESSAGES, strlen(MESSAGES), 4, &vectors, 4));
    qtest_qmp_assert_success(s->f->qts, "{'execute': 'cont'}");
    qtest_qmp_eventwait(s->f->qts, "RESUME");
    g_assert_false(fix_irq_taken(s->f, FIX_VECTOR_EVENT));
}

/* More errors than are queued at most; the guest takes those that there are. */
static void check_errors(Snapshot *s)
{
    /* In the root port: one of eight, and its status */
    static const uint8_t mark[] = { 0, 1, 0, 8, 0, 0, 0x10, 0 };
    static const uint8_t many[] = { 0xff, 0xf0 };
    CxlFixture *f = s->f;
    uint64_t status = fix_root_aer(f) + PCI_ERR_UNCOR_STATUS;
    unsigned n = 0;

    g_assert_false(loads_with(s, mark, sizeof(mark), -8, many, 2));
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    qtest_qmp_eventwait(f->qts, "RESUME");
    fix_enumerate(f);
    inject_uncorrectable(f);
    while (qtest_readl(f->qts, status)) {
        qtest_writel(f->qts, status, UINT32_MAX);
        g_assert_cmpuint(++n, <=, 8);
    }
}

/* A place beyond the bytes of a request */
static void check_usb(Snapshot *s)
{
    /* Instance and version, address, state, wakeup, state of the request */
    const int at = 4 + 4 + 1 + 4 + 4 + 4;
    uint32_t request[] = { cpu_to_be32(INT32_MAX), cpu_to_be32(0x100000) };

    g_assert_false(loads_with(s, USB, strlen(USB), at, request,
                              sizeof(request)));
}

static void test_leaves_nothing(void)
{
    g_autofree char *devices = NULL, *said = NULL;
    Snapshot s;

    if (!g_getenv("QTEST_QEMU_IMG")) {
        g_test_skip("no qemu-img");
        return;
    }
    s.image = make_image();
    devices = g_strdup_printf("%s -device usb-ehci,bus=pcie.0,id=ehci -device"
                              " usb-cxl-mctp,bus=ehci.0,target=cxl0 -drive"
                              " if=none,id=d,format=qcow2,file=%s",
                              FIX_BOTH, s.image);
    s.f = fix_start(devices);
    fill(s.f);
    said = qtest_hmp(s.f->qts, "savevm s");
    g_assert_cmpstr(said, ==, "");
    check_messages(&s);
    check_errors(&s);
    check_usb(&s);
    g_assert_true(loads_with(&s, MESSAGES, strlen(MESSAGES), 0, "", 0));
    fix_stop(s.f);
    unlink(s.image);
    g_free(s.image);
}

int main(int argc, char **argv)
{
    /* QEMU's savevm and loadvm leak their channels. */
    g_setenv("ASAN_OPTIONS", "detect_leaks=0", true);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/tampered/leaves-nothing", test_leaves_nothing);
    return g_test_run();
}
