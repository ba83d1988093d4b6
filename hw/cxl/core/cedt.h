/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL Early Discovery Table, CXL r3.1 9.18: what describes the windows, as
 * bytes.  CXL r3.1 9.18.1.3 (CFMWS) and 9.18.1.4 (CXIMS).
 */
#ifndef HW_CXL_CORE_CEDT_H
#define HW_CXL_CORE_CEDT_H

#include "qemu/bitops.h"
#include "hw/cxl/core/interleave.h"

/* Window Restrictions: what the window can be used for */
#define CXL_CEDT_DEVICE_COHERENT    BIT(0)
#define CXL_CEDT_HOST_COHERENT      BIT(1)
#define CXL_CEDT_VOLATILE           BIT(2)
#define CXL_CEDT_PERSISTENT         BIT(3)
#define CXL_CEDT_FIXED              BIT(4)
#define CXL_CEDT_BACK_INVALIDATE    BIT(5)

#define CXL_CEDT_XOR_MAPS           4

/* What of a window a person can choose */
typedef struct CxlCedtWindow {
    uint16_t restrictions;      /* CXL_CEDT_...; 0: as they are */
    uint16_t qtg;
    bool xor;                   /* arithmetic: XOR instead of modulo */
} CxlCedtWindow;

/* More windows than any machine has */
#define CXL_CEDT_WINDOWS 64

/* Maps of the position bits of a XOR window with granularity code @ig */
void cxl_cedt_xor_maps(unsigned ig, uint64_t maps[CXL_CEDT_XOR_MAPS]);

/*
 * Change the structure of the window that is the @n-th in the order of
 * addresses; a table without it stays as it is.  False: there is none.
 */
bool cxl_cedt_set_window(GArray *cedt, unsigned n, const CxlCedtWindow *w);
/*
 * What the _DSM for QTG IDs recommends (CXL r3.1 9.17.3.1): those of @windows
 * (NULL: 0), @count of them, each once and in their order, the first suits
 * best.  Returns how many; *@most is the greatest.
 */
unsigned cxl_cedt_recommend(const CxlCedtWindow *const *windows,
                            unsigned count, uint16_t ids[CXL_CEDT_WINDOWS],
                            uint16_t *most);
/* Append a CXIMS for each granularity that a XOR window with maps has. */
void cxl_cedt_add_maps(GArray *cedt);

#endif /* HW_CXL_CORE_CEDT_H */
