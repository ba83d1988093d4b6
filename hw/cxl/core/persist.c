/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory device, or what of it goes with a logical device to another host,
 * or a switch mailbox, as bytes: which rooms are saved, in which order, and in
 * which version.  What a room saves is beside its check.
 *
 * Everything is judged before anybody learns of it: a stream is read, each
 * room and the device as a whole are checked, and only then callbacks run.
 * If something is wrong the device is what it was before.
 *
 * Before there were sections a stream was what version 1 of each room saves,
 * one after the other in the order below; it still loads.  A new room comes
 * after these, with .may_miss; a new version of a room is one more case in its
 * load function.  tests/data/streams has a stream of each format.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/switch.h"

/* The format of before there were sections */
#define UNTAGGED_MAGIC      0x4d4c5843u /* "CXLM" */
#define UNTAGGED_VERSION    3
#define UNTAGGED_HEADER     16

#define MEMDEV_KIND "cxl-memdev"
#define LD_KIND     "cxl-ld"
#define SWITCH_KIND "cxl-switch"

/* Two functions of a row, from those of the room and where it is. */
#define ROOM_BY(name, how_saved, how_loaded, Device, member)            \
    static void save_##name(const void *device, SaveWriter *w)          \
    {                                                                   \
        const Device *dev = device;                                     \
                                                                        \
        how_saved(&dev->member, w);                                     \
    }                                                                   \
    static void load_##name(void *device, SaveReader *r)                \
    {                                                                   \
        Device *dev = device;                                           \
                                                                        \
        how_loaded(&dev->member, r);                                    \
    }
#define ROOM(name, room, Device, member)                                \
    ROOM_BY(name, cxl_##room##_save, cxl_##room##_load, Device, member)
#define AT_REST(name, Device, member)                                   \
    ROOM_BY(name##_at_rest, cxl_##name##_save_at_rest,                  \
            cxl_##name##_load_at_rest, Device, member)

ROOM(config, config, CxlMemdev, cfg)
ROOM(media, media, CxlMemdev, media)
ROOM(clock, timestamp, CxlMemdev, clock)
ROOM(mailbox, mailbox, CxlMemdev, mailbox)
ROOM(background, cci, CxlMemdev, cci)
ROOM(fm_limit, cci_limit, CxlMemdev, fm_cci)
ROOM(ld_limit, cci_limit, CxlMemdev, ld_cci)
ROOM(events, events, CxlMemdev, events)
ROOM(poison, poison, CxlMemdev, poison)
ROOM(fm_events, events, CxlMemdev, fm_events)
ROOM(health, health, CxlMemdev, health)
ROOM(security, security, CxlMemdev, security)
ROOM(logs, logs, CxlMemdev, logs)
ROOM(dcd, dcd, CxlMemdev, dc_view)
ROOM(fw, fw, CxlMemdev, fw)
ROOM(features, features, CxlMemdev, features)
ROOM(maintenance, maintenance, CxlMemdev, maintenance)
ROOM(scrub, scrub, CxlMemdev, scrub)
AT_REST(fw, CxlMemdev, fw)
AT_REST(features, CxlMemdev, features)
ROOM(pmu, pmu, CxlMemdev, pmu)
ROOM(chmu, chmu, CxlMemdev, chmu)

ROOM(switch_clock, timestamp, CxlSwitch, clock)
ROOM(switch_mailbox, mailbox, CxlSwitch, mailbox)
ROOM(switch_limit, cci_limit, CxlSwitch, cci)
ROOM(switch_background, cci, CxlSwitch, cci)
ROOM(switch_events, events, CxlSwitch, events)
ROOM(switch_ports, ports, CxlSwitch, ports)
ROOM(switch_vcs, vcs, CxlSwitch, vcs)
ROOM(switch_errors, aer_queue, CxlSwitch, errors)

static void save_compliance(const void *device, SaveWriter *w)
{
    save_put(w, ((const CxlMemdev *)device)->poison_next);
}

static void load_compliance(void *device, SaveReader *r)
{
    CxlMemdev *dev = device;

    SAVE_GET(r, dev->poison_next);
}

static bool has_pmu(const void *device)
{
    return ((const CxlMemdev *)device)->cfg.pmu_msgnum;
}

static bool has_chmu(const void *device)
{
    return ((const CxlMemdev *)device)->cfg.chmu_msgnum;
}

static void save_payload_size(const void *device, SaveWriter *w)
{
    save_put(w, ((const CxlSwitch *)device)->mailbox.payload_shift);
}

static void load_payload_size(void *device, SaveReader *r)
{
    save_get_same(r, "payload size",
                  ((const CxlSwitch *)device)->mailbox.payload_shift);
}

#define ROW(section, version_, room)                                    \
    .name = section, .version = version_, .save = save_##room,          \
    .load = load_##room

static const SaveRoom memdev_rooms[] = {
    { ROW("config", 1, config) },
    { ROW("media", 1, media) },
    { ROW("clock", 1, clock) },
    { ROW("mailbox", 2, mailbox) },
    { ROW("background", 1, background) },
    { ROW("fm-interface", 1, fm_limit) },
    { ROW("ld-interface", 1, ld_limit) },
    { ROW("events", 1, events) },
    { ROW("poison", 2, poison) },
    { ROW("health", 1, health) },
    { ROW("security", 1, security) },
    { ROW("logs", 2, logs) },
    { ROW("dcd", 1, dcd) },
    { ROW("firmware", 1, fw) },
    { ROW("features", 2, features) },
    { ROW("maintenance", 1, maintenance) },
    { ROW("scrub", 1, scrub) },
    { ROW("compliance", 1, compliance) },
    { ROW("pmu", 1, pmu), .has = has_pmu },
    { ROW("chmu", 1, chmu), .has = has_chmu },
    { ROW("fm-events", 1, fm_events), .may_miss = true },
};

/* What is a host's, or its link's, is not in it. */
static const SaveRoom ld_rooms[] = {
    { ROW("config", 1, config) },
    { ROW("media", 1, media) },
    { ROW("events", 1, events) },
    { ROW("poison", 2, poison) },
    { ROW("health", 1, health) },
    { ROW("security", 1, security) },
    { ROW("firmware", 1, fw_at_rest) },
    { ROW("features", 2, features_at_rest) },
    { ROW("maintenance", 1, maintenance) },
    { ROW("fm-events", 1, fm_events) },
};

/* What a manager knows that has a door of its own stays with its door. */
static const SaveRoom switch_rooms[] = {
    { ROW("config", 1, payload_size) },
    { ROW("clock", 1, switch_clock) },
    { ROW("mailbox", 2, switch_mailbox) },
    { ROW("interface", 1, switch_limit) },
    { ROW("ports", 1, switch_ports) },
    { ROW("background", 1, switch_background), .may_miss = true },
    { ROW("events", 1, switch_events), .may_miss = true },
    { ROW("vcs", 1, switch_vcs), .may_miss = true },
    { ROW("errors", 1, switch_errors), .may_miss = true },
};

QEMU_BUILD_BUG_ON(sizeof(CxlSwitch) != 26144 && sizeof(void *) == 8);

static bool is_untagged(const uint8_t *bytes, size_t len)
{
    return len >= UNTAGGED_HEADER && ldq_le_p(bytes) == UNTAGGED_MAGIC &&
           ldq_le_p(bytes + 8) == UNTAGGED_VERSION;
}

static bool load(const char *kind, const SaveRoom *rooms, unsigned count,
                 void *device, const uint8_t *bytes, size_t len,
                 char **problem)
{
    return is_untagged(bytes, len) ?
           save_load_untagged(rooms, count, device, bytes + UNTAGGED_HEADER,
                              len - UNTAGGED_HEADER, problem) :
           save_load_rooms(kind, rooms, count, device, bytes, len, problem);
}

void cxl_memdev_save(const CxlMemdev *dev, GByteArray *out)
{
    save_rooms(MEMDEV_KIND, memdev_rooms, ARRAY_SIZE(memdev_rooms), dev, out);
}

static const char *alone(void *opaque G_GNUC_UNUSED)
{
    return NULL;
}

/* No callback runs. */
static bool load_memdev(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                        CxlMemdevFits *fits, void *opaque, char **problem)
{
    const char *broken;

    cxl_memdev_rooms_renew(dev);
    if (!load(MEMDEV_KIND, memdev_rooms, ARRAY_SIZE(memdev_rooms), dev,
              bytes, len, problem)) {
        return false;
    }
    broken = cxl_memdev_check(dev) ?: fits(opaque);
    *problem = g_strdup(broken);
    return !broken;
}

/* The sentence that the person gets; @wrong is consumed. */
static char *sentence(const char *what, char *wrong)
{
    g_autofree char *why = wrong;

    return g_strdup_printf("saved state of a CXL %s cannot be used: %s", what,
                           why);
}

static void go_back(CxlMemdev *dev, const GByteArray *before)
{
    char *ignored;
    bool back = load_memdev(dev, before->data, before->len, alone, NULL,
                            &ignored);

    assert(back);
}

static void tell(CxlMemdev *dev)
{
    cxl_memdev_rearm(dev);
    cxl_memdev_tell_memory(dev);
    dev->store->access_changed(dev->store_opaque, 0, cxl_memdev_dpa_end(dev));
}

bool cxl_memdev_load_part(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                          CxlMemdevFits *fits, void *opaque, char **problem)
{
    g_autoptr(GByteArray) before = g_byte_array_new();

    if (dev->dc_pool.lender) {
        *problem = sentence("device", g_strdup("its dynamic capacity is lent by"
                                               " a pool, which knows of no"
                                               " other host"));
        return false;
    }
    cxl_memdev_save(dev, before);
    if (!load_memdev(dev, bytes, len, fits, opaque, problem)) {
        *problem = sentence("device", *problem);
        go_back(dev, before);
        return false;
    }
    tell(dev);
    return true;
}

bool cxl_memdev_load(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                     char **problem)
{
    return cxl_memdev_load_part(dev, bytes, len, alone, NULL, problem);
}

bool cxl_memdev_save_ld(const CxlMemdev *dev, GByteArray *out)
{
    save_rooms(LD_KIND, ld_rooms, ARRAY_SIZE(ld_rooms), dev, out);
    if (out->len > CXL_MEMDEV_LD_SAVED_MAX) {
        g_byte_array_set_size(out, 0);
        return false;
    }
    return true;
}

/* Media that a sanitize has not finished with stay disabled. */
static bool load_ld(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                    char **problem)
{
    const char *broken;

    cxl_memdev_rooms_renew(dev);
    if (!save_load_rooms(LD_KIND, ld_rooms, ARRAY_SIZE(ld_rooms), dev, bytes,
                         len, problem)) {
        return false;
    }
    if (dev->media.state != CXL_MEDIA_DISABLED) {
        dev->media.state = CXL_MEDIA_READY;
    }
    broken = cxl_memdev_check(dev);
    *problem = g_strdup(broken);
    return !broken;
}

bool cxl_memdev_load_ld(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                        char **problem)
{
    g_autoptr(GByteArray) before = g_byte_array_new();

    cxl_memdev_save(dev, before);
    if (!load_ld(dev, bytes, len, problem)) {
        *problem = sentence("logical device", *problem);
        go_back(dev, before);
        cxl_health_forgotten(&dev->health);
        return false;
    }
    cxl_memdev_scrub_changed(dev);
    tell(dev);
    return true;
}

void cxl_switch_save(const CxlSwitch *sw, GByteArray *out)
{
    save_rooms(SWITCH_KIND, switch_rooms, ARRAY_SIZE(switch_rooms), sw, out);
}

static bool load_switch(CxlSwitch *sw, const uint8_t *bytes, size_t len,
                        char **problem)
{
    const char *broken;

    cxl_switch_reset(sw);
    if (!load(SWITCH_KIND, switch_rooms, ARRAY_SIZE(switch_rooms), sw, bytes,
              len, problem)) {
        return false;
    }
    broken = cxl_switch_check(sw);
    *problem = g_strdup(broken);
    return !broken;
}

bool cxl_switch_load(CxlSwitch *sw, const uint8_t *bytes, size_t len,
                     char **problem)
{
    g_autoptr(GByteArray) before = g_byte_array_new();
    bool back;

    cxl_switch_save(sw, before);
    if (!load_switch(sw, bytes, len, problem)) {
        char *ignored;

        *problem = sentence("switch mailbox", *problem);
        back = load_switch(sw, before->data, before->len, &ignored);
        assert(back);
        cxl_switch_rearm(sw);
        return false;
    }
    cxl_binding_loaded(sw);
    cxl_switch_rearm(sw);
    return true;
}
