/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core of a memory device asks of QEMU: clock, timer,
 * messages, the bytes of the media, and a trace of its steps.
 *
 * The contracts are hw/cxl/core/hostops.h and endpoint.h; nothing is decided
 * here, but that a device that was taken out of the machine has no backends
 * and sends nothing.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "hw/cxl/firmware/firmware.h"
#include "hw/cxl/port/ras.h"
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

static void firmware(void *opaque)
{
    cxl_firmware_events();
}

static void error(void *opaque, CxlRasSignal signal)
{
    CxlMemdevPci *s = opaque;

    if (cxl_errors_taken(PCI_DEVICE(s), cxl_endpoint_ras(s->ep), signal)) {
        return;
    }
    pci_messages_error(&s->messages, signal == CXL_RAS_SIGNAL_CORRECTABLE ?
                       PCI_MESSAGE_CORRECTABLE : PCI_MESSAGE_UNCORRECTABLE);
}

static void decode_changed(void *opaque)
{
    cxl_window_changed();
}

/* A component register keeps what the guest wanted to change. */
static void bits_ignored(void *opaque, const char *name, uint64_t bits)
{
    const char *dev = PCI_DEVICE(opaque)->name;

    trace_memfab_cxl_ignored(dev, name, bits);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s does not let bits 0x%" PRIx64
                  " be changed\n", dev, name, bits);
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

static void access_changed(void *opaque, uint64_t dpa, uint64_t len)
{
    CxlMemdevPci *s = opaque;

    if (cxl_memdev_here(s)) {
        cxl_window_access_changed(&s->window, dpa, len);
    }
}

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
    cxl_trace_step(DEVICE(opaque), step, a, b, c);
    notifier_list_notify(&CXL_MEMDEV_PCI(opaque)->stepped, NULL);
}

const CxlHostOps cxl_memdev_hostops = {
    .now_ns = now_ns,
    .timer_arm = timer_arm,
    .timer_cancel = timer_cancel,
    .message = send_message,
    .firmware = firmware,
    .trace = trace_step,
};

const CxlMediaOps cxl_memdev_media_ops = {
    .dpa_read = dpa_read,
    .dpa_write = dpa_write,
    .dpa_fill = dpa_fill,
    .lsa_read = lsa_read,
    .lsa_write = lsa_write,
    .lsa_clear = lsa_clear,
    .access_changed = access_changed,
    .fw_store = fw_store,
};

const CxlEndpointOps cxl_memdev_endpoint_ops = {
    .error = error,
    .decode_changed = decode_changed,
    .ignored = bits_ignored,
};
