/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor commands that add and release dynamic capacity, in the part of
 * the fabric manager.
 *
 * Other injections are in inject.c; what arguments mean is core/dcd-request.c,
 * who has which capacity, and what is refused, core/dcd-fm.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "hw/cxl/core/dcd-request.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/memfab/problem.h"

static CxlMemdevPci *find_dynamic(const char *path, const CxlDcRequest *req,
                                  Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);

    return s && !memfab_refused(cxl_dcd_request_problem(s->core->dc_view.pool,
                                                        req, path),
                                errp) ? s : NULL;
}

/* Offsets count from the start of the region; the core wants addresses. */
static GArray *collect(CxlMemdevPci *s, CxlDcRequest *req,
                       const CxlDynamicCapacityExtentList *list, Error **errp)
{
    g_autoptr(GArray) ranges = g_array_new(false, false, sizeof(CxlBgRange));

    for (; list; list = list->next) {
        if (memfab_refused(cxl_dcd_request_add(s->core->dc_view.pool, req,
                                               ranges, list->value->offset,
                                               list->value->len), errp)) {
            return NULL;
        }
    }
    return g_steal_pointer(&ranges);
}

typedef CxlRc DcChange(CxlDcPool *pool, const CxlDcRequest *req,
                       const char **why);

static void change(CxlMemdevPci *s, DcChange *fn, CxlDcRequest *req,
                   const char *tag,
                   const CxlDynamicCapacityExtentList *extents, Error **errp)
{
    g_autoptr(GArray) ranges = collect(s, req, extents, errp);
    const char *why = "refused";

    if (!ranges) {
        return;
    }
    req->tag = cxl_dcd_request_tag(tag);
    req->extents = (const CxlBgRange *)ranges->data;
    req->num_extents = ranges->len;
    if (fn(s->core->dc_view.pool, req, &why) != CXL_RC_SUCCESS) {
        error_setg(errp, "device '%s': %s", DEVICE(s)->canonical_path, why);
    }
}

void qmp_cxl_add_dynamic_capacity(const char *path, uint16_t host_id,
                                  CxlExtentSelectionPolicy policy,
                                  uint8_t region, const char *tag,
                                  CxlDynamicCapacityExtentList *extents,
                                  Error **errp)
{
    static const uint8_t core_policy[CXL_EXTENT_SELECTION_POLICY__MAX] = {
        [CXL_EXTENT_SELECTION_POLICY_FREE] = CXL_DC_ADD_FREE,
        [CXL_EXTENT_SELECTION_POLICY_CONTIGUOUS] = CXL_DC_ADD_CONTIGUOUS,
        [CXL_EXTENT_SELECTION_POLICY_PRESCRIPTIVE] = CXL_DC_ADD_PRESCRIPTIVE,
        [CXL_EXTENT_SELECTION_POLICY_ENABLE_SHARED_ACCESS] =
            CXL_DC_ADD_SHARED,
    };
    CxlDcRequest req = {
        .host = host_id,
        .policy = core_policy[policy],
        .region = region,
    };
    CxlMemdevPci *s = find_dynamic(path, &req, errp);

    /* A list that names nothing asks for nothing, as with the stock device. */
    if (s && (extents || policy != CXL_EXTENT_SELECTION_POLICY_PRESCRIPTIVE)) {
        change(s, cxl_dcd_add, &req, tag, extents, errp);
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
    static const uint8_t core_policy[CXL_EXTENT_REMOVAL_POLICY__MAX] = {
        [CXL_EXTENT_REMOVAL_POLICY_TAG_BASED] = CXL_DC_REMOVE_TAG,
        [CXL_EXTENT_REMOVAL_POLICY_PRESCRIPTIVE] =
            CXL_DC_REMOVE_PRESCRIPTIVE,
    };
    CxlDcRequest req = {
        .host = host_id,
        .policy = core_policy[policy],
        .region = region,
        .forced = forced_removal,
        .sanitize = sanitize_on_release,
    };
    CxlMemdevPci *s = find_dynamic(path, &req, errp);

    if (s && (extents || policy != CXL_EXTENT_REMOVAL_POLICY_PRESCRIPTIVE)) {
        change(s, cxl_dcd_remove, &req, tag, extents, errp);
    }
}
