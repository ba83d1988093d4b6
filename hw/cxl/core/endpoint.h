/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CXL endpoint without its bus: what the world may ask of it.
 *
 * Every endpoint has component registers (decoders, RAS, BI), DVSECs, a table
 * of attributes (CDAT), mailboxes of data objects (DOE) and resets.  One that
 * is a memory device has a logical device too (core/device.h), with its
 * mailbox, its events and its media; an accelerator may have none.  There may
 * be any number of endpoints in a process; none knows of another.
 *
 * Nobody above the core sees more of it: queries give copies, injections are
 * functions.  The parts are in core/endpoint-parts.h.
 *
 * One thread at a time may be inside an endpoint.
 */
#ifndef HW_CXL_CORE_ENDPOINT_H
#define HW_CXL_CORE_ENDPOINT_H

#include "hw/common/doe.h"
#include "hw/cxl/core/bias.h"
#include "hw/cxl/core/compliance.h"
#include "hw/cxl/core/decode.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/core/ras.h"
#include "hw/cxl/core/reset.h"
#include "hw/cxl/wire/component.h"

typedef struct CxlEndpoint CxlEndpoint;

/* Chosen by the person who launches */
typedef struct CxlEndpointConfig {
    uint64_t serial;            /* all ones: none */
    unsigned hdm_decoders;      /* 1, 2, 4, 6, 8 or 10 */
    bool hdm_db;                /* back-invalidate: device coherence */
    bool bi_link;               /* the link has flits that carry it */
    /*
     * Type 2: dvsec.cache is set, memory is device coherent, and who holds it
     * is kept (core/bias.h).
     */
    bool accelerator;
    bool no_mailbox;            /* the host sees no device registers */
    CxlDvsecConfig dvsec;
    uint8_t component_bar;      /* whose whole is the component block */
    uint8_t device_bar;         /* whose whole is the device register block */
    uint8_t cdat_msgnum;        /* 0..15 */
    uint8_t compliance_msgnum;  /* 0..15 */
    bool uio;                   /* decoders take unordered I/O */
    CxlMemoryPerf perf[CXL_MEMORY_KINDS];
    /*
     * Bytes of memory at DPA 0 while no logical device is attached; of an
     * accelerator, how much there is in any case: > 0
     */
    uint64_t memory;
} CxlEndpointConfig;

/* What an endpoint asks beside CxlHostOps; same rules, same opaque */
typedef struct CxlEndpointOps {
    /* Signal on the bus (AER) what the RAS registers recorded; never NONE. */
    void (*error)(void *opaque, CxlRasSignal signal);
    /*
     * Decoders were committed or released, ranges or enables moved: mappings
     * that are no longer right are gone when this returns.
     */
    void (*decode_changed)(void *opaque);
    /* Component register @name does not let the guest change @bits. */
    void (*ignored)(void *opaque, const char *name, uint64_t bits);
} CxlEndpointOps;

/*
 * The configuration is in range, or it is our defect.  @config is copied, the
 * rest must outlive the endpoint.  No callback runs before this returns.
 */
CxlEndpoint *cxl_endpoint_new(const CxlEndpointConfig *config,
                              const CxlHostOps *ops,
                              const CxlEndpointOps *endpoint_ops,
                              void *opaque);
/* With the logical device, if there is one. */
void cxl_endpoint_free(CxlEndpoint *ep);

/*
 * What a logical device that will be attached has to be created with: time,
 * messages and traces go through the endpoint, media are whose @store is.
 */
CxlWorld cxl_endpoint_world(CxlEndpoint *ep, const CxlMediaOps *store,
                            void *store_opaque);
/* Once, before anything else is asked of the endpoint; it owns @ld then. */
void cxl_endpoint_attach(CxlEndpoint *ep, CxlMemdev *ld);
/* The logical device, for the functions of core/device.h; or NULL. */
CxlMemdev *cxl_endpoint_ld(CxlEndpoint *ep);
/* Who holds its memory, for cxl_bias_device() and queries; or NULL. */
CxlBias *cxl_endpoint_bias(CxlEndpoint *ep);
/* The model carries out an access of the host, or is about to. */
void cxl_endpoint_host_accessed(CxlEndpoint *ep, uint64_t dpa, uint64_t len);

/*
 * A memory device: endpoint and logical device.  NULL and an allocated
 * sentence in *@problem if the latter cannot be.  In cci/profiles.c.
 */
CxlEndpoint *cxl_type3_new(const CxlEndpointConfig *config,
                           const CxlMemdevConfig *ld, const CxlHostOps *ops,
                           const CxlEndpointOps *endpoint_ops, void *opaque,
                           const CxlMediaOps *store, void *store_opaque,
                           char **problem);

/*
 * Take the file @path, the value of property "cdat", as the attribute table.
 * NULL, or an allocated sentence; *@sum, which is freed before, becomes the
 * SHA-256 of the file.
 */
char *cxl_endpoint_load_cdat(CxlEndpoint *ep, const char *path, char **sum);

/* All that a reset of that kind does to the endpoint and what it holds. */
void cxl_endpoint_reset(CxlEndpoint *ep, CxlResetKind kind);

/* To be called when the timer of CxlHostOps expires. */
void cxl_endpoint_timer(CxlEndpoint *ep);

/* --- registers: any offset, any @size from 1 to 8; holes read zero ------ */

/* The component block of CXL_COMP_BLOCK_LEN bytes, CXL r3.1 8.2.3 */
uint64_t cxl_endpoint_component_read(CxlEndpoint *ep, uint64_t offset,
                                     unsigned size);
void cxl_endpoint_component_write(CxlEndpoint *ep, uint64_t offset,
                                  uint64_t value, unsigned size);

/* --- configuration space ------------------------------------------------ */

/*
 * The extended capabilities of the endpoint, in the order of their chain;
 * whoever has the bus writes the chain and the first four bytes of each.
 */
unsigned cxl_endpoint_caps(const CxlEndpoint *ep);
CxlConfigCap cxl_endpoint_cap(const CxlEndpoint *ep, unsigned n);
/*
 * Bytes of @value that are the endpoint's are replaced by it: @len is 1 to 4,
 * @addr counts from the start of configuration space.
 */
uint32_t cxl_endpoint_config_read(CxlEndpoint *ep, uint32_t addr,
                                  uint32_t value, unsigned len);
/* What of it is not the endpoint's is ignored. */
void cxl_endpoint_config_write(CxlEndpoint *ep, uint32_t addr,
                               uint32_t value, unsigned len);
/* The bits of byte @addr that never change. */
uint8_t cxl_endpoint_config_fixed(const CxlEndpoint *ep, uint32_t addr);

/* --- the path of host accesses, as in core/decode.h --------------------- */

bool cxl_endpoint_mem_enabled(const CxlEndpoint *ep);
bool cxl_endpoint_range(const CxlEndpoint *ep, unsigned n, uint64_t *hpa,
                        uint64_t *size, uint64_t *dpa);
bool cxl_endpoint_hdm_enabled(const CxlEndpoint *ep);
const CxlHdm *cxl_endpoint_hdm(const CxlEndpoint *ep);
unsigned cxl_endpoint_decoders(const CxlEndpoint *ep);
/* A copy of decoder @n, and why its last commit was refused. */
CxlHdmError cxl_endpoint_decoder(const CxlEndpoint *ep, unsigned n,
                                 CxlHdmDecoder *out);
/* The decoder that maps device address @dpa, or -1. */
int cxl_endpoint_decoder_of(const CxlEndpoint *ep, uint64_t dpa);
bool cxl_endpoint_mapped(const CxlEndpoint *ep, uint64_t dpa, uint64_t len);

/* --- errors of the link ------------------------------------------------- */

/* Record @n errors; the worst of them is signalled. */
void cxl_endpoint_uncorrectable(CxlEndpoint *ep, const CxlRasRecord *errors,
                                unsigned n);
void cxl_endpoint_correctable(CxlEndpoint *ep, unsigned bit);
/* Its RAS registers, for firmware */
CxlRas *cxl_endpoint_ras(CxlEndpoint *ep);
/* What an endpoint answers to a compliance request; see compliance.h. */
bool cxl_endpoint_compliance(unsigned code, CxlComplianceTest *test);
void cxl_endpoint_errors(const CxlEndpoint *ep, CxlRasErrors *out);

/* --- saved state -------------------------------------------------------- */

/* No configuration has more saved state than this, however it is used. */
#define CXL_ENDPOINT_SAVED_MAX (CXL_MEMDEV_SAVED_MAX + 64 * KiB)

/*
 * As with cxl_memdev_save() and cxl_memdev_load(), for the whole endpoint: the
 * state of the logical device is a part of it.
 */
void cxl_endpoint_save(const CxlEndpoint *ep, GByteArray *out);
bool cxl_endpoint_load(CxlEndpoint *ep, const uint8_t *bytes, size_t len,
                       char **problem);

/*
 * What a memory device had beside the state of its logical device when these
 * were still two, and the latter (@bytes) was a stream of its own.
 */
typedef struct CxlEndpointFirst {
    uint64_t hdm_locked;        /* bit 1 + n: decoder n */
    uint8_t hdm[CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)];
    uint64_t dpa[CXL_HDM_DEVICE_MAX];
    uint8_t error[CXL_HDM_DEVICE_MAX];
    bool bi_enabled;
    uint8_t ras[CXL_RAS_LEN];
    uint32_t queued;
    CxlRasRecord queue[CXL_RAS_QUEUE_MAX];
    uint64_t bi_locked;
    uint8_t bi[CXL_BI_LEN];
    Doe doe_cdat, doe_compliance;
    uint32_t cdat_sequence;
    int64_t reset_end;          /* virtual clock, ns; -1: none runs */
    const uint8_t *config;      /* 4 KiB of configuration space */
} CxlEndpointFirst;

bool cxl_endpoint_load_first(CxlEndpoint *ep, const CxlEndpointFirst *first,
                             const uint8_t *bytes, size_t len, char **problem);

/* NULL, or the name of a broken invariant; for tests and fuzzers. */
const char *cxl_endpoint_check(const CxlEndpoint *ep);

#endif /* HW_CXL_CORE_ENDPOINT_H */
