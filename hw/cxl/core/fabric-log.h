/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the accounts of a pool as records: who has the accounts of some
 * moment (cxl_fabric_save) and the records since then has those of now.  A
 * change costs what it is long, however much else there is.
 *
 * A record says what was asked and granted; doing it again gives the same,
 * because it depends on the accounts and nothing else.  The one exception is
 * what had been wiped by then: a record that needs capacity to be free names
 * it, and who reads the record believes that.  Otherwise nothing in a record is
 * believed.
 *
 * Numbers have 64 bits and are little-endian; the first of a record is its
 * type.
 */
#ifndef HW_CXL_CORE_FABRIC_LOG_H
#define HW_CXL_CORE_FABRIC_LOG_H

#include "hw/cxl/core/fabric-parts.h"

typedef enum CxlFabricChange {
    CXL_FABRIC_LOG_ADD,         /* 5604h */
    CXL_FABRIC_LOG_TAKE,        /* 5605h */
    CXL_FABRIC_LOG_SET_UP,      /* 5602h */
    CXL_FABRIC_LOG_REFERENCE,   /* 5606h and 5607h */
    CXL_FABRIC_LOG_ANSWER,      /* of a host to its oldest offer */
    CXL_FABRIC_LOG_RELEASE,
    CXL_FABRIC_LOG_UNMAPPED,
    CXL_FABRIC_LOG_ATTACH,
    CXL_FABRIC_LOG_DIED,
    CXL_FABRIC_LOG_TYPES
} CxlFabricChange;

/*
 * From now on changes go to fabric->log, which its owner empties: also what
 * managers are granted, of which the pool tells.
 */
void cxl_fabric_log_start(CxlFabric *fabric);

/* What hosts have done; nothing happens before the start. */
/* ANSWER or RELEASE */
void cxl_fabric_log_list(CxlFabric *fabric, CxlFabricChange type,
                         const CxlFabricHost *host, const CxlBgRange *ranges,
                         uint32_t count);
void cxl_fabric_log_unmapped(CxlFabric *fabric, const CxlFabricHost *host,
                             const ExtentSet *gone);
void cxl_fabric_log_attach(CxlFabric *fabric, const CxlFabricHost *host,
                           const ExtentSet *holds);
void cxl_fabric_log_died(CxlFabric *fabric, unsigned head);

/*
 * Records are done again, before the start, in accounts that were loaded and
 * that nobody is attached to.  False: *@problem is an allocated sentence, and
 * the accounts are in no defined state.
 */
bool cxl_fabric_replay(CxlFabric *fabric, const uint8_t *bytes, size_t len,
                       char **problem);

#endif /* HW_CXL_CORE_FABRIC_LOG_H */
