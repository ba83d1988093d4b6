/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features of a CXL memory device by Linux's fwctl, the way that user space
 * has: CXL r3.1 8.2.9.6, and include/uapi/{fwctl,cxl} of Linux 6.15 and later,
 * which the headers of this machine may be too old for.
 *
 *   cxl-fwctl list MEMDEV
 *   cxl-fwctl get MEMDEV UUID BYTES
 *   cxl-fwctl set MEMDEV UUID VERSION PAYLOAD
 *
 * "list" prints the UUIDs of all features, "get" the current value; payloads
 * are pairs of hexadecimal digits.  What the device refuses is printed as
 * "return code N", with exit status 3.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GET_SUPPORTED   0x0500
#define GET             0x0501
#define SET             0x0502
#define SCOPE_READ      0
#define SCOPE_WRITE_ALL 3
#define PAYLOAD_MAX     2048
#define UUID            16
#define ENTRY           0x30    /* bytes of a supported feature */

typedef struct Rpc {
    uint32_t size;
    uint32_t scope;
    uint32_t in_len;
    uint32_t out_len;
    uint64_t in;
    uint64_t out;
} Rpc;
#define FWCTL_RPC _IO(0x9a, 1)

typedef struct In {
    uint32_t opcode;
    uint32_t flags;
    uint32_t size;
    uint32_t reserved;
    uint8_t payload[PAYLOAD_MAX];
} In;

typedef struct Out {
    uint32_t size;
    uint32_t rc;
    uint8_t payload[PAYLOAD_MAX];
} Out;

static void fail(const char *what)
{
    fprintf(stderr, "cxl-fwctl: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* The one fwctl device below a memory device: /dev/fwctl/fwctlN */
static int open_device(const char *memdev)
{
    char pattern[128], path[128];
    glob_t found;
    int fd;

    snprintf(pattern, sizeof(pattern),
             "/sys/bus/cxl/devices/%s/fwctl/fwctl*", memdev);
    if (glob(pattern, 0, NULL, &found) || found.gl_pathc != 1) {
        fprintf(stderr, "cxl-fwctl: %s has no fwctl device\n", memdev);
        exit(1);
    }
    snprintf(path, sizeof(path), "/dev/fwctl/%s",
             strrchr(found.gl_pathv[0], '/') + 1);
    globfree(&found);
    fd = open(path, O_RDWR);
    if (fd < 0) {
        fail(path);
    }
    return fd;
}

static void call(const char *memdev, In *in, Out *out, uint32_t scope)
{
    Rpc rpc = {
        .size = sizeof(rpc), .scope = scope,
        .in_len = offsetof(In, payload) + in->size, .in = (uintptr_t)in,
        .out_len = sizeof(*out), .out = (uintptr_t)out,
    };
    int fd = open_device(memdev);

    if (ioctl(fd, FWCTL_RPC, &rpc)) {
        fail(memdev);
    }
    close(fd);
    if (out->rc) {
        printf("return code %u\n", out->rc);
        exit(3);
    }
}

static size_t parse(const char *digits, uint8_t *to, size_t max)
{
    size_t len = 0;

    while (*digits && len < max) {
        if (*digits == '-') {
            digits++;
        } else if (sscanf(digits, "%2hhx", to + len) == 1 && digits[1]) {
            digits += 2;
            len++;
        } else {
            fprintf(stderr, "cxl-fwctl: these are no bytes: %s\n", digits);
            exit(2);
        }
    }
    return len;
}

static void list(const char *memdev)
{
    In in = { .opcode = GET_SUPPORTED, .size = 8 };
    Out out = { 0 };
    uint32_t count = PAYLOAD_MAX - 8;
    uint16_t entries;

    memcpy(in.payload, &count, sizeof(count));
    call(memdev, &in, &out, SCOPE_READ);
    memcpy(&entries, out.payload, sizeof(entries));
    for (unsigned n = 0; n < entries; n++) {
        const uint8_t *entry = out.payload + 8 + n * ENTRY;

        for (int i = 0; i < UUID; i++) {
            printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                   entry[i]);
        }
        printf("\n");
    }
}

static void get(const char *memdev, const char *uuid, uint16_t bytes)
{
    In in = { .opcode = GET, .size = UUID + 5 };
    Out out = { 0 };

    parse(uuid, in.payload, UUID);
    memcpy(in.payload + UUID + 2, &bytes, sizeof(bytes));
    call(memdev, &in, &out, SCOPE_READ);
    for (uint32_t i = 0; i < out.size; i++) {
        printf("%02x", out.payload[i]);
    }
    printf("\n");
}

static void set(const char *memdev, const char *uuid, uint8_t version,
                const char *payload)
{
    In in = { .opcode = SET };
    Out out = { 0 };

    parse(uuid, in.payload, UUID);
    in.payload[UUID + 6] = version;
    in.size = UUID + 16 + parse(payload, in.payload + UUID + 16,
                                PAYLOAD_MAX - UUID - 16);
    call(memdev, &in, &out, SCOPE_WRITE_ALL);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "list")) {
        list(argv[2]);
    } else if (argc == 5 && !strcmp(argv[1], "get")) {
        get(argv[2], argv[3], strtoul(argv[4], NULL, 0));
    } else if (argc == 6 && !strcmp(argv[1], "set")) {
        set(argv[2], argv[3], strtoul(argv[4], NULL, 0), argv[5]);
    } else {
        fprintf(stderr, "usage: cxl-fwctl list MEMDEV\n"
                "       cxl-fwctl get MEMDEV UUID BYTES\n"
                "       cxl-fwctl set MEMDEV UUID VERSION PAYLOAD\n");
        return 2;
    }
    return 0;
}
