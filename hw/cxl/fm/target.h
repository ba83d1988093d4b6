/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose command interface a manager's messages go to: a switch, through a door
 * of its own (core/door.h), or a memory device's FM-owned logical device.
 * All with the big lock.
 */
#ifndef HW_CXL_FM_TARGET_H
#define HW_CXL_FM_TARGET_H

#include "qom/object.h"
#include "hw/cxl/core/switch.h"

/* Bytes of a payload through a switch's door, log2 */
#define CXL_FM_PAYLOAD_SHIFT 13

typedef struct CxlFmTarget {
    Object *obj;            /* a reference, while the target is open */
    CxlSwitch *sw;          /* NULL: a memory device */
    CxlDoor *door;
} CxlFmTarget;

/* The device of that id, for @who's property 'target'; NULL with an error. */
Object *cxl_fm_target_named(const char *id, const char *who, Error **errp);
/*
 * The device whose interface is meant when the user names @obj: itself, or the
 * mailbox function of an upstream port.  NULL with an error if there is none.
 */
Object *cxl_fm_target_find(Object *obj, Error **errp);

/*
 * False with an error if there is no way in: the device has gone, or as many
 * managers as a switch has doors are in already.  @notify is called as
 * cxl_switch_open() says.
 */
bool cxl_fm_target_open(CxlFmTarget *t, Object *obj, CxlDoorNotify *notify,
                        void *opaque, Error **errp);
void cxl_fm_target_close(CxlFmTarget *t);

/* Has the device not been taken out of the machine? */
bool cxl_fm_target_here(const CxlFmTarget *t);
/* The longest payload, bytes. */
uint32_t cxl_fm_target_payload(const CxlFmTarget *t);
/* As MctpExecute; 0 if the device has gone. */
uint32_t cxl_fm_target_execute(CxlFmTarget *t, const uint8_t *message,
                               uint32_t len, uint8_t *out, uint32_t out_max);

#endif /* HW_CXL_FM_TARGET_H */
