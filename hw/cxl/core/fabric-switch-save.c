/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a switch and its hosts, and whether it can be so; see
 * fabric-switch.h.  A change under way is not: after a restart a logical device
 * is where its host says.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-switch.h"

#define KIND "cxl-fabric-sw"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlFabricSwitchConfig) != 688 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlFabricSwitch) != 5048 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlFabricVcs) != 224 && sizeof(void *) == 8);

static void save_config(const void *device, SaveWriter *w)
{
    const CxlFabricSwitch *s = device;

    save_put(w, s->cfg.hosts);
    save_put(w, s->cfg.lds);
    for (unsigned i = 0; i < s->cfg.lds; i++) {
        save_put(w, s->cfg.ld[i].offset);
        save_put(w, s->cfg.ld[i].len);
        save_put(w, s->cfg.ld[i].persistent);
    }
    save_put(w, s->cfg.capacity);
}

/* Version 1 is of before there could be more than they have. */
static uint64_t together(const CxlFabricSwitch *s)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->cfg.lds; i++) {
        sum += s->cfg.ld[i].len;
    }
    return sum;
}

static void load_config(void *device, SaveReader *r)
{
    CxlFabricSwitch *s = device;

    save_get_same(r, "hosts", s->cfg.hosts);
    save_get_same(r, "logical devices", s->cfg.lds);
    for (unsigned i = 0; i < s->cfg.lds; i++) {
        save_get_same(r, "place of a logical device", s->cfg.ld[i].offset);
        save_get_same(r, "length of a logical device", s->cfg.ld[i].len);
        save_get_same(r, "kind of a logical device", s->cfg.ld[i].persistent);
    }
    if (r->version > 1) {
        save_get_same(r, "capacity of all logical devices", s->cfg.capacity);
    } else if (together(s) != s->cfg.capacity) {
        save_refuse(r, "capacity of all logical devices");
    }
}

static void save_places(const void *device, SaveWriter *w)
{
    const CxlFabricSwitch *s = device;

    cxl_ld_places_save(&s->places, w);
}

static void load_places(void *device, SaveReader *r)
{
    CxlFabricSwitch *s = device;

    cxl_ld_places_load(&s->places, r);
}

static void save_hosts(const void *device, SaveWriter *w)
{
    const CxlFabricSwitch *s = device;

    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        const CxlFabricVcs *v = &s->vcs[i];

        cxl_fabric_seat_save(&v->seat, w);
        save_put(w, v->vppbs);
        for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
            save_put(w, v->slot[k].lent);
            save_put(w, v->slot[k].leaving);
            save_put(w, v->slot[k].known);
        }
    }
}

static void load_host(CxlFabricVcs *v, SaveReader *r)
{
    cxl_fabric_seat_load(&v->seat, r);
    SAVE_GET(r, v->vppbs);
    for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
        SAVE_GET(r, v->slot[k].lent);
        SAVE_GET(r, v->slot[k].leaving);
        if (r->version > 1) {
            SAVE_GET(r, v->slot[k].known);
        }
    }
}

static void load_hosts(void *device, SaveReader *r)
{
    CxlFabricSwitch *s = device;

    for (unsigned i = 0; i < s->cfg.hosts && save_good(r); i++) {
        load_host(&s->vcs[i], r);
    }
}

static const SaveRoom rooms[] = {
    { .name = "config", .version = 2, .save = save_config,
      .load = load_config },
    { .name = "places", .version = 1, .may_miss = true, .save = save_places,
      .load = load_places },
    { .name = "hosts", .version = 2, .save = save_hosts, .load = load_hosts },
};

void cxl_fabric_switch_save(const CxlFabricSwitch *s, GByteArray *out)
{
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), s, out);
}

/* The invariant */

static const char *check_slot(const CxlFabricSwitch *s, const CxlFabricVcs *v,
                              unsigned k, uint32_t *lent)
{
    const CxlFabricSlot *slot = &v->slot[k];

    if (slot->lent == CXL_FABRIC_NO_LD) {
        return slot->leaving || slot->known ? "nothing is leaving" : NULL;
    }
    if (slot->lent >= s->cfg.lds || !v->seat.known || k >= v->vppbs) {
        return "something is lent to nobody";
    }
    if (*lent >> slot->lent & 1) {
        return "a logical device is lent twice";
    }
    if (!s->places.ld[slot->lent].len || s->places.ld[slot->lent].stale) {
        return "something is lent that is not there";
    }
    *lent |= 1u << slot->lent;
    return NULL;
}

static const char *check_lent(const CxlFabricSwitch *s)
{
    const char *bad = NULL;
    uint32_t lent = 0;

    for (unsigned i = 0; !bad && i < CXL_FABRIC_VCS; i++) {
        const CxlFabricVcs *v = &s->vcs[i];

        if (v->vppbs > CXL_FABRIC_VPPBS || (v->seat.known && !v->vppbs) ||
            (v->seat.known && i >= s->cfg.hosts) ||
            (v->seat.link && !v->seat.known)) {
            return "a host that cannot be";
        }
        for (unsigned k = 0; !bad && k < CXL_FABRIC_VPPBS; k++) {
            bad = check_slot(s, v, k, &lent);
        }
    }
    return bad;
}

/* What is bound is lent, whatever else is. */
static const char *check_bound(const CxlFabricSwitch *s)
{
    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        const CxlVcs *t = &s->sw->vcs.vcs[i];

        for (unsigned k = 1; k < t->vppbs; k++) {
            if (t->vppb[k].state != CXL_UNBOUND &&
                s->vcs[i].slot[k - 1].lent != t->vppb[k].ld) {
                return "what is bound is not lent";
            }
        }
    }
    return NULL;
}

const char *cxl_fabric_switch_check(const CxlFabricSwitch *s)
{
    return check_lent(s) ?: check_bound(s) ?: cxl_switch_check(s->sw) ?:
           cxl_mld_check(s->mld) ?: cxl_ld_places_check(&s->places);
}

bool cxl_fabric_switch_load(CxlFabricSwitch *s, const uint8_t *bytes,
                            size_t len, char **problem)
{
    const char *bad;

    if (!save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), s, bytes, len,
                         problem)) {
        return false;
    }
    bad = check_lent(s);
    if (bad) {
        *problem = g_strdup_printf("the bindings do not add up: %s", bad);
        return false;
    }
    cxl_fabric_switch_resized(s);
    cxl_fabric_switch_follow(s);
    return true;
}
