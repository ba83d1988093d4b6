/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differences between the QEMU releases that memfab supports.
 *
 * This is the only file that may look at QEMU's version.  Every name
 * here has the same meaning on every release; glue code uses the name
 * and never asks which release it is built for.
 */
#ifndef HW_MEMFAB_COMPAT_H
#define HW_MEMFAB_COMPAT_H

#include "qom/object.h"
#include "exec/cpu-common.h"

#define MEMFAB_QEMU_AT_LEAST(major, minor)          \
    (QEMU_VERSION_MAJOR > (major) ||                \
     (QEMU_VERSION_MAJOR == (major) && QEMU_VERSION_MINOR >= (minor)))

/* 10.1 made the last argument of class_init, and interface lists, const. */
#if MEMFAB_QEMU_AT_LEAST(10, 1)
typedef const void *MemfabClassData;
#define MEMFAB_INTERFACES(...) ((const InterfaceInfo[]) { __VA_ARGS__, { } })
#else
typedef void *MemfabClassData;
#define MEMFAB_INTERFACES(...) ((InterfaceInfo[]) { __VA_ARGS__, { } })
#endif

/* 10.1 moved the memory headers from exec/ to system/, and split them. */
#if MEMFAB_QEMU_AT_LEAST(10, 1)
#include "system/memory.h"
#include "system/address-spaces.h"
#include "system/ramblock.h"
#else
#include "exec/memory.h"
#include "exec/address-spaces.h"
#include "exec/ramblock.h"
#endif
/* 11.0 took caches of mapped memory out of system/memory.h. */
#if MEMFAB_QEMU_AT_LEAST(11, 0)
#include "system/memory_cached.h"
#endif

/* 11.1 has no use for what post_save answers: "return MEMFAB_SAVED;" */
#if MEMFAB_QEMU_AT_LEAST(11, 1)
typedef void MemfabPostSave;
#define MEMFAB_SAVED
#else
typedef int MemfabPostSave;
#define MEMFAB_SAVED 0
#endif

/*
 * Before 11.1 an object that refuses to be deleted cannot say why; @prepare is
 * bool (*)(UserCreatable *, Error **) on every release.
 */
#if MEMFAB_QEMU_AT_LEAST(11, 1)
#define MEMFAB_DEFINE_PREPARE_DELETE(prepare)
#define MEMFAB_SET_PREPARE_DELETE(class, prepare)   \
    ((class)->prepare_delete = (prepare))
#else
#define MEMFAB_DEFINE_PREPARE_DELETE(prepare)       \
    static bool prepare ## _10(UserCreatable *uc)   \
    {                                               \
        return prepare(uc, NULL);                   \
    }
#define MEMFAB_SET_PREPARE_DELETE(class, prepare)   \
    ((class)->can_be_deleted = prepare ## _10)
#endif

/* 11.0 negotiates flit mode with the link; before it @flit is nothing. */
#if MEMFAB_QEMU_AT_LEAST(11, 0)
#define MEMFAB_HAVE_FLIT 1
#define memfab_link_fill(dev, width, speed, flit)   \
    pcie_cap_fill_link_ep_usp(dev, width, speed, flit)
#define memfab_port_has_flits(port)                 \
    (pci_get_word((port)->config + (port)->exp.exp_cap + PCI_EXP_LNKSTA2) & \
     PCI_EXP_LNKSTA2_FLIT)
#else
#define memfab_port_has_flits(port) false
#define memfab_link_fill(dev, width, speed, flit)   \
    pcie_cap_fill_link_ep_usp(dev, width, speed)
#endif

/* Single steps of the debugger; a field until 11.0 */
#if MEMFAB_QEMU_AT_LEAST(11, 1)
#define memfab_single_stepping(cs) cpu_single_stepping(cs)
#else
#define memfab_single_stepping(cs) ((cs)->singlestep_enabled)
#endif

/*
 * Which state goes first: a physical function's, then those of its virtual
 * ones. 10.2 has a priority below the usual one; in 10.0 the first goes up.
 */
#include "migration/vmstate.h"
#if MEMFAB_QEMU_AT_LEAST(10, 2)
#define MEMFAB_PRI_PF MIG_PRI_DEFAULT
#define MEMFAB_PRI_VF MIG_PRI_LOW
#else
#define MEMFAB_PRI_PF MIG_PRI_IOMMU
#define MEMFAB_PRI_VF MIG_PRI_DEFAULT
#endif

/* A handler of stop and go with a phase before it; 10.2 added an argument. */
#include "system/runstate.h"
static inline VMChangeStateEntry *
memfab_add_vm_change(VMChangeStateHandler *change,
                     VMChangeStateHandler *prepare, void *opaque)
{
#if MEMFAB_QEMU_AT_LEAST(10, 2)
    return qemu_add_vm_change_state_handler_prio_full(change, prepare, NULL,
                                                      opaque, 0);
#else
    return qemu_add_vm_change_state_handler_prio_full(change, prepare, opaque,
                                                      0);
#endif
}

/* 10.2 completed PASID-tagged accesses: ATS, page requests, capabilities. */
#if MEMFAB_QEMU_AT_LEAST(10, 2)
#define MEMFAB_HAVE_PASID 1
#endif

/* 10.2 renamed the front end of a character device. */
#if !MEMFAB_QEMU_AT_LEAST(10, 2)
#define CharFrontend CharBackend
#endif

/* 10.2 brought CXL to arm's virt, and error records of its firmware. */
#if MEMFAB_QEMU_AT_LEAST(10, 2)
#define MEMFAB_HAVE_CXL_VIRT 1
#endif

#endif
