/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A q35 machine with a root port, a switch of two downstream ports with its
 * mailbox, and a memory device: every kind of function that the examples of
 * the documentation have, each with its configuration space and registers.
 */
#ifndef TESTS_QTEST_CXL_PORTS_H
#define TESTS_QTEST_CXL_PORTS_H

#include "tests/qtest/libqtest.h"

typedef enum PortsFunction {
    PORTS_ROOT, PORTS_UPSTREAM, PORTS_CCI, PORTS_DOWN0, PORTS_DOWN1,
    PORTS_MEMORY, PORTS_FUNCTIONS,
} PortsFunction;

typedef struct Ports {
    QTestState *qts;
    uint64_t ecam[PORTS_FUNCTIONS];
    uint64_t bar[PORTS_FUNCTIONS];      /* the first */
    uint64_t bridge;    /* component registers of the host bridge */
} Ports;

/* The whole machine; without downstream ports only a part of the switch. */
Ports *ports_start(void);
/* Flits of 256 bytes everywhere, back-invalidate; QEMU 11.0 and later */
Ports *ports_start_flit(void);
/* A device with large flits; @ports are options that deny them to its port */
Ports *ports_start_small_flit(const char *ports);
/* An old function below the second downstream port: conventional PCI */
Ports *ports_start_old(void);
Ports *ports_start_empty(void);
void ports_stop(Ports *p);
/* Buses and BARs, as firmware does after reset */
void ports_enumerate(Ports *p);

uint32_t ports_read(Ports *p, PortsFunction f, unsigned reg);
void ports_write(Ports *p, PortsFunction f, unsigned reg, uint32_t value);
/* Offset of a capability, or of an extended one; it has to be there. */
unsigned ports_cap(Ports *p, PortsFunction f, uint8_t id);
unsigned ports_ext_cap(Ports *p, PortsFunction f, uint16_t id);
/* Component register block: offset of a capability, 0 if it is not there */
unsigned ports_component(Ports *p, uint64_t block, uint16_t id);
/* The monitor answers, and the machine runs. */
void ports_check_alive(Ports *p);

#endif
