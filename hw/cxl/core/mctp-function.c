/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An endpoint on USB; see mctp-function.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-function.h"

#define KIND "cxl-mctp-usb"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(MctpFunction) != 1600 && sizeof(void *) == 8);

static bool ready(void *opaque)
{
    const MctpFunction *f = opaque;

    return !mctp_endpoint_busy(&f->ep);
}

static void take(void *opaque, const uint8_t *packet, uint32_t len)
{
    MctpFunction *f = opaque;

    mctp_endpoint_packet(&f->ep, packet, len);
}

static uint32_t next(void *opaque, uint8_t *packet)
{
    MctpFunction *f = opaque;
    uint32_t len = mctp_endpoint_next(&f->ep, packet);

    if (!len && mctp_endpoint_announce(&f->ep)) {
        len = mctp_endpoint_next(&f->ep, packet);
    }
    return len;
}

static const MctpUsbBehind behind = {
    .ready = ready, .take = take, .next = next,
};

void mctp_function_init(MctpFunction *f, CxlDoor *door, uint32_t payload_max,
                        MctpExecute *execute, void *opaque)
{
    f->door = door;
    mctp_usb_init(&f->usb, &behind, f);
    mctp_endpoint_init(&f->ep, payload_max, execute, opaque);
}

void mctp_function_destroy(MctpFunction *f)
{
    mctp_endpoint_destroy(&f->ep);
}

void mctp_function_reset(MctpFunction *f)
{
    mctp_usb_reset(&f->usb);
    mctp_endpoint_reset(&f->ep);
    if (f->door) {
        cxl_door_reset(f->door);
    }
}

static void save_transfers(const void *opaque, SaveWriter *w)
{
    mctp_usb_save(&((const MctpFunction *)opaque)->usb, w);
}

static void load_transfers(void *opaque, SaveReader *r)
{
    mctp_usb_load(&((MctpFunction *)opaque)->usb, r);
}

static void save_endpoint(const void *opaque, SaveWriter *w)
{
    mctp_endpoint_save(&((const MctpFunction *)opaque)->ep, w);
}

static void load_endpoint(void *opaque, SaveReader *r)
{
    mctp_endpoint_load(&((MctpFunction *)opaque)->ep, r);
}

static bool has_door(const void *opaque)
{
    return ((const MctpFunction *)opaque)->door;
}

static void save_door(const void *opaque, SaveWriter *w)
{
    cxl_door_save(((const MctpFunction *)opaque)->door, w);
}

static void load_door(void *opaque, SaveReader *r)
{
    cxl_door_load(((MctpFunction *)opaque)->door, r);
}

static const SaveRoom rooms[] = {
    { .name = "transfers", .version = 1, .save = save_transfers,
      .load = load_transfers },
    { .name = "endpoint", .version = 1, .save = save_endpoint,
      .load = load_endpoint },
    { .name = "door", .version = 1, .has = has_door, .save = save_door,
      .load = load_door },
};

void mctp_function_save(const MctpFunction *f, GByteArray *out)
{
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), f, out);
}

bool mctp_function_load(MctpFunction *f, const uint8_t *bytes, size_t len,
                        char **problem)
{
    bool good = save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), f, bytes, len,
                                problem);
    const char *bad = good ? mctp_function_wrong(f) : NULL;

    if (bad) {
        *problem = g_strdup(bad);
    }
    if (!good || bad) {
        mctp_function_reset(f);
    }
    return good && !bad;
}

/* Messages that arrive, the answer, and a door's logs; numbers are less. */
uint32_t mctp_function_save_max(const MctpFunction *f)
{
    return sizeof(*f) + 4096 + (MCTP_SLOTS + 1) * f->ep.in.max +
           CXL_EVLOGS * CXL_DOOR_LOG_SIZE * CXL_EVREC_SIZE;
}

const char *mctp_function_wrong(const MctpFunction *f)
{
    const char *bad = mctp_usb_wrong(&f->usb) ?: mctp_endpoint_wrong(&f->ep);

    return bad ?: f->door ? cxl_door_check(f->door) : NULL;
}
