/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver of an EHCI host controller (usb-ehci, at EHCI_SLOT of the root bus
 * or anywhere else) with one device at one of its ports, for tests: a queue
 * head each for control transfers and for one bulk endpoint in each direction,
 * and one transfer of a queue at a time.  EHCI 1.0; USB 2.0 9.
 */
#ifndef TESTS_QTEST_CXL_EHCI_H
#define TESTS_QTEST_CXL_EHCI_H

#include "tests/qtest/libqtest.h"

#define EHCI_SLOT   0x1d
#define EHCI_BAR    0xe4000000ull
#define EHCI_DEVICE "-device usb-ehci,id=ehci,bus=pcie.0,addr=1d.0 "

typedef struct Ehci {
    QTestState *qts;
    uint8_t bus, slot;  /* the controller's */
    uint64_t op;        /* operational registers */
    uint8_t address;    /* of the device */
    unsigned port;      /* where it is */
} Ehci;

typedef enum EhciPipe { EHCI_CONTROL, EHCI_IN, EHCI_OUT, EHCI_PIPES } EhciPipe;

/* What has become of a transfer: its bytes, or */
enum { EHCI_WAITS = -1, EHCI_STALLED = -2, EHCI_ERROR = -3 };

/* Start the controller: a port has a device, and is enabled. */
void ehci_init(Ehci *e, QTestState *qts);
/* One elsewhere; EHCI_BAR leads there. */
void ehci_init_at(Ehci *e, QTestState *qts, uint8_t bus, uint8_t slot);
/* The device's port is reset; it has no address afterwards. */
void ehci_reset_port(Ehci *e);
/* Is there a device, and where? */
bool ehci_has_device(Ehci *e);

/*
 * Begin a bulk transfer at endpoint @number; what it is to send is in @bytes.
 * A queue that stalled is begun anew.
 */
void ehci_begin(Ehci *e, EhciPipe pipe, uint8_t number, const void *bytes,
                uint32_t len);
/* Its state after @ms of the machine's time at most */
int ehci_result(Ehci *e, EhciPipe pipe, unsigned ms);
/* What has been received */
void ehci_data(Ehci *e, EhciPipe pipe, void *bytes, uint32_t len);

/* A control transfer, with its result: bytes, or a stall. */
int ehci_control(Ehci *e, uint8_t type, uint8_t request, uint16_t value,
                 uint16_t index, void *bytes, uint16_t len);
/* An address, and configuration 1 */
void ehci_configure(Ehci *e);

#endif /* TESTS_QTEST_CXL_EHCI_H */
