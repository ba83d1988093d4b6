/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O (UIO) of a PCI Express function: its part in two extended
 * capabilities, and whether software has let it take part.  PCIe r6.1 6.34,
 * 7.7.9 and 7.9.29; the registers are in wire/uio.h.
 *
 * The capabilities are plain bytes of configuration space, which the bus keeps
 * and saves.  There are two virtual channels: VC0 for all else, and VC3, which
 * the specification has for UIO.  A channel is there as soon as it is enabled:
 * nothing is ever pending.
 */
#ifndef HW_COMMON_UIO_H
#define HW_COMMON_UIO_H

#include "hw/common/wire/uio.h"

#define UIO_SVC_RESOURCES       2
#define UIO_SVC_LEN             SVC_EXT_CAP_LEN(UIO_SVC_RESOURCES)

typedef enum UioRole {
    UIO_REQUESTER   = 1,
    UIO_COMPLETER   = 2,
} UioRole;

/* Where the two are in configuration space; 0: not there */
typedef struct UioCaps {
    uint16_t dev3;
    uint16_t svc;
} UioCaps;

/* Those of a function, as anybody finds them in @size bytes. */
UioCaps uio_find(const uint8_t *config, uint32_t size);

/*
 * Fill in what software cannot change, and in @wmask what it can, behind the
 * headers; @roles are UIO_..., or 0 of a port.  Then all is as after a reset.
 */
void uio_init(const UioCaps *caps, uint8_t *config, uint8_t *wmask,
              unsigned roles);
/*
 * A function level reset leaves channels alone (PCIe r6.1 6.6.2), another one
 * does not.
 */
void uio_reset(const UioCaps *caps, uint8_t *config, bool function_level);

/* May it send requests? */
bool uio_requests(const UioCaps *caps, const uint8_t *config);
bool uio_completes(const UioCaps *caps, const uint8_t *config);
/* Is there a channel for them on its link, as far as this end goes? */
bool uio_has_channel(const UioCaps *caps, const uint8_t *config);

#endif /* HW_COMMON_UIO_H */
