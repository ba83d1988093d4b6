/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of a core on their way in a stream; see saved.h.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/memfab/compat.h"
#include "hw/pci/saved.h"

void pci_saved_init(PciSaved *s, uint32_t max, const PciSavedOps *ops,
                    void *opaque, const char *name)
{
    s->max = max;
    s->ops = ops;
    s->opaque = opaque;
    s->name = name;
}

void pci_saved_put(PciSaved *s, GByteArray *out)
{
    pci_saved_clear(s);
    s->len = out->len;
    s->bytes = g_byte_array_steal(out, NULL);
}

uint8_t *pci_saved_take(PciSaved *s)
{
    return g_steal_pointer(&s->bytes);
}

void pci_saved_clear(PciSaved *s)
{
    g_clear_pointer(&s->bytes, g_free);
    s->len = 0;
}

/* A load that failed may have left bytes, and the next takes memory anew. */
static int saved_pre_load(void *opaque)
{
    pci_saved_clear(opaque);
    return 0;
}

static int saved_pre_save(void *opaque)
{
    PciSaved *s = opaque;
    g_autoptr(GByteArray) out = g_byte_array_new();

    if (s->ops) {
        s->ops->save(s->opaque, out);
        pci_saved_put(s, out);
    }
    return 0;
}

static int saved_post_load(void *opaque, int version)
{
    PciSaved *s = opaque;
    g_autofree uint8_t *bytes = s->ops ? pci_saved_take(s) : NULL;
    g_autofree char *problem = NULL;

    if (s->ops && !s->ops->load(s->opaque, bytes, s->len, &problem)) {
        error_report("%s: saved state cannot be used: %s", s->name, problem);
        return -EINVAL;
    }
    return 0;
}

static MemfabPostSave saved_post_save(void *opaque)
{
    pci_saved_clear(opaque);
    return MEMFAB_SAVED;
}

static bool len_is_sane(void *opaque, int version)
{
    const PciSaved *s = opaque;

    return s->len <= s->max;
}

const VMStateDescription vmstate_pci_saved = {
    .name = "memfab-saved",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = saved_pre_save,
    .pre_load = saved_pre_load,
    .post_load = saved_post_load,
    .post_save = saved_post_save,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(len, PciSaved),
        VMSTATE_VALIDATE("length", len_is_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(bytes, PciSaved, 0, NULL, len),
        VMSTATE_END_OF_LIST()
    }
};
