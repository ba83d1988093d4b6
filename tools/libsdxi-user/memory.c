/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: memory that a function reaches, and moving what is in it,
 * piece by piece where it does not lie in one.
 */
#include <stdlib.h>
#include "private.h"

#define BATCH   64          /* descriptors that are submitted at once */

int sdxi_user_memory_new(SdxiUser *fn, size_t bytes, int node,
                         SdxiUserMemory **out)
{
    SdxiUserMemory *m;
    int ret;

    if (!bytes || node < -1) {
        return SDXI_USER_E_ARGUMENT;
    }
    m = calloc(1, sizeof(*m));
    if (!m) {
        return SDXI_USER_E_MEMORY;
    }
    ret = fn->port->ops->alloc(fn->port, bytes, node, m);
    if (ret < 0) {
        free(m);
        return ret;
    }
    m->pages->next = fn->memories;
    fn->memories = *out = m;
    return SDXI_USER_OK;
}

void sdxi_user_memory_free(SdxiUser *fn, SdxiUserMemory *m)
{
    SdxiUserMemory **at = &fn->memories;

    while (*at && *at != m) {
        at = &(*at)->pages->next;
    }
    if (m && *at) {
        *at = m->pages->next;
        fn->port->ops->release(fn->port, m);
        free(m);
    }
}

int sdxi_user_memory_check(SdxiUser *fn, const SdxiUserMemory *m)
{
    return fn->port->ops->check ? fn->port->ops->check(fn->port, m)
                                : SDXI_USER_OK;
}

uint64_t sdxi_user_address(const SdxiUserMemory *m, size_t offset,
                           uint64_t *contiguous)
{
    const SdxiUserPages *p = m->pages;
    size_t i = offset / p->size;
    uint64_t at = p->at[i] + offset % p->size;
    uint64_t len = p->size - offset % p->size;

    if (contiguous) {
        for (; i + 1 < p->n && p->at[i + 1] == p->at[i] + p->size; i++) {
            len += p->size;
        }
        *contiguous = len < m->len - offset ? len : m->len - offset;
    }
    return at;
}

uint64_t sdxi_user_at(const SdxiUserMemory *m, const void *object)
{
    return sdxi_user_address(m, (const uint8_t *)object - m->va, NULL);
}

bool sdxi_user_in_one_piece(const SdxiUserMemory *m)
{
    uint64_t contiguous;

    sdxi_user_address(m, 0, &contiguous);
    return contiguous == m->len;
}

static bool inside(const SdxiUserMemory *m, size_t offset, size_t bytes)
{
    return offset <= m->len && bytes <= m->len - offset;
}

/* Descriptors that report to block 0, until they are flushed */
typedef struct Work {
    SdxiUserContext *c;
    SdxiUserDescriptor d[BATCH];
    unsigned n;
} Work;

static int flush(Work *w)
{
    unsigned ms = w->c->fn ? w->c->fn->timeout_ms : 10000;
    int ret;

    if (!w->n) {
        return SDXI_USER_OK;
    }
    ret = sdxi_user_run(w->c, w->d, w->n, ms);
    w->n = 0;
    return ret;
}

static int add(Work *w, SdxiUserDescriptor d)
{
    sdxi_user_report(&d, w->c, 0);
    w->d[w->n++] = d;
    return w->n == BATCH ? flush(w) : SDXI_USER_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int sdxi_user_move(SdxiUserContext *c,
                   const SdxiUserMemory *dst, size_t dst_offset,
                   const SdxiUserMemory *src, size_t src_offset, size_t bytes)
{
    Work w = { .c = c };
    int ret = SDXI_USER_OK;

    if (!inside(dst, dst_offset, bytes) || !inside(src, src_offset, bytes)) {
        return SDXI_USER_E_ARGUMENT;
    }
    while (bytes && ret == SDXI_USER_OK) {
        uint64_t here, there, n;
        uint64_t from = sdxi_user_address(src, src_offset, &here);
        uint64_t to = sdxi_user_address(dst, dst_offset, &there);

        n = least(least(here, there), least(bytes, c->at.max_buffer));
        ret = add(&w, sdxi_user_copy(to, from, n));
        dst_offset += n;
        src_offset += n;
        bytes -= n;
    }
    return ret < 0 ? ret : flush(&w);
}

int sdxi_user_move_at(SdxiUserContext *c, uint64_t dst, uint64_t src,
                      uint64_t bytes)
{
    Work w = { .c = c };
    int ret = SDXI_USER_OK;

    while (bytes && ret == SDXI_USER_OK) {
        uint64_t n = least(bytes, c->at.max_buffer);

        ret = add(&w, sdxi_user_copy(dst, src, n));
        dst += n;
        src += n;
        bytes -= n;
    }
    return ret < 0 ? ret : flush(&w);
}

/* Whole blocks by REPCOPY, the rest by COPY, both from a page of zeroes */
int sdxi_user_zero(SdxiUserContext *c, const SdxiUserMemory *dst,
                   size_t offset, size_t bytes)
{
    const size_t block = sizeof(c->fn->tables->zeroes);
    Work w = { .c = c };
    int ret = SDXI_USER_OK;
    uint64_t zeroes;

    if (!c->fn) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    if (!inside(dst, offset, bytes)) {
        return SDXI_USER_E_ARGUMENT;
    }
    zeroes = sdxi_user_at(c->fn->memory, c->fn->tables->zeroes);
    while (bytes && ret == SDXI_USER_OK) {
        uint64_t n, to = sdxi_user_address(dst, offset, &n);

        n = least(n, least(bytes, c->at.max_buffer));
        n = n >= block ? n - n % block : n;
        ret = add(&w, n >= block ? sdxi_user_repeat(to, zeroes, n)
                                 : sdxi_user_copy(to, zeroes, n));
        offset += n;
        bytes -= n;
    }
    return ret < 0 ? ret : flush(&w);
}
