/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch of four ports, with a memory device behind one of them, and what a
 * fabric manager sends to its mailbox.
 */
#ifndef TESTS_UNIT_CXL_SWITCH_FIXTURE_H
#define TESTS_UNIT_CXL_SWITCH_FIXTURE_H

#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/core/switch.h"
#include "tests/unit/cxl/fake-host.h"

#define PORT 3

static inline void identify(void *opaque, CxlSwitchIdentity *out)
{
    out->ports = 4;
    out->active_ports[0] = 0xf;
}

static inline bool port_info(void *opaque, uint8_t port, CxlPortInfo *out)
{
    out->config_state = CXL_PORT_DSP;
    out->device_type = CXL_PORT_DEV_SLD;
    return port < 4;
}

static inline CxlCci *target(void *opaque, uint8_t port)
{
    FakeHost *h = opaque;

    return port == PORT ? cxl_memdev_fm_cci(h->dev) : NULL;
}

static unsigned resets G_GNUC_UNUSED;
static uint8_t config_space[4096];
static GString *config_writes; /* "offset:size " of each */

static inline bool port_reset(void *opaque, uint8_t port)
{
    resets += port < 3;
    return port < 3;
}

static inline bool port_config(void *opaque, uint8_t port, uint16_t address,
                               unsigned size, bool is_write, uint32_t *data)
{
    g_assert_true(size == 1 || size == 2 || size == 4);
    g_assert_cmphex(address % size, ==, 0);
    g_assert_cmphex(address, <, sizeof(config_space));
    if (!is_write) {
        *data = ldl_le_p(config_space + address);
        return port < 4;
    }
    for (unsigned i = 0; i < size; i++) {
        config_space[address + i] = *data >> 8 * i;
    }
    if (config_writes) {
        g_string_append_printf(config_writes, "%u:%u ", address % 4, size);
    }
    return port < 4;
}

static const CxlSwitchOps switch_ops = {
    identify, port_info, target, port_reset, port_config,
};

typedef struct Pair {
    FakeHost *host;
    CxlSwitch *sw;
} Pair;

static inline Pair start(void)
{
    CxlSwitchConfig cfg = { .vendor_id = 0x19e5, .device_id = 0xa123 };
    CxlMemdevConfig dev = fake_config();
    Pair p;

    dev.num_dc_regions = 1;
    dev.dc_regions[0] = (CxlDcRegionConfig) {
        .base = 1280 * MiB, .len = 256 * MiB, .block_size = 2 * MiB,
    };
    p.host = fake_host_new(&dev);
    p.sw = cxl_switch_new(&cfg, &switch_ops, &fake_host_ops, p.host);
    return p;
}

static inline void stop(Pair p)
{
    g_assert_cmpstr(cxl_switch_check(p.sw), ==, NULL);
    fake_check(p.host);
    cxl_switch_free(p.sw);
    fake_host_free(p.host);
}

static inline uint16_t command(Pair p, uint16_t opcode, const void *in,
                               uint32_t len)
{
    const uint64_t mb = CXL_DEVREG_MAILBOX;
    uint8_t raw[2048] = { 0 };

    memcpy(raw, in, len);
    for (uint32_t i = 0; i < len; i += 8) {
        cxl_switch_regs_write(p.sw, CXL_DEVREG_PAYLOAD + i,
                              ldq_le_p(raw + i), 8);
    }
    cxl_switch_regs_write(p.sw, mb + CXL_MBREG_COMMAND,
                          opcode | (uint64_t)len << 16, 8);
    cxl_switch_regs_write(p.sw, mb + CXL_MBREG_CONTROL, 1, 4);
    return cxl_switch_regs_read(p.sw, mb + CXL_MBREG_STATUS, 8) >> 32;
}

static inline uint32_t reply(Pair p, uint8_t *out)
{
    for (unsigned i = 0; i < 2048; i += 8) {
        stq_le_p(out + i, cxl_switch_regs_read(p.sw, CXL_DEVREG_PAYLOAD + i,
                                               8));
    }
    return cxl_switch_regs_read(p.sw, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                                8) >> 16;
}

static inline uint32_t put_message(uint8_t *at, uint16_t opcode, const void *in,
                            uint32_t len)
{
    CxlMessageHeader hdr = {
        .tag = 0x5a, .command = opcode, .command_set = opcode >> 8,
        .length = { len, len >> 8, len >> 16 },
    };

    memcpy(at, &hdr, sizeof(hdr));
    if (len) {
        memcpy(at + sizeof(hdr), in, len);
    }
    return sizeof(hdr) + len;
}

static inline uint32_t put_tunnel(uint8_t *at, uint8_t id, uint16_t opcode,
                           const void *in, uint32_t len)
{
    uint32_t size = put_message(at + 4, opcode, in, len);

    at[0] = id;
    at[1] = 0;
    stw_le_p(at + 2, size);
    return 4 + size;
}

#endif /* TESTS_UNIT_CXL_SWITCH_FIXTURE_H */
