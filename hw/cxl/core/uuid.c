/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UUIDs as text; see uuid.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/uuid.h"

bool cxl_uuid_parse(const char *text, CxlUuid *uuid)
{
    if (!g_uuid_string_is_valid(text)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof(uuid->b); text += 2) {
        text += *text == '-';
        uuid->b[i++] = g_ascii_xdigit_value(text[0]) << 4 |
                       g_ascii_xdigit_value(text[1]);
    }
    return true;
}

/* Groups of 4, 2, 2, 2 and 6 bytes */
char *cxl_uuid_text(const CxlUuid *uuid)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < sizeof(uuid->b); i++) {
        bool next = i == 4 || i == 6 || i == 8 || i == 10;

        g_string_append_printf(text, "%s%02x", next ? "-" : "", uuid->b[i]);
    }
    return g_string_free(text, FALSE);
}
