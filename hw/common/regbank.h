/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register banks as tables.
 *
 * A bank is a range of bus addresses described by an ordered table of rows.
 * Width, alignment, splitting, merging, read-only bits, write-1-to-clear bits,
 * write-once bits, locks, holes and reset are solved here once; what a
 * register *does* is in the hooks of its row, which always see a whole
 * register.  Which registers exist is not here: see hw/cxl/core/component.c
 * and hw/dma/sdxi/core/regs.c.
 *
 * Rules of access, for any address and any size from 1 to 8 bytes:
 *  - bytes that belong to no row read zero and ignore writes;
 *  - an access that covers several rows acts on them in ascending address
 *    order, each row once;
 *  - an access that covers part of a row acts on that part at once: the other
 *    bytes keep their value, and the hooks run.
 *
 * Values are in host order at this interface.  Storage is little-endian and
 * belongs to the caller, so it can be saved and restored as it is.
 *
 * Invariant (regbank_check): rows are ordered by offset, do not overlap, are
 * naturally aligned, and their masks fit their size; a bit is not both
 * read-write and write-1-to-clear; write-once bits are read-write.
 */
#ifndef HW_COMMON_REGBANK_H
#define HW_COMMON_REGBANK_H

typedef struct RegbankRow RegbankRow;

/* One write, as the hooks see it.  All masks are positioned in the register. */
typedef struct RegbankWrite {
    const RegbankRow *row;
    unsigned index;     /* element number if the row is an array, else 0 */
    uint64_t old;       /* stored value before the write */
    uint64_t now;       /* value after the masks of the row were applied */
    uint64_t raw;       /* the bits the guest drove, zero outside @lanes */
    uint64_t lanes;     /* ones in every byte that the access covered */
} RegbankWrite;

/*
 * Returns the value the guest sees instead of @stored.  Must not change
 * anything a guest can see: partial accesses call it once per piece, and
 * writes call it to tell which ignored bits differ.
 */
typedef uint64_t RegbankReadFn(void *opaque, const RegbankRow *row,
                               unsigned index, uint64_t stored);
/* Returns the value to store: w->now to agree, w->old to refuse. */
typedef uint64_t RegbankPreFn(void *opaque, const RegbankWrite *w);
/* Runs after the store, even if nothing changed; changed bits: old ^ now. */
typedef void RegbankPostFn(void *opaque, const RegbankWrite *w);
/* The guest tried to change @bits which this register does not let it. */
typedef void RegbankIgnoredFn(void *opaque, const RegbankWrite *w,
                              uint64_t bits);

struct RegbankRow {
    uint32_t offset;    /* bytes from the start of the bank */
    uint8_t size;       /* 1, 2, 4 or 8 bytes */
    uint8_t lock_group; /* 0: none; else 1..63, see regbank_lock() */
    bool lock_per_index; /* element i belongs to group lock_group + i */
    uint16_t count;     /* array elements; 0 means 1 */
    uint16_t stride;    /* bytes between elements; 0 means size */
    const char *name;
    uint64_t reset;     /* value after a cold reset */
    uint64_t rw;        /* bits the guest can write */
    uint64_t w1c;       /* bits a written 1 clears */
    uint64_t once;      /* subset of rw: a set bit stays set until reset */
    uint64_t sticky;    /* bits that survive any reset but a cold one */
    RegbankReadFn *read;
    RegbankPreFn *pre;
    RegbankPostFn *post;
};

typedef struct RegbankDesc {
    const char *name;
    const RegbankRow *rows;
    unsigned num_rows;
    uint32_t size;      /* bytes of address space, and of storage */
} RegbankDesc;

typedef struct Regbank {
    const RegbankDesc *desc;
    uint8_t *bytes;     /* caller's storage, desc->size bytes */
    void *opaque;       /* for the hooks */
    RegbankIgnoredFn *ignored; /* may be NULL */
    uint64_t locked;    /* bit g: lock group g is locked; saved state */
} Regbank;

typedef enum RegbankReset {
    REGBANK_RESET_COLD, /* everything */
    REGBANK_RESET_WARM, /* everything but sticky bits */
} RegbankReset;

/* Ties the parts together and resets cold.  @bytes stays the caller's. */
void regbank_init(Regbank *bank, const RegbankDesc *desc, uint8_t *bytes,
                  void *opaque, RegbankIgnoredFn *ignored);
/* The same, but for the values: those of @bytes count, or are set later. */
void regbank_attach(Regbank *bank, const RegbankDesc *desc, uint8_t *bytes,
                    void *opaque, RegbankIgnoredFn *ignored);
void regbank_reset(Regbank *bank, RegbankReset kind);

/* Guest accesses.  @size is 1..8; addresses beyond the bank are holes. */
uint64_t regbank_read(Regbank *bank, uint64_t addr, unsigned size);
void regbank_write(Regbank *bank, uint64_t addr, uint64_t value,
                   unsigned size);

/*
 * For each element of a row that a write of @value meets, in ascending order:
 * the bits that it drives there, and ones in every byte of it that it covers.
 */
typedef void RegbankMetFn(void *opaque, const RegbankRow *row, unsigned index,
                          uint64_t raw, uint64_t lanes);
void regbank_each_met(const RegbankDesc *desc, uint64_t addr, uint64_t value,
                      unsigned size, RegbankMetFn *fn, void *opaque);

/*
 * The device's own view of the register that starts at @offset: no masks, no
 * hooks.  It is a defect of ours if no register starts there.
 */
uint64_t regbank_get(const Regbank *bank, uint32_t offset);
void regbank_set(Regbank *bank, uint32_t offset, uint64_t value);

/*
 * While a group is locked the read-write bits of its rows ignore the guest;
 * write-1-to-clear bits still work.  A reset unlocks every group.
 */
void regbank_lock(Regbank *bank, unsigned group);
void regbank_unlock(Regbank *bank, unsigned group);

bool regbank_is_locked(const Regbank *bank, unsigned group);

/* The bits of a row that are not what the device is: saved state. */
static inline uint64_t regbank_soft_bits(const RegbankRow *row)
{
    return row->rw | row->w1c | row->sticky;
}

/*
 * NULL, or the name of the first row of which @bank has a bit that is none of
 * these and not as in @fresh, a new bank of the same table.
 */
const char *regbank_differs(const Regbank *bank, const Regbank *fresh);

/*
 * Take these bits of every register from somebody else's @bytes of the whole
 * bank, and nothing else.  No hook runs, locks stay as they are.
 */
void regbank_adopt(Regbank *bank, const uint8_t *bytes);

/* The row at @offset and the element's number, or NULL in a hole. */
const RegbankRow *regbank_find(const RegbankDesc *desc, uint64_t offset,
                               unsigned *index);

/* NULL if the table keeps the invariant, else the name of the first bad row. */
const char *regbank_check(const RegbankDesc *desc);

#endif /* HW_COMMON_REGBANK_H */
