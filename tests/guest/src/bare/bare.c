/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A q35 machine without a kernel: serial port, clock, other processors, PCI
 * and ACPI look-up.  The contract is in bare.h.
 */
#include <stdarg.h>
#include "bare.h"

#define COM1        0x3f8
#define DEBUG_EXIT  0xf4
#define LAPIC_ICR   0xfee00300u
#define TRAMPOLINE  0x8000u
#define ECAM        0xb0000000u
#define CXL_VENDOR  0x1e98

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(char c)
{
    while (!(in8(COM1 + 5) & 0x20)) {
        pause_cpu();
    }
    out8(COM1, c);
}

static void put_number(uint64_t value, unsigned base)
{
    char digits[24];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n) {
        put(digits[--n]);
    }
}

void print(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        switch (*++format) {
        case 's':
            for (const char *s = va_arg(ap, const char *); *s; s++) {
                put(*s);
            }
            break;
        case 'u':
            put_number(va_arg(ap, unsigned), 10);
            break;
        default:
            put_number(va_arg(ap, uint64_t), 16);
            break;
        }
    }
    va_end(ap);
}

void finish(bool good)
{
    __asm__ volatile("outl %0, %1" : : "a"(good ? 0x10 : 0x11),
                     "Nd"((uint16_t)DEBUG_EXIT));
    while (1) {
        __asm__ volatile("hlt");
    }
}

/* A field of the real-time clock, which counts in BCD */
static unsigned clock_field(uint8_t reg)
{
    uint8_t bcd;

    out8(0x70, reg);
    bcd = in8(0x71);
    return (bcd >> 4) * 10 + (bcd & 15);
}

static unsigned clock_once(void)
{
    return clock_field(4) * 3600 + clock_field(2) * 60 + clock_field(0);
}

unsigned seconds(void)
{
    static unsigned first, day = 24 * 3600;
    unsigned now;

    do {
        now = clock_once();
    } while (now != clock_once()); /* not in the middle of a change */
    if (!first) {
        first = day + now;
    }
    return (day + day + now - first) % day;
}

uint32_t random32(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

uint32_t read32(uint64_t at)
{
    return *(volatile uint32_t *)at;
}

void write32(uint64_t at, uint32_t value)
{
    *(volatile uint32_t *)at = value;
}

uint16_t read16(uint64_t at)
{
    return *(volatile uint16_t *)at;
}

void write16(uint64_t at, uint16_t value)
{
    *(volatile uint16_t *)at = value;
}

static void wait_a_little(void)
{
    for (unsigned i = 0; i < 20000; i++) {
        in8(0x80);
    }
}

void start_cpus(void)
{
    for (size_t i = 0; i < (size_t)(trampoline_end - trampoline); i++) {
        ((volatile uint8_t *)TRAMPOLINE)[i] = trampoline[i];
    }
    write32(LAPIC_ICR, 0xc4500);    /* INIT, all but self */
    wait_a_little();
    write32(LAPIC_ICR, 0xc4600 | TRAMPOLINE >> 12);
    wait_a_little();
}

uint64_t pci_find(uint16_t vendor, uint16_t device, unsigned n)
{
    for (uint64_t at = ECAM; at < ECAM + 0x10000000; at += 0x1000) {
        if (read32(at) == (vendor | (uint32_t)device << 16) && !n--) {
            return at;
        }
    }
    return 0;
}

uint64_t pci_bar(uint64_t cfg, unsigned n)
{
    uint64_t bar = read32(cfg + 0x10 + 4 * n);

    if (bar & 4) {
        bar |= (uint64_t)read32(cfg + 0x14 + 4 * n) << 32;
    }
    return bar & ~0xfull;
}

unsigned pci_cap(uint64_t cfg, uint8_t id)
{
    unsigned pos = read32(cfg + 0x34) & 0xfc;

    while (pos && (read32(cfg + pos) & 0xff) != id) {
        pos = read32(cfg + pos) >> 8 & 0xfc;
    }
    return pos;
}

unsigned pci_cxl_dvsec(uint64_t cfg, uint16_t dvsec)
{
    unsigned pos = 0x100;

    while (pos && ((read32(cfg + pos) & 0xffff) != 0x23 ||
                   read16(cfg + pos + 4) != CXL_VENDOR ||
                   read16(cfg + pos + 8) != dvsec)) {
        pos = read32(cfg + pos) >> 20;
    }
    return pos;
}

static bool same(const uint8_t *a, const char *b, unsigned len)
{
    while (len && *a == (uint8_t)*b) {
        a++;
        b++;
        len--;
    }
    return !len;
}

static unsigned number(const char *s)
{
    unsigned n = 0;

    while (*s >= '0' && *s <= '9') {
        n = 10 * n + *s++ - '0';
    }
    return n;
}

unsigned option(const char *name, unsigned otherwise)
{
    const char *line = "";
    unsigned len = 0;

    if (boot_info && (read32(boot_info) & 4)) {
        line = (const char *)(uint64_t)read32(boot_info + 16);
    }
    while (name[len]) {
        len++;
    }
    for (; *line; line++) {
        if (same((const uint8_t *)line, name, len) && line[len] == '=') {
            return number(line + len + 1);
        }
    }
    return otherwise;
}

const uint8_t *acpi_table(const char *signature)
{
    for (uint64_t at = 0xe0000; at < 0x100000; at += 16) {
        uint64_t rsdt;

        if (!same((const uint8_t *)at, "RSD PTR ", 8)) {
            continue;
        }
        rsdt = read32(at + 16);
        for (uint64_t p = rsdt + 36; p < rsdt + read32(rsdt + 4); p += 4) {
            const uint8_t *table = (const uint8_t *)(uint64_t)read32(p);

            if (same(table, signature, 4)) {
                return table;
            }
        }
    }
    return NULL;
}

void *memset(void *s, int c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((volatile uint8_t *)s)[i] = c;
    }
    return s;
}

void *memcpy(void *d, const void *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((volatile uint8_t *)d)[i] = ((const uint8_t *)s)[i];
    }
    return d;
}
