/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of `sdxi`.
 */
#ifndef HW_DMA_SDXI_PROPS_H
#define HW_DMA_SDXI_PROPS_H

#include "qom/object.h"

struct SdxiPci;

/* Adds the properties, and what -device sdxi,help says about them. */
void sdxi_props_add(ObjectClass *oc);
/* Also chooses how many vectors there are, if that was not said. */
bool sdxi_props_check(struct SdxiPci *s, Error **errp);

#endif
