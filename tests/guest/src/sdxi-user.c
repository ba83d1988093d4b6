/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-user: bring an SDXI function up from user space and copy with it.
 *
 * Plays the part of a kernel driver without one: registers and doorbells
 * through sysfs, physical addresses through pagemap.  The order of register
 * accesses is the one of the Linux driver, so a function that satisfies this
 * program has seen the driver's probe, channel start, copy, channel stop and
 * remove.  Layouts are written out here on purpose: this is a second reading
 * of the specification, independent of the device's own headers.
 *
 * Needs root, a device behind no translating IOMMU, and 2 MiB huge pages (it
 * reserves what it uses and gives it back).
 */
#define _GNU_SOURCE
#define PROGRAM "sdxi-user"
#include "user-dma.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "SDXI structures are little-endian and stored directly");

/* BAR0 registers, SDXI 1.0 chapter 9 */
enum {
    CTL0 = 0x0, CTL2 = 0x10, STS0 = 0x100, CAP0 = 0x200, CAP1 = 0x208,
    VERSION = 0x210, CXT_L2 = 0x10000,
    REGS_MIN = 0x20030,
};
enum { GSR_RESET, GSR_STOP_SF, GSR_STOP_HD, GSR_ACTIVE };
enum { GSV_STOP, GSV_INIT, GSV_ACTIVE, GSV_STOPG_SF, GSV_STOPG_HD, GSV_ERROR };
enum { CXT_STOP_SW = 0, CXT_RUN = 1, CXT_STOP_FN = 4 };

#define CTL0_GSR        UINT64_C(0x3)
#define CTL0_V3_CLEARS  UINT64_C(0x0ffffF14) /* err_intr_en, pasid_vl, pasid */

/* First dword of a descriptor: VL, FE, subtype, type */
#define DSC_VL          1u
#define DSC_FE          4u
#define DSC(type, sub)  (((type) << 16) | ((sub) << 8))
#define DSC_NOP         DSC(1u, 1u)
#define DSC_COPY        DSC(1u, 3u)
#define DSC_CXT_START   DSC(2u, 3u)
#define DSC_CXT_STOP    DSC(2u, 4u)
#define DSC_SYNC        DSC(2u, 6u)
#define DSC_INTR        DSC(4u, 0u)
#define DSC_NP          1u              /* qword 7: no completion block */
#define SYNC_STOP       1u

#define CST_ER          (UINT64_C(1) << 31)     /* in qword 1 */

#define RING            1024u
#define CLIENT          1u              /* context number of our channel */
#define INTR_VECTOR     1u
#define GUARD           64u

/* Everything the function reads or writes for one context. */
struct context {
    uint64_t ring[RING][8];
    uint64_t akeys[256][2];
    uint64_t ctl[8];
    uint64_t sts[2];
    uint64_t write_index;
    uint64_t pad[5];
    uint64_t cst[4];
    uint64_t pad2[4];
} __attribute__((aligned(4096)));

/* One huge page: the function's tables and two contexts. */
struct tables {
    uint64_t l2[512];
    uint64_t l1[128][4];
    struct context cxt[2];
};

struct device {
    volatile uint8_t *regs;
    volatile uint8_t *doorbells;
    size_t doorbells_len;
    uint16_t old_command;
    uint64_t stride;
    uint64_t max_buffer;
    uint32_t groups;
    struct tables *t;
    struct region tables;
    unsigned msix;                      /* capability offset, 0 if none */
};

static struct {
    const char *bdf;
    uint64_t src_phys, dst_phys, size;
    int phys;                           /* addresses given: 0 or 2 */
    bool no_intr, no_speed;
    int src_node, dst_node;
    double timeout;
} opt = { .src_node = -1, .dst_node = -1, .timeout = 10 };

static struct device dev;

static void enable_device(void)
{
    if (!write_line(sysfs_path("enable"), "1")) {
        fail("cannot enable %s: %s (run as root)", pci.bdf, strerror(errno));
    }
    pci.config = open(sysfs_path("config"), O_RDWR);
    if (pci.config < 0) {
        fail("cannot open %s: %s", sysfs_path("config"), strerror(errno));
    }
    dev.old_command = cfg_read(4, 2);
    dev.regs = map_bar(0, REGS_MIN, NULL);
    dev.doorbells = map_bar(2, 4096, &dev.doorbells_len);
    dev.msix = find_capability(0x11);
}

/* ---- registers ---- */

static uint64_t rd(unsigned off)
{
    return *(volatile uint64_t *)(dev.regs + off);
}

static void wr(unsigned off, uint64_t v)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *(volatile uint64_t *)(dev.regs + off) = v;
}

static void ring_doorbell(unsigned cxt, uint64_t v)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *(volatile uint64_t *)(dev.doorbells + cxt * dev.stride) = v;
}

static unsigned gsv(void)
{
    return rd(STS0) & 7;
}

static void request_state(unsigned gsr)
{
    wr(CTL0, (rd(CTL0) & ~CTL0_GSR) | gsr);
}

/* Returns the state reached: @want, ERROR, or whatever it is after 1 s. */
static unsigned wait_state(unsigned want)
{
    double end = now() + (opt.timeout < 1 ? opt.timeout : 1);
    unsigned v;

    while ((v = gsv()) != want && v != GSV_ERROR && now() < end) {
        usleep(1000);
    }
    return v;
}

static uint64_t phys(const void *p)
{
    uint64_t len;

    return region_phys(&dev.tables, (const uint8_t *)p - dev.tables.va, 1,
                       &len);
}

/* ---- contexts and rings ---- */

static void context_publish(unsigned n, unsigned state)
{
    struct context *c = &dev.t->cxt[n];
    volatile uint64_t *l1 = dev.t->l1[n];

    c->sts[0] = state;
    c->ctl[1] = RING;
    c->ctl[2] = phys(c->sts);
    c->ctl[3] = phys(&c->write_index);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    c->ctl[0] = phys(c->ring) | 0x31;           /* csa, se, vl */
    l1[1] = phys(c->akeys);                     /* akey_sz 0: 256 entries */
    l1[2] = ((uint64_t)dev.groups << 32) | (UINT64_C(11) << 20);
    l1[3] = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    l1[0] = phys(c->ctl) | 3;                   /* ka, vl */
}

/*
 * Reserve the slot by moving Write_Index, fill it, set VL last; the caller
 * rings the doorbell with the returned index.
 */
static uint64_t submit(unsigned n, const uint64_t d[8])
{
    struct context *c = &dev.t->cxt[n];
    volatile uint64_t *slot = c->ring[c->write_index % RING];
    double end = now() + opt.timeout;
    uint64_t wi;

    while (c->write_index - *(volatile uint64_t *)&c->sts[1] >= RING) {
        if (now() > end) {
            fail("the ring of context %u stays full", n);
        }
    }
    wi = c->write_index + 1;
    __atomic_store_n(&c->write_index, wi, __ATOMIC_SEQ_CST);
    for (int i = 1; i < 8; i++) {
        slot[i] = d[i];
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    slot[0] = d[0] | DSC_VL;
    return wi;
}

static void cst_arm(struct context *c, uint64_t signal)
{
    c->cst[1] = 0;
    __atomic_store_n(&c->cst[0], signal, __ATOMIC_SEQ_CST);
}

static void cst_wait(unsigned n, const char *what)
{
    struct context *c = &dev.t->cxt[n];
    double end = now() + opt.timeout;
    uint64_t spins = 0;

    while (__atomic_load_n(&c->cst[0], __ATOMIC_ACQUIRE)) {
        if (!(++spins % 4096) && now() > end) {
            fail("%s: no completion within %.0f s (signal %" PRIu64
                 ", context state %" PRIu64 ", read index %" PRIu64
                 ", function state %u)", what, opt.timeout, c->cst[0],
                 c->sts[0] & 15, c->sts[1], gsv());
        }
    }
    if (c->cst[1] & CST_ER) {
        fail("%s: the function reports an error (context state %" PRIu64 ")",
             what, c->sts[0] & 15);
    }
}

static void admin_command(uint32_t dw0, uint32_t dw1, bool wait,
                          const char *what)
{
    struct context *c = &dev.t->cxt[0];
    uint64_t d[8] = {
        dw0 | ((uint64_t)dw1 << 32), CLIENT | (CLIENT << 16),
        [7] = wait ? phys(c->cst) : DSC_NP,
    };

    if (wait) {
        cst_arm(c, 1);
    }
    ring_doorbell(0, submit(0, d));
    if (wait) {
        cst_wait(0, what);
    }
}

/* ---- the driver's life ---- */

static void stop_function(void)
{
    unsigned v = gsv();

    if (v == GSV_INIT || v == GSV_ACTIVE) {
        request_state(GSR_STOP_SF);
    } else if (v == GSV_STOPG_SF) {
        request_state(GSR_STOP_HD);
    } else if (v != GSV_STOPG_HD && v != GSV_ERROR) {
        request_state(GSR_RESET);
    }
    v = wait_state(GSV_STOP);
    if (v == GSV_ERROR) {
        request_state(GSR_RESET);
        v = wait_state(GSV_STOP);
    }
    if (v != GSV_STOP) {
        fail("the function does not stop: state %u", v);
    }
}

static void read_capabilities(void)
{
    uint64_t version = rd(VERSION), cap0 = rd(CAP0), cap1 = rd(CAP1);
    unsigned max_cxt = (cap1 >> 16) & 0xffff;

    dev.stride = UINT64_C(4096) << ((cap0 >> 20) & 7);
    dev.max_buffer = UINT64_C(1) << ((cap1 & 15) + 21);
    dev.groups = cap1 >> 32;
    if (((version >> 16) & 0xff) != 1) {
        fail("VERSION reads 0x%" PRIx64 ", expected major 1", version);
    }
    if (max_cxt < CLIENT) {
        fail("the function has only %u context(s), 2 needed", max_cxt + 1);
    }
    if (dev.doorbells_len < (CLIENT + 1) * dev.stride) {
        fail("BAR2 has no doorbell for context %u", CLIENT);
    }
    step("%s: SDXI %u.%u, function 0x%04x, %u contexts, buffers up to "
         "%" PRIu64 " MiB, groups 0x%08x", pci.bdf,
         (unsigned)(version >> 16) & 0xff, (unsigned)version & 0xff,
         (unsigned)cap0 & 0xffff, max_cxt + 1, dev.max_buffer >> 20,
         dev.groups);
    if (max_cxt > 127) {
        max_cxt = 127;
    }
    wr(CTL2, (cap1 & ~UINT64_C(0xffff0ff0)) | ((uint64_t)max_cxt << 16));
}

static void function_up(void)
{
    unsigned v;

    (void)rd(CAP1);
    cfg_write(4, 2, cfg_read(4, 2) | 0x6);      /* memory, bus master */
    stop_function();
    wr(CTL0, rd(CTL0) & ~CTL0_V3_CLEARS);
    read_capabilities();

    memset(dev.t, 0, sizeof(*dev.t));
    wr(CXT_L2, phys(dev.t->l2));
    dev.t->l2[0] = phys(dev.t->l1) | 1;
    context_publish(0, CXT_RUN);

    v = gsv();
    if (v != GSV_STOP) {
        fail("state %u before activation, expected STOP", v);
    }
    request_state(GSR_ACTIVE);
    v = wait_state(GSV_ACTIVE);
    if (v != GSV_ACTIVE) {
        fail("the function does not become active: state %u", v);
    }
    ring_doorbell(0, 0);
    step("function active, administrative context started");

    dev.t->cxt[CLIENT].akeys[0][0] = 3 | (INTR_VECTOR << 4);    /* vl, iv */
    context_publish(CLIENT, CXT_STOP_SW);
    admin_command(DSC_CXT_START | DSC_FE, 0, true, "context start");
    if ((dev.t->cxt[CLIENT].sts[0] & 15) != CXT_RUN) {
        fail("started context reads state %" PRIu64 ", expected RUN",
             dev.t->cxt[CLIENT].sts[0] & 15);
    }
    step("context %u runs", CLIENT);
}

static void channel_down(void)
{
    struct context *c = &dev.t->cxt[CLIENT];

    admin_command(DSC_CXT_STOP | DSC_FE, 0, false, "context stop");
    admin_command(DSC_SYNC, SYNC_STOP, true, "sync after stop");
    if ((c->sts[0] & 15) != CXT_STOP_SW) {
        fail("stopped context reads state %" PRIu64 ", expected STOP_SW",
             c->sts[0] & 15);
    }
    __atomic_store_n(&dev.t->l1[CLIENT][0], 0, __ATOMIC_SEQ_CST);
    memset(dev.t->l1[CLIENT], 0, sizeof(dev.t->l1[CLIENT]));
    step("context %u stopped after %" PRIu64 " descriptors", CLIENT,
         c->sts[1]);
}

static void function_down(void)
{
    if (pci.config < 0) {
        return;
    }
    if (dev.regs && dev.t) {
        stop_function();
    }
    cfg_write(4, 2, dev.old_command);
    close(pci.config);
    pci.config = -1;
    write_line(sysfs_path("enable"), "0");
}

static void emergency_stop(void)
{
    function_down();
}

/* ---- copies ---- */

static void copy_descriptor(uint64_t d[8], uint64_t src, uint64_t dst,
                            uint64_t len, uint64_t cst)
{
    memset(d, 0, 64);
    d[0] = DSC_COPY | ((len - 1) << 32);
    d[2] = src;
    d[3] = dst;
    d[7] = cst;
}

static void copy_phys(uint64_t src, uint64_t dst, uint64_t len)
{
    struct context *c = &dev.t->cxt[CLIENT];
    uint64_t d[8], n;

    while (len) {
        n = len < dev.max_buffer ? len : dev.max_buffer;
        cst_arm(c, 1);
        copy_descriptor(d, src, dst, n, phys(c->cst));
        ring_doorbell(CLIENT, submit(CLIENT, d));
        cst_wait(CLIENT, "copy");
        src += n;
        dst += n;
        len -= n;
    }
}

/* One descriptor per physically contiguous piece, one completion for all. */
static void copy_region(const struct region *s, size_t soff,
                        const struct region *t, size_t toff, size_t len)
{
    struct context *c = &dev.t->cxt[CLIENT];
    uint64_t d[8], src, dst, n, wi = 0;
    unsigned batch;

    while (len) {
        /* Armed one too high, so that it cannot reach 0 half way. */
        cst_arm(c, 1);
        for (batch = 0; len && batch < RING / 2; batch++) {
            src = region_phys(s, soff, len, &n);
            dst = region_phys(t, toff, n, &n);
            n = n < dev.max_buffer ? n : dev.max_buffer;
            copy_descriptor(d, src, dst, n, phys(c->cst));
            __atomic_fetch_add(&c->cst[0], 1, __ATOMIC_SEQ_CST);
            wi = submit(CLIENT, d);
            soff += n;
            toff += n;
            len -= n;
        }
        __atomic_fetch_sub(&c->cst[0], 1, __ATOMIC_SEQ_CST);
        ring_doorbell(CLIENT, wi);
        cst_wait(CLIENT, "copy");
    }
}

static void fill(uint8_t *p, size_t len, uint64_t seed)
{
    uint64_t x = seed * 2654435761u + 1;

    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = x;
    }
}

/* Copy between odd addresses and look at the bytes and their neighbours. */
static void check_copy(const struct region *s, const struct region *t,
                       size_t len, const char *label)
{
    size_t soff = 3, toff = GUARD + 5;

    fill(s->va, soff + len, len);
    memset(t->va, 0xa5, toff + len + GUARD);
    copy_region(s, soff, t, toff, len);
    if (!region_settled(s) || !region_settled(t)) {
        fail("%s: the kernel moved the pages during the copy", label);
    }
    if (memcmp(t->va + toff, s->va + soff, len)) {
        fail("%s: %zu bytes copied, destination differs", label, len);
    }
    for (size_t i = 0; i < toff + len + GUARD; i++) {
        if ((i < toff || i >= toff + len) && t->va[i] != 0xa5) {
            fail("%s: %zu bytes copied, byte %zu outside changed", label, len,
                 i);
        }
    }
}

static void measure(const struct region *s, const struct region *t, size_t len,
                    const char *label)
{
    double start = now(), t1;
    uint64_t rounds = 0;

    do {
        copy_region(s, 0, t, 0, len);
        rounds++;
        t1 = now();
    } while (t1 - start < 0.25);
    step("%s: %zu bytes: %.1f MiB/s, %.1f us per copy", label, len,
         rounds * len / (t1 - start) / 1048576, (t1 - start) * 1e6 / rounds);
}

static void check_sizes(const struct region *s, const struct region *t,
                        const char *label, size_t max)
{
    static const size_t sizes[] = { 1, 63, 4096, 65537, 1048576, 8388608 };
    size_t n = 0;

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        if (sizes[i] <= max) {
            check_copy(s, t, sizes[i], label);
            n++;
        }
    }
    if (max > sizes[sizeof(sizes) / sizeof(*sizes) - 1]) {
        check_copy(s, t, max, label);
        n++;
    }
    step("%s: %zu sizes up to %zu bytes verified", label, n, max);
    if (!opt.no_speed) {
        measure(s, t, max < 4096 ? max : 4096, label);
        measure(s, t, max, label);
    }
}

/*
 * With MSI-X on and every vector masked by the function mask, an interrupt
 * shows as a bit in the pending array, and no kernel handler is needed.
 */
static void check_interrupt(void)
{
    struct context *c = &dev.t->cxt[CLIENT];
    uint64_t d[8] = { DSC_NOP, [7] = phys(c->cst) };
    uint64_t intr[8] = { DSC_INTR | DSC_FE, [7] = DSC_NP };
    uint16_t ctrl = cfg_read(dev.msix + 2, 2);
    uint32_t pba = cfg_read(dev.msix + 8, 4);
    volatile uint8_t *bar = map_bar(pba & 7, (pba & ~7u) + 8, NULL);
    volatile uint64_t *pending = (volatile uint64_t *)(bar + (pba & ~7u));
    double end = now() + opt.timeout;

    if ((ctrl & 0x7ff) < INTR_VECTOR) {
        fail("MSI-X has %u vector(s), %u needed", (ctrl & 0x7ff) + 1u,
             INTR_VECTOR + 1);
    }
    cfg_write(dev.msix + 2, 2, ctrl | 0xc000);
    if (*pending & (1u << INTR_VECTOR)) {
        /* Only delivery or a reset of the PCI function clears the bit. */
        cfg_write(dev.msix + 2, 2, ctrl);
        step("MSI-X vector %u is pending from before, INTR not tested",
             INTR_VECTOR);
        return;
    }
    cst_arm(c, 1);
    submit(CLIENT, d);
    ring_doorbell(CLIENT, submit(CLIENT, intr));
    while (!(*pending & (1u << INTR_VECTOR))) {
        if (now() > end) {
            fail("no MSI-X vector %u pending after INTR", INTR_VECTOR);
        }
    }
    if (c->cst[0]) {
        fail("the interrupt came before the completion it follows");
    }
    if (*pending & ~(UINT64_C(1) << INTR_VECTOR)) {
        fail("pending vectors 0x%" PRIx64 ", expected only %u", *pending,
             INTR_VECTOR);
    }
    cfg_write(dev.msix + 2, 2, ctrl);
    step("INTR makes MSI-X vector %u pending", INTR_VECTOR);
}

static void run_copies(void)
{
    size_t max = opt.size ? opt.size : 8388608;
    size_t len = max + GUARD * 2 + 16;
    struct region a, b, back;
    char label[64];

    if (opt.phys) {
        double t = now();

        copy_phys(opt.src_phys, opt.dst_phys, opt.size);
        t = now() - t;
        step("0x%" PRIx64 " -> 0x%" PRIx64 ": %" PRIu64 " bytes, %.1f MiB/s",
             opt.src_phys, opt.dst_phys, opt.size, opt.size / t / 1048576);
        return;
    }
    region_alloc(&a, len, opt.src_node);
    region_alloc(&b, len, opt.dst_node);
    if (opt.src_node < 0 && opt.dst_node < 0) {
        check_sizes(&a, &b, "memory", max);
        return;
    }
    snprintf(label, sizeof(label), "node %d -> node %d", opt.src_node,
             opt.dst_node);
    check_sizes(&a, &b, label, max);
    snprintf(label, sizeof(label), "node %d -> node %d", opt.dst_node,
             opt.src_node);
    region_alloc(&back, len, opt.src_node);
    check_sizes(&b, &back, label, max);

    fill(a.va, max, 1);
    copy_region(&a, 0, &b, 0, max);
    memset(back.va, 0, max);
    copy_region(&b, 0, &back, 0, max);
    if (memcmp(a.va, back.va, max)) {
        fail("round trip of %zu bytes differs", max);
    }
    step("round trip of %zu bytes verified", max);
}

static void usage(FILE *f)
{
    fputs("Usage: sdxi-user [OPTION]...\n"
          "Bring up an SDXI function from user space, copy and verify.\n\n"
          "  --device BDF       function to use (default: first of class "
          "0x120100)\n"
          "  --size N[K|M|G]    largest copy (default 8M)\n"
          "  --src-node N --dst-node M   buffers on these NUMA nodes; copies "
          "there and back\n"
          "  --src-phys A --dst-phys A   copy --size bytes between physical "
          "addresses, no check\n"
          "  --no-intr          do not test INTR through the pending bits\n"
          "  --no-speed         verify only\n"
          "  --timeout S        seconds to wait for a completion (10)\n"
          "Exit status: 0 all verified, 1 failed, 2 wrong usage.\n", f);
}

static uint64_t parse_number(const char *name, const char *text)
{
    static const char units[] = "KMG";
    const char *u;
    char *end;
    uint64_t v;

    errno = 0;
    v = strtoull(text, &end, 0);
    u = *end ? strchr(units, *end & ~0x20) : NULL;
    if (u && *u) {
        v <<= 10 * (u - units + 1);
        end++;
    }
    if (errno || end == text || *end || *text == '-') {
        fprintf(stderr, "sdxi-user: %s '%s' is not a number\n", name, text);
        exit(2);
    }
    return v;
}

static int parse_node(const char *name, const char *text)
{
    uint64_t v = parse_number(name, text);

    if (v > 1023) {
        fprintf(stderr, "sdxi-user: %s %s: nodes are 0..1023\n", name, text);
        exit(2);
    }
    return v;
}

static void parse_option(int c)
{
    switch (c) {
    case 'd':
        opt.bdf = optarg;
        break;
    case 's':
        opt.size = parse_number("--size", optarg);
        break;
    case 'n':
        opt.src_node = parse_node("--src-node", optarg);
        break;
    case 'm':
        opt.dst_node = parse_node("--dst-node", optarg);
        break;
    case 'p':
        opt.src_phys = parse_number("--src-phys", optarg);
        opt.phys++;
        break;
    case 'q':
        opt.dst_phys = parse_number("--dst-phys", optarg);
        opt.phys++;
        break;
    case 'i':
        opt.no_intr = true;
        break;
    case 'f':
        opt.no_speed = true;
        break;
    case 't':
        opt.timeout = parse_number("--timeout", optarg);
        break;
    case 'h':
        usage(stdout);
        exit(0);
    default:
        usage(stderr);
        exit(2);
    }
}

static void parse_options(int argc, char **argv)
{
    static const struct option longopts[] = {
        { "device", 1, NULL, 'd' }, { "size", 1, NULL, 's' },
        { "src-node", 1, NULL, 'n' }, { "dst-node", 1, NULL, 'm' },
        { "src-phys", 1, NULL, 'p' }, { "dst-phys", 1, NULL, 'q' },
        { "no-intr", 0, NULL, 'i' }, { "no-speed", 0, NULL, 'f' },
        { "timeout", 1, NULL, 't' }, { "help", 0, NULL, 'h' }, { }
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
        parse_option(c);
    }
    if (optind < argc || opt.phys == 1 || (opt.phys && !opt.size)) {
        fputs("sdxi-user: --src-phys, --dst-phys and --size go together; "
              "no other arguments\n", stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    pci_find(opt.bdf, "0x120100");
    pci_check_unclaimed();
    enable_device();
    region_alloc(&dev.tables, sizeof(*dev.t), -1);
    dev.t = (struct tables *)dev.tables.va;
    for (size_t i = dev.tables.page_size; i < sizeof(*dev.t);
         i += dev.tables.page_size) {
        if (phys(dev.tables.va + i) != phys(dev.tables.va) + i) {
            fail("no contiguous memory for the rings; "
                 "reserve 2 MiB huge pages (vm.nr_hugepages)");
        }
    }
    function_up();
    run_copies();
    if (opt.phys || opt.no_intr || !dev.msix || !(dev.groups & 0x10)) {
        step("INTR not tested");
    } else {
        check_interrupt();
    }
    channel_down();
    function_down();
    release_huge();
    step("all verified");
    return 0;
}
