/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways out of the device; the rules are in the header.
 *
 * Each call that leaves is followed by the question whether the function is
 * still there.  While one is on its way the object stays: exit only detaches
 * it, and what the core owns goes with the object.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/main-loop.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/dma/sdxi/out.h"

static bool sdxi_out_here(const SdxiPci *s)
{
    return !sdxi_gate_gone(&s->gate);
}

/* ---- messages ---- */

void sdxi_out_raise(SdxiPci *s, unsigned vector)
{
    if (vector < s->vectors && sdxi_out_here(s)) {
        set_bit_atomic(vector, s->raised);
        qemu_bh_schedule(s->raise_bh);
    }
}

void sdxi_out_raise_doe(PCIDevice *pci, unsigned vector)
{
    if (msix_enabled(pci)) {
        sdxi_out_raise(SDXI_PCI(pci), vector);
    }
}

bool sdxi_out_pending(const SdxiPci *s)
{
    unsigned long any = 0;

    for (unsigned word = 0; word < BITS_TO_LONGS(SDXI_VECTORS_MAX); word++) {
        any |= qatomic_read(&s->raised[word]);
    }
    return any;
}

void sdxi_out_forget(SdxiPci *s)
{
    bitmap_zero(s->raised, SDXI_VECTORS_MAX);
}

/* False: the function is gone, and with it what was left of @bits. */
static bool sdxi_out_word(SdxiPci *s, unsigned word)
{
    unsigned long bits = qatomic_read(&s->raised[word]);

    if (bits) {
        bits = qatomic_xchg(&s->raised[word], 0);
    }
    for (; bits && sdxi_out_here(s); bits &= bits - 1) {
        msix_notify(PCI_DEVICE(s), word * BITS_PER_LONG + ctzl(bits));
    }
    return sdxi_out_here(s);
}

bool sdxi_out_messages(SdxiPci *s)
{
    unsigned words = BITS_TO_LONGS(s->vectors);
    bool here;

    g_assert(bql_locked());
    object_ref(OBJECT(s));
    here = sdxi_out_here(s);
    for (unsigned word = 0; here && word < words; word++) {
        here = sdxi_out_word(s, word);
    }
    object_unref(OBJECT(s));
    return here;
}

/* Asleep it sends nothing; what a reset forgets is not sent at all. */
static void sdxi_out_bh(void *opaque)
{
    SdxiPci *s = opaque;

    if (!qatomic_read(&s->gate.asleep) && !sdxi_kept_has_reset(&s->kept)) {
        sdxi_out_messages(s);
    }
}

void sdxi_out_again(SdxiPci *s)
{
    qemu_bh_schedule(s->raise_bh);
}

void sdxi_out_init(SdxiPci *s)
{
    sdxi_out_forget(s);
    s->raise_bh = qemu_bh_new_guarded(sdxi_out_bh, s,
                                      &DEVICE(s)->mem_reentrancy_guard);
}

void sdxi_out_exit(SdxiPci *s)
{
    g_clear_pointer(&s->raise_bh, qemu_bh_delete);
}

/* ---- configuration ---- */

static bool sdxi_out_config_express(SdxiPci *s, uint32_t addr, uint32_t val,
                                    int len)
{
    PCIDevice *pci = PCI_DEVICE(s);

    pcie_cap_flr_write_config(pci, addr, val, len);
    if (sdxi_out_here(s)) {
        pcie_aer_write_config(pci, addr, val, len);
    }
    return sdxi_out_here(s);
}

bool sdxi_out_config(SdxiPci *s, uint32_t addr, uint32_t val, int len)
{
    PCIDevice *pci = PCI_DEVICE(s);
    bool here;

    g_assert(bql_locked());
    object_ref(OBJECT(s));
    pci_default_write_config(pci, addr, val, len);
    here = sdxi_out_here(s);
    if (here && pci_is_express(pci) && pci->exp.exp_cap) {
        here = sdxi_out_config_express(s, addr, val, len);
    }
    object_unref(OBJECT(s));
    return here;
}
