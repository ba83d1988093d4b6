/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of UNIX sockets.  GLib cuts a path that is too long without a
 * word: somebody listens there, or is asked, whom nobody has named.
 */
#ifndef TOOLS_ADDRESS_H
#define TOOLS_ADDRESS_H

#include <gio/gio.h>

/* NULL, and *error of domain G_IO_ERROR, if @path does not fit. */
GSocketAddress *unix_address(const char *path, GError **error);

#endif
