/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copy 1 MiB with an SDXI function, from a program: libsdxi-user in the fewest
 * lines that are right.  docs/tools/libsdxi-user.md goes through it; tests
 * compile it, and guests run it.
 *
 *   cc sdxi-copy.c $(pkg-config --cflags --libs sdxi-user)
 */
#include <sdxi-user.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES (1 << 20)

static SdxiUser *fn;

static void check(int ret, const char *what)
{
    if (ret < 0) {
        fprintf(stderr, "%s: %s\n", what, sdxi_user_strerror(ret));
        sdxi_user_close(fn);        /* all that it has goes with it */
        exit(1);
    }
}

int main(int argc, char **argv)
{
    SdxiUserContext *context;
    SdxiUserMemory *from, *to;
    SdxiUserDescriptor d;

    check(sdxi_user_open(argc > 1 ? argv[1] : NULL, SDXI_USER_ANY, &fn),
          "open");
    check(sdxi_user_context_new(fn, NULL, &context), "context");
    check(sdxi_user_memory_new(fn, BYTES, -1, &from), "memory");
    check(sdxi_user_memory_new(fn, BYTES, -1, &to), "memory");
    memset(from->va, 0x5a, BYTES);

    /* One descriptor: huge pages, and those of vfio, lie in one piece. */
    d = sdxi_user_copy(sdxi_user_address(to, 0, NULL),
                       sdxi_user_address(from, 0, NULL), BYTES);
    sdxi_user_report(&d, context, 0);
    sdxi_user_arm(context, 0, 1);
    check(sdxi_user_submit(context, &d, 1), "submit");
    check(sdxi_user_wait(context, 0, 10000), "copy");

    puts(memcmp(from->va, to->va, BYTES) ? "differs" : "copied");
    sdxi_user_close(fn);
    return 0;
}
