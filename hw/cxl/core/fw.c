/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two firmware slots and one image being received; see fw.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/fw.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlFw) != 104 && sizeof(void *) == 8);

#define UNIT 128
#define GAP_NS 30000000000ll

void cxl_fw_init(CxlFw *fw, const char *revision, uint64_t image_max,
                 const CxlMediaOps *store, void *store_opaque)
{
    *fw = (CxlFw) {
        .store = store, .store_opaque = store_opaque, .image_max = image_max,
        .active = 1,
    };
    memcpy(fw->revision[1], revision, sizeof(fw->revision[1]));
    fw->image = g_byte_array_new();
}

void cxl_fw_destroy(CxlFw *fw)
{
    g_byte_array_free(fw->image, TRUE);
}

static void discard(CxlFw *fw)
{
    fw->open = false;
    fw->slot = 0;
    /* A new array: truncation would keep the memory. */
    g_byte_array_free(fw->image, TRUE);
    fw->image = g_byte_array_new();
}

void cxl_fw_interrupt(CxlFw *fw)
{
    discard(fw);
}

void cxl_fw_cold_reset(CxlFw *fw)
{
    discard(fw);
    fw->activating = 0;
    if (fw->staged) {
        fw->active = fw->staged;
        fw->staged = 0;
    }
}

static bool usable_slot(const CxlFw *fw, unsigned slot)
{
    return slot >= 1 && slot <= CXL_FW_SLOTS && slot != fw->active;
}

/*
 * Is it the part that comes next, or the last one once more?  Any may be sent
 * twice in a row, CXL r3.1 8.2.9.3.2.
 */
static bool in_order(const CxlFw *fw, uint64_t offset, uint32_t data_len)
{
    uint64_t have = fw->image->len;

    return fw->open && (offset == have || offset + data_len == have);
}

/* Of a whole image the offset is ignored. */
static CxlRc check_order(const CxlFw *fw, unsigned action, uint64_t offset,
                         uint32_t data_len)
{
    switch (action) {
    case CXL_FW_FULL:
    case CXL_FW_INITIATE:
        if (fw->open) {
            return CXL_RC_FW_IN_PROGRESS;
        }
        return offset && action == CXL_FW_INITIATE ? CXL_RC_FW_ORDER :
               CXL_RC_SUCCESS;
    case CXL_FW_CONTINUE:
    case CXL_FW_END:
        return in_order(fw, offset, data_len) ? CXL_RC_SUCCESS :
               CXL_RC_FW_ORDER;
    case CXL_FW_ABORT:
        return fw->open ? CXL_RC_SUCCESS : CXL_RC_FW_ORDER;
    default:
        return CXL_RC_INVALID_INPUT;
    }
}

CxlRc cxl_fw_transfer(CxlFw *fw, const CxlFwTransferIn *in, uint32_t data_len,
                      int64_t now_ns)
{
    uint64_t offset = (uint64_t)ldl_le_p(&in->offset) * UNIT;
    bool last = in->action == CXL_FW_FULL || in->action == CXL_FW_END;
    CxlRc rc;

    if (fw->open && now_ns - fw->last_ns > GAP_NS) {
        discard(fw);
    }
    rc = check_order(fw, in->action, offset, data_len);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (in->action == CXL_FW_ABORT) {
        discard(fw);
        return CXL_RC_SUCCESS;
    }
    if (last && !usable_slot(fw, in->slot)) {
        return CXL_RC_FW_SLOT;
    }
    /* Only the end of an image may be odd. */
    offset = in->action == CXL_FW_FULL ? 0 : offset;
    if (!data_len || (!last && data_len % UNIT) ||
        data_len > fw->image_max - offset) {
        return CXL_RC_INVALID_INPUT;
    }
    g_byte_array_set_size(fw->image, offset);
    g_byte_array_append(fw->image, in->data, data_len);
    fw->open = true;
    fw->last_ns = now_ns;
    fw->slot = last ? in->slot : 0;
    return CXL_RC_BACKGROUND;
}

/* FNV-1a: enough to tell one image from another. */
static uint32_t checksum(const GByteArray *image)
{
    uint32_t hash = 2166136261u;

    for (guint i = 0; i < image->len; i++) {
        hash = (hash ^ image->data[i]) * 16777619u;
    }
    return hash;
}

CxlRc cxl_fw_part_done(CxlFw *fw, CxlRc rc)
{
    unsigned slot = fw->slot;

    if (rc != CXL_RC_SUCCESS) {
        discard(fw);
        return rc;
    }
    if (!slot) {
        return rc;
    }
    if (!fw->store->fw_store(fw->store_opaque, slot, fw->image->data,
                             fw->image->len)) {
        discard(fw);
        return CXL_RC_FW_AUTH;
    }
    memset(fw->revision[slot], 0, sizeof(fw->revision[slot]));
    snprintf(fw->revision[slot], sizeof(fw->revision[slot]), "FW %08x",
             checksum(fw->image));
    discard(fw);
    return rc;
}

CxlRc cxl_fw_activate(CxlFw *fw, unsigned slot, bool online)
{
    if (slot < 1 || slot > CXL_FW_SLOTS || !fw->revision[slot][0]) {
        return CXL_RC_FW_SLOT;
    }
    if (online) {
        fw->activating = slot;
        return CXL_RC_BACKGROUND;
    }
    fw->staged = slot == fw->active ? 0 : slot;
    return CXL_RC_SUCCESS;
}

CxlRc cxl_fw_activated(CxlFw *fw, CxlRc rc)
{
    if (rc == CXL_RC_SUCCESS) {
        fw->active = fw->activating;
        fw->staged = fw->staged == fw->active ? 0 : fw->staged;
    }
    fw->activating = 0;
    return rc;
}

bool cxl_fw_in_transfer(const CxlFw *fw)
{
    return fw->open && fw->image->len && fw->slot != fw->active;
}

bool cxl_fw_in_activation(const CxlFw *fw)
{
    return fw->activating && fw->activating <= CXL_FW_SLOTS &&
           fw->revision[fw->activating][0];
}

void cxl_fw_save(const CxlFw *fw, SaveWriter *w)
{
    save_put_bytes(w, fw->revision, sizeof(fw->revision));
    save_put(w, fw->active);
    save_put(w, fw->staged);
    save_put(w, fw->open);
    save_put(w, fw->slot);
    save_put(w, fw->last_ns);
    save_put(w, fw->activating);
    save_put_blob(w, fw->image->data, fw->image->len);
}

void cxl_fw_load(CxlFw *fw, SaveReader *r)
{
    const uint8_t *image;
    size_t len;

    save_get_bytes(r, fw->revision, sizeof(fw->revision));
    SAVE_GET(r, fw->active);
    SAVE_GET(r, fw->staged);
    SAVE_GET(r, fw->open);
    SAVE_GET(r, fw->slot);
    fw->last_ns = save_get_time(r, "time of the last part");
    SAVE_GET(r, fw->activating);
    image = save_get_blob(r, "firmware image", fw->image_max, &len);
    g_byte_array_set_size(fw->image, 0);
    if (image) {
        g_byte_array_append(fw->image, image, len);
    }
}

void cxl_fw_save_at_rest(const CxlFw *fw, SaveWriter *w)
{
    g_autoptr(GByteArray) none = g_byte_array_new();
    CxlFw rest = *fw;

    rest.open = false;
    rest.slot = rest.activating = 0;
    rest.last_ns = 0;
    rest.image = none;
    cxl_fw_save(&rest, w);
}

void cxl_fw_load_at_rest(CxlFw *fw, SaveReader *r)
{
    cxl_fw_load(fw, r);
    if (fw->open || fw->slot || fw->activating || fw->image->len) {
        save_refuse(r, "firmware that nobody transfers");
    }
}

const char *cxl_fw_check(const CxlFw *fw)
{
    if (fw->active < 1 || fw->active > CXL_FW_SLOTS ||
        !fw->revision[fw->active][0]) {
        return "active firmware slot";
    }
    if (fw->staged > CXL_FW_SLOTS ||
        (fw->staged && !fw->revision[fw->staged][0])) {
        return "staged firmware slot";
    }
    if (fw->image->len > fw->image_max || (!fw->open && fw->image->len)) {
        return "firmware image in transfer";
    }
    if (fw->slot > CXL_FW_SLOTS || fw->activating > CXL_FW_SLOTS) {
        return "firmware slot of a transfer";
    }
    return NULL;
}
