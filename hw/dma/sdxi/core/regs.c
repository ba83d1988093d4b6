/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register table and its hooks.  Width and alignment are solved by
 * hw/common/regbank.c.
 */
#include "qemu/osdep.h"
#include "hw/common/regmap.h"
#include "hw/dma/sdxi/core/regs.h"

#define SDXI_VERSION_1_0 \
    (UINT64_C(1) << R_SDXI_VERSION_MAJOR_SHIFT)

#define CTL0_RW (R_SDXI_CTL0_GSR_MASK | R_SDXI_CTL0_PASID_VL_MASK | \
                 R_SDXI_CTL0_ERR_INTR_EN_MASK | R_SDXI_CTL0_PASID_MASK | \
                 R_SDXI_CTL0_GRP_ID_MASK)
#define CTL2_RW (R_SDXI_CTL2_MAX_BUFFER_MASK | R_SDXI_CTL2_MAX_AKEY_SZ_MASK | \
                 R_SDXI_CTL2_MAX_CXT_MASK | R_SDXI_CTL2_OPB_000_MASK)
#define RKEY_RW (R_SDXI_RKEY_EN_MASK | R_SDXI_RKEY_SZ_MASK | \
                 R_SDXI_RKEY_PTR_MASK)
#define ERR_STS_W1C (R_SDXI_ERR_STS_STS_MASK | R_SDXI_ERR_STS_OVF_MASK | \
                     R_SDXI_ERR_STS_ERR_MASK)
#define ERR_CFG_RW (R_SDXI_ERR_CFG_EN_MASK | R_SDXI_ERR_CFG_SZ_MASK | \
                    R_SDXI_ERR_CFG_PTR_MASK)

static void ctl0_post(void *opaque, const RegbankWrite *w)
{
    SdxiRegs *regs = opaque;

    if (w->lanes & R_SDXI_CTL0_GSR_MASK) {
        regs->events->request(regs->owner,
                              FIELD_EX64(w->now, SDXI_CTL0, GSR));
    }
}

/* Limits hold still while contexts rely on them. */
static uint64_t ctl2_pre(void *opaque, const RegbankWrite *w)
{
    SdxiRegs *regs = opaque;

    if (sdxi_regs_gsv(regs) == SDXI_GSV_STOP || w->now == w->old) {
        return w->now;
    }
    regs->events->ignored(regs->owner, SDXI_MMIO_CTL2, w->now ^ w->old);
    return w->old;
}

static void limits_post(void *opaque, const RegbankWrite *w G_GNUC_UNUSED)
{
    SdxiRegs *regs = opaque;

    regs->events->limits(regs->owner);
}

static const RegbankRow general_rows[] = {
    { .offset = SDXI_MMIO_CTL0, .size = 8, .name = "MMIO_CTL0",
      .rw = CTL0_RW, .post = ctl0_post },
    /* A probe finds nobody and ends at once: it reads back as 0. */
    { .offset = SDXI_MMIO_GRP_ENUM, .size = 8, .name = "MMIO_GRP_ENUM",
      .w1c = R_SDXI_GRP_ENUM_PROBE_MASK },
    { .offset = SDXI_MMIO_CTL2, .size = 8, .name = "MMIO_CTL2",
      .rw = CTL2_RW, .pre = ctl2_pre, .post = limits_post },
    { .offset = SDXI_MMIO_STS0, .size = 8, .name = "MMIO_STS0" },
    { .offset = SDXI_MMIO_CAP0, .size = 8, .name = "MMIO_CAP0" },
    { .offset = SDXI_MMIO_CAP1, .size = 8, .name = "MMIO_CAP1" },
    { .offset = SDXI_MMIO_VERSION, .size = 8, .name = "MMIO_VERSION",
      .reset = SDXI_VERSION_1_0 },
};

static const RegbankRow table_rows[] = {
    { .offset = 0, .size = 8, .name = "MMIO_CXT_L2",
      .rw = R_SDXI_CXT_L2_PTR_MASK },
    { .offset = SDXI_MMIO_RKEY - SDXI_MMIO_CXT_L2, .size = 8,
      .name = "MMIO_RKEY", .rw = RKEY_RW, .post = limits_post },
};

static const RegbankRow errlog_rows[] = {
    { .offset = 0, .size = 8, .name = "MMIO_ERR_CTL",
      .rw = R_SDXI_ERR_CTL_INTR_EN_MASK },
    { .offset = SDXI_MMIO_ERR_STS - SDXI_MMIO_ERR_CTL, .size = 8,
      .name = "MMIO_ERR_STS", .w1c = ERR_STS_W1C },
    { .offset = SDXI_MMIO_ERR_CFG - SDXI_MMIO_ERR_CTL, .size = 8,
      .name = "MMIO_ERR_CFG", .rw = ERR_CFG_RW },
    { .offset = SDXI_MMIO_ERR_WRT - SDXI_MMIO_ERR_CTL, .size = 8,
      .name = "MMIO_ERR_WRT", .rw = UINT64_MAX },
    { .offset = SDXI_MMIO_ERR_RD - SDXI_MMIO_ERR_CTL, .size = 8,
      .name = "MMIO_ERR_RD", .rw = UINT64_MAX },
};

typedef struct SdxiBank {
    uint32_t base;
    size_t storage;     /* offset of the bytes in SdxiRegs */
    RegbankDesc desc;
} SdxiBank;

#define BANK(_base, _member, _rows) {                               \
    .base = _base, .storage = offsetof(SdxiRegs, _member),          \
    .desc = {                                                       \
        .name = "sdxi-" #_member, .rows = _rows,                    \
        .num_rows = ARRAY_SIZE(_rows),                              \
        .size = sizeof_field(SdxiRegs, _member),                    \
    } }

static const SdxiBank banks[SDXI_REGS_BANKS] = {
    BANK(SDXI_MMIO_CTL0, general, general_rows),
    BANK(SDXI_MMIO_CXT_L2, tables, table_rows),
    BANK(SDXI_MMIO_ERR_CTL, errlog, errlog_rows),
};

QEMU_BUILD_BUG_ON(ARRAY_SIZE(general_rows) + ARRAY_SIZE(table_rows) +
                  ARRAY_SIZE(errlog_rows) != SDXI_REGS);

const RegbankRow *sdxi_regs_row(unsigned number, uint32_t *offset)
{
    const SdxiBank *bank = banks;

    assert(number < SDXI_REGS);
    for (; number >= bank->desc.num_rows; bank++) {
        number -= bank->desc.num_rows;
    }
    *offset = bank->base + bank->desc.rows[number].offset;
    return &bank->desc.rows[number];
}

/* Other threads see each register as it was before or as it is now. */
static void show_all(SdxiRegs *regs)
{
    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;

        sdxi_regs_row(i, &offset);
        qatomic_set(&regs->shown[i], sdxi_regs_get(regs, offset));
    }
}

static void regs_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    SdxiRegs *regs = opaque;

    for (unsigned i = 0; i < SDXI_REGS_BANKS; i++) {
        const RegbankDesc *desc = &banks[i].desc;

        if (w->row >= desc->rows && w->row < desc->rows + desc->num_rows) {
            regs->events->ignored(regs->owner,
                                  banks[i].base + w->row->offset, bits);
        }
    }
}

/* Who is told of what a write meets, and in which bank. */
typedef struct Meeting {
    SdxiRegsMetFn *fn;
    void *opaque;
    const SdxiBank *bank;
} Meeting;

static void met(void *opaque, const RegbankRow *row,
                unsigned index G_GNUC_UNUSED, uint64_t raw, uint64_t lanes)
{
    Meeting *m = opaque;

    m->fn(m->opaque, m->bank->base + row->offset, raw, lanes);
}

static void meet(Meeting *m, const SdxiBank *bank, uint64_t offset,
                 uint64_t value, unsigned size)
{
    m->bank = bank;
    regbank_each_met(&bank->desc, offset, value, size, met, m);
}

static uint64_t meet_nobody(void *owner G_GNUC_UNUSED,
                            uint64_t offset G_GNUC_UNUSED,
                            unsigned size G_GNUC_UNUSED)
{
    return 0;
}

#define BANK_ACCESS(n)                                              \
    static uint64_t read_bank##n(void *owner, uint64_t offset,      \
                                 unsigned size)                     \
    {                                                               \
        SdxiRegs *regs = owner;                                     \
                                                                    \
        return regbank_read(&regs->bank[n], offset, size);          \
    }                                                               \
    static void write_bank##n(void *owner, uint64_t offset,         \
                              uint64_t value, unsigned size)        \
    {                                                               \
        SdxiRegs *regs = owner;                                     \
                                                                    \
        regbank_write(&regs->bank[n], offset, value, size);         \
    }                                                               \
    static void meet_bank##n(void *owner, uint64_t offset,          \
                             uint64_t value, unsigned size)         \
    {                                                               \
        meet(owner, &banks[n], offset, value, size);                \
    }

BANK_ACCESS(0)
BANK_ACCESS(1)
BANK_ACCESS(2)

#define AREAS(read0, read1, read2, write) {                         \
    { SDXI_MMIO_CTL0, sizeof_field(SdxiRegs, general), read0,       \
      write##0 },                                                   \
    { SDXI_MMIO_CXT_L2, sizeof_field(SdxiRegs, tables), read1,      \
      write##1 },                                                   \
    { SDXI_MMIO_ERR_CTL, sizeof_field(SdxiRegs, errlog), read2,     \
      write##2 },                                                   \
}

static const RegmapArea areas[SDXI_REGS_BANKS] =
    AREAS(read_bank0, read_bank1, read_bank2, write_bank);
static const RegmapArea meeting_areas[SDXI_REGS_BANKS] =
    AREAS(meet_nobody, meet_nobody, meet_nobody, meet_bank);

void sdxi_regs_each_met(uint64_t addr, uint64_t value, unsigned size,
                        SdxiRegsMetFn *fn, void *opaque)
{
    Meeting m = { .fn = fn, .opaque = opaque };

    regmap_write(meeting_areas, SDXI_REGS_BANKS, &m, addr, value, size);
}

uint64_t sdxi_regs_read(SdxiRegs *regs, uint64_t addr, unsigned size)
{
    return regmap_read(areas, SDXI_REGS_BANKS, regs, addr, size);
}

void sdxi_regs_write(SdxiRegs *regs, uint64_t addr, uint64_t value,
                     unsigned size)
{
    regmap_write(areas, SDXI_REGS_BANKS, regs, addr, value, size);
    show_all(regs);
}

/* Ours to get right, so a wild offset is an assertion in regbank. */
static unsigned bank_of(uint32_t offset)
{
    unsigned i = SDXI_REGS_BANKS - 1;

    while (i && offset < banks[i].base) {
        i--;
    }
    return i;
}

uint64_t sdxi_regs_get(const SdxiRegs *regs, uint32_t offset)
{
    unsigned i = bank_of(offset);

    return regbank_get(&regs->bank[i], offset - banks[i].base);
}

static void set(SdxiRegs *regs, uint32_t offset, uint64_t value)
{
    unsigned i = bank_of(offset);

    regbank_set(&regs->bank[i], offset - banks[i].base, value);
}

void sdxi_regs_set(SdxiRegs *regs, uint32_t offset, uint64_t value)
{
    set(regs, offset, value);
    show_all(regs);
}

const RegbankRow *sdxi_regs_row_at(uint32_t offset)
{
    const SdxiBank *bank = &banks[bank_of(offset)];
    unsigned index;

    return regbank_find(&bank->desc, offset - bank->base, &index);
}

static void set_caps(SdxiRegs *regs, const SdxiRegsCaps *caps)
{
    sdxi_regs_set(regs, SDXI_MMIO_CAP0, caps->cap0);
    sdxi_regs_set(regs, SDXI_MMIO_CAP1, caps->cap1);
    sdxi_regs_set(regs, SDXI_MMIO_CTL2, caps->cap1 & CTL2_RW);
}

void sdxi_regs_reset(SdxiRegs *regs)
{
    SdxiRegsCaps caps = {
        .cap0 = sdxi_regs_get(regs, SDXI_MMIO_CAP0),
        .cap1 = sdxi_regs_get(regs, SDXI_MMIO_CAP1),
    };

    for (unsigned i = 0; i < SDXI_REGS_BANKS; i++) {
        regbank_reset(&regs->bank[i], REGBANK_RESET_COLD);
    }
    set_caps(regs, &caps);
}

typedef void BankFn(Regbank *bank, const RegbankDesc *desc, uint8_t *bytes,
                    void *opaque, RegbankIgnoredFn *ignored);

static void tie(SdxiRegs *regs, BankFn *each, const SdxiRegsEvents *events,
                void *owner)
{
    regs->events = events;
    regs->owner = owner;
    for (unsigned i = 0; i < SDXI_REGS_BANKS; i++) {
        each(&regs->bank[i], &banks[i].desc,
             (uint8_t *)regs + banks[i].storage, regs, regs_ignored);
    }
}

void sdxi_regs_copy(SdxiRegs *to, const SdxiRegs *from,
                    const SdxiRegsEvents *events, void *owner)
{
    tie(to, regbank_attach, events, owner);
    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;

        sdxi_regs_row(i, &offset);
        set(to, offset, qatomic_read(&from->shown[i]));
    }
}

void sdxi_regs_init(SdxiRegs *regs, const SdxiRegsCaps *caps,
                    const SdxiRegsEvents *events, void *owner)
{
    tie(regs, regbank_init, events, owner);
    set_caps(regs, caps);
}

/* --- saved state --------------------------------------------------------- */

static const uint32_t saved_same[] = {
    SDXI_MMIO_CAP0, SDXI_MMIO_CAP1, SDXI_MMIO_VERSION,
};

/* STS0 comes with the state of the function; GRP_ENUM remembers nothing. */
static const uint32_t saved[] = {
    SDXI_MMIO_CTL0, SDXI_MMIO_CTL2, SDXI_MMIO_CXT_L2, SDXI_MMIO_RKEY,
    SDXI_MMIO_ERR_CTL, SDXI_MMIO_ERR_STS, SDXI_MMIO_ERR_CFG,
    SDXI_MMIO_ERR_WRT, SDXI_MMIO_ERR_RD,
};

void sdxi_regs_save(const SdxiRegs *regs, SaveWriter *w)
{
    for (unsigned i = 0; i < ARRAY_SIZE(saved_same); i++) {
        save_put(w, sdxi_regs_get(regs, saved_same[i]));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(saved); i++) {
        save_put(w, sdxi_regs_get(regs, saved[i]));
    }
}

void sdxi_regs_load(SdxiRegs *regs, SaveReader *r)
{
    for (unsigned i = 0; i < ARRAY_SIZE(saved_same); i++) {
        save_get_same(r, sdxi_regs_row_at(saved_same[i])->name,
                      sdxi_regs_get(regs, saved_same[i]));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(saved) && save_good(r); i++) {
        const RegbankRow *row = sdxi_regs_row_at(saved[i]);
        uint64_t value = save_get(r);

        if (value & ~(row->rw | row->w1c)) {
            save_refuse_number(r, row->name, value);
        } else {
            sdxi_regs_set(regs, saved[i], value);
        }
    }
}
