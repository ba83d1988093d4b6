/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O of a function; see uio.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/extcap.h"
#include "hw/common/uio.h"

/* PCIe r6.1 table 2-46: the channel, and the traffic class, of UIO */
#define UIO_VC          3
#define UIO_CLASS       BIT(UIO_VC)
/* Its resource in the capability; that of VC0 is the first. */
#define UIO_RESOURCE    1

static const uint32_t vc0_after_reset =
    SVC_RES_CTRL_ENABLE | SVC_RES_CTRL_CLASSES;

UioCaps uio_find(const uint8_t *config, uint32_t size)
{
    return (UioCaps) {
        .dev3 = extcap_find(config, size, 0, DEV3_EXT_CAP_ID),
        .svc = extcap_find(config, size, 0, SVC_EXT_CAP_ID),
    };
}

static void init_dev3(uint8_t *config, uint8_t *wmask, unsigned roles)
{
    bool requester = roles & UIO_REQUESTER, completer = roles & UIO_COMPLETER;

    stl_le_p(config + DEV3_CAP,
             DEV3_CAP_TAG14_COMPLETER |
             (completer ? DEV3_CAP_UIO_COMPLETER : 0) |
             (requester ? DEV3_CAP_TAG14_REQUESTER | DEV3_CAP_UIO_REQUESTER
                        : 0));
    stl_le_p(wmask + DEV3_CTRL,
             requester ? DEV3_CTRL_UIO_REQUESTER | DEV3_CTRL_UIO_NO_256B : 0);
}

/* VC0 is always on, and carries class 0 whatever is written. */
static void init_svc(uint8_t *config, uint8_t *wmask)
{
    stl_le_p(config + SVC_PORT_CAP1,
             SVC_PORT_CAP1_MORE(UIO_SVC_RESOURCES - 1));
    stl_le_p(wmask + SVC_PORT_CTRL, SVC_PORT_CTRL_COMPLETED);
    stl_le_p(config + SVC_RES_CAP(0),
             SVC_RES_CAP_PROTOCOLS(SVC_PROTOCOL_LIKE_VC0));
    stl_le_p(wmask + SVC_RES_CTRL(0),
             (SVC_RES_CTRL_CLASSES & ~1u) | SVC_RES_CTRL_LIMIT);
    stl_le_p(config + SVC_RES_CAP(UIO_RESOURCE),
             SVC_RES_CAP_PROTOCOLS(SVC_PROTOCOL_UIO) | SVC_RES_CAP_VC(UIO_VC));
    stl_le_p(wmask + SVC_RES_CTRL(UIO_RESOURCE),
             (SVC_RES_CTRL_CLASSES & ~1u) | SVC_RES_CTRL_PROTOCOL_MASK |
             SVC_RES_CTRL_LIMIT | SVC_RES_CTRL_ENABLE);
}

void uio_init(const UioCaps *caps, uint8_t *config, uint8_t *wmask,
              unsigned roles)
{
    if (caps->dev3) {
        init_dev3(config + caps->dev3, wmask + caps->dev3, roles);
    }
    if (caps->svc) {
        init_svc(config + caps->svc, wmask + caps->svc);
    }
    uio_reset(caps, config, false);
}

void uio_reset(const UioCaps *caps, uint8_t *config, bool function_level)
{
    if (caps->dev3) {
        stl_le_p(config + caps->dev3 + DEV3_CTRL, 0);
    }
    if (caps->svc && !function_level) {
        stl_le_p(config + caps->svc + SVC_PORT_CTRL, 0);
        stl_le_p(config + caps->svc + SVC_RES_CTRL(0), vc0_after_reset);
        stl_le_p(config + caps->svc + SVC_RES_CTRL(UIO_RESOURCE), 0);
    }
}

static bool is_set(const uint8_t *config, uint16_t cap, unsigned reg,
                   uint32_t bits)
{
    return cap && (ldl_le_p(config + cap + reg) & bits) == bits;
}

bool uio_requests(const UioCaps *caps, const uint8_t *config)
{
    return is_set(config, caps->dev3, DEV3_CAP, DEV3_CAP_UIO_REQUESTER) &&
           is_set(config, caps->dev3, DEV3_CTRL, DEV3_CTRL_UIO_REQUESTER);
}

bool uio_completes(const UioCaps *caps, const uint8_t *config)
{
    return is_set(config, caps->dev3, DEV3_CAP, DEV3_CAP_UIO_COMPLETER);
}

bool uio_has_channel(const UioCaps *caps, const uint8_t *config)
{
    uint32_t ctrl = caps->svc ? ldl_le_p(config + caps->svc +
                                         SVC_RES_CTRL(UIO_RESOURCE)) : 0;

    return is_set(config, caps->svc, SVC_PORT_CTRL,
                  SVC_PORT_CTRL_COMPLETED) &&
           ctrl & SVC_RES_CTRL_ENABLE && ctrl & UIO_CLASS &&
           SVC_RES_CTRL_PROTOCOL_GET(ctrl) == SVC_PROTOCOL_UIO;
}
