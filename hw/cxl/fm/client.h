/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One manager's connection: bytes in, frames, packets, a command, and the
 * answer's way back.  All with the big lock, from the main loop.
 *
 * A client has fixed buffers.  While an answer waits for a slow reader nothing
 * more is read, so what it sends piles up at its own end.  A client that sends
 * what is no frame, CXL_FM_GARBAGE_MAX bytes without a good one between, is
 * disconnected, and so is one whose target has gone.
 */
#ifndef HW_CXL_FM_CLIENT_H
#define HW_CXL_FM_CLIENT_H

#include "io/channel-socket.h"
#include "hw/cxl/core/mctp-endpoint.h"

/* More than any frame is long */
#define CXL_FM_GARBAGE_MAX 4096

typedef struct CxlFmClient CxlFmClient;

/* The connection has ended: the client must be freed, in here or later. */
typedef void CxlFmClientEnded(void *opaque, CxlFmClient *client);

/* NULL with an error if there is no way into @target. */
CxlFmClient *cxl_fm_client_new(QIOChannelSocket *sioc, Object *target,
                               CxlFmClientEnded *ended, void *opaque,
                               Error **errp);
void cxl_fm_client_free(CxlFmClient *client);

/* Commands that were answered, and packets that were not */
uint64_t cxl_fm_client_requests(const CxlFmClient *client);
uint64_t cxl_fm_client_dropped(const CxlFmClient *client);

#endif /* HW_CXL_FM_CLIENT_H */
