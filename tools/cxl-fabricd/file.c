/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the journal's folder are read.  Who opens a pipe waits until
 * somebody writes to it: what is no file is refused before.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "tools/cxl-fabricd/fabricd.h"

bool file_read(const char *name, uint64_t max, char **text, gsize *len,
               GError **error)
{
    GStatBuf st;

    *text = NULL;
    if (g_stat(name, &st)) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "--journal: '%s' cannot be looked at: %s", name,
                    g_strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "--journal: '%s'"
                    " is no regular file; move it away", name);
        return false;
    }
    return (uint64_t)st.st_size > max ||
           g_file_get_contents(name, text, len, error);
}
