/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An EHCI host controller is driven; see ehci.h.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cxl/ehci.h"

/* Operational registers, EHCI 1.0 2.3 */
#define USBCMD      0x00
#define CMD_RUN     1
#define CMD_ASYNC   0x20
#define ASYNCLIST   0x18
#define CONFIGFLAG  0x40
#define PORTSC(n)   (0x44 + 4 * (n))
#define PORTS       6
#define PORT_HERE   1
#define PORT_ON     4
#define PORT_RESET  0x100
#define PORT_POWER  0x1000

/* In the machine's memory: a page each */
#define QH(pipe)    (0x300000ull + (pipe) * 0x1000)
#define QTD(pipe, n) (0x310000ull + (pipe) * 0x1000 + (n) * 0x100)
#define DATA(pipe)  (0x320000ull + (pipe) * 0x1000)
#define SETUP       0x330000ull
#define STATUS      2       /* the last part of a control transfer */

#define END         1       /* of a list */
#define IS_QH       2
#define QH_TOKEN    0x18
#define TOKEN_ACTIVE 0x80
#define TOKEN_HALT  0x40
#define TOKEN_ERRORS 0x3c
enum { PID_OUT, PID_IN, PID_SETUP };

static uint32_t get(Ehci *e, uint32_t reg)
{
    return qtest_readl(e->qts, e->op + reg);
}

static void set(Ehci *e, uint32_t reg, uint32_t value)
{
    qtest_writel(e->qts, e->op + reg, value);
}

static void config(Ehci *e, uint8_t reg, uint32_t value)
{
    qtest_outl(e->qts, 0xcf8, 0x80000000u | e->bus << 16 | e->slot << 11 | reg);
    qtest_outl(e->qts, 0xcfc, value);
}

/* A queue with nothing to do, in a ring of all of them */
static void make_queue(Ehci *e, EhciPipe pipe, uint8_t number)
{
    const uint32_t qh[12] = {
        QH((pipe + 1) % EHCI_PIPES) | IS_QH,
        e->address | number << 8 | 2 << 12 | 1 << 14 |
        (pipe == EHCI_CONTROL ? 1 << 15 | 64 << 16 : 512 << 16),
        1 << 30, 0, END, END,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(qh); i++) {
        qtest_writel(e->qts, QH(pipe) + 4 * i, qh[i]);
    }
}

static void make_queues(Ehci *e)
{
    set(e, USBCMD, CMD_RUN);
    /* The ring may be read until the next frame. */
    qtest_clock_step(e->qts, 10 * 1000 * 1000);
    for (EhciPipe pipe = 0; pipe < EHCI_PIPES; pipe++) {
        make_queue(e, pipe, !!pipe);
    }
    set(e, ASYNCLIST, QH(0));
    set(e, USBCMD, CMD_RUN | CMD_ASYNC);
}

static void put_qtd(Ehci *e, EhciPipe pipe, unsigned n, uint32_t next,
                    unsigned pid, uint64_t data, uint32_t len)
{
    uint64_t at = QTD(pipe, n);

    qtest_writel(e->qts, at, next);
    qtest_writel(e->qts, at + 4, END);
    qtest_writel(e->qts, at + 8, (n ? 1u << 31 : 0) | len << 16 | 3 << 10 |
                 pid << 8 | TOKEN_ACTIVE);
    qtest_writel(e->qts, at + 12, data);
    for (unsigned i = 1; i < 5; i++) {
        qtest_writel(e->qts, at + 12 + 4 * i, (data & ~0xfffull) + 4096 * i);
    }
}

static void go(Ehci *e, EhciPipe pipe)
{
    qtest_writel(e->qts, QH(pipe) + 0x14, END);
    qtest_writel(e->qts, QH(pipe) + QH_TOKEN, 0);
    qtest_writel(e->qts, QH(pipe) + 0x10, QTD(pipe, 0));
}

void ehci_begin(Ehci *e, EhciPipe pipe, uint8_t number, const void *bytes,
                uint32_t len)
{
    if (number != 1 ||
        qtest_readl(e->qts, QH(pipe) + QH_TOKEN) & TOKEN_HALT) {
        make_queues(e);
        make_queue(e, pipe, number);
    }
    if (pipe == EHCI_OUT && len) {
        qtest_memwrite(e->qts, DATA(pipe), bytes, len);
    }
    put_qtd(e, pipe, 0, END, pipe == EHCI_IN ? PID_IN : PID_OUT, DATA(pipe),
            len);
    qtest_writel(e->qts, DATA(pipe) + 0xffc, len);
    go(e, pipe);
}

static int state_of(Ehci *e, EhciPipe pipe, unsigned n)
{
    uint32_t token = qtest_readl(e->qts, QTD(pipe, n) + 8);

    if (token & TOKEN_ACTIVE) {
        return EHCI_WAITS;
    }
    if (token & TOKEN_HALT) {
        return token & TOKEN_ERRORS ? EHCI_ERROR : EHCI_STALLED;
    }
    return token >> 16 & 0x7fff;
}

/* Bytes that are left, once it has ended */
static int wait_for(Ehci *e, EhciPipe pipe, unsigned n, unsigned ms)
{
    int state = state_of(e, pipe, n);

    while (state == EHCI_WAITS && ms--) {
        qtest_clock_step(e->qts, 1000 * 1000);
        state = state_of(e, pipe, n);
    }
    return state;
}

int ehci_result(Ehci *e, EhciPipe pipe, unsigned ms)
{
    int left = wait_for(e, pipe, 0, ms);

    return left < 0 ? left :
           (int)qtest_readl(e->qts, DATA(pipe) + 0xffc) - left;
}

void ehci_data(Ehci *e, EhciPipe pipe, void *bytes, uint32_t len)
{
    qtest_memread(e->qts, DATA(pipe), bytes, len);
}

int ehci_control(Ehci *e, uint8_t type, uint8_t request, uint16_t value,
                 uint16_t index, void *bytes, uint16_t len)
{
    const uint8_t setup[8] = {
        type, request, value, value >> 8, index, index >> 8, len, len >> 8,
    };
    bool in = type & 0x80;
    int left;

    if (qtest_readl(e->qts, QH(EHCI_CONTROL) + QH_TOKEN) & TOKEN_HALT) {
        make_queues(e);
    }
    qtest_memwrite(e->qts, SETUP, setup, sizeof(setup));
    put_qtd(e, EHCI_CONTROL, 0, QTD(EHCI_CONTROL, len ? 1 : STATUS), PID_SETUP,
            SETUP, sizeof(setup));
    if (len) {
        put_qtd(e, EHCI_CONTROL, 1, QTD(EHCI_CONTROL, STATUS),
                in ? PID_IN : PID_OUT, DATA(EHCI_CONTROL), len);
    }
    put_qtd(e, EHCI_CONTROL, STATUS, END, in && len ? PID_OUT : PID_IN,
            DATA(EHCI_CONTROL), 0);
    go(e, EHCI_CONTROL);
    left = wait_for(e, EHCI_CONTROL, 0, 1000);
    if (!left && len) {
        left = wait_for(e, EHCI_CONTROL, 1, 1000);
    }
    if (left < 0 || (wait_for(e, EHCI_CONTROL, STATUS, 1000) < 0)) {
        return left < 0 ? left : EHCI_STALLED;
    }
    if (in && len) {
        ehci_data(e, EHCI_CONTROL, bytes, len - left);
    }
    return len - left;
}

void ehci_configure(Ehci *e)
{
    g_assert_cmpint(ehci_control(e, 0, 5, 1, 0, NULL, 0), ==, 0);
    e->address = 1;
    make_queues(e);
    g_assert_cmpint(ehci_control(e, 0, 9, 1, 0, NULL, 0), ==, 0);
}

bool ehci_has_device(Ehci *e)
{
    for (e->port = 0; e->port < PORTS; e->port++) {
        if (get(e, PORTSC(e->port)) & PORT_HERE) {
            return true;
        }
    }
    return false;
}

void ehci_reset_port(Ehci *e)
{
    g_assert_true(ehci_has_device(e));
    set(e, PORTSC(e->port), PORT_POWER | PORT_RESET);
    qtest_clock_step(e->qts, 50 * 1000 * 1000);
    set(e, PORTSC(e->port), PORT_POWER);
    g_assert_cmphex(get(e, PORTSC(e->port)) & PORT_ON, ==, PORT_ON);
    e->address = 0;
    make_queues(e);
}

void ehci_init(Ehci *e, QTestState *qts)
{
    ehci_init_at(e, qts, 0, EHCI_SLOT);
}

void ehci_init_at(Ehci *e, QTestState *qts, uint8_t bus, uint8_t slot)
{
    *e = (Ehci) { .qts = qts, .bus = bus, .slot = slot };
    config(e, PCI_BASE_ADDRESS_0, EHCI_BAR);
    config(e, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    e->op = EHCI_BAR + qtest_readb(qts, EHCI_BAR);
    set(e, CONFIGFLAG, 1);
    set(e, USBCMD, CMD_RUN);
    ehci_reset_port(e);
}
