/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GLib's SHA-256 of one or two runs of bytes; see sha256.h.
 */
#include "qemu/osdep.h"
#include "hw/common/sha256.h"

void sha256_of_two(const void *head, size_t head_len, const void *bytes,
                   size_t len, uint8_t out[SHA256_BYTES])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = SHA256_BYTES;

    /* GLib takes a negative length for that of a string. */
    assert(head_len <= G_MAXSSIZE && len <= G_MAXSSIZE);
    g_checksum_update(sum, head, head_len);
    g_checksum_update(sum, bytes, len);
    g_checksum_get_digest(sum, out, &size);
    assert(size == SHA256_BYTES);
}

void sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_BYTES])
{
    sha256_of_two(NULL, 0, bytes, len, out);
}
