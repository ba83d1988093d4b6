/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Count one event of a performance monitoring unit while a command runs:
 *
 *   pmu-count UNIT EVENT COMMAND [ARGUMENT...]
 *
 * UNIT is a name below /sys/bus/event_source/devices, EVENT one of its
 * events. Prints the count. perf of no particular kernel is needed.
 */
#include <err.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_file(const char *unit, const char *dir, const char *name,
                      char *text, size_t size)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s%s",
             unit, dir, name);
    f = fopen(path, "r");
    if (!f || !fgets(text, size, f)) {
        err(1, "%s", path);
    }
    fclose(f);
}

/*
 * "config=0x1e98002500000001", or "vid=0x1e98,gid=0x25,mask=0x1": the places
 * of such terms are config:0-31 and so on.
 */
static uint64_t config_of(const char *unit, char *event)
{
    uint64_t config = 0;

    for (char *term = strtok(event, ",\n"); term;
         term = strtok(NULL, ",\n")) {
        char *value = strchr(term, '='), format[64];
        int low;

        if (!value) {
            errx(1, "%s: not understood", term);
        }
        *value++ = 0;
        low = 0;
        if (strcmp(term, "config")) {
            read_file(unit, "format/", term, format, sizeof(format));
            if (sscanf(format, "config:%d", &low) != 1) {
                errx(1, "format of %s is %s", term, format);
            }
        }
        config |= strtoull(value, NULL, 0) << low;
    }
    return config;
}

int main(int argc, char **argv)
{
    struct perf_event_attr attr = { .size = sizeof(attr) };
    char text[256];
    uint64_t count;
    pid_t child;
    int fd;

    if (argc < 4) {
        errx(2, "usage: pmu-count UNIT EVENT COMMAND [ARGUMENT...]");
    }
    read_file(argv[1], "", "type", text, sizeof(text));
    attr.type = atoi(text);
    read_file(argv[1], "events/", argv[2], text, sizeof(text));
    attr.config = config_of(argv[1], text);
    read_file(argv[1], "", "cpumask", text, sizeof(text));
    fd = syscall(SYS_perf_event_open, &attr, -1, atoi(text), -1, 0);
    if (fd < 0) {
        err(1, "%s/%s/", argv[1], argv[2]);
    }
    child = fork();
    if (!child) {
        execvp(argv[3], argv + 3);
        err(127, "%s", argv[3]);
    }
    waitpid(child, NULL, 0);
    if (read(fd, &count, sizeof(count)) != sizeof(count)) {
        err(1, "read");
    }
    printf("count %llu\n", (unsigned long long)count);
    return 0;
}
