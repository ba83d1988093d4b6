/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages by which an SPDM responder in another process is asked: those of
 * the "platform socket" of DMTF's spdm-emu, as QEMU's own devices use it.  What
 * is asked are data objects (PCIe r6.1 6.31 CMA/SPDM); what is in them is
 * between the guest and the responder.
 *
 * Message, numbers big endian, 32 bits each: command, transport (2: PCI DOE),
 * length of what follows in bytes, and the object.  A responder answers each
 * object that it is asked with one message, in their order; it has no other
 * means to say which one it answers.  An object may have 2^18 dwords, which is
 * more than the mailbox takes: whoever is answered by so much has no answer,
 * and what comes of it is dropped.
 *
 * The socket, time, and the mailbox are not here: hw/pci/spdm.h.
 *
 * Invariant (spdm_peer_check): waiting <= SPDM_PEER_WAITING, and what has
 * arrived is less than the message that it begins; nothing has while an object
 * is dropped.
 */
#ifndef HW_COMMON_SPDM_PEER_H
#define HW_COMMON_SPDM_PEER_H

#include "hw/common/doe.h"

/* Objects that wait for their answers, forgotten ones included */
#define SPDM_PEER_WAITING   8

#define SPDM_PEER_HEADER    12  /* bytes */

#define SPDM_PEER_NORMAL    0x0001
#define SPDM_PEER_SHUTDOWN  0xfffe
#define SPDM_PEER_UNKNOWN   0xffff  /* "I have no answer" */
#define SPDM_PEER_PCI_DOE   2

/* The answer to the object with @ticket; 0 @dwords: there is none. */
typedef void SpdmPeerAnswer(void *opaque, uint32_t ticket,
                            const uint32_t *object, unsigned dwords);

typedef struct SpdmPeer {
    SpdmPeerAnswer *answer;
    void *opaque;
    GByteArray *out;            /* has not left yet */
    unsigned waiting;
    uint32_t ticket[SPDM_PEER_WAITING]; /* the oldest first */
    uint32_t have;              /* bytes of @in */
    uint32_t drop;              /* bytes that come first, of a long object */
    bool too_long;              /* there has been one */
    uint8_t in[SPDM_PEER_HEADER + DOE_DWORDS * 4];
} SpdmPeer;

SpdmPeer *spdm_peer_new(SpdmPeerAnswer *answer, void *opaque);
void spdm_peer_free(SpdmPeer *p);

/* False: too many objects wait. */
bool spdm_peer_ask(SpdmPeer *p, uint32_t ticket, const uint32_t *object,
                   unsigned dwords);
/* Tell it that nobody will ask any more. */
void spdm_peer_goodbye(SpdmPeer *p);
/* The connection is no more: whoever waits has no answer. */
void spdm_peer_lost(SpdmPeer *p);

/* What is to be sent, or 0; and that @bytes of it have left. */
uint32_t spdm_peer_next(const SpdmPeer *p, const uint8_t **bytes);
void spdm_peer_left(SpdmPeer *p, uint32_t bytes);

/* Where to put what comes, *@max bytes or fewer; and that @bytes are there. */
uint8_t *spdm_peer_room(SpdmPeer *p, uint32_t *max);
/* False: it does not speak this protocol, and *@why says in what. */
bool spdm_peer_arrived(SpdmPeer *p, uint32_t bytes, const char **why);

/* NULL if the invariant holds, else what is wrong. */
const char *spdm_peer_check(const SpdmPeer *p);

#endif /* HW_COMMON_SPDM_PEER_H */
