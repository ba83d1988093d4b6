/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data object exchange mailbox, PCIe r6.0 6.30: registers, queues, discovery
 * and dispatch.  The contract is in doe.h.
 */
#include "qemu/osdep.h"
#include "hw/common/doe.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(Doe) != 12352 && sizeof(void *) == 8);

void doe_init(Doe *doe, const DoeRow *rows, unsigned num_rows,
              void *opaque, void (*interrupt)(void *opaque))
{
    *doe = (Doe) {
        .rows = rows, .num_rows = num_rows, .opaque = opaque,
        .interrupt = interrupt,
    };
}

void doe_set_watch(Doe *doe, void (*watch)(void *opaque, bool on))
{
    doe->watch = watch;
}

uint32_t doe_ticket(const Doe *doe)
{
    return doe->ticket;
}

static void set_busy(Doe *doe, bool busy)
{
    if (doe->busy != busy) {
        doe->busy = busy;
        doe->watch(doe->opaque, busy);
    }
}

/* What an abort does: the queues are empty, the error is forgotten. */
static void drop_all(Doe *doe)
{
    set_busy(doe, false);
    doe->error = false;
    doe->overrun = false;
    doe->received = 0;
    doe->length = 0;
    doe->taken = 0;
}

void doe_reset(Doe *doe)
{
    drop_all(doe);
    doe->intr_enabled = false;
    doe->intr_status = false;
}

static bool ready(const Doe *doe)
{
    return doe->taken < doe->length;
}

/* PCIe r6.0 6.30.3: on data ready and on error, while enabled */
static void notify(Doe *doe)
{
    bool rises = doe->intr_enabled && !doe->intr_status;

    if (!doe->intr_enabled) {
        return;
    }
    doe->intr_status = true;
    if (rises && doe->interrupt) {
        doe->interrupt(doe->opaque);
    }
}

static void fail(Doe *doe)
{
    drop_all(doe);
    doe->error = true;
    notify(doe);
}

/* PCIe r6.0 6.30.1.1: index in, object type and next index out */
static unsigned discovery(const Doe *doe, uint32_t *response,
                          uint32_t index)
{
    uint16_t vendor = DOE_VENDOR_PCISIG;
    uint8_t type = DOE_TYPE_DISCOVERY;

    index &= 0xff;
    if (index > doe->num_rows) {
        vendor = 0xffff;
        type = 0;
    } else if (index) {
        vendor = doe->rows[index - 1].vendor;
        type = doe->rows[index - 1].type;
    }
    response[0] = DOE_OBJ(DOE_VENDOR_PCISIG, DOE_TYPE_DISCOVERY);
    response[1] = DOE_HEADER_DWORDS + 1;
    response[2] = vendor | (uint32_t)type << 16 |
                  (index < doe->num_rows ? (index + 1) << 24 : 0);
    return DOE_HEADER_DWORDS + 1;
}

static unsigned dispatch(Doe *doe)
{
    uint16_t vendor = DOE_OBJ_VENDOR(doe->request[0]);
    uint8_t type = DOE_OBJ_TYPE(doe->request[0]);

    if (vendor == DOE_VENDOR_PCISIG && type == DOE_TYPE_DISCOVERY) {
        return doe->received == DOE_HEADER_DWORDS + 1 ?
               discovery(doe, doe->response, doe->request[2]) : 0;
    }
    for (unsigned i = 0; i < doe->num_rows; i++) {
        const DoeRow *row = &doe->rows[i];

        if (row->vendor == vendor && row->type == type) {
            return row->handle(doe->opaque, doe->request, doe->received,
                               doe->response, DOE_DWORDS);
        }
    }
    return 0;
}

/* @response is filled in; 0 @length: there is no answer. */
static void answered(Doe *doe, unsigned length)
{
    set_busy(doe, false);
    doe->received = 0;
    if (!length) {
        fail(doe);
        return;
    }
    doe->length = length;
    doe->taken = 0;
    notify(doe);
}

/* Give the object in @request out. */
static void ask(Doe *doe)
{
    unsigned length;

    doe->ticket++;
    length = dispatch(doe);
    if (length == DOE_LATER) {
        assert(doe->watch);
        set_busy(doe, true);
        return;
    }
    assert(length <= DOE_DWORDS);
    answered(doe, length);
}

void doe_answer(Doe *doe, uint32_t ticket, const uint32_t *response,
                unsigned dwords)
{
    assert(dwords <= DOE_DWORDS);
    if (doe->busy && ticket == doe->ticket) {
        if (dwords) {
            memcpy(doe->response, response, dwords * sizeof(*response));
        }
        answered(doe, dwords);
    }
}

void doe_overdue(Doe *doe)
{
    if (doe->busy) {
        answered(doe, 0);
    }
}

void doe_loaded(Doe *doe)
{
    if (doe->busy) {
        doe->busy = false;
        ask(doe);
    }
}

static void go(Doe *doe)
{
    if (doe->error || doe->busy || ready(doe)) {
        return; /* not before the host has dealt with it, or we have */
    }
    if (doe->overrun || doe->received < DOE_HEADER_DWORDS ||
        DOE_OBJ_LEN(doe->request[1]) != doe->received) {
        fail(doe);
        return;
    }
    ask(doe);
}

static uint32_t status(const Doe *doe)
{
    return (doe->busy ? DOE_STATUS_BUSY : 0) |
           (doe->intr_status ? DOE_STATUS_INTR : 0) |
           (doe->error ? DOE_STATUS_ERROR : 0) |
           (ready(doe) ? DOE_STATUS_READY : 0);
}

uint32_t doe_read(const Doe *doe, unsigned offset, unsigned size)
{
    uint32_t value = 0;

    assert(size && offset % 4 + size <= 4);
    switch (offset & ~3u) {
    case DOE_REG_CTRL:
        value = doe->intr_enabled ? DOE_CTRL_INTR_EN : 0;
        break;
    case DOE_REG_STATUS:
        value = status(doe);
        break;
    case DOE_REG_READ:
        value = ready(doe) ? doe->response[doe->taken] : 0;
        break;
    default:
        break;
    }
    return extract32(value, offset % 4 * 8, size * 8);
}

static void write_ctrl(Doe *doe, uint32_t value, uint32_t lanes)
{
    if (lanes & DOE_CTRL_INTR_EN) {
        doe->intr_enabled = doe->interrupt && (value & DOE_CTRL_INTR_EN);
    }
    if (value & DOE_CTRL_ABORT) {
        drop_all(doe);
    } else if (value & DOE_CTRL_GO) {
        go(doe);
    }
}

/* A dword may come in pieces; the piece with its top byte ends it. */
static void write_data(Doe *doe, uint32_t value, uint32_t lanes)
{
    uint32_t *slot;

    if (doe->busy) {
        return; /* the object is being read */
    }
    if (doe->received == DOE_DWORDS) {
        doe->overrun = true;
        return;
    }
    slot = &doe->request[doe->received];
    *slot = (*slot & ~lanes) | value;
    doe->received += lanes >> 31;
}

void doe_write(Doe *doe, unsigned offset, uint32_t value,
               unsigned size)
{
    uint32_t lanes;

    assert(size && offset % 4 + size <= 4);
    lanes = MAKE_64BIT_MASK(offset % 4 * 8, size * 8);
    value = (uint32_t)((uint64_t)value << (offset % 4 * 8)) & lanes;
    switch (offset & ~3u) {
    case DOE_REG_CTRL:
        write_ctrl(doe, value, lanes);
        break;
    case DOE_REG_STATUS:
        if (value & DOE_STATUS_INTR) {
            doe->intr_status = false;
        }
        break;
    case DOE_REG_WRITE:
        write_data(doe, value, lanes);
        break;
    case DOE_REG_READ:
        if (ready(doe) && (lanes >> 31)) {
            doe->taken++;
        }
        break;
    default:
        break;
    }
}

const char *doe_check(const Doe *doe)
{
    if (doe->received > DOE_DWORDS) {
        return "more received than fits";
    }
    if (doe->length > DOE_DWORDS || doe->taken > doe->length) {
        return "more to take than there is";
    }
    if (doe->error && ready(doe)) {
        return "ready and error at once";
    }
    if (doe->busy && (doe->error || ready(doe) || !doe->watch ||
                      doe->received < DOE_HEADER_DWORDS ||
                      DOE_OBJ_LEN(doe->request[1]) != doe->received)) {
        return "busy with nothing";
    }
    if (doe->intr_status && !doe->interrupt) {
        return "interrupt status without an interrupt";
    }
    return NULL;
}

/* One more than was received may have begun to arrive. */
static unsigned request_dwords(const Doe *doe)
{
    return MIN(doe->received + 1, DOE_DWORDS);
}

static bool is_register(uint32_t at)
{
    return at >= DOE_REG_CTRL && at < DOE_EXT_CAP_LEN;
}

uint32_t doe_config_read(const Doe *doe, uint32_t at, uint32_t value,
                         unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        if (is_register(at + i)) {
            value = deposit32(value, 8 * i, 8, doe_read(doe, at + i, 1));
        }
    }
    return value;
}

void doe_config_write(Doe *doe, uint32_t at, uint32_t value, unsigned len)
{
    if (is_register(at) && at / 4 == (at + len - 1) / 4) {
        doe_write(doe, at, value, len);
        return;
    }
    /* Straddles registers; PCI host bridges split these, MMCONFIG may not */
    for (unsigned i = 0; i < len; i++) {
        if (is_register(at + i)) {
            doe_write(doe, at + i, extract32(value, 8 * i, 8), 1);
        }
    }
}

void doe_save(const Doe *doe, SaveWriter *w)
{
    save_put(w, doe->intr_enabled);
    save_put(w, doe->intr_status);
    save_put(w, doe->error);
    save_put(w, doe->overrun);
    save_put(w, doe->busy);
    save_put(w, doe->received);
    save_put(w, doe->length);
    save_put(w, doe->taken);
    for (unsigned i = 0; i < request_dwords(doe); i++) {
        save_put(w, doe->request[i]);
    }
    for (unsigned i = 0; i < doe->length; i++) {
        save_put(w, doe->response[i]);
    }
}

void doe_load(Doe *doe, SaveReader *r)
{
    doe_reset(doe);
    memset(doe->request, 0, sizeof(doe->request));
    memset(doe->response, 0, sizeof(doe->response));
    SAVE_GET(r, doe->intr_enabled);
    SAVE_GET(r, doe->intr_status);
    SAVE_GET(r, doe->error);
    SAVE_GET(r, doe->overrun);
    SAVE_GET(r, doe->busy);
    if (doe->busy && !doe->watch) {
        doe->busy = false;
        save_refuse(r, "an answer that comes later");
    }
    doe->received = save_get_count(r, "dwords received", DOE_DWORDS, 8);
    doe->length = save_get_count(r, "dwords of an answer", DOE_DWORDS, 8);
    SAVE_GET(r, doe->taken);
    for (unsigned i = 0; i < request_dwords(doe); i++) {
        SAVE_GET(r, doe->request[i]);
    }
    for (unsigned i = 0; i < doe->length; i++) {
        SAVE_GET(r, doe->response[i]);
    }
}

void doe_adopt(Doe *doe, const Doe *other)
{
    doe_reset(doe);
    doe->intr_enabled = other->intr_enabled;
    doe->intr_status = other->intr_status;
    doe->error = other->error;
    doe->overrun = other->overrun;
    doe->busy = other->busy;
    doe->received = other->received;
    doe->length = other->length;
    doe->taken = other->taken;
    memcpy(doe->request, other->request, sizeof(doe->request));
    memcpy(doe->response, other->response, sizeof(doe->response));
}
