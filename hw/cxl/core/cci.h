/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component command interface: rows, gates, dispatch, effects log.
 *
 * A command is one constant row.  From the row come dispatch, the gates, the
 * command effects log, docs/cxl/commands.md, and the fuzz dictionary, so
 * none of them can disagree.  What commands do is in hw/cxl/cci; which sets
 * a component exposes in hw/cxl/cci/profiles.c; how bytes arrive in
 * core/mailbox.c (registers) and core/message.c (tunnelled).
 *
 * Gates, in this order, each before the handler sees the call:
 *   opcode known here 03, input length 16, background busy 06,
 *   media disabled 07, security lock 13.
 */
#ifndef HW_CXL_CORE_CCI_H
#define HW_CXL_CORE_CCI_H

#include "hw/common/save.h"
#include "hw/cxl/core/background.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/core/timestamp.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/mailbox.h"

typedef struct CxlCci CxlCci;
typedef struct CxlCmdRow CxlCmdRow;

/* One command being executed. */
typedef struct CxlCall {
    CxlCci *cci;
    void *owner;        /* CxlMemdev *, CxlSwitch *: as the profile says */
    const CxlCmdRow *row;
    const uint8_t *in;  /* a private copy: the guest cannot change it */
    uint32_t in_len;    /* inside the row's range */
    uint8_t *out;       /* zeroed; at least the row's out_max if fixed */
    uint32_t out_max;
    uint32_t out_len;   /* set by the handler; ignored unless it succeeds */
    uint16_t vendor;    /* vendor specific status */
} CxlCall;

typedef CxlRc CxlHandler(CxlCall *call);

/* Length that depends on the payload area, for in_max and out_max. */
#define CXL_LEN_PAYLOAD UINT32_MAX

/* Gates: states in which the command is refused */
#define CXL_GATE_MEDIA (1u << 0) /* media disabled: 07 */
#define CXL_GATE_LOCK  (1u << 1) /* security locked: 13 */
#define CXL_GATE_BUSY  (1u << 2) /* background busy, though not BG itself: 06 */

/* What a component must have for the row to exist */
#define CXL_NEED_PERSISTENT (1u << 0)
#define CXL_NEED_LSA        (1u << 1)
#define CXL_NEED_PARTITION  (1u << 2)
#define CXL_NEED_SECURITY   (1u << 3)
#define CXL_NEED_DC         (1u << 4)
#define CXL_NEED_DIVISION   (1u << 5) /* memory that can be divided anew */
#define CXL_NEED_MESSAGES   (1u << 6) /* they reach its manager unasked */

struct CxlCmdRow {
    uint16_t opcode;
    uint16_t effects;       /* CXL_FX_* */
    uint8_t gates;          /* CXL_GATE_* */
    uint8_t needs;          /* CXL_NEED_* */
    uint32_t in_min, in_max; /* bytes */
    uint32_t out_max;
    CxlHandler *handler;
    const CxlBgWork *work;  /* if the effects have CXL_FX_BACKGROUND */
    const char *name;
    const char *section;    /* CXL r3.1 unless it says otherwise */
};

typedef struct CxlCmdSet {
    const char *name;
    const CxlCmdRow *rows;
    unsigned num_rows;
} CxlCmdSet;

typedef struct CxlProfile {
    const char *name;
    const CxlCmdSet *const *sets; /* NULL terminated */
} CxlProfile;

/* Answers of the owner to the gates; NULL members never refuse. */
typedef struct CxlCciOwner {
    bool (*media_disabled)(const void *owner);
    bool (*locked)(const void *owner);
    /* The background operation has just ended. */
    void (*bg_ended)(void *owner, CxlCci *cci);
    /* A deadline moved: arm the timer again. */
    void (*rearm)(void *owner);
    /* A command has been answered. */
    void (*answered)(void *owner, uint16_t opcode, CxlRc rc, uint32_t in_len);
    /*
     * Who is behind @via, by target type and number as in 5300h; NULL if
     * nobody.  Only of owners whose profile has the command.
     */
    CxlCci *(*tunnel)(void *owner, CxlCci *via, uint8_t type, uint8_t id);
    /*
     * Where @tunnel leads to nobody: somebody answers elsewhere.  As
     * cxl_message_execute(); NULL: nobody ever does.
     */
    bool (*relay)(void *owner, uint8_t type, uint8_t id, const uint8_t *in,
                  uint32_t in_len, uint8_t *out, uint32_t out_max,
                  uint32_t *out_len);
    /* Dynamic capacity.  Only of owners whose profile has 56xxh. */
    struct CxlDcPool *(*dc_pool)(void *owner);
    /* Its background operations last 2^this times as long. */
    unsigned (*pace)(const void *owner);
    /* Event logs have got room.  Only of owners whose profile has events. */
    void (*events_cleared)(void *owner, CxlCci *cci);
} CxlCciOwner;

struct CxlCci {
    const char *name;       /* of its profile */
    const CxlHostOps *ops;
    void *ops_opaque;
    const CxlCciOwner *owner_ops;
    void *owner;
    const CxlCmdRow **rows; /* ascending opcodes */
    unsigned num_rows;
    uint32_t payload_max;   /* bytes in either direction */
    CxlTimestamp *clock;    /* the owner's */
    CxlEvents *events;      /* the owner's; set by it if the profile has any */
    CxlBackground bg;
    CxlCci *shares;         /* whose bg counts here; itself if it is alone */
    CxlIsIdentify identity; /* for 0001h, wire order */
    uint8_t response_limit; /* log2 bytes, 0003h */
    bool notify_background; /* 0105h: somebody wants to hear of its end */
};

/* @profile is filtered by @have (CXL_NEED_* of what exists). */
void cxl_cci_init(CxlCci *cci, const CxlProfile *profile, uint8_t have,
                  uint32_t payload_max, CxlTimestamp *clock,
                  const CxlCciOwner *owner_ops, void *owner,
                  const CxlHostOps *ops, void *ops_opaque);
void cxl_cci_destroy(CxlCci *cci);
/*
 * Another way into the component of @first, which stays longer than @cci: the
 * component has one background operation, @first's.  Limits, events and what
 * was asked for are each one's own.
 */
void cxl_cci_share(CxlCci *cci, CxlCci *first);
/* Background operation gone, response limit as after power-on. */
void cxl_cci_reset(CxlCci *cci);

const CxlCmdRow *cxl_cci_find(const CxlCci *cci, uint16_t opcode);

/*
 * Runs one command.  @in is stable for the duration of the call, @out is
 * @out_max bytes and gets zeroed as far as the command may write.  Returns
 * the return code; *@out_len is 0 unless it is success.
 */
CxlRc cxl_cci_execute(CxlCci *cci, uint16_t opcode, const uint8_t *in,
                      uint32_t in_len, uint8_t *out, uint32_t out_max,
                      uint32_t *out_len, uint16_t *vendor);

/* For handlers that return CXL_RC_BACKGROUND: ranges and duration. */
CxlRc cxl_cci_background(CxlCall *call, const CxlBgRange *ranges,
                         uint32_t num_ranges, uint64_t duration_ns);

/* The operation that counts for this interface; its arguments are there. */
static inline CxlBackground *cxl_cci_bg(const CxlCci *cci)
{
    return &cci->shares->bg;
}
/*
 * What the running operation waited for has happened: it ends now, before its
 * time, with @rc, which its row may still change.
 */
void cxl_cci_complete(CxlCci *cci, CxlRc rc);

/* Background work due now; call from the owner's timer. */
void cxl_cci_timer(CxlCci *cci);
int64_t cxl_cci_deadline(const CxlCci *cci);
/* 0005h: success, or CXL_RC_ABORT_UNSUPPORTED. */
CxlRc cxl_cci_abort(CxlCci *cci);

/* Command effects log: 4 bytes per row. */
uint32_t cxl_cci_cel_size(const CxlCci *cci);
void cxl_cci_cel_read(const CxlCci *cci, uint32_t offset, uint8_t *out,
                      uint32_t len);

static inline int64_t cxl_cci_now(const CxlCci *cci)
{
    return cci->ops->now_ns(cci->ops_opaque);
}

static inline void cxl_cci_trace(const CxlCci *cci, CxlTraceStep step,
                                 uint64_t a, uint64_t b, uint64_t c)
{
    cci->ops->trace(cci->ops_opaque, step, a, b, c);
}

/*
 * Saved state, see hw/common/save.h: the background operation; and, of an
 * interface whose profile has 0004h, the response limit.
 */
void cxl_cci_save(const CxlCci *cci, SaveWriter *w);
void cxl_cci_load(CxlCci *cci, SaveReader *r);
void cxl_cci_limit_save(const CxlCci *cci, SaveWriter *w);
void cxl_cci_limit_load(CxlCci *cci, SaveReader *r);

/* NULL, or why the rows of a set cannot be right; for tests. */
const char *cxl_cmd_set_check(const CxlCmdSet *set);

#endif /* HW_CXL_CORE_CCI_H */
