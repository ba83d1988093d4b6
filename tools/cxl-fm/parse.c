/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From text to numbers and back; see parse.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/uuid.h"
#include "tools/cxl-fm/link.h"
#include "tools/cxl-fm/parse.h"

GQuark fm_error_quark(void)
{
    return g_quark_from_static_string("cxl-fm-error");
}

static const char units[] = "KMGT";

/* All of @text but a sign is digits of the base that it says. */
static bool digits(const char *text, uint64_t max, uint64_t *out)
{
    bool hex = g_str_has_prefix(text, "0x") || g_str_has_prefix(text, "0X");

    return g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0,
                                      max, out, NULL);
}

bool parse_number(const char *text, const char *what, uint64_t max,
                  uint64_t *out, GError **error)
{
    if (digits(text, max, out)) {
        return true;
    }
    g_set_error(error, FM_ERROR, FM_USAGE, "%s is '%s', it takes a number from"
                " 0 to %" PRIu64 " (0x%" PRIx64 ")", what, text, max, max);
    return false;
}

bool parse_size(const char *text, const char *what, uint64_t *out,
                GError **error)
{
    size_t len = strlen(text);
    const char *unit = len ? strchr(units, g_ascii_toupper(text[len - 1])) :
                       NULL;
    unsigned shift = unit && *unit ? 10 * (unit - units + 1) : 0;
    g_autofree char *number = g_strndup(text, len - !!shift);

    if (digits(number, UINT64_MAX >> shift, out)) {
        *out <<= shift;
        return true;
    }
    g_set_error(error, FM_ERROR, FM_USAGE, "%s is '%s', it takes bytes, or a"
                " number with K, M, G or T, like 256M or 4G", what, text);
    return false;
}

/* "1.2" is 1 and 2; *@second stays as it is if nothing follows. */
static bool pair(const char *text, uint64_t max_first, uint64_t max_second,
                 uint64_t *first, uint64_t *second)
{
    const char *dot = strchr(text, '.');
    g_autofree char *head = dot ? g_strndup(text, dot - text) :
                            g_strdup(text);

    return digits(head, max_first, first) &&
           (!dot || digits(dot + 1, max_second, second));
}

bool parse_vppb(const char *text, uint8_t *vcs, uint8_t *vppb, GError **error)
{
    uint64_t first, second = 0;

    if (!strchr(text, '.') || !pair(text, 255, 255, &first, &second)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "'%s' is no vPPB, it takes"
                    " VCS.VPPB with numbers from 0 to 255, like 0.1", text);
        return false;
    }
    *vcs = first;
    *vppb = second;
    return true;
}

bool parse_place(const char *text, int *port, unsigned *ld, GError **error)
{
    uint64_t first, second = NO_LD;

    if (!pair(text, 255, 255, &first, &second)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "'%s' is no port, it takes PORT"
                    " or PORT.LD with numbers from 0 to 255, like 2 or 2.0",
                    text);
        return false;
    }
    *port = first;
    *ld = second;
    return true;
}

bool parse_tag(const char *text, CxlUuid *out, GError **error)
{
    if (!cxl_uuid_parse(text, out)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "tag '%s' is no UUID, it takes"
                    " one like 01234567-89ab-cdef-0123-456789abcdef", text);
        return false;
    }
    return true;
}

bool parse_extent(const char *text, uint64_t *dpa, uint64_t *len,
                  GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", 3);

    if (g_strv_length(parts) != 2) {
        g_set_error(error, FM_ERROR, FM_USAGE, "'%s' is no extent, it takes"
                    " ADDRESS,LENGTH, like 0x10000000,128M", text);
        return false;
    }
    return parse_size(parts[0], "the address of an extent", dpa, error) &&
           parse_size(parts[1], "the length of an extent", len, error);
}

char *format_size(uint64_t bytes)
{
    unsigned unit = 0;

    while (unit < strlen(units) && bytes && !(bytes % 1024)) {
        bytes /= 1024;
        unit++;
    }
    return unit ? g_strdup_printf("%" PRIu64 "%c", bytes, units[unit - 1]) :
           g_strdup_printf("%" PRIu64, bytes);
}
