/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fixed memory windows were given, for the shape of the machine
 * (hw/pci/shape.h).  They are there with or without memory devices.
 */
#include "qemu/osdep.h"
#include "hw/cxl/tables.h"
#include "hw/cxl/window/attributes.h"
#include "hw/cxl/window/internal.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_host.h"
#include "hw/pci/shape.h"

/* Host bridges by their bus, which is how tables name them. */
static void put_targets(Shapes *s, const CXLFixedWindow *fw)
{
    g_autoptr(GString) value = g_string_new(NULL);

    for (unsigned i = 0; i < fw->num_targets; i++) {
        const PXBCXLDev *pxb = fw->target_hbs[i];

        g_string_append_printf(value, "%sbus %d", i ? ", " : "",
                               pxb ? PXB_DEV(pxb)->bus_nr : -1);
    }
    shapes_put(s, "targets", value->str);
}

static void put_attributes(Shapes *s, const CxlCedtWindow *chosen)
{
    static const CxlCedtWindow usual;

    chosen = chosen ?: &usual;
    shapes_put_number(s, "restrictions", chosen->restrictions);
    shapes_put_number(s, "qtg-id", chosen->qtg);
    shapes_put(s, "arithmetic", chosen->xor ? "xor" : "modulo");
}

static void put_window(Shapes *s, CXLFixedWindow *fw, unsigned n)
{
    g_autofree char *name = g_strdup_printf("cxl-fmw.%u", n);

    shapes_add(s, "window", name, name);
    shapes_put_address(s, "base", fw->base);
    shapes_put_number(s, "size", memory_region_size(&fw->mr));
    shapes_put_number(s, "interleave-granularity",
                      cxl_interleave_bytes(fw->enc_int_gran));
    put_targets(s, fw);
    put_attributes(s, cxl_window_attributes(n));
    shapes_put_number(s, "near-memdev", cxl_window_near(fw->base));
}

static void put_windows(Shapes *s)
{
    g_autoptr(GPtrArray) fixed = cxl_window_fixed();

    for (unsigned i = 0; i < fixed->len; i++) {
        put_window(s, g_ptr_array_index(fixed, i), i);
    }
}

static void shape_init(void)
{
    pci_shape_source(put_windows);
}

type_init(shape_init)
