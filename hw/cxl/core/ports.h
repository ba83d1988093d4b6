/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical ports of a switch: which there are, what is plugged into each and
 * who answers for it, which are held in reset.  CXL r3.1 7.6.7.1.
 *
 * What is so in the world is told by whoever knows it: an emulator that walks
 * its port tree, or a program that is the switch.  To which host a port is
 * bound is in core/vcs.h.
 *
 * Invariant (cxl_ports_check): a port that is not there has nothing below it;
 * logical devices are below MLD ports only.
 */
#ifndef HW_CXL_CORE_PORTS_H
#define HW_CXL_CORE_PORTS_H

#include "hw/common/save.h"
#include "hw/cxl/wire/fm.h"

struct CxlCci;

#define CXL_PORTS 256
/* Logical devices of one device, CXL r3.1 2.4 */
#define CXL_LDS   16

typedef struct CxlPort {
    bool there;
    bool seen;              /* since cxl_ports_look_again() */
    bool perst;             /* the fabric manager holds it in reset; saved */
    CxlPortInfo info;       /* as in 5101h; .port is its number */
    /* The FM-owned logical device below, or NULL; borrowed. */
    struct CxlCci *below;
} CxlPort;

typedef struct CxlPorts {
    CxlPort port[CXL_PORTS];
} CxlPorts;

/* Is the port there, and not the upstream port of a host? */
bool cxl_ports_is_downstream(const CxlPorts *ports, uint8_t number);
/* Is what is below it an MLD? */
bool cxl_ports_is_mld(const CxlPorts *ports, uint8_t number);
unsigned cxl_ports_count(const CxlPorts *ports);
/* A bit for each port that is there. */
void cxl_ports_bitmap(const CxlPorts *ports, uint8_t bitmap[CXL_PORTS / 8]);

/*
 * A port is so now.  @info.port says which; LTSSM is that of the link, without
 * what the fabric manager does to it.  True if its link has changed: something
 * came, went, or is another thing.
 */
bool cxl_ports_set(CxlPorts *ports, const CxlPortInfo *info,
                   struct CxlCci *below);
/*
 * Between the two, all ports that are there are set; those that are not are
 * gone, and reported to @gone.
 */
void cxl_ports_look_again(CxlPorts *ports);
typedef void CxlPortGone(void *opaque, const CxlPortInfo *info);
void cxl_ports_looked(CxlPorts *ports, CxlPortGone *gone, void *opaque);

/* As 5101h shows it, and as events do. */
void cxl_ports_info(const CxlPorts *ports, uint8_t number, CxlPortInfo *out);
/* Hold a downstream port in reset, or not; false if it is none. */
bool cxl_ports_hold(CxlPorts *ports, uint8_t number, bool perst);
/* Nobody is held. */
void cxl_ports_reset(CxlPorts *ports);

/*
 * Byte enables of a request: the size of the widest natural access within the
 * double word that begins with byte @i and is enabled; 0 if that byte is not.
 */
static inline unsigned cxl_enabled_size(uint8_t enables, unsigned i)
{
    if (!i && enables == 0xf) {
        return 4;
    }
    if (!(i % 2) && (enables >> i & 3) == 3) {
        return 2;
    }
    return enables >> i & 1;
}

/*
 * The next access of a double word with these enables: moves *@at, a byte that
 * no access has had, to where it begins, and returns its size; 0: none is left.
 */
static inline unsigned cxl_enabled_next(uint8_t enables, unsigned *at)
{
    while (*at < 4 && !cxl_enabled_size(enables, *at)) {
        ++*at;
    }
    return *at < 4 ? cxl_enabled_size(enables, *at) : 0;
}

/* The address in a configuration request: [7:2] in @reg, [11:8] in @ext */
static inline uint16_t cxl_config_address(uint8_t reg, uint8_t ext)
{
    return (ext & 0xf) << 8 | (reg & 0xfc);
}

/* Who answers behind the port: NULL if nobody, or while it is in reset. */
struct CxlCci *cxl_ports_target(const CxlPorts *ports, uint8_t number);

/* Saved state, see hw/common/save.h: what the manager did. */
void cxl_ports_save(const CxlPorts *ports, SaveWriter *w);
void cxl_ports_load(CxlPorts *ports, SaveReader *r);
const char *cxl_ports_check(const CxlPorts *ports);

#endif /* HW_CXL_CORE_PORTS_H */
