/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An endpoint is put together, and answers its bus: registers and
 * configuration space.  The contract is in endpoint.h.
 *
 * Other subjects are in files of their own: time and errors in
 * endpoint-host.c, the data objects in endpoint-doe.c, reset in
 * endpoint-reset.c, saved state in endpoint-save.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/endpoint-parts.h"
#include "hw/cxl/core/memdev.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlEndpoint) != 28928 && sizeof(void *) == 8);

/*
 * Extended configuration space, in the order of the chain; the offsets of the
 * stock device are kept.
 */
#define SERIAL_CAP_ID   0x03    /* PCIe r6.0 7.9.3 */
#define SERIAL_AT       0x100
#define SERIAL_LEN      0x0c
#define DOE_CDAT_AT     0x190
#define DOE_COMP_AT     0x1b0
#define CAP_HEADER      4       /* bytes that are the bus's */

static void hdm_changed(void *opaque, int decoder, bool committed)
{
    CxlEndpoint *ep = opaque;

    ep->ops->trace(ep->opaque, CXL_TRACE_DECODER, decoder, committed, 0);
    ep->endpoint_ops->decode_changed(ep->opaque);
}

static void ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlEndpoint *ep = opaque;

    ep->endpoint_ops->ignored(ep->opaque, w->row->name, bits);
}

static const CxlHdmOps hdm_ops = { .changed = hdm_changed, .ignored = ignored };

static void init_decode(CxlEndpoint *ep)
{
    ep->decode = (CxlDecode) {
        .hdm = &ep->component.hdm, .dvsec = &ep->dvsec, .cdat = &ep->cdat,
    };
    memcpy(ep->decode.perf, ep->config.perf, sizeof(ep->decode.perf));
}

static uint8_t coherency(const CxlEndpointConfig *config)
{
    if (config->accelerator) {
        return CXL_HDM_COHERENCY_DEVICE;
    }
    return config->hdm_db ? CXL_HDM_COHERENCY_BOTH
                          : CXL_HDM_COHERENCY_UNKNOWN;
}

/* Of its own, and attached to memory that is its own */
static void init_accelerator(CxlEndpoint *ep)
{
    assert(ep->config.dvsec.cache == ep->config.accelerator);
    if (ep->config.accelerator) {
        ep->bias = cxl_bias_new(ep->config.memory);
        ep->cdat.initiator = true;
    }
}

static bool has_serial(const CxlEndpoint *ep)
{
    return ep->config.serial != UINT64_MAX;
}

CxlEndpoint *cxl_endpoint_new(const CxlEndpointConfig *config,
                              const CxlHostOps *ops,
                              const CxlEndpointOps *endpoint_ops,
                              void *opaque)
{
    CxlHdmConfig hdm = {
        .decoders = config->hdm_decoders,
        .uio_decoders = config->uio ? config->hdm_decoders : 0,
        .bi = config->hdm_db,
        .bi_link = config->bi_link,
        .coherency = coherency(config),
    };
    CxlEndpoint *ep = g_new0(CxlEndpoint, 1);

    ep->config = *config;
    ep->ops = ops;
    ep->endpoint_ops = endpoint_ops;
    ep->opaque = opaque;
    ep->ld_due = ep->reset_due = INT64_MAX;
    cxl_component_init(&ep->component, &hdm, &hdm_ops, ep);
    cxl_dvsec_init(&ep->dvsec, &config->dvsec,
                   SERIAL_AT + (has_serial(ep) ? SERIAL_LEN : 0));
    cxl_dvsec_set_locator(&ep->dvsec, 0,
                          CXL_LOCATOR_ENTRY(CXL_LOCATOR_COMPONENT,
                                            config->component_bar));
    cdat_init(&ep->cdat);
    init_accelerator(ep);
    init_decode(ep);
    cxl_endpoint_doe_init(ep, CXL_DOE_CDAT, DOE_CDAT_AT, config->cdat_msgnum);
    cxl_endpoint_doe_init(ep, CXL_DOE_COMPLIANCE, DOE_COMP_AT,
                          config->compliance_msgnum);
    cxl_endpoint_memory_changed(ep);
    return ep;
}

void cxl_endpoint_free(CxlEndpoint *ep)
{
    if (ep->ld) {
        cxl_memdev_free(ep->ld);
    }
    cdat_destroy(&ep->cdat);
    cxl_bias_unref(ep->bias);
    g_free(ep);
}

void cxl_endpoint_attach(CxlEndpoint *ep, CxlMemdev *ld)
{
    uint64_t pmu = cxl_memdev_regs_pmu(ld);
    uint64_t chmu = cxl_memdev_regs_chmu(ld);

    assert(!ep->ld);
    ep->ld = ld;
    if (!ep->config.no_mailbox) {
        cxl_dvsec_set_locator(&ep->dvsec, 1,
                              CXL_LOCATOR_ENTRY(CXL_LOCATOR_DEVICE,
                                                ep->config.device_bar));
    }
    if (pmu) {
        cxl_dvsec_set_locator(&ep->dvsec, 2,
                              CXL_LOCATOR_ENTRY(CXL_LOCATOR_CPMU,
                                                ep->config.device_bar) | pmu);
    }
    if (chmu) {
        cxl_dvsec_set_locator(&ep->dvsec, 3,
                              CXL_LOCATOR_ENTRY(CXL_LOCATOR_CHMU,
                                                ep->config.device_bar) | chmu);
    }
    ld->decode = &ep->decode;
    cxl_memdev_tell_memory(ld);
}

CxlMemdev *cxl_endpoint_ld(CxlEndpoint *ep)
{
    return ep->ld;
}

CxlBias *cxl_endpoint_bias(CxlEndpoint *ep)
{
    return ep->bias;
}

void cxl_endpoint_host_accessed(CxlEndpoint *ep, uint64_t dpa, uint64_t len)
{
    if (ep->bias) {
        cxl_bias_host(ep->bias, dpa, len);
    }
}

char *cxl_endpoint_load_cdat(CxlEndpoint *ep, const char *path, char **sum)
{
    return cdat_load_file(&ep->cdat, "cdat", path, sum);
}

/*
 * Of the component block, CXL r3.1 Table 8-21, an endpoint has the
 * CXL.cache/mem range, and an accelerator something in the one that is ours.
 * The rest reads zero.
 */
static bool in_cachemem(uint64_t offset, unsigned size)
{
    return offset >= CXL_COMP_CACHEMEM &&
           offset <= CXL_COMP_CACHEMEM + CXL_COMP_CACHEMEM_LEN - size;
}

static bool in_bias(const CxlEndpoint *ep, uint64_t offset, unsigned size)
{
    return ep->bias && offset >= CXL_COMP_BIAS &&
           offset <= CXL_COMP_BIAS + CXL_BIAS_LEN - size;
}

static void trace_bias(CxlEndpoint *ep)
{
    CxlBias *b = ep->bias;

    ep->ops->trace(ep->opaque, CXL_TRACE_BIAS,
                   cxl_bias_read(b, CXL_BIAS_COMMAND, 4), b->status,
                   b->result);
}

uint64_t cxl_endpoint_component_read(CxlEndpoint *ep, uint64_t offset,
                                     unsigned size)
{
    if (in_bias(ep, offset, size)) {
        return cxl_bias_read(ep->bias, offset - CXL_COMP_BIAS, size);
    }
    return in_cachemem(offset, size) ?
           cxl_component_read(&ep->component, offset - CXL_COMP_CACHEMEM,
                              size) : 0;
}

void cxl_endpoint_component_write(CxlEndpoint *ep, uint64_t offset,
                                  uint64_t value, unsigned size)
{
    if (in_bias(ep, offset, size)) {
        if (cxl_bias_write(ep->bias, offset - CXL_COMP_BIAS, value, size)) {
            trace_bias(ep);
        }
    } else if (in_cachemem(offset, size)) {
        cxl_component_write(&ep->component, offset - CXL_COMP_CACHEMEM, value,
                            size);
        cxl_endpoint_ask_as_enabled(ep);
    }
}

unsigned cxl_endpoint_caps(const CxlEndpoint *ep)
{
    return has_serial(ep) + CXL_DVSECS - !ep->dvsec.cap[CXL_DVSEC_MAP].offset +
           CXL_DOES;
}

CxlConfigCap cxl_endpoint_cap(const CxlEndpoint *ep, unsigned n)
{
    if (has_serial(ep) && !n) {
        return (CxlConfigCap) { SERIAL_AT, SERIAL_LEN, SERIAL_CAP_ID, 1 };
    }
    n -= has_serial(ep);
    if (n < CXL_DVSECS && ep->dvsec.cap[n].offset) {
        return ep->dvsec.cap[n];
    }
    n -= CXL_DVSECS - !ep->dvsec.cap[CXL_DVSEC_MAP].offset;
    return (CxlConfigCap) {
        ep->doe[n].offset, DOE_EXT_CAP_LEN, DOE_EXT_CAP_ID, 1,
    };
}

/* Who answers for byte @addr, and where in it that is */
typedef enum Part { PART_NONE, PART_SERIAL, PART_DVSEC, PART_DOE } Part;

static Part part_of(const CxlEndpoint *ep, uint32_t addr, unsigned *n,
                    unsigned *offset)
{
    *n = 0;
    *offset = 0;
    if (has_serial(ep) && addr - SERIAL_AT < SERIAL_LEN &&
        addr - SERIAL_AT >= CAP_HEADER) {
        *offset = addr - SERIAL_AT;
        return PART_SERIAL;
    }
    for (*n = 0; *n < CXL_DVSECS; (*n)++) {
        const CxlConfigCap *cap = &ep->dvsec.cap[*n];

        *offset = addr - cap->offset;
        if (cap->offset && *offset < cap->len && *offset >= CAP_HEADER) {
            return PART_DVSEC;
        }
    }
    for (*n = 0; *n < CXL_DOES; (*n)++) {
        *offset = addr - ep->doe[*n].offset;
        if (*offset < DOE_EXT_CAP_LEN && *offset >= CAP_HEADER) {
            return PART_DOE;
        }
    }
    return PART_NONE;
}

static uint8_t doe_byte(const CxlEndpointDoe *d, unsigned offset)
{
    uint32_t cap = DOE_CAP_INTR | DOE_CAP_VECTOR(d->msgnum);

    return offset < DOE_REG_CTRL ? extract32(cap, 8 * (offset % 4), 8)
                                 : doe_read(&d->doe, offset, 1);
}

uint32_t cxl_endpoint_config_read(CxlEndpoint *ep, uint32_t addr,
                                  uint32_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        unsigned n, offset;
        uint8_t byte;

        switch (part_of(ep, addr + i, &n, &offset)) {
        case PART_SERIAL:
            byte = extract64(ep->config.serial, 8 * (offset - CAP_HEADER), 8);
            break;
        case PART_DVSEC:
            byte = cxl_dvsec_read(&ep->dvsec, n, offset, 1);
            break;
        case PART_DOE:
            byte = doe_byte(&ep->doe[n], offset);
            break;
        default:
            continue;
        }
        value = deposit32(value, 8 * i, 8, byte);
    }
    return value;
}

/* How many of @len bytes from @addr are in the same dword of the same part */
static unsigned run_of(const CxlEndpoint *ep, uint32_t addr, unsigned len)
{
    unsigned run = 1, n, offset, other;
    Part part = part_of(ep, addr, &n, &offset);

    while (run < len && (addr + run) % 4) {
        if (part_of(ep, addr + run, &other, &offset) != part ||
            (part != PART_NONE && part != PART_SERIAL && other != n)) {
            break;
        }
        run++;
    }
    return run;
}

/* Registers see the bytes that they have of an access at once. */
static unsigned write_run(CxlEndpoint *ep, uint32_t addr, uint32_t value,
                          unsigned len)
{
    unsigned n, offset;

    switch (part_of(ep, addr, &n, &offset)) {
    case PART_DVSEC:
        return cxl_dvsec_write(&ep->dvsec, n, offset, value, len);
    case PART_DOE:
        if (offset >= DOE_REG_CTRL) {
            doe_write(&ep->doe[n].doe, offset, value, len);
        }
        return 0;
    default:
        return 0;
    }
}

void cxl_endpoint_config_write(CxlEndpoint *ep, uint32_t addr,
                               uint32_t value, unsigned len)
{
    unsigned did = 0;

    for (unsigned at = 0, run; at < len; at += run) {
        run = run_of(ep, addr + at, len - at);
        did |= write_run(ep, addr + at, extract32(value, 8 * at, 8 * run),
                         run);
    }
    if (did & (CXL_DVSEC_DID_MEM_ENABLE | CXL_DVSEC_DID_RANGE)) {
        ep->endpoint_ops->decode_changed(ep->opaque);
    }
    if (did & CXL_DVSEC_DID_RESET) {
        cxl_endpoint_reset(ep, cxl_dvsec_mem_clear(&ep->dvsec) ?
                           CXL_RESET_CXL_CLEAR : CXL_RESET_CXL);
    }
}

uint8_t cxl_endpoint_config_fixed(const CxlEndpoint *ep, uint32_t addr)
{
    unsigned n, offset;

    switch (part_of(ep, addr, &n, &offset)) {
    case PART_DVSEC:
        return cxl_dvsec_fixed(&ep->dvsec, n, offset);
    case PART_DOE:
        return offset < DOE_REG_CTRL ? 0xff : 0;
    default:
        return 0xff;
    }
}

bool cxl_endpoint_mem_enabled(const CxlEndpoint *ep)
{
    return cxl_decode_enabled(&ep->decode);
}

bool cxl_endpoint_range(const CxlEndpoint *ep, unsigned n, uint64_t *hpa,
                        uint64_t *size, uint64_t *dpa)
{
    return cxl_decode_range(&ep->decode, n, hpa, size, dpa);
}

const CxlHdm *cxl_endpoint_hdm(const CxlEndpoint *ep)
{
    return &ep->component.hdm;
}

bool cxl_endpoint_hdm_enabled(const CxlEndpoint *ep)
{
    return cxl_hdm_enabled(&ep->component.hdm);
}

unsigned cxl_endpoint_decoders(const CxlEndpoint *ep)
{
    return ep->config.hdm_decoders;
}

CxlHdmError cxl_endpoint_decoder(const CxlEndpoint *ep, unsigned n,
                                 CxlHdmDecoder *out)
{
    cxl_hdm_decoder(&ep->component.hdm, n, out);
    return cxl_hdm_last_error(&ep->component.hdm, n);
}

int cxl_endpoint_decoder_of(const CxlEndpoint *ep, uint64_t dpa)
{
    return cxl_hdm_by_dpa(&ep->component.hdm, dpa);
}

bool cxl_endpoint_mapped(const CxlEndpoint *ep, uint64_t dpa, uint64_t len)
{
    return cxl_decode_mapped(&ep->decode, dpa, len);
}

const char *cxl_endpoint_check(const CxlEndpoint *ep)
{
    const char *wrong = cxl_component_check(&ep->component);

    wrong = wrong ?: cxl_dvsec_check(&ep->dvsec);
    wrong = wrong ?: cdat_check(&ep->cdat);
    wrong = wrong ?: ep->bias ? cxl_bias_check(ep->bias) : NULL;
    if (!wrong && ep->bias &&
        ep->bias->snooping != ep->component.hdm.bi_enabled) {
        wrong = "snoops that are not enabled, or are and not sent";
    }
    for (unsigned i = 0; i < CXL_DOES && !wrong; i++) {
        wrong = doe_check(&ep->doe[i].doe);
        if (!wrong && ep->doe[i].doe.busy != (ep->doe[i].due != INT64_MAX)) {
            wrong = "an answer that nobody waits for";
        }
    }
    if (!wrong && ep->ld) {
        wrong = cxl_memdev_check(ep->ld);
    }
    return wrong;
}
