/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor commands that add and release dynamic capacity, in the part of
 * the fabric manager.
 *
 * Other injections are in monitor.c; the rules of extents are the core's.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/monitor.h"

static CxlMemdevPci *find_dynamic(const char *path, uint8_t region,
                                  Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);

    if (!s) {
        return NULL;
    }
    if (region >= s->props.num_dc_regions) {
        error_setg(errp, "argument 'region': %u, but device '%s' has %u"
                   " dynamic capacity regions", region, path,
                   s->props.num_dc_regions);
        return NULL;
    }
    return s;
}

void qmp_cxl_add_dynamic_capacity(const char *path, uint16_t host_id,
                                  CxlExtentSelectionPolicy policy,
                                  uint8_t region, const char *tag,
                                  CxlDynamicCapacityExtentList *extents,
                                  Error **errp)
{
    if (find_dynamic(path, region, errp)) {
        error_setg(errp, "the device keeps no extents yet, so dynamic"
                   " capacity cannot be added");
    }
}

void qmp_cxl_release_dynamic_capacity(const char *path, uint16_t host_id,
                                      CxlExtentRemovalPolicy policy,
                                      bool has_forced_removal,
                                      bool forced_removal,
                                      bool has_sanitize_on_release,
                                      bool sanitize_on_release,
                                      uint8_t region, const char *tag,
                                      CxlDynamicCapacityExtentList *extents,
                                      Error **errp)
{
    if (find_dynamic(path, region, errp)) {
        error_setg(errp, "the device keeps no extents yet, so dynamic"
                   " capacity cannot be released");
    }
}
