/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAS capability: status, masks, first error pointer and the queue behind the
 * header log.  CXL r3.1 8.2.4.17.  The contract is in ras.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/ras.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlRas) != 2328 && sizeof(void *) == 8);

static uint64_t ue_status_pre(void *opaque, const RegbankWrite *w);

static const RegbankRow ras_rows[] = {
    { .offset = CXL_RAS_UE_STATUS, .size = 4, .name = "ras-ue-status",
      .w1c = CXL_RAS_UE_VALID, .sticky = CXL_RAS_UE_VALID,
      .pre = ue_status_pre },
    { .offset = CXL_RAS_UE_MASK, .size = 4, .name = "ras-ue-mask",
      .reset = CXL_RAS_UE_VALID, .rw = CXL_RAS_UE_VALID,
      .sticky = CXL_RAS_UE_VALID },
    { .offset = CXL_RAS_UE_SEVERITY, .size = 4, .name = "ras-ue-severity",
      .reset = CXL_RAS_UE_VALID, .rw = CXL_RAS_UE_VALID,
      .sticky = CXL_RAS_UE_VALID },
    { .offset = CXL_RAS_CE_STATUS, .size = 4, .name = "ras-ce-status",
      .w1c = CXL_RAS_CE_VALID, .sticky = CXL_RAS_CE_VALID },
    { .offset = CXL_RAS_CE_MASK, .size = 4, .name = "ras-ce-mask",
      .reset = CXL_RAS_CE_VALID, .rw = CXL_RAS_CE_VALID,
      .sticky = CXL_RAS_CE_VALID },
    { .offset = CXL_RAS_CTRL, .size = 4, .name = "ras-ctrl",
      .reset = CXL_RAS_CTRL_MULTIPLE, .sticky = CXL_RAS_CTRL_FIRST },
    { .offset = CXL_RAS_HEADER, .size = 4, .name = "ras-header",
      .count = CXL_RAS_HEADER_DWORDS, .sticky = UINT32_MAX },
};

static const RegbankDesc ras_desc = {
    .name = "ras", .rows = ras_rows, .num_rows = G_N_ELEMENTS(ras_rows),
    .size = CXL_RAS_LEN,
};

/* Registers show the first record, or nothing. */
static void show_first(CxlRas *ras)
{
    const CxlRasRecord none = { 0 };
    const CxlRasRecord *r = ras->queued ? &ras->queue[0] : &none;

    regbank_set(&ras->bank, CXL_RAS_CTRL, CXL_RAS_CTRL_MULTIPLE | r->bit);
    for (unsigned i = 0; i < CXL_RAS_HEADER_DWORDS; i++) {
        regbank_set(&ras->bank, CXL_RAS_HEADER + 4 * i, r->header[i]);
    }
}

/* Keep the records from @skip on whose bit is not in @drop. */
static void keep_others(CxlRas *ras, unsigned skip, uint32_t drop)
{
    unsigned kept = 0;

    for (unsigned i = skip; i < ras->queued; i++) {
        if (!extract32(drop, ras->queue[i].bit, 1)) {
            ras->queue[kept++] = ras->queue[i];
        }
    }
    ras->queued = kept;
}

static uint32_t queued_bits(const CxlRas *ras)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < ras->queued; i++) {
        bits |= BIT(ras->queue[i].bit);
    }
    return bits;
}

static uint64_t ue_status_pre(void *opaque, const RegbankWrite *w)
{
    CxlRas *ras = opaque;
    uint32_t cleared = w->old & ~w->now;

    if (ras->queued && cleared == BIT(ras->queue[0].bit)) {
        keep_others(ras, 1, 0);
    } else {
        keep_others(ras, 0, cleared);
    }
    show_first(ras);
    return w->now | queued_bits(ras);
}

static void report_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlRas *ras = opaque;

    if (ras->ignored) {
        ras->ignored(ras->opaque, w, bits);
    }
}

void cxl_ras_init(CxlRas *ras, void *opaque, RegbankIgnoredFn *ignored)
{
    *ras = (CxlRas) { .ignored = ignored, .opaque = opaque };
    regbank_init(&ras->bank, &ras_desc, ras->bytes, ras, report_ignored);
}

void cxl_ras_reset(CxlRas *ras, bool cold)
{
    if (cold) {
        ras->queued = 0;
    }
    regbank_reset(&ras->bank,
                  cold ? REGBANK_RESET_COLD : REGBANK_RESET_WARM);
}

uint64_t cxl_ras_read(CxlRas *ras, uint64_t offset, unsigned size)
{
    return regbank_read(&ras->bank, offset, size);
}

void cxl_ras_write(CxlRas *ras, uint64_t offset, uint64_t value,
                   unsigned size)
{
    regbank_write(&ras->bank, offset, value, size);
}

static void raise_bit(CxlRas *ras, uint32_t status, unsigned bit)
{
    regbank_set(&ras->bank, status,
                regbank_get(&ras->bank, status) | BIT(bit));
}

bool cxl_ras_uncorrectable(CxlRas *ras, unsigned bit, const uint32_t *header,
                           unsigned dwords, CxlRasSignal *signal)
{
    *signal = CXL_RAS_SIGNAL_NONE;
    if (bit > 31 || !extract32(CXL_RAS_UE_VALID, bit, 1) ||
        dwords > CXL_RAS_HEADER_DWORDS) {
        return false;
    }
    raise_bit(ras, CXL_RAS_UE_STATUS, bit);
    if (extract32(regbank_get(&ras->bank, CXL_RAS_UE_MASK), bit, 1)) {
        return true;
    }
    if (ras->queued < CXL_RAS_QUEUE_MAX) {
        CxlRasRecord *r = &ras->queue[ras->queued++];

        *r = (CxlRasRecord) { .bit = bit };
        memcpy(r->header, header, dwords * sizeof(*header));
        show_first(ras);
    }
    *signal = extract32(regbank_get(&ras->bank, CXL_RAS_UE_SEVERITY), bit, 1) ?
              CXL_RAS_SIGNAL_FATAL : CXL_RAS_SIGNAL_NONFATAL;
    return true;
}

bool cxl_ras_correctable(CxlRas *ras, unsigned bit, CxlRasSignal *signal)
{
    *signal = CXL_RAS_SIGNAL_NONE;
    if (bit > 31 || !extract32(CXL_RAS_CE_VALID, bit, 1)) {
        return false;
    }
    raise_bit(ras, CXL_RAS_CE_STATUS, bit);
    if (!extract32(regbank_get(&ras->bank, CXL_RAS_CE_MASK), bit, 1)) {
        *signal = CXL_RAS_SIGNAL_CORRECTABLE;
    }
    return true;
}

CxlRasSignal cxl_ras_uncorrectables(CxlRas *ras, const CxlRasRecord *errors,
                                    unsigned n)
{
    CxlRasSignal worst = CXL_RAS_SIGNAL_NONE, signal;

    for (unsigned i = 0; i < n; i++) {
        cxl_ras_uncorrectable(ras, errors[i].bit, errors[i].header,
                              CXL_RAS_HEADER_DWORDS, &signal);
        worst = MAX(worst, signal);
    }
    return worst;
}

static const char *const uncorrectable_names[] = {
    [CXL_RAS_UE_CACHE_DATA_PARITY] = "cache-data-parity",
    [CXL_RAS_UE_CACHE_ADDR_PARITY] = "cache-address-parity",
    [CXL_RAS_UE_CACHE_BE_PARITY] = "cache-be-parity",
    [CXL_RAS_UE_CACHE_DATA_ECC] = "cache-data-ecc",
    [CXL_RAS_UE_MEM_DATA_PARITY] = "mem-data-parity",
    [CXL_RAS_UE_MEM_ADDR_PARITY] = "mem-address-parity",
    [CXL_RAS_UE_MEM_BE_PARITY] = "mem-be-parity",
    [CXL_RAS_UE_MEM_DATA_ECC] = "mem-data-ecc",
    [CXL_RAS_UE_REINIT_THRESHOLD] = "reinit-threshold",
    [CXL_RAS_UE_RSVD_ENCODING] = "rsvd-encoding",
    [CXL_RAS_UE_POISON_RECEIVED] = "poison-received",
    [CXL_RAS_UE_RECEIVER_OVERFLOW] = "receiver-overflow",
    [CXL_RAS_UE_INTERNAL] = "internal",
    [CXL_RAS_UE_IDE_TX] = "cxl-ide-tx",
    [CXL_RAS_UE_IDE_RX] = "cxl-ide-rx",
};

static const char *const correctable_names[] = {
    [CXL_RAS_CE_CACHE_DATA_ECC] = "cache-data-ecc",
    [CXL_RAS_CE_MEM_DATA_ECC] = "mem-data-ecc",
    [CXL_RAS_CE_CRC_THRESHOLD] = "crc-threshold",
    [CXL_RAS_CE_RETRY_THRESHOLD] = "retry-threshold",
    [CXL_RAS_CE_CACHE_POISON] = "cache-poison-received",
    [CXL_RAS_CE_MEM_POISON] = "mem-poison-received",
    [CXL_RAS_CE_PHYSICAL] = "physical",
};

static unsigned named(const char *const *names, unsigned count,
                      const char *name)
{
    for (unsigned bit = 0; bit < count; bit++) {
        if (!g_strcmp0(names[bit], name)) {
            return bit;
        }
    }
    return 32;
}

unsigned cxl_ras_uncorrectable_named(const char *name)
{
    return named(uncorrectable_names, ARRAY_SIZE(uncorrectable_names), name);
}

unsigned cxl_ras_correctable_named(const char *name)
{
    return named(correctable_names, ARRAY_SIZE(correctable_names), name);
}

void cxl_ras_unmask(CxlRas *ras)
{
    regbank_set(&ras->bank, CXL_RAS_UE_MASK, 0);
    regbank_set(&ras->bank, CXL_RAS_CE_MASK, 0);
}

void cxl_ras_set_fatal(CxlRas *ras, unsigned bit, bool fatal)
{
    uint32_t severity = regbank_get(&ras->bank, CXL_RAS_UE_SEVERITY);

    assert(CXL_RAS_UE_VALID & BIT(bit));
    regbank_set(&ras->bank, CXL_RAS_UE_SEVERITY,
                fatal ? severity | BIT(bit) : severity & ~BIT(bit));
}

void cxl_ras_errors(const CxlRas *ras, CxlRasErrors *out)
{
    uint32_t rest = regbank_get(&ras->bank, CXL_RAS_UE_STATUS);

    *out = (CxlRasErrors) {
        .uncorrectable = rest,
        .correctable = regbank_get(&ras->bank, CXL_RAS_CE_STATUS),
        .recorded = ras->queued,
        .count = ras->queued,
    };
    for (unsigned i = 0; i < ras->queued; i++) {
        out->record[i] = ras->queue[i];
        rest &= ~BIT(ras->queue[i].bit);
    }
    for (; rest; rest &= rest - 1) {
        out->record[out->count++].bit = ctz32(rest);
    }
}

const char *cxl_ras_check(const CxlRas *ras)
{
    uint32_t status = regbank_get(&ras->bank, CXL_RAS_UE_STATUS);
    uint32_t first = regbank_get(&ras->bank, CXL_RAS_CTRL) &
                     CXL_RAS_CTRL_FIRST;

    if (ras->queued > CXL_RAS_QUEUE_MAX) {
        return "more records than the queue holds";
    }
    for (unsigned i = 0; i < ras->queued; i++) {
        if (ras->queue[i].bit > 31) {
            return "record of a bit that does not exist";
        }
    }
    if (queued_bits(ras) & ~status) {
        return "record without its status bit";
    }
    if (first != (ras->queued ? ras->queue[0].bit : 0)) {
        return "first error pointer does not show the first record";
    }
    for (unsigned i = 0; i < CXL_RAS_HEADER_DWORDS; i++) {
        if (regbank_get(&ras->bank, CXL_RAS_HEADER + 4 * i) !=
            (ras->queued ? ras->queue[0].header[i] : 0)) {
            return "header log does not show the first record";
        }
    }
    return NULL;
}

bool cxl_ras_pristine(const CxlRas *ras)
{
    CxlRas fresh;

    cxl_ras_init(&fresh, NULL, NULL);
    return !ras->queued &&
           !memcmp(ras->bytes, fresh.bytes, sizeof(fresh.bytes));
}

void cxl_ras_adopt(CxlRas *ras, const uint8_t bytes[CXL_RAS_LEN],
                   const CxlRasRecord *queue, uint32_t queued)
{
    regbank_reset(&ras->bank, REGBANK_RESET_COLD);
    regbank_adopt(&ras->bank, bytes);
    ras->queued = MIN(queued, CXL_RAS_QUEUE_MAX);
    memcpy(ras->queue, queue, ras->queued * sizeof(*queue));
}

void cxl_ras_save(const CxlRas *ras, SaveWriter *w)
{
    save_put_bytes(w, ras->bytes, sizeof(ras->bytes));
    save_put(w, ras->queued);
    for (unsigned i = 0; i < ras->queued; i++) {
        save_put(w, ras->queue[i].bit);
        for (unsigned n = 0; n < CXL_RAS_HEADER_DWORDS; n++) {
            save_put(w, ras->queue[i].header[n]);
        }
    }
}

void cxl_ras_load(CxlRas *ras, SaveReader *r)
{
    CxlRasRecord queue[CXL_RAS_QUEUE_MAX] = { };
    uint8_t bytes[CXL_RAS_LEN];
    uint32_t queued;

    save_get_bytes(r, bytes, sizeof(bytes));
    queued = save_get_count(r, "recorded errors", CXL_RAS_QUEUE_MAX,
                            8 * (1 + CXL_RAS_HEADER_DWORDS));
    for (unsigned i = 0; i < queued; i++) {
        SAVE_GET(r, queue[i].bit);
        for (unsigned n = 0; n < CXL_RAS_HEADER_DWORDS; n++) {
            SAVE_GET(r, queue[i].header[n]);
        }
    }
    cxl_ras_adopt(ras, bytes, queue, queued);
}

static void save_alone(const void *ras, SaveWriter *w)
{
    cxl_ras_save(ras, w);
}

static void load_alone(void *ras, SaveReader *r)
{
    const char *wrong;

    cxl_ras_load(ras, r);
    wrong = cxl_ras_check(ras);
    if (wrong) {
        save_refuse(r, wrong);
    }
}

static const SaveRoom alone[] = {
    { .name = "ras", .version = 1, .save = save_alone, .load = load_alone },
};

void cxl_ras_save_alone(const CxlRas *ras, GByteArray *out)
{
    save_rooms("cxl-port", alone, G_N_ELEMENTS(alone), ras, out);
}

bool cxl_ras_load_alone(CxlRas *ras, const uint8_t *bytes, size_t len,
                        char **problem)
{
    g_autofree CxlRas *before = g_memdup2(ras, sizeof(*ras));
    bool good = save_load_rooms("cxl-port", alone, G_N_ELEMENTS(alone), ras,
                                bytes, len, problem);

    if (!good) {
        *ras = *before;
    }
    return good;
}
