/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program without a kernel needs on a q35 machine: text out, an exit
 * status, other processors, PCI configuration space and ACPI tables.
 */
#ifndef TESTS_GUEST_BARE_H
#define TESTS_GUEST_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every processor comes here, numbered from 0. */
void bare_main(unsigned cpu);

/* start.S: 16-bit code for others, and what multiboot says */
extern const uint8_t trampoline[], trampoline_end[];
extern const uint32_t boot_info;

/* Called by the first processor: let the others come. */
void start_cpus(void);
extern volatile unsigned cpus_started;  /* the first one included */

/* %s %u (unsigned) %x (uint64_t, in hex) */
void print(const char *format, ...);
/* End QEMU with status 0 or not, through isa-debug-exit. */
_Noreturn void finish(bool good);

/* Seconds of the real-time clock since the first call */
unsigned seconds(void);
uint32_t random32(uint32_t *state);

uint32_t read32(uint64_t at);
void write32(uint64_t at, uint32_t value);
uint16_t read16(uint64_t at);
void write16(uint64_t at, uint16_t value);

/* Configuration space of a function; 0 if @n is beyond the last that fits. */
uint64_t pci_find(uint16_t vendor, uint16_t device, unsigned n);
uint64_t pci_bar(uint64_t cfg, unsigned n);
/* Offsets of capabilities, 0 if absent; @dvsec of the vendor CXL */
unsigned pci_cap(uint64_t cfg, uint8_t id);
unsigned pci_cxl_dvsec(uint64_t cfg, uint16_t dvsec);

/* The number after @name in the command line, or @otherwise */
unsigned option(const char *name, unsigned otherwise);

/* An ACPI table by signature, or NULL */
const uint8_t *acpi_table(const char *signature);

static inline void pause_cpu(void)
{
    __asm__ volatile("pause");
}

#endif
