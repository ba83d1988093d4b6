/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity that is not the device's own: somebody lends it, and several
 * devices have the same bytes.  What the lender does to a device is here; what
 * he is told is CxlDcLender of core/dcd-pool.h, and how he says it
 * core/borrower.h.
 *
 * The device's pool says then what this host has, and nothing of others: what
 * is free in it may be anybody's.  So nobody but the lender adds and removes
 * (CXL_DC_LENDER_DECIDES), nothing is wiped when it is given back, and what the
 * host does not have alone is not changed by the device itself, by whichever
 * command.  A device whose capacity is lent does not load saved state: what
 * that says of the capacity is not the lender's word.
 *
 * What the host wants of an offer is not its own before the lender has said
 * yes; its command waits as long (cxl_mailbox_hold()).
 */
#ifndef HW_CXL_CORE_DCD_LENT_H
#define HW_CXL_CORE_DCD_LENT_H

#include "hw/cxl/core/dcd-fm.h"

/*
 * The capacity of the view's pool, of which nothing is taken, is @lender's from
 * now on; NULL: the device's own again.
 */
void cxl_dcd_lend(CxlDcView *view, const CxlDcLender *lender, void *opaque);

/*
 * An offer: @pieces are Extents whose value is their sequence number, at least
 * one.  The group, by which the lender is told of its answer; or NULL and a
 * constant sentence in *@why, and nothing has changed.
 */
const ExtentSet *cxl_dcd_lent_offer(CxlDcView *view, const CxlUuid *tag,
                                    const GArray *pieces, const char **why);
/*
 * What the host has of @count ranges is asked back; or, @forced, it and what it
 * was offered of them is taken.  Then direct mappings are gone when this
 * returns, and the lender has been told of each piece.  False: *@why is a
 * constant sentence, and nothing has changed.
 */
bool cxl_dcd_lent_take(CxlDcView *view, const CxlBgRange *ranges,
                       uint32_t count, bool forced, const char **why);
/* No offer holds any longer; what the host wanted it does not get, for @rc. */
void cxl_dcd_lent_withdraw(CxlDcView *view, CxlRc rc);
/* All that the host has leaves it, and no offer holds. */
void cxl_dcd_lent_take_all(CxlDcView *view);

/*
 * May the device itself change what is at @dpa?  The answer holds for *@run of
 * the @len bytes; it is yes where nothing is lent.
 */
bool cxl_dcd_may_change(const CxlDcView *view, uint64_t dpa, uint64_t len,
                        uint64_t *run);

#endif /* HW_CXL_CORE_DCD_LENT_H */
