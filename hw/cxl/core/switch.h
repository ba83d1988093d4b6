/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox interface of a switch, without its bus: register block, clock,
 * and questions about the ports to whoever knows them.
 * CXL r3.1 8.1.13, 7.6.7.1.  The commands: cci/switch.c, cci/tunnel.c.
 */
#ifndef HW_CXL_CORE_SWITCH_H
#define HW_CXL_CORE_SWITCH_H

#include "hw/cxl/core/door.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/wire/fm.h"

typedef struct CxlSwitchConfig {
    uint64_t serial;        /* all ones: none */
    uint16_t vendor_id, device_id, subsystem_vendor_id, subsystem_id;
    uint8_t payload_shift;  /* 8..20; 0 means 11 */
    uint8_t mailbox_msgnum; /* 0..15 */
    uint8_t event_msgnum;   /* of all logs, 0..15 */
} CxlSwitchConfig;

/* Managers that have a door of their own at the same time */
#define CXL_SWITCH_DOORS 8

/* Asked while a command runs; no answer may be kept. */
typedef struct CxlSwitchOps {
    /* Everything but reserved fields, which are zero on entry. */
    void (*identify)(void *opaque, CxlSwitchIdentity *out);
    /* False if there is no such port; @out is zero but for the number. */
    bool (*port_info)(void *opaque, uint8_t port, CxlPortInfo *out);
    /*
     * The management interface of the device below the port
     * (cxl_memdev_fm_cci()), or NULL if there is none.
     */
    CxlCci *(*target)(void *opaque, uint8_t port);
    /* Reset what is below downstream port @port; false if it is none. */
    bool (*port_reset)(void *opaque, uint8_t port);
    /*
     * One access to the configuration space of the port itself: @size is 1, 2
     * or 4, and @address a multiple of it.  False if there is no such port.
     */
    bool (*port_config)(void *opaque, uint8_t port, uint16_t address,
                        unsigned size, bool is_write, uint32_t *data);
} CxlSwitchOps;

typedef struct CxlSwitch {
    const CxlSwitchOps *switch_ops;
    void *ops_opaque;
    CxlTimestamp clock;
    CxlCci cci;         /* the mailbox's; the one background operation */
    CxlMailbox mailbox;
    CxlEvents events;   /* read through the mailbox */
    const CxlProfile *door_profile;
    CxlDoor *doors[CXL_SWITCH_DOORS]; /* NULL: free */
    uint8_t perst[32];  /* a bit for each port that is held in reset; saved */
} CxlSwitch;

typedef struct CxlSwitchProfiles {
    const CxlProfile *mailbox, *door;
} CxlSwitchProfiles;

/*
 * Of @ops only clock, timer, interrupts and trace are used; @opaque is for
 * both.  The configuration is in range, or it is our defect.
 * For the timer, call cxl_cci_timer() with the switch's interface.
 */
CxlSwitch *cxl_switch_create(const CxlSwitchConfig *config,
                             const CxlSwitchProfiles *profiles,
                             const CxlSwitchOps *switch_ops,
                             const CxlHostOps *ops, void *opaque);
/* The same with the rows a switch has; in cci/profiles.c. */
CxlSwitch *cxl_switch_new(const CxlSwitchConfig *config,
                          const CxlSwitchOps *switch_ops,
                          const CxlHostOps *ops, void *opaque);
void cxl_switch_free(CxlSwitch *sw);
void cxl_switch_reset(CxlSwitch *sw);
/* Arms the timer for whatever is due first. */
void cxl_switch_rearm(CxlSwitch *sw);

/* The register block, as with cxl_memdev_regs_*(). */
uint64_t cxl_switch_regs_size(const CxlSwitch *sw);
uint64_t cxl_switch_regs_read(CxlSwitch *sw, uint64_t offset, unsigned size);
void cxl_switch_regs_write(CxlSwitch *sw, uint64_t offset, uint64_t value,
                           unsigned size);

/*
 * A way in for one more manager, beside the mailbox; see core/door.h.  NULL
 * if there are CXL_SWITCH_DOORS already.  Close it before the switch goes.
 */
CxlDoor *cxl_switch_open(CxlSwitch *sw, uint8_t payload_shift,
                         CxlDoorNotify *notify, void *opaque);
void cxl_switch_close(CxlSwitch *sw, CxlDoor *door);
/* The record goes into the logs of every way in. */
void cxl_switch_event(CxlSwitch *sw, unsigned log, const void *record);

/* Has the fabric manager asserted PERST of @port? */
bool cxl_switch_perst(const CxlSwitch *sw, uint8_t port);

/* As cxl_memdev_save() and cxl_memdev_load(). */
void cxl_switch_save(const CxlSwitch *sw, GByteArray *out);
bool cxl_switch_load(CxlSwitch *sw, const uint8_t *bytes, size_t len,
                     char **problem);

const char *cxl_switch_check(const CxlSwitch *sw);

#endif /* HW_CXL_CORE_SWITCH_H */
