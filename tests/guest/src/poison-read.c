/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read memory of a NUMA node that turns to poison between two reads.
 *
 *   poison-read NODE GO-FILE
 *
 * Takes two pages of the node and prints the physical address of the first,
 * then waits for GO-FILE and reads a line of each. Prints what became of it:
 * "sigbus CODE page|elsewhere LSB" for the first page, "intact" or "damaged"
 * for the second. Needs root (pagemap). No libnuma: linked statically.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MPOL_BIND 2
#define PAGE 4096
#define PATTERN 0x5a
#define WAIT_SECONDS 60

static sigjmp_buf resume;
static siginfo_t seen;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    seen = *info;
    siglongjmp(resume, 1);
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t physical(void *p)
{
    uint64_t entry;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)p / PAGE * 8) != 8 ||
        !(entry >> 63)) {
        die("pagemap");
    }
    close(fd);
    return (entry & ((1ull << 55) - 1)) * PAGE;
}

static unsigned char *pages_on(unsigned node)
{
    unsigned long mask = 1ul << node;
    unsigned char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED ||
        syscall(SYS_mbind, p, 2 * PAGE, MPOL_BIND, &mask, 64, 0)) {
        die("mbind");
    }
    memset(p, PATTERN, 2 * PAGE);
    return p;
}

static void read_poison(volatile unsigned char *p)
{
    if (sigsetjmp(resume, 1)) {
        printf("sigbus %d %s %d\n", seen.si_code,
               (uintptr_t)seen.si_addr / PAGE == (uintptr_t)p / PAGE ?
               "page" : "elsewhere", seen.si_addr_lsb);
        return;
    }
    printf("read 0x%02x\n", p[0]);
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };
    unsigned char *p;

    if (argc != 3) {
        fprintf(stderr, "usage: poison-read NODE GO-FILE\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    action.sa_sigaction = on_sigbus;
    sigaction(SIGBUS, &action, NULL);
    p = pages_on(atoi(argv[1]) & 63);
    printf("0x%" PRIx64 "\n", physical(p));
    for (int i = 0; access(argv[2], F_OK); i++) {
        if (i == WAIT_SECONDS * 10) {
            fprintf(stderr, "poison-read: no %s\n", argv[2]);
            return 1;
        }
        usleep(100000);
    }
    read_poison(p);
    printf("%s\n", p[PAGE] == PATTERN ? "intact" : "damaged");
    return 0;
}
