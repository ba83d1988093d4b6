/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What monitor commands share.  Private to the glue floor.
 */
#ifndef HW_CXL_MONITOR_MONITOR_H
#define HW_CXL_MONITOR_MONITOR_H

#include "qapi/qapi-types-cxl.h"
#include "hw/cxl/port/ras.h"
#include "hw/cxl/type3/memdev.h"

/* The memory device that @path names, or NULL and an error. */
CxlMemdevPci *cxl_monitor_find(const char *path, Error **errp);

/* What records errors: one of these */
typedef struct CxlErrorSink {
    CxlEndpoint *endpoint;
    CxlPortRas *port;
} CxlErrorSink;

/* Of the memory device or port that @path names; false: it is neither. */
bool cxl_monitor_find_errors(const char *path, CxlErrorSink *sink,
                             Error **errp);
/* The same of an object; false also if it is not realized. */
bool cxl_monitor_errors_of(Object *obj, CxlErrorSink *sink);
/* As cxl_endpoint_uncorrectable() and the next, of either */
void cxl_monitor_uncorrectable(const CxlErrorSink *sink,
                               const CxlRasRecord *errors, unsigned n);
void cxl_monitor_correctable(const CxlErrorSink *sink, unsigned bit);
/* Has @obj errors that can be shown? */
bool cxl_monitor_has_errors(Object *obj);

#endif
