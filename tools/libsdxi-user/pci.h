/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: PCI functions as sysfs shows them.  Nothing here knows SDXI
 * but its class.  Errors are SdxiUserError.
 */
#ifndef TOOLS_LIBSDXI_USER_PCI_H
#define TOOLS_LIBSDXI_USER_PCI_H

#include "port.h"

#define PCI_BDF 16

/* The function itself if @bdf, else the first of SDXI's class: into @found */
int sdxi_pci_find(const char *bdf, char found[PCI_BDF]);
/* Name of the driver that is bound, "" if none */
void sdxi_pci_driver(const char *bdf, char *name, size_t size);
/* The last part of where link @leaf leads, "" if there is none */
void sdxi_pci_link(const char *bdf, const char *leaf, char *name, size_t size);
/* True if an I/O MMU translates for the function */
bool sdxi_pci_translated(const char *bdf);
/* A descriptor of the file @leaf of the function, or -1 */
int sdxi_pci_open(const char *bdf, const char *leaf, int flags);
bool sdxi_pci_write(const char *bdf, const char *leaf, const char *text);
/* Configuration space that begins at @base of @fd; false: cannot be had */
bool sdxi_pci_config(int fd, uint64_t base, unsigned off, unsigned size,
                     uint32_t *value);
bool sdxi_pci_set_config(int fd, uint64_t base, unsigned off, unsigned size,
                         uint32_t value);
/* Where capability @id is, 0 if nowhere */
unsigned sdxi_pci_capability(int fd, uint64_t base, uint8_t id);

#define PCI_COMMAND             4
#define PCI_COMMAND_MASTER      4u
#define PCI_COMMAND_MEM_MASTER  6u
#define PCI_CAP_MSIX            0x11

#endif
