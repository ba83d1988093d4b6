/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CXL part of an endpoint's configuration space: which DVSECs there
 * are, what their fields hold, how they react to writes and reset.
 *
 * Not here: the data object exchange behind the DOE capabilities
 * (doe.c), AER (ras.c), and what a CXL reset does to the device
 * (memdev.c).
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/cxl/type3/config.h"

typedef enum CxlFieldFlags {
    FIELD_LOCKABLE      = BIT(0),   /* read-only once config is locked */
    FIELD_STICKY        = BIT(1),   /* survives all but a cold reset */
} CxlFieldFlags;

typedef struct CxlDvsecField {
    uint8_t at;
    uint8_t size;
    uint8_t flags;
    uint32_t reset;
    uint32_t rw;
    uint32_t w1c;
} CxlDvsecField;

typedef struct CxlDvsecRow {
    uint8_t id;
    uint8_t rev;
    uint16_t len;
    const CxlDvsecField *fields;
    unsigned field_count;
} CxlDvsecRow;

/* CXL r3.1 8.1.3 */
static const CxlDvsecField device_fields[] = {
    { CXL_DVSEC_DEV_CAP, 2,
      .reset = CXL_DVSEC_DEV_CAP_IO | CXL_DVSEC_DEV_CAP_MEM |
               CXL_DVSEC_DEV_CAP_MEM_HWINIT | CXL_DVSEC_DEV_CAP_HDM_COUNT(1) |
               CXL_DVSEC_DEV_CAP_RESET | CXL_DVSEC_DEV_CAP_RESET_100MS |
               CXL_DVSEC_DEV_CAP_MEM_CLEAR | CXL_DVSEC_DEV_CAP_VIRAL },
    { CXL_DVSEC_DEV_CTRL, 2, FIELD_LOCKABLE,
      .reset = CXL_DVSEC_DEV_CTRL_IO,
      .rw = CXL_DVSEC_DEV_CTRL_MEM | CXL_DVSEC_DEV_CTRL_VIRAL },
    { CXL_DVSEC_DEV_STATUS, 2, FIELD_STICKY,
      .w1c = CXL_DVSEC_DEV_STATUS_VIRAL },
    { CXL_DVSEC_DEV_CTRL2, 2,
      .rw = CXL_DVSEC_DEV_CTRL2_RESET | CXL_DVSEC_DEV_CTRL2_MEM_CLEAR |
            CXL_DVSEC_DEV_CTRL2_HDM_KEEP },
    { CXL_DVSEC_DEV_STATUS2, 2, FIELD_STICKY,
      .w1c = CXL_DVSEC_DEV_STATUS2_HDM_LOST },
    { CXL_DVSEC_DEV_LOCK, 2, FIELD_LOCKABLE,
      .rw = CXL_DVSEC_DEV_LOCK_CONFIG },
    { CXL_DVSEC_DEV_RANGE_BASE_HI(0), 4, FIELD_LOCKABLE, .rw = 0xffffffff },
    { CXL_DVSEC_DEV_RANGE_BASE_LO(0), 4, FIELD_LOCKABLE,
      .rw = CXL_DVSEC_RANGE_LO_MASK },
    { CXL_DVSEC_DEV_RANGE_BASE_HI(1), 4, FIELD_LOCKABLE, .rw = 0xffffffff },
    { CXL_DVSEC_DEV_RANGE_BASE_LO(1), 4, FIELD_LOCKABLE,
      .rw = CXL_DVSEC_RANGE_LO_MASK },
    { CXL_DVSEC_DEV_CAP3, 2, .reset = CXL_DVSEC_DEV_CAP3_HOT_KEEPS },
};

/* CXL r3.1 8.1.7; the durations of the stock device */
static const CxlDvsecField gpf_fields[] = {
    { CXL_DVSEC_GPF_DURATION, 2, .reset = CXL_DVSEC_GPF_SCALE_SECONDS | 3 },
    { CXL_DVSEC_GPF_POWER, 4, .reset = 51 },
};

/* CXL r3.1 8.1.8; capability and status are patched in by the link */
static const CxlDvsecField flex_fields[] = {
    { CXL_DVSEC_FLEX_CTRL, 2, .reset = CXL_DVSEC_FLEX_IO },
    { CXL_DVSEC_FLEX_MODIFIED_TS, 4, .reset = 0xef },
};

/* CXL r3.1 14.16.1; no test algorithm is offered, so the capabilities are 0 */
static const CxlDvsecField test_fields[] = {
    { CXL_DVSEC_TEST_LOCK, 2, FIELD_LOCKABLE, .rw = 1 },
    { CXL_DVSEC_TEST_BASE_LO, 4, FIELD_LOCKABLE,
      .reset = CXL_DVSEC_TEST_BASE_64BIT, .rw = 0xfffffff0 },
    { CXL_DVSEC_TEST_BASE_HI, 4, FIELD_LOCKABLE, .rw = 0xffffffff },
};

static const CxlDvsecRow dvsec_rows[CXL_DVSEC_ID_COUNT] = {
    [CXL_DVSEC_ID_DEVICE] = {
        CXL_DVSEC_ID_DEVICE, CXL_DVSEC_DEV_REV, CXL_DVSEC_DEV_LEN,
        device_fields, ARRAY_SIZE(device_fields)
    },
    [CXL_DVSEC_ID_FUNCTION_MAP] = {
        CXL_DVSEC_ID_FUNCTION_MAP, CXL_DVSEC_MAP_REV, CXL_DVSEC_MAP_LEN,
    },
    [CXL_DVSEC_ID_GPF_DEVICE] = {
        CXL_DVSEC_ID_GPF_DEVICE, CXL_DVSEC_GPF_REV, CXL_DVSEC_GPF_LEN,
        gpf_fields, ARRAY_SIZE(gpf_fields)
    },
    [CXL_DVSEC_ID_FLEX_BUS] = {
        CXL_DVSEC_ID_FLEX_BUS, CXL_DVSEC_FLEX_REV, CXL_DVSEC_FLEX_LEN,
        flex_fields, ARRAY_SIZE(flex_fields)
    },
    [CXL_DVSEC_ID_LOCATOR] = {
        CXL_DVSEC_ID_LOCATOR, CXL_DVSEC_LOCATOR_REV, CXL_DVSEC_LOCATOR_LEN(3),
    },
    [CXL_DVSEC_ID_TEST] = {
        CXL_DVSEC_ID_TEST, CXL_DVSEC_TEST_REV, CXL_DVSEC_TEST_LEN,
        test_fields, ARRAY_SIZE(test_fields)
    },
};

static uint32_t field_get(const uint8_t *bytes, const CxlDvsecField *f)
{
    return f->size == 2 ? pci_get_word(bytes) : pci_get_long(bytes);
}

static void field_set(uint8_t *bytes, const CxlDvsecField *f, uint32_t val)
{
    if (f->size == 2) {
        pci_set_word(bytes, val);
    } else {
        pci_set_long(bytes, val);
    }
}

/* Only bits that software can change go back; the rest is what we are. */
static void field_reset(PCIDevice *pdev, uint16_t base,
                        const CxlDvsecField *f, bool cold)
{
    uint32_t at = base + f->at;
    uint32_t soft = f->rw | (cold || !(f->flags & FIELD_STICKY) ? f->w1c : 0);
    uint32_t val = field_get(pdev->config + at, f);

    field_set(pdev->config + at, f, (val & ~soft) | (f->reset & soft));
    field_set(pdev->wmask + at, f, f->rw);
}

static void dvsec_add(CxlConfig *cfg, PCIDevice *pdev, uint8_t id,
                      uint16_t offset, uint16_t len)
{
    const CxlDvsecRow *row = &dvsec_rows[id];
    unsigned i;

    pcie_add_capability(pdev, PCI_EXT_CAP_ID_DVSEC, 1, offset, len);
    pci_set_long(pdev->config + offset + CXL_DVSEC_HDR1,
                 CXL_DVSEC_HDR1_VALUE(row->rev, len));
    pci_set_word(pdev->config + offset + CXL_DVSEC_HDR2, id);
    for (i = 0; i < row->field_count; i++) {
        const CxlDvsecField *f = &row->fields[i];

        field_set(pdev->config + offset + f->at, f, f->reset);
        field_set(pdev->wmask + offset + f->at, f, f->rw);
        field_set(pdev->w1cmask + offset + f->at, f, f->w1c);
    }
    cfg->dvsec[id] = offset;
}

/*
 * What changes while the device runs, other than by config writes, must
 * not be compared when the configuration space is loaded.
 */
static void allow_different_ranges(CxlConfig *cfg, PCIDevice *pdev)
{
    uint8_t *cmask = pdev->cmask + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    pci_set_word(cmask + CXL_DVSEC_DEV_CAP,
                 ~CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK);
    pci_set_word(cmask + CXL_DVSEC_DEV_STATUS2, 0);
    memset(cmask + CXL_DVSEC_DEV_RANGE_SIZE_HI(0), 0,
           CXL_DVSEC_DEV_CAP3 - CXL_DVSEC_DEV_RANGE_SIZE_HI(0));
}

static uint16_t find_dvsec(PCIDevice *pdev, uint16_t id)
{
    uint16_t pos = PCI_CONFIG_SPACE_SIZE;
    int budget = PCIE_CONFIG_SPACE_SIZE / 8;

    if (!pci_is_express(pdev)) {
        return 0;
    }
    while (pos >= PCI_CONFIG_SPACE_SIZE && budget--) {
        uint32_t hdr = pci_get_long(pdev->config + pos);

        if (PCI_EXT_CAP_ID(hdr) == PCI_EXT_CAP_ID_DVSEC &&
            pci_get_word(pdev->config + pos + CXL_DVSEC_HDR1) ==
            CXL_DVSEC_VENDOR &&
            pci_get_word(pdev->config + pos + CXL_DVSEC_HDR2) == id) {
            return pos;
        }
        pos = PCI_EXT_CAP_NEXT(hdr);
    }
    return 0;
}

/*
 * The link runs with what both ends can do: what the port above us says
 * it can do limits our status.
 */
static void flex_bus_negotiate(CxlConfig *cfg, PCIDevice *pdev,
                               const CxlConfigSetup *setup)
{
    uint8_t *flex = pdev->config + cfg->dvsec[CXL_DVSEC_ID_FLEX_BUS];
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(pdev));
    uint16_t partner = port ? find_dvsec(port, CXL_DVSEC_ID_FLEX_BUS) : 0;
    uint16_t cap = CXL_DVSEC_FLEX_IO | CXL_DVSEC_FLEX_MEM |
                   CXL_DVSEC_FLEX_68B_VH |
                   (setup->mld ? CXL_DVSEC_FLEX_MLD : 0) |
                   (setup->flit_256b ? CXL_DVSEC_FLEX_256B : 0);
    uint16_t status = cap;

    if (partner) {
        status &= pci_get_word(port->config + partner + CXL_DVSEC_FLEX_CAP);
    }
    cfg->flex_cap = cap;
    pci_set_word(flex + CXL_DVSEC_FLEX_CAP, cap);
    pci_set_word(flex + CXL_DVSEC_FLEX_STATUS, status);
}

static void locator_fill(CxlConfig *cfg, PCIDevice *pdev,
                         const uint32_t *entry, unsigned count)
{
    uint8_t *loc = pdev->config + cfg->dvsec[CXL_DVSEC_ID_LOCATOR];
    unsigned i;

    for (i = 0; i < count; i++) {
        pci_set_long(loc + CXL_DVSEC_LOCATOR_LO(i), entry[i]);
    }
}

void cxl_config_build(CxlConfig *cfg, PCIDevice *pdev,
                      const CxlConfigSetup *setup)
{
    /* Stock has three locator slots even when it fills only two */
    unsigned slots = MAX(setup->locator_count, 3);
    uint16_t at = CXL_CONFIG_DSN;

    if (setup->has_serial) {
        pcie_dev_ser_num_init(pdev, at, setup->serial);
        at += PCI_EXT_CAP_DSN_SIZEOF;
    }
    dvsec_add(cfg, pdev, CXL_DVSEC_ID_DEVICE, at, CXL_DVSEC_DEV_LEN);
    allow_different_ranges(cfg, pdev);
    at += CXL_DVSEC_DEV_LEN;
    dvsec_add(cfg, pdev, CXL_DVSEC_ID_LOCATOR, at,
              CXL_DVSEC_LOCATOR_LEN(slots));
    locator_fill(cfg, pdev, setup->locator, setup->locator_count);
    at += CXL_DVSEC_LOCATOR_LEN(slots);
    dvsec_add(cfg, pdev, CXL_DVSEC_ID_GPF_DEVICE, at, CXL_DVSEC_GPF_LEN);
    at += CXL_DVSEC_GPF_LEN;
    assert(at <= CXL_CONFIG_DOE_CDAT);

    at = ROUND_UP(CXL_CONFIG_AER + PCI_ERR_SIZEOF, 0x10);
    dvsec_add(cfg, pdev, CXL_DVSEC_ID_FLEX_BUS, at, CXL_DVSEC_FLEX_LEN);
    flex_bus_negotiate(cfg, pdev, setup);
    at += CXL_DVSEC_FLEX_LEN;
    dvsec_add(cfg, pdev, CXL_DVSEC_ID_TEST, at, CXL_DVSEC_TEST_LEN);
    at += ROUND_UP(CXL_DVSEC_TEST_LEN, 0x10);
    if (setup->function_map) {
        dvsec_add(cfg, pdev, CXL_DVSEC_ID_FUNCTION_MAP, at,
                  CXL_DVSEC_MAP_LEN);
    }
}

void cxl_config_set_ranges(CxlConfig *cfg, PCIDevice *pdev,
                           const uint64_t size[CXL_CONFIG_RANGES])
{
    uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];
    uint16_t cap = pci_get_word(dev + CXL_DVSEC_DEV_CAP);
    unsigned i, count = size[1] ? 2 : 1;

    for (i = 0; i < CXL_CONFIG_RANGES; i++) {
        uint32_t lo = size[i] & CXL_DVSEC_RANGE_LO_MASK;

        if (i < count) {
            lo |= CXL_DVSEC_RANGE_VALID | CXL_DVSEC_RANGE_ACTIVE |
                  CXL_DVSEC_RANGE_MEDIA_CDAT | CXL_DVSEC_RANGE_CLASS_CDAT;
        }
        pci_set_long(dev + CXL_DVSEC_DEV_RANGE_SIZE_HI(i), size[i] >> 32);
        pci_set_long(dev + CXL_DVSEC_DEV_RANGE_SIZE_LO(i), lo);
    }
    cap &= ~CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK;
    pci_set_word(dev + CXL_DVSEC_DEV_CAP,
                 cap | CXL_DVSEC_DEV_CAP_HDM_COUNT(count) |
                 (cfg->flex_cap & CXL_DVSEC_FLEX_MLD ? CXL_DVSEC_DEV_CAP_MLD
                                                     : 0));
}

void cxl_config_reset(CxlConfig *cfg, PCIDevice *pdev, bool cold)
{
    unsigned id, i;

    for (id = 0; id < CXL_DVSEC_ID_COUNT; id++) {
        const CxlDvsecRow *row = &dvsec_rows[id];

        for (i = 0; cfg->dvsec[id] && i < row->field_count; i++) {
            field_reset(pdev, cfg->dvsec[id], &row->fields[i], cold);
        }
    }
    if (cold) {
        pci_set_word(pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE] +
                     CXL_DVSEC_DEV_STATUS2, 0);
    }
}

static bool has_cxl_mem_or_cache(PCIDevice *pdev)
{
    uint16_t pos = find_dvsec(pdev, CXL_DVSEC_ID_DEVICE);

    return pos && (pci_get_word(pdev->config + pos + CXL_DVSEC_DEV_CAP) &
                   (CXL_DVSEC_DEV_CAP_CACHE | CXL_DVSEC_DEV_CAP_MEM));
}

/*
 * Without ARI dword r, bit d stands for device d, function r.  Functions
 * come and go, so the map is made when it is read.
 */
static uint32_t function_map_dword(PCIDevice *pdev, unsigned func)
{
    PCIBus *bus = pci_get_bus(pdev);
    uint32_t map = 0;
    unsigned slot;

    for (slot = 0; slot < PCI_SLOT_MAX; slot++) {
        PCIDevice *other = bus->devices[PCI_DEVFN(slot, func)];

        if (other && other != pdev && !pci_is_vf(other) &&
            !has_cxl_mem_or_cache(other)) {
            map |= BIT(slot);
        }
    }
    return map;
}

uint32_t cxl_config_read(const CxlConfig *cfg, PCIDevice *pdev,
                         uint32_t addr, uint32_t val, int len)
{
    uint16_t base = cfg->dvsec[CXL_DVSEC_ID_FUNCTION_MAP];
    int i;

    if (!base) {
        return val;
    }
    for (i = 0; i < len; i++) {
        uint32_t at = addr + i - base;

        if (addr + i >= base + CXL_DVSEC_MAP_DWORD(0) &&
            at < CXL_DVSEC_MAP_LEN) {
            uint32_t index = at - CXL_DVSEC_MAP_DWORD(0);
            uint32_t map = function_map_dword(pdev, index / 4);

            val = deposit32(val, 8 * i, 8, extract32(map, 8 * (index % 4), 8));
        }
    }
    return val;
}

static void dvsec_lock(PCIDevice *pdev, const CxlDvsecRow *row, uint16_t base)
{
    unsigned i;

    for (i = 0; i < row->field_count; i++) {
        if (row->fields[i].flags & FIELD_LOCKABLE) {
            field_set(pdev->wmask + base + row->fields[i].at,
                      &row->fields[i], 0);
        }
    }
}

/* Both locks are write-once: nothing but a reset opens them again. */
void cxl_config_post_load(CxlConfig *cfg, PCIDevice *pdev)
{
    static const struct {
        uint8_t id, at;
    } locks[] = {
        { CXL_DVSEC_ID_DEVICE, CXL_DVSEC_DEV_LOCK },
        { CXL_DVSEC_ID_TEST, CXL_DVSEC_TEST_LOCK },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(locks); i++) {
        uint16_t base = cfg->dvsec[locks[i].id];

        if (pci_get_word(pdev->config + base + locks[i].at) & 1) {
            dvsec_lock(pdev, &dvsec_rows[locks[i].id], base);
        }
    }
}

unsigned cxl_config_write(CxlConfig *cfg, PCIDevice *pdev,
                          uint32_t addr, int len, bool mem_before)
{
    uint16_t base = cfg->dvsec[CXL_DVSEC_ID_DEVICE];
    uint8_t *dev = pdev->config + base;
    unsigned did = 0;

    if (ranges_overlap(addr, len, base + CXL_DVSEC_DEV_RANGE_BASE_HI(0),
                       CXL_DVSEC_DEV_CAP3 - CXL_DVSEC_DEV_RANGE_BASE_HI(0))) {
        did |= CXL_CONFIG_DID_RANGE;
    }
    if (mem_before != cxl_config_mem_enabled(cfg, pdev)) {
        did |= CXL_CONFIG_DID_MEM_ENABLE;
    }
    if (pci_get_word(dev + CXL_DVSEC_DEV_CTRL2) & CXL_DVSEC_DEV_CTRL2_RESET) {
        pci_word_test_and_clear_mask(dev + CXL_DVSEC_DEV_CTRL2,
                                     CXL_DVSEC_DEV_CTRL2_RESET);
        pci_word_test_and_clear_mask(dev + CXL_DVSEC_DEV_STATUS2,
                                     CXL_DVSEC_DEV_STATUS2_RESET_DONE);
        did |= CXL_CONFIG_DID_RESET;
    }
    cxl_config_post_load(cfg, pdev);
    return did;
}

bool cxl_config_mem_enabled(const CxlConfig *cfg, const PCIDevice *pdev)
{
    const uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    return pci_get_word(dev + CXL_DVSEC_DEV_CTRL) & CXL_DVSEC_DEV_CTRL_MEM;
}

bool cxl_config_mem_clear_enabled(const CxlConfig *cfg, const PCIDevice *pdev)
{
    const uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    return pci_get_word(dev + CXL_DVSEC_DEV_CTRL2) &
           CXL_DVSEC_DEV_CTRL2_MEM_CLEAR;
}

uint64_t cxl_config_range_base(const CxlConfig *cfg, const PCIDevice *pdev,
                               unsigned range)
{
    const uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    return (uint64_t)pci_get_long(dev + CXL_DVSEC_DEV_RANGE_BASE_HI(range))
           << 32 | pci_get_long(dev + CXL_DVSEC_DEV_RANGE_BASE_LO(range));
}

uint64_t cxl_config_range_size(const CxlConfig *cfg, const PCIDevice *pdev,
                               unsigned range)
{
    const uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    return (uint64_t)pci_get_long(dev + CXL_DVSEC_DEV_RANGE_SIZE_HI(range))
           << 32 | (pci_get_long(dev + CXL_DVSEC_DEV_RANGE_SIZE_LO(range)) &
                    CXL_DVSEC_RANGE_LO_MASK);
}

bool cxl_config_enter_viral(CxlConfig *cfg, PCIDevice *pdev)
{
    uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    if (!(pci_get_word(dev + CXL_DVSEC_DEV_CTRL) &
          CXL_DVSEC_DEV_CTRL_VIRAL)) {
        return false;
    }
    pci_word_test_and_set_mask(dev + CXL_DVSEC_DEV_STATUS,
                               CXL_DVSEC_DEV_STATUS_VIRAL);
    return true;
}

void cxl_config_reset_done(CxlConfig *cfg, PCIDevice *pdev)
{
    uint8_t *dev = pdev->config + cfg->dvsec[CXL_DVSEC_ID_DEVICE];

    pci_word_test_and_set_mask(dev + CXL_DVSEC_DEV_STATUS2,
                               CXL_DVSEC_DEV_STATUS2_RESET_DONE);
}
