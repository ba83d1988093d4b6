/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command of cxl-fm is given: the link, a way to ask whoever is
 * meant, and where results go.
 *
 * A command builds one JSON value.  With --json it is printed as it is, which
 * is the documented format (docs/tools/cxl-fm.md); otherwise show.h makes text
 * of it.
 */
#ifndef TOOLS_CXL_FM_FM_H
#define TOOLS_CXL_FM_FM_H

#include <json-glib/json-glib.h>
#include "tools/cxl-fm/bytes.h"
#include "tools/cxl-fm/link.h"

typedef struct Fm {
    const char *path;   /* of the socket */
    unsigned timeout_ms;
    bool json;
    Link *link;         /* from the first question on */
    int is_switch;      /* -1 not known yet; else 0, a memory device, or 1 */
} Fm;

/*
 * Whom a command is for: the component itself (NO_PORT), what is below one of
 * its ports, or a logical device of that; NO_LD without.
 */
typedef struct Place {
    int port;
    unsigned ld;
} Place;
#define PLACE_HERE ((Place) { .port = NO_PORT, .ld = NO_LD })

/* The link, opened if need be; NULL with an error. */
Link *fm_link(Fm *fm, GError **error);
/* What is behind the socket; false with an error: nobody answers. */
bool fm_know(Fm *fm, GError **error);
/*
 * Asks; tunnels as far as it has to.  NULL: nobody answered, or the command
 * was refused, with the return code's name in @error.  Freed by the caller.
 */
GByteArray *fm_ask(Fm *fm, Place place, uint16_t opcode,
                   const GByteArray *in, GError **error);
/* The same for a background operation: waits for its end, shows progress. */
bool fm_do(Fm *fm, uint16_t opcode, const GByteArray *in, GError **error);
/* Is the answer as long as what was read from it? */
bool fm_complete(const Reader *r, uint16_t opcode, GError **error);

/* A row of the table of commands */
typedef struct FmCommand {
    const char *name;       /* "dc add" */
    const char *arguments;  /* "PORT --size SIZE" */
    const char *help;       /* one line */
    /* @args ends with NULL, and has the words behind the name */
    bool (*run)(Fm *fm, char **args, GError **error);
} FmCommand;

extern const FmCommand switch_commands[];   /* each ends with a NULL name */
extern const FmCommand config_commands[];
extern const FmCommand event_commands[];
extern const FmCommand tree_commands[];
extern const FmCommand ld_commands[];
extern const FmCommand dc_commands[];

/*
 * Options of one command, out of @args, which keeps the rest.  @least and
 * @most: how many words there must be then.
 */
bool fm_options(char **args, const GOptionEntry *entries, unsigned least,
                unsigned most, GError **error);

/* switch.c: what list and graph draw; NULL with an error */
JsonNode *fm_switch_identity(Fm *fm, GError **error);
JsonNode *fm_switch_ports(Fm *fm, GError **error);
JsonNode *fm_switch_vcs(Fm *fm, GError **error);
/* dc.c: extents of all hosts; an empty array if it has no dynamic capacity */
JsonNode *fm_dc_extents(Fm *fm, Place place, GError **error);
/* ld.c: the logical devices of an MLD */
JsonNode *fm_lds(Fm *fm, Place place, GError **error);

/* Prints and frees the result of a command. */
void fm_show(Fm *fm, JsonNode *result);

#endif /* TOOLS_CXL_FM_FM_H */
