/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a "cxl-switch-mailbox-cci".  Private to this folder.
 */
#ifndef HW_CXL_SWITCH_INTERNAL_H
#define HW_CXL_SWITCH_INTERNAL_H

#include "qemu/queue.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/core/slot-change.h"
#include "hw/pci/messages.h"
#include "hw/pci/saved.h"
#include "hw/cxl/switch/cci.h"

OBJECT_DECLARE_SIMPLE_TYPE(CxlSwitchCci, CXL_SWITCH_CCI)

struct CxlSwitchCci {
    /*< private >*/
    PCIDevice parent_obj;

    /*< public >*/
    PCIDevice *target;          /* the upstream port */
    PciMessages messages;
    CxlSwitch *core;            /* from realize until the object dies */
    MemoryRegion regs;
    QEMUTimer *timer;

    QEMUBH *bh;                 /* carries out changes, sends errors */
    VMChangeStateEntry *runs;   /* wakes it when the machine runs again */
    QLIST_ENTRY(CxlSwitchCci) next;
    CxlSlotChange change;       /* that is under way */

    PciSaved saved;             /* the core's state */
};

/* False: taken out of the machine. */
static inline bool cxl_switch_here(const CxlSwitchCci *s)
{
    return pci_messages_here(&s->messages);
}

/* lookup.c: where things are in QEMU's port tree */
/* The downstream port of virtual bridge @vppb (1 and up), or NULL. */
PCIDevice *cxl_switch_bridge(CxlSwitchCci *s, uint8_t vppb);
/* What is plugged in there, seen by the host or not; or NULL, also for NULL. */
PCIDevice *cxl_switch_below(PCIDevice *port);
/* The port with that physical number, the upstream one too; or NULL. */
PCIDevice *cxl_switch_port(CxlSwitchCci *s, uint8_t number);
/* Physical port and logical device that can be bound to that bridge */
void cxl_switch_what(PCIDevice *port, uint8_t *number, uint16_t *ld);
/* The number of the upstream port, which no downstream port has */
uint8_t cxl_switch_upstream(CxlSwitchCci *s);
/* The MLD that @d, or NULL, is a logical device of; or NULL */
struct CxlMldDev *cxl_switch_mld(PCIDevice *d);
/* The function of a logical device, seen by the host or not; or NULL. */
PCIDevice *cxl_switch_ld(CxlSwitchCci *s, uint8_t port, uint16_t ld);

/* tree.c: the core is told of the port tree */
void cxl_switch_tree_refresh(void *opaque);

/* bind.c: devices appear and go */
/* Has the switch no mailbox yet?  Its slots have one handler. */
bool cxl_switch_bind_check(const CxlSwitchCci *s, Error **errp);
void cxl_switch_bind_init(CxlSwitchCci *s);
void cxl_switch_bind_exit(CxlSwitchCci *s);
/* The switch owns the slots of its ports: found anew with each refresh. */
void cxl_switch_bind_adopt(CxlSwitchCci *s, PCIDevice *port);
void cxl_switch_bind_class_init(ObjectClass *oc);
bool cxl_switch_may_bind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                         uint16_t ld);
void cxl_switch_bind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                     uint16_t ld);
void cxl_switch_unbind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t option,
                       bool again);
void cxl_switch_give_up(void *opaque, uint8_t vcs, uint8_t vppb);
void cxl_switch_place(void *opaque, uint8_t vcs, uint8_t vppb, bool bound,
                      uint8_t port, uint16_t ld);
bool cxl_switch_has_aer(void *opaque, uint8_t vcs, uint8_t vppb,
                        bool uncorrectable, unsigned bit);
/* Something waits: the bottom half is to look, if there is one. */
void cxl_switch_wake(void *opaque);

#endif
