/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walk a register table: width, alignment, masks, locks, hooks, reset.
 * The rules are in regbank.h; the tables belong to the devices.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/common/regbank.h"

#define REGBANK_GROUPS 64

static unsigned row_count(const RegbankRow *row)
{
    return row->count ? row->count : 1;
}

static unsigned row_stride(const RegbankRow *row)
{
    return row->stride ? row->stride : row->size;
}

static uint64_t size_mask(unsigned size)
{
    return MAKE_64BIT_MASK(0, size * 8);
}

static uint64_t load(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1:
        return ldub_p(p);
    case 2:
        return lduw_le_p(p);
    case 4:
        return (uint32_t)ldl_le_p(p);
    default:
        return ldq_le_p(p);
    }
}

static void store(uint8_t *p, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        stb_p(p, value);
        break;
    case 2:
        stw_le_p(p, value);
        break;
    case 4:
        stl_le_p(p, value);
        break;
    default:
        stq_le_p(p, value);
        break;
    }
}

static uint8_t *element(const Regbank *bank, const RegbankRow *row,
                        unsigned index)
{
    return bank->bytes + row->offset + index * row_stride(row);
}

/* The row that owns the byte at @addr; *@byte is its place in the element. */
static const RegbankRow *find_byte(const RegbankDesc *desc, uint64_t addr,
                                   unsigned *index, unsigned *byte)
{
    for (unsigned i = 0; i < desc->num_rows; i++) {
        const RegbankRow *row = &desc->rows[i];
        uint64_t rel;

        if (addr < row->offset) {
            return NULL;
        }
        rel = addr - row->offset;
        if (rel / row_stride(row) < row_count(row) &&
            rel % row_stride(row) < row->size) {
            *index = rel / row_stride(row);
            *byte = rel % row_stride(row);
            return row;
        }
    }
    return NULL;
}

const RegbankRow *regbank_find(const RegbankDesc *desc, uint64_t offset,
                               unsigned *index)
{
    unsigned byte;

    return find_byte(desc, offset, index, &byte);
}

static bool row_locked(const Regbank *bank, const RegbankRow *row,
                       unsigned index)
{
    unsigned group = row->lock_group;

    if (!group) {
        return false;
    }
    return extract64(bank->locked, group + (row->lock_per_index ? index : 0),
                     1);
}

static uint64_t visible(Regbank *bank, const RegbankRow *row, unsigned index)
{
    uint64_t stored = load(element(bank, row, index), row->size);

    if (row->read) {
        stored = row->read(bank->opaque, row, index, stored);
    }
    return stored & size_mask(row->size);
}

/* Nothing follows the last address there is. */
static unsigned clip(uint64_t addr, unsigned size)
{
    return addr > UINT64_MAX - (size - 1) ? -addr : size;
}

/* The part of an access that meets one element of one row. */
typedef struct Piece {
    const RegbankRow *row;
    unsigned index;
    unsigned byte;      /* where it starts in the element */
    unsigned at, len;   /* where it lies in the access */
} Piece;

/* Moves on from *@p, all zeroes at first; false at the end of the access. */
static bool next_piece(const RegbankDesc *desc, uint64_t addr, unsigned size,
                       Piece *p)
{
    assert(size >= 1 && size <= 8);
    size = clip(addr, size);
    for (p->at += p->len; p->at < size; p->at++) {
        p->row = find_byte(desc, addr + p->at, &p->index, &p->byte);
        if (p->row) {
            p->len = MIN(p->row->size - p->byte, size - p->at);
            return true;
        }
    }
    return false;
}

uint64_t regbank_read(Regbank *bank, uint64_t addr, unsigned size)
{
    uint64_t result = 0;

    for (Piece p = { 0 }; next_piece(bank->desc, addr, size, &p); ) {
        result |= extract64(visible(bank, p.row, p.index), p.byte * 8,
                            p.len * 8) << (p.at * 8);
    }
    return result;
}

static void write_row(void *opaque, const RegbankRow *row, unsigned index,
                      uint64_t raw, uint64_t lanes)
{
    Regbank *bank = opaque;
    uint8_t *p = element(bank, row, index);
    uint64_t rw = row_locked(bank, row, index) ? 0 : row->rw;
    uint64_t ignored;
    RegbankWrite w = {
        .row = row, .index = index, .raw = raw, .lanes = lanes,
        .old = load(p, row->size),
    };

    ignored = (raw ^ visible(bank, row, index)) & lanes & ~rw & ~row->w1c;
    /* A write-once bit that is set can no longer be cleared. */
    ignored |= w.old & row->once & ~raw & lanes & rw;
    w.now = (w.old & ~(rw & lanes)) | (raw & rw & lanes);
    w.now |= w.old & row->once;
    w.now &= ~(raw & row->w1c & lanes);

    if (row->pre) {
        w.now = row->pre(bank->opaque, &w) & size_mask(row->size);
    }
    store(p, row->size, w.now);
    if (ignored && bank->ignored) {
        bank->ignored(bank->opaque, &w, ignored);
    }
    if (row->post) {
        row->post(bank->opaque, &w);
    }
}

void regbank_each_met(const RegbankDesc *desc, uint64_t addr, uint64_t value,
                      unsigned size, RegbankMetFn *fn, void *opaque)
{
    for (Piece p = { 0 }; next_piece(desc, addr, size, &p); ) {
        fn(opaque, p.row, p.index,
           extract64(value, p.at * 8, p.len * 8) << (p.byte * 8),
           MAKE_64BIT_MASK(p.byte * 8, p.len * 8));
    }
}

void regbank_write(Regbank *bank, uint64_t addr, uint64_t value,
                   unsigned size)
{
    regbank_each_met(bank->desc, addr, value, size, write_row, bank);
}

/* Only for offsets our own code names, so a miss is our defect. */
static uint8_t *own_register(const Regbank *bank, uint32_t offset,
                             unsigned *size)
{
    unsigned index, byte;
    const RegbankRow *row = find_byte(bank->desc, offset, &index, &byte);

    assert(row && byte == 0);
    *size = row->size;
    return element(bank, row, index);
}

uint64_t regbank_get(const Regbank *bank, uint32_t offset)
{
    unsigned size;
    const uint8_t *p = own_register(bank, offset, &size);

    return load(p, size);
}

void regbank_set(Regbank *bank, uint32_t offset, uint64_t value)
{
    unsigned size;
    uint8_t *p = own_register(bank, offset, &size);

    store(p, size, value);
}

void regbank_lock(Regbank *bank, unsigned group)
{
    assert(group > 0 && group < REGBANK_GROUPS);
    bank->locked |= BIT_ULL(group);
}

void regbank_unlock(Regbank *bank, unsigned group)
{
    assert(group > 0 && group < REGBANK_GROUPS);
    bank->locked &= ~BIT_ULL(group);
}

bool regbank_is_locked(const Regbank *bank, unsigned group)
{
    assert(group && group < REGBANK_GROUPS);
    return extract64(bank->locked, group, 1);
}

void regbank_adopt(Regbank *bank, const uint8_t *bytes)
{
    for (unsigned i = 0; i < bank->desc->num_rows; i++) {
        const RegbankRow *row = &bank->desc->rows[i];
        uint64_t soft = regbank_soft_bits(row);

        for (unsigned n = 0; n < row_count(row); n++) {
            uint8_t *ours = element(bank, row, n);
            uint64_t theirs = load(bytes + (ours - bank->bytes), row->size);

            store(ours, row->size,
                  (load(ours, row->size) & ~soft) | (theirs & soft));
        }
    }
}

void regbank_reset(Regbank *bank, RegbankReset kind)
{
    bank->locked = 0;
    for (unsigned i = 0; i < bank->desc->num_rows; i++) {
        const RegbankRow *row = &bank->desc->rows[i];
        uint64_t keep = kind == REGBANK_RESET_WARM ? row->sticky : 0;

        for (unsigned n = 0; n < row_count(row); n++) {
            uint8_t *p = element(bank, row, n);

            store(p, row->size,
                  (load(p, row->size) & keep) | (row->reset & ~keep));
        }
    }
}

void regbank_attach(Regbank *bank, const RegbankDesc *desc, uint8_t *bytes,
                    void *opaque, RegbankIgnoredFn *ignored)
{
    *bank = (Regbank) {
        .desc = desc, .bytes = bytes, .opaque = opaque, .ignored = ignored,
    };
}

void regbank_init(Regbank *bank, const RegbankDesc *desc, uint8_t *bytes,
                  void *opaque, RegbankIgnoredFn *ignored)
{
    regbank_attach(bank, desc, bytes, opaque, ignored);
    assert(!regbank_check(desc));
    memset(bytes, 0, desc->size);
    regbank_reset(bank, REGBANK_RESET_COLD);
}

static bool row_ok(const RegbankRow *row, uint32_t bank_size)
{
    uint64_t end = (uint64_t)row->offset +
                   (uint64_t)(row_count(row) - 1) * row_stride(row) +
                   row->size;
    unsigned last_group = row->lock_group +
                          (row->lock_per_index ? row_count(row) - 1 : 0);

    return row->name && row->size <= 8 && is_power_of_2(row->size) &&
           QEMU_IS_ALIGNED(row->offset, row->size) &&
           QEMU_IS_ALIGNED(row_stride(row), row->size) &&
           end <= bank_size && last_group < REGBANK_GROUPS &&
           !((row->reset | row->rw | row->w1c | row->sticky) &
             ~size_mask(row->size)) &&
           !(row->rw & row->w1c) && !(row->once & ~row->rw);
}

/* Marks the bytes of @row in @map; false if one is taken already. */
static bool row_claim(const RegbankRow *row, uint8_t *map)
{
    for (unsigned n = 0; n < row_count(row); n++) {
        for (unsigned b = 0; b < row->size; b++) {
            uint8_t *p = &map[row->offset + n * row_stride(row) + b];

            if (*p) {
                return false;
            }
            *p = 1;
        }
    }
    return true;
}

const char *regbank_check(const RegbankDesc *desc)
{
    g_autofree uint8_t *map = g_new0(uint8_t, desc->size);

    for (unsigned i = 0; i < desc->num_rows; i++) {
        const RegbankRow *row = &desc->rows[i];

        if ((i && row->offset <= desc->rows[i - 1].offset) ||
            !row_ok(row, desc->size) || !row_claim(row, map)) {
            return row->name ? row->name : "(unnamed)";
        }
    }
    return NULL;
}

static bool row_differs(const RegbankRow *row, const Regbank *bank,
                        const Regbank *fresh)
{
    for (unsigned n = 0; n < row_count(row); n++) {
        uint32_t at = row->offset + n * row_stride(row);

        if ((regbank_get(bank, at) ^ regbank_get(fresh, at)) &
            ~regbank_soft_bits(row)) {
            return true;
        }
    }
    return false;
}

const char *regbank_differs(const Regbank *bank, const Regbank *fresh)
{
    for (unsigned i = 0; i < bank->desc->num_rows; i++) {
        if (row_differs(&bank->desc->rows[i], bank, fresh)) {
            return bank->desc->rows[i].name;
        }
    }
    return NULL;
}
