/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts and their seats; see fabric-seats.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-seats.h"

/* Whoever adds to it decides whether it must be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlFabricSeat) != 72 && sizeof(void *) == 8);

bool cxl_fabric_refuse(CxlFabricRefusal *refusal, CxlFabricCode code,
                       const char *text)
{
    refusal->code = code;
    g_strlcpy(refusal->text, text, sizeof(refusal->text));
    return false;
}

static int G_GNUC_PRINTF(3, 4) refuse_seat(CxlFabricRefusal *refusal,
                                           CxlFabricCode code,
                                           const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    cxl_fabric_refuse(refusal, code, text);
    return -1;
}

/* The seat is nobody's, or that of a process that has ended. */
static bool make_free(const CxlFabricSeats *s, unsigned n)
{
    const CxlFabricSeat *seat = s->at(s->owner, n);

    if (seat->known && s->alive(s->owner, seat->process)) {
        return false;
    }
    if (seat->known) {
        s->died(s->owner, n);
    }
    return true;
}

static int any_free(const CxlFabricSeats *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (!s->at(s->owner, i)->known) {
            return i;
        }
    }
    for (unsigned i = 0; i < s->count; i++) {
        if (make_free(s, i)) {
            return i;
        }
    }
    return -1;
}

static int new_one(const CxlFabricSeats *s, uint16_t wanted,
                   CxlFabricRefusal *refusal)
{
    int n = wanted;

    if (wanted == CXL_FABRIC_ANY_HEAD) {
        n = any_free(s);
        return n < 0 ? refuse_seat(refusal, CXL_FABRIC_NO_HEAD,
                                   "all %s are taken", s->all) : n;
    }
    if (wanted >= s->count) {
        return refuse_seat(refusal, CXL_FABRIC_NO_HEAD, "there is no such %s",
                           s->one);
    }
    if (!make_free(s, n)) {
        return refuse_seat(refusal, CXL_FABRIC_HEAD_TAKEN, "another host has"
                           " the %s", s->one);
    }
    return n;
}

static int known_one(const CxlFabricSeats *s, const CxlUuid *id)
{
    for (unsigned i = 0; i < s->count; i++) {
        const CxlFabricSeat *seat = s->at(s->owner, i);

        if (seat->known && cxl_uuid_equal(&seat->id, id)) {
            return i;
        }
    }
    return -1;
}

int cxl_fabric_seat_find(const CxlFabricSeats *s, const CxlUuid *id,
                         const uint8_t process[CXL_FABRIC_PROCESS],
                         uint16_t wanted, CxlFabricRefusal *refusal)
{
    int n = known_one(s, id);
    const CxlFabricSeat *seat = n < 0 ? NULL : s->at(s->owner, n);

    if (seat && cxl_fabric_seat_is_anothers(seat, id, process)) {
        if (!make_free(s, n)) {
            return refuse_seat(refusal, CXL_FABRIC_HEAD_TAKEN, "a process that"
                               " lives is this host already");
        }
        seat = NULL;
    }
    if (!seat) {
        return new_one(s, wanted, refusal);
    }
    if (seat->link) {
        return refuse_seat(refusal, CXL_FABRIC_ATTACHED, "this host is"
                           " attached already");
    }
    if (wanted != CXL_FABRIC_ANY_HEAD && wanted != n) {
        return refuse_seat(refusal, CXL_FABRIC_NO_HEAD, "this host has another"
                           " %s", s->one);
    }
    return n;
}

bool cxl_fabric_seat_is_anothers(const CxlFabricSeat *seat, const CxlUuid *id,
                                 const uint8_t process[CXL_FABRIC_PROCESS])
{
    return seat->known && (!cxl_uuid_equal(&seat->id, id) ||
                           memcmp(seat->process, process, CXL_FABRIC_PROCESS));
}

void cxl_fabric_seat_take(CxlFabricSeat *seat, const CxlUuid *id,
                          const uint8_t process[CXL_FABRIC_PROCESS])
{
    seat->known = true;
    seat->id = *id;
    memcpy(seat->process, process, CXL_FABRIC_PROCESS);
}

void cxl_fabric_seat_save(const CxlFabricSeat *seat, SaveWriter *w)
{
    save_put(w, seat->known);
    save_put_bytes(w, &seat->id, sizeof(seat->id));
    save_put_bytes(w, seat->process, sizeof(seat->process));
}

void cxl_fabric_seat_load(CxlFabricSeat *seat, SaveReader *r)
{
    SAVE_GET(r, seat->known);
    save_get_bytes(r, &seat->id, sizeof(seat->id));
    save_get_bytes(r, seat->process, sizeof(seat->process));
}
