/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UUIDs as people write them, RFC 9562 4; as bytes they are wire/uuid.h.
 */
#ifndef HW_CXL_CORE_UUID_H
#define HW_CXL_CORE_UUID_H

#include "hw/cxl/wire/uuid.h"

/* False, and *@uuid is not changed: @text is no UUID in its usual form. */
bool cxl_uuid_parse(const char *text, CxlUuid *uuid);
/* In lower case; to be freed. */
char *cxl_uuid_text(const CxlUuid *uuid);

#endif /* HW_CXL_CORE_UUID_H */
