/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register table of the device register block, doorbell, payload area.
 * The story of a command: control write -> ring() -> cxl_cci_execute() ->
 * finish().  See mailbox.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/common/regmap.h"
#include "hw/cxl/core/mailbox.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlMailbox) != 384 && sizeof(void *) == 8);

#define MAILBOX(reg) (CXL_DEVREG_MAILBOX + (reg))

/*
 * A client's table of return codes may end here and newer codes overrun it,
 * except that whoever sends a request to abort has to know its answer.
 */
#define HIGHEST_RC CXL_RC_EXTENT_LIST

static uint64_t read_event_status(void *opaque,
                                  const RegbankRow *row G_GNUC_UNUSED,
                                  unsigned index G_GNUC_UNUSED,
                                  uint64_t stored G_GNUC_UNUSED)
{
    CxlMailbox *mb = opaque;

    return mb->events ? cxl_events_status(mb->events) : 0;
}

static uint64_t read_memdev_status(void *opaque,
                                   const RegbankRow *row G_GNUC_UNUSED,
                                   unsigned index G_GNUC_UNUSED,
                                   uint64_t stored G_GNUC_UNUSED)
{
    CxlMailbox *mb = opaque;

    return mb->media ? cxl_media_status(mb->media) : 0;
}

static uint64_t read_control(void *opaque, const RegbankRow *row G_GNUC_UNUSED,
                             unsigned index G_GNUC_UNUSED, uint64_t stored)
{
    CxlMailbox *mb = opaque;

    return stored | (mb->executing ? CXL_MBREG_CONTROL_DOORBELL : 0);
}

static uint64_t read_status(void *opaque, const RegbankRow *row G_GNUC_UNUSED,
                            unsigned index G_GNUC_UNUSED,
                            uint64_t stored G_GNUC_UNUSED)
{
    CxlMailbox *mb = opaque;

    return (mb->cci->bg.running ? CXL_MBREG_STATUS_BG : 0) |
           (uint64_t)mb->rc << CXL_MBREG_STATUS_RC_SHIFT |
           (uint64_t)mb->vendor << CXL_MBREG_STATUS_VENDOR_SHIFT;
}

static uint64_t read_background(void *opaque,
                                const RegbankRow *row G_GNUC_UNUSED,
                                unsigned index G_GNUC_UNUSED,
                                uint64_t stored G_GNUC_UNUSED)
{
    CxlMailbox *mb = opaque;
    const CxlBackground *bg = &mb->cci->bg;
    uint64_t percent = cxl_background_percent(bg, cxl_cci_now(mb->cci));

    return bg->opcode | percent << CXL_MBREG_BACKGROUND_PERCENT_SHIFT |
           (uint64_t)bg->rc << CXL_MBREG_BACKGROUND_RC_SHIFT |
           (uint64_t)bg->vendor << CXL_MBREG_BACKGROUND_VENDOR_SHIFT;
}

static uint64_t refuse_while_executing(void *opaque, const RegbankWrite *w)
{
    CxlMailbox *mb = opaque;

    if (mb->executing) {
        cxl_cci_trace(mb->cci, CXL_TRACE_BUSY_WRITE, w->row->offset, w->raw,
                      w->row->size);
        return w->old;
    }
    return w->now;
}

static void ring(CxlMailbox *mb);

static void written_control(void *opaque, const RegbankWrite *w)
{
    CxlMailbox *mb = opaque;

    if ((w->raw & CXL_MBREG_CONTROL_DOORBELL) && !mb->executing) {
        ring(mb);
    }
}

static const RegbankRow devreg_rows[] = {
    { .name = "capability array", .offset = CXL_DEVREG_ARRAY, .size = 8 },
    /* The id, offset and length of three headers */
    { .name = "capability header", .size = 4, .count = 12,
      .offset = CXL_DEVREG_HEADER },
    { .name = "event status", .offset = CXL_DEVREG_STATUS, .size = 8,
      .read = read_event_status },
    { .name = "memory device status", .offset = CXL_DEVREG_MEMDEV, .size = 8,
      .read = read_memdev_status },
    { .name = "mailbox capabilities", .offset = MAILBOX(CXL_MBREG_CAPS),
      .size = 4 },
    { .name = "mailbox control", .offset = MAILBOX(CXL_MBREG_CONTROL),
      .size = 4,
      .rw = CXL_MBREG_CONTROL_DOORBELL_INT | CXL_MBREG_CONTROL_BG_INT,
      .read = read_control, .pre = refuse_while_executing,
      .post = written_control },
    { .name = "mailbox command", .offset = MAILBOX(CXL_MBREG_COMMAND),
      .size = 8, .rw = CXL_MBREG_COMMAND_MASK,
      .pre = refuse_while_executing },
    { .name = "mailbox status", .offset = MAILBOX(CXL_MBREG_STATUS),
      .size = 8, .read = read_status },
    { .name = "background status", .offset = MAILBOX(CXL_MBREG_BACKGROUND),
      .size = 8, .read = read_background },
};

static const RegbankDesc devreg_desc = {
    .name = "device registers", .rows = devreg_rows,
    .num_rows = ARRAY_SIZE(devreg_rows), .size = CXL_DEVREG_PAYLOAD,
};

static void ignored_bits(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlMailbox *mb = opaque;

    /* Bits with a meaning of their own in the post hook. */
    if (w->row->offset == MAILBOX(CXL_MBREG_CONTROL)) {
        bits &= ~(uint64_t)CXL_MBREG_CONTROL_DOORBELL;
    }
    if (bits) {
        cxl_cci_trace(mb->cci, CXL_TRACE_READ_ONLY, w->row->offset, bits, 0);
    }
}

static uint32_t payload_size(const CxlMailbox *mb)
{
    return 1u << mb->payload_shift;
}

static void put_header(CxlMailbox *mb, unsigned *n, uint16_t id,
                       uint32_t offset, uint32_t length)
{
    uint32_t at = CXL_DEVREG_HEADER + *n * CXL_DEVREG_HEADER_STRIDE;

    regbank_set(&mb->bank, at, id | CXL_DEVREG_HEADER_VERSION);
    regbank_set(&mb->bank, at + CXL_DEVREG_HEADER_OFFSET, offset);
    regbank_set(&mb->bank, at + CXL_DEVREG_HEADER_LENGTH, length);
    (*n)++;
}

static void describe_block(CxlMailbox *mb)
{
    uint32_t caps = mb->payload_shift | CXL_MBREG_CAPS_DOORBELL_INT |
                    CXL_MBREG_CAPS_BG_INT |
                    mb->msgnum << CXL_MBREG_CAPS_MSGNUM_SHIFT;
    uint64_t type = CXL_DEVREG_ARRAY_SWITCH;
    unsigned n = 0;

    put_header(mb, &n, CXL_DEVCAP_STATUS, CXL_DEVREG_STATUS, 8);
    put_header(mb, &n, CXL_DEVCAP_MAILBOX, CXL_DEVREG_MAILBOX,
               CXL_MBREG_SIZE + payload_size(mb));
    if (mb->media) {
        put_header(mb, &n, CXL_DEVCAP_MEMDEV, CXL_DEVREG_MEMDEV, 8);
        type = CXL_DEVREG_ARRAY_MEMDEV;
        caps |= 1u << CXL_MBREG_CAPS_TYPE_SHIFT;
    }
    regbank_set(&mb->bank, CXL_DEVREG_ARRAY,
                CXL_DEVREG_ARRAY_VERSION | type |
                (uint64_t)n << CXL_DEVREG_ARRAY_COUNT_SHIFT);
    regbank_set(&mb->bank, MAILBOX(CXL_MBREG_CAPS), caps);
}

void cxl_mailbox_init(CxlMailbox *mb, CxlCci *cci, const CxlEvents *events,
                      const CxlMedia *media, uint8_t payload_shift,
                      uint8_t msgnum)
{
    assert(payload_shift >= CXL_MAILBOX_PAYLOAD_SHIFT_MIN &&
           payload_shift <= CXL_MAILBOX_PAYLOAD_SHIFT_TOP && msgnum < 16);
    *mb = (CxlMailbox) {
        .cci = cci, .events = events, .media = media,
        .payload_shift = payload_shift, .msgnum = msgnum,
    };
    mb->payload = g_malloc0(payload_size(mb));
    mb->input = g_malloc0(payload_size(mb));
    regbank_init(&mb->bank, &devreg_desc, mb->bytes, mb, ignored_bits);
    describe_block(mb);
}

void cxl_mailbox_destroy(CxlMailbox *mb)
{
    g_free(mb->payload);
    g_free(mb->input);
}

void cxl_mailbox_reset(CxlMailbox *mb)
{
    regbank_reset(&mb->bank, REGBANK_RESET_COLD);
    describe_block(mb);
    memset(mb->payload, 0, payload_size(mb));
    mb->dirty = 0;
    mb->rc = 0;
    mb->vendor = 0;
    mb->executing = mb->held = false;
}

uint64_t cxl_mailbox_block_size(const CxlMailbox *mb)
{
    return pow2ceil(CXL_DEVREG_PAYLOAD + payload_size(mb));
}

static void interrupt_if(CxlMailbox *mb, uint32_t enable_bit)
{
    if (regbank_get(&mb->bank, MAILBOX(CXL_MBREG_CONTROL)) & enable_bit) {
        mb->cci->ops->message(mb->cci->ops_opaque, mb->msgnum);
    }
}

void cxl_mailbox_bg_ended(CxlMailbox *mb)
{
    interrupt_if(mb, CXL_MBREG_CONTROL_BG_INT);
}

/* Show the result; bytes that are not part of it become zero. */
static void finish(CxlMailbox *mb, uint16_t opcode, CxlRc rc, uint32_t out_len)
{
    if (mb->dirty > out_len) {
        memset(mb->payload + out_len, 0, mb->dirty - out_len);
    }
    mb->dirty = out_len;
    mb->rc = rc <= HIGHEST_RC || opcode == CXL_OP_IS_ABORT ?
             rc : CXL_RC_UNSUPPORTED;
    regbank_set(&mb->bank, MAILBOX(CXL_MBREG_COMMAND),
                opcode | (uint64_t)out_len << CXL_MBREG_COMMAND_LENGTH_SHIFT);
    mb->executing = false;
    interrupt_if(mb, CXL_MBREG_CONTROL_DOORBELL_INT);
}

static void ring(CxlMailbox *mb)
{
    uint64_t command = regbank_get(&mb->bank, MAILBOX(CXL_MBREG_COMMAND));
    uint16_t opcode = command;
    uint32_t in_len = extract64(command, CXL_MBREG_COMMAND_LENGTH_SHIFT,
                                CXL_MBREG_COMMAND_LENGTH_BITS);
    uint32_t out_len = 0;
    CxlRc rc;

    mb->executing = true;
    mb->vendor = 0;
    if (in_len > payload_size(mb)) {
        rc = CXL_RC_PAYLOAD_LENGTH;
        cxl_cci_trace(mb->cci, CXL_TRACE_GUEST_ERROR, opcode, rc, in_len);
    } else {
        memcpy(mb->input, mb->payload, in_len);
        /* A handler may write anywhere up to the end before it fails. */
        rc = cxl_cci_execute(mb->cci, opcode, mb->input, in_len, mb->payload,
                             payload_size(mb), &out_len, &mb->vendor);
        mb->dirty = payload_size(mb);
    }
    mb->held &= rc == CXL_RC_SUCCESS;
    if (!mb->held) {
        finish(mb, opcode, rc, out_len);
    }
}

void cxl_mailbox_hold(CxlMailbox *mb)
{
    mb->held = mb->executing;
}

void cxl_mailbox_let_go(CxlMailbox *mb, CxlRc rc)
{
    if (mb->held) {
        mb->held = false;
        finish(mb, regbank_get(&mb->bank, MAILBOX(CXL_MBREG_COMMAND)), rc, 0);
    }
}

/* How much of an access at @at lies in the payload area; the rest is a hole. */
static unsigned payload_part(const CxlMailbox *mb, uint64_t at, unsigned size)
{
    return at < payload_size(mb) ? MIN(size, payload_size(mb) - at) : 0;
}

static uint64_t read_payload(void *owner, uint64_t at, unsigned size)
{
    CxlMailbox *mb = owner;
    uint8_t bytes[8] = { 0 };

    memcpy(bytes, mb->payload + at, payload_part(mb, at, size));
    return ldq_le_p(bytes);
}

static void write_payload(void *owner, uint64_t at, uint64_t value,
                          unsigned size)
{
    CxlMailbox *mb = owner;
    unsigned n = payload_part(mb, at, size);
    uint8_t bytes[8];

    if (mb->executing) {
        cxl_cci_trace(mb->cci, CXL_TRACE_BUSY_WRITE, CXL_DEVREG_PAYLOAD + at,
                      value, size);
    } else if (n) {
        stq_le_p(bytes, value);
        memcpy(mb->payload + at, bytes, n);
        mb->dirty = MAX(mb->dirty, at + n);
    }
}

static uint64_t read_register(void *owner, uint64_t offset, unsigned size)
{
    CxlMailbox *mb = owner;

    return regbank_read(&mb->bank, offset, size);
}

static void write_register(void *owner, uint64_t offset, uint64_t value,
                           unsigned size)
{
    CxlMailbox *mb = owner;

    regbank_write(&mb->bank, offset, value, size);
}

static const RegmapArea areas[] = {
    { 0, CXL_DEVREG_PAYLOAD, read_register, write_register },
    { CXL_DEVREG_PAYLOAD, UINT64_C(1) << CXL_MAILBOX_PAYLOAD_SHIFT_TOP,
      read_payload, write_payload },
};

uint64_t cxl_mailbox_read(CxlMailbox *mb, uint64_t offset, unsigned size)
{
    return regmap_read(areas, ARRAY_SIZE(areas), mb, offset, size);
}

void cxl_mailbox_write(CxlMailbox *mb, uint64_t offset, uint64_t value,
                       unsigned size)
{
    regmap_write(areas, ARRAY_SIZE(areas), mb, offset, value, size);
}

static bool zero_from(const CxlMailbox *mb, uint32_t from)
{
    for (uint32_t i = from; i < payload_size(mb); i++) {
        if (mb->payload[i]) {
            return false;
        }
    }
    return true;
}

/* Version 1 has the whole payload area; since 2, what is not zero of it. */
void cxl_mailbox_save(const CxlMailbox *mb, SaveWriter *w)
{
    save_put(w, regbank_get(&mb->bank, MAILBOX(CXL_MBREG_CONTROL)));
    save_put(w, regbank_get(&mb->bank, MAILBOX(CXL_MBREG_COMMAND)));
    save_put(w, mb->rc);
    save_put(w, mb->vendor);
    save_put_blob(w, mb->payload, mb->dirty);
}

static void load_register(CxlMailbox *mb, SaveReader *r, const char *what,
                          uint32_t offset, uint64_t mask)
{
    uint64_t value = save_get(r);

    if (value & ~mask) {
        save_refuse_number(r, what, value);
    }
    regbank_set(&mb->bank, offset, value & mask);
}

static void load_payload(CxlMailbox *mb, SaveReader *r)
{
    const uint8_t *bytes;
    size_t len;

    if (r->version == 1) {
        SAVE_GET(r, mb->dirty);
        save_get_bytes(r, mb->payload, payload_size(mb));
        return;
    }
    bytes = save_get_blob(r, "payload", payload_size(mb), &len);
    memset(mb->payload, 0, payload_size(mb));
    mb->dirty = len;
    if (bytes) {
        memcpy(mb->payload, bytes, len);
    }
}

void cxl_mailbox_load(CxlMailbox *mb, SaveReader *r)
{
    load_register(mb, r, "mailbox control", MAILBOX(CXL_MBREG_CONTROL),
                  CXL_MBREG_CONTROL_DOORBELL_INT | CXL_MBREG_CONTROL_BG_INT);
    load_register(mb, r, "mailbox command", MAILBOX(CXL_MBREG_COMMAND),
                  CXL_MBREG_COMMAND_MASK);
    SAVE_GET(r, mb->rc);
    SAVE_GET(r, mb->vendor);
    load_payload(mb, r);
}

const char *cxl_mailbox_check(const CxlMailbox *mb)
{
    if (mb->executing != mb->held) {
        return "doorbell left set";
    }
    if (mb->dirty > payload_size(mb) || !zero_from(mb, mb->dirty)) {
        return "stale payload";
    }
    if (mb->rc > HIGHEST_RC && mb->rc != CXL_RC_ABORT_UNSUPPORTED) {
        return "return code beyond the client's table";
    }
    return NULL;
}
