/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding an extended capability in the configuration space of a function, or
 * room for one, PCIe r6.0 7.6.3.  What is in it is the business of whoever
 * asks.
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
 * The offset of the first capability @id behind the one at @after, or of all
 * if @after is 0; 0: there is none, as where @config has a @size of less than
 * EXTCAP_END bytes.  A function of conventional PCI has no more than 256.
 */
uint16_t extcap_find(const uint8_t *config, uint32_t size, uint16_t after,
                     uint16_t id);

/* The DVSEC @id of @vendor, or 0. */
uint16_t extcap_find_dvsec(const uint8_t *config, uint32_t size,
                           uint16_t vendor, uint16_t id);

/* The last of the list, to which another one is linked; 0: it is empty. */
uint16_t extcap_last(const uint8_t *config);

/*
 * Room for @len bytes, a multiple of 4, of one more capability, as far up as
 * possible; 0: there is none, or the list is not one.  Bytes that are not 0 in
 * @taken, EXTCAP_END of them, belong to somebody.  How long others are their
 * ids say (PCIe r6.0 7.7 to 7.9); one of another id may reach to the next, or
 * to the end of configuration space.  Where the list is empty only its
 * beginning will do.
 */
uint16_t extcap_room(const uint8_t *config, const uint8_t *taken,
                     unsigned len);

/*
 * Advanced error reporting is at @at: which error was the first, its header and
 * who told of it are for the guest to see, and no shape of a machine.  Clears
 * the bits of @compared, EXTCAP_END bytes, that say otherwise.
 */
void extcap_aer_may_differ(uint8_t *compared, uint16_t at);

/*
 * A capability that is shown in configuration space without being there, so
 * that the model whose space it is finds what it has made and nothing else.
 */
typedef struct ExtcapAdded {
    uint16_t at, len;
    uint32_t header;
    uint16_t link;              /* the one that leads to it; 0: none */
    uint32_t link_header;
} ExtcapAdded;

/* Of @len bytes with @id, version 1, at extcap_room(). */
void extcap_add(ExtcapAdded *added, const uint8_t *config, uint16_t at,
                uint16_t len, uint16_t id);
/*
 * What is to be read at @addr where configuration space itself says @val:
 * behind its header the capability is zeroes.
 */
uint32_t extcap_show(const ExtcapAdded *added, uint32_t addr, uint32_t val,
                     unsigned size);

/*
 * Does a write of @size bytes ask for a function level reset?  The PCI Express
 * capability, PCIe r6.0 7.5.3, is at @express.
 */
bool extcap_asks_reset(const uint8_t *config, uint8_t express, uint32_t addr,
                       uint32_t val, unsigned size);
/* Does one of a bridge ask for a reset of its secondary bus, 7.5.1.3.13? */
bool extcap_asks_bus_reset(uint32_t addr, uint32_t val, unsigned size);

#endif /* HW_COMMON_EXTCAP_H */
