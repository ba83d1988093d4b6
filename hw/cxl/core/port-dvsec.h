/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a port does by its CXL extensions, the DVSEC of CXL r3.1 8.1.5.  QEMU
 * writes the structure, but gives its bits no meaning, and no reset.
 *
 * @config is the port's configuration space, @at where the DVSEC is in it; 0:
 * it has none, and does none of this.
 */
#ifndef HW_CXL_CORE_PORT_DVSEC_H
#define HW_CXL_CORE_PORT_DVSEC_H

/* Registers as a reset leaves them */
void cxl_port_dvsec_reset(uint8_t *config, uint16_t at);
/* Is the reset of the bus below not unmasked, 8.1.5.2? */
bool cxl_port_dvsec_masks_reset(const uint8_t *config, uint16_t at);
/* Does unordered I/O to memory below pass, 8.1.5.2? */
bool cxl_port_dvsec_lets_uio(const uint8_t *config, uint16_t at);
/*
 * A read of @len bytes at @addr that gave @val: power management of the link
 * is ready at once, 8.1.5.1.
 */
uint32_t cxl_port_dvsec_show(uint16_t at, uint32_t addr, uint32_t val,
                             unsigned len);

#endif /* HW_CXL_CORE_PORT_DVSEC_H */
