/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An MCTP endpoint as a function of a USB device, and what of it goes with the
 * machine when that is saved: transfers, messages, answers on their way, and
 * the door to a switch by which its commands come (core/door.h).
 * DSP0283 1.0.1; the bus is hw/cxl/fm/usb.c.
 */
#ifndef HW_CXL_CORE_MCTP_FUNCTION_H
#define HW_CXL_CORE_MCTP_FUNCTION_H

#include "hw/cxl/core/door.h"
#include "hw/cxl/core/mctp-endpoint.h"
#include "hw/cxl/core/mctp-usb.h"

typedef struct MctpFunction {
    MctpUsb usb;
    MctpEndpoint ep;
    CxlDoor *door;          /* or NULL; borrowed */
} MctpFunction;

/* As mctp_endpoint_init(); does not move in memory afterwards. */
void mctp_function_init(MctpFunction *f, CxlDoor *door, uint32_t payload_max,
                        MctpExecute *execute, void *opaque);
void mctp_function_destroy(MctpFunction *f);
/* As after power-on: it has no id, and nobody asked to hear of anything. */
void mctp_function_reset(MctpFunction *f);

/* As cxl_fabric_save() and cxl_fabric_load() */
void mctp_function_save(const MctpFunction *f, GByteArray *out);
/* False: it is as after a reset. */
bool mctp_function_load(MctpFunction *f, const uint8_t *bytes, size_t len,
                        char **problem);
/* Longer than what is saved of any */
uint32_t mctp_function_save_max(const MctpFunction *f);

const char *mctp_function_wrong(const MctpFunction *f);

#endif /* HW_CXL_CORE_MCTP_FUNCTION_H */
