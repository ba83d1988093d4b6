/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An attribute table from a few figures; see cdat-function.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/cdat-function.h"

/* The one range, and the one initiator */
#define HANDLE          0
#define PS_PER_NS       1000ull

/* CDAT 1.04 2.7: port ids of a switch */
#define PORT_UPSTREAM   0x100
#define PORT_ANY        0xffff
/* Values that say nothing */
#define VALUE_UNKNOWN   0
#define VALUE_NO_WAY    0xffff

char *cdat_function_check(const CdatFunction *f)
{
    if (!f->memory && !f->initiator) {
        return g_strdup("property 'memory' is 0 and 'initiator' is off: a "
                        "function has memory, or uses it, or both");
    }
    if (f->memory % CDAT_FUNCTION_MEMORY_UNIT) {
        return g_strdup_printf("property 'memory' is %" PRIu64 ", it has to "
                               "be a multiple of %u", f->memory,
                               CDAT_FUNCTION_MEMORY_UNIT);
    }
    if (f->persistent && !f->memory) {
        return g_strdup("property 'persistent' is on, without 'memory'");
    }
    return NULL;
}

/* A function that says nothing of a figure says nothing with the way to it. */
static uint64_t latency(uint32_t ns, const CdatWay *way)
{
    return ns ? ns * PS_PER_NS + way->latency_ps : 0;
}

static uint32_t bandwidth(uint32_t mbps, const CdatWay *way)
{
    return way->mbps ? MIN(mbps, way->mbps) : mbps;
}

static void build_initiator(Cdat *cdat, const CdatRange *r)
{
    CdatBuilder b;

    cdat_begin(&b);
    cdat_add_dsis(&b, HANDLE, 0);
    cdat_add_figure(&b, HANDLE, CDAT_READ_LATENCY, r->read_latency_ps);
    cdat_add_figure(&b, HANDLE, CDAT_WRITE_LATENCY, r->write_latency_ps);
    cdat_add_figure(&b, HANDLE, CDAT_READ_BANDWIDTH, r->read_mbps);
    cdat_add_figure(&b, HANDLE, CDAT_WRITE_BANDWIDTH, r->write_mbps);
    cdat_end(&b, cdat);
}

void cdat_function_build(Cdat *cdat, const CdatFunction *f, const CdatWay *way)
{
    CdatRange range = {
        .size = f->memory,
        .handle = HANDLE,
        .flags = f->persistent ? CDAT_DSMAS_NONVOLATILE : 0,
        .efi_type = f->persistent ? CDAT_EFI_RESERVED
                                  : CDAT_EFI_SPECIFIC_PURPOSE,
        .read_latency_ps = latency(f->read_latency, way),
        .write_latency_ps = latency(f->write_latency, way),
        .read_mbps = bandwidth(f->read_bandwidth, way),
        .write_mbps = bandwidth(f->write_bandwidth, way),
    };

    if (!f->memory) {
        build_initiator(cdat, &range);
        return;
    }
    cdat->initiator = f->initiator;
    cdat_build(cdat, &range, 1);
}

static bool leads_to(const CdatSslbe *e, uint16_t port)
{
    uint16_t x = le16_to_cpu(e->port_x), y = le16_to_cpu(e->port_y);

    return (x == PORT_UPSTREAM && (y == port || y == PORT_ANY)) ||
           (y == PORT_UPSTREAM && (x == port || x == PORT_ANY)) ||
           (x == PORT_ANY && y == PORT_ANY);
}

static void slower(CdatWay *way, uint8_t data_type, uint64_t value)
{
    if (data_type <= CDAT_WRITE_LATENCY) {
        way->latency_ps = MAX(way->latency_ps, value);
    } else if (data_type <= CDAT_WRITE_BANDWIDTH) {
        way->mbps = way->mbps ? MIN(way->mbps, value) : value;
    }
}

void cdat_switch_entry(CdatSwitch *s, const uint8_t *entry, size_t len)
{
    CdatSslbis head;
    CdatSslbe e;

    if (len < sizeof(head)) {
        return;
    }
    memcpy(&head, entry, sizeof(head));
    for (size_t at = sizeof(head); head.entry.type == CDAT_SSLBIS &&
                                   at + sizeof(e) <= len; at += sizeof(e)) {
        uint64_t unit = le64_to_cpu(head.base_unit);
        uint16_t value;

        memcpy(&e, entry + at, sizeof(e));
        value = le16_to_cpu(e.value);
        if (value != VALUE_UNKNOWN && value != VALUE_NO_WAY &&
            unit <= UINT64_MAX / 0x10000 / value && leads_to(&e, s->port)) {
            slower(&s->way, head.data_type, unit * value);
        }
    }
}

void cdat_way_through(CdatWay *way, const CdatSwitch *s)
{
    way->latency_ps += s->way.latency_ps;
    if (s->way.mbps) {
        slower(way, CDAT_ACCESS_BANDWIDTH, s->way.mbps);
    }
}
