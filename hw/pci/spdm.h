/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPDM over data object exchange (PCIe r6.1 6.31 CMA/SPDM): a mailbox whose
 * objects a responder in another process answers, by a TCP port of this host.
 * Private to the glue floor.
 *
 * The responder is waited for only when the device is made: one that is too
 * busy to accept holds the machine up at device_add, as long as the host's TCP
 * tries.  While it answers the mailbox is busy and the guest runs; an answer
 * that does not come within the second that PCIe gives, that is longer than the
 * mailbox takes, or that never comes, because the responder has gone, is an
 * error of the mailbox.
 */
#ifndef HW_PCI_SPDM_H
#define HW_PCI_SPDM_H

#include "io/channel.h"
#include "hw/common/spdm-peer.h"
#include "hw/pci/doe-port.h"

typedef struct SpdmPort {
    DoePort port;               /* offset 0: absent */
    SpdmPeer *peer;
    QIOChannel *ioc;            /* NULL: it has gone */
    guint watch;
    GIOCondition waits_for;
    QEMUBH *bh;
    bool warned;                /* of an answer that is too long */
} SpdmPort;

/* Connect to TCP port @tcp, and add the capability at @offset. */
bool spdm_port_init(SpdmPort *s, PCIDevice *pdev, uint16_t offset,
                    uint16_t tcp, Error **errp);
void spdm_port_exit(SpdmPort *s);
/* A reset of the function forgets what was asked. */
void spdm_port_reset(SpdmPort *s);

static inline bool spdm_port_is_there(const SpdmPort *s)
{
    return s->port.offset;
}

/* What of a property spdm_port a guest can see, for PciShapeType; allocated. */
static inline char *spdm_port_shape(uint16_t tcp)
{
    return g_strdup(tcp ? "a responder" : "0");
}

#endif
