/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a CDAT through a mailbox; see cdat-reader.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/cdat-reader.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"

/* The header of an answer; CDAT entries are at most 64 KiB long. */
#define ANSWER_DWORDS       (DOE_HEADER_DWORDS + 1)
#define ANSWER_DWORDS_MAX   (0x10000 / 4 + ANSWER_DWORDS)
#define ENTRIES_MAX         1024

typedef struct Reader {
    const CdatReaderOps *ops;
    void *opaque;
    GByteArray *table;
    uint16_t handle;            /* of the entry that is asked for next */
} Reader;

static void ask(Reader *r)
{
    uint32_t request[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), ANSWER_DWORDS,
        (uint32_t)r->handle << 16,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(request); i++) {
        r->ops->write(r->opaque, DOE_REG_WRITE, request[i]);
    }
    r->ops->write(r->opaque, DOE_REG_CTRL, DOE_CTRL_GO);
}

static uint32_t take(Reader *r)
{
    uint32_t word = r->ops->read(r->opaque, DOE_REG_READ);

    r->ops->write(r->opaque, DOE_REG_READ, 0);
    return word;
}

/*
 * One entry by its handle.  A device that does not answer at once, or not to
 * this protocol, has no CDAT for us.
 */
static bool fetch_entry(Reader *r)
{
    uint32_t length, word;

    ask(r);
    if (!(r->ops->read(r->opaque, DOE_REG_STATUS) & DOE_STATUS_READY)) {
        return false;
    }
    take(r);
    length = DOE_OBJ_LEN(take(r));
    if (length < ANSWER_DWORDS || length > ANSWER_DWORDS_MAX) {
        return false;
    }
    r->handle = CDAT_DOE_HANDLE(take(r));
    for (; length > ANSWER_DWORDS; length--) {
        word = cpu_to_le32(take(r));
        g_byte_array_append(r->table, (const uint8_t *)&word, sizeof(word));
    }
    return true;
}

GByteArray *cdat_reader_fetch(const CdatReaderOps *ops, void *opaque)
{
    Reader r = {
        .ops = ops, .opaque = opaque, .table = g_byte_array_new(),
    };
    unsigned entries = 0;
    bool ok;

    do {
        ok = fetch_entry(&r) && ++entries < ENTRIES_MAX;
    } while (ok && r.handle != CDAT_DOE_LAST);
    ops->write(opaque, DOE_REG_CTRL, DOE_CTRL_ABORT);
    if (!ok) {
        g_clear_pointer(&r.table, g_byte_array_unref);
    }
    return r.table;
}
