/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CXL part of an endpoint's configuration space.  Private to the
 * glue floor.
 */
#ifndef HW_CXL_TYPE3_CONFIG_H
#define HW_CXL_TYPE3_CONFIG_H

#include "hw/pci/pci_device.h"
#include "hw/cxl/wire/dvsec.h"

/* Where things live; the offsets of the stock device are kept. */
#define CXL_CONFIG_EXP_CAP      0x80
#define CXL_CONFIG_DSN          0x100
#define CXL_CONFIG_DOE_CDAT     0x190
#define CXL_CONFIG_DOE_COMP     0x1b0
#define CXL_CONFIG_AER          0x200

#define CXL_CONFIG_RANGES       2

/* What a device wants to advertise; only read while building. */
typedef struct CxlConfigSetup {
    uint64_t serial;
    bool has_serial;
    bool flit_256b;
    bool function_map;
    bool mld;           /* a logical device of an MLD */
    /* Register locator entries, from CXL_LOCATOR_ENTRY() */
    const uint32_t *locator;
    unsigned locator_count;
} CxlConfigSetup;

typedef struct CxlConfig {
    /* Offset of each DVSEC by id, 0 for those that are absent */
    uint16_t dvsec[CXL_DVSEC_ID_COUNT];
    /* Low words of the flex bus, remembered for the link partner */
    uint16_t flex_cap;
} CxlConfig;

/* Consequences of a config write that the device has to carry out */
enum {
    CXL_CONFIG_DID_RESET        = BIT(0),   /* CXL reset was requested */
    CXL_CONFIG_DID_MEM_ENABLE   = BIT(1),   /* CXL.mem switched */
    CXL_CONFIG_DID_RANGE        = BIT(2),   /* a legacy range base moved */
};

/*
 * Add DSN and DVSECs to @pdev.  A PCIe capability must exist already.
 */
void cxl_config_build(CxlConfig *cfg, PCIDevice *pdev,
                      const CxlConfigSetup *setup);

/*
 * Advertise capacity, in bytes, of up to two ranges; a range of size 0
 * after the first does not exist.  May be called again when partitions
 * move.  CXL r3.1 8.1.3.8.
 */
void cxl_config_set_ranges(CxlConfig *cfg, PCIDevice *pdev,
                           const uint64_t size[CXL_CONFIG_RANGES]);

/* Back to reset values; sticky bits survive unless @cold. */
void cxl_config_reset(CxlConfig *cfg, PCIDevice *pdev, bool cold);

/* Replace bytes of @val that a read must compute. */
uint32_t cxl_config_read(const CxlConfig *cfg, PCIDevice *pdev,
                         uint32_t addr, uint32_t val, int len);

/*
 * To be called after PCI's default write.  @mem_before is
 * cxl_config_mem_enabled() before it.  Returns CXL_CONFIG_DID_*.
 */
unsigned cxl_config_write(CxlConfig *cfg, PCIDevice *pdev,
                          uint32_t addr, int len, bool mem_before);

/* The locked state is in the config bytes; the write masks are not. */
void cxl_config_post_load(CxlConfig *cfg, PCIDevice *pdev);

bool cxl_config_mem_enabled(const CxlConfig *cfg, const PCIDevice *pdev);
bool cxl_config_mem_clear_enabled(const CxlConfig *cfg,
                                  const PCIDevice *pdev);
/* A range that software has given a place, in bytes; size 0: none. */
uint64_t cxl_config_range_base(const CxlConfig *cfg, const PCIDevice *pdev,
                               unsigned range);
uint64_t cxl_config_range_size(const CxlConfig *cfg, const PCIDevice *pdev,
                               unsigned range);

/* Viral status is set, unless software has not enabled it: then false. */
bool cxl_config_enter_viral(CxlConfig *cfg, PCIDevice *pdev);

/* Report the end of a CXL reset, CXL r3.1 8.1.3.5 */
void cxl_config_reset_done(CxlConfig *cfg, PCIDevice *pdev);

#endif
