/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended configuration space, for the tests of SDXI functions.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/config.h"

static uint64_t ecam(SdxiVm *vm)
{
    if (vm->bus == &vm->generic.bus) {
        return vm->generic.ecam_alloc_ptr;
    }
    /* PCIEXBAR of q35: 256 buses, enabled */
    vm->bus->config_writel(vm->bus, 0, 0x60, 0xb0000001);
    return 0xb0000000;
}

uint64_t sdxi_config_at(SdxiVm *vm, int devfn, unsigned off)
{
    return ecam(vm) + (devfn << 12) + off;
}

unsigned sdxi_config_find(SdxiVm *vm, int devfn, uint16_t id)
{
    unsigned off = 0x100;

    while (off) {
        uint32_t head = qtest_readl(vm->qts, sdxi_config_at(vm, devfn, off));

        if ((head & 0xffff) == id) {
            return off;
        }
        off = head >> 20;
    }
    return 0;
}

unsigned sdxi_config_extended(SdxiVm *vm, int devfn, uint16_t id)
{
    unsigned off = sdxi_config_find(vm, devfn, id);

    g_assert_cmpuint(off, !=, 0);
    return off;
}
