/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two CXL memory devices below one host bridge: find their registers, commit
 * and release decoders.  The contract is in bare-cxl.h.
 */
#include "bare-cxl.h"

#define HDM_ID      5
Device dev[2];
unsigned devices = 2;
uint64_t window, bridge;

static uint64_t find_hdm(uint64_t block)
{
    uint64_t cap = block + 0x1000;

    for (unsigned n = read32(cap) >> 24; n; n--) {
        uint32_t entry = read32(cap + 4 * n);

        if ((entry & 0xffff) == HDM_ID) {
            return cap + (entry >> 20);
        }
    }
    return 0;
}

/* Host bridge registers (type 0) and fixed windows (type 1) */
static void read_cedt(void)
{
    const uint8_t *t = acpi_table("CEDT");
    uint32_t len = t ? read32((uint64_t)t + 4) : 0;

    for (uint32_t at = 36; at + 4 <= len;
         at += read16((uint64_t)t + at + 2)) {
        const uint64_t e = (uint64_t)t + at;

        if (t[at] == 0 && !bridge) {
            bridge = find_hdm(*(volatile uint64_t *)(e + 16));
        } else if (t[at] == 1 && !window) {
            window = *(volatile uint64_t *)(e + 8);
        }
    }
}

bool find_devices(void)
{
    read_cedt();
    for (unsigned i = 0; i < 2; i++) {
        uint64_t port = pci_find(0x8086, 0x7075, i);

        dev[i].cfg = pci_find(0x8086, 0x0d93, i);
        if (!dev[i].cfg || !port) {
            return false;
        }
        write16(dev[i].cfg + 4, read16(dev[i].cfg + 4) | 6);
        dev[i].control = dev[i].cfg + pci_cxl_dvsec(dev[i].cfg, 0) + 0xc;
        dev[i].hdm = find_hdm(pci_bar(dev[i].cfg, 0));
        dev[i].port_slot = port + pci_cap(port, 0x10);
        if (!dev[i].hdm) {
            return false;
        }
    }
    return bridge && window;
}

static void commit(uint64_t hdm, uint64_t size, unsigned iw, uint32_t list)
{
    write32(hdm + 0x10, window);
    write32(hdm + 0x14, window >> 32);
    write32(hdm + 0x18, size);
    write32(hdm + 0x1c, size >> 32);
    write32(hdm + 0x24, list);
    write32(hdm + 0x28, 0);
    write32(hdm + 4, 2);
    write32(hdm + 0x20, 0x1200 | iw << 4);
}

void release(uint64_t hdm)
{
    write32(hdm + 0x20, 0x1000);
}

void enable_mem(const Device *d, bool on)
{
    write16(d->control, on ? 6 : 2);
}

void release_all(void)
{
    for (unsigned i = 0; i < devices; i++) {
        release(dev[i].hdm);
    }
    release(bridge);
}

void establish(unsigned state)
{
    unsigned iw = state == BOTH || state == HALF;

    commit(bridge, UNIT << iw, iw, state == SECOND ? 1 : 0x100);
    for (unsigned i = 0; i < devices; i++) {
        if (iw || state == FIRST + i) {
            enable_mem(&dev[i], true);
            commit(dev[i].hdm, UNIT << iw, iw, 0);
        }
    }
    if (state == HALF) {
        release(dev[0].hdm);
    }
}

uint64_t place(unsigned state, unsigned d, uint64_t dpa)
{
    switch (state) {
    case FIRST:
    case SECOND:
        return state == FIRST + d ? window + dpa : 0;
    case BOTH:
        return window + (dpa / 256 * 2 + d) * 256 + dpa % 256;
    case HALF:
        return d ? place(BOTH, d, dpa) : 0;
    default:
        return 0;
    }
}

