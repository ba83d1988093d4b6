/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody else's CDAT, read as software reads it: through the registers of a
 * data object exchange mailbox, entry by entry.  CDAT 1.04, CXL r3.1 8.1.11.
 * The other side of it is doe.h and cdat.h.
 *
 * The device may be anybody's: what it says is bounded, and an answer that
 * does not come at once is none.
 */
#ifndef HW_COMMON_CDAT_READER_H
#define HW_COMMON_CDAT_READER_H

/* A mailbox; @reg is DOE_REG_CTRL to DOE_REG_READ */
typedef struct CdatReaderOps {
    uint32_t (*read)(void *opaque, unsigned reg);
    void (*write)(void *opaque, unsigned reg, uint32_t value);
} CdatReaderOps;

/*
 * The table's bytes, unparsed; free with g_byte_array_unref().  NULL: the
 * mailbox is one of another protocol, or does not answer as it should.
 */
GByteArray *cdat_reader_fetch(const CdatReaderOps *ops, void *opaque);

#endif /* HW_COMMON_CDAT_READER_H */
