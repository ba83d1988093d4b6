/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often a second Linux asks a CXL memory device who it is: commands
 * through the mailbox, from a program to the device and back.
 *
 *   cxl-identify MEMDEV [SECONDS]
 *
 * Prints round trips per second.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <linux/cxl_mem.h>

#define BATCH 64

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1000000000.0;
}

static void identify(int fd)
{
    unsigned char out[0x43];
    struct cxl_send_command command = {
        .id = CXL_MEM_COMMAND_ID_IDENTIFY,
        .out = { .size = sizeof(out), .payload = (unsigned long)out },
    };

    if (ioctl(fd, CXL_MEM_SEND_COMMAND, &command) || command.retval) {
        fprintf(stderr, "cxl-identify: status %u: %s\n", command.retval,
                strerror(errno));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? atof(argv[2]) : 2, start, passed;
    unsigned long count = 0;
    char path[64];
    int fd;

    if (argc < 2) {
        fprintf(stderr, "usage: cxl-identify MEMDEV [SECONDS]\n");
        return 2;
    }
    snprintf(path, sizeof(path), "/dev/cxl/%s", argv[1]);
    fd = open(path, O_RDWR);
    if (fd < 0) {
        fprintf(stderr, "cxl-identify: %s: %s\n", path, strerror(errno));
        return 1;
    }
    start = now();
    do {
        for (int i = 0; i < BATCH; i++) {
            identify(fd);
        }
        count += BATCH;
        passed = now() - start;
    } while (passed < seconds);
    printf("%.0f\n", count / passed);
    close(fd);
    return 0;
}
