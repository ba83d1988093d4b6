/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual CXL switches: which host sees which port or logical device below
 * which of its virtual bridges (vPPB), and how that changes.
 * CXL r3.1 7.1.4, 7.6.7.2.
 *
 * vPPB 0 is the one of the upstream port; the others follow as the host sees
 * them, in order of device and function.  Who carries a change out, and how
 * long it takes, is core/switch.c's and the world's business; here is only
 * which changes there can be: cxl_vcs_next() is the table.
 *
 * Invariant (cxl_vcs_check): a port or logical device is in one place at most,
 * a port is not bound as a whole and in parts, and one change at most is under
 * way.
 */
#ifndef HW_CXL_CORE_VCS_H
#define HW_CXL_CORE_VCS_H

#include "hw/common/save.h"
#include "hw/cxl/core/ports.h"
#include "hw/cxl/wire/uuid.h"

#define CXL_VCS_MAX     16
#define CXL_VPPBS_MAX   255
/* Instead of a logical device's number: all of the port */
#define CXL_WHOLE_PORT  0xffffu

typedef enum CxlVppbState {
    CXL_UNBOUND,
    CXL_BINDING,
    CXL_BOUND,
    CXL_UNBINDING,
    CXL_VPPB_STATES
} CxlVppbState;

typedef enum CxlVppbEvent {
    CXL_VPPB_BIND,      /* 5201h */
    CXL_VPPB_UNBIND,    /* 5202h */
    CXL_VPPB_DONE,      /* what was asked for has been carried out */
    CXL_VPPB_FAILED,    /* or could not be */
    CXL_VPPB_PLUGGED,   /* a person put it there without the manager */
    CXL_VPPB_GONE,      /* or the host, or a person, took it away */
    CXL_VPPB_EVENTS
} CxlVppbEvent;

typedef struct CxlVppb {
    uint8_t state;      /* CxlVppbState */
    uint8_t port;       /* 0 while unbound */
    uint16_t ld;        /* CXL_WHOLE_PORT, also while unbound */
} CxlVppb;

typedef struct CxlVcs {
    bool enabled;       /* a host is there: it has vPPB 0 */
    bool have_secret;
    uint8_t usp;        /* port number */
    uint8_t vppbs;      /* with the upstream port's */
    CxlUuid secret;     /* 5105h */
    CxlVppb vppb[CXL_VPPBS_MAX];
} CxlVcs;

typedef struct CxlVcsTable {
    unsigned count;     /* of virtual switches, 1 to CXL_VCS_MAX */
    CxlVcs vcs[CXL_VCS_MAX];
} CxlVcsTable;

/* The state after @event, or -1: that cannot happen now. */
int cxl_vcs_next(CxlVppbState state, CxlVppbEvent event);

void cxl_vcs_init(CxlVcsTable *t, unsigned count);
/*
 * A host with the upstream port @usp has @vppbs virtual bridges, 1 to
 * CXL_VPPBS_MAX; 0: there is none.  Those that were not there are unbound.
 */
void cxl_vcs_set(CxlVcsTable *t, uint8_t vcs, uint8_t usp, unsigned vppbs);

/* As after power-on: no host has set one. */
void cxl_vcs_forget_secrets(CxlVcsTable *t);

/* NULL if there is no such virtual switch, host, or bridge. */
CxlVppb *cxl_vcs_find(CxlVcsTable *t, uint8_t vcs, uint8_t vppb);
/* The first vPPB that has the port, or that part of it; NULL: nobody. */
const CxlVppb *cxl_vcs_holder(const CxlVcsTable *t, uint8_t port, uint16_t ld,
                              uint8_t *vcs, uint8_t *vppb);

/*
 * True if it happened: the table allows it, and nobody else has @port and @ld,
 * which only BIND and PLUGGED look at.  vPPB 0 never changes.
 */
bool cxl_vcs_happens(CxlVcsTable *t, uint8_t vcs, uint8_t vppb,
                     CxlVppbEvent event, uint8_t port, uint16_t ld);
/* The one change that is under way; false if there is none. */
bool cxl_vcs_under_way(const CxlVcsTable *t, uint8_t *vcs, uint8_t *vppb);

/* As 5200h and events show it. */
void cxl_vcs_info(const CxlVppb *vppb, CxlVppbInfo *out);

/* Saved state, see hw/common/save.h. */
void cxl_vcs_save(const CxlVcsTable *t, SaveWriter *w);
void cxl_vcs_load(CxlVcsTable *t, SaveReader *r);
const char *cxl_vcs_check(const CxlVcsTable *t);

#endif /* HW_CXL_CORE_VCS_H */
