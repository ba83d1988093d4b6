/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fabric manager asks of the registers of one logical device, by Send LD
 * CXL.io Configuration Request and Memory Request (5301h, 5302h): a request as
 * a TLP has it becomes accesses of registers.  CXL r3.1 7.6.7.3.2, 7.6.7.3.3.
 *
 * Which logical device is meant is looked at by whoever has several: a switch
 * (cci/mld-port.c), or a machine that has it (core/fabric-slots.c).
 */
#ifndef HW_CXL_CORE_LD_REQUEST_H
#define HW_CXL_CORE_LD_REQUEST_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/wire/fm.h"

/*
 * One access: of configuration space, @size 1, 2 or 4 and @address a multiple
 * of it; of registers by their address, @size up to 8.  False: the device is
 * not there, or nothing of it has that address.
 */
typedef struct CxlLdRegs {
    bool (*config)(void *opaque, uint16_t address, unsigned size,
                   bool is_write, uint32_t *data);
    bool (*memory)(void *opaque, uint64_t address, unsigned size,
                   bool is_write, uint64_t *data);
} CxlLdRegs;

/* 5301h: @out gets four bytes, zeroes for a write. */
CxlRc cxl_ld_config_request(const CxlLdConfigIn *in, const CxlLdRegs *regs,
                            void *opaque, uint8_t *out);
/*
 * 5302h; @in is at least its header.  What is well-formed has one access or
 * more.
 */
CxlRc cxl_ld_memory_request(const uint8_t *in, uint32_t in_len,
                            const CxlLdRegs *regs, void *opaque, uint8_t *out,
                            uint32_t out_max, uint32_t *out_len);

/*
 * The same for a whole message: returns the length of the answer, 0 if it is
 * none of these requests.  @out has at least room for a header.
 */
uint32_t cxl_ld_request_execute(const uint8_t *message, uint32_t len,
                                const CxlLdRegs *regs, void *opaque,
                                uint8_t *out, uint32_t out_max);

#endif /* HW_CXL_CORE_LD_REQUEST_H */
