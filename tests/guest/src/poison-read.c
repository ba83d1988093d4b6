/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Meet poison in every way in which a program can.
 *
 *   poison-read NODE|FILE GO-FILE
 *
 * Takes pages of the node, or of a file or device that can be mapped, and
 * prints a line "NAME 0xADDRESS" for each way: the physical address that has
 * to be poisoned.  Then waits for GO-FILE, goes all the ways, and prints a line
 * for each:
 *
 *   NAME sigbus CODE page|elsewhere exact|late      a load was refused
 *   NAME errno NUMBER                               a system call was refused
 *   NAME read                                       nothing happened
 *   NAME sigill                                     ones were executed
 *
 * "exact": the program was found at the instruction that loads.  At last
 * "intact" or "damaged", for pages beside the poisoned ones.  Needs root
 * (pagemap). No libnuma: linked statically.
 */
#define _GNU_SOURCE
#include <errno.h>
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
#include <ucontext.h>
#include <unistd.h>

#define MPOL_BIND 2
#define PAGE_BITS 12
#define PAGE (1 << PAGE_BITS)
#define HUGE (2 << 20)
#define LINE 64
#define PATTERN 0x5a
#define WAIT_SECONDS 120

/* Each is called with the poisoned line and starts with the load itself. */
typedef void Load(const void *line, void *scratch);

#define LOAD(name, ...)                                                 \
    Load load_##name;                                                   \
    asm(".text\n.balign 4\nload_" #name ":\n" __VA_ARGS__ "\nret\n")

#if defined(__x86_64__)
LOAD(byte, "movb (%rdi), %al");
LOAD(half, "movw (%rdi), %ax");
LOAD(word, "movl 4(%rdi), %eax");
LOAD(quad, "movq 56(%rdi), %rax");
LOAD(vector, "movups (%rdi), %xmm0");
LOAD(wide, "vmovups 32(%rdi), %ymm0");
LOAD(across, "movq -4(%rdi), %rax");
LOAD(wide_across, "vmovups -16(%rdi), %ymm0");
LOAD(add, "addl $1, (%rdi)");
LOAD(exchange, "xchgq %rax, (%rdi)");
LOAD(atomic, "lock xaddl %eax, 8(%rdi)");
LOAD(compare, "lock cmpxchg16b (%rdi)");
#define PC(uc) ((uc)->uc_mcontext.gregs[REG_RIP])
#define RETURN 0xc3
#else
LOAD(byte, "ldrb w2, [x0]");
LOAD(half, "ldrh w2, [x0, #2]");
LOAD(word, "ldr w2, [x0, #4]");
LOAD(quad, "ldr x2, [x0, #56]");
LOAD(pair, "ldp x2, x3, [x0, #16]");
LOAD(vector, "ldr q0, [x0, #32]");
LOAD(four, "ld4 { v0.16b - v3.16b }, [x0]");
LOAD(across, "ldur x2, [x0, #-4]");
LOAD(exclusive, "ldaxr x2, [x0]");
LOAD(atomic, ".arch armv8.1-a\nldadd x2, x3, [x0]");
LOAD(compare, ".arch armv8.1-a\ncasp x2, x3, x4, x5, [x0]");
#define PC(uc) ((uc)->uc_mcontext.pc)
#define RETURN 0xd65f03c0
#endif

static sigjmp_buf resume;
static siginfo_t seen;
static volatile uintptr_t seen_pc;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)sig;
    seen = *info;
    seen_pc = PC(uc);
    siglongjmp(resume, 1);
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t physical(const void *p)
{
    uint64_t entry;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)p / PAGE * 8) != 8 ||
        !(entry >> 63)) {
        die("pagemap");
    }
    close(fd);
    return (entry & ((1ull << 55) - 1)) * PAGE + (uintptr_t)p % PAGE;
}

static unsigned char *pages_on(unsigned node, unsigned count)
{
    unsigned long mask = 1ul << node;
    unsigned char *p = mmap(NULL, count * PAGE,
                            PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || madvise(p, count * PAGE, MADV_NOHUGEPAGE) ||
        syscall(SYS_mbind, p, count * PAGE, MPOL_BIND, &mask, 64, 0)) {
        die("mbind");
    }
    memset(p, PATTERN, count * PAGE);
    return p;
}

static unsigned char *pages_of(const char *path, unsigned count)
{
    /* devices map nothing smaller */
    size_t len = (count * PAGE + HUGE - 1) & -(size_t)HUGE;
    int fd = open(path, O_RDWR);
    unsigned char *p = mmap(NULL, len, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_SHARED, fd, 0);

    if (fd < 0 || p == MAP_FAILED) {
        die(path);
    }
    memset(p, PATTERN, count * PAGE);
    return p;
}

/* Ways that are no single instruction */

static void store_part(const void *line, void *scratch)
{
    (void)scratch;
    memset((void *)line, 1, LINE - 1);
    load_byte(line, NULL);
}

static void store_all(const void *line, void *scratch)
{
    volatile uint64_t *to = (volatile uint64_t *)line;

    (void)scratch;
    for (unsigned i = 0; i < LINE / 8; i++) {
        to[i] = i;
    }
    load_byte(line, NULL);
}

static void store_vectors(const void *line, void *scratch)
{
    (void)scratch;
#if defined(__x86_64__)
    asm volatile("vpxor %%ymm0, %%ymm0, %%ymm0\n"
                 "vmovdqa %%ymm0, (%0)\n"
                 "vmovntdq %%ymm0, 32(%0)\n" : : "r" (line) : "memory");
#else
    asm volatile("movi v0.16b, #0\n"
                 "stp q0, q0, [%0]\n"
                 "stnp q0, q0, [%0, #32]\n" : : "r" (line) : "memory", "v0");
#endif
    load_byte(line, NULL);
}

static void store_string(const void *line, void *scratch)
{
    (void)scratch;
#if defined(__x86_64__)
    const void *to = line;
    uint64_t count = LINE;

    asm volatile("rep stosb" : "+D" (to), "+c" (count) : "a" (0) : "memory");
#else
    asm volatile("dc zva, %0" : : "r" (line) : "memory");
#endif
    load_byte(line, NULL);
}

#if defined(__x86_64__)
void copy_string_load(void);

__attribute__((noinline, noclone))
static void copy_string(const void *line, void *scratch)
{
    const unsigned char *from = (const unsigned char *)line - 32;
    unsigned char *to = scratch;
    uint64_t count = LINE;

    memset(to, 0, LINE);
    asm volatile(".globl copy_string_load\ncopy_string_load:\n"
                 "rep movsb" : "+D" (to), "+S" (from), "+c" (count)
                 : : "memory");
}

/* The kernel loads, where it expects that a load can fail. */
static void system_call(const void *line, void *scratch)
{
    int fds[2];

    (void)scratch;
    if (pipe(fds)) {
        die("pipe");
    }
    errno = 0;
    if (write(fds[1], line, LINE) < 0) {
        printf("system-call errno %d\n", errno);
        siglongjmp(resume, 2);
    }
}
#endif

static void fetch(const void *line, void *scratch)
{
    (void)scratch;
    ((void (*)(void))line)();
}

typedef struct Way {
    const char *name;
    Load *go;
    unsigned at;        /* the poisoned line, in its page */
} Way;

static const Way ways[] = {
    { "byte", load_byte, 0 },
    { "half", load_half, 1024 },
    { "word", load_word, 2048 },
    { "quad", load_quad, PAGE - LINE },
    { "vector", load_vector, 128 },
    { "across-line", load_across, 192 },
    { "across-page", load_across, 0 },
    { "atomic", load_atomic, 256 },
    { "compare", load_compare, 320 },
#if defined(__x86_64__)
    { "wide", load_wide, 384 },
    { "wide-across-page", load_wide_across, 0 },
    { "add", load_add, 448 },
    { "exchange", load_exchange, 512 },
    { "string", copy_string, 640 },
    { "system-call", system_call, 768 },
#else
    { "pair", load_pair, 384 },
    { "four", load_four, 448 },
    { "exclusive", load_exclusive, 512 },
#endif
    { "fetch", fetch, 832 },
    { "store-part", store_part, 896 },
    { "store-all", store_all, 960 },
    { "store-vectors", store_vectors, 1088 },
    { "store-string", store_string, 1152 },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* A way has its page and one before it, which stays good. */
static unsigned char *line_of(unsigned char *pages, unsigned way)
{
    return pages + (2 * way + 1) * PAGE + ways[way].at;
}

/* Where the load of a way is: at its start, in the line, or in its middle. */
static int exact(const Way *way, const void *line)
{
#if defined(__x86_64__)
    if (seen_pc == (uintptr_t)copy_string_load) {
        return 1;
    }
#endif
    return seen_pc == (uintptr_t)way->go || seen_pc == (uintptr_t)line ||
           seen_pc == (uintptr_t)load_byte;
}

/* What the signal says is lost, if that holds the line: a page or more */
static const char *place(const void *line)
{
    unsigned bits = seen.si_addr_lsb;
    uintptr_t differs = (uintptr_t)seen.si_addr ^ (uintptr_t)line;

    if (bits <= PAGE_BITS) {
        return differs / PAGE ? "elsewhere" : "page";
    }
    return differs >> bits ? "elsewhere" : "block";
}

static void go(const Way *way, const unsigned char *line)
{
    static unsigned char scratch[LINE];

    switch (sigsetjmp(resume, 1)) {
    case 0:
        way->go(line, scratch);
        printf("%s read\n", way->name);
        break;
    case 1:
        if (seen.si_signo == SIGILL) {
            printf("%s sigill\n", way->name);
            break;
        }
        printf("%s sigbus %d %s %s\n", way->name, seen.si_code, place(line),
               exact(way, line) ? "exact" : "late");
        break;
    default:
        break;
    }
}

static int good(const unsigned char *pages)
{
    for (unsigned w = 0; w < WAYS; w++) {
        for (unsigned i = 0; i < PAGE; i++) {
            if (pages[2 * w * PAGE + i] != PATTERN) {
                return 0;
            }
        }
    }
    return 1;
}

static void await(const char *path)
{
    for (int i = 0; access(path, F_OK); i++) {
        if (i == WAIT_SECONDS * 10) {
            fprintf(stderr, "poison-read: no %s\n", path);
            exit(1);
        }
        usleep(100000);
    }
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_flags = SA_SIGINFO };
    uint32_t code = RETURN;
    unsigned char *pages;

    if (argc != 3) {
        fprintf(stderr, "usage: poison-read NODE|FILE GO-FILE\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    action.sa_sigaction = on_signal;
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    pages = argv[1][0] == '/' ? pages_of(argv[1], 2 * WAYS) :
            pages_on(atoi(argv[1]) & 63, 2 * WAYS);
    for (unsigned w = 0; w < WAYS; w++) {
        memcpy(line_of(pages, w), &code, sizeof(code));
        printf("%s 0x%" PRIx64 "\n", ways[w].name,
               physical(line_of(pages, w)));
    }
    printf("ready\n");
    await(argv[2]);
    for (unsigned w = 0; w < WAYS; w++) {
        go(&ways[w], line_of(pages, w));
    }
    printf("%s\n", good(pages) ? "intact" : "damaged");
    return 0;
}
