/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts have handed over of logical devices, in the journal's folder: a
 * file for each, which a new one takes the place of when it is on the disk.
 * Nobody here knows what the bytes mean.
 *
 * A file: magic, length u64, SHA-256 of the bytes, the bytes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include <glib/gstdio.h>
#include "tools/cxl-fabricd/fabricd.h"

#define MAGIC   "cxlfld01"
#define HEADER  48

static void digest(const uint8_t *bytes, size_t len, uint8_t out[32])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize n = 32;

    g_checksum_update(sum, bytes, len);
    g_checksum_get_digest(sum, out, &n);
}

static bool is_state(const uint8_t *file, gsize len)
{
    uint8_t sum[32];

    if (len < HEADER || memcmp(file, MAGIC, 8) ||
        ldq_le_p(file + 8) != len - HEADER) {
        return false;
    }
    digest(file + HEADER, len - HEADER, sum);
    return !memcmp(sum, file + 16, sizeof(sum));
}

/* It has got another size: what was known was of other bytes. */
static bool is_new(const Fabricd *d, unsigned ld)
{
    const CxlLdPlace *place = &d->sw->places.ld[ld];

    return place->stale || !place->len;
}

/* One that is longer than any is not read. */
static bool read_state(Fabricd *d, unsigned ld, GError **error)
{
    const char *name = d->states[ld];
    g_autofree char *text = NULL;
    g_autoptr(GByteArray) bytes = NULL;
    GStatBuf st;
    gsize len = 0;

    if (is_new(d, ld)) {
        cxl_fabric_switch_know(d->sw, ld, NULL);
        return true;
    }
    if (g_stat(name, &st)) {
        if (errno == ENOENT) {
            return true;
        }
        g_set_error(error, FABRICD_ERROR, 0, "--journal: '%s' cannot be looked"
                    " at: %s", name, g_strerror(errno));
        return false;
    }
    if (st.st_size <= HEADER + CXL_FABRIC_STATE_MAX &&
        !g_file_get_contents(name, &text, &len, error)) {
        return false;
    }
    if (!text || !is_state((uint8_t *)text, len)) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal: '%s' is damaged; move"
                    " it away, and logical device %u begins as a new one, with"
                    " the bytes that it has", name, ld);
        return false;
    }
    bytes = g_byte_array_new();
    g_byte_array_append(bytes, (uint8_t *)text + HEADER, len - HEADER);
    cxl_fabric_switch_know(d->sw, ld, bytes);
    d->states_kept[ld] = d->sw->state[ld].changes;
    return true;
}

static bool write_state(Fabricd *d, unsigned ld, GError **error)
{
    const GByteArray *state = d->sw->state[ld].bytes;
    g_autoptr(GByteArray) file = g_byte_array_new();
    uint32_t len = state ? state->len : 0;
    uint8_t header[HEADER] = MAGIC;

    stq_le_p(header + 8, len);
    digest(state ? state->data : header, len, header + 16);
    g_byte_array_append(file, header, HEADER);
    if (len) {
        g_byte_array_append(file, state->data, len);
    }
    return g_file_set_contents_full(d->states[ld], (const char *)file->data,
                                    file->len, G_FILE_SET_CONTENTS_CONSISTENT |
                                    G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

bool states_keep(Fabricd *d, bool all, GError **error)
{
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        if (d->states_kept[i] == d->sw->state[i].changes ||
            (!all && is_new(d, i))) {
            continue;
        }
        if (!write_state(d, i, error)) {
            return false;
        }
        d->states_kept[i] = d->sw->state[i].changes;
    }
    return true;
}

bool states_open(Fabricd *d, const char *folder, GError **error)
{
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        d->states[i] = g_strdup_printf("%s/ld-%u", folder, i);
        if (!read_state(d, i, error)) {
            return false;
        }
    }
    return true;
}

void states_close(Fabricd *d)
{
    for (unsigned i = 0; i < CXL_FABRIC_LDS; i++) {
        g_clear_pointer(&d->states[i], g_free);
    }
}
