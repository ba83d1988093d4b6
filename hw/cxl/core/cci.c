/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Find the row, apply the gates, call the handler; see cci.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/cci.h"

static uint8_t log2_floor(uint32_t value)
{
    return 31 - clz32(value);
}

static int compare_rows(const void *a, const void *b)
{
    const CxlCmdRow *const *ra = a, *const *rb = b;

    return (int)(*ra)->opcode - (int)(*rb)->opcode;
}

static void collect_rows(CxlCci *cci, const CxlProfile *profile, uint8_t have)
{
    unsigned room = 0;

    for (unsigned s = 0; profile->sets[s]; s++) {
        room += profile->sets[s]->num_rows;
    }
    cci->rows = g_new(const CxlCmdRow *, room);
    for (unsigned s = 0; profile->sets[s]; s++) {
        const CxlCmdSet *set = profile->sets[s];

        for (unsigned i = 0; i < set->num_rows; i++) {
            if (!(set->rows[i].needs & ~have)) {
                cci->rows[cci->num_rows++] = &set->rows[i];
            }
        }
    }
    qsort(cci->rows, cci->num_rows, sizeof(cci->rows[0]), compare_rows);
}

void cxl_cci_init(CxlCci *cci, const CxlProfile *profile, uint8_t have,
                  uint32_t payload_max, CxlTimestamp *clock,
                  const CxlCciOwner *owner_ops, void *owner,
                  const CxlHostOps *ops, void *ops_opaque)
{
    *cci = (CxlCci) {
        .name = profile->name, .ops = ops, .ops_opaque = ops_opaque,
        .owner_ops = owner_ops, .owner = owner,
        .payload_max = payload_max, .clock = clock, .shares = cci,
    };
    cxl_background_init(&cci->bg, owner);
    collect_rows(cci, profile, have);
    cci->identity.max_message = log2_floor(payload_max);
    cci->response_limit = cci->identity.max_message;
}

void cxl_cci_destroy(CxlCci *cci)
{
    cxl_background_destroy(&cci->bg);
    g_free(cci->rows);
}

void cxl_cci_share(CxlCci *cci, CxlCci *first)
{
    assert(first->shares == first && !cci->bg.running);
    cci->shares = first;
}

void cxl_cci_reset(CxlCci *cci)
{
    cxl_background_reset(&cci->bg);
    cci->response_limit = cci->identity.max_message;
    cci->notify_background = false;
}

const CxlCmdRow *cxl_cci_find(const CxlCci *cci, uint16_t opcode)
{
    unsigned lo = 0, hi = cci->num_rows;

    while (lo < hi) {
        unsigned mid = lo + (hi - lo) / 2;

        if (cci->rows[mid]->opcode == opcode) {
            return cci->rows[mid];
        }
        if (cci->rows[mid]->opcode < opcode) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return NULL;
}

static bool asks(bool (*question)(const void *), const void *owner)
{
    return question && question(owner);
}

static CxlRc gates(const CxlCci *cci, const CxlCmdRow *row, uint32_t in_len)
{
    if (in_len < row->in_min || in_len > MIN(row->in_max, cci->payload_max)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (cxl_cci_bg(cci)->running && ((row->effects & CXL_FX_BACKGROUND) ||
                                     (row->gates & CXL_GATE_BUSY))) {
        return CXL_RC_BUSY;
    }
    if ((row->gates & CXL_GATE_MEDIA) &&
        asks(cci->owner_ops->media_disabled, cci->owner)) {
        return CXL_RC_MEDIA_DISABLED;
    }
    if ((row->gates & CXL_GATE_LOCK) &&
        asks(cci->owner_ops->locked, cci->owner)) {
        return CXL_RC_SECURITY_STATE;
    }
    return CXL_RC_SUCCESS;
}

/*
 * What comes first in a response that is as long as there is room takes less
 * than that.  A limit of responses is 256 bytes or more, of which a tunnel
 * takes 16: who comes to less has asked for something odd.
 */
#define PAYLOAD_LEAST 128

static CxlRc run_handler(CxlCci *cci, const CxlCmdRow *row, CxlCall *call)
{
    uint32_t least = row->out_max == CXL_LEN_PAYLOAD ? PAYLOAD_LEAST :
                     row->out_max;
    CxlRc rc;

    if (call->out_max < least) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    memset(call->out, 0, MIN(call->out_max, row->out_max));
    rc = row->handler(call);
    assert(call->out_len <= MIN(call->out_max, row->out_max));
    if (rc == CXL_RC_BACKGROUND) {
        int64_t now = cxl_cci_now(cci);

        assert(row->effects & CXL_FX_BACKGROUND);
        if (cci->owner_ops->pace) {
            cxl_background_stretch(cxl_cci_bg(cci),
                                   cci->owner_ops->pace(cci->owner));
        }
        cxl_background_start(cxl_cci_bg(cci), row->work, row->opcode, now);
        cxl_cci_trace(cci, CXL_TRACE_BG_START, row->opcode,
                      cxl_cci_bg(cci)->duration_ns, 0);
        cci->owner_ops->rearm(cci->owner);
    }
    return rc;
}

CxlRc cxl_cci_execute(CxlCci *cci, uint16_t opcode, const uint8_t *in,
                      uint32_t in_len, uint8_t *out, uint32_t out_max,
                      uint32_t *out_len, uint16_t *vendor)
{
    const CxlCmdRow *row = cxl_cci_find(cci, opcode);
    CxlCall call = {
        .cci = cci, .owner = cci->owner, .row = row, .in = in,
        .in_len = in_len, .out = out,
        .out_max = MIN(out_max, 1u << cci->response_limit),
    };
    CxlRc rc = CXL_RC_UNSUPPORTED;

    cxl_cci_trace(cci, CXL_TRACE_COMMAND, opcode, in_len, 0);
    if (row) {
        rc = gates(cci, row, in_len);
        if (rc == CXL_RC_SUCCESS) {
            rc = run_handler(cci, row, &call);
        }
    }
    *out_len = rc == CXL_RC_SUCCESS ? call.out_len : 0;
    *vendor = call.vendor;
    if (cci->owner_ops->answered) {
        cci->owner_ops->answered(cci->owner, opcode, rc, in_len);
    }
    if (rc != CXL_RC_SUCCESS && rc != CXL_RC_BACKGROUND) {
        cxl_cci_trace(cci, CXL_TRACE_GUEST_ERROR, opcode, rc, in_len);
    } else {
        cxl_cci_trace(cci, CXL_TRACE_RESULT, opcode, rc, *out_len);
    }
    return rc;
}

CxlRc cxl_cci_background(CxlCall *call, const CxlBgRange *ranges,
                         uint32_t num_ranges, uint64_t duration_ns)
{
    cxl_background_prepare(cxl_cci_bg(call->cci), ranges, num_ranges,
                           duration_ns);
    return CXL_RC_BACKGROUND;
}

static void ended(CxlCci *cci)
{
    cxl_cci_trace(cci, CXL_TRACE_BG_DONE, cci->bg.opcode, cci->bg.rc,
                  cci->bg.percent);
    if (cci->owner_ops->bg_ended) {
        cci->owner_ops->bg_ended(cci->owner, cci);
    }
}

void cxl_cci_timer(CxlCci *cci)
{
    if (cxl_background_run(&cci->bg, cxl_cci_now(cci))) {
        ended(cci);
    }
}

void cxl_cci_complete(CxlCci *cci, CxlRc rc)
{
    cci = cci->shares;
    cxl_background_complete(&cci->bg, cxl_cci_now(cci), rc);
    ended(cci);
    cci->owner_ops->rearm(cci->owner);
}

int64_t cxl_cci_deadline(const CxlCci *cci)
{
    return cxl_background_deadline(&cci->bg);
}

CxlRc cxl_cci_abort(CxlCci *cci)
{
    const CxlCmdRow *row;
    bool stopped;

    cci = cci->shares;
    row = cxl_cci_find(cci, cci->bg.opcode);
    /* The register names the last operation, finished or not. */
    if (row && row->work && !row->work->abortable) {
        return CXL_RC_ABORT_UNSUPPORTED;
    }
    if (!cxl_background_abort(&cci->bg, cxl_cci_now(cci), &stopped)) {
        return CXL_RC_ABORT_UNSUPPORTED;
    }
    if (stopped) {
        ended(cci);
        cci->owner_ops->rearm(cci->owner);
    }
    return CXL_RC_SUCCESS;
}

uint32_t cxl_cci_cel_size(const CxlCci *cci)
{
    return cci->num_rows * sizeof(CxlCelEntry);
}

void cxl_cci_cel_read(const CxlCci *cci, uint32_t offset, uint8_t *out,
                      uint32_t len)
{
    assert(offset + len <= cxl_cci_cel_size(cci));
    for (uint32_t i = 0; i < len; i++) {
        const CxlCmdRow *row = cci->rows[(offset + i) / sizeof(CxlCelEntry)];
        uint8_t entry[sizeof(CxlCelEntry)];

        stw_le_p(entry, row->opcode);
        stw_le_p(entry + 2, row->effects);
        out[i] = entry[(offset + i) % sizeof(entry)];
    }
}

void cxl_cci_save(const CxlCci *cci, SaveWriter *w)
{
    cxl_background_save(&cci->bg, w);
}

void cxl_cci_load(CxlCci *cci, SaveReader *r)
{
    const CxlCmdRow *row;

    cxl_background_load(&cci->bg, r);
    row = cxl_cci_find(cci, cci->bg.opcode);
    cci->bg.work = cci->bg.running && row ? row->work : NULL;
    if (cci->bg.running && !cci->bg.work) {
        save_refuse_number(r, "opcode of what runs", cci->bg.opcode);
    }
}

void cxl_cci_limit_save(const CxlCci *cci, SaveWriter *w)
{
    save_put(w, cci->response_limit);
}

void cxl_cci_limit_load(CxlCci *cci, SaveReader *r)
{
    SAVE_GET(r, cci->response_limit);
    if (cci->response_limit < CXL_MAILBOX_PAYLOAD_SHIFT_MIN ||
        cci->response_limit > cci->identity.max_message) {
        save_refuse_number(r, "response limit", cci->response_limit);
        cci->response_limit = cci->identity.max_message;
    }
}

const char *cxl_cmd_set_check(const CxlCmdSet *set)
{
    for (unsigned i = 0; i < set->num_rows; i++) {
        const CxlCmdRow *row = &set->rows[i];
        bool bg = row->effects & CXL_FX_BACKGROUND;

        if (i && row->opcode <= row[-1].opcode) {
            return "opcodes not ascending";
        }
        if (!row->handler || !row->name || !row->section) {
            return "incomplete row";
        }
        if (row->in_min > row->in_max) {
            return "input range";
        }
        if (bg != (row->work != NULL)) {
            return "background effect and work disagree";
        }
        if (row->work && !row->work->fits) {
            return "work without a judge of its arguments";
        }
        if (row->work && row->work->abortable &&
            !(row->effects & CXL_FX_ABORT)) {
            return "abortable but not in the effects";
        }
    }
    return NULL;
}
