/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Payloads byte by byte, little-endian: writing a request, and reading an
 * answer that may be shorter than it should be.
 */
#ifndef TOOLS_CXL_FM_BYTES_H
#define TOOLS_CXL_FM_BYTES_H

/* Appends to a request. */
void put_u8(GByteArray *b, uint8_t value);
void put_u16(GByteArray *b, uint16_t value);
void put_u32(GByteArray *b, uint32_t value);
void put_u64(GByteArray *b, uint64_t value);
void put_zeros(GByteArray *b, unsigned len);

/* An answer; whatever lies beyond its end reads as zero, and is remembered. */
typedef struct Reader {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    bool too_short;
} Reader;

Reader reader_of(const GByteArray *b);
uint8_t get_u8(Reader *r);
uint16_t get_u16(Reader *r);
uint32_t get_u32(Reader *r);
uint64_t get_u64(Reader *r);
void get_bytes(Reader *r, void *out, size_t len);
void skip_bytes(Reader *r, size_t len);

#endif /* TOOLS_CXL_FM_BYTES_H */
