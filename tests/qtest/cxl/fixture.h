/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine, q35 or arm's virt as the emulator is, with one CXL host bridge,
 * one root port and one memory device below it, brought up far enough to talk
 * to the device's BARs: what a driver finds in its hands when its probe
 * function is called.
 */
#ifndef TESTS_QTEST_CXL_FIXTURE_H
#define TESTS_QTEST_CXL_FIXTURE_H

#include "tests/qtest/libqtest.h"

#define FIX_MIB             (1ull << 20)
#define FIX_UNIT            (256 * FIX_MIB)

/* Interrupts are aimed at memory, where a test can see them arrive */
#define FIX_VECTORS         16

enum {
    FIX_VECTOR_CDAT = 0,
    FIX_VECTOR_EVENT = 2,       /* info, warning, failure, fatal, DCD */
    FIX_VECTOR_MAILBOX = 7,
    FIX_VECTOR_COMPLIANCE = 8,
};

typedef struct CxlFixture {
    QTestState *qts;
    uint8_t devfn;      /* of the function that is driven */
    uint64_t ecam;      /* its configuration space */
    uint64_t bar[6];
    uint64_t status;    /* absolute addresses of register blocks */
    uint64_t mailbox;
    uint64_t memdev;
    uint64_t hdm;
    uint64_t ras;
    uint32_t payload_max;
} CxlFixture;

typedef struct CxlReply {
    uint16_t rc;
    uint32_t len;
    uint8_t data[4096];
} CxlReply;

#define FIX_VOLATILE \
    "-object memory-backend-ram,id=vmem,size=512M " \
    "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem"

#define FIX_PERSISTENT \
    "-object memory-backend-ram,id=pmem,size=512M " \
    "-object memory-backend-ram,id=lsa,size=1M " \
    "-device cxl-type3,bus=rp0,id=cxl0,persistent-memdev=pmem,lsa=lsa"

#define FIX_BOTH \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=pmem,size=512M " \
    "-object memory-backend-ram,id=lsa,size=1M " \
    "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem," \
    "persistent-memdev=pmem,lsa=lsa"

#define FIX_DCD \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=dcmem,size=1G " \
    "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem," \
    "volatile-dc-memdev=dcmem,num-dc-regions=2"

/* The machine without a memory device; tests that expect refusals use it */
extern const char *fix_machine;

/* Start the machine with @devices ("-device cxl-type3,...") and set it up. */
CxlFixture *fix_start(const char *devices);
/* As above, but drive function @devfn below the root port. */
CxlFixture *fix_start_function(const char *devices, uint8_t devfn);
/* As above, on a QEMU that the test has started itself. */
CxlFixture *fix_attach(QTestState *qts);
/* Program bridge, BARs and vectors again, as firmware does after reset. */
void fix_enumerate(CxlFixture *f);
/*
 * The device below the first port of the switch beside which @f is; to be freed
 * with g_free().
 */
CxlFixture *fix_below_switch(CxlFixture *f);
/* Message n goes to @address + n * @step, as @data, or-ed with n if @step. */
void fix_aim_vectors(CxlFixture *f, uint64_t address, unsigned step,
                     uint32_t data);
void fix_stop(CxlFixture *f);
/* The device of @f, in another process; @f is gone afterwards. */
CxlFixture *fix_move(CxlFixture *f, const char *devices);

/* By the root port, unmasked; what is below it is not set up again. */
void fix_bus_reset(CxlFixture *f);
/* What may happen while a device works; each returns @f, set up again. */
CxlFixture *fix_after_bus_reset(CxlFixture *f);
CxlFixture *fix_after_machine_reset(CxlFixture *f);
CxlFixture *fix_after_stop(CxlFixture *f);

/* Configuration space of the root port, and its PCI Express capability. */
uint64_t fix_root_port(CxlFixture *f);
uint64_t fix_root_exp(CxlFixture *f);
uint64_t fix_root_aer(CxlFixture *f);
/* What an OS that owns AER does when it finds the device. */
void fix_unmask_errors(CxlFixture *f);

uint32_t fix_config_read(CxlFixture *f, uint32_t reg, unsigned size);
void fix_config_write(CxlFixture *f, uint32_t reg, unsigned size,
                      uint32_t value);
/* Offset of an extended capability, 0 if absent; @dvsec -1 for any. */
uint32_t fix_find_ext_cap(CxlFixture *f, uint16_t id, int dvsec);

uint64_t fix_read(CxlFixture *f, uint64_t addr, unsigned size);
void fix_write(CxlFixture *f, uint64_t addr, unsigned size, uint64_t value);

/* Ring the doorbell and collect the answer. */
void fix_command(CxlFixture *f, uint16_t opcode, const void *in,
                 uint32_t len, CxlReply *reply);
/* As above, and the answer has to be a success. */
void fix_command_ok(CxlFixture *f, uint16_t opcode, const void *in,
                    uint32_t len, CxlReply *reply);
uint16_t fix_command_rc(CxlFixture *f, uint16_t opcode, const void *in,
                        uint32_t len);

/*
 * The oldest event records of @log that fit into one answer, from offset 0x20
 * of @reply; they are cleared.  Returns how many.
 */
unsigned fix_take_records(CxlFixture *f, uint8_t log, CxlReply *reply);

/* Host address of the first window. */
uint64_t fix_window(CxlFixture *f);
/*
 * Commit decoder @n of the device for @size bytes at offset @offset of the
 * window, not interleaved, and enable CXL.mem.  The decoder of the host
 * bridge needs nothing: with one root port it passes everything through.
 * Returns the host address.
 */
uint64_t fix_map(CxlFixture *f, unsigned n, uint64_t offset, uint64_t size);
/* Control register of decoder @n. */
uint32_t fix_decoder(CxlFixture *f, unsigned n);

/* True if @vector has fired since the last call. */
bool fix_irq_taken(CxlFixture *f, unsigned vector);

#endif
