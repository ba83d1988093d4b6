/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the accounts of a pool consist of, for the rooms that keep them:
 * fabric.h says what is promised of it.
 */
#ifndef HW_CXL_CORE_FABRIC_PARTS_H
#define HW_CXL_CORE_FABRIC_PARTS_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/dcd-fm.h"
#include "hw/cxl/core/fabric-seats.h"

#define CXL_FABRIC_HOSTS    32
#define CXL_FABRIC_NOBODY   0xffff

typedef struct CxlFabricConfig {
    unsigned hosts;         /* heads, 1..CXL_FABRIC_HOSTS */
    unsigned num_regions;   /* 1..8; ascending, each of whole blocks */
    CxlDcRegionConfig regions[CXL_FABRIC_REGIONS];
    uint32_t max_extents;   /* of each host; 0: 131072 */
    uint32_t max_tags;      /* 0: 4096 */
    uint64_t serial;        /* all ones: none */
    uint16_t vendor_id, device_id;
    bool below;             /* a switch: messages do not reach its managers */
} CxlFabricConfig;

/*
 * What the accounts ask of the world, beside clock, timer and trace; and
 * CxlHostOps.message: managers are to hear of that log, bit of 0106h.
 */
typedef struct CxlFabricOps {
    /* Every byte becomes zero; false if that cannot be done now. */
    bool (*wipe)(void *opaque, uint64_t dpa, uint64_t len);
    /* Does the process live, and may have memory mapped? */
    bool (*alive)(void *opaque, const uint8_t process[CXL_FABRIC_PROCESS]);
} CxlFabricOps;

typedef struct CxlFabric CxlFabric;
typedef struct CxlFabricHost CxlFabricHost;

/* A connection; what is done with it: core/fabric-link.h */
struct CxlFabricLink {
    CxlFabric *fabric;
    CxlFabricHost *host;    /* NULL before WELCOME, and after the end */
    struct CxlFabricVcs *vcs; /* the same of a switch; core/fabric-switch.h */
    uint8_t process[CXL_FABRIC_PROCESS];
    bool greeted;           /* HELLO was there */
    bool over;              /* nothing more is taken; close when @out is sent */
    CxlFabricHello hello;
    uint32_t holds_left;    /* extents that are still to come */
    ExtentSet holds;
    uint32_t seq;           /* of what is sent */
    GByteArray *out;        /* WELCOME or REFUSED begins it */
};

struct CxlFabricHost {
    CxlDcView view;
    CxlEvents events;       /* empty: news go as messages */
    CxlFabricSeat seat;     /* the head */
    ExtentSet mapped;       /* it may access it */
    /* To be said: not its own any more; it is asked for it; other setup */
    ExtentSet leaving, to_ask;
    uint8_t updates;        /* a bit per region */
    ExtentSet told;         /* of the last TAKE_BACK; DONE is awaited */
    uint32_t take_backs;    /* number of that one */
    uint32_t first_offer;   /* number of the oldest without an answer */
    uint32_t next_offer;    /* number of the next one that is told */
};

struct CxlFabric {
    const CxlHostOps *ops;
    const CxlFabricOps *fabric_ops;
    void *opaque;           /* of both */
    CxlFabricConfig cfg;
    CxlTimestamp clock;
    CxlCci cci;
    CxlEvents fm_events;
    CxlDcPool pool;
    ExtentSet mapped;       /* by any host; value: by how many */
    uint16_t acting;        /* host whose own doing a change is */
    GByteArray *log;        /* what is to be kept: core/fabric-log.h; or NULL */
    CxlFabricHost host[CXL_FABRIC_HOSTS];
};

#endif /* HW_CXL_CORE_FABRIC_PARTS_H */
