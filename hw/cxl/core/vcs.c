/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of virtual switches; see vcs.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/vcs.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlVppb) != 4);
QEMU_BUILD_BUG_ON(sizeof(CxlVcs) != 20 + CXL_VPPBS_MAX * sizeof(CxlVppb));
QEMU_BUILD_BUG_ON(sizeof(CxlVcsTable) != 4 + CXL_VCS_MAX * sizeof(CxlVcs));

static const CxlVppb unbound = { .ld = CXL_WHOLE_PORT };

/* One more than the state that follows; 0: it cannot happen. */
#define TO(state) ((state) + 1)
static const uint8_t next[CXL_VPPB_STATES][CXL_VPPB_EVENTS] = {
    [CXL_UNBOUND] = {
        [CXL_VPPB_BIND] = TO(CXL_BINDING),
        [CXL_VPPB_PLUGGED] = TO(CXL_BOUND),
    },
    [CXL_BINDING] = {
        [CXL_VPPB_DONE] = TO(CXL_BOUND),
        [CXL_VPPB_FAILED] = TO(CXL_UNBOUND),
    },
    [CXL_BOUND] = {
        [CXL_VPPB_UNBIND] = TO(CXL_UNBINDING),
        [CXL_VPPB_GONE] = TO(CXL_UNBOUND),
    },
    [CXL_UNBINDING] = {
        [CXL_VPPB_DONE] = TO(CXL_UNBOUND),
        [CXL_VPPB_FAILED] = TO(CXL_BOUND),
    },
};

int cxl_vcs_next(CxlVppbState state, CxlVppbEvent event)
{
    return next[state][event] - 1;
}

void cxl_vcs_init(CxlVcsTable *t, unsigned count)
{
    assert(count && count <= CXL_VCS_MAX);
    *t = (CxlVcsTable) { .count = count };
    for (unsigned i = 0; i < count; i++) {
        cxl_vcs_set(t, i, 0, 0);
    }
}

void cxl_vcs_set(CxlVcsTable *t, uint8_t vcs, uint8_t usp, unsigned vppbs)
{
    CxlVcs *v = &t->vcs[vcs];

    assert(vcs < t->count && vppbs <= CXL_VPPBS_MAX);
    for (unsigned i = vppbs; i < CXL_VPPBS_MAX; i++) {
        v->vppb[i] = unbound;
    }
    v->enabled = vppbs;
    v->usp = vppbs ? usp : 0;
    v->vppbs = vppbs;
    if (vppbs) {
        v->vppb[0] = (CxlVppb) { CXL_BOUND, usp, CXL_WHOLE_PORT };
    }
}

void cxl_vcs_forget_secrets(CxlVcsTable *t)
{
    for (unsigned i = 0; i < t->count; i++) {
        t->vcs[i].have_secret = false;
        t->vcs[i].secret = (CxlUuid) { };
    }
}

static const CxlVppb *find(const CxlVcsTable *t, uint8_t vcs, uint8_t vppb)
{
    if (vcs >= t->count || vppb >= t->vcs[vcs].vppbs) {
        return NULL;
    }
    return &t->vcs[vcs].vppb[vppb];
}

CxlVppb *cxl_vcs_find(CxlVcsTable *t, uint8_t vcs, uint8_t vppb)
{
    return (CxlVppb *)find(t, vcs, vppb);
}

static bool is_changing(const CxlVppb *v)
{
    return v->state == CXL_BINDING || v->state == CXL_UNBINDING;
}

static bool overlap(const CxlVppb *v, uint8_t port, uint16_t ld)
{
    return v->state != CXL_UNBOUND && v->port == port &&
           (v->ld == ld || v->ld == CXL_WHOLE_PORT || ld == CXL_WHOLE_PORT);
}

const CxlVppb *cxl_vcs_holder(const CxlVcsTable *t, uint8_t port, uint16_t ld,
                              uint8_t *vcs, uint8_t *vppb)
{
    for (unsigned i = 0; i < t->count; i++) {
        for (unsigned k = 0; k < t->vcs[i].vppbs; k++) {
            if (overlap(&t->vcs[i].vppb[k], port, ld)) {
                *vcs = i;
                *vppb = k;
                return &t->vcs[i].vppb[k];
            }
        }
    }
    return NULL;
}

bool cxl_vcs_happens(CxlVcsTable *t, uint8_t vcs, uint8_t vppb,
                     CxlVppbEvent event, uint8_t port, uint16_t ld)
{
    bool places = event == CXL_VPPB_BIND || event == CXL_VPPB_PLUGGED;
    bool starts = event == CXL_VPPB_BIND || event == CXL_VPPB_UNBIND;
    CxlVppb *v = cxl_vcs_find(t, vcs, vppb);
    uint8_t x, y;
    int to;

    if (!v || !vppb) {
        return false;
    }
    to = cxl_vcs_next(v->state, event);
    if (to < 0 || (places && cxl_vcs_holder(t, port, ld, &x, &y)) ||
        (starts && cxl_vcs_under_way(t, &x, &y))) {
        return false;
    }
    if (places) {
        v->port = port;
        v->ld = ld;
    }
    if (to == CXL_UNBOUND) {
        *v = unbound;
    }
    v->state = to;
    return true;
}

bool cxl_vcs_under_way(const CxlVcsTable *t, uint8_t *vcs, uint8_t *vppb)
{
    for (unsigned i = 0; i < t->count; i++) {
        for (unsigned k = 0; k < t->vcs[i].vppbs; k++) {
            if (is_changing(&t->vcs[i].vppb[k])) {
                *vcs = i;
                *vppb = k;
                return true;
            }
        }
    }
    return false;
}

void cxl_vcs_info(const CxlVppb *vppb, CxlVppbInfo *out)
{
    bool whole = vppb->ld == CXL_WHOLE_PORT;

    *out = (CxlVppbInfo) { .ld = CXL_VPPB_NO_LD };
    switch (vppb->state) {
    case CXL_UNBOUND:
        out->status = CXL_VPPB_UNBOUND;
        break;
    case CXL_BOUND:
        out->status = whole ? CXL_VPPB_PORT : CXL_VPPB_LD;
        out->port = vppb->port;
        out->ld = whole ? CXL_VPPB_NO_LD : vppb->ld;
        break;
    default:
        out->status = CXL_VPPB_IN_PROGRESS;
    }
}

static void save_one(const CxlVcs *v, SaveWriter *w)
{
    save_put(w, v->have_secret);
    save_put_bytes(w, &v->secret, sizeof(v->secret));
    save_put(w, v->usp);
    save_put(w, v->vppbs);
    for (unsigned i = 0; i < v->vppbs; i++) {
        save_put(w, v->vppb[i].state);
        save_put(w, v->vppb[i].port);
        save_put(w, v->vppb[i].ld);
    }
}

static void load_one(CxlVcs *v, SaveReader *r)
{
    SAVE_GET(r, v->have_secret);
    save_get_bytes(r, &v->secret, sizeof(v->secret));
    SAVE_GET(r, v->usp);
    v->vppbs = save_get_count(r, "virtual bridges", CXL_VPPBS_MAX, 24);
    v->enabled = v->vppbs;
    for (unsigned i = 0; i < CXL_VPPBS_MAX; i++) {
        v->vppb[i] = unbound;
        if (i < v->vppbs) {
            SAVE_GET(r, v->vppb[i].state);
            SAVE_GET(r, v->vppb[i].port);
            SAVE_GET(r, v->vppb[i].ld);
        }
    }
}

void cxl_vcs_save(const CxlVcsTable *t, SaveWriter *w)
{
    save_put(w, t->count);
    for (unsigned i = 0; i < t->count; i++) {
        save_one(&t->vcs[i], w);
    }
}

void cxl_vcs_load(CxlVcsTable *t, SaveReader *r)
{
    save_get_same(r, "number of virtual switches", t->count);
    for (unsigned i = 0; i < t->count; i++) {
        load_one(&t->vcs[i], r);
    }
}

static const char *check_vppb(const CxlVcsTable *t, const CxlVppb *v)
{
    unsigned holders = 0;

    if (v->state >= CXL_VPPB_STATES) {
        return "state of a virtual bridge";
    }
    if (v->ld != CXL_WHOLE_PORT && v->ld >= CXL_LDS) {
        return "logical device of a virtual bridge";
    }
    if (v->state == CXL_UNBOUND) {
        return v->port || v->ld != CXL_WHOLE_PORT ?
               "an unbound virtual bridge has something" : NULL;
    }
    for (unsigned i = 0; i < t->count; i++) {
        for (unsigned k = 0; k < t->vcs[i].vppbs; k++) {
            holders += overlap(&t->vcs[i].vppb[k], v->port, v->ld);
        }
    }
    return holders == 1 ? NULL : "something is bound twice";
}

static const char *check_one(const CxlVcsTable *t, const CxlVcs *v,
                             unsigned *changing)
{
    if (v->enabled != (v->vppbs > 0) || (!v->enabled && v->usp)) {
        return "virtual switch without a host";
    }
    if (v->enabled && (v->vppb[0].state != CXL_BOUND ||
                       v->vppb[0].port != v->usp)) {
        return "virtual bridge of the upstream port";
    }
    for (unsigned i = 0; i < CXL_VPPBS_MAX; i++) {
        const char *bad = check_vppb(t, &v->vppb[i]);

        if (bad || (i >= v->vppbs && v->vppb[i].state != CXL_UNBOUND)) {
            return bad ?: "virtual bridge that is not there";
        }
        *changing += is_changing(&v->vppb[i]);
    }
    return NULL;
}

const char *cxl_vcs_check(const CxlVcsTable *t)
{
    unsigned changing = 0;
    const char *bad = NULL;

    if (!t->count || t->count > CXL_VCS_MAX) {
        return "number of virtual switches";
    }
    for (unsigned i = 0; i < t->count && !bad; i++) {
        bad = check_one(t, &t->vcs[i], &changing);
    }
    return bad ?: changing > 1 ? "two changes under way" : NULL;
}
