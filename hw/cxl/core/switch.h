/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox interface of a switch, without its bus: register block, clock,
 * and questions about the ports to whoever knows them.
 * CXL r3.1 8.1.13, 7.6.7.1.  The commands: cci/switch.c, cci/tunnel.c.
 */
#ifndef HW_CXL_CORE_SWITCH_H
#define HW_CXL_CORE_SWITCH_H

#include "hw/cxl/core/aer-queue.h"
#include "hw/cxl/core/door.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/ports.h"
#include "hw/cxl/core/vcs.h"
#include "hw/cxl/wire/fm.h"

typedef struct CxlSwitchConfig {
    uint64_t serial;        /* all ones: none */
    uint16_t vendor_id, device_id, subsystem_vendor_id, subsystem_id;
    uint8_t payload_shift;  /* 8..20; 0 means 11 */
    uint8_t mailbox_msgnum; /* 0..15 */
    uint8_t event_msgnum;   /* of all logs, 0..15 */
    uint8_t vcs;            /* hosts, 1..CXL_VCS_MAX; 0 means 1 */
    uint8_t decoders;       /* HDM decoders of an upstream port */
} CxlSwitchConfig;

/* Managers that have a door of their own at the same time */
#define CXL_SWITCH_DOORS 8

/*
 * What a switch asks of the world.  Calls come from within a command or the
 * timer; a callback enters the switch only where it says so.
 */
typedef struct CxlSwitchOps {
    /*
     * Tell how everything is: cxl_switch_port_is() for each physical port,
     * cxl_switch_host_is() and cxl_switch_vppb_is() for each host.
     */
    void (*refresh)(void *opaque);
    /* Reset what is below downstream port @port, which is there. */
    void (*port_reset)(void *opaque, uint8_t port);
    /*
     * One access to the configuration space of the port itself: @size is 1, 2
     * or 4, and @address a multiple of it.  The port is there.
     */
    void (*port_config)(void *opaque, uint8_t port, uint16_t address,
                        unsigned size, bool is_write, uint32_t *data);
    /*
     * The same for a logical device below an MLD port that is there; and an
     * access to its registers by their address, @size up to 8.  False if it is
     * not there, or nothing of it has that address.  @address and @size are
     * within 4 KiB.
     */
    bool (*ld_config)(void *opaque, uint8_t port, uint16_t ld,
                      uint16_t address, unsigned size, bool is_write,
                      uint32_t *data);
    bool (*ld_memory)(void *opaque, uint8_t port, uint16_t ld,
                      uint64_t address, unsigned size, bool is_write,
                      uint64_t *data);
    /* Can that be bound there at all?  Port, device and vPPB are there. */
    bool (*may_bind)(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                     uint16_t ld);
    /*
     * Begin to show it to the host, or to take it away (@option is
     * CXL_UNBIND_*; @again: it was begun where the saved state comes from).
     * The answer is cxl_switch_answer(), later and not from in here.
     */
    void (*bind)(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                 uint16_t ld);
    void (*unbind)(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t option,
                   bool again);
    /* No answer is expected any more; the vPPB stays as it was. */
    void (*give_up)(void *opaque, uint8_t vcs, uint8_t vppb);
    /* A saved state says so; the host learns of nothing. */
    void (*place)(void *opaque, uint8_t vcs, uint8_t vppb, bool bound,
                  uint8_t port, uint16_t ld);
    /* Link and slot control of a vPPB as its host has set them; else 0. */
    void (*controls)(void *opaque, uint8_t vcs, uint8_t vppb,
                     uint16_t *link, uint16_t *slot);
    /* Has the vPPB that error: bit @bit of its AER status register? */
    bool (*has_aer)(void *opaque, uint8_t vcs, uint8_t vppb,
                    bool uncorrectable, unsigned bit);
    /* Errors wait to be signalled: cxl_switch_next_error(), later. */
    void (*aer)(void *opaque);
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
    CxlPorts ports;
    CxlVcsTable vcs;
    CxlAerQueue errors; /* that hosts have yet to hear of */
    uint8_t decoders;   /* HDM decoders of an upstream port */
} CxlSwitch;

typedef struct CxlSwitchProfiles {
    const CxlProfile *mailbox, *door;
} CxlSwitchProfiles;

/*
 * @opaque is for both @switch_ops and @ops.  The configuration is in range, or
 * it is our defect.
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
/* To be called when the timer expires. */
void cxl_switch_timer(CxlSwitch *sw);

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

/* Bring ports and bindings in line with the world; events say what changed. */
void cxl_switch_refresh(CxlSwitch *sw);
/* As 5101h shows a port that is there. */
void cxl_switch_port_info(const CxlSwitch *sw, uint8_t port,
                          CxlPortInfo *out);
/* While refreshing.  A port is so; see cxl_ports_set(). */
void cxl_switch_port_is(CxlSwitch *sw, const CxlPortInfo *info, CxlCci *below);

/*
 * A manager wants a host to hear of an error (5203h); the vPPB is there.
 * False: it has no such error, or too many wait.
 */
bool cxl_switch_raise_error(CxlSwitch *sw, const CxlAerError *error);
/* The error to be signalled next; false: none waits. */
bool cxl_switch_next_error(CxlSwitch *sw, CxlAerError *error);

/* As cxl_memdev_save() and cxl_memdev_load(). */
void cxl_switch_save(const CxlSwitch *sw, GByteArray *out);
bool cxl_switch_load(CxlSwitch *sw, const uint8_t *bytes, size_t len,
                     char **problem);

const char *cxl_switch_check(const CxlSwitch *sw);

#endif /* HW_CXL_CORE_SWITCH_H */
