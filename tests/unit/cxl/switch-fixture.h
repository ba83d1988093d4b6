/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch of two hosts and four more ports, with a memory device behind one
 * of them, and what a fabric manager sends to its mailbox.
 */
#ifndef TESTS_UNIT_CXL_SWITCH_FIXTURE_H
#define TESTS_UNIT_CXL_SWITCH_FIXTURE_H

#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/core/message.h"
#include "tests/unit/cxl/fake-host.h"

/* Downstream ports 0 to 3: nothing, nothing, an MLD, and the device */
#define MLD  2
#define PORT 3
#define PORTS 4
#define MLD_LDS 4
/* Upstream ports of the two hosts, and how many bridges each has */
#define USP(vcs) (7 - (vcs))
#define VPPBS(vcs) ((vcs) ? 3 : 5)

/* What there is beside the switch, and what it has asked for */
typedef struct World {
    CxlSwitch *sw;
    FakeHost *host;
    bool no_device;         /* behind PORT */
    bool no_host;           /* of virtual switch 1 */
    bool refuses;           /* nothing may be bound */
    /* What hosts see below each virtual bridge */
    struct {
        bool bound;
        uint8_t port;
        uint16_t ld;
    } sees[2][8];
    unsigned binds, unbinds, surprises, resumed, give_ups, placed, aers;
    uint8_t vcs, vppb, port; /* of the last request */
    uint16_t ld;
} World;

/* The one that the test is about now */
static World *world_now;
#define world (*world_now)
static unsigned resets G_GNUC_UNUSED;
static uint8_t config_space[4096];
static GString *config_writes; /* "offset:size " of each */

static inline void port_is(uint8_t port, uint8_t state, uint8_t type)
{
    CxlPortInfo info = {
        .port = port, .config_state = state, .device_type = type,
        .ltssm = type ? CXL_PORT_LTSSM_L0 : CXL_PORT_LTSSM_DETECT,
        .lds = type == CXL_PORT_DEV_MLD ? MLD_LDS : 0,
    };
    bool device = port == PORT && !world.no_device;

    cxl_switch_port_is(world.sw, &info,
                       device ? cxl_memdev_fm_cci(world.host->dev) : NULL);
}

static inline void refresh(void *opaque)
{
    for (unsigned port = 0; port < PORTS; port++) {
        port_is(port, CXL_PORT_DSP,
                port == PORT && !world.no_device ? CXL_PORT_DEV_SLD :
                port == MLD ? CXL_PORT_DEV_MLD : CXL_PORT_DEV_NONE);
    }
    for (unsigned vcs = 0; vcs < world.sw->vcs.count; vcs++) {
        bool here = !vcs || !world.no_host;

        cxl_switch_host_is(world.sw, vcs, USP(vcs), here ? VPPBS(vcs) : 0);
        if (here) {
            port_is(USP(vcs), CXL_PORT_USP, CXL_PORT_DEV_NONE);
        }
        for (unsigned k = 1; k < VPPBS(vcs); k++) {
            cxl_switch_vppb_is(world.sw, vcs, k, world.sees[vcs][k].bound,
                               world.sees[vcs][k].port,
                               world.sees[vcs][k].ld);
        }
    }
}

static inline void port_reset(void *opaque, uint8_t port)
{
    g_assert_cmpuint(port, <, PORTS);
    resets++;
}

static inline void port_config(void *opaque, uint8_t port, uint16_t address,
                               unsigned size, bool is_write, uint32_t *data)
{
    g_assert_true(size == 1 || size == 2 || size == 4);
    g_assert_cmphex(address % size, ==, 0);
    g_assert_cmphex(address, <, sizeof(config_space));
    if (!is_write) {
        *data = ldl_le_p(config_space + address);
        return;
    }
    for (unsigned i = 0; i < size; i++) {
        config_space[address + i] = *data >> 8 * i;
    }
    if (config_writes) {
        g_string_append_printf(config_writes, "%u:%u ", address % 4, size);
    }
}

/* Logical device 1 has registers of a page, from LD_BASE on. */
#define LD_BASE 0x100000000ull
static uint8_t ld_space[4096] G_GNUC_UNUSED;

static inline void log_access(bool is_write, uint64_t at, unsigned size)
{
    if (config_writes) {
        g_string_append_printf(config_writes, "%c%x:%u ",
                               is_write ? 'w' : 'r', (unsigned)at, size);
    }
}

static inline bool ld_config(void *opaque, uint8_t port, uint16_t ld,
                             uint16_t address, unsigned size, bool is_write,
                             uint32_t *data)
{
    g_assert_cmpuint(port, ==, MLD);
    g_assert_cmpuint(ld, <, MLD_LDS);
    if (ld != 1) {
        return false;
    }
    log_access(is_write, address, size);
    if (!is_write) {
        *data = ldl_le_p(config_space + address);
        return true;
    }
    for (unsigned i = 0; i < size; i++) {
        config_space[address + i] = *data >> 8 * i;
    }
    return true;
}

static inline bool ld_memory(void *opaque, uint8_t port, uint16_t ld,
                             uint64_t address, unsigned size, bool is_write,
                             uint64_t *data)
{
    uint64_t at = address - LD_BASE;

    g_assert_cmpuint(port, ==, MLD);
    g_assert_cmpuint(ld, <, MLD_LDS);
    g_assert_cmphex(address % size, ==, 0);
    if (ld != 1 || address < LD_BASE || at >= sizeof(ld_space)) {
        return false;
    }
    log_access(is_write, at, size);
    if (is_write) {
        stn_le_p(ld_space + at, size, *data);
    } else {
        *data = ldn_le_p(ld_space + at, size);
    }
    return true;
}

static inline bool may_bind(void *opaque, uint8_t vcs, uint8_t vppb,
                            uint8_t port, uint16_t ld)
{
    return !world.refuses;
}

static inline void asked(uint8_t vcs, uint8_t vppb, uint8_t port, uint16_t ld)
{
    world.vcs = vcs;
    world.vppb = vppb;
    world.port = port;
    world.ld = ld;
}

static inline void world_bind(void *opaque, uint8_t vcs, uint8_t vppb,
                              uint8_t port, uint16_t ld)
{
    world.binds++;
    asked(vcs, vppb, port, ld);
}

static inline void world_unbind(void *opaque, uint8_t vcs, uint8_t vppb,
                                uint8_t option, bool again)
{
    world.unbinds++;
    world.surprises += option == CXL_UNBIND_SURPRISE;
    world.resumed += again;
    asked(vcs, vppb, 0, 0);
}

static inline void give_up(void *opaque, uint8_t vcs, uint8_t vppb)
{
    world.give_ups++;
}

static inline void place(void *opaque, uint8_t vcs, uint8_t vppb, bool bound,
                         uint8_t port, uint16_t ld)
{
    world.placed++;
    world.sees[vcs][vppb].bound = bound;
    world.sees[vcs][vppb].port = port;
    world.sees[vcs][vppb].ld = ld;
}

static inline void controls(void *opaque, uint8_t vcs, uint8_t vppb,
                            uint16_t *link, uint16_t *slot)
{
    *link = 0x40;
    *slot = 0x1000 | vppb;
}

static inline bool has_aer(void *opaque, uint8_t vcs, uint8_t vppb,
                           bool uncorrectable, unsigned bit)
{
    return bit >= 12;
}

static inline void aer(void *opaque)
{
    world.aers++;
}

/* Bindings: what was asked for has happened, or could not. */
static inline bool answer(bool done)
{
    uint8_t vcs = world.vcs, vppb = world.vppb;

    if (done) {
        const CxlVppb *v = cxl_vcs_find(&world.sw->vcs, vcs, vppb);

        world.sees[vcs][vppb].bound = v->state == CXL_BINDING;
        world.sees[vcs][vppb].port = v->port;
        world.sees[vcs][vppb].ld = v->ld;
    }
    return cxl_binding_answer(world.sw, vcs, vppb, done);
}

static const CxlSwitchOps switch_ops = {
    refresh, port_reset, port_config, ld_config, ld_memory, may_bind,
    world_bind, world_unbind, give_up, place, controls, has_aer, aer,
};

typedef struct Pair {
    FakeHost *host;
    CxlSwitch *sw;
    World *is;
} Pair;

static inline void use(Pair p)
{
    world_now = p.is;
}

static inline Pair start(void)
{
    CxlSwitchConfig cfg = {
        .vendor_id = 0x19e5, .device_id = 0xa123, .vcs = 2, .decoders = 4,
    };
    CxlMemdevConfig dev = fake_config();
    Pair p;

    dev.num_dc_regions = 1;
    dev.dc_regions[0] = (CxlDcRegionConfig) {
        .base = 1280 * MiB, .len = 256 * MiB, .block_size = 2 * MiB,
    };
    p.host = fake_host_new(&dev);
    p.sw = cxl_switch_new(&cfg, &switch_ops, &fake_host_ops, p.host);
    p.is = g_new(World, 1);
    use(p);
    world = (World) { .sw = p.sw, .host = p.host };
    world.sees[0][4].bound = true;
    world.sees[0][4].port = PORT;
    world.sees[0][4].ld = CXL_WHOLE_PORT;
    return p;
}

static inline void stop(Pair p)
{
    use(p);
    g_assert_cmpstr(cxl_switch_check(p.sw), ==, NULL);
    fake_check(p.host);
    cxl_switch_free(p.sw);
    fake_host_free(p.host);
    g_free(p.is);
}

static inline uint16_t command(Pair p, uint16_t opcode, const void *in,
                               uint32_t len)
{
    const uint64_t mb = CXL_DEVREG_MAILBOX;
    uint8_t raw[2048] = { 0 };

    use(p);
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
