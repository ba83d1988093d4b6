/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sanitize, Secure Erase, Media Operations, 44xxh.  Wiping itself is in
 * core/mediaops.c; it advances with the virtual clock.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"

#define GRANULARITY CXL_POISON_LINE
#define ZERO_PATTERN 0

enum { ARG_PATTERN };

typedef struct Wipe {
    CxlMemdev *dev;
    uint8_t pattern;
} Wipe;

static CxlRc wipe_piece(void *opaque, uint64_t dpa, uint64_t len)
{
    const Wipe *wipe = opaque;

    return cxl_mediaops_wipe(wipe->dev, dpa, len, wipe->pattern) ?
           CXL_RC_SUCCESS : CXL_RC_INTERNAL;
}

static CxlRc wipe_step(void *owner, CxlBackground *bg, uint64_t offset,
                       uint64_t len)
{
    Wipe wipe = { .dev = owner, .pattern = bg->args[ARG_PATTERN] };

    return cxl_background_pieces(bg, offset, len, wipe_piece, &wipe);
}

/* The share of the whole device's time that @len bytes take. */
static uint64_t wipe_ns(const CxlMemdev *dev, uint64_t len)
{
    return (double)dev->cfg.sanitize_ns * len / cxl_memdev_dpa_end(dev) + 1;
}

/* All that a command would have put there */
static bool pattern_known(uint64_t pattern)
{
    return pattern == CXL_SANITIZE_PATTERN || pattern == ZERO_PATTERN;
}

static bool wipe_fits(const void *owner, const CxlBackground *bg)
{
    return cxl_memdev_ranges_fit(owner, bg) &&
           pattern_known(bg->args[ARG_PATTERN]);
}

static CxlRc sanitize(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    CxlBgRange ranges[1 + CXL_MEMDEV_DC_REGIONS];
    unsigned n = cxl_memdev_ranges(dev, ranges);

    if (!cxl_security_allows_erase(&dev->security)) {
        return CXL_RC_SECURITY_STATE;
    }
    cxl_memdev_set_media_state(dev, CXL_MEDIA_DISABLED);
    call->cci->bg.args[ARG_PATTERN] = CXL_SANITIZE_PATTERN;
    return cxl_cci_background(call, ranges, n, dev->cfg.sanitize_ns);
}

/*
 * Unless all of it succeeded, nothing of the media is shown to anybody before
 * another sanitize has: they stay disabled.
 */
static CxlRc sanitize_finish(void *owner, CxlBackground *bg G_GNUC_UNUSED,
                             CxlRc rc)
{
    CxlMemdev *dev = owner;

    if (rc == CXL_RC_SUCCESS) {
        cxl_events_purge(&dev->events);
        if (!cxl_mediaops_wipe_labels(dev)) {
            rc = CXL_RC_INTERNAL;
        }
    }
    if (rc == CXL_RC_SUCCESS) {
        cxl_memdev_set_media_state(dev, CXL_MEDIA_READY);
    }
    return rc;
}

static const CxlBgWork sanitize_work = {
    .step = wipe_step, .finish = sanitize_finish, .fits = wipe_fits,
    .abortable = true,
};

static CxlRc secure_erase(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    if (!cxl_security_allows_erase(&dev->security)) {
        return CXL_RC_SECURITY_STATE;
    }
    return cxl_mediaops_erase_persistent(dev) ? CXL_RC_SUCCESS :
           CXL_RC_INTERNAL;
}

/* Class and subclass of the operations, and what they leave behind. */
typedef struct MediaOp {
    uint8_t class, subclass;
    uint8_t pattern;
} MediaOp;

enum { OP_DISCOVERY, OP_SANITIZE, OP_ZERO };

static const MediaOp media_ops[] = {
    [OP_DISCOVERY] = { 0, 0, 0 },
    [OP_SANITIZE] = { 1, 0, CXL_SANITIZE_PATTERN },
    [OP_ZERO] = { 1, 1, ZERO_PATTERN },
};

#define DISCOVERY_IN 4 /* start index, count */

/*
 * Which operations there are, itself not among them, CXL r3.2 8.2.10.9.5.3.
 * Answers at once although the command may run in the background: success
 * without having started anything.
 */
static CxlRc discovery(CxlCall *call, uint32_t count)
{
    const CxlMediaOpIn *in = (const void *)call->in;
    CxlMediaOpDiscovery *out = (CxlMediaOpDiscovery *)call->out;
    const MediaOp *ops = &media_ops[OP_DISCOVERY + 1];
    unsigned total = ARRAY_SIZE(media_ops) - 1, start, n;

    if (call->in_len != sizeof(*in) + DISCOVERY_IN) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    start = lduw_le_p(in->body);
    n = lduw_le_p(in->body + 2);
    if (count || start >= total) {
        return CXL_RC_INVALID_INPUT;
    }
    n = MIN(n, total - start);
    stq_le_p(&out->granularity, GRANULARITY);
    stw_le_p(&out->total, total);
    stw_le_p(&out->count, n);
    for (unsigned i = 0; i < n; i++) {
        out->ops[i].class = ops[start + i].class;
        out->ops[i].subclass = ops[start + i].subclass;
    }
    call->out_len = sizeof(*out) + n * sizeof(out->ops[0]);
    return CXL_RC_SUCCESS;
}

static CxlRc parse_ranges(const CxlCall *call, uint32_t count,
                          CxlBgRange *ranges, uint64_t *total)
{
    const CxlMemdev *dev = call->owner;
    const CxlMediaOpIn *in = (const void *)call->in;

    *total = 0;
    for (uint32_t i = 0; i < count; i++) {
        const CxlMediaOpRange *r =
            (const void *)(in->body + i * sizeof(CxlMediaOpRange));
        uint64_t dpa = ldq_le_p(&r->dpa), len = ldq_le_p(&r->length);

        if (!len || dpa % GRANULARITY || len % GRANULARITY) {
            return CXL_RC_INVALID_INPUT;
        }
        if (!cxl_memdev_contains(dev, dpa, len)) {
            return CXL_RC_INVALID_DPA;
        }
        ranges[i] = (CxlBgRange) { dpa, len };
        if (len > UINT64_MAX - *total) {
            return CXL_RC_INVALID_INPUT;
        }
        *total += len;
    }
    return CXL_RC_SUCCESS;
}

static CxlRc wipe_ranges(CxlCall *call, const MediaOp *op, uint32_t count)
{
    CxlMemdev *dev = call->owner;
    g_autofree CxlBgRange *ranges = NULL;
    uint64_t total;
    CxlRc rc;

    if (call->in_len - sizeof(CxlMediaOpIn) !=
        (uint64_t)count * sizeof(CxlMediaOpRange)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!count || count > CXL_BG_MAX_RANGES) {
        return CXL_RC_INVALID_INPUT;
    }
    ranges = g_try_new(CxlBgRange, count);
    if (!ranges) {
        return CXL_RC_RESOURCES;
    }
    rc = parse_ranges(call, count, ranges, &total);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    call->cci->bg.args[ARG_PATTERN] = op->pattern;
    return cxl_cci_background(call, ranges, count, wipe_ns(dev, total));
}

static CxlRc media_operation(CxlCall *call)
{
    const CxlMediaOpIn *in = (const void *)call->in;
    uint32_t count = ldl_le_p(&in->count);

    for (unsigned i = 0; i < ARRAY_SIZE(media_ops); i++) {
        if (in->class == media_ops[i].class &&
            in->subclass == media_ops[i].subclass) {
            return i == OP_DISCOVERY ? discovery(call, count) :
                   wipe_ranges(call, &media_ops[i], count);
        }
    }
    return CXL_RC_UNSUPPORTED;
}

static const CxlBgWork media_op_work = {
    .step = wipe_step, .fits = wipe_fits, .abortable = true,
};

static const CxlCmdRow sanitize_rows[] = {
    { .opcode = CXL_OP_SANITIZE, .name = "Sanitize", .handler = sanitize,
      .work = &sanitize_work,
      .effects = CXL_FX_DATA | CXL_FX_SECURITY | CXL_FX_BACKGROUND |
                 CXL_FX_ABORT,
      /* Not the media gate: it is what makes them ready again. */
      .gates = CXL_GATE_LOCK, .section = "8.2.9.9.5.1" },
    { .opcode = CXL_OP_SECURE_ERASE, .name = "Secure Erase",
      .handler = secure_erase, .effects = CXL_FX_DATA | CXL_FX_SECURITY,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK | CXL_GATE_BUSY,
      .needs = CXL_NEED_PERSISTENT, .section = "8.2.9.9.5.2" },
    { .opcode = CXL_OP_MEDIA_OPERATION, .name = "Media Operations",
      .in_min = sizeof(CxlMediaOpIn), .in_max = CXL_LEN_PAYLOAD,
      .out_max = CXL_LEN_PAYLOAD, .handler = media_operation,
      .work = &media_op_work,
      .effects = CXL_FX_DATA | CXL_FX_BACKGROUND | CXL_FX_ABORT,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .section = "8.2.9.9.5.3" },
};

const CxlCmdSet cxl_set_sanitize = {
    "Sanitize and media operations", sanitize_rows, ARRAY_SIZE(sanitize_rows),
};
