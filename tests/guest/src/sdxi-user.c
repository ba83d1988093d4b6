/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-user: bring an SDXI function up from user space and copy with it.
 *
 * Plays the part of a kernel driver without one, by libsdxi-user: by way of
 * sysfs where no I/O MMU translates, by vfio where vfio-pci is bound.  The
 * order of register accesses is the one of the Linux driver, so a function
 * that satisfies this program has seen the driver's probe, channel start, copy,
 * channel stop and remove.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "say.h"
#include "sdxi-user.h"

#define GUARD           64u

static struct {
    const char *bdf;
    uint64_t src_phys, dst_phys, size;
    int phys;                           /* addresses given: 0 or 2 */
    bool no_intr, no_speed;
    int src_node, dst_node;
    double timeout;
} opt = { .src_node = -1, .dst_node = -1, .timeout = 10 };

static SdxiUser *fn;
static SdxiUserInfo info;
static SdxiUserContext *cxt;

void say_last(void)
{
    sdxi_user_close(fn);
}

static SdxiUserMemory *memory(size_t bytes, int node)
{
    SdxiUserMemory *m;

    must(sdxi_user_memory_new(fn, bytes, node, &m), "memory");
    return m;
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
static void check_copy(const SdxiUserMemory *s, const SdxiUserMemory *t,
                       size_t len, const char *label)
{
    size_t soff = 3, toff = GUARD + 5;

    fill(s->va, soff + len, len);
    memset(t->va, 0xa5, toff + len + GUARD);
    must(sdxi_user_move(cxt, t, toff, s, soff, len), label);
    must(sdxi_user_memory_check(fn, s), label);
    must(sdxi_user_memory_check(fn, t), label);
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

static void measure(const SdxiUserMemory *s, const SdxiUserMemory *t,
                    size_t len, const char *label)
{
    double start = now(), t1;
    uint64_t rounds = 0;

    do {
        must(sdxi_user_move(cxt, t, 0, s, 0, len), label);
        rounds++;
        t1 = now();
    } while (t1 - start < 0.25);
    step("%s: %zu bytes: %.1f MiB/s, %.1f us per copy", label, len,
         rounds * len / (t1 - start) / 1048576, (t1 - start) * 1e6 / rounds);
}

static void check_sizes(const SdxiUserMemory *s, const SdxiUserMemory *t,
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
 * With every vector masked an interrupt shows as pending, and no kernel handler
 * is needed.  By vfio it shows as an event.
 */
static void wait_pending(unsigned vector)
{
    double end = now() + opt.timeout;
    uint64_t pending = 0;

    while (!(pending & UINT64_C(1) << vector)) {
        bool over = now() > end;

        must(sdxi_user_pending(fn, &pending), "pending");
        if (over && !(pending & UINT64_C(1) << vector)) {
            fail("no MSI-X vector %u pending after INTR", vector);
        }
    }
    if (pending & ~(UINT64_C(1) << vector)) {
        fail("pending vectors 0x%" PRIx64 ", expected only %u", pending,
             vector);
    }
    step("INTR makes MSI-X vector %u pending", vector);
}

static void wait_event(unsigned vector)
{
    struct pollfd look = { .fd = sdxi_user_eventfd(cxt), .events = POLLIN };
    uint64_t events;

    if (poll(&look, 1, opt.timeout * 1000) != 1 ||
        read(look.fd, &events, sizeof(events)) != sizeof(events)) {
        fail("no event of vector %u after INTR", vector);
    }
    step("INTR makes an event of vector %u: %" PRIu64, vector, events);
}

static void check_interrupt(void)
{
    unsigned vector = sdxi_user_context_number(cxt);
    SdxiUserDescriptor d[2] = { sdxi_user_nop(), sdxi_user_intr(0) };
    uint64_t pending = 0;

    if (info.way == SDXI_USER_VFIO) {
        must(sdxi_user_eventfd(cxt), "eventfd");
    } else {
        must(sdxi_user_mask(fn, true), "MSI-X");
        must(sdxi_user_pending(fn, &pending), "pending");
    }
    if (pending) {
        /* Only delivery or a reset of the PCI function clears the bit. */
        must(sdxi_user_mask(fn, false), "MSI-X");
        step("MSI-X vector %u is pending from before, INTR not tested",
             vector);
        return;
    }
    sdxi_user_report(&d[0], cxt, 0);
    sdxi_user_arm(cxt, 0, 1);
    must(sdxi_user_submit(cxt, d, 2), "interrupt");
    if (info.way == SDXI_USER_VFIO) {
        wait_event(vector);
    } else {
        wait_pending(vector);
    }
    if (sdxi_user_poll(cxt, 0)) {
        fail("the interrupt came before the completion it follows");
    }
    if (info.way != SDXI_USER_VFIO) {
        must(sdxi_user_mask(fn, false), "MSI-X");
    }
}

static void run_copies(void)
{
    size_t max = opt.size ? opt.size : 8388608;
    size_t len = max + GUARD * 2 + 16;
    SdxiUserMemory *a, *b, *back;
    char label[64];

    if (opt.phys) {
        double t = now();

        must(sdxi_user_move_at(cxt, opt.dst_phys, opt.src_phys, opt.size),
             "copy");
        t = now() - t;
        step("0x%" PRIx64 " -> 0x%" PRIx64 ": %" PRIu64 " bytes, %.1f MiB/s",
             opt.src_phys, opt.dst_phys, opt.size, opt.size / t / 1048576);
        return;
    }
    a = memory(len, opt.src_node);
    b = memory(len, opt.dst_node);
    if (opt.src_node < 0 && opt.dst_node < 0) {
        check_sizes(a, b, "memory", max);
        return;
    }
    snprintf(label, sizeof(label), "node %d -> node %d", opt.src_node,
             opt.dst_node);
    check_sizes(a, b, label, max);
    snprintf(label, sizeof(label), "node %d -> node %d", opt.dst_node,
             opt.src_node);
    back = memory(len, opt.src_node);
    check_sizes(b, back, label, max);

    fill(a->va, max, 1);
    must(sdxi_user_move(cxt, b, 0, a, 0, max), "round trip");
    memset(back->va, 0, max);
    must(sdxi_user_move(cxt, back, 0, b, 0, max), "round trip");
    if (memcmp(a->va, back->va, max)) {
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

static void bring_up(void)
{
    must(sdxi_user_open(opt.bdf, SDXI_USER_ANY, &fn), "open");
    sdxi_user_info(fn, &info);
    sdxi_user_set_timeout(fn, opt.timeout * 1000);
    step("%s: SDXI %u.%u, function 0x%04x, %u contexts, buffers up to "
         "%" PRIu64 " MiB, groups 0x%08x, by %s", info.bdf, info.major,
         info.minor, info.sfunc, info.contexts, info.max_buffer >> 20,
         info.groups, info.way == SDXI_USER_VFIO ? "vfio" : "sysfs");
    step("function active, administrative context started");
    must(sdxi_user_context_new(fn, NULL, &cxt), "context start");
    step("context %u runs", sdxi_user_context_number(cxt));
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    bring_up();
    run_copies();
    if (opt.phys || opt.no_intr || info.vectors < 2 ||
        !(info.groups & SDXI_USER_GROUP_INTR)) {
        step("INTR not tested");
    } else {
        check_interrupt();
    }
    step("context %u stops after %" PRIu64 " descriptors",
         sdxi_user_context_number(cxt), sdxi_user_read_index(cxt));
    must(sdxi_user_context_free(cxt), "context stop");
    sdxi_user_close(fn);
    step("all verified");
    return 0;
}
