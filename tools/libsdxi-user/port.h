/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: how a function is reached.  sysfs.c and vfio.c are two ways;
 * the unit test has one whose function is in RAM.  Not installed.
 */
#ifndef TOOLS_LIBSDXI_USER_PORT_H
#define TOOLS_LIBSDXI_USER_PORT_H

#include "sdxi-user.h"

typedef struct SdxiUserPort SdxiUserPort;

/* Where memory is for the function: pages of one size, one address each */
typedef struct SdxiUserPages {
    size_t size;                /* of a page; all of it, if it is one piece */
    size_t n;
    uint64_t *at;
    /* what a port keeps beside it */
    unsigned huge;              /* pages of 2 MiB that were reserved for it */
    int node;
    SdxiUserMemory *next;       /* of the same function */
} SdxiUserPages;

/* Errors are SdxiUserError.  Members may be NULL where the comment says so. */
typedef struct SdxiUserPortOps {
    uint64_t (*read)(SdxiUserPort *port, unsigned reg);
    void (*write)(SdxiUserPort *port, unsigned reg, uint64_t value);
    /* Fills va, len and pages, which are freed with free(). */
    int (*alloc)(SdxiUserPort *port, size_t bytes, int node,
                 SdxiUserMemory *memory);
    void (*release)(SdxiUserPort *port, SdxiUserMemory *memory);
    /* Is it where it was? NULL: it cannot move. */
    int (*check)(SdxiUserPort *port, const SdxiUserMemory *memory);
    /* NULL: there is no other way than polling. */
    int (*eventfd)(SdxiUserPort *port, unsigned vector, int *fd);
    /* NULL: nothing to be seen. */
    int (*mask)(SdxiUserPort *port, bool masked);
    int (*pending)(SdxiUserPort *port, uint64_t *vectors);
    /* Somebody waits. NULL: the processor is given to others now and then. */
    void (*relax)(SdxiUserPort *port, unsigned round);
    /* NULL: CLOCK_MONOTONIC. */
    uint64_t (*now_ns)(SdxiUserPort *port);
    /* The function reaches no memory from now on. */
    void (*cut)(SdxiUserPort *port);
    /* All closed and as it was before; frees the port. */
    void (*close)(SdxiUserPort *port);
} SdxiUserPortOps;

struct SdxiUserPort {
    const SdxiUserPortOps *ops;
    SdxiUserWay way;
    char bdf[16];
    volatile uint8_t *doorbells;
    size_t doorbells_len;
    unsigned vectors;
};

/*
 * The port is @fn's, and is closed if this fails.  Changes of state may take
 * @ms, or with 0 the usual time.
 */
int sdxi_user_open_port(SdxiUserPort *port, unsigned ms, SdxiUser **out);

int sdxi_user_sysfs_open(const char *bdf, SdxiUserPort **out);
int sdxi_user_vfio_open(const char *bdf, SdxiUserPort **out);

/* Waiting: @port may be NULL. */
void sdxi_user_relax(SdxiUserPort *port, unsigned round);
uint64_t sdxi_user_now_ns(SdxiUserPort *port);

#endif
