/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of physical ports; see ports.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/ports.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlPort) != 32 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlPorts) != CXL_PORTS * sizeof(CxlPort));

bool cxl_ports_is_downstream(const CxlPorts *ports, uint8_t number)
{
    return ports->port[number].there &&
           ports->port[number].info.config_state == CXL_PORT_DSP;
}

bool cxl_ports_is_mld(const CxlPorts *ports, uint8_t number)
{
    return ports->port[number].there &&
           ports->port[number].info.device_type == CXL_PORT_DEV_MLD;
}

unsigned cxl_ports_count(const CxlPorts *ports)
{
    unsigned n = 0;

    for (unsigned i = 0; i < CXL_PORTS; i++) {
        n += ports->port[i].there;
    }
    return n;
}

void cxl_ports_bitmap(const CxlPorts *ports, uint8_t bitmap[CXL_PORTS / 8])
{
    memset(bitmap, 0, CXL_PORTS / 8);
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        bitmap[i / 8] |= ports->port[i].there << i % 8;
    }
}

bool cxl_ports_set(CxlPorts *ports, const CxlPortInfo *info,
                   struct CxlCci *below)
{
    CxlPort *p = &ports->port[info->port];
    bool changed = !p->there ||
                   p->info.config_state != info->config_state ||
                   p->info.device_type != info->device_type ||
                   p->info.ltssm != info->ltssm || p->info.lds != info->lds;

    p->there = true;
    p->seen = true;
    p->info = *info;
    p->below = below;
    return changed;
}

void cxl_ports_look_again(CxlPorts *ports)
{
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        ports->port[i].seen = false;
    }
}

void cxl_ports_looked(CxlPorts *ports, CxlPortGone *gone, void *opaque)
{
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        CxlPort *p = &ports->port[i];

        if (p->there && !p->seen) {
            *p = (CxlPort) { .info = { .port = i } };
            gone(opaque, &p->info);
        }
    }
}

void cxl_ports_info(const CxlPorts *ports, uint8_t number, CxlPortInfo *out)
{
    const CxlPort *p = &ports->port[number];

    *out = p->info;
    if (p->perst) {
        out->ltssm = CXL_PORT_LTSSM_HOT_RESET;
        out->link_flags |= cpu_to_le16(CXL_PORT_LINK_IN_RESET);
    }
}

bool cxl_ports_hold(CxlPorts *ports, uint8_t number, bool perst)
{
    if (!cxl_ports_is_downstream(ports, number)) {
        return false;
    }
    ports->port[number].perst = perst;
    return true;
}

void cxl_ports_reset(CxlPorts *ports)
{
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        ports->port[i].perst = false;
    }
}

struct CxlCci *cxl_ports_target(const CxlPorts *ports, uint8_t number)
{
    const CxlPort *p = &ports->port[number];

    return p->there && !p->perst ? p->below : NULL;
}

/* A bitmap; whether the ports are there yet is not known. */
void cxl_ports_save(const CxlPorts *ports, SaveWriter *w)
{
    uint8_t perst[CXL_PORTS / 8] = { 0 };

    for (unsigned i = 0; i < CXL_PORTS; i++) {
        perst[i / 8] |= ports->port[i].perst << i % 8;
    }
    save_put_bytes(w, perst, sizeof(perst));
}

void cxl_ports_load(CxlPorts *ports, SaveReader *r)
{
    uint8_t perst[CXL_PORTS / 8] = { 0 };

    save_get_bytes(r, perst, sizeof(perst));
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        ports->port[i].perst = perst[i / 8] >> i % 8 & 1;
    }
}

const char *cxl_ports_check(const CxlPorts *ports)
{
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        const CxlPort *p = &ports->port[i];
        bool mld = p->info.device_type == CXL_PORT_DEV_MLD;

        if (p->there && p->info.port != i) {
            return "number of a port";
        }
        if (!p->there && (p->below || p->info.device_type)) {
            return "device below a port that is not there";
        }
        if (p->info.lds > CXL_LDS || (p->info.lds && !mld)) {
            return "logical devices below a port";
        }
    }
    return NULL;
}
