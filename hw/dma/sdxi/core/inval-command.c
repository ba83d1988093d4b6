/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read commands to I/O MMUs; see inval-command.h.
 */
#include "qemu/osdep.h"
#include "hw/core/registerfields.h"
#include "hw/dma/sdxi/core/inval-command.h"

#define PAGE_SHIFT 12
#define ADDRESS(q) ((q) & ~UINT64_C(0xfff))

/* The lowest bits do not count. */
static SdxiInval aligned(uint64_t addr, unsigned shift, uint32_t process)
{
    uint64_t rest = shift < 64 ? MAKE_64BIT_MASK(0, shift) : UINT64_MAX;

    return (SdxiInval) {
        .first = addr & ~rest, .last = addr | rest, .process = process,
    };
}

/*
 * PCIe 10.3.1, and AMD's alike: with @sized the lowest bit of the page number
 * that is clear says how many pages, two if it is the first.
 */
static SdxiInval by_lowest_clear(uint64_t addr, bool sized, uint32_t process)
{
    return aligned(addr, PAGE_SHIFT +
                   (sized ? cto64(addr >> PAGE_SHIFT) + 1 : 0), process);
}

/* ---- Intel ---- */

REG64(VTD_Q0, 0)
    FIELD(VTD_Q0, TYPE_LO, 0, 4)
    FIELD(VTD_Q0, GRANULARITY, 4, 2)
    FIELD(VTD_Q0, TYPE_HI, 9, 3)
    FIELD(VTD_Q0, PASID, 32, 20)
REG64(VTD_Q1, 8)
    FIELD(VTD_Q1, AM, 0, 6)         /* of translations in the I/O MMU */
    FIELD(VTD_Q1, GLOBAL, 0, 1)     /* of a device, by process: of all */
    FIELD(VTD_Q1, SIZED, 0, 1)      /* of a device */
    FIELD(VTD_Q1, PASID_SIZED, 11, 1)

enum {
    VTD_IOTLB = 2, VTD_DEVICE = 3, VTD_INTERRUPTS = 4, VTD_WAIT = 5,
    VTD_PASID_IOTLB = 6, VTD_PASID_DEVICE = 8, VTD_PAGE_RESPONSE = 9,
    VTD_PAGES = 3,
};

bool sdxi_inval_intel(uint64_t q0, uint64_t q1, SdxiInval *inval)
{
    uint32_t process = FIELD_EX64(q0, VTD_Q0, PASID);
    bool pages = FIELD_EX64(q0, VTD_Q0, GRANULARITY) == VTD_PAGES;
    unsigned shift = PAGE_SHIFT + FIELD_EX64(q1, VTD_Q1, AM);

    *inval = SDXI_INVAL_ALL;
    switch (FIELD_EX64(q0, VTD_Q0, TYPE_HI) << 4 |
            FIELD_EX64(q0, VTD_Q0, TYPE_LO)) {
    case VTD_INTERRUPTS:
    case VTD_WAIT:
    case VTD_PAGE_RESPONSE:
        return false;
    case VTD_IOTLB:
        if (pages) {
            *inval = aligned(ADDRESS(q1), shift, SDXI_NO_PROCESS);
        }
        return true;
    case VTD_PASID_IOTLB:
        if (pages) {
            *inval = aligned(ADDRESS(q1), shift, process);
        }
        return true;
    case VTD_DEVICE:
        *inval = by_lowest_clear(ADDRESS(q1), FIELD_EX64(q1, VTD_Q1, SIZED),
                                 SDXI_NO_PROCESS);
        return true;
    case VTD_PASID_DEVICE:
        *inval = by_lowest_clear(ADDRESS(q1),
                                 FIELD_EX64(q1, VTD_Q1, PASID_SIZED),
                                 FIELD_EX64(q1, VTD_Q1, GLOBAL)
                                 ? SDXI_NO_PROCESS : process);
        return true;
    default:
        return true;
    }
}

/* ---- AMD ---- */

REG64(AMD_Q0, 0)
    FIELD(AMD_Q0, OPCODE, 60, 4)
REG64(AMD_Q1, 8)
    FIELD(AMD_Q1, SIZED, 0, 1)

enum {
    AMD_WAIT = 1, AMD_PAGES = 3, AMD_DEVICE_PAGES = 4, AMD_INTERRUPTS = 5,
    AMD_PREFETCH = 6, AMD_PAGE_RESPONSE = 7,
};

bool sdxi_inval_amd(uint64_t q0, uint64_t q1, SdxiInval *inval)
{
    *inval = SDXI_INVAL_ALL;
    switch (FIELD_EX64(q0, AMD_Q0, OPCODE)) {
    case AMD_WAIT:
    case AMD_INTERRUPTS:
    case AMD_PREFETCH:
    case AMD_PAGE_RESPONSE:
        return false;
    case AMD_PAGES:
    case AMD_DEVICE_PAGES:
        *inval = by_lowest_clear(ADDRESS(q1), FIELD_EX64(q1, AMD_Q1, SIZED),
                                 SDXI_NO_PROCESS);
        return true;
    default:
        return true;
    }
}

/* ---- Arm ---- */

REG64(SMMU_Q0, 0)
    FIELD(SMMU_Q0, OPCODE, 0, 8)
    FIELD(SMMU_Q0, NUM, 12, 5)
    FIELD(SMMU_Q0, SCALE, 20, 5)
REG64(SMMU_Q1, 8)
    FIELD(SMMU_Q1, TG, 10, 2)

enum {
    SMMU_PREFETCH_CONFIG = 0x01, SMMU_PREFETCH_ADDR = 0x02,
    SMMU_TLBI_NH_VA = 0x12, SMMU_TLBI_NH_VAA = 0x13, SMMU_SYNC = 0x46,
};

bool sdxi_inval_smmu(uint64_t q0, uint64_t q1, SdxiInval *inval)
{
    unsigned granule = FIELD_EX64(q1, SMMU_Q1, TG);

    *inval = SDXI_INVAL_ALL;
    switch (FIELD_EX64(q0, SMMU_Q0, OPCODE)) {
    case SMMU_PREFETCH_CONFIG:
    case SMMU_PREFETCH_ADDR:
    case SMMU_SYNC:
        return false;
    case SMMU_TLBI_NH_VA:
    case SMMU_TLBI_NH_VAA:
        /*
         * Without a granule it is one page of the first stage, of any size.
         * What is known of it here may be pages of the second, which are
         * smaller.
         */
        if (granule) {
            uint64_t pages = (FIELD_EX64(q0, SMMU_Q0, NUM) + 1)
                             << FIELD_EX64(q0, SMMU_Q0, SCALE);
            uint64_t room = UINT64_MAX - ADDRESS(q1);

            inval->first = ADDRESS(q1);
            inval->last = inval->first +
                          MIN(room, (pages << (2 * granule + 10)) - 1);
        }
        return true;
    default:
        return true;
    }
}
