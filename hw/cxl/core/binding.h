/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a binding changes: from the command through the background operation to
 * the answer of the world, and the events that tell of it.
 * CXL r3.1 7.6.6.5, 7.6.6.6, 7.6.7.2.
 *
 * The operation waits for the world: it ends with its answer, or after
 * CXL_BINDING_NS without one, and then nothing has changed.  The tables are
 * core/vcs.c, the commands cci/vcs.c.
 */
#ifndef HW_CXL_CORE_BINDING_H
#define HW_CXL_CORE_BINDING_H

#include "hw/cxl/core/switch.h"

/* A host that does not let a device go in this time keeps it. */
#define CXL_BINDING_NS (60ll * 1000 * 1000 * 1000)

/* Of the rows of 5201h and 5202h */
extern const CxlBgWork cxl_binding_work;

/*
 * Begin a change; the caller has judged it.  Background, or Invalid Input if
 * the tables do not allow it.
 */
CxlRc cxl_binding_bind(CxlCall *call, const CxlBindIn *in);
CxlRc cxl_binding_unbind(CxlCall *call, const CxlUnbindIn *in);

/*
 * The world has done what CxlSwitchOps.bind or .unbind asked for, or cannot.
 * False if nobody waits for that any more; what has been done is then to be
 * undone.
 */
bool cxl_binding_answer(CxlSwitch *sw, uint8_t vcs, uint8_t vppb, bool done);

/*
 * While CxlSwitchOps.refresh runs.  Virtual switch @vcs has a host; see
 * cxl_vcs_set().
 */
void cxl_switch_host_is(CxlSwitch *sw, uint8_t vcs, uint8_t usp,
                        unsigned vppbs);
/*
 * What the host sees below a vPPB: nothing, or (@bound) that.  No news of one
 * whose change is under way.
 */
void cxl_switch_vppb_is(CxlSwitch *sw, uint8_t vcs, uint8_t vppb, bool bound,
                        uint8_t port, uint16_t ld);

/* A loaded state counts: the world follows it. */
void cxl_binding_loaded(CxlSwitch *sw);

#endif /* HW_CXL_CORE_BINDING_H */
