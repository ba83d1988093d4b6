/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small SDXI driver for qtests; see the header.  What a test checks is not
 * here: only the ways to reach the state it wants to look at.
 */
#include "qemu/osdep.h"
#include "tests/qtest/libqos/pci-pc.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "standard-headers/linux/pci_regs.h"
#include "tests/qtest/sdxi/util.h"
#include "tests/qtest/status.h"

/* A loaded machine with sanitizers may take its time; 1 s is the guest's. */
#define PATIENCE 20

const char *sdxi_vm_machine(void)
{
    if (g_str_equal(qtest_get_arch(), "aarch64")) {
        return "-machine virt -cpu max -m 512M -nodefaults -display none";
    }
    return "-machine q35 -m 512M -nodefaults -display none";
}

bool sdxi_vm_has_property(const char *type, const char *name)
{
    QTestState *qts = qtest_init("-machine none");
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device-list-properties',"
                           " 'arguments': {'typename': %s}}", type);
    const QListEntry *e;
    bool found = false;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *property = qobject_to(QDict, qlist_entry_obj(e));

        found |= g_str_equal(qdict_get_str(property, "name"), name);
    }
    qobject_unref(rsp);
    qtest_quit(qts);
    return found;
}

const char *sdxi_vm_pasid_iommu(void)
{
    return sdxi_vm_has_property("intel-iommu", "pasid-bits") ?
           "-device intel-iommu,scalable-mode=on,fsts=on,pasid-bits=20" :
           "-device intel-iommu,x-scalable-mode=on,x-flts=on,x-pasid-mode=on";
}

SdxiVm *sdxi_vm_start(const char *fmt, ...)
{
    SdxiVm *vm = g_new0(SdxiVm, 1);
    va_list ap;

    va_start(ap, fmt);
    vm->args = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    vm->qts = qtest_initf("%s %s", sdxi_vm_machine(), vm->args);
    if (g_str_equal(qtest_get_arch(), "aarch64")) {
        qpci_init_generic(&vm->generic, vm->qts, NULL, false);
        vm->bus = &vm->generic.bus;
        vm->next = 0x41000000;
    } else {
        vm->bus = qpci_new_pc(vm->qts, NULL);
        vm->next = 0x1000000;
    }
    return vm;
}

void sdxi_vm_stop(SdxiVm *vm)
{
    if (vm->bus != &vm->generic.bus) {
        qpci_free_pc(vm->bus);
    }
    qtest_quit(vm->qts);
    g_free(vm->args);
    g_free(vm);
}

void sdxi_vm_save_begin(SdxiVm *vm, const char *file)
{
    g_autofree char *uri = g_strdup_printf("file:%s", file);

    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
}

void sdxi_vm_save_end(SdxiVm *vm)
{
    status_wait(vm->qts, "query-migrate", "completed");
}

void sdxi_vm_save(SdxiVm *vm, const char *file)
{
    sdxi_vm_save_begin(vm, file);
    sdxi_vm_save_end(vm);
}

static char *temporary_file(void)
{
    char *file;
    int fd = g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return file;
}

void sdxi_vm_move_in(SdxiVm *vm, const char *file)
{
    QTestState *to = qtest_initf("%s %s -incoming file:%s", sdxi_vm_machine(),
                                 vm->args, file);
    QTestState *from = vm->qts;

    vm->qts = to;
    vm->bus->qts = to;
    sdxi_vm_save_end(vm);
    unlink(file);
    qtest_quit(from);
}

void sdxi_vm_migrate(SdxiVm *vm)
{
    g_autofree char *file = temporary_file();

    sdxi_vm_save(vm, file);
    sdxi_vm_move_in(vm, file);
}

void sdxi_vm_migrate_live(SdxiVm *vm, void (*meanwhile)(void *opaque),
                          void *opaque)
{
    g_autofree char *file = temporary_file();

    qtest_qmp_assert_success(vm->qts, "{'execute':"
                             " 'migrate-set-capabilities', 'arguments':"
                             " {'capabilities': [{'capability':"
                             " 'pause-before-switchover', 'state': true}]}}");
    sdxi_vm_save_begin(vm, file);
    while (!status_is(vm->qts, "query-migrate", "pre-switchover")) {
        meanwhile(opaque);
    }
    qtest_qmp_assert_success(vm->qts, "{'execute': 'migrate-continue',"
                             " 'arguments': {'state': 'pre-switchover'}}");
    sdxi_vm_save_end(vm);
    sdxi_vm_move_in(vm, file);
}

unsigned sdxi_lines(const char *file)
{
    g_autofree char *text = NULL;
    unsigned n = 0;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    for (const char *at = text; (at = strchr(at, '\n')); at++) {
        n++;
    }
    return n;
}

uint64_t sdxi_vm_statistic(SdxiVm *vm, const char *name)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'query-sdxi'}");
    QDict *fn = qobject_to(QDict, qlist_peek(qdict_get_qlist(rsp, "return")));
    uint64_t value = qdict_get_int(qdict_get_qdict(fn, "statistics"), name);

    qobject_unref(rsp);
    return value;
}

uint64_t sdxi_vm_alloc(SdxiVm *vm, uint64_t size, uint64_t align)
{
    uint64_t at = QEMU_ALIGN_UP(vm->next, align);

    vm->next = at + size;
    return at;
}

/* The qtest protocol takes its time over long lines. */
#define PIECE (32 * KiB)

void sdxi_vm_fill(SdxiVm *vm, uint64_t addr, size_t len, unsigned seed)
{
    g_autofree uint8_t *p = g_malloc(len);
    uint32_t x = seed * 2654435761u + 1;

    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = x >> 24;
    }
    for (size_t i = 0; i < len; i += PIECE) {
        qtest_memwrite(vm->qts, addr + i, p + i, MIN(len - i, PIECE));
    }
}

bool sdxi_vm_equal(SdxiVm *vm, uint64_t a, uint64_t b, size_t len)
{
    g_autofree uint8_t *p = g_malloc(PIECE);
    g_autofree uint8_t *q = g_malloc(PIECE);

    for (size_t i = 0; i < len; i += PIECE) {
        size_t n = MIN(len - i, PIECE);

        qtest_memread(vm->qts, a + i, p, n);
        qtest_memread(vm->qts, b + i, q, n);
        if (memcmp(p, q, n)) {
            return false;
        }
    }
    return true;
}

static uint64_t get64(SdxiVm *vm, uint64_t addr)
{
    uint64_t v;

    qtest_memread(vm->qts, addr, &v, 8);
    return le64_to_cpu(v);
}

static void put64(SdxiVm *vm, uint64_t addr, uint64_t v)
{
    v = cpu_to_le64(v);
    qtest_memwrite(vm->qts, addr, &v, 8);
}

SdxiFn *sdxi_fn_open(SdxiVm *vm, int slot)
{
    return sdxi_fn_open_function(vm, QPCI_DEVFN(slot, 0));
}

SdxiFn *sdxi_fn_open_function(SdxiVm *vm, int devfn)
{
    SdxiFn *fn = g_new0(SdxiFn, 1);

    fn->vm = vm;
    fn->pci = qpci_device_find(vm->bus, devfn);
    g_assert_nonnull(fn->pci);
    fn->regs = qpci_iomap(fn->pci, 0, &fn->regs_size);
    fn->doorbells = qpci_iomap(fn->pci, 2, &fn->doorbells_size);
    qpci_device_enable(fn->pci);
    fn->stride = 4096ull << ((sdxi_fn_rd(fn, SDXI_CAP0) >> 20) & 7);
    return fn;
}

void sdxi_fn_close(SdxiFn *fn)
{
    g_free(fn->pci);
    g_free(fn);
}

uint64_t sdxi_fn_rd(SdxiFn *fn, unsigned off)
{
    return qpci_io_readq(fn->pci, fn->regs, off);
}

void sdxi_fn_wr(SdxiFn *fn, unsigned off, uint64_t v)
{
    qpci_io_writeq(fn->pci, fn->regs, off, v);
}

void sdxi_fn_doorbell(SdxiFn *fn, unsigned cxt, uint64_t v)
{
    qpci_io_writeq(fn->pci, fn->doorbells, cxt * fn->stride, v);
}

unsigned sdxi_fn_state(SdxiFn *fn)
{
    return sdxi_fn_rd(fn, SDXI_STS0) & 7;
}

void sdxi_fn_request(SdxiFn *fn, unsigned gsr)
{
    sdxi_fn_wr(fn, SDXI_CTL0, (sdxi_fn_rd(fn, SDXI_CTL0) & ~3ull) | gsr);
}

void sdxi_fn_wait(SdxiFn *fn, unsigned state)
{
    sdxi_wait_until(fn->vm, PATIENCE, sdxi_fn_state(fn) == state);
}

void sdxi_fn_prepare(SdxiFn *fn)
{
    uint64_t cap1 = sdxi_fn_rd(fn, SDXI_CAP1);

    g_assert_cmpuint(sdxi_fn_state(fn), ==, SDXI_ST_STOP);
    sdxi_fn_wr(fn, SDXI_CTL2, cap1 & 0xfffffffffffff00full);
    fn->l2 = sdxi_vm_alloc(fn->vm, 4096, 4096);
    memset(fn->l1, 0, sizeof(fn->l1));
    sdxi_fn_wr(fn, SDXI_CXT_L2, fn->l2 + fn->seen);
    sdxi_cxt_init(&fn->admin, fn, 0, 1024);
    sdxi_cxt_set_state(&fn->admin, SDXI_CXT_RUN);
}

void sdxi_fn_up(SdxiFn *fn)
{
    sdxi_fn_prepare(fn);
    sdxi_fn_request(fn, SDXI_GO);
    sdxi_fn_wait(fn, SDXI_ST_ACTIVE);
    sdxi_fn_doorbell(fn, 0, 0);
}

void sdxi_fn_errlog(SdxiFn *fn)
{
    fn->errlog = sdxi_vm_alloc(fn->vm, SDXI_ERRLOG * 64, 4096);
    sdxi_fn_wr(fn, SDXI_ERR_CFG, 0);
    sdxi_fn_wr(fn, SDXI_ERR_STS, 0xb);
    sdxi_fn_wr(fn, SDXI_ERR_CTL, 1);
    sdxi_fn_wr(fn, SDXI_ERR_WRT, 0);
    sdxi_fn_wr(fn, SDXI_ERR_RD, 0);
    sdxi_fn_wr(fn, SDXI_ERR_CFG,
               (fn->errlog + fn->seen) | ((SDXI_ERRLOG / 64) << 1) | 1);
}

SdxiErr sdxi_fn_err(SdxiFn *fn, unsigned slot)
{
    uint64_t lo = get64(fn->vm, fn->errlog + slot * 64);

    return (SdxiErr) {
        .vl = extract64(lo, 0, 1),
        .step = extract64(lo, 8, 6),
        .type = extract64(lo, 16, 11),
        .cv = extract64(lo, 32, 1),
        .div = extract64(lo, 33, 1),
        .bv = extract64(lo, 34, 1),
        .buf = extract64(lo, 36, 3),
        .sub_step = extract64(lo, 40, 4),
        .re = extract64(lo, 44, 3),
        .cxt = extract64(lo, 48, 16),
        .index = get64(fn->vm, fn->errlog + slot * 64 + 8),
    };
}

void sdxi_fn_wait_errors(SdxiFn *fn, uint64_t n)
{
    sdxi_wait_until(fn->vm, PATIENCE, sdxi_fn_rd(fn, SDXI_ERR_WRT) == n);
}

SdxiErr sdxi_fn_last_err(SdxiFn *fn, unsigned n)
{
    sdxi_fn_wait_errors(fn, n + 1);
    return sdxi_fn_err(fn, n % SDXI_ERRLOG);
}

void sdxi_msix_on(SdxiFn *fn)
{
    qpci_msix_enable(fn->pci);
}

static uint64_t msix_entry(SdxiFn *fn, unsigned vector)
{
    return fn->pci->msix_table_off + vector * PCI_MSIX_ENTRY_SIZE;
}

void sdxi_msix_aim(SdxiFn *fn, unsigned vector, uint64_t addr, uint32_t data)
{
    uint64_t off = msix_entry(fn, vector);
    QPCIBar bar = fn->pci->msix_table_bar;

    qpci_io_writel(fn->pci, bar, off + PCI_MSIX_ENTRY_LOWER_ADDR, addr);
    qpci_io_writel(fn->pci, bar, off + PCI_MSIX_ENTRY_UPPER_ADDR, addr >> 32);
    qpci_io_writel(fn->pci, bar, off + PCI_MSIX_ENTRY_DATA, data);
    sdxi_msix_mask(fn, vector, false);
}

uint64_t sdxi_msix_arm(SdxiFn *fn, unsigned vector)
{
    uint64_t cell = sdxi_vm_alloc(fn->vm, 4, 4);

    sdxi_msix_aim(fn, vector, cell, 0x5d000 + vector);
    return cell;
}

void sdxi_msix_mask(SdxiFn *fn, unsigned vector, bool mask)
{
    qpci_io_writel(fn->pci, fn->pci->msix_table_bar,
                   msix_entry(fn, vector) + PCI_MSIX_ENTRY_VECTOR_CTRL, mask);
}

bool sdxi_msix_take(SdxiFn *fn, uint64_t cell)
{
    if (qtest_readl(fn->vm->qts, cell)) {
        qtest_writel(fn->vm->qts, cell, 0);
        return true;
    }
    return false;
}

void sdxi_msix_wait(SdxiFn *fn, uint64_t cell)
{
    sdxi_wait_until(fn->vm, PATIENCE, sdxi_msix_take(fn, cell));
}

void sdxi_cxt_init(SdxiCxt *c, SdxiFn *fn, unsigned num, uint32_t entries)
{
    SdxiVm *vm = fn->vm;
    uint64_t cap1 = sdxi_fn_rd(fn, SDXI_CAP1);
    unsigned l2 = num / 128;

    *c = (SdxiCxt) { .fn = fn, .num = num, .entries = entries };
    c->ring = sdxi_vm_alloc(vm, 64ull * entries, 4096);
    c->akeys = sdxi_vm_alloc(vm, 4096, 4096);
    c->ctl = sdxi_vm_alloc(vm, 64, 64);
    c->sts = sdxi_vm_alloc(vm, 16, 16);
    c->wi = sdxi_vm_alloc(vm, 8, 8);
    if (!fn->l1[l2]) {
        fn->l1[l2] = sdxi_vm_alloc(vm, 4096, 4096);
        put64(vm, fn->l2 + l2 * 8, (fn->l1[l2] + fn->seen) | 1);
    }
    c->l1_ent = fn->l1[l2] + (num % 128) * 32;
    put64(vm, c->ctl + 8, entries);
    put64(vm, c->ctl + 16, c->sts + fn->seen);
    put64(vm, c->ctl + 24, c->wi + fn->seen);
    put64(vm, c->ctl, (c->ring + fn->seen) | 0x31);
    put64(vm, c->l1_ent + 8, c->akeys + fn->seen);
    put64(vm, c->l1_ent + 16, (cap1 & 0xffffffff00000000ull) | (11 << 20));
    put64(vm, c->l1_ent, (c->ctl + fn->seen) | 3);
    put64(vm, c->akeys, SDXI_AKEY_VL);
}

void sdxi_cxt_set_state(SdxiCxt *c, unsigned state)
{
    put64(c->fn->vm, c->sts, state);
}

unsigned sdxi_cxt_state(SdxiCxt *c)
{
    return get64(c->fn->vm, c->sts) & 15;
}

uint64_t sdxi_cxt_read_index(SdxiCxt *c)
{
    return get64(c->fn->vm, c->sts + 8);
}

void sdxi_cxt_wait_state(SdxiCxt *c, unsigned state)
{
    sdxi_wait_until(c->fn->vm, PATIENCE, sdxi_cxt_state(c) == state);
}

void sdxi_cxt_wait_index(SdxiCxt *c, uint64_t index)
{
    sdxi_wait_until(c->fn->vm, PATIENCE, sdxi_cxt_read_index(c) == index);
}

void sdxi_cxt_akey(SdxiCxt *c, unsigned n, uint64_t lo, uint64_t hi)
{
    put64(c->fn->vm, c->akeys + n * 16 + 8, hi);
    put64(c->fn->vm, c->akeys + n * 16, lo);
}

void sdxi_cxt_start(SdxiCxt *c)
{
    bool er = sdxi_cxt_do(&c->fn->admin,
                          sdxi_dsc_cxt(SDXI_DSC_CXT_START, c->num, c->num));

    g_assert_false(er);
    g_assert_cmpuint(sdxi_cxt_state(c), ==, SDXI_CXT_RUN);
}

SdxiPair sdxi_pair_up(SdxiVm *vm, SdxiCxt *c)
{
    SdxiPair p = {
        .self = sdxi_fn_open(vm, 4), .target = sdxi_fn_open(vm, 5),
    };

    sdxi_fn_up(p.self);
    sdxi_fn_up(p.target);
    p.rkeys = sdxi_vm_alloc(vm, 4096, 4096);
    put64(vm, p.rkeys, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(SDXI_PAIR_SELF));
    sdxi_fn_wr(p.target, SDXI_RKEY, p.rkeys | 1);
    sdxi_cxt_init(c, p.self, 1, 1024);
    sdxi_cxt_start(c);
    sdxi_cxt_akey(c, 1, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(SDXI_PAIR_TARGET), 0);
    return p;
}

void sdxi_pair_interrupt(SdxiCxt *c, unsigned key, uint64_t rkeys,
                         unsigned rkey)
{
    sdxi_cxt_akey(c, key, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(SDXI_PAIR_TARGET),
                  (uint64_t)rkey << 32);
    put64(c->fn->vm, rkeys + rkey * 16,
          SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(1 + rkey) |
          SDXI_AKEY_SFUNC(SDXI_PAIR_SELF));
}

void sdxi_cxt_stop(SdxiCxt *c)
{
    SdxiCxt *admin = &c->fn->admin;
    SdxiDsc stop = sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, c->num, c->num);

    sdxi_cxt_push(admin, &stop);
    g_assert_false(sdxi_cxt_do(admin, sdxi_dsc_sync(1, c->num, c->num)));
}

uint64_t sdxi_cxt_slot(SdxiCxt *c, uint64_t index)
{
    return c->ring + index % c->entries * 64;
}

void sdxi_cxt_push(SdxiCxt *c, const SdxiDsc *d)
{
    SdxiVm *vm = c->fn->vm;
    uint64_t slot = sdxi_cxt_slot(c, c->count), q[8];

    for (int i = 0; i < 8; i++) {
        q[i] = cpu_to_le64(d->q[i]);
    }
    put64(vm, c->wi, ++c->count);
    qtest_memwrite(vm->qts, slot + 8, q + 1, 56);
    put64(vm, slot, d->q[0] | 1);
}

void sdxi_cxt_kick(SdxiCxt *c)
{
    sdxi_fn_doorbell(c->fn, c->num, c->count);
}

bool sdxi_cxt_do(SdxiCxt *c, SdxiDsc d)
{
    SdxiVm *vm = c->fn->vm;
    uint64_t csb = sdxi_csb_new(vm, 1);

    sdxi_dsc_set_csb(&d, csb + c->fn->seen);
    sdxi_cxt_push(c, &d);
    sdxi_cxt_kick(c);
    sdxi_csb_wait(vm, csb, 0);
    return sdxi_csb_er(vm, csb);
}

SdxiErr sdxi_cxt_do_err(SdxiCxt *c, SdxiDsc d)
{
    uint64_t n = sdxi_fn_rd(c->fn, SDXI_ERR_WRT);
    SdxiErr e;

    g_assert_true(sdxi_cxt_do(c, d));
    e = sdxi_fn_last_err(c->fn, n);
    sdxi_fn_wr(c->fn, SDXI_ERR_RD, n + 1);
    sdxi_cxt_wait_state(c, SDXI_CXT_ERR);
    sdxi_cxt_start(c);
    return e;
}

SdxiErr sdxi_cxt_data_err(SdxiCxt *c, unsigned n, unsigned sub_step)
{
    SdxiErr e;

    sdxi_cxt_wait_state(c, SDXI_CXT_ERR);
    e = sdxi_fn_last_err(c->fn, n);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.sub_step, ==, sub_step);
    sdxi_fn_wr(c->fn, SDXI_ERR_RD, n + 1);
    return e;
}

uint64_t sdxi_csb_new(SdxiVm *vm, uint64_t signal)
{
    uint64_t csb = sdxi_vm_alloc(vm, 32, 32);

    put64(vm, csb, signal);
    return csb;
}

uint64_t sdxi_csb_signal(SdxiVm *vm, uint64_t csb)
{
    return get64(vm, csb);
}

bool sdxi_csb_er(SdxiVm *vm, uint64_t csb)
{
    return extract64(get64(vm, csb + 8), 31, 1);
}

void sdxi_csb_wait(SdxiVm *vm, uint64_t csb, uint64_t signal)
{
    sdxi_wait_until(vm, PATIENCE, sdxi_csb_signal(vm, csb) == signal);
}

SdxiDsc sdxi_dsc(unsigned type, unsigned subtype)
{
    return (SdxiDsc) { .q = { (type << 16) | (subtype << 8), [7] = 1 } };
}

SdxiDsc sdxi_dsc_nop(void)
{
    return sdxi_dsc(1, 1);
}

SdxiDsc sdxi_dsc_copy(uint64_t src, uint64_t dst, uint64_t len)
{
    SdxiDsc d = sdxi_dsc(1, 3);

    d.q[0] |= (len - 1) << 32;
    d.q[2] = src;
    d.q[3] = dst;
    return d;
}

SdxiDsc sdxi_dsc_repcopy(uint64_t src, uint64_t dst, uint64_t len)
{
    SdxiDsc d = sdxi_dsc_copy(src, dst, len);

    d.q[0] = deposit64(d.q[0], 8, 8, 4);
    return d;
}

SdxiDsc sdxi_dsc_imm(uint64_t dst, const void *data, unsigned len)
{
    SdxiDsc d = sdxi_dsc(1, 2);

    d.q[0] |= (uint64_t)(len - 1) << 32;
    d.q[2] = dst;
    memcpy(&d.q[3], data, MIN(len, 32));
    for (int i = 3; i < 7; i++) {
        d.q[i] = le64_to_cpu(d.q[i]);
    }
    return d;
}

SdxiDsc sdxi_dsc_intr(unsigned akey)
{
    SdxiDsc d = sdxi_dsc(4, 0);

    sdxi_dsc_set_akeys(&d, akey, 0);
    return d;
}

SdxiDsc sdxi_dsc_cxt(unsigned subtype, unsigned first, unsigned last)
{
    SdxiDsc d = sdxi_dsc(2, subtype);

    sdxi_dsc_set_fence(&d);
    d.q[1] = first | ((uint64_t)last << 16);
    return d;
}

SdxiDsc sdxi_dsc_sync(unsigned filter, unsigned first, unsigned last)
{
    SdxiDsc d = sdxi_dsc(2, 6);

    d.q[0] |= (uint64_t)filter << 32;
    d.q[1] = first | ((uint64_t)last << 16);
    return d;
}

void sdxi_dsc_set_csb(SdxiDsc *d, uint64_t csb)
{
    d->q[7] = csb;
}

void sdxi_dsc_set_akeys(SdxiDsc *d, unsigned src, unsigned dst)
{
    d->q[1] = deposit64(d->q[1], 32, 16, src);
    d->q[1] = deposit64(d->q[1], 48, 16, dst);
}

void sdxi_dsc_set_fence(SdxiDsc *d)
{
    d->q[0] |= 4;
}

typedef struct SdxiTestCase {
    char *props;
    SdxiTestFunc *func;
    bool running;
} SdxiTestCase;

static void run_case(const void *opaque)
{
    const SdxiTestCase *t = opaque;
    SdxiRig rig = { };

    /* The iothread is for tests that name it; the second function, a target. */
    rig.vm = sdxi_vm_start("-object iothread,id=io0 "
                           "-device sdxi,id=dev0,addr=4%s "
                           "-device sdxi,id=dev1,addr=5", t->props);
    rig.fn = sdxi_fn_open(rig.vm, 4);
    if (t->running) {
        sdxi_fn_prepare(rig.fn);
        sdxi_fn_errlog(rig.fn);
        sdxi_msix_on(rig.fn);
        sdxi_fn_request(rig.fn, SDXI_GO);
        sdxi_fn_wait(rig.fn, SDXI_ST_ACTIVE);
        sdxi_fn_doorbell(rig.fn, 0, 0);
        sdxi_cxt_init(&rig.c, rig.fn, 1, 1024);
        sdxi_cxt_start(&rig.c);
    }
    t->func(&rig);
    sdxi_fn_close(rig.fn);
    sdxi_vm_stop(rig.vm);
}

static void add_case(const char *path, const char *props, SdxiTestFunc *func,
                     bool running)
{
    SdxiTestCase *t = g_new0(SdxiTestCase, 1);

    t->props = g_strdup_printf("%s%s", props ? "," : "", props ?: "");
    t->func = func;
    t->running = running;
    qtest_add_data_func(path, t, run_case);
}

void sdxi_add_test(const char *path, const char *props, SdxiTestFunc *func)
{
    add_case(path, props, func, false);
}

void sdxi_add_running(const char *path, const char *props, SdxiTestFunc *func)
{
    add_case(path, props, func, true);
}
