/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type `sdxi`: properties, PCI face, life cycle.  It composes rooms;
 * registers and doorbells are in mmio.c, guest memory and interrupts in
 * hostops.c, the thread in worker.c, and all behaviour in core/.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/resettable.h"
#include "system/runstate.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "trace.h"

/* 1.0, PCI Code and ID Assignment r1.14 1.19: SDXI, prog-if 00h */
#define SDXI_PCI_CLASS          0x1201

/*
 * SDXI is found by class code, so any id will do.  This one is not assigned
 * in QEMU's table of ids; docs/sdxi/index.md says how to change it.
 */
#define SDXI_PCI_DEVICE_ID      0x00d5

/* Units of one sdxi_device_run(): some 1 ms, unless somebody waits. */
#define SDXI_PORTION            (8 * MiB)

#define SDXI_PCI_MSIX_BAR       4
#define SDXI_PCI_CAP_EXPRESS    0x80
#define SDXI_PCI_CAP_AER        0x100
#define SDXI_PCI_CAP_ATS        0x1a0
#define SDXI_PCI_CAP_DOE        0x1d0
/* With VFs: QEMU's reset of SR-IOV clears four bytes behind that capability. */
#define SDXI_PCI_CAP_ATS_PF     0x220

/* ---- properties ---- */

/* One row: what is accepted, and what -device sdxi,help says about it. */
typedef struct SdxiRange {
    const char *name;
    size_t offset;
    uint64_t min, max;
    bool power_of_2;
    bool zero;                  /* 0 is accepted too */
    const char *description;
} SdxiRange;

#define RANGE(name_, field, min_, max_, pow2, zero_, text)              \
    { .name = name_, .offset = offsetof(SdxiPci, prop.field),        \
      .min = min_, .max = max_, .power_of_2 = pow2, .zero = zero_,      \
      .description = text }

static const SdxiRange sdxi_ranges[] = {
    RANGE("contexts", contexts, 1, SDXI_CONTEXTS_MAX, false, false,
          "number of contexts, the administrative one included "
          "(1 to 65536)"),
    RANGE("max-ring", max_ring, 1024, 4 * GiB, true, false,
          "descriptors in the largest ring (power of two, 1K to 4G)"),
    RANGE("doorbell-stride", doorbell_stride, 4 * KiB, 512 * KiB, true, false,
          "bytes between doorbells (power of two, 4K to 512K)"),
    RANGE("max-buffer", max_buffer, 2 * MiB, 4 * GiB, true, false,
          "bytes in the largest data buffer (power of two, 2M to 4G)"),
    RANGE("akeys", akeys, 256, 65536, true, false,
          "entries in the largest AKey table (power of two, 256 to 65536)"),
    RANGE("rkeys", rkeys, 256, 65536, true, true,
          "entries in the largest RKey table (power of two, 256 to 65536; "
          "0: no RKeys)"),
    RANGE("errlog", errlog, 64, 2 * MiB, true, false,
          "entries in the largest error log (power of two, 64 to 2M)"),
    RANGE("sfunc", sfunc, 1, UINT16_MAX, false, true,
          "function handle, unique in its group (1 to 65535; 0: the lowest "
          "free one)"),
    RANGE("vectors", vectors, 2, SDXI_VECTORS_MAX, false, true,
          "MSI-X vectors (2 to 2048; 0: contexts + 1, at most 2048)"),
    RANGE("workers", workers, 1, SDXI_WORKERS_MAX, false, false,
          "threads that run contexts side by side (1 to 16)"),
    RANGE("vfs", vfs, 1, UINT8_MAX, false, true,
          "SR-IOV virtual functions (0 to 255; PCI Express only)"),
    RANGE("latency", latency, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in ns (0 to 65534; 0: "
          "nothing)"),
    RANGE("bandwidth", bandwidth, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in MB/s (0 to 65534; 0: "
          "nothing)"),
};

static bool sdxi_check_range(SdxiPci *s, const SdxiRange *r, Error **errp)
{
    uint64_t v = *(uint64_t *)((char *)s + r->offset);

    if (r->zero && !v) {
        return true;
    }
    if (v < r->min || v > r->max || (r->power_of_2 && !is_power_of_2(v))) {
        error_setg(errp, "property '%s': value %" PRIu64 " is out of range; "
                   "accepted: %s%" PRIu64 " to %" PRIu64 "%s", r->name, v,
                   r->zero ? "0 or " : "", r->min, r->max,
                   r->power_of_2 ? ", a power of two" : "");
        return false;
    }
    return true;
}

static bool sdxi_check_properties(SdxiPci *s, Error **errp)
{
    for (int i = 0; i < ARRAY_SIZE(sdxi_ranges); i++) {
        if (!sdxi_check_range(s, &sdxi_ranges[i], errp)) {
            return false;
        }
    }
    if (s->prop.vendor_id == UINT16_MAX) {
        error_setg(errp, "property 'vendor-id': value 0xffff means that no "
                   "device is there; accepted: 0 to 0xfffe");
        return false;
    }
    if (s->prop.iothread && s->prop.workers > 1) {
        error_setg(errp, "property 'workers': value %" PRIu64 " needs threads "
                   "of its own; accepted with 'iothread': 1", s->prop.workers);
        return false;
    }
    s->vectors = s->prop.vectors;
    if (!s->vectors) {
        s->vectors = MIN(s->prop.contexts + 1, SDXI_VECTORS_MAX);
    }
    return true;
}

static bool sdxi_choose_sfunc(SdxiPci *s, Error **errp)
{
    if (s->prop.sfunc) {
        if (sdxi_pci_find(s->prop.group, s->prop.sfunc)) {
            error_setg(errp, "property 'sfunc': value %" PRIu64 " is taken by "
                       "another function of the same group; accepted: 1 to "
                       "65535, unique, or 0 to choose", s->prop.sfunc);
            return false;
        }
        s->sfunc = s->prop.sfunc;
        return true;
    }
    for (unsigned n = 1; n <= UINT16_MAX; n++) {
        if (!sdxi_pci_find(s->prop.group, n)) {
            s->sfunc = n;
            return true;
        }
    }
    error_setg(errp, "property 'sfunc': all 65535 handles of the group are "
               "taken");
    return false;
}

/* What the core cannot do after all is the user's business too. */
static bool sdxi_make_config(SdxiPci *s, SdxiConfig *config, Error **errp)
{
    SdxiConfigError err;

    s->upstream = sdxi_peers_switch(PCI_DEVICE(s));
    *config = (SdxiConfig) {
        .contexts = s->prop.contexts,
        .vectors = s->vectors,
        .max_ring = s->prop.max_ring,
        .max_buffer = s->prop.max_buffer,
        .doorbell_stride = s->prop.doorbell_stride,
        .akeys = s->prop.akeys,
        .rkeys = s->prop.rkeys,
        .errlog = s->prop.errlog,
        .groups = sdxi_profile_groups(&sdxi_profile_standard,
                                      s->prop.x_atomics),
        .sfunc = s->sfunc,
        .vf = pci_is_vf(PCI_DEVICE(s)),
        .errlog_shift = s->prop.x_errlog_shift,
        .switched = s->upstream,
    };
    if (!sdxi_config_check(config, &sdxi_profile_standard, &err)) {
        error_setg(errp, "property '%s': value %" PRIu64 " is out of range; "
                   "accepted: %s", err.property, err.value, err.accepted);
        return false;
    }
    return true;
}

/* ---- PCI ---- */

static bool sdxi_init_msix(SdxiPci *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (msix_init_exclusive_bar(pci, s->vectors, SDXI_PCI_MSIX_BAR, errp)) {
        error_prepend(errp, "MSI-X, which SDXI needs: ");
        return false;
    }
    for (unsigned n = 0; n < s->vectors; n++) {
        msix_vector_use(pci, n);
    }
    return true;
}

/* D0 and D3hot; nothing is lost on the way back. */
static bool sdxi_init_pm(PCIDevice *pci, Error **errp)
{
    uint8_t *pm = pci->config + SDXI_PCI_CAP_PM;

    if (pci_pm_init(pci, SDXI_PCI_CAP_PM, errp) < 0) {
        return false;
    }
    pci_set_word(pm + PCI_PM_PMC, PCI_PM_CAP_VER_1_2);
    pci_set_word(pm + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
    pci_set_word(pci->wmask + SDXI_PCI_CAP_PM + PCI_PM_CTRL,
                 PCI_PM_CTRL_STATE_MASK);
    return true;
}

static bool sdxi_init_pci(SdxiPci *s, uint64_t doorbell_bytes, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    pci_config_set_vendor_id(pci->config, s->prop.vendor_id);
    pci_config_set_device_id(pci->config, s->prop.device_id);
    sdxi_mmio_init(s, doorbell_bytes);
    pci_register_bar(pci, 0, SDXI_BAR_TYPE, &s->regs);
    pci_register_bar(pci, 2, SDXI_BAR_TYPE, &s->doorbells);
    if (!sdxi_init_msix(s, errp)) {
        return false;
    }
    if (!sdxi_init_pm(pci, errp)) {
        return false;
    }
    if (pci_bus_is_express(pci_get_bus(pci))) {
        if (pcie_endpoint_cap_init(pci, SDXI_PCI_CAP_EXPRESS) < 0) {
            error_setg(errp, "no room for the PCI Express capability");
            return false;
        }
        pcie_cap_flr_init(pci);
        pcie_cap_deverr_init(pci);
        if (pcie_aer_init(pci, PCI_ERR_VER, SDXI_PCI_CAP_AER, PCI_ERR_SIZEOF,
                          errp)) {
            return false;
        }
        if (s->prop.vfs || pci_is_vf(pci)) {
            sdxi_sriov_init_ari(pci);
        }
        if (s->prop.cdat) {
            sdxi_cdat_init(&s->cdat, pci, SDXI_PCI_CAP_DOE, s->prop.latency,
                           s->prop.bandwidth, sdxi_out_raise_doe);
        }
    } else if (s->prop.pasid) {
        error_setg(errp, "property 'pasid': value on needs a PCI Express bus; "
                   "accepted here: off");
        return false;
    }
    return !s->prop.pasid ||
           sdxi_pasid_init(&s->pasid, pci, &s->worker,
                           s->prop.vfs ? SDXI_PCI_CAP_ATS_PF
                                       : SDXI_PCI_CAP_ATS, errp);
}

static uint32_t sdxi_read_config(PCIDevice *pci, uint32_t addr, int len)
{
    return doe_port_config_read(&SDXI_PCI(pci)->cdat.port, addr,
                                    pci_default_read_config(pci, addr, len),
                                    len);
}

/*
 * Asleep it does nothing that anybody could see; in the middle of it, soon.
 * False: a message of the last moment removed it.
 */
static bool sdxi_settle_down(SdxiPci *s)
{
    if (sdxi_worker_enter(&s->worker)) {
        sdxi_worker_leave(&s->worker);
    }
    return sdxi_out_messages(s);
}

static void sdxi_write_config(PCIDevice *pci, uint32_t addr, uint32_t val,
                              int len)
{
    SdxiPci *s = SDXI_PCI(pci);
    bool awake = !s->shown.asleep;

    if (!sdxi_out_config(s, addr, val, len)) {
        return;
    }
    doe_port_config_write(&s->cdat.port, addr, val, len);
    sdxi_pci_show(s);
    if (awake && s->shown.asleep && !sdxi_settle_down(s)) {
        return;
    }
    /* Work that waited for bus mastering, or for D0, may go on. */
    sdxi_worker_kick(&s->worker);
}

/* ---- life cycle ---- */

static void sdxi_vm_change(void *opaque, bool running, RunState state)
{
    SdxiPci *s = opaque;

    if (qatomic_read(&s->gone)) {
        return;
    }
    if (running) {
        /* Only now is it certain that no I/O MMU is added any more. */
        sdxi_pci_show(s);
        sdxi_worker_resume(&s->worker);
        return;
    }
    sdxi_worker_pause(&s->worker);
    sdxi_out_messages(s);
}

/* Not in exit: who tells of a stop may be walking the list below us. */
static void sdxi_forget_vm_bh(void *opaque)
{
    SdxiPci *s = opaque;

    qemu_del_vm_change_state_handler(s->vm_change);
    object_unref(OBJECT(s));
}

static void sdxi_release(SdxiPci *s)
{
    PCIDevice *pci = PCI_DEVICE(s);

    sdxi_cdat_exit(&s->cdat);
    if (pci->exp.aer_cap) {
        pcie_aer_exit(pci);
    }
    if (pci->exp.exp_cap) {
        pcie_cap_exit(pci);
    }
    msix_uninit_exclusive_bar(pci);
}

/* Several threads: one context to each; see core/run.c. */
static SdxiWorkerDone sdxi_pick(SdxiPci *s, unsigned thread, bool fresh,
                                bool *others)
{
    switch (sdxi_lane_pick(s->seat[thread].lane, fresh, others)) {
    case SDXI_PICK_WORK:
        return SDXI_WORKER_JOB;
    case SDXI_PICK_AGAIN:
        return SDXI_WORKER_MORE;
    default:
        return SDXI_WORKER_IDLE;
    }
}

static void sdxi_look_for_peers(void *opaque)
{
    SdxiSeat *seat = opaque;

    if (!qatomic_read(&seat->s->gone)) {
        sdxi_peers_look(&seat->peers, PCI_DEVICE(seat->s), seat->s->upstream);
    }
}

/* What goes to whom is looked up before anything goes. */
static void sdxi_begin(SdxiSeat *seat)
{
    if (seat->s->upstream && sdxi_peers_stale(&seat->peers)) {
        sdxi_worker_access(&seat->s->worker, sdxi_look_for_peers, seat);
    }
    sdxi_dma_spans_begin(&seat->spans);
}

static SdxiWorkerDone sdxi_portion(void *opaque, unsigned thread, bool fresh,
                                   bool *others)
{
    SdxiPci *s = opaque;
    SdxiWorkerDone done;

    if (qatomic_read(&s->reset_deferred)) {
        if (!sdxi_device_drained(s->core)) {
            return SDXI_WORKER_IDLE;    /* whoever comes back last looks */
        }
        qatomic_set(&s->reset_deferred, false);
        sdxi_device_reset(s->core);
    }
    if (qatomic_read(&s->shown.asleep)) {
        return SDXI_WORKER_IDLE;
    }
    sdxi_begin(&s->own);
    if (s->prop.workers > 1) {
        done = sdxi_pick(s, thread, fresh, others);
    } else {
        done = sdxi_device_run(s->core, SDXI_PORTION) ? SDXI_WORKER_MORE
                                                      : SDXI_WORKER_IDLE;
    }
    sdxi_dma_spans_end(&s->own.spans);
    return done;
}

static void sdxi_job(void *opaque, unsigned thread)
{
    SdxiPci *s = opaque;
    SdxiSeat *seat = &s->seat[thread];

    sdxi_begin(seat);
    sdxi_lane_work(seat->lane);
    sdxi_dma_spans_end(&seat->spans);
}

static void sdxi_job_done(void *opaque, unsigned thread)
{
    SdxiPci *s = opaque;

    sdxi_lane_put(s->seat[thread].lane);
}

static const SdxiWorkerCalls sdxi_worker_calls = {
    .portion = sdxi_portion,
    .job = sdxi_job,
    .job_done = sdxi_job_done,
};

/* False: threads of it, or of peers, wait for what this thread does now. */
static bool sdxi_finish(SdxiPci *s)
{
    if (!sdxi_functions_settle() || !sdxi_worker_join(&s->worker)) {
        return false;
    }
    sdxi_out_exit(s);
    s->ending = false;
    return true;
}

static void sdxi_finish_bh(void *opaque)
{
    SdxiPci *s = opaque;

    if (sdxi_finish(s)) {
        object_unref(OBJECT(s));
    } else {
        aio_bh_schedule_oneshot(qemu_get_aio_context(), sdxi_finish_bh, s);
    }
}

/*
 * Detaches the function; what is below on the stack may be its own access, or
 * a message of it that powers off its slot.  Threads end in the main loop,
 * which may wait for them, and all else goes with the object.
 */
static void sdxi_exit(PCIDevice *pci)
{
    SdxiPci *s = SDXI_PCI(pci);

    trace_sdxi_exit(s->sfunc);
    sdxi_sriov_exit(pci);
    object_ref(OBJECT(s));
    aio_bh_schedule_oneshot(iohandler_get_aio_context(), sdxi_forget_vm_bh, s);
    sdxi_functions_remove(s);
    qatomic_set(&s->gone, true);
    s->ending = true;
    sdxi_worker_quit(&s->worker);
    object_ref(OBJECT(s));
    aio_bh_schedule_oneshot(qemu_get_aio_context(), sdxi_finish_bh, s);
    sdxi_pasid_exit(&s->pasid);
    sdxi_release(s);
}

/* Threads have ended, and nobody has a pointer to it. */
static void sdxi_discard(SdxiPci *s)
{
    if (!s->core) {
        return;
    }
    for (unsigned i = 0; i < SDXI_WORKERS_MAX; i++) {
        g_clear_pointer(&s->seat[i].lane, sdxi_lane_free);
        sdxi_peers_exit(&s->seat[i].peers);
    }
    sdxi_peers_exit(&s->own.peers);
    g_clear_pointer(&s->core, sdxi_device_free);
    sdxi_worker_destroy(&s->worker);
    sdxi_vmstate_clear(s);
}

static void sdxi_instance_finalize(Object *obj)
{
    sdxi_discard(SDXI_PCI(obj));
}

static void sdxi_make_core(SdxiPci *s, const SdxiConfig *config)
{
    s->own.s = s;
    s->core = sdxi_device_new(config, &sdxi_profile_standard, &sdxi_host_ops,
                              &s->own);
    for (unsigned i = 0; s->prop.workers > 1 && i < s->prop.workers; i++) {
        s->seat[i].s = s;
        s->seat[i].lane = sdxi_lane_new(s->core, &s->seat[i]);
    }
    sdxi_dma_watch();
    sdxi_worker_init(&s->worker, DEVICE(s), s->prop.iothread, s->prop.workers,
                     &sdxi_worker_calls, s);
}

static void sdxi_realize(PCIDevice *pci, Error **errp)
{
    SdxiPci *s = SDXI_PCI(pci);
    SdxiConfig config;

    if (s->ending) {
        error_setg(errp, "device '%s': its threads have not ended yet; try "
                   "again", pci->name);
        return;
    }
    sdxi_discard(s);
    if (pci_is_vf(pci)) {
        sdxi_sriov_inherit(s);
    }
    if (!sdxi_check_properties(s, errp) ||
        !sdxi_choose_sfunc(s, errp) ||
        !sdxi_make_config(s, &config, errp)) {
        return;
    }
    if (!sdxi_init_pci(s, sdxi_config_doorbell_bytes(&config), errp)) {
        sdxi_release(s);
        return;
    }
    qatomic_set(&s->gone, false);
    sdxi_out_init(s);
    sdxi_make_core(s, &config);
    sdxi_functions_add(s);
    sdxi_pci_show(s);
    s->vm_change = qemu_add_vm_change_state_handler(sdxi_vm_change, s);
    if (runstate_is_running()) {
        sdxi_worker_resume(&s->worker);
    }
    trace_sdxi_realize(s->sfunc, s->prop.contexts, s->vectors);
    if (s->prop.vfs && !sdxi_sriov_init(s, errp)) {
        sdxi_exit(pci);
    }
}

static void sdxi_reset_hold(Object *obj, ResetType type)
{
    SdxiPci *s = SDXI_PCI(obj);

    trace_sdxi_reset(s->sfunc);
    sdxi_cdat_reset(&s->cdat);
    if (PCI_DEVICE(s)->exp.sriov_cap) {
        pcie_sriov_pf_reset(PCI_DEVICE(s));
    }
    if (!sdxi_worker_enter(&s->worker)) {
        /* Its own DMA reset it; the core is in the middle of that access. */
        qatomic_set(&s->reset_deferred, true);
        sdxi_worker_kick(&s->worker);
        return;
    }
    qatomic_set(&s->reset_deferred, false);
    sdxi_device_reset(s->core);
    sdxi_pasid_reset(&s->pasid);
    sdxi_out_forget(s);
    sdxi_worker_leave(&s->worker);
}

/* The bus has reset configuration space after what is above. */
static void sdxi_reset_exit(Object *obj, ResetType type)
{
    SdxiPci *s = SDXI_PCI(obj);

    if (!qatomic_read(&s->gone)) {
        sdxi_pci_show(s);
    }
}

/* ---- type ---- */

static const Property sdxi_properties[] = {
    DEFINE_PROP_SIZE("contexts", SdxiPci, prop.contexts, 128),
    DEFINE_PROP_SIZE("max-ring", SdxiPci, prop.max_ring, 1 * MiB),
    DEFINE_PROP_SIZE("doorbell-stride", SdxiPci, prop.doorbell_stride,
                     4 * KiB),
    DEFINE_PROP_SIZE("max-buffer", SdxiPci, prop.max_buffer, 4 * GiB),
    DEFINE_PROP_SIZE("akeys", SdxiPci, prop.akeys, 65536),
    DEFINE_PROP_SIZE("rkeys", SdxiPci, prop.rkeys, 65536),
    DEFINE_PROP_SIZE("errlog", SdxiPci, prop.errlog, 32768),
    DEFINE_PROP_UINT64("sfunc", SdxiPci, prop.sfunc, 0),
    DEFINE_PROP_UINT64("vectors", SdxiPci, prop.vectors, 0),
    DEFINE_PROP_UINT64("workers", SdxiPci, prop.workers, 1),
    DEFINE_PROP_UINT64("vfs", SdxiPci, prop.vfs, 0),
    DEFINE_PROP_STRING("group", SdxiPci, prop.group),
    DEFINE_PROP_BOOL("x-atomics", SdxiPci, prop.x_atomics, false),
    DEFINE_PROP_BOOL("cdat", SdxiPci, prop.cdat, true),
    DEFINE_PROP_UINT64("latency", SdxiPci, prop.latency, 100),
    DEFINE_PROP_UINT64("bandwidth", SdxiPci, prop.bandwidth, 16000),
    DEFINE_PROP_BOOL("pasid", SdxiPci, prop.pasid, false),
    DEFINE_PROP_BOOL("x-errlog-shift", SdxiPci, prop.x_errlog_shift, false),
    DEFINE_PROP_UINT16("vendor-id", SdxiPci, prop.vendor_id,
                       PCI_VENDOR_ID_REDHAT),
    DEFINE_PROP_UINT16("device-id", SdxiPci, prop.device_id,
                       SDXI_PCI_DEVICE_ID),
    DEFINE_PROP_LINK("iothread", SdxiPci, prop.iothread, TYPE_IOTHREAD,
                     IOThread *),
};

static void sdxi_describe(ObjectClass *oc)
{
    for (int i = 0; i < ARRAY_SIZE(sdxi_ranges); i++) {
        object_class_property_set_description(oc, sdxi_ranges[i].name,
                                              sdxi_ranges[i].description);
    }
    object_class_property_set_description(oc, "group",
        "name of the function group; functions of one group reach each "
        "other's memory through RKeys (default: none)");
    object_class_property_set_description(oc, "x-atomics",
        "offer the atomic operations; their layout is provisional");
    object_class_property_set_description(oc, "cdat",
        "tell latency and bandwidth through CDAT over DOE (PCI Express "
        "only)");
    object_class_property_set_description(oc, "pasid",
        "address translation service, page requests and process address "
        "space ids (QEMU 10.2 or later)");
    object_class_property_set_description(oc, "x-errlog-shift",
        "MMIO_ERR_CFG.sz is a shift, 64 << sz entries (default: a count of "
        "4 KiB pages)");
    object_class_property_set_description(oc, "vendor-id",
        "PCI vendor id (0 to 0xfffe)");
    object_class_property_set_description(oc, "device-id",
        "PCI device id");
    object_class_property_set_description(oc, "iothread",
        "id of the iothread that runs the engine (default: a thread of its "
        "own)");
}

static void sdxi_instance_init(Object *obj)
{
    /* A hybrid device says so before it is realized. */
    PCI_DEVICE(obj)->cap_present |= QEMU_PCI_CAP_EXPRESS;
}

static void sdxi_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    sdxi_functions_init();
    pc->realize = sdxi_realize;
    pc->exit = sdxi_exit;
    pc->config_read = sdxi_read_config;
    pc->config_write = sdxi_write_config;
    pc->class_id = SDXI_PCI_CLASS;
    rc->phases.hold = sdxi_reset_hold;
    rc->phases.exit = sdxi_reset_exit;
    dc->desc = "SNIA SDXI 1.0 data mover";
    dc->vmsd = &sdxi_vmstate;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, sdxi_properties);
    sdxi_describe(oc);
}

/* Made by its physical function, never by -device. */
static void sdxi_vf_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "virtual function of a SNIA SDXI 1.0 data mover";
    dc->vmsd = &sdxi_vmstate_vf;
    dc->user_creatable = false;
}

static const TypeInfo sdxi_types[] = {
    {
        .name = TYPE_SDXI_PCI,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(SdxiPci),
        .instance_init = sdxi_instance_init,
        .instance_finalize = sdxi_instance_finalize,
        .class_init = sdxi_class_init,
        .interfaces = MEMFAB_INTERFACES({ INTERFACE_PCIE_DEVICE },
                                        { INTERFACE_CONVENTIONAL_PCI_DEVICE }),
    },
    {
        .name = TYPE_SDXI_VF,
        .parent = TYPE_SDXI_PCI,
        .class_init = sdxi_vf_class_init,
    },
};

DEFINE_TYPES(sdxi_types)
