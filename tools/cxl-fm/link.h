/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to a component's command interface: a Unix socket, on it MCTP
 * packets as DSP0253 frames them, in these CCI messages.  Of QEMU's
 * cxl-fm-port, or of whatever else speaks them.
 */
#ifndef TOOLS_CXL_FM_LINK_H
#define TOOLS_CXL_FM_LINK_H

#include <gio/gio.h>

/* Errors are in domain FM_ERROR; the code is the exit status. */
#define FM_ERROR fm_error_quark()
GQuark fm_error_quark(void);
enum {
    FM_DONE = 0,
    FM_REFUSED = 1,     /* the other side said no */
    FM_USAGE = 2,       /* the command line makes no sense */
    FM_NOBODY = 3,      /* no connection, or no answer in time */
};

/* The longest CCI payload that is sent or taken, bytes */
#define LINK_PAYLOAD 65536

typedef struct Link Link;

/* @timeout_ms: how long an answer may take. */
Link *link_open(const char *path, unsigned timeout_ms, GError **error);
void link_close(Link *link);

typedef struct LinkAnswer {
    uint16_t rc;        /* CxlRc */
    uint16_t vendor;
    GByteArray *payload; /* to be freed */
} LinkAnswer;

/* One command and its answer; false: FM_NOBODY. */
bool link_command(Link *link, uint16_t opcode, const GByteArray *in,
                  LinkAnswer *out, GError **error);
/*
 * Waits for an Event Notification, at most @timeout_ms; returns its bits, 0 if
 * none came.  One that came earlier is reported at once.
 */
uint16_t link_wait_news(Link *link, unsigned timeout_ms, GError **error);

#endif /* TOOLS_CXL_FM_LINK_H */
