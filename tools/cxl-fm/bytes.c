/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and answers as bytes; see bytes.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tools/cxl-fm/bytes.h"

void put_u8(GByteArray *b, uint8_t value)
{
    g_byte_array_append(b, &value, 1);
}

static void put(GByteArray *b, uint64_t value, unsigned len)
{
    uint8_t bytes[8];

    stq_le_p(bytes, value);
    g_byte_array_append(b, bytes, len);
}

void put_u16(GByteArray *b, uint16_t value)
{
    put(b, value, 2);
}

void put_u32(GByteArray *b, uint32_t value)
{
    put(b, value, 4);
}

void put_u64(GByteArray *b, uint64_t value)
{
    put(b, value, 8);
}

void put_zeros(GByteArray *b, unsigned len)
{
    while (len--) {
        put_u8(b, 0);
    }
}

Reader reader_of(const GByteArray *b)
{
    return (Reader) { .bytes = b->data, .len = b->len };
}

void get_bytes(Reader *r, void *out, size_t len)
{
    size_t there = MIN(len, r->len - r->at);

    memset(out, 0, len);
    if (there) {
        memcpy(out, r->bytes + r->at, there);
    }
    r->at += there;
    r->too_short |= there < len;
}

static uint64_t get(Reader *r, unsigned len)
{
    uint8_t bytes[8] = { 0 };

    get_bytes(r, bytes, len);
    return ldq_le_p(bytes);
}

uint8_t get_u8(Reader *r)
{
    return get(r, 1);
}

uint16_t get_u16(Reader *r)
{
    return get(r, 2);
}

uint32_t get_u32(Reader *r)
{
    return get(r, 4);
}

uint64_t get_u64(Reader *r)
{
    return get(r, 8);
}

void skip_bytes(Reader *r, size_t len)
{
    size_t there = MIN(len, r->len - r->at);

    r->at += there;
    r->too_short |= there < len;
}
