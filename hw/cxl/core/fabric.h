/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pool of dynamic capacity for several hosts that are processes of their
 * own, and its managers' interface: the accounts of cxl-fabricd.  Who has what
 * is the pool's (core/dcd-pool.h, one view per host); here is what a host may
 * have mapped whatever the pool says of it, who is attached to which head, and
 * death.  How hosts talk: core/fabric-link.h.
 *
 * A block that was taken from a host stays nobody's (CXL_DC_LEAVING) until the
 * host has said that it has unmapped it, or has died; then it is wiped, then
 * it is free.  So there are never two who can access what is not shared, and
 * nothing is lost: blocks partition into the states of the pool.
 *
 * Invariant (cxl_fabric_check): those of the pool; a host has mapped what it
 * has accepted; nothing that is mapped is free, on offer or being wiped, or
 * another host's alone; a head that is nobody's has nothing mapped; it is
 * counted by how many hosts something is mapped.
 */
#ifndef HW_CXL_CORE_FABRIC_H
#define HW_CXL_CORE_FABRIC_H

#include "hw/cxl/core/fabric-parts.h"

/* NULL, or an allocated sentence. */
char *cxl_fabric_problem(const CxlFabricConfig *config);
/* Of a configuration without a problem. */
CxlFabric *cxl_fabric_create(const CxlFabricConfig *config,
                             const CxlProfile *profile, const CxlHostOps *ops,
                             const CxlFabricOps *fabric_ops, void *opaque);
/* The same with the rows that such a pool has; in cci/profiles.c. */
CxlFabric *cxl_fabric_new(const CxlFabricConfig *config, const CxlHostOps *ops,
                          const CxlFabricOps *fabric_ops, void *opaque);
/* No link is there any more. */
void cxl_fabric_free(CxlFabric *fabric);

/* Longest payload of a manager's message, bytes */
uint32_t cxl_fabric_payload(const CxlFabric *fabric);
/* Might the message, if it is one, change what has to be kept? */
bool cxl_fabric_would_change(const CxlFabric *fabric, const uint8_t *message,
                             uint32_t len);
/* As MctpExecute, for a manager. */
uint32_t cxl_fabric_execute(CxlFabric *fabric, const uint8_t *message,
                            uint32_t len, uint8_t *out, uint32_t out_max);
/* When the timer is due. */
void cxl_fabric_timer(CxlFabric *fabric);

/*
 * The process of the host has ended, or the head is taken from nobody: it has
 * nothing any more, and the head is free.
 */
void cxl_fabric_died(CxlFabric *fabric, unsigned head);
/*
 * The machine may have been off: nobody knows what is in memory that nobody
 * has mapped, and offers of it are withdrawn.  A process that lives has what it
 * had.  For one that was loaded, before cxl_fabric_log_start().
 */
void cxl_fabric_power_lost(CxlFabric *fabric);

/* The connection has no host any more, and is over; may be called twice. */
void cxl_fabric_detach(CxlFabricLink *link);

/* For core/fabric-link.c: news of the host are sorted into its sets. */
void cxl_fabric_news(CxlFabricHost *host);
/* Is all of it in regions?  Pieces of touching regions are one. */
bool cxl_fabric_is_capacity(const CxlFabric *fabric, const Extent *e);
/* Set operations: @a loses what is in @b; @a gains it. */
void cxl_fabric_subtract(ExtentSet *a, const ExtentSet *b);
void cxl_fabric_add(ExtentSet *a, const ExtentSet *b);

/*
 * What has to be kept: what is whose, and mapped by whom.  Loaded into one
 * that is new and has the same configuration; nobody is attached then.
 */
void cxl_fabric_save(const CxlFabric *fabric, GByteArray *out);
bool cxl_fabric_load(CxlFabric *fabric, const uint8_t *bytes, size_t len,
                     char **problem);

const char *cxl_fabric_check(const CxlFabric *fabric);

#endif /* HW_CXL_CORE_FABRIC_H */
