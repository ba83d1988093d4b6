/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bindings as background operations; see binding.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/core/event-records.h"

/* Arguments of the operation */
enum { ARG_VCS, ARG_VPPB, ARG_OPTION, ARG_ANSWERED };

static void tell(CxlSwitch *sw, unsigned log, uint8_t vcs, uint8_t vppb)
{
    uint16_t link = 0, slot = 0;
    CxlVppb *v = cxl_vcs_find(&sw->vcs, vcs, vppb);
    CxlVppbInfo info;
    CxlEvVcs rec;

    if (v) {
        cxl_vcs_info(v, &info);
        sw->switch_ops->controls(sw->ops_opaque, vcs, vppb, &link, &slot);
        cxl_evrec_vcs(&rec, CXL_EVVCS_BINDING, vcs, vppb, &info, link, slot);
        cxl_switch_event(sw, log, &rec);
    }
}

/* At its time without an answer, with one, aborted, or reset away */
static CxlRc finish(void *owner, CxlBackground *bg, CxlRc rc)
{
    CxlSwitch *sw = owner;
    uint8_t vcs = bg->args[ARG_VCS], vppb = bg->args[ARG_VPPB];
    bool done = rc == CXL_RC_SUCCESS && bg->args[ARG_ANSWERED];

    if (!bg->args[ARG_ANSWERED]) {
        sw->switch_ops->give_up(sw->ops_opaque, vcs, vppb);
    }
    cxl_vcs_happens(&sw->vcs, vcs, vppb,
                    done ? CXL_VPPB_DONE : CXL_VPPB_FAILED, 0, 0);
    tell(sw, done ? CXL_EVLOG_INFO : CXL_EVLOG_WARNING, vcs, vppb);
    return rc == CXL_RC_SUCCESS && !done ? CXL_RC_RETRY : rc;
}

static bool is_under_way(const CxlSwitch *sw, const CxlBackground *bg)
{
    uint8_t vcs, vppb;

    return cxl_vcs_under_way(&sw->vcs, &vcs, &vppb) &&
           bg->args[ARG_VCS] == vcs && bg->args[ARG_VPPB] == vppb;
}

static bool fits(const void *owner, const CxlBackground *bg)
{
    return !bg->num_ranges && bg->args[ARG_OPTION] < CXL_UNBIND_OPTIONS &&
           bg->args[ARG_ANSWERED] <= 1 && is_under_way(owner, bg);
}

const CxlBgWork cxl_binding_work = {
    .finish = finish, .fits = fits, .abortable = true,
};

static CxlRc begin(CxlCall *call, uint8_t vcs, uint8_t vppb, uint8_t option)
{
    CxlRc rc = cxl_cci_background(call, NULL, 0, CXL_BINDING_NS);
    uint64_t *args = cxl_cci_bg(call->cci)->args;

    args[ARG_VCS] = vcs;
    args[ARG_VPPB] = vppb;
    args[ARG_OPTION] = option;
    args[ARG_ANSWERED] = 0;
    return rc;
}

CxlRc cxl_binding_bind(CxlCall *call, const CxlBindIn *in)
{
    CxlSwitch *sw = call->owner;
    uint16_t ld = lduw_le_p(&in->ld);

    if (!cxl_vcs_happens(&sw->vcs, in->vcs, in->vppb, CXL_VPPB_BIND, in->port,
                         ld)) {
        return CXL_RC_INVALID_INPUT;
    }
    sw->switch_ops->bind(sw->ops_opaque, in->vcs, in->vppb, in->port, ld);
    return begin(call, in->vcs, in->vppb, 0);
}

CxlRc cxl_binding_unbind(CxlCall *call, const CxlUnbindIn *in)
{
    CxlSwitch *sw = call->owner;

    if (!cxl_vcs_happens(&sw->vcs, in->vcs, in->vppb, CXL_VPPB_UNBIND, 0, 0)) {
        return CXL_RC_INVALID_INPUT;
    }
    sw->switch_ops->unbind(sw->ops_opaque, in->vcs, in->vppb, in->option,
                           false);
    return begin(call, in->vcs, in->vppb, in->option);
}

static bool is_ours(const CxlBackground *bg)
{
    return bg->running && bg->work == &cxl_binding_work;
}

bool cxl_binding_answer(CxlSwitch *sw, uint8_t vcs, uint8_t vppb, bool done)
{
    CxlBackground *bg = &sw->cci.bg;

    if (!is_ours(bg) || bg->args[ARG_VCS] != vcs ||
        bg->args[ARG_VPPB] != vppb) {
        return false;
    }
    bg->args[ARG_ANSWERED] = 1;
    cxl_cci_complete(&sw->cci, done ? CXL_RC_SUCCESS : CXL_RC_RETRY);
    return true;
}

void cxl_switch_host_is(CxlSwitch *sw, uint8_t vcs, uint8_t usp,
                        unsigned vppbs)
{
    CxlBackground *bg = &sw->cci.bg;

    if (is_ours(bg) && bg->args[ARG_VCS] == vcs &&
        bg->args[ARG_VPPB] >= vppbs) {
        cxl_cci_complete(&sw->cci, CXL_RC_RETRY);
    }
    cxl_vcs_set(&sw->vcs, vcs, usp, vppbs);
}

void cxl_switch_vppb_is(CxlSwitch *sw, uint8_t vcs, uint8_t vppb, bool bound,
                        uint8_t port, uint16_t ld)
{
    CxlVppb *v = cxl_vcs_find(&sw->vcs, vcs, vppb);

    if (!v || v->state == CXL_BINDING || v->state == CXL_UNBINDING) {
        return;
    }
    if (v->state == CXL_BOUND &&
        (!bound || v->port != port || v->ld != ld) &&
        cxl_vcs_happens(&sw->vcs, vcs, vppb, CXL_VPPB_GONE, 0, 0)) {
        tell(sw, CXL_EVLOG_INFO, vcs, vppb);
    }
    if (bound && v->state == CXL_UNBOUND &&
        cxl_vcs_happens(&sw->vcs, vcs, vppb, CXL_VPPB_PLUGGED, port, ld)) {
        tell(sw, CXL_EVLOG_INFO, vcs, vppb);
    }
}

static void place(CxlSwitch *sw, uint8_t vcs, uint8_t vppb)
{
    const CxlVppb *v = cxl_vcs_find(&sw->vcs, vcs, vppb);
    bool bound = v->state == CXL_BOUND || v->state == CXL_UNBINDING;

    sw->switch_ops->place(sw->ops_opaque, vcs, vppb, bound, v->port, v->ld);
}

void cxl_binding_loaded(CxlSwitch *sw)
{
    const CxlBackground *bg = &sw->cci.bg;
    const CxlVppb *v;

    for (unsigned i = 0; i < sw->vcs.count; i++) {
        for (unsigned k = 1; k < sw->vcs.vcs[i].vppbs; k++) {
            place(sw, i, k);
        }
    }
    if (!is_ours(bg)) {
        return;
    }
    v = cxl_vcs_find(&sw->vcs, bg->args[ARG_VCS], bg->args[ARG_VPPB]);
    if (v->state == CXL_BINDING) {
        sw->switch_ops->bind(sw->ops_opaque, bg->args[ARG_VCS],
                             bg->args[ARG_VPPB], v->port, v->ld);
    } else {
        sw->switch_ops->unbind(sw->ops_opaque, bg->args[ARG_VCS],
                               bg->args[ARG_VPPB], bg->args[ARG_OPTION],
                               true);
    }
}
