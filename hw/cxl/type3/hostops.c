/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core of a memory device asks of QEMU: clock, timer,
 * messages, the bytes of the media, and a trace of its steps.
 *
 * The contract is hw/cxl/core/hostops.h; nothing is decided here, but that a
 * device that was taken out of the machine has no backends and sends nothing.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "hw/cxl/core/interleave.h"
#include "hw/cxl/steps.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/trace.h"

static int64_t now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void timer_arm(void *opaque, int64_t at_ns)
{
    CxlMemdevPci *s = opaque;

    /* QEMU would call what is due already again before others had a turn. */
    if (cxl_memdev_here(s)) {
        timer_mod(s->timer, MAX(at_ns, now_ns(opaque) + 1));
    }
}

static void timer_cancel(void *opaque)
{
    CxlMemdevPci *s = opaque;

    timer_del(s->timer);
}

static void send_message(void *opaque, unsigned msgnum)
{
    CxlMemdevPci *s = opaque;

    trace_memfab_cxl_message(PCI_DEVICE(s)->name, msgnum);
    pci_messages_raise(&s->messages, msgnum);
}

void cxl_memdev_signal(CxlMemdevPci *s, CxlRasSignal signal)
{
    switch (signal) {
    case CXL_RAS_SIGNAL_NONE:
        return;
    case CXL_RAS_SIGNAL_CORRECTABLE:
        pci_messages_error(&s->messages, PCI_MESSAGE_CORRECTABLE);
        return;
    case CXL_RAS_SIGNAL_NONFATAL:
    case CXL_RAS_SIGNAL_FATAL:
        pci_messages_error(&s->messages, PCI_MESSAGE_UNCORRECTABLE);
        return;
    }
}

static bool dpa_read(void *opaque, uint64_t dpa, void *buf, uint64_t len)
{
    CxlMemdevPci *s = opaque;

    return cxl_memdev_here(s) &&
           cxl_window_dpa_rw(&s->window, dpa, buf, len, false);
}

static bool dpa_write(void *opaque, uint64_t dpa, const void *buf,
                      uint64_t len)
{
    CxlMemdevPci *s = opaque;

    return cxl_memdev_here(s) &&
           cxl_window_dpa_rw(&s->window, dpa, (void *)buf, len, true);
}

static bool dpa_fill(void *opaque, uint64_t dpa, uint64_t len,
                     uint8_t pattern)
{
    CxlMemdevPci *s = opaque;

    return cxl_memdev_here(s) &&
           cxl_window_dpa_fill(&s->window, dpa, len, pattern);
}

static bool lsa_read(void *opaque, uint64_t offset, void *buf, uint64_t len)
{
    CxlMemdevPci *s = opaque;

    if (!cxl_memdev_here(s)) {
        return false;
    }
    cxl_backend_read(&s->backend[CXL_BACKEND_LSA], offset, buf, len);
    return true;
}

static bool lsa_write(void *opaque, uint64_t offset, const void *buf,
                      uint64_t len)
{
    CxlMemdevPci *s = opaque;

    if (!cxl_memdev_here(s)) {
        return false;
    }
    cxl_backend_write(&s->backend[CXL_BACKEND_LSA], offset, buf, len);
    return true;
}

static bool lsa_clear(void *opaque)
{
    CxlMemdevPci *s = opaque;

    if (!cxl_memdev_here(s)) {
        return false;
    }
    cxl_backend_zero(&s->backend[CXL_BACKEND_LSA]);
    return true;
}

static bool range_mapped(CxlMemdevPci *s, uint64_t dpa, uint64_t len)
{
    CxlWindowMember *m = &s->window;
    uint64_t hpa, size, start;
    unsigned n;

    if (!m->ops || !m->ops->enabled(m) || cxl_hdm_enabled(m->hdm)) {
        return false;
    }
    for (n = 0; n < CXL_WINDOW_RANGES; n++) {
        if (m->ops->range(m, n, &hpa, &size, &start) &&
            dpa < start + size && start < dpa + len) {
            return true;
        }
    }
    return false;
}

static bool dpa_mapped(void *opaque, uint64_t dpa, uint64_t len)
{
    CxlMemdevPci *s = opaque;
    unsigned n;

    if (range_mapped(s, dpa, len)) {
        return true;
    }
    for (n = 0; n < s->props.hdm_decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(&s->component.hdm, n, &d);
        if (d.committed && d.size) {
            uint64_t size = d.size / cxl_interleave_ways(d.iw);

            if (dpa < d.dpa + size && d.dpa < dpa + len) {
                return true;
            }
        }
    }
    return false;
}

static void access_changed(void *opaque, uint64_t dpa, uint64_t len)
{
    CxlMemdevPci *s = opaque;

    if (cxl_memdev_here(s)) {
        cxl_window_access_changed(&s->window, dpa, len);
    }
}

static void capacity_changed(void *opaque)
{
    cxl_memdev_capacity_update(opaque);
}

static void describe(void *opaque, GString *out)
{
    CxlMemdevPci *s = opaque;
    unsigned n;

    g_string_append_printf(out, "decoders enabled: %d\n",
                           cxl_hdm_enabled(&s->component.hdm));
    for (n = 0; n < s->props.hdm_decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(&s->component.hdm, n, &d);
        g_string_append_printf(out, "decoder %u: %s host 0x%" PRIx64
                               " size 0x%" PRIx64 " dpa 0x%" PRIx64
                               " ways %u granularity %" PRIu64 " (%s)\n",
                               n, d.committed ? "committed" : "free", d.base,
                               d.size, d.dpa, cxl_interleave_ways(d.iw),
                               cxl_interleave_bytes(d.ig),
                               cxl_hdm_error_name(
                                   cxl_hdm_last_error(&s->component.hdm, n)));
    }
}

static void hdm_changed(void *opaque, int decoder, bool committed)
{
    CxlMemdevPci *s = opaque;

    trace_memfab_cxl_hdm(PCI_DEVICE(s)->name, decoder, committed);
    cxl_window_changed();
}

/* A component register keeps what the guest wanted to change. */
static void bits_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlMemdevPci *s = opaque;
    const char *dev = PCI_DEVICE(s)->name;

    trace_memfab_cxl_ignored(dev, w->row->name, bits);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s does not let bits 0x%" PRIx64
                  " be changed\n", dev, w->row->name, bits);
}

const CxlHdmOps cxl_memdev_hdm_ops = {
    .changed = hdm_changed,
    .ignored = bits_ignored,
};

/*
 * The image has been checked by the core and takes effect with the next
 * cold reset; there is nothing in QEMU that would run it.
 */
static bool fw_store(void *opaque, unsigned slot, const void *image,
                     uint64_t len)
{
    trace_memfab_cxl_fw_store(PCI_DEVICE(opaque)->name, slot, len);
    return true;
}

static void trace_step(void *opaque, CxlTraceStep step, uint64_t a,
                       uint64_t b, uint64_t c)
{
    cxl_trace_step(PCI_DEVICE(opaque)->name, step, a, b, c);
}

const CxlHostOps cxl_memdev_hostops = {
    .now_ns = now_ns,
    .timer_arm = timer_arm,
    .timer_cancel = timer_cancel,
    .event_interrupt = send_message,
    .mailbox_interrupt = send_message,
    .dpa_read = dpa_read,
    .dpa_write = dpa_write,
    .dpa_fill = dpa_fill,
    .lsa_read = lsa_read,
    .lsa_write = lsa_write,
    .lsa_clear = lsa_clear,
    .dpa_mapped = dpa_mapped,
    .access_changed = access_changed,
    .poison_changed = access_changed,
    .capacity_changed = capacity_changed,
    .fw_store = fw_store,
    .describe = describe,
    .trace = trace_step,
};
