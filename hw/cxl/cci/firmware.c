/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware update, 02xxh: the commands on core/fw.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

static CxlRc get_info(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    CxlFwInfoOut *out = (CxlFwInfoOut *)call->out;

    out->slots = CXL_FW_SLOTS;
    out->slot_info = dev->fw.active | dev->fw.staged << 3;
    out->caps = CXL_FW_CAP_ONLINE;
    for (unsigned i = 1; i <= CXL_FW_SLOTS; i++) {
        memcpy(out->revision[i - 1], dev->fw.revision[i],
               sizeof(out->revision[0]));
    }
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static CxlRc transfer(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    CxlRc rc = cxl_fw_transfer(&dev->fw, (const void *)call->in,
                               call->in_len - sizeof(CxlFwTransferIn),
                               cxl_memdev_now(dev));

    return rc == CXL_RC_BACKGROUND ?
           cxl_cci_background(call, NULL, 0, dev->cfg.fw_transfer_ns) : rc;
}

static CxlRc transfer_finish(void *owner, CxlBackground *bg G_GNUC_UNUSED,
                             CxlRc rc)
{
    CxlMemdev *dev = owner;

    return cxl_fw_part_done(&dev->fw, rc);
}

static bool transfer_fits(const void *owner, const CxlBackground *bg)
{
    const CxlMemdev *dev = owner;

    return !bg->num_ranges && cxl_fw_in_transfer(&dev->fw);
}

static const CxlBgWork transfer_work = {
    .finish = transfer_finish, .fits = transfer_fits, .abortable = true,
};

static CxlRc activate(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    CxlRc rc;

    if (call->in[0] > 1) {
        return CXL_RC_INVALID_INPUT;
    }
    rc = cxl_fw_activate(&dev->fw, call->in[1], call->in[0] == 0);
    return rc == CXL_RC_BACKGROUND ?
           cxl_cci_background(call, NULL, 0, dev->cfg.fw_transfer_ns) : rc;
}

static CxlRc activate_finish(void *owner, CxlBackground *bg G_GNUC_UNUSED,
                             CxlRc rc)
{
    CxlMemdev *dev = owner;

    return cxl_fw_activated(&dev->fw, rc);
}

static bool activate_fits(const void *owner, const CxlBackground *bg)
{
    const CxlMemdev *dev = owner;

    return !bg->num_ranges && cxl_fw_in_activation(&dev->fw);
}

static const CxlBgWork activate_work = {
    .finish = activate_finish, .fits = activate_fits,
};

static const CxlCmdRow firmware_rows[] = {
    { .opcode = CXL_OP_FW_INFO, .name = "Get FW Info",
      .out_max = sizeof(CxlFwInfoOut), .handler = get_info,
      .section = "8.2.9.3.1" },
    { .opcode = CXL_OP_FW_TRANSFER, .name = "Transfer FW",
      .in_min = sizeof(CxlFwTransferIn), .in_max = CXL_LEN_PAYLOAD,
      .handler = transfer, .work = &transfer_work,
      .effects = CXL_FX_CONFIG_COLD | CXL_FX_BACKGROUND | CXL_FX_ABORT,
      .gates = CXL_GATE_MEDIA, .section = "8.2.9.3.2" },
    { .opcode = CXL_OP_FW_ACTIVATE, .name = "Activate FW",
      .in_min = 2, .in_max = 2, .handler = activate, .work = &activate_work,
      .effects = CXL_FX_CONFIG_COLD | CXL_FX_CONFIG | CXL_FX_BACKGROUND,
      .gates = CXL_GATE_MEDIA, .section = "8.2.9.3.3" },
};

const CxlCmdSet cxl_set_firmware = {
    "Firmware update", firmware_rows, ARRAY_SIZE(firmware_rows),
};
