/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device "cxl-mld": what the logical devices of a multi-logical device
 * have in common.  Private to the glue floor.
 *
 * Each logical device is a "cxl-type3" with the properties mld and ld, which
 * joins while it is realized; the MLD is at the switch below which they are.
 */
#ifndef HW_CXL_SWITCH_MLD_H
#define HW_CXL_SWITCH_MLD_H

#include "hw/core/qdev.h"
#include "hw/cxl/core/mld.h"

#define TYPE_CXL_MLD "cxl-mld"
OBJECT_DECLARE_SIMPLE_TYPE(CxlMldDev, CXL_MLD)

struct CxlMldDev {
    /*< private >*/
    DeviceState parent_obj;

    /*< public >*/
    CxlMld *core;               /* from realize until the object dies */
    DeviceState *ld[CXL_MLD_LDS];
    Error *blocker;
    /* Properties, which say something else once it was taken out */
    uint8_t lds, given_port;
    uint8_t port;               /* of the switch; physical number */
    uint64_t sn;
};

/* @ld is a number that nobody has, and @dev its function from now on. */
bool cxl_mld_join(CxlMldDev *m, unsigned ld, DeviceState *dev, CxlCci *cci,
                  uint64_t volatile_len, uint64_t persistent_len,
                  Error **errp);
/* No more, if it is. */
void cxl_mld_leave(CxlMldDev *m, DeviceState *dev);

#endif
