/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poison and Scan Media, 43xxh: the commands on core/poison.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/dcd-lent.h"
#include "hw/cxl/core/mediaops.h"

/*
 * A query in lines as a range of bytes that is inside the device.  It may be
 * empty: Linux asks for the poison of what a partition has left behind the
 * last region, and takes a refusal for the failure of the whole list.
 */
static CxlRc parse_range(const CxlMemdev *dev, const uint8_t *in,
                         uint64_t *dpa, uint64_t *len)
{
    const CxlPoisonRangeIn *range = (const void *)in;
    uint64_t lines = ldq_le_p(&range->lines);

    *dpa = ldq_le_p(&range->dpa);
    if (*dpa % CXL_POISON_LINE) {
        return CXL_RC_INVALID_INPUT;
    }
    if (*dpa > cxl_memdev_dpa_end(dev) ||
        lines > UINT64_MAX / CXL_POISON_LINE) {
        return CXL_RC_INVALID_DPA;
    }
    *len = lines * CXL_POISON_LINE;
    return !lines || cxl_memdev_contains(dev, *dpa, *len) ? CXL_RC_SUCCESS :
           CXL_RC_INVALID_DPA;
}

/* The same where nothing to do makes no sense. */
static CxlRc parse_some(const CxlMemdev *dev, const uint8_t *in,
                        uint64_t *dpa, uint64_t *len)
{
    CxlRc rc = parse_range(dev, in, dpa, len);

    return rc == CXL_RC_SUCCESS && !*len ? CXL_RC_INVALID_INPUT : rc;
}

static CxlRc get_list(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    CxlPoisonListOut *out = (CxlPoisonListOut *)call->out;
    unsigned room = (call->out_max - sizeof(*out)) / sizeof(CxlPoisonRecord);
    uint64_t dpa, len;
    unsigned n;
    bool more;
    CxlRc rc = parse_range(dev, call->in, &dpa, &len);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    n = cxl_poison_list(&dev->poison, dpa, len, out->records,
                        MIN(room, UINT16_MAX), &more);
    if (more) {
        out->flags |= CXL_POISON_LIST_MORE;
    }
    if (dev->poison.overflow) {
        out->flags |= CXL_POISON_LIST_OVERFLOW;
        stq_le_p(&out->overflow_time, dev->poison.overflow_time);
    }
    if (dev->cci.bg.running && dev->cci.bg.opcode == CXL_OP_SCAN_MEDIA) {
        out->flags |= CXL_POISON_LIST_SCANNING;
    }
    stw_le_p(&out->count, n);
    call->out_len = sizeof(*out) + n * sizeof(CxlPoisonRecord);
    return CXL_RC_SUCCESS;
}

static CxlRc check_line(const CxlMemdev *dev, uint64_t dpa)
{
    if (dpa % CXL_POISON_LINE) {
        return CXL_RC_INVALID_INPUT;
    }
    return cxl_memdev_contains(dev, dpa, CXL_POISON_LINE) ? CXL_RC_SUCCESS :
           CXL_RC_INVALID_DPA;
}

static CxlRc inject(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint64_t dpa = ldq_le_p(call->in);
    CxlRc rc = check_line(dev, dpa);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (extentset_overlaps(&dev->poison.lines, dpa, CXL_POISON_LINE)) {
        return CXL_RC_SUCCESS;
    }
    if (cxl_poison_inject_full(&dev->poison)) {
        return CXL_RC_INJECT_LIMIT;
    }
    cxl_mediaops_poison(dev, dpa, CXL_POISON_LINE, CXL_POISON_INJECTED);
    return CXL_RC_SUCCESS;
}

static CxlRc clear(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlPoisonClearIn *in = (const void *)call->in;
    uint64_t dpa = ldq_le_p(&in->dpa);
    uint64_t run;
    CxlRc rc = check_line(dev, dpa);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (!cxl_dcd_may_change(&dev->dc_view, dpa, CXL_POISON_LINE, &run)) {
        return CXL_RC_INVALID_DPA;
    }
    if (!cxl_poison_removable(&dev->poison, dpa, CXL_POISON_LINE)) {
        return CXL_RC_RESOURCES;
    }
    if (!dev->store->dpa_write(dev->store_opaque, dpa, in->data,
                               sizeof(in->data))) {
        return CXL_RC_MEDIA_FAILURE;
    }
    cxl_mediaops_clear_poison(dev, dpa, CXL_POISON_LINE);
    return CXL_RC_SUCCESS;
}

/* The share of the whole device's time that the range takes. */
static uint64_t scan_ns(const CxlMemdev *dev, uint64_t len)
{
    uint64_t end = cxl_memdev_dpa_end(dev);

    return (double)dev->cfg.scan_ns * len / end + 1;
}

static CxlRc scan_caps(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint64_t dpa, len;
    CxlRc rc = parse_some(dev, call->in, &dpa, &len);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    stl_le_p(call->out, MIN(UINT32_MAX, scan_ns(dev, len) / 1000000 + 1));
    call->out_len = 4;
    return CXL_RC_SUCCESS;
}

/* Arguments in CxlBackground, beside the one range */
enum { SCAN_FLAGS, SCAN_DONE };

static CxlRc scan(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlScanIn *in = (const void *)call->in;
    CxlBgRange range;
    CxlRc rc = parse_some(dev, call->in, &range.start, &range.len);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (in->flags & ~CXL_SCAN_NO_EVENT) {
        return CXL_RC_INVALID_INPUT;
    }
    call->cci->bg.args[SCAN_FLAGS] = in->flags;
    call->cci->bg.args[SCAN_DONE] = 0;
    cxl_poison_scan_begin(&dev->poison);
    return cxl_cci_background(call, &range, 1, scan_ns(dev, range.len));
}

static CxlRc scan_step(void *owner, CxlBackground *bg, uint64_t offset,
                       uint64_t len)
{
    CxlMemdev *dev = owner;
    uint64_t dpa = bg->ranges[0].start + offset;

    if (bg->args[SCAN_DONE] != offset) {
        return CXL_RC_SUCCESS;  /* the results are full: it stopped there */
    }
    cxl_mediaops_discover(dev, dpa, len, CXL_EVTXN_SCAN_MEDIA,
                          !(bg->args[SCAN_FLAGS] & CXL_SCAN_NO_EVENT));
    if (cxl_poison_scan_piece(&dev->poison, dpa, len)) {
        bg->args[SCAN_DONE] = offset + len;
    }
    return CXL_RC_SUCCESS;
}

static CxlRc scan_finish(void *owner, CxlBackground *bg, CxlRc rc)
{
    CxlMemdev *dev = owner;

    cxl_poison_scan_end(&dev->poison, bg->ranges[0].start, bg->ranges[0].len,
                        bg->args[SCAN_DONE]);
    /* A scan of everything is what ends an overflow, if it can end. */
    if (dev->poison.overflow) {
        cxl_poison_relist(&dev->poison, cxl_memdev_stamp(dev));
    }
    return rc;
}

static bool scan_fits(const void *owner, const CxlBackground *bg)
{
    return cxl_memdev_ranges_fit(owner, bg) && bg->num_ranges == 1 &&
           !(bg->args[SCAN_FLAGS] & ~(uint64_t)CXL_SCAN_NO_EVENT) &&
           bg->args[SCAN_DONE] <= bg->ranges[0].len;
}

static const CxlBgWork scan_work = {
    .step = scan_step, .finish = scan_finish, .fits = scan_fits,
    .abortable = true,
};

static CxlRc scan_results(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    CxlPoisonScan *scan = &dev->poison.scan;
    CxlScanOut *out = (CxlScanOut *)call->out;
    unsigned room = (call->out_max - sizeof(*out)) / sizeof(CxlPoisonRecord);
    unsigned n;
    bool more;

    if (!scan->valid) {
        return CXL_RC_UNSUPPORTED;
    }
    n = cxl_poison_scan_results(&dev->poison, out->records,
                                MIN(room, UINT16_MAX), &more);
    stq_le_p(&out->restart_dpa, scan->restart_dpa);
    stq_le_p(&out->restart_lines, scan->restart_len / CXL_POISON_LINE);
    out->flags = (more ? CXL_SCAN_OUT_MORE : 0) |
                 (scan->stopped ? CXL_SCAN_OUT_STOPPED : 0);
    stw_le_p(&out->count, n);
    call->out_len = sizeof(*out) + n * sizeof(CxlPoisonRecord);
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow media_rows[] = {
    { .opcode = CXL_OP_POISON_LIST, .name = "Get Poison List",
      .in_min = sizeof(CxlPoisonRangeIn), .in_max = sizeof(CxlPoisonRangeIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get_list,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .section = "8.2.9.9.4.1" },
    { .opcode = CXL_OP_POISON_INJECT, .name = "Inject Poison",
      .in_min = 8, .in_max = 8, .handler = inject, .effects = CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .section = "8.2.9.9.4.2" },
    { .opcode = CXL_OP_POISON_CLEAR, .name = "Clear Poison",
      .in_min = sizeof(CxlPoisonClearIn), .in_max = sizeof(CxlPoisonClearIn),
      .handler = clear, .effects = CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .section = "8.2.9.9.4.3" },
    { .opcode = CXL_OP_SCAN_CAPS, .name = "Get Scan Media Capabilities",
      .in_min = sizeof(CxlPoisonRangeIn), .in_max = sizeof(CxlPoisonRangeIn),
      .out_max = 4, .handler = scan_caps, .gates = CXL_GATE_LOCK,
      .section = "8.2.9.9.4.4" },
    { .opcode = CXL_OP_SCAN_MEDIA, .name = "Scan Media",
      .in_min = sizeof(CxlScanIn), .in_max = sizeof(CxlScanIn),
      .handler = scan, .work = &scan_work,
      .effects = CXL_FX_DATA | CXL_FX_BACKGROUND | CXL_FX_ABORT,
      .gates = CXL_GATE_MEDIA | CXL_GATE_LOCK, .section = "8.2.9.9.4.5" },
    { .opcode = CXL_OP_SCAN_RESULTS, .name = "Get Scan Media Results",
      .out_max = CXL_LEN_PAYLOAD, .handler = scan_results,
      .gates = CXL_GATE_LOCK, .section = "8.2.9.9.4.6" },
};

const CxlCmdSet cxl_set_media = {
    "Media and poison management", media_rows, ARRAY_SIZE(media_rows),
};

const CxlCmdSet cxl_set_poison_list = {
    "Poison (read only)", media_rows, 1,
};
