/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of reset of a CXL device, CXL r3.1 9.4 to 9.7.  What each does to
 * an endpoint is a table in core/endpoint-reset.c, to its memory one in
 * core/device.c.
 */
#ifndef HW_CXL_CORE_RESET_H
#define HW_CXL_CORE_RESET_H

typedef enum CxlResetKind {
    CXL_RESET_COLD,      /* power: volatile contents and counters are lost */
    CXL_RESET_HOT,       /* conventional reset without a loss of power */
    CXL_RESET_CXL_CLEAR, /* CXL reset with memory clear */
    CXL_RESET_CXL,       /* CXL reset without */
    CXL_RESET_FUNCTION,  /* function level reset: what is PCIe's alone */
    CXL_RESET_KINDS
} CxlResetKind;

#endif /* HW_CXL_CORE_RESET_H */
