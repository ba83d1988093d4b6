/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that a core has written as bytes, while it is on its way in a stream:
 * a 32-bit length, and so many bytes.  There is none at other times.
 *
 * A stream that announces more than @max bytes is refused before memory is
 * taken for them.  The big lock is held.
 */
#ifndef HW_PCI_SAVED_H
#define HW_PCI_SAVED_H

#include "migration/vmstate.h"

typedef struct PciSavedOps {
    void (*save)(void *opaque, GByteArray *out);
    /* False: *@problem is a sentence for the person (to be freed). */
    bool (*load)(void *opaque, const uint8_t *bytes, size_t len,
                 char **problem);
} PciSavedOps;

typedef struct PciSaved {
    uint32_t max;               /* bytes; before the first load */
    uint32_t len;
    uint8_t *bytes;
    const PciSavedOps *ops;     /* NULL: the owner puts and takes */
    void *opaque;
    const char *name;           /* of the owner, which people know it by */
} PciSaved;

/* The core is written and read with this part of the stream; all is borrowed */
void pci_saved_init(PciSaved *s, uint32_t max, const PciSavedOps *ops,
                    void *opaque, const char *name);

/*
 * For who has more to do: in pre_save; takes the bytes out of @out, which stays
 * the caller's.
 */
void pci_saved_put(PciSaved *s, GByteArray *out);
/* In post_load; the caller frees. */
uint8_t *pci_saved_take(PciSaved *s);
/* What a load that failed has left; when the owner goes. */
void pci_saved_clear(PciSaved *s);

/* Of a PciSaved; as a field with VMSTATE_STRUCT() it is in the stream as is. */
extern const VMStateDescription vmstate_pci_saved;

#endif
