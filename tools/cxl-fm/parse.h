/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people write on a command line: numbers, sizes, places, tags.  Each
 * returns false with FM_USAGE and says what was wrong and what is accepted.
 */
#ifndef TOOLS_CXL_FM_PARSE_H
#define TOOLS_CXL_FM_PARSE_H

#include <glib.h>
#include "hw/cxl/wire/uuid.h"

#define NO_LD   0xffff  /* the whole port */
#define NO_PORT (-1)    /* the component that the socket belongs to */

/* Decimal or, with 0x, hexadecimal; @what is its name in the error. */
bool parse_number(const char *text, const char *what, uint64_t max,
                  uint64_t *out, GError **error);
/* Bytes: a number with K, M, G or T behind it, of 1024, or without. */
bool parse_size(const char *text, const char *what, uint64_t *out,
                GError **error);
/* VCS.VPPB */
bool parse_vppb(const char *text, uint8_t *vcs, uint8_t *vppb,
                GError **error);
/* PORT or PORT.LD; *@ld is NO_LD without. */
bool parse_place(const char *text, int *port, unsigned *ld, GError **error);
bool parse_tag(const char *text, CxlUuid *out, GError **error);
/* DPA,LENGTH; both as sizes */
bool parse_extent(const char *text, uint64_t *dpa, uint64_t *len,
                  GError **error);

/* "256M" where that is exact, else bytes; to be freed */
char *format_size(uint64_t bytes);

#endif /* TOOLS_CXL_FM_PARSE_H */
