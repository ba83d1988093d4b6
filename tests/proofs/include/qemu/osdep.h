/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few definitions of QEMU and GLib that the lower floors use, for a model
 * checker: it wants small headers, and memory from malloc.  Only the proofs
 * are compiled with these.
 */
#ifndef PROOFS_QEMU_OSDEP_H
#define PROOFS_QEMU_OSDEP_H

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define G_N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))
#define ARRAY_SIZE(a) G_N_ELEMENTS(a)
#define QEMU_BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define QEMU_PACKED __attribute__((packed))
#define QEMU_IS_ALIGNED(n, m) ((n) % (m) == 0)
#define QEMU_PTR_IS_ALIGNED(p, m) QEMU_IS_ALIGNED((uintptr_t)(p), (m))
#define unlikely(x) (x)
#define likely(x) (x)
#define barrier() do { } while (0)
/* A proof has one thread: there is nothing to order. */
#define smp_rmb() do { } while (0)
#define qatomic_read(p) (*(p))
#define qatomic_set(p, v) (*(p) = (v))

#define g_autofree
#define g_free free
#define g_new0(type, n) ((type *)calloc((n), sizeof(type)))
#define g_renew(type, p, n) ((type *)realloc((p), (n) * sizeof(type)))
#define g_realloc realloc
#define g_strdup_printf(...) ((char *)malloc(1))
#define g_ascii_islower(c) ((c) >= 'a' && (c) <= 'z')
#define g_ascii_isdigit(c) ((c) >= '0' && (c) <= '9')

typedef struct GByteArray {
    uint8_t *data;
    unsigned len;
} GByteArray;
void g_byte_array_append(GByteArray *array, const void *bytes, size_t len);

/* Any value whatever. */
uint64_t nondet_u64(void);
uint8_t nondet_u8(void);
bool nondet_bool(void);

#endif
