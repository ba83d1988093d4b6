/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IntrGrp, SDXI 1.0 Table 6-12: an interrupt as a descriptor of its own.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/exec.h"
#include "hw/dma/sdxi/ops/groups.h"

static SdxiOutcome interrupt(SdxiExec *x)
{
    return sdxi_exec_interrupt(x, x->op->akey[0]);
}

static const SdxiOpRow rows[] = {
    { .subtype = SDXI_INTR_INTR, .shape = SDXI_SHAPE_INTR,
      .name = "INTR", .run = interrupt, .repeatable = true,
      .section = "Table 6-12" },
};

const SdxiOpGroup sdxi_group_intr = {
    .type = SDXI_TYPE_INTR, .name = "IntrGrp",
    .rows = rows, .num_rows = ARRAY_SIZE(rows),
};
