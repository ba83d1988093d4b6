/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device with memory on a PCI bus: the QOM type that "cxl-type3" and
 * "cxl-accel" (hw/cxl/type2) are of.  Private to the glue floor.
 */
#ifndef HW_CXL_TYPE3_MEMDEV_H
#define HW_CXL_TYPE3_MEMDEV_H

#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/cxl/type3/backend.h"
#include "hw/cxl/type3/config.h"
#include "hw/pci/messages.h"
#include "hw/pci/shape.h"
#include "hw/pci/saved.h"
#include "hw/pci/spdm.h"
#include "hw/cxl/fabric/memory.h"
#include "hw/cxl/switch/mld.h"
#include "hw/cxl/window/window.h"
#include "hw/cxl/core/endpoint.h"
#include "hw/cxl/core/health.h"
#include "hw/cxl/core/params.h"

#define TYPE_CXL_MEMDEV_PCI     "cxl-endpoint"
#define TYPE_CXL_MEMDEV_TYPE3   "cxl-type3"
#define TYPE_CXL_ACCEL          "cxl-accel"
OBJECT_DECLARE_SIMPLE_TYPE(CxlMemdevPci, CXL_MEMDEV_PCI)

/* That of the stock device */
#define CXL_MEMDEV_DEVICE_ID    0x0d93

enum {
    CXL_MEMDEV_BAR_COMPONENT = 0,
    CXL_MEMDEV_BAR_DEVICE = 2,
    CXL_MEMDEV_BAR_MSIX = 4,
};

/* What the person at the command line chose, beside the backends */
typedef struct CxlMemdevProps {
    HostMemoryBackend *memdev;  /* type 3: old name of persistent-memdev */
    CxlParams core;
    bool has_sn;                /* else one is derived */
    char *cdat;
    PCIExpLinkSpeed speed;
    PCIExpLinkWidth width;
    bool direct;
    char *layout_file;
    bool power_cycle;
    CxlMldDev *mld;             /* NULL: a device of its own */
    uint8_t ld;                 /* which logical device of it */
    bool bound;                 /* off: below a switch, seen by nobody yet */
    OnOffAuto function_map;
    uint16_t spdm_port;         /* 0: no mailbox for SPDM */
    CxlPoisonMode poison_mode;
} CxlMemdevProps;

struct CxlMemdevPci {
    /*< private >*/
    PCIDevice parent_obj;

    /*< public >*/
    CxlMemdevProps props;
    CxlBackend backend[CXL_BACKEND_COUNT];

    PciMessages messages;
    SpdmPort spdm;
    CxlEndpoint *ep;            /* from realize until the object dies */
    CxlMemdev *core;            /* its logical device */
    CxlWindowMember window;
    MemoryRegion component_bar;
    MemoryRegion device_bar;
    QEMUTimer *timer;           /* the endpoint's */
    bool powered;               /* has seen its first reset */
    bool function_reset;        /* what resets it is its own register */
    char *cdat_sum;             /* of what the file of "cdat" had, or NULL */
    CxlHealthFacts vitals;      /* as set before there was a core */
    NotifierList stepped;       /* with each step of the core; no data */

    PciSaved saved;             /* the endpoint's state */
    CxlEndpointFirst *first;    /* what version 1 has beside that */
};

/* props.c: names, defaults and meaning of the properties that all have */
void cxl_memdev_props_init(ObjectClass *oc);
/* ... and of those of type 3 */
void cxl_memdev_props_type3(ObjectClass *oc);
/* What they mean, of those that @oc has and its parent has not */
void cxl_memdev_props_describe(ObjectClass *oc,
                               const char *(*text)(unsigned n,
                                                   const char **name));
/* For PciShapeType: what the backends are called */
char *cxl_memdev_shape_value(Object *obj, const char *property);
bool cxl_memdev_shape_rename(Object *obj, const Shapes *saved,
                             const char *place);
/* Refuse what contradicts itself, before anything is taken. */
bool cxl_memdev_props_check(CxlMemdevPci *s, Error **errp);
/* The same for what depends on the size of backends that were claimed. */
bool cxl_memdev_props_check_sizes(const CxlMemdevPci *s, Error **errp);
/* The configuration of the core; all backends have been claimed. */
void cxl_memdev_props_config(const CxlMemdevPci *s, CxlMemdevConfig *config);
void cxl_memdev_props_endpoint(CxlMemdevPci *s, CxlEndpointConfig *config);
/* Take the table of property "cdat" if there is one. */
bool cxl_memdev_props_cdat(CxlMemdevPci *s, Error **errp);

/* hostops.c: what the core asks of QEMU */
extern const CxlHostOps cxl_memdev_hostops;
extern const CxlMediaOps cxl_memdev_media_ops;
extern const CxlEndpointOps cxl_memdev_endpoint_ops;

/* member.c: take part in the fixed memory windows */
bool cxl_memdev_join_windows(CxlMemdevPci *s, Error **errp);
void cxl_memdev_leave_windows(CxlMemdevPci *s);

/* regs.c: the BARs */
void cxl_memdev_regs_init(CxlMemdevPci *s);
/*
 * An access of configuration space, and one by address, as requests on the bus,
 * of a manager that the host does not know: up to 8 bytes within a page.
 * False: no register block is there.  While the host does not see the function,
 * its address registers count without being switched on.
 */
bool cxl_memdev_config_access(CxlMemdevPci *s, uint16_t address,
                              unsigned size, bool is_write, uint32_t *data);
bool cxl_memdev_regs_access(CxlMemdevPci *s, uint64_t address, unsigned size,
                            bool is_write, uint64_t *data);

/* pci.c: both ends of the link offer flits of 256 bytes. */
bool cxl_memdev_link_has_flits(CxlMemdevPci *s);

/* Who lends it dynamic capacity from a pool, or NULL */
static inline CxlBorrower *cxl_memdev_fabric(const CxlMemdevPci *s)
{
    return cxl_fabric_of(s->backend[CXL_BACKEND_DYNAMIC].host);
}

/* False: taken out of the machine; backends and timers are gone. */
static inline bool cxl_memdev_here(const CxlMemdevPci *s)
{
    return pci_messages_here(&s->messages);
}

/* health.c: what the outside does to the health of the device */
void cxl_memdev_vitals_init(ObjectClass *oc);
void cxl_memdev_vitals_default(CxlMemdevPci *s);
/* A new core learns what was set before it was there. */
void cxl_memdev_vitals_apply(CxlMemdevPci *s);

/* vmstate.c */
extern const VMStateDescription vmstate_cxl_memdev;

#endif
