/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-top: two looks at the SDXI functions of a QEMU (look.c), and how they
 * are shown: as lines (lines.c), on a terminal (screen.c).
 */
#ifndef TOOLS_SDXI_TOP_H
#define TOOLS_SDXI_TOP_H

#include "../lib/json.h"
#include "../lib/qmp.h"

/* One look: the answer of query-sdxi, and when it came */
typedef struct Look {
    int64_t at;                 /* microseconds of a clock that only goes on */
    JsonNode *answer;           /* an array */
} Look;

Look *look_take(Qmp *qmp, GError **error);
void look_free(Look *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Look, look_free)

/*
 * The function of @before that is @function, and a context of @before that is
 * @context; NULL if there was none, or @before is NULL.  They belong to the
 * look that they are of.
 */
JsonObject *look_function(const Look *before, JsonObject *function);
JsonObject *look_context(JsonObject *before, JsonObject *context);

/*
 * What counter @name of @now gained per second since @before; below 0 if that
 * is not known: no look before, or the counter began anew.
 */
double look_rate(JsonObject *before, JsonObject *now, const char *name,
                 double seconds);

/* How a line is to be shown, where there are ways */
typedef enum LineKind {
    LINE_TITLE, LINE_HEAD, LINE_FUNCTION, LINE_CONTEXT, LINE_ERROR,
} LineKind;

typedef struct Line {
    LineKind kind;
    char *text;                 /* no newline */
} Line;

/* Array of Line, freed with its texts by g_array_unref(); @before: or NULL */
GArray *lines_make(const Look *before, const Look *now);

/*
 * Show looks, @seconds apart, until q is pressed or the monitor fails.  False
 * and @error in the latter case, and where there is no terminal.
 */
bool screen_run(Qmp *qmp, double seconds, GError **error);

#endif
