/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands whose response has hardly any room: nothing is written behind it.
 * ASan looks at each byte, so the room ends where its block of memory does.
 */
#ifndef TESTS_UNIT_CXL_SMALL_ROOM_H
#define TESTS_UNIT_CXL_SMALL_ROOM_H

#include "hw/cxl/core/cci.h"

/* More than the least that a limit of responses can be */
#define SMALL_ROOM_END 260

/* All input of @row is @fill; false: something has begun. */
static inline bool small_room_try(CxlCci *cci, const CxlCmdRow *row,
                                  uint8_t fill, uint32_t room)
{
    g_autofree uint8_t *block = g_malloc(room + 1);
    g_autofree uint8_t *in = g_malloc(row->in_min + 1);
    uint32_t len = UINT32_MAX;
    uint16_t vendor;
    CxlRc rc;

    memset(in, fill, row->in_min + 1);
    rc = cxl_cci_execute(cci, row->opcode, in, row->in_min, block + 1, room,
                         &len, &vendor);
    g_assert_cmpuint(len, <=, room);
    return rc != CXL_RC_BACKGROUND;
}

static inline void small_room_of_row(CxlCci *cci, const CxlCmdRow *row)
{
    for (unsigned fill = 0; fill < 3; fill++) {
        for (uint32_t room = 0; room < SMALL_ROOM_END; room++) {
            if (!small_room_try(cci, row, fill, room)) {
                return;
            }
        }
    }
}

static inline void small_room_of_all(CxlCci *cci)
{
    for (unsigned i = 0; i < cci->num_rows; i++) {
        small_room_of_row(cci, cci->rows[i]);
    }
}

#endif /* TESTS_UNIT_CXL_SMALL_ROOM_H */
