/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data object exchange mailbox: the registers, the bounded queues, discovery,
 * and handing each object to the row that answers it.  PCIe r6.0 6.30 and
 * 7.9.24.  What the objects mean is their subjects' business; the place in
 * configuration space is that of hw/pci/doe-port.h.
 *
 * An object that is not understood, is cut short, or is longer than any we
 * answer is dropped with the error bit set, as 6.30.2 asks.
 *
 * An answer may come later: the mailbox is busy until then and takes nothing.
 * An abort or a reset forgets the object, and an answer that comes after it
 * is dropped.  One that does not come within a second is an error (6.30.2).
 *
 * Invariant (doe_check): received <= DOE_DWORDS, taken <= length <=
 * DOE_DWORDS, ready exactly while dwords remain to be taken; busy only with a
 * complete object, and then neither ready nor in error.
 */
#ifndef HW_COMMON_DOE_H
#define HW_COMMON_DOE_H

#include "hw/common/save.h"
#include "hw/common/wire/doe.h"

/*
 * The longest object we take or give, in dwords: room for the 4608 bytes of a
 * message that SPDM requesters and responders transfer at once by default
 * (DataTransferSize), secured too.
 */
#define DOE_DWORDS 1536

/* How long an answer may take, PCIe r6.0 6.30.2 */
#define DOE_ANSWER_NS 1000000000ll

/* Returned by a handler: doe_answer() will follow. */
#define DOE_LATER UINT_MAX

/*
 * @request is a complete object of @dwords, header included and its length
 * checked against what was received.  Writes the answer, header included, to
 * @response, at most @max dwords, and returns their number; 0: no answer;
 * DOE_LATER, if the mailbox is watched: not yet.
 */
typedef unsigned DoeHandler(void *opaque, const uint32_t *request,
                            unsigned dwords, uint32_t *response,
                            unsigned max);

typedef struct DoeRow {
    uint16_t vendor;
    uint8_t type;
    DoeHandler *handle;
} DoeRow;

typedef struct Doe {
    const DoeRow *rows;
    unsigned num_rows;
    void *opaque;                   /* for the handlers */
    void (*interrupt)(void *opaque); /* NULL: polling only */
    /* Call doe_overdue() in DOE_ANSWER_NS from now, or no longer. */
    void (*watch)(void *opaque, bool on);
    uint32_t ticket;                /* of the last object that was given out */

    /* Saved state: */
    bool intr_enabled;
    bool intr_status;
    bool error;
    bool overrun;                   /* more was written than fits */
    bool busy;                      /* @request waits for its answer */
    uint32_t received;              /* dwords in @request */
    uint32_t length;                /* dwords in @response */
    uint32_t taken;                 /* of them, how many the host has read */
    uint32_t request[DOE_DWORDS];
    uint32_t response[DOE_DWORDS];
} Doe;

/*
 * @rows must outlive @doe and need not list discovery.  @interrupt may be
 * NULL; it is called when INTR_EN is set and the interrupt status rises.
 */
void doe_init(Doe *doe, const DoeRow *rows, unsigned num_rows,
              void *opaque, void (*interrupt)(void *opaque));
void doe_reset(Doe *doe);

/* With somebody who watches the time, handlers may answer later. */
void doe_set_watch(Doe *doe, void (*watch)(void *opaque, bool on));
/* In a handler: what doe_answer() has to be called with. */
uint32_t doe_ticket(const Doe *doe);
/*
 * The answer that a handler promised, a whole object of at most DOE_DWORDS;
 * 0 @dwords: there is none.  Nothing happens if nobody waits for it any more.
 */
void doe_answer(Doe *doe, uint32_t ticket, const uint32_t *response,
                unsigned dwords);
/* The time is over: whoever waits gets an error. */
void doe_overdue(Doe *doe);
/* After saved state has been loaded: an object that waits is asked anew. */
void doe_loaded(Doe *doe);

/*
 * Register access by the host; @offset is DOE_REG_CTRL .. _READ plus 0..3.
 * Sizes 1, 2 and 4 within one register.  The queues move on accesses that
 * cover their most significant byte, so a dword may come in pieces.
 */
uint32_t doe_read(const Doe *doe, unsigned offset, unsigned size);
void doe_write(Doe *doe, unsigned offset, uint32_t value,
               unsigned size);

/*
 * Any access of configuration space, @len bytes of 1 to 4; @at counts from the
 * capability's first byte and may lie anywhere around it.  Reading puts what
 * the mailbox has over the bytes of @value; what is not ours stays.
 */
uint32_t doe_config_read(const Doe *doe, uint32_t at, uint32_t value,
                         unsigned len);
void doe_config_write(Doe *doe, uint32_t at, uint32_t value, unsigned len);

/*
 * Saved state, see hw/common/save.h.  After loading, and when the device as a
 * whole has been judged, doe_loaded() has to follow.
 */
void doe_save(const Doe *doe, SaveWriter *w);
void doe_load(Doe *doe, SaveReader *r);
/* The same from the state of another, which stays what it is. */
void doe_adopt(Doe *doe, const Doe *other);

/* NULL if the invariant holds, else what is wrong. */
const char *doe_check(const Doe *doe);

#endif /* HW_COMMON_DOE_H */
