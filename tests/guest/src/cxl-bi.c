/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Switch back-invalidate on along a path, in the order in which a driver does.
 *
 *   cxl-bi ROOT [UPSTREAM DOWNSTREAM]... DEVICE
 *
 * The functions are DOMAIN:BUS:DEVICE.FUNCTION.  First every link has to run
 * with 256 byte flits, and every function has to have what it needs (CXL r3.1
 * 8.2.4.26, 8.2.4.27); a path that lacks something is left as it was:
 * "refused: FUNCTION: WHY", exit status 3.  Then the ports commit, from the
 * device up, each within the time that it names itself; the device is last.  A
 * decoder of the device asks for back-invalidate before (it must be refused)
 * and after, and while it is committed nothing is switched off.  At the end all
 * is as before.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "locator.h"

#define MAX_PATH    8
#define BLOCK       0x10000             /* component registers */
#define CACHEMEM    0x1000

/* PCI */
#define CAP_EXPRESS     0x10
#define LNKSTA2         0x32
#define LNKSTA2_FLIT    0x0400

/* CXL.cachemem capabilities, and their registers */
#define ID_HDM          5
#define ID_ROUTES       11
#define ID_DECODER      12
enum { CAP = 0, CTRL = 4, STATUS = 8 };
#define EXPLICIT_COMMIT 0x2u            /* of CAP of a decoder */
#define ROUTES_EXPLICIT 0x1u            /* of CAP of a route table */
#define FORWARD         0x1u
#define ENABLE          0x2u
#define COMMIT          0x4u
#define ROUTES_COMMIT   0x1u
#define COMMITTED       0x1u
#define NOT_COMMITTED   0x2u

enum { HDM_BASE = 0x10, HDM_BASE_HI = 0x14, HDM_SIZE = 0x18, HDM_SIZE_HI = 0x1c,
       HDM_CTRL = 0x20 };
#define HDM_COMMIT      0x0200u
#define HDM_COMMITTED   0x0400u
#define HDM_ERROR       0x0800u
#define HDM_BI          0x2000u
#define HDM_GRAIN       0x10000000u

typedef struct Function {
    const char *name;
    int config;
    volatile uint8_t *block;
    unsigned decoder, routes, hdm;      /* offsets in the block; 0: none */
} Function;

static Function path[MAX_PATH];
static int count;

static void __attribute__((format(printf, 2, 3), noreturn))
refuse(const Function *f, const char *why, ...)
{
    va_list args;

    printf("refused: %s: ", f->name);
    va_start(args, why);
    vprintf(why, args);
    va_end(args);
    putchar('\n');
    exit(3);
}

static void expect(bool good, const Function *f, const char *what)
{
    if (!good) {
        errx(1, "%s: %s", f->name, what);
    }
}

static uint32_t config(const Function *f, unsigned at, unsigned size)
{
    return locator_config(f->config, at, size);
}

static uint32_t get(const Function *f, unsigned at)
{
    return *(volatile uint32_t *)(f->block + at);
}

static void put(const Function *f, unsigned at, uint32_t value)
{
    *(volatile uint32_t *)(f->block + at) = value;
}

static bool has_flits(const Function *f)
{
    unsigned at = config(f, 0x34, 1);

    while (at && config(f, at, 1) != CAP_EXPRESS) {
        at = config(f, at + 1, 1);
    }
    return at && (config(f, at + LNKSTA2, 2) & LNKSTA2_FLIT);
}

static void find_structures(Function *f)
{
    unsigned entries = get(f, CACHEMEM) >> 24;

    for (unsigned i = 1; i <= entries; i++) {
        uint32_t entry = get(f, CACHEMEM + 4 * i);
        unsigned at = CACHEMEM + (entry >> 20);

        switch (entry & 0xffff) {
        case ID_HDM:
            f->hdm = at;
            break;
        case ID_ROUTES:
            f->routes = at;
            break;
        case ID_DECODER:
            f->decoder = at;
            break;
        }
    }
}

static void open_function(Function *f, const char *name)
{
    f->name = name;
    f->config = locator_open(name);
    f->block = locator_map(f->config, name, LOCATOR_COMPONENT, BLOCK);
    find_structures(f);
}

/* Even: root or downstream port, or the device; odd: upstream port */
static bool is_upstream(int i)
{
    return i % 2 && i != count - 1;
}

static void check_path(void)
{
    for (int i = 0; i < count; i++) {
        if (!has_flits(&path[i])) {
            refuse(&path[i], "its link has no 256 byte flits");
        }
    }
    for (int i = 0; i < count; i++) {
        if (is_upstream(i) ? !path[i].routes : !path[i].decoder) {
            refuse(&path[i], "no back-invalidate %s",
                   is_upstream(i) ? "route table" : "decoder");
        }
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* CXL r3.1 8.2.4.26.3: base times a power of ten of microseconds */
static double time_out(uint32_t status)
{
    double seconds = (status >> 12 & 15) / 1e6;

    for (unsigned scale = status >> 8 & 15; scale; scale--) {
        seconds *= 10;
    }
    return seconds;
}

static void commit(const Function *f, unsigned at, uint32_t bits, uint32_t bit)
{
    double start = now(), limit = start + time_out(get(f, at + STATUS));
    uint32_t status;
    bool late;

    put(f, at + CTRL, bits);
    put(f, at + CTRL, bits | bit);
    do {
        /* who waits too long for a processor looks once more */
        late = now() > limit;
        status = get(f, at + STATUS);
        usleep(1000);
    } while (!(status & (COMMITTED | NOT_COMMITTED)) && !late);
    expect(status & COMMITTED, f, "is not committed in the time it names");
    expect(!(status & NOT_COMMITTED), f, "committed, and an error");
    printf("%s: committed after %d ms of %d\n", f->name,
           (int)((now() - start) * 1000), (int)((limit - start) * 1000));
}

static void enable_ports(void)
{
    for (int i = count - 2; i >= 0; i--) {
        const Function *f = &path[i];
        /* the port above the device has its own identifier, others forward */
        uint32_t bits = i == count - 2 ? ENABLE : FORWARD;

        if (is_upstream(i)) {
            if (get(f, f->routes + CAP) & ROUTES_EXPLICIT) {
                commit(f, f->routes, 0, ROUTES_COMMIT);
            }
            continue;
        }
        if (get(f, f->decoder + CAP) & EXPLICIT_COMMIT) {
            commit(f, f->decoder, bits, COMMIT);
        } else {
            put(f, f->decoder + CTRL, bits);
        }
        expect((get(f, f->decoder + CTRL) & (ENABLE | FORWARD)) == bits, f,
               "does not keep its bits");
    }
}

static void disable(void)
{
    for (int i = count - 1; i >= 0; i--) {
        const Function *f = &path[i];
        unsigned at = is_upstream(i) ? f->routes : f->decoder;

        put(f, at + CTRL, 0);
        expect(!get(f, at + CTRL), f, "stays on");
    }
}

/* The first one, which no region of the kernel may use */
static uint32_t commit_decoder(const Function *f)
{
    put(f, f->hdm + HDM_BASE, 0);
    put(f, f->hdm + HDM_BASE_HI, 0x100);
    put(f, f->hdm + HDM_SIZE, HDM_GRAIN);
    put(f, f->hdm + HDM_SIZE_HI, 0);
    put(f, f->hdm + HDM_CTRL, HDM_BI | HDM_COMMIT);
    return get(f, f->hdm + HDM_CTRL) & (HDM_COMMITTED | HDM_ERROR);
}

static void free_decoder(const Function *f)
{
    for (unsigned at = HDM_CTRL; at >= HDM_BASE; at -= 4) {
        put(f, f->hdm + at, 0);
    }
    expect(!(get(f, f->hdm + HDM_CTRL) & HDM_COMMITTED), f,
           "decoder stays committed");
}

int main(int argc, char **argv)
{
    const Function *device;

    count = argc - 1;
    if (count < 2 || count > MAX_PATH || count % 2) {
        errx(2, "usage: cxl-bi ROOT [UPSTREAM DOWNSTREAM]... DEVICE");
    }
    for (int i = 0; i < count; i++) {
        open_function(&path[i], argv[i + 1]);
    }
    check_path();
    device = &path[count - 1];
    expect(!(get(device, device->hdm + HDM_CTRL) & HDM_COMMITTED), device,
           "its first decoder is in use");
    expect(commit_decoder(device) == HDM_ERROR, device,
           "a decoder has back-invalidate before it is on");
    free_decoder(device);

    enable_ports();
    put(device, device->decoder + CTRL, ENABLE);
    expect(get(device, device->decoder + CTRL) == ENABLE, device,
           "stays off");
    expect(commit_decoder(device) == HDM_COMMITTED, device,
           "a decoder cannot have back-invalidate");
    put(device, device->decoder + CTRL, 0);
    expect(get(device, device->decoder + CTRL) == ENABLE, device,
           "is switched off under a committed decoder");
    free_decoder(device);
    disable();
    printf("back-invalidate was on\n");
    return 0;
}
