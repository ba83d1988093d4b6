/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the answer of "query-memfab" is put together from.
 */
#ifndef HW_MEMFAB_DESCRIBE_H
#define HW_MEMFAB_DESCRIBE_H

#include "qapi/qapi-types-memfab.h"
#include "qom/object.h"

/*
 * What can be asked of @obj, all but its path and type, for the caller to
 * free; NULL if it is somebody else's, or not realized.
 */
typedef MemfabDevice *MemfabDescribeFn(Object *obj);

/* From the constructor of a type; the first that knows an object counts. */
void memfab_describe_register(MemfabDescribeFn *fn);

#endif
