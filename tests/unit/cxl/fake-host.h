/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for a CXL memory device: fake clock, fake interrupts, sparse memory.
 * Shared by unit tests and fuzzers; what a test wants to know, it counts.
 */
#ifndef TESTS_UNIT_CXL_FAKE_HOST_H
#define TESTS_UNIT_CXL_FAKE_HOST_H

#include "hw/cxl/core/endpoint.h"
#include "hw/cxl/core/endpoint-parts.h"
#include "hw/cxl/core/memdev.h"

#define FAKE_PAGE 4096

typedef struct FakeHost {
    CxlEndpoint *ep;
    CxlMemdev *dev;         /* in it */
    int64_t now;
    int64_t timer_at;       /* INT64_MAX: not armed */
    GHashTable *pages;      /* page number -> FAKE_PAGE bytes; absent: zero */
    uint8_t *lsa;
    uint64_t lsa_size;
    bool media_broken;      /* dpa_* refuse */
    bool labels_broken;     /* lsa_* refuse */
    uint64_t filled;        /* bytes that dpa_fill was asked for, ever */
    /* What happened */
    unsigned irqs[16];
    unsigned firmware;
    unsigned access_changes, decode_changes, ignored;
    unsigned errors[CXL_RAS_SIGNAL_FATAL + 1];
    uint32_t memory_told;   /* sequence of the attribute table at creation */
    uint64_t last_change_dpa, last_change_len;
    unsigned fw_stored;
    uint64_t traced[CXL_TRACE_STEPS];
} FakeHost;

/* A device of 512 MiB volatile, 512 MiB persistent, 256 MiB partitionable. */
CxlMemdevConfig fake_config(void);
/* Of the endpoint around it: four decoders, back-invalidate */
CxlEndpointConfig fake_endpoint_config(void);
/* The device, or a failed test. */
FakeHost *fake_host_new(const CxlMemdevConfig *cfg);
FakeHost *fake_host_default(void); /* of fake_config() */
/* A type 2 device of 512 MiB, whose mailbox the host does not see */
FakeHost *fake_host_accelerator(void);
void fake_host_free(FakeHost *h);
extern const CxlHostOps fake_host_ops;
extern const CxlMediaOps fake_media_ops;
extern const CxlEndpointOps fake_endpoint_ops;

/* Lets virtual time pass; the timer fires as often as it falls due. */
void fake_host_run(FakeHost *h, int64_t ns);

/* What a guest does: payload, command register, doorbell, status. */
uint16_t fake_command(FakeHost *h, uint16_t opcode, const void *in,
                      uint32_t in_len);
/* The payload area and length after the last command. */
uint32_t fake_reply(FakeHost *h, void *out, uint32_t max);
/* Command without input that must succeed; returns output length. */
uint32_t fake_query(FakeHost *h, uint16_t opcode, void *out, uint32_t max);

/* Up to two bytes of settings of the patrol; how they come: CXL_FEATURE_... */
void fake_set_patrol(FakeHost *h, uint32_t flags, const uint8_t *data,
                     uint32_t len);
/* The patrol has an hour for each round. */
void fake_start_patrol(FakeHost *h, uint32_t flags);

/* Clears the records of a log by their handles until no more come. */
void fake_drain_events(FakeHost *h, uint8_t log);

/* A decoder maps the first 256 MiB, or no longer. */
void fake_map(FakeHost *h, bool on);
/* How often the device has said that its memory is divided otherwise. */
unsigned fake_memory_changes(const FakeHost *h);

/* A few bytes of the memory are marked; they still are. */
void fake_mark(FakeHost *h, uint64_t dpa);
bool fake_marked(FakeHost *h, uint64_t dpa);

/* Asserts every invariant. */
void fake_check(FakeHost *h);

#endif /* TESTS_UNIT_CXL_FAKE_HOST_H */
