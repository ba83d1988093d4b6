/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of CXL root ports and switch ports: the RAS capability in their
 * component registers, CXL r3.1 8.2.4.17, and the message that tells the root.
 * Private to the glue floor.
 *
 * The ports are QEMU's, and their RAS registers are plain memory there: what
 * should clear a bit sets it.  Each port has a recorder of ours, whose
 * registers lie over those of the port from realize to unrealize; what is
 * recorded survives every reset but that of the machine.
 *
 * The big lock is held in every call.
 */
#ifndef HW_CXL_PORT_RAS_H
#define HW_CXL_PORT_RAS_H

#include "hw/cxl/core/ras.h"
#include "hw/pci/pci_device.h"

/* The recorder of a port */
typedef struct CxlPortRas CxlPortRas;

/* Once each, while the port is realized */
void cxl_port_ras_comes(PCIDevice *port);
void cxl_port_ras_goes(PCIDevice *port);
/* The reset of the machine: what the registers hold survives all others. */
void cxl_port_ras_reset(PCIDevice *port);

/* That of @obj; NULL: it is no port that records errors now. */
CxlPortRas *cxl_port_ras(Object *obj);
/* As cxl_endpoint_uncorrectable() and the next two of a device */
void cxl_port_uncorrectable(CxlPortRas *s, const CxlRasRecord *errors,
                            unsigned n);
void cxl_port_correctable(CxlPortRas *s, unsigned bit);
void cxl_port_errors(const CxlPortRas *s, CxlRasErrors *out);
CxlRas *cxl_port_ras_registers(CxlPortRas *s);

/*
 * Somebody is told of errors that are not masked, of ports and of devices,
 * before a root port is: true if it takes them from there.  NULL: nobody.
 */
typedef bool CxlErrorsFirstFn(PCIDevice *pdev, const CxlRas *ras,
                              CxlRasSignal signal);
/* The same learns of functions that a host sees from now on. */
typedef void CxlErrorsAppearedFn(PCIDevice *pdev);
void cxl_errors_set_first(CxlErrorsFirstFn *fn, CxlErrorsAppearedFn *appeared);
/* A function that was hidden in its slot is shown. */
void cxl_errors_appeared(PCIDevice *pdev);
/* The error of @pdev, whose registers are @ras, goes no further. */
bool cxl_errors_taken(PCIDevice *pdev, const CxlRas *ras, CxlRasSignal signal);

#endif
