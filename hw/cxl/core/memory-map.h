/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the memory map that a BIOS hands over ("E820", ACPI 6.5 15.1) and
 * that it does not know itself: as an option ROM which adds them to what the
 * BIOS answers.
 *
 * SeaBIOS takes RAM and reserved memory from QEMU and drops what has another
 * type; so does OVMF, which runs no option ROM of a BIOS either.
 */
#ifndef HW_CXL_CORE_MEMORY_MAP_H
#define HW_CXL_CORE_MEMORY_MAP_H

/* Bytes of the ROM: a multiple of 512 */
#define CXL_MEMORY_MAP_ROM      1024
/* Entries that fit in it */
#define CXL_MEMORY_MAP_ENTRIES  32

/*
 * Memory for a purpose ("specific purpose" in ACPI and UEFI), as the kernel's
 * own boot stub passes it on: Linux calls it "Soft Reserved".
 */
#define CXL_MEMORY_MAP_SOFT_RESERVED 0xefffffffu

typedef struct CxlMemoryMapEntry {
    uint64_t base, size;        /* host physical address, bytes */
} CxlMemoryMapEntry;

/*
 * The ROM that adds @count of @entries, at most CXL_MEMORY_MAP_ENTRIES, all of
 * them CXL_MEMORY_MAP_SOFT_RESERVED.  None: it adds nothing.
 */
void cxl_memory_map_rom(const CxlMemoryMapEntry *entries, unsigned count,
                        uint8_t rom[CXL_MEMORY_MAP_ROM]);

#endif /* HW_CXL_CORE_MEMORY_MAP_H */
