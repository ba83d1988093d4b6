/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function in the hands of a program, as VFIO gives it away: it has I/O
 * virtual addresses of its own, for its structures, its data and its
 * interrupt, and what is not mapped is not there.  Pages are unmapped and the
 * function is reset in the middle of its work, and it works again.
 *
 * Done behind every I/O MMU, with a physical function, and with a virtual one
 * whose neighbour has another domain; and with two programs at once, neither of
 * which knows of the other.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/sdxi/domain.h"

#define SLOT        4
#define VFS         2
#define BYTES       (64 * KiB)
#define COPIES      900u
#define PLACES      4
#define TRIES       20
#define VECTOR      1
/* What the program has mapped of its own: structures and one buffer */
#define ARENA       (8 * MiB)
/* Where things are for the function */
#define SEEN        (8 * GiB)       /* the arena, above where it is */
#define WINDOW      (16 * GiB)
#define MESSAGE     (24 * GiB)      /* the page of the interrupt controller */

typedef struct User {
    SdxiDomains d;
    SdxiFn *pf, *vf[VFS], *fn;      /* fn: the program's */
    SdxiCxt c, neighbour;           /* of fn; of another function, or none */
    uint64_t place[PLACES];         /* memory for the window */
    uint64_t arena, src, message, pattern;
    unsigned errors;
} User;

static void put(User *u, uint64_t at, uint64_t value)
{
    qtest_writeq(u->d.vm->qts, at, value);
}

static uint64_t get(User *u, uint64_t at)
{
    return qtest_readq(u->d.vm->qts, at);
}

static bool equal(User *u, uint64_t a, uint64_t b)
{
    return sdxi_vm_equal(u->d.vm, a, b, BYTES);
}

static uint64_t buffer(User *u, unsigned seed)
{
    uint64_t at = sdxi_vm_alloc(u->d.vm, BYTES, DOMAIN_PAGE);

    sdxi_vm_fill(u->d.vm, at, BYTES, seed);
    return at;
}

/* ---- what vfio does ---- */

static unsigned capability(User *u, uint8_t id)
{
    uint8_t at = qpci_find_capability(u->fn->pci, id, 0);

    g_assert_cmphex(at, !=, 0);
    return at;
}

static void interrupts_on(User *u)
{
    unsigned at = capability(u, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS;

    qpci_config_writew(u->fn->pci, at, PCI_MSIX_FLAGS_ENABLE);
    sdxi_msix_aim(u->fn, VECTOR, MESSAGE + 0x40, 0x5d);
}

/* VFIO_DEVICE_RESET: it keeps what is in the header. */
static void reset(User *u)
{
    QPCIDevice *pci = u->fn->pci;
    unsigned exp = capability(u, PCI_CAP_ID_EXP);
    uint16_t command = qpci_config_readw(pci, PCI_COMMAND);
    uint32_t bar[6];

    for (unsigned i = 0; i < 6; i++) {
        bar[i] = qpci_config_readl(pci, PCI_BASE_ADDRESS_0 + 4 * i);
    }
    qpci_config_writew(pci, exp + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
    for (unsigned i = 0; i < 6; i++) {
        qpci_config_writel(pci, PCI_BASE_ADDRESS_0 + 4 * i, bar[i]);
    }
    qpci_config_writew(pci, PCI_COMMAND, command);
    g_assert_cmpuint(sdxi_fn_state(u->fn), ==, SDXI_ST_STOP);
}

/* ---- what the program does ---- */

static void open_function(User *u)
{
    sdxi_fn_prepare(u->fn);
    sdxi_fn_errlog(u->fn);
    u->errors = 0;
    interrupts_on(u);
    sdxi_fn_request(u->fn, SDXI_GO);
    sdxi_fn_wait(u->fn, SDXI_ST_ACTIVE);
    sdxi_fn_doorbell(u->fn, 0, 0);
    sdxi_cxt_init(&u->c, u->fn, 1, 1024);
    /* AKey 1 is for the interrupt alone. */
    sdxi_cxt_akey(&u->c, 1, SDXI_AKEY_VL | SDXI_AKEY_IV |
                  SDXI_AKEY_INTR(VECTOR), 0);
    sdxi_cxt_start(&u->c);
}

/* False: the completion says that it was refused. */
static bool copy(User *u, uint64_t src, uint64_t dst)
{
    if (!sdxi_cxt_do(&u->c, sdxi_dsc_copy(src, dst, BYTES))) {
        return true;
    }
    sdxi_cxt_data_err(&u->c, u->errors++, SDXI_NO_TRANSLATION);
    sdxi_cxt_start(&u->c);
    return false;
}

static void expect_event(User *u)
{
    g_assert_false(sdxi_cxt_do(&u->c, sdxi_dsc_intr(1)));
    sdxi_msix_wait(u->fn, u->message + 0x40);
}

static void works(User *u, uint64_t place)
{
    domain_map(&u->d, 1, WINDOW, place, BYTES);
    put(u, u->src, get(u, u->src) + 1);
    g_assert_true(copy(u, u->src + SEEN, WINDOW));
    g_assert_true(equal(u, u->src, place));
    put(u, place + 8, 77);
    g_assert_true(copy(u, WINDOW, u->src + SEEN));
    g_assert_true(equal(u, u->src, place));
    expect_event(u);
    domain_unmap(&u->d, 1, WINDOW, BYTES);
    g_assert_false(copy(u, u->src + SEEN, WINDOW));
}

/* What is not mapped is not there, whatever it is for others. */
static void test_nothing_else(User *u)
{
    sdxi_vm_fill(u->d.vm, u->place[0], BYTES, 5);
    g_assert_false(copy(u, u->src + SEEN, u->place[0]));
    g_assert_false(copy(u, u->src + SEEN, WINDOW));
    g_assert_false(copy(u, u->src, u->src + SEEN));
    g_assert_true(equal(u, u->place[0], u->pattern));
}

/* An event that nobody waits for, and one whose page is not mapped */
static void test_event(User *u)
{
    uint64_t message = u->message + 0x40;

    sdxi_msix_mask(u->fn, VECTOR, true);
    g_assert_false(sdxi_cxt_do(&u->c, sdxi_dsc_intr(1)));
    g_assert_true(copy(u, u->src + SEEN, u->src + SEEN));
    g_assert_false(sdxi_msix_take(u->fn, message));
    sdxi_msix_mask(u->fn, VECTOR, false);
    sdxi_msix_wait(u->fn, message);
    domain_unmap(&u->d, 1, MESSAGE, DOMAIN_PAGE);
    g_assert_false(sdxi_cxt_do(&u->c, sdxi_dsc_intr(1)));
    g_assert_true(copy(u, u->src + SEEN, u->src + SEEN));
    g_assert_cmphex(get(u, message), ==, 0);
    domain_map(&u->d, 1, MESSAGE, u->message, DOMAIN_PAGE);
    expect_event(u);
}

/* ---- in the middle ---- */

/* Many copies to the window, which is @place; some are done. Their block. */
static uint64_t begin(User *u, uint64_t place)
{
    uint64_t csb = sdxi_csb_new(u->d.vm, COPIES);

    domain_map(&u->d, 1, WINDOW, place, BYTES);
    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = sdxi_dsc_copy(u->src + SEEN, WINDOW, BYTES);

        sdxi_dsc_set_csb(&d, csb + SEEN);
        sdxi_cxt_push(&u->c, &d);
    }
    put(u, u->src + BYTES - 8, 1);
    put(u, place + BYTES - 8, 0);
    sdxi_cxt_kick(&u->c);
    sdxi_wait_until(u->d.vm, 60, get(u, place + BYTES - 8));
    return csb;
}

/* False: it was all done before. */
static bool unmap(User *u)
{
    uint64_t csb = begin(u, u->place[0]), left;

    domain_unmap(&u->d, 1, WINDOW, BYTES);
    left = sdxi_csb_signal(u->d.vm, csb);
    sdxi_vm_fill(u->d.vm, u->place[0], BYTES, 5);
    sdxi_wait_until(u->d.vm, 60, !sdxi_csb_signal(u->d.vm, csb) ||
                    sdxi_cxt_state(&u->c) == SDXI_CXT_ERR);
    domain_map(&u->d, 1, WINDOW, u->place[1], BYTES);
    /* The one that was refused has counted down too. */
    if (sdxi_csb_er(u->d.vm, csb)) {
        sdxi_cxt_data_err(&u->c, u->errors++, SDXI_NO_TRANSLATION);
        sdxi_cxt_start(&u->c);
        sdxi_csb_wait(u->d.vm, csb, 0);
    }
    domain_unmap(&u->d, 1, WINDOW, BYTES);
    g_assert_true(equal(u, u->place[0], u->pattern));
    if (left > 3) {
        g_assert_true(equal(u, u->place[1], u->src));
    }
    return left > 3;
}

/* No copy of before the reset is done after it, nor counted. */
static bool reset_in_the_middle(User *u)
{
    uint64_t csb = begin(u, u->place[2]), left;

    reset(u);
    left = sdxi_csb_signal(u->d.vm, csb);
    sdxi_vm_fill(u->d.vm, u->place[2], BYTES, 5);
    open_function(u);
    domain_unmap(&u->d, 1, WINDOW, BYTES);
    works(u, u->place[3]);
    g_assert_true(equal(u, u->place[2], u->pattern));
    g_assert_cmpuint(sdxi_csb_signal(u->d.vm, csb), ==, left);
    return left > 3;
}

static void test_in_the_middle(User *u, bool (*what)(User *u))
{
    for (unsigned i = 0; i < TRIES; i++) {
        if (what(u)) {
            return;
        }
    }
    g_test_message("all copies were over each time before that");
}

/* ---- the machine ---- */

/* The physical function works in the same window, which is other memory. */
static void neighbour_works(User *u)
{
    SdxiDsc d = sdxi_dsc_copy(u->pattern, WINDOW, BYTES);
    uint64_t there = u->place[1];

    if (u->neighbour.fn) {
        domain_map(&u->d, 2, WINDOW, there, BYTES);
        sdxi_vm_fill(u->d.vm, there, BYTES, 6);
        g_assert_false(copy(u, u->src + SEEN, WINDOW));
        g_assert_false(sdxi_cxt_do(&u->neighbour, d));
        g_assert_true(equal(u, there, u->pattern));
        g_assert_false(copy(u, u->src + SEEN, WINDOW));
        domain_unmap(&u->d, 2, WINDOW, BYTES);
        g_assert_cmpuint(sdxi_fn_state(u->pf), ==, SDXI_ST_ACTIVE);
    }
}

static void give_away_vf(User *u)
{
    domain_attach(&u->d, 2, QPCI_DEVFN(SLOT, 0));
    domain_map_ram(&u->d, 2);
    sdxi_fn_up(u->pf);
    sdxi_cxt_init(&u->neighbour, u->pf, 1, 1024);
    sdxi_cxt_start(&u->neighbour);
    sdxi_config_open_vfs(u->pf, u->vf, VFS);
    u->fn = u->vf[0];
}

static void set_up(User *u, const SdxiIommu *iommu, bool vf)
{
    SdxiVm *vm;

    *u = (User) { };
    domain_start(&u->d, iommu, "-device sdxi,addr=4,contexts=8,vfs=2");
    vm = u->d.vm;
    for (unsigned i = 0; i < PLACES; i++) {
        u->place[i] = buffer(u, 10 + i);
    }
    u->pattern = buffer(u, 5);
    u->message = sdxi_vm_alloc(vm, DOMAIN_PAGE, DOMAIN_PAGE);
    u->pf = u->fn = sdxi_fn_open(vm, SLOT);
    if (vf) {
        give_away_vf(u);
    } else {
        sdxi_msix_on(u->pf);
    }
    domain_attach(&u->d, 1, u->fn->pci->devfn);
    u->arena = sdxi_vm_alloc(vm, 0, 2 * MiB);
    domain_map(&u->d, 1, u->arena + SEEN, u->arena, ARENA);
    domain_map(&u->d, 1, MESSAGE, u->message, DOMAIN_PAGE);
    u->src = buffer(u, 1);
    u->fn->seen = SEEN;
    open_function(u);
}

static void tear_down(User *u)
{
    g_assert_cmphex(u->d.vm->next, <, u->arena + ARENA);
    for (unsigned i = 0; i < VFS; i++) {
        if (u->vf[i]) {
            sdxi_fn_close(u->vf[i]);
        }
    }
    sdxi_fn_close(u->pf);
    domain_stop(&u->d);
}

static void test_user(const SdxiIommu *iommu, bool vf)
{
    User u;

    set_up(&u, iommu, vf);
    test_nothing_else(&u);
    works(&u, u.place[0]);
    test_event(&u);
    neighbour_works(&u);
    test_in_the_middle(&u, unmap);
    test_in_the_middle(&u, reset_in_the_middle);
    neighbour_works(&u);
    works(&u, u.place[1]);
    tear_down(&u);
}

/* ---- two programs that think it is theirs ---- */

#define OWNERS      2
#define DEEDS       400

typedef struct Owner {
    SdxiFn fn;                  /* the function, with tables of its own */
    SdxiCxt c;
    uint64_t src, dst;
} Owner;

/* Each has tables in memory; those of the last one are the function's. */
static void make_owner(User *u, Owner *o, unsigned n)
{
    o->fn = *u->fn;
    sdxi_fn_prepare(&o->fn);
    sdxi_cxt_init(&o->c, &o->fn, 1, 1024);
    sdxi_cxt_set_state(&o->c, SDXI_CXT_RUN);
    o->src = sdxi_vm_alloc(u->d.vm, DOMAIN_PAGE, DOMAIN_PAGE);
    o->dst = sdxi_vm_alloc(u->d.vm, DOMAIN_PAGE, DOMAIN_PAGE);
    qtest_memset(u->d.vm->qts, o->src, 0xa0 + n, DOMAIN_PAGE);
    qtest_memset(u->d.vm->qts, o->dst, 0xb0 + n, DOMAIN_PAGE);
}

static void do_something(Owner *o)
{
    SdxiDsc d = sdxi_dsc_copy(o->src + SEEN, o->dst + SEEN, DOMAIN_PAGE);
    uint64_t any = (uint64_t)g_test_rand_int() << 32 |
                   (uint32_t)g_test_rand_int();

    switch (g_test_rand_int_range(0, 6)) {
    case 0:
        sdxi_fn_request(&o->fn, any & 3);
        break;
    case 1:
        sdxi_fn_wr(&o->fn, SDXI_CXT_L2, o->fn.l2 + SEEN);
        break;
    case 2:
        sdxi_fn_request(&o->fn, SDXI_GO);
        sdxi_fn_doorbell(&o->fn, 0, 0);
        break;
    case 3:
        sdxi_fn_doorbell(&o->fn, any & 7, any & 8 ? any : any >> 54);
        break;
    default:
        sdxi_cxt_push(&o->c, &d);
        sdxi_cxt_kick(&o->c);
        break;
    }
}

/* What was there, or its own; never the other's */
static void check_owner(User *u, const Owner *o, unsigned n)
{
    for (uint64_t i = 0; i < DOMAIN_PAGE; i += 8) {
        uint64_t word = get(u, o->dst + i);

        g_assert_true(word == 0x0101010101010101 * (0xa0 + n) ||
                      word == 0x0101010101010101 * (0xb0 + n));
        g_assert_cmphex(get(u, o->src + i), ==,
                        0x0101010101010101 * (0xa0 + n));
    }
}

/*
 * Registers, doorbells and rings are both's at once.  What each of them has
 * asked for is done or not; nothing else is, the neighbour sees nothing of it,
 * and whoever resets the function has it.
 */
static void test_two_owners(gconstpointer iommu)
{
    Owner owner[OWNERS] = { };
    User u;

    set_up(&u, iommu, true);
    sdxi_vm_fill(u.d.vm, u.place[0], BYTES, 5);
    for (unsigned round = 0; round < 3; round++) {
        reset(&u);
        for (unsigned i = 0; i < OWNERS; i++) {
            make_owner(&u, &owner[i], i);
        }
        for (unsigned i = 0; i < DEEDS; i++) {
            do_something(&owner[g_test_rand_int_range(0, OWNERS)]);
        }
        reset(&u);
        for (unsigned i = 0; i < OWNERS; i++) {
            check_owner(&u, &owner[i], i);
        }
        open_function(&u);
        g_assert_true(equal(&u, u.place[0], u.pattern));
        works(&u, u.place[2]);
        neighbour_works(&u);
    }
    tear_down(&u);
}

static void test_physical(gconstpointer iommu)
{
    test_user(iommu, false);
}

static void test_virtual(gconstpointer iommu)
{
    test_user(iommu, true);
}

int main(int argc, char **argv)
{
    const SdxiIommu *const *iommu = domain_iommus();

    g_test_init(&argc, &argv, NULL);
    for (; *iommu; iommu++) {
        g_autofree char *pf = g_strdup_printf("/sdxi/user/%s/pf",
                                              (*iommu)->name);
        g_autofree char *vf = g_strdup_printf("/sdxi/user/%s/vf",
                                              (*iommu)->name);
        g_autofree char *two = g_strdup_printf("/sdxi/user/%s/two-owners",
                                               (*iommu)->name);

        qtest_add_data_func(pf, *iommu, test_physical);
        qtest_add_data_func(vf, *iommu, test_virtual);
        qtest_add_data_func(two, *iommu, test_two_owners);
    }
    return g_test_run();
}
