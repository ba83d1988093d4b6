/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 of bytes as bytes, FIPS 180-4: what tells whether something that was
 * written is whole, or is what it was.  The arithmetic is GLib's.
 */
#ifndef HW_COMMON_SHA256_H
#define HW_COMMON_SHA256_H

#define SHA256_BYTES 32

/* Of @len bytes; @bytes may be NULL if there are none. */
void sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_BYTES]);
/* Of @head_len bytes and of the @len bytes that belong behind them */
void sha256_of_two(const void *head, size_t head_len, const void *bytes,
                   size_t len, uint8_t out[SHA256_BYTES]);

#endif /* HW_COMMON_SHA256_H */
