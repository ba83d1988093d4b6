/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual functions and process address spaces: what needs extended
 * configuration space or QMP, and has no conformance id of its own.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/sdxi/config.h"

#define VFS 2

/* ---- virtual functions ---- */

static void check_function(SdxiFn *fn)
{
    uint64_t buf = sdxi_vm_alloc(fn->vm, 8192, 4096);
    SdxiCxt c;

    sdxi_fn_up(fn);
    sdxi_cxt_init(&c, fn, 1, 1024);
    sdxi_cxt_start(&c);
    sdxi_vm_fill(fn->vm, buf, 4096, fn->pci->devfn);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_copy(buf, buf + 4096, 4096)));
    g_assert_true(sdxi_vm_equal(fn->vm, buf, buf + 4096, 4096));
}

static void open_vfs(SdxiRig *r, SdxiFn **vf)
{
    sdxi_config_open_vfs(r->fn, vf, VFS);
}

static void disable_vfs(SdxiRig *r)
{
    sdxi_config_disable_vfs(r->fn);
}

static void test_vfs(SdxiRig *r)
{
    uint64_t handles[VFS];
    SdxiFn *vf[VFS];

    open_vfs(r, vf);
    for (int i = 0; i < VFS; i++) {
        uint64_t cap0 = sdxi_fn_rd(vf[i], SDXI_CAP0);

        g_assert_cmphex(qpci_config_readl(vf[i]->pci, PCI_CLASS_REVISION) >> 8,
                        ==, 0x120100);
        g_assert_cmpuint(extract64(cap0, 16, 1), ==, 1);
        handles[i] = extract64(cap0, 0, 16);
        g_assert_cmphex(handles[i], !=,
                        sdxi_fn_rd(r->fn, SDXI_CAP0) & 0xffff);
        check_function(vf[i]);
        sdxi_fn_close(vf[i]);
    }
    g_assert_cmphex(handles[0], !=, handles[1]);
    check_function(r->fn);
    disable_vfs(r);
}

/* Virtual functions run on at the other side, where they must come alive. */
static void test_migrate(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiFn *vf[VFS];
    SdxiCxt c[VFS];

    open_vfs(r, vf);
    for (int i = 0; i < VFS; i++) {
        sdxi_fn_up(vf[i]);
        sdxi_cxt_init(&c[i], vf[i], 1, 1024);
        sdxi_cxt_start(&c[i]);
        g_assert_false(sdxi_cxt_do(&c[i], sdxi_dsc_nop()));
    }
    sdxi_vm_migrate(r->vm);
    for (int i = 0; i < VFS; i++) {
        sdxi_vm_fill(r->vm, buf, 4096, 77 + i);
        g_assert_false(sdxi_cxt_do(&c[i],
                                   sdxi_dsc_copy(buf, buf + 4096, 4096)));
        g_assert_true(sdxi_vm_equal(r->vm, buf, buf + 4096, 4096));
        sdxi_fn_close(vf[i]);
    }
    disable_vfs(r);
}

/* An operation of the physical function on context 1 of @vf; true: er. */
static bool act_on(SdxiFn *pf, unsigned vf, SdxiDsc d)
{
    d.q[0] |= 1ull << 47 | (uint64_t)vf << 48;
    return sdxi_cxt_do(&pf->admin, d);
}

static void test_vf_admin(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiFn *vf[VFS];
    SdxiCxt c;

    open_vfs(r, vf);
    sdxi_fn_up(r->fn);
    /* one that does not run has nothing to be started */
    g_assert_false(act_on(r->fn, 1, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1)));
    sdxi_fn_up(vf[1]);
    sdxi_cxt_init(&c, vf[1], 1, 1024);
    g_assert_false(act_on(r->fn, 1, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1)));
    g_assert_cmpuint(sdxi_cxt_state(&c), ==, SDXI_CXT_RUN);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_copy(buf, buf + 4096, 4096)));
    g_assert_false(act_on(r->fn, 1, sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 1, 1)));
    g_assert_false(act_on(r->fn, 1, sdxi_dsc_sync(1, 1, 1)));
    g_assert_cmpuint(sdxi_cxt_state(&c), ==, SDXI_CXT_STOP_SW);
    /* there are only so many, and a virtual one has none */
    g_assert_true(act_on(vf[1], 0, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1)));
    g_assert_true(act_on(r->fn, VFS, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1)));
    disable_vfs(r);
    for (int i = 0; i < VFS; i++) {
        sdxi_fn_close(vf[i]);
    }
}

/* ---- process address spaces ---- */

#define IOMMU           0xfed90000
#define PASID           5
#define VA              0x7f0000000000ull

/* Four-level table of one leaf table; its entries are for the caller. */
static uint64_t page_table(SdxiVm *vm, uint64_t *root)
{
    uint64_t level = *root = sdxi_vm_alloc(vm, 4096, 4096);

    for (int shift = 39; shift > 12; shift -= 9) {
        uint64_t next = sdxi_vm_alloc(vm, 4096, 4096);

        qtest_writeq(vm->qts, level + (VA >> shift & 511) * 8, next | 7);
        level = next;
    }
    return level;
}

/*
 * Functions of the bus, what processes they have, the entries of the first of
 * these, and the page table of some of them
 */
static uint64_t contexts, directory, pasids, process_top;

static void process(SdxiVm *vm, unsigned pasid, bool there)
{
    qtest_writeq(vm->qts, pasids + pasid * 64 + 8, 2);
    qtest_writeq(vm->qts, pasids + pasid * 64 + 16, process_top);
    qtest_writeq(vm->qts, pasids + pasid * 64,
                 there ? 1 << 6 | 2 << 2 | 1 : 0);
}

static void iommu_knows(SdxiVm *vm, int devfn)
{
    qtest_writeq(vm->qts, contexts + devfn * 32, directory | 1);
}

/* Scalable-mode tables: PASID 0 passes through, PASID 5 has a page table. */
static uint64_t iommu_up(SdxiVm *vm, int devfn)
{
    QTestState *qts = vm->qts;
    uint64_t root = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t leaf = page_table(vm, &process_top);

    contexts = sdxi_vm_alloc(vm, 4096, 4096);
    directory = sdxi_vm_alloc(vm, 4096, 4096);
    pasids = sdxi_vm_alloc(vm, 4096, 4096);
    qtest_writeq(qts, root, contexts | 1);
    iommu_knows(vm, devfn);
    qtest_writeq(qts, directory, pasids | 1);
    qtest_writeq(qts, pasids, 4 << 6 | 2 << 2 | 1);
    qtest_writeq(qts, pasids + 8, 1);
    process(vm, PASID, true);
    qtest_writeq(qts, IOMMU + 0x20, root | 1 << 10);
    qtest_writel(qts, IOMMU + 0x18, 1u << 30);
    qtest_writel(qts, IOMMU + 0x18, 1u << 31);
    g_assert_cmphex(qtest_readl(qts, IOMMU + 0x1c) >> 30, ==, 3);
    return leaf;
}

static void enable_ats(SdxiVm *vm, int devfn)
{
    unsigned ats = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_ATS);

    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, ats + PCI_ATS_CTRL),
                 PCI_ATS_CTRL_ENABLE);
}

static void enable_pasid(SdxiVm *vm, int devfn)
{
    unsigned pri = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_PRI);
    unsigned pasid = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_PASID);

    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, pasid + PCI_PASID_CTRL), 1);
    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, pri + PCI_PRI_CTRL), 1);
    enable_ats(vm, devfn);
}

static void source_is_not_there(SdxiRig *r, SdxiDsc d)
{
    SdxiErr e = sdxi_cxt_do_err(&r->c, d);

    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.sub_step, ==, 1);
    g_assert_cmpuint(e.buf, ==, 0);
}

/* Behind tables for processes; the table of the last level that they share */
static uint64_t start_pasid(SdxiRig *r, const char *more)
{
    uint64_t leaf;

    r->vm = sdxi_vm_start("%s,id=iommu -device sdxi,addr=4,pasid=on%s",
                          sdxi_vm_pasid_iommu(), more);
    r->fn = sdxi_fn_open(r->vm, 4);
    leaf = iommu_up(r->vm, DEVFN(4, 0));
    enable_pasid(r->vm, DEVFN(4, 0));
    sdxi_fn_prepare(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
    return leaf;
}

/* Address spaces that the I/O MMU has made for processes of the function */
static unsigned process_spaces(SdxiVm *vm)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'qom-list', 'arguments': {"
                           "'path': '/machine/peripheral/iommu'}}");
    const QListEntry *e;
    unsigned n = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        const char *name = qdict_get_str(qobject_to(QDict, e->value), "name");

        n += g_str_has_prefix(name, "vtd-04.0-pasid-") &&
             !strstr(name, "-dmar");
    }
    qobject_unref(rsp);
    return n;
}

static void names_process(SdxiRig *r, unsigned pasid)
{
    SdxiDsc d = sdxi_dsc_copy(VA + 7 * 4096, 0x100000, 16);

    sdxi_cxt_akey(&r->c, 1, SDXI_AKEY_VL | SDXI_AKEY_PV | pasid * 1ull << 32,
                  0);
    sdxi_dsc_set_akeys(&d, 1, 0);
    source_is_not_there(r, d);
}

/*
 * A thousand processes are named, none of which is there, then some that
 * come and go: the host keeps nothing for any of them.
 */
static void test_pasid_many(void)
{
    SdxiRig r = { 0 };

    start_pasid(&r, ",pasid-bits=12");
    names_process(&r, PASID + 1);
    g_assert_cmpuint(process_spaces(r.vm), ==, 0);
    for (unsigned pasid = PASID + 1; pasid < 4096; pasid += 4) {
        names_process(&r, pasid);
    }
    g_assert_cmpuint(process_spaces(r.vm), ==, 0);
    for (unsigned pasid = PASID; pasid < PASID + 50; pasid++) {
        process(r.vm, pasid, true);
        names_process(&r, pasid);
        process(r.vm, pasid, false);
    }
    for (unsigned pasid = PASID; pasid < PASID + 3; pasid++) {
        process(r.vm, pasid, true);
        names_process(&r, pasid);
    }
    g_assert_cmpuint(process_spaces(r.vm), ==, 0);
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
}

/* From the end of a page to a register: the rest is in another one. */
static void over_page_to_register(SdxiRig *r, uint64_t first, uint64_t second)
{
    SdxiFn *other = sdxi_fn_open(r->vm, 5);
    SdxiDsc d = sdxi_dsc_copy(VA + 4096 - 5, other->regs.addr + SDXI_ERR_RD,
                              8);

    qtest_memset(r->vm->qts, first + 4096 - 5, 0x11, 5);
    qtest_memset(r->vm->qts, second, 0x22, 3);
    sdxi_dsc_set_akeys(&d, 1, 0);
    g_assert_false(sdxi_cxt_do(&r->c, d));
    g_assert_cmphex(sdxi_fn_rd(other, SDXI_ERR_RD), ==, 0x2222221111111111);
    sdxi_fn_close(other);
}

/* Processes by their keys; the function refuses more bits than it has. */
static void test_pasid(void)
{
    const size_t len = 3 * 4096;
    SdxiRig r = { 0 };
    uint64_t leaf, src, dst;
    SdxiDsc d;

    leaf = start_pasid(&r, ",pasid-bits=3 -device sdxi,addr=5");
    /* Virtual pages 0..2 are the source backwards, 4..6 the destination. */
    src = sdxi_vm_alloc(r.vm, len, 4096);
    dst = sdxi_vm_alloc(r.vm, len, 4096);
    for (int i = 0; i < 3; i++) {
        qtest_writeq(r.vm->qts, leaf + i * 8, (src + (2 - i) * 4096) | 7);
        qtest_writeq(r.vm->qts, leaf + (4 + i) * 8, (dst + i * 4096) | 7);
    }
    sdxi_vm_fill(r.vm, src, len, 99);
    sdxi_cxt_akey(&r.c, 1, SDXI_AKEY_VL | SDXI_AKEY_PV | PASID * 1ull << 32,
                  0);
    d = sdxi_dsc_copy(VA, VA + 4 * 4096, len);
    sdxi_dsc_set_akeys(&d, 1, 1);
    g_assert_false(sdxi_cxt_do(&r.c, d));
    for (int i = 0; i < 3; i++) {
        g_assert_true(sdxi_vm_equal(r.vm, src + (2 - i) * 4096,
                                    dst + i * 4096, 4096));
    }

    /* From a process to plain memory, and a page that is not there. */
    sdxi_dsc_set_akeys(&d, 1, 0);
    d.q[3] = dst;
    qtest_memset(r.vm->qts, dst, 0, len);
    g_assert_false(sdxi_cxt_do(&r.c, d));
    g_assert_true(sdxi_vm_equal(r.vm, src + 8192, dst, 4096));
    d.q[2] = VA + 4096 * 2;
    source_is_not_there(&r, d);
    /* The answer to who asked says so: no fault is recorded for the guest. */
    g_assert_cmphex(qtest_readl(r.vm->qts, IOMMU + 0x34) & 2, ==, 0);

    /* The last page, whose end wraps to 0 */
    qtest_memset(r.vm->qts, dst, 0, len);
    d = sdxi_dsc_copy(-4096ull, dst, 4096);
    sdxi_dsc_set_akeys(&d, 1, 0);
    source_is_not_there(&r, d);
    g_assert_true(sdxi_vm_equal(r.vm, dst + 4096, dst, 4096));
    over_page_to_register(&r, src + 8192, src + 4096);

    /* The same process by a number that has more bits */
    process(r.vm, PASID + 8, true);
    sdxi_cxt_akey(&r.c, 1, SDXI_AKEY_VL | SDXI_AKEY_PV |
                  (PASID + 8) * 1ull << 32, 0);
    d = sdxi_dsc_copy(VA, dst, 4096);
    sdxi_dsc_set_akeys(&d, 1, 0);
    source_is_not_there(&r, d);
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
}

/*
 * PCIe r6.0 10.5.1.1, 10.5.2.1: virtual functions have neither of their own,
 * but use what the physical one has enabled.
 */
static void test_pasid_virtual(void)
{
    SdxiRig r = { 0 };
    SdxiFn *vf[VFS];
    uint64_t leaf, src, dst;
    SdxiDsc d;
    SdxiCxt c;

    leaf = start_pasid(&r, ",vfs=2,contexts=16");
    open_vfs(&r, vf);
    iommu_knows(r.vm, vf[0]->pci->devfn);
    enable_ats(r.vm, vf[0]->pci->devfn);
    src = sdxi_vm_alloc(r.vm, 4096, 4096);
    dst = sdxi_vm_alloc(r.vm, 4096, 4096);
    qtest_writeq(r.vm->qts, leaf, src | 7);
    sdxi_vm_fill(r.vm, src, 4096, 55);
    sdxi_fn_up(vf[0]);
    sdxi_cxt_init(&c, vf[0], 1, 1024);
    sdxi_cxt_akey(&c, 1, SDXI_AKEY_VL | SDXI_AKEY_PV | PASID * 1ull << 32, 0);
    sdxi_cxt_start(&c);
    d = sdxi_dsc_copy(VA, dst, 4096);
    sdxi_dsc_set_akeys(&d, 1, 0);
    g_assert_false(sdxi_cxt_do(&c, d));
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, 4096));
    disable_vfs(&r);
    for (int i = 0; i < VFS; i++) {
        sdxi_fn_close(vf[i]);
    }
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
}

/*
 * Behind an I/O MMU that knows no processes: said once, by its name, and an
 * address of a process is one without a translation.
 */
static void test_pasid_nowhere(gconstpointer iommu)
{
    const char *const *words = iommu;
    g_autofree char *file = NULL, *said = NULL;
    SdxiRig r = { 0 };

    close(g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL));
    r.vm = sdxi_vm_start("%s -device sdxi,addr=4,pasid=on 2>%s", words[0],
                         file);
    r.fn = sdxi_fn_open(r.vm, 4);
    enable_pasid(r.vm, DEVFN(4, 0));
    sdxi_fn_up(r.fn);
    sdxi_fn_errlog(r.fn);
    sdxi_cxt_init(&r.c, r.fn, 1, 1024);
    sdxi_cxt_start(&r.c);
    names_process(&r, PASID);
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
    g_assert_true(g_file_get_contents(file, &said, NULL, NULL));
    g_assert_nonnull(strstr(said, words[1]));
    g_assert_null(strstr(strstr(said, "'pasid'") + 1, "'pasid'"));
    unlink(file);
}

static void add_nowhere(void)
{
    static const char *const x86[][2] = {
        { "-device amd-iommu", "amd-iommu takes no requests" },
        { "", "no I/O MMU stands" },
    };
    static const char *const arm[][2] = {
        { "-machine iommu=smmuv3", "arm-smmuv3 takes no requests" },
    };
    static const char *const virtio[] = {
        "-device virtio-iommu-pci,addr=6",
        "virtio-iommu-device takes no requests",
    };

    qtest_add_data_func("/sdxi/pasid/nowhere/virtio", virtio,
                        test_pasid_nowhere);
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_data_func("/sdxi/pasid/nowhere/amd", x86[0],
                            test_pasid_nowhere);
        qtest_add_data_func("/sdxi/pasid/nowhere/none", x86[1],
                            test_pasid_nowhere);
    } else {
        qtest_add_data_func("/sdxi/pasid/nowhere/smmuv3", arm[0],
                            test_pasid_nowhere);
    }
}

/* A function that may not use the PASID capability. */
static void test_pasid_off(SdxiRig *r)
{
    SdxiErr e;
    SdxiDsc d = sdxi_dsc_copy(0x1000, 0x2000, 16);

    sdxi_cxt_akey(&r->c, 1, SDXI_AKEY_VL | SDXI_AKEY_PV | PASID * 1ull << 32,
                  0);
    sdxi_dsc_set_akeys(&d, 0, 1);
    e = sdxi_cxt_do_err(&r->c, d);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.sub_step, ==, 1);
    g_assert_cmpuint(e.buf, ==, 1);
}

/* ---- a copy into its own configuration space ---- */

static void test_reset_itself(SdxiRig *r)
{
    uint8_t cap = qpci_find_capability(r->fn->pci, PCI_CAP_ID_EXP, 0);
    uint64_t flr = sdxi_vm_alloc(r->vm, 64, 64);
    SdxiDsc d = sdxi_dsc_copy(flr, sdxi_config_at(r->vm, DEVFN(4, 0),
                                             cap + PCI_EXP_DEVCTL), 2);

    qtest_writew(r->vm->qts, flr, PCI_EXP_DEVCTL_BCR_FLR);
    sdxi_dsc_set_akeys(&d, 0, 0);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    /* The reset takes the registers away. */
    sdxi_wait_until(r->vm, 10, !(qpci_config_readw(r->fn->pci, PCI_COMMAND) &
                                 PCI_COMMAND_MASTER));
    sdxi_fn_close(r->fn);
    r->fn = sdxi_fn_open(r->vm, 4);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
}

/* The place of a virtual function is taken: refused, and nothing is left. */
static void test_no_room(void)
{
    QTestState *qts = qtest_init("-machine q35 "
                                 "-device pcie-root-port,id=rp,chassis=1");
    QDict *rsp;

    qtest_qmp_device_add(qts, "sdxi", "other", "{'bus': 'rp', 'addr': '0.2'}");
    for (int i = 0; i < 2; i++) {
        rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                        "'driver': 'sdxi', 'id': 'pf', 'bus': 'rp',"
                        "'addr': '0.0', 'multifunction': true, 'vfs': 4 } }");
        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
    }
    rsp = qtest_qmp(qts, "{'execute': 'query-sdxi'}");
    g_assert_cmpuint(qlist_size(qdict_get_qlist(rsp, "return")), ==, 1);
    qobject_unref(rsp);
    qtest_quit(qts);
}

/* QEMU has virtual functions that people make; of releases before, a name. */
static void test_made_by_hand(void)
{
    QTestState *qts = qtest_init("-machine q35 "
                                 "-device pcie-root-port,id=rp,chassis=1");

    for (int i = 0; i < 2; i++) {
        QDict *error = qtest_qmp_assert_failure_ref(qts,
            "{'execute': 'device_add', 'arguments': { 'driver': 'sdxi',"
            " 'id': 'vf', 'bus': 'rp', 'sriov-pf': 'nobody' } }");

        g_assert_nonnull(strstr(qdict_get_str(error, "desc"), "sriov-pf"));
        qobject_unref(error);
    }
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_test("/sdxi/vf/copies", "vfs=2,contexts=16", test_vfs);
    sdxi_add_test("/sdxi/vf/migrate", "vfs=2,contexts=16", test_migrate);
    sdxi_add_test("/sdxi/vf/admin", "vfs=2,contexts=16", test_vf_admin);
    sdxi_add_test("/sdxi/vf/admin-workers", "vfs=2,contexts=16,workers=2",
                  test_vf_admin);
    sdxi_add_running("/sdxi/pasid/off", NULL, test_pasid_off);
    sdxi_add_running("/sdxi/reset/itself", NULL, test_reset_itself);
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/vf/no-room", test_no_room);
        qtest_add_func("/sdxi/vf/made-by-hand", test_made_by_hand);
    }
    if (MEMFAB_QEMU_AT_LEAST(10, 2)) {
        add_nowhere();
    }
    if (g_str_equal(qtest_get_arch(), "x86_64") &&
        MEMFAB_QEMU_AT_LEAST(10, 2)) {
        qtest_add_func("/sdxi/pasid/copies", test_pasid);
        qtest_add_func("/sdxi/pasid/many", test_pasid_many);
        qtest_add_func("/sdxi/pasid/virtual", test_pasid_virtual);
    }
    return g_test_run();
}
