/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent memory security, 45xxh: the commands on core/security.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"

#define ONE_PASSPHRASE (sizeof(CxlPassphraseIn))
#define TWO_PASSPHRASES (sizeof(CxlPassphraseIn) + CXL_PASSPHRASE_SIZE)

static CxlRc get_state(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    stl_le_p(call->out, cxl_security_state(&dev->security));
    call->out_len = 4;
    return CXL_RC_SUCCESS;
}

static CxlRc set(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlPassphraseIn *in = (const void *)call->in;
    uint32_t old = cxl_security_state(&dev->security);
    CxlRc rc = cxl_security_set(&dev->security, in->type, in->current,
                                in->next);

    cxl_memdev_security_changed(dev, old);
    return rc;
}

static CxlRc disable(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlPassphraseIn *in = (const void *)call->in;
    uint32_t old = cxl_security_state(&dev->security);
    CxlRc rc = cxl_security_disable(&dev->security, in->type, in->current);

    cxl_memdev_security_changed(dev, old);
    return rc;
}

static CxlRc unlock(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint32_t old = cxl_security_state(&dev->security);
    CxlRc rc = cxl_security_unlock(&dev->security, call->in);

    cxl_memdev_security_changed(dev, old);
    return rc;
}

static CxlRc freeze(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    uint32_t old = cxl_security_state(&dev->security);

    cxl_security_freeze(&dev->security);
    cxl_memdev_security_changed(dev, old);
    return CXL_RC_SUCCESS;
}

/* Data goes before the lock does: nobody sees it in between. */
static CxlRc erase(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlPassphraseIn *in = (const void *)call->in;
    uint32_t old = cxl_security_state(&dev->security);
    CxlSecurity next = dev->security;
    CxlRc rc = cxl_security_erase(&next, in->type, in->current);

    if (rc == CXL_RC_SUCCESS && !cxl_mediaops_erase_persistent(dev)) {
        return CXL_RC_INTERNAL;
    }
    dev->security = next;
    cxl_memdev_security_changed(dev, old);
    return rc;
}

/*
 * The first one is there without passphrases too: Linux asks for the state
 * before it sanitizes any device, and does not when it gets no answer.
 */
static const CxlCmdRow security_rows[] = {
    { .opcode = CXL_OP_SECURITY_STATE, .name = "Get Security State",
      .out_max = 4, .handler = get_state, .section = "8.2.9.9.6.1" },
    { .opcode = CXL_OP_PASSPHRASE_SET, .name = "Set Passphrase",
      .in_min = TWO_PASSPHRASES, .in_max = TWO_PASSPHRASES, .handler = set,
      .effects = CXL_FX_SECURITY, .gates = CXL_GATE_LOCK,
      .needs = CXL_NEED_SECURITY, .section = "8.2.9.9.6.2" },
    { .opcode = CXL_OP_PASSPHRASE_DISABLE, .name = "Disable Passphrase",
      .in_min = ONE_PASSPHRASE, .in_max = ONE_PASSPHRASE, .handler = disable,
      .effects = CXL_FX_SECURITY, .needs = CXL_NEED_SECURITY,
      .section = "8.2.9.9.6.3" },
    { .opcode = CXL_OP_UNLOCK, .name = "Unlock",
      .in_min = CXL_PASSPHRASE_SIZE, .in_max = CXL_PASSPHRASE_SIZE,
      .handler = unlock, .effects = CXL_FX_SECURITY,
      .needs = CXL_NEED_SECURITY, .section = "8.2.9.9.6.4" },
    { .opcode = CXL_OP_FREEZE, .name = "Freeze Security State",
      .handler = freeze, .effects = CXL_FX_SECURITY,
      .needs = CXL_NEED_SECURITY, .section = "8.2.9.9.6.5" },
    { .opcode = CXL_OP_PASSPHRASE_ERASE, .name = "Passphrase Secure Erase",
      .in_min = ONE_PASSPHRASE, .in_max = ONE_PASSPHRASE, .handler = erase,
      .effects = CXL_FX_DATA | CXL_FX_SECURITY,
      .gates = CXL_GATE_MEDIA | CXL_GATE_BUSY, .needs = CXL_NEED_SECURITY,
      .section = "8.2.9.9.6.6" },
};

const CxlCmdSet cxl_set_security = {
    "Persistent memory security", security_rows, ARRAY_SIZE(security_rows),
};
