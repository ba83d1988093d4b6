/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of QEMU's monitor (QMP) for our tools: one command, one answer.
 *
 * What is asked, and what becomes of the answer, is each tool's own matter.
 * One thread uses a client.  A peer that is no QEMU ends in an error: no
 * answer is longer or more deeply nested than the limits below.
 */
#ifndef TOOLS_QMP_H
#define TOOLS_QMP_H

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* Bytes of one answer */
#define QMP_LINE_MAX    (64 * 1024 * 1024)
/* Objects and arrays within each other: QEMU's own limit */
#define QMP_DEPTH_MAX   1024

#define QMP_ERROR       (qmp_error_quark())
GQuark qmp_error_quark(void);

typedef enum QmpErrorCode {
    QMP_ERROR_PEER,             /* gone, silent, or no QMP at all */
    QMP_ERROR_COMMAND,          /* the command was refused */
    QMP_ERROR_UNKNOWN,          /* this QEMU has no such command */
} QmpErrorCode;

typedef struct Qmp Qmp;

/*
 * Connect to a monitor, @address: the path of a UNIX socket, or HOST:PORT.
 * @seconds: how long the peer may be silent, or send anything but an answer.
 * NULL and @error if that fails.
 */
Qmp *qmp_open(const char *address, unsigned seconds, GError **error);
void qmp_close(Qmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qmp, qmp_close)

/* What the peer said of itself: an object with "version"; owned by @qmp */
JsonObject *qmp_greeting(const Qmp *qmp);

/*
 * Run @command with @arguments, which it takes over; NULL for none.
 * Returns the answer, owned by the caller, or NULL and @error.
 */
JsonNode *qmp_run(Qmp *qmp, const char *command, JsonObject *arguments,
                  GError **error);

#endif
