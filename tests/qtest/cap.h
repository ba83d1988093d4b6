/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities of a function whose configuration space is at @config in
 * memory: the offset of one, or 0 if it has none of that kind.
 */
#ifndef TESTS_QTEST_CAP_H
#define TESTS_QTEST_CAP_H

#include "hw/pci/pci_regs.h"
#include "tests/qtest/libqtest.h"

static inline uint8_t find_cap(QTestState *qts, uint64_t config, uint8_t id)
{
    uint8_t at = qtest_readb(qts, config + PCI_CAPABILITY_LIST);

    while (at && qtest_readb(qts, config + at) != id) {
        at = qtest_readb(qts, config + at + PCI_CAP_LIST_NEXT);
    }
    return at;
}

static inline uint16_t find_ext_cap(QTestState *qts, uint64_t config,
                                    uint16_t id)
{
    uint16_t at = PCI_CFG_SPACE_SIZE;

    while (at) {
        uint32_t header = qtest_readl(qts, config + at);

        if (PCI_EXT_CAP_ID(header) == id) {
            break;
        }
        at = PCI_EXT_CAP_NEXT(header);
    }
    return at;
}

#endif
