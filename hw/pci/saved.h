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

typedef struct PciSaved {
    uint32_t max;               /* bytes; before the first load */
    uint32_t len;
    uint8_t *bytes;
} PciSaved;

/* In pre_save; takes the bytes out of @out, which stays the caller's. */
void pci_saved_put(PciSaved *s, GByteArray *out);
/* In post_load; the caller frees. */
uint8_t *pci_saved_take(PciSaved *s);
/* What a load that failed has left; when the owner goes. */
void pci_saved_clear(PciSaved *s);

/* Of a PciSaved; as a field with VMSTATE_STRUCT() it is in the stream as is. */
extern const VMStateDescription vmstate_pci_saved;

#endif
