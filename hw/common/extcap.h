/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding an extended capability in the configuration space of a function,
 * PCIe r6.0 7.6.3.  What is in it is the business of whoever asks.
 *
 * The list comes from anybody's device: a circle, or a capability that leads
 * out of configuration space, ends the search.
 */
#ifndef HW_COMMON_EXTCAP_H
#define HW_COMMON_EXTCAP_H

/* Bytes of configuration space that all functions have, and all of it */
#define EXTCAP_FIRST    0x100
#define EXTCAP_END      0x1000

/* Designated vendor-specific extended capability, PCIe r6.0 7.9.6 */
#define EXTCAP_ID_DVSEC 0x23

/*
 * @config has EXTCAP_END bytes.  The offset of the first capability @id behind
 * the one at @after, or of all if @after is 0; 0: there is none.
 */
uint16_t extcap_find(const uint8_t *config, uint16_t after, uint16_t id);

/* The DVSEC @id of @vendor, or 0. */
uint16_t extcap_find_dvsec(const uint8_t *config, uint16_t vendor,
                           uint16_t id);

#endif /* HW_COMMON_EXTCAP_H */
