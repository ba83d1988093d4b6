/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an SDXI function is as a PCI Express device: the attribute table of an
 * initiator, errors that somebody injects, power states.
 */
#include "qemu/osdep.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/status.h"

#define HANDLES 16

/* ---- attribute table ---- */

typedef struct Doe {
    SdxiVm *vm;
    int devfn;
    unsigned cap;
} Doe;

static uint32_t doe_rd(const Doe *d, unsigned reg)
{
    return qtest_readl(d->vm->qts,
                       sdxi_config_at(d->vm, d->devfn, d->cap + reg));
}

static void doe_wr(const Doe *d, unsigned reg, uint32_t value)
{
    qtest_writel(d->vm->qts,
                 sdxi_config_at(d->vm, d->devfn, d->cap + reg), value);
}

static unsigned doe_ask(const Doe *d, uint16_t vendor, uint8_t type,
                        uint32_t what, uint32_t *answer, unsigned max)
{
    unsigned n = 0;

    doe_wr(d, DOE_REG_WRITE, DOE_OBJ(vendor, type));
    doe_wr(d, DOE_REG_WRITE, 3);
    doe_wr(d, DOE_REG_WRITE, what);
    doe_wr(d, DOE_REG_CTRL, DOE_CTRL_GO);
    while (n < max && (doe_rd(d, DOE_REG_STATUS) & DOE_STATUS_READY)) {
        answer[n++] = doe_rd(d, DOE_REG_READ);
        doe_wr(d, DOE_REG_READ, 0);
    }
    return n;
}

static Doe doe_open(SdxiFn *fn)
{
    int devfn = fn->pci->devfn;

    return (Doe) {
        .vm = fn->vm, .devfn = devfn,
        .cap = sdxi_config_extended(fn->vm, devfn, DOE_EXT_CAP_ID),
    };
}

/* All entries but the header one after the other, as bytes. */
static GByteArray *read_table(const Doe *d)
{
    GByteArray *table = g_byte_array_new();
    uint32_t handle = 0, answer[64];

    for (int i = 0; handle != CDAT_DOE_LAST; i++) {
        unsigned n = doe_ask(d, DOE_VENDOR_CXL, CDAT_DOE_TYPE,
                             handle << 16, answer, ARRAY_SIZE(answer));

        g_assert_cmpint(i, <, HANDLES);
        g_assert_cmpuint(n, >, 3);
        handle = CDAT_DOE_HANDLE(answer[2]);
        for (unsigned k = 3; k < n; k++) {
            uint32_t dword = cpu_to_le32(answer[k]);

            g_byte_array_append(table, (uint8_t *)&dword, 4);
        }
    }
    return table;
}

static void check_figure(const uint8_t *at, unsigned type, unsigned product)
{
    CdatDslbis f;

    memcpy(&f, at, sizeof(f));
    g_assert_cmpuint(f.entry.type, ==, CDAT_DSLBIS);
    g_assert_cmpuint(f.handle, ==, 0);
    g_assert_cmpuint(f.data_type, ==, type);
    g_assert_cmpuint(le64_to_cpu(f.base_unit) * le16_to_cpu(f.value[0]), ==,
                     product);
}

static void test_initiator(SdxiRig *r)
{
    Doe d = doe_open(r->fn);
    g_autoptr(GByteArray) table = read_table(&d);
    uint8_t sum = 0;

    g_assert_cmpuint(table->len, ==, 16 + 8 + 4 * 24);
    for (unsigned i = 0; i < table->len; i++) {
        sum += table->data[i];
    }
    g_assert_cmpuint(sum, ==, 0);
    g_assert_cmpuint(table->data[16], ==, CDAT_DSIS);
    /* no memory of its own */
    g_assert_cmpuint(table->data[20], ==, 0);
    check_figure(table->data + 24, CDAT_READ_LATENCY, 70000);
    check_figure(table->data + 48, CDAT_WRITE_LATENCY, 70000);
    check_figure(table->data + 72, CDAT_READ_BANDWIDTH, 12345);
    check_figure(table->data + 96, CDAT_WRITE_BANDWIDTH, 12345);
}

static void test_silent(SdxiRig *r)
{
    Doe d = doe_open(r->fn);
    g_autoptr(GByteArray) table = read_table(&d);

    g_assert_cmpuint(table->len, ==, 16 + 8);
}

static void test_no_table(SdxiRig *r)
{
    g_assert_cmpuint(sdxi_config_find(r->vm, r->fn->pci->devfn,
                                      DOE_EXT_CAP_ID), ==, 0);
}

static void test_strange_questions(SdxiRig *r)
{
    Doe d = doe_open(r->fn);
    uint32_t answer[8];

    g_assert_cmpuint(doe_ask(&d, 0x1234, 9, 0, answer, 8), ==, 0);
    g_assert_cmpuint(doe_ask(&d, DOE_VENDOR_CXL,
                             CDAT_DOE_TYPE, 77 << 16, answer, 8),
                     ==, 0);
    doe_wr(&d, DOE_REG_CTRL, DOE_CTRL_ABORT);
    g_assert_cmpuint(doe_ask(&d, DOE_VENDOR_CXL,
                             CDAT_DOE_TYPE, 0, answer, 8), >, 3);
}

/* An object that is being written, as it lies in a stream */
#define MARK 0xd0ec0de5u

static char *find_mark(char *state, gsize len)
{
    uint32_t words[] = { cpu_to_be32(MARK), cpu_to_be32(MARK) };
    char *at = memmem(state, len, words, sizeof(words));

    g_assert_nonnull(at);
    return at;
}

/* @value in place of the 32 bits at @at, or the stream ends there. */
static void save_tampered(SdxiVm *vm, const char *file, int at, uint32_t value,
                          bool cut)
{
    g_autofree char *state = NULL;
    char *word;
    gsize len;

    sdxi_vm_save(vm, file);
    g_assert_true(g_file_get_contents(file, &state, &len, NULL));
    word = find_mark(state, len) + at;
    stl_be_p(word, value);
    g_assert_true(g_file_set_contents(file, state,
                                      cut ? word + 2 - state : len, NULL));
}

/* What a load that fails has read is not what the mailbox works with. */
static void check_tampered(int at, uint32_t value, bool cut)
{
    g_autofree char *file = NULL, *uri = NULL;
    SdxiVm *vm = sdxi_vm_start("-device sdxi,addr=4");
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    Doe d = doe_open(fn);
    int fd = g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    uri = g_strdup_printf("file:%s", file);
    doe_wr(&d, DOE_REG_WRITE, MARK);
    doe_wr(&d, DOE_REG_WRITE, MARK);
    save_tampered(vm, file, at, value, cut);
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);

    vm = sdxi_vm_start("-device sdxi,addr=4 -incoming defer");
    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s,"
                             " 'exit-on-error': false}}", uri);
    status_wait(vm->qts, "query-migrate", "failed");
    unlink(file);
    d.vm = vm;
    doe_wr(&d, DOE_REG_WRITE, MARK);
    doe_rd(&d, DOE_REG_READ);
    doe_wr(&d, DOE_REG_CTRL, DOE_CTRL_GO);
    g_assert_cmphex(doe_rd(&d, DOE_REG_STATUS) & ~DOE_STATUS_ERROR, ==, 0);
    sdxi_vm_stop(vm);
}

/* Dwords received, of an answer, and taken of it; all of it, or a half */
static void test_tampered(void)
{
    for (int field = 1; field <= 3; field++) {
        check_tampered(-4 * field, 0xfffffff0, false);
        check_tampered(-4 * field, 0xfffffff0, true);
    }
}

/* ---- injected errors ---- */

#define ROOT_PORT       DEVFN(4, 0)
#define BELOW           0x100

static void set_bits(SdxiVm *vm, int devfn, unsigned off, uint16_t bits)
{
    uint64_t at = sdxi_config_at(vm, devfn, off);

    qtest_writew(vm->qts, at, qtest_readw(vm->qts, at) | bits);
}

/* The PCI Express capability, which both have in the first 256 bytes. */
static unsigned express(SdxiVm *vm, int devfn)
{
    unsigned off = qtest_readb(vm->qts, sdxi_config_at(vm, devfn, 0x34));

    while (qtest_readb(vm->qts, sdxi_config_at(vm, devfn, off)) !=
           PCI_CAP_ID_EXP) {
        off = qtest_readb(vm->qts, sdxi_config_at(vm, devfn, off + 1));
        g_assert_cmpuint(off, !=, 0);
    }
    return off;
}

static void report_errors(SdxiVm *vm, int devfn)
{
    set_bits(vm, devfn, PCI_COMMAND, PCI_COMMAND_SERR);
    set_bits(vm, devfn, express(vm, devfn) + PCI_EXP_DEVCTL,
             PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
             PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE);
}

static uint32_t aer(SdxiVm *vm, int devfn, unsigned reg)
{
    unsigned cap = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_ERR);

    return qtest_readl(vm->qts, sdxi_config_at(vm, devfn, cap + reg));
}

static void test_aer(void)
{
    SdxiVm *vm = sdxi_vm_start("-device pcie-root-port,id=rp,addr=4,chassis=1 "
                               "-device sdxi,id=sdxi,bus=rp");
    g_autofree char *said = NULL;

    qtest_writel(vm->qts, sdxi_config_at(vm, ROOT_PORT, PCI_PRIMARY_BUS),
                 0x010100);
    set_bits(vm, ROOT_PORT, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR);
    report_errors(vm, ROOT_PORT);
    report_errors(vm, BELOW);
    g_assert_cmphex(qtest_readl(vm->qts, sdxi_config_at(vm, BELOW,
                    PCI_CLASS_REVISION)) >> 8, ==, 0x120100);

    said = qtest_hmp(vm->qts, "pcie_aer_inject_error sdxi BAD_TLP");
    g_assert_cmphex(aer(vm, BELOW, PCI_ERR_COR_STATUS), ==,
                    PCI_ERR_COR_BAD_TLP);
    g_assert_cmphex(aer(vm, ROOT_PORT, PCI_ERR_ROOT_STATUS) &
                    PCI_ERR_ROOT_COR_RCV, !=, 0);
    g_free(said);
    said = qtest_hmp(vm->qts, "pcie_aer_inject_error sdxi POISON_TLP 1 2 3 4");
    g_assert_cmphex(aer(vm, BELOW, PCI_ERR_UNCOR_STATUS), ==,
                    PCI_ERR_UNC_POISON_TLP);
    g_assert_cmphex(aer(vm, BELOW, PCI_ERR_HEADER_LOG), !=, 0);
    g_assert_cmphex(aer(vm, ROOT_PORT, PCI_ERR_ROOT_STATUS) &
                    PCI_ERR_ROOT_UNCOR_RCV, !=, 0);
    sdxi_vm_stop(vm);
}

/* ---- power ---- */

#define COPIES 600

static void power(SdxiRig *r, unsigned state)
{
    uint8_t cap = qpci_find_capability(r->fn->pci, PCI_CAP_ID_PM, 0);

    g_assert_cmphex(cap, !=, 0);
    qpci_config_writew(r->fn->pci, cap + PCI_PM_CTRL, state);
    g_assert_cmphex(qpci_config_readw(r->fn->pci, cap + PCI_PM_CTRL), ==,
                    state | PCI_PM_CTRL_NO_SOFT_RESET);
}

/* In D3hot nothing moves; back in D0 all is as it was, and goes on. */
static void test_power(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 2 * MiB, 4096);
    uint64_t csb = sdxi_csb_new(r->vm, COPIES + 1);
    uint64_t l2 = sdxi_fn_rd(r->fn, SDXI_CXT_L2);
    uint64_t cell = sdxi_msix_arm(r->fn, 3);
    SdxiDsc copy = sdxi_dsc_copy(buf, buf + MiB, MiB);
    SdxiDsc intr = sdxi_dsc_intr(1);
    uint64_t signal;

    sdxi_cxt_akey(&r->c, 1, SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(3), 0);
    sdxi_dsc_set_csb(&copy, csb);
    sdxi_dsc_set_csb(&intr, csb);
    for (unsigned i = 0; i < COPIES; i++) {
        sdxi_cxt_push(&r->c, &copy);
    }
    sdxi_cxt_push(&r->c, &intr);
    sdxi_cxt_kick(&r->c);

    power(r, 3);
    signal = sdxi_csb_signal(r->vm, csb);
    sdxi_vm_fill(r->vm, buf, 4096, 9);
    g_usleep(20000);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, signal);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_VERSION), !=, 0x10000);
    g_assert_true(!signal || !sdxi_msix_take(r->fn, cell));

    power(r, 0);
    sdxi_csb_wait(r->vm, csb, 0);
    sdxi_msix_wait(r->fn, cell);
    g_assert_false(sdxi_csb_er(r->vm, csb));
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CXT_L2), ==, l2);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_false(sdxi_cxt_do(&r->c, copy));
}

/* Asleep it is reset, and saved, as at any other time. */
static void test_power_reset(SdxiRig *r)
{
    power(r, 3);
    qtest_system_reset(r->vm->qts);
    sdxi_fn_close(r->fn);
    r->fn = sdxi_fn_open(r->vm, 4);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    power(r, 3);
    sdxi_vm_migrate(r->vm);
    power(r, 0);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

/* ---- the list of capabilities ---- */

/* One bit for each of the extended capabilities that a function may have. */
static const uint16_t known[] = {
    PCI_EXT_CAP_ID_ERR, PCI_EXT_CAP_ID_ARI, PCI_EXT_CAP_ID_SRIOV,
    PCI_EXT_CAP_ID_ATS, PCI_EXT_CAP_ID_PRI, PCI_EXT_CAP_ID_PASID,
    DOE_EXT_CAP_ID,
};

static unsigned listed(SdxiVm *vm, int devfn)
{
    unsigned off = 0x100, found = 0, length = 0;

    while (off) {
        uint32_t head = qtest_readl(vm->qts, sdxi_config_at(vm, devfn, off));
        unsigned i = 0;

        while (i < ARRAY_SIZE(known) && known[i] != (head & 0xffff)) {
            i++;
        }
        g_assert_cmpuint(i, <, ARRAY_SIZE(known));
        g_assert_cmpuint(found >> i & 1, ==, 0);
        g_assert_cmpuint(++length, <=, ARRAY_SIZE(known));
        found |= 1 << i;
        off = head >> 20;
    }
    return found;
}

static unsigned wanted(bool vfs, bool pasid, bool cdat)
{
    return 1 | (vfs ? 6 : 0) | (pasid ? 070 : 0) | (cdat ? 0100 : 0);
}

static void flr(SdxiVm *vm, int devfn)
{
    uint64_t devctl = sdxi_config_at(vm, devfn, 0x80 + PCI_EXP_DEVCTL);

    qtest_writew(vm->qts, devctl, PCI_EXP_DEVCTL_BCR_FLR);
}

static void asleep_and_awake(SdxiVm *vm, int devfn)
{
    uint64_t pm = sdxi_config_at(vm, devfn, 0x60 + PCI_PM_CTRL);

    qtest_writew(vm->qts, pm, 3);
    qtest_writew(vm->qts, pm, 0);
}

/* A virtual function: its own ATS, and nothing that is shared. */
static void check_vf(SdxiVm *vm, int devfn, bool pasid)
{
    uint64_t sriov = sdxi_config_at(
        vm, devfn, sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_SRIOV));
    unsigned off;

    qtest_writew(vm->qts, sriov + PCI_SRIOV_NUM_VF, 1);
    qtest_writew(vm->qts, sriov + PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_VFE);
    g_assert_cmphex(listed(vm, devfn + 1), ==, 3 | (pasid ? 010 : 0));
    if (pasid) {
        off = sdxi_config_extended(vm, devfn + 1, PCI_EXT_CAP_ID_ATS) + 0x10;
        for (unsigned i = 0; i < 0x20; i += 4) {
            g_assert_cmphex(qtest_readl(vm->qts, sdxi_config_at(
                vm, devfn + 1, off + i)), ==, 0);
        }
    }
    flr(vm, devfn + 1);
    g_assert_cmphex(listed(vm, devfn + 1), ==, 3 | (pasid ? 010 : 0));
    qtest_writew(vm->qts, sriov + PCI_SRIOV_CTRL, 0);
}

static void check_list(bool vfs, bool pasid, bool cdat)
{
    SdxiVm *vm = sdxi_vm_start("-device sdxi,addr=4,vfs=%d,pasid=%s,cdat=%s",
                               vfs ? 3 : 0, pasid ? "on" : "off",
                               cdat ? "on" : "off");
    int devfn = DEVFN(4, 0);
    unsigned want = wanted(vfs, pasid, cdat);

    g_assert_cmphex(listed(vm, devfn), ==, want);
    if (vfs) {
        check_vf(vm, devfn, pasid);
    }
    flr(vm, devfn);
    g_assert_cmphex(listed(vm, devfn), ==, want);
    asleep_and_awake(vm, devfn);
    g_assert_cmphex(listed(vm, devfn), ==, want);
    qtest_system_reset(vm->qts);
    g_assert_cmphex(listed(vm, devfn), ==, want);
    sdxi_vm_stop(vm);
}

static void test_lists(void)
{
    for (unsigned i = 0; i < 8; i++) {
        bool pasid = i & 2;

#ifndef MEMFAB_HAVE_PASID
        if (pasid) {
            continue;
        }
#endif
        check_list(i & 1, pasid, i & 4);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_test("/sdxi/cdat/initiator", "latency=70,bandwidth=12345",
                  test_initiator);
    sdxi_add_test("/sdxi/cdat/silent", "latency=0,bandwidth=0", test_silent);
    sdxi_add_test("/sdxi/cdat/off", "cdat=off", test_no_table);
    sdxi_add_running("/sdxi/power/asleep", NULL, test_power);
    sdxi_add_running("/sdxi/power/asleep-workers", "workers=2", test_power);
    sdxi_add_running("/sdxi/power/reset", NULL, test_power_reset);
    sdxi_add_test("/sdxi/cdat/strange-questions", NULL,
                  test_strange_questions);
    qtest_add_func("/sdxi/cdat/tampered", test_tampered);
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/aer/injected", test_aer);
    }
    qtest_add_func("/sdxi/pci/capabilities", test_lists);
    return g_test_run();
}
