/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces as lists of command sets.  To add a set: its own file, its line
 * in profiles.h, and its name in the lists below.
 */
#include "qemu/osdep.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/memdev.h"

static const CxlCmdSet *const memdev_sets[] = {
    &cxl_set_abort,
    &cxl_set_events,
    &cxl_set_firmware,
    &cxl_set_timestamp,
    &cxl_set_logs,
    &cxl_set_features,
    &cxl_set_maintenance,
    &cxl_set_identify,
    &cxl_set_capacity,
    &cxl_set_health,
    &cxl_set_media,
    &cxl_set_sanitize,
    &cxl_set_security,
    &cxl_set_dcd,
    NULL
};

const CxlProfile cxl_profile_memdev = {
    .name = "memory device mailbox", .sets = memdev_sets,
};

const CxlProfile *const cxl_profiles[] = {
    &cxl_profile_memdev,
    NULL
};

CxlMemdev *cxl_memdev_new(const CxlMemdevConfig *config, const CxlHostOps *ops,
                          void *opaque, char **problem)
{
    return cxl_memdev_create(config, &cxl_profile_memdev, ops, opaque,
                             problem);
}
