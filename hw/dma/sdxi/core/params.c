/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties as numbers; see params.h.  One row for each range, one sentence
 * for each mistake.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/params.h"
#include "hw/dma/sdxi/wire/mmio.h"

/* One row: what is accepted, and what -device sdxi,help says about it. */
typedef struct SdxiRange {
    const char *name;
    size_t offset;
    uint64_t min, max;
    bool power_of_2;
    bool zero;                  /* 0 is accepted too */
    const char *description;
} SdxiRange;

#define RANGE(name_, field, min_, max_, pow2, zero_, text)              \
    { .name = name_, .offset = offsetof(SdxiParams, field),             \
      .min = min_, .max = max_, .power_of_2 = pow2, .zero = zero_,      \
      .description = text }

static const SdxiRange ranges[] = {
    RANGE("contexts", contexts, 1, SDXI_CONTEXTS_MAX, false, false,
          "number of contexts, the administrative one included "
          "(1 to 65536)"),
    RANGE("max-ring", max_ring, 1024, 4 * GiB, true, false,
          "descriptors in the largest ring (power of two, 1K to 4G)"),
    RANGE("doorbell-stride", doorbell_stride, 4 * KiB, 512 * KiB, true, false,
          "bytes between doorbells (power of two, 4K to 512K)"),
    RANGE("max-buffer", max_buffer, 2 * MiB, 4 * GiB, true, false,
          "bytes in the largest data buffer (power of two, 2M to 4G)"),
    RANGE("akeys", akeys, 256, 65536, true, false,
          "entries in the largest AKey table (power of two, 256 to 65536)"),
    RANGE("rkeys", rkeys, 256, 65536, true, true,
          "entries in the largest RKey table (power of two, 256 to 65536; "
          "0: no RKeys)"),
    RANGE("errlog", errlog, 64, 2 * MiB, true, false,
          "entries in the largest error log (power of two, 64 to 2M)"),
    RANGE("sfunc", sfunc, 1, UINT16_MAX, false, true,
          "function handle, unique in its group (1 to 65535; 0: the lowest "
          "free one)"),
    RANGE("vectors", vectors, 2, SDXI_VECTORS_MAX, false, true,
          "MSI-X vectors (2 to 2048; 0: contexts + 1, at most 2048)"),
    RANGE("workers", workers, 1, SDXI_WORKERS_MAX, false, false,
          "threads that run contexts side by side (1 to 16)"),
    RANGE("poll-us", poll_us, 1, 1000000, false, true,
          "longest busy waiting of a worker before it sleeps, in us (0 to "
          "1000000; 0: none)"),
    RANGE("vfs", vfs, 1, UINT8_MAX, false, true,
          "SR-IOV virtual functions (0 to 255; PCI Express only)"),
    RANGE("pasid-bits", pasid_bits, 1, 20, false, false,
          "width of process address space ids, in bits (1 to 20)"),
    RANGE("latency", latency, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in ns (0 to 65534; 0: "
          "nothing)"),
    RANGE("bandwidth", bandwidth, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in MB/s (0 to 65534; 0: "
          "nothing)"),
};

/* Those that are no range */
static const struct {
    const char *name, *text;
} texts[] = {
    { "group", "name of the function group; functions of one group reach each "
      "other's memory through RKeys (default: none)" },
    { "x-atomics", "offer the atomic operations; their layout is provisional" },
    { "x-minimal-atomics", "offer the group of those that PCI Express has, by "
      "a provisional number" },
    { "cdat", "tell latency and bandwidth through CDAT over DOE (PCI Express "
      "only)" },
    { "uio", "send unordered I/O to memory below the same switch or host "
      "bridge, where software has enabled it (PCI Express only)" },
    { "pasid", "address translation service, page requests and process address "
      "space ids (QEMU 10.2 or later)" },
    { "x-rkey-pages", "MMIO_RKEY.sz is a count of 4 KiB pages, 256 * sz "
      "entries (default: a shift, 256 << sz)" },
    { "x-errlog-shift", "MMIO_ERR_CFG.sz is a shift, 64 << sz entries "
      "(default: a count of 4 KiB pages)" },
    { "spdm_port", "TCP port of this host where an SPDM responder answers what "
      "comes through DOE (0: none; PCI Express only)" },
    { "vendor-id", "PCI vendor id (0 to 0xfffe)" },
    { "device-id", "PCI device id" },
    { "iothread", "id of the iothread that runs the engine (default: a thread "
      "of its own)" },
};

const char *sdxi_params_text(unsigned n, const char **name)
{
    if (n < ARRAY_SIZE(ranges)) {
        *name = ranges[n].name;
        return ranges[n].description;
    }
    n -= ARRAY_SIZE(ranges);
    if (n < ARRAY_SIZE(texts)) {
        *name = texts[n].name;
        return texts[n].text;
    }
    return NULL;
}

static char *range_problem(const SdxiParams *p, const SdxiRange *r)
{
    uint64_t v = *(const uint64_t *)((const char *)p + r->offset);

    if (r->zero && !v) {
        return NULL;
    }
    if (v >= r->min && v <= r->max && (!r->power_of_2 || is_power_of_2(v))) {
        return NULL;
    }
    return g_strdup_printf("property '%s': value %" PRIu64 " is out of range; "
                           "accepted: %s%" PRIu64 " to %" PRIu64 "%s",
                           r->name, v, r->zero ? "0 or " : "", r->min, r->max,
                           r->power_of_2 ? ", a power of two" : "");
}

char *sdxi_params_problem(const SdxiParams *p, bool iothread)
{
    for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++) {
        char *problem = range_problem(p, &ranges[i]);

        if (problem) {
            return problem;
        }
    }
    if (p->vendor_id == UINT16_MAX) {
        return g_strdup("property 'vendor-id': value 0xffff means that no "
                        "device is there; accepted: 0 to 0xfffe");
    }
    if (iothread && p->workers > 1) {
        return g_strdup_printf("property 'workers': value %" PRIu64 " needs "
                               "threads of its own; accepted with 'iothread': "
                               "1", p->workers);
    }
    if (iothread && p->poll_us) {
        return g_strdup_printf("property 'poll-us': value %" PRIu64 " needs "
                               "threads of its own; accepted with 'iothread': "
                               "0 (its own 'poll-max-ns' does the same)",
                               p->poll_us);
    }
    return NULL;
}

char *sdxi_params_place_problem(const SdxiParams *p, bool express,
                                uint8_t devfn)
{
    if (p->pasid && !express) {
        return g_strdup("property 'pasid': value on needs a PCI Express bus; "
                        "accepted here: off");
    }
    if (p->spdm_port && !express) {
        return g_strdup_printf("property 'spdm_port': value %u needs a PCI "
                               "Express bus; accepted here: 0", p->spdm_port);
    }
    if (p->vfs && !express) {
        return g_strdup_printf("property 'vfs': value %" PRIu64 " needs a PCI "
                               "Express bus; accepted here: 0", p->vfs);
    }
    if (p->vfs > UINT8_MAX - (unsigned)devfn) {
        return g_strdup_printf("property 'vfs': value %" PRIu64 " is out of "
                               "range; accepted at this address: 0 to %u",
                               p->vfs, UINT8_MAX - (unsigned)devfn);
    }
    return NULL;
}

char *sdxi_params_choose_sfunc(const SdxiParams *p,
                               bool (*taken)(void *opaque, uint16_t sfunc),
                               void *opaque, uint16_t *sfunc)
{
    if (p->sfunc && taken(opaque, p->sfunc)) {
        return g_strdup_printf("property 'sfunc': value %" PRIu64 " is taken "
                               "by another function of the same group; "
                               "accepted: 1 to 65535, unique, or 0 to choose",
                               p->sfunc);
    }
    for (unsigned n = p->sfunc ? p->sfunc : 1; n <= UINT16_MAX; n++) {
        if (n == p->sfunc || !taken(opaque, n)) {
            *sfunc = n;
            return NULL;
        }
    }
    return g_strdup("property 'sfunc': all 65535 handles of the group are "
                    "taken");
}

uint32_t sdxi_params_vectors(const SdxiParams *p)
{
    return p->vectors ? p->vectors : MIN(p->contexts + 1, SDXI_VECTORS_MAX);
}

void sdxi_params_config(const SdxiParams *p, uint32_t groups, uint16_t sfunc,
                        SdxiConfig *config)
{
    *config = (SdxiConfig) {
        .contexts = p->contexts,
        .vectors = sdxi_params_vectors(p),
        .max_ring = p->max_ring,
        .max_buffer = p->max_buffer,
        .doorbell_stride = p->doorbell_stride,
        .akeys = p->akeys,
        .rkeys = p->rkeys,
        .errlog = p->errlog,
        .groups = groups,
        .sfunc = sfunc,
        .errlog_shift = p->x_errlog_shift,
        .rkey_pages = p->x_rkey_pages,
    };
}
