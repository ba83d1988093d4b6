/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Go on in another kernel without a reset of the machine: what kexec does of
 * kexec-tools, without these.
 *
 *   kexec-file [-p] KERNEL INITRD COMMAND-LINE
 *
 * Does not return; exit status 1 and a reason if the kernel refuses.  With -p
 * it returns, and the other kernel is what follows a panic of this one.
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        perror(name);
    }
    return fd;
}

int main(int argc, char **argv)
{
    bool panic = argc == 5 && !strcmp(argv[1], "-p");
    int kernel, initrd;

    argv += panic;
    if (argc != 4 + panic) {
        fprintf(stderr, "usage: kexec-file [-p] KERNEL INITRD COMMAND-LINE\n");
        return 2;
    }
    kernel = open_file(argv[1]);
    initrd = open_file(argv[2]);
    if (kernel < 0 || initrd < 0) {
        return 1;
    }
    if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1,
                argv[3], panic ? KEXEC_FILE_ON_CRASH : 0)) {
        perror("kexec-file: kexec_file_load");
        return 1;
    }
    if (panic) {
        return 0;
    }
    sync();
    reboot(LINUX_REBOOT_CMD_KEXEC);
    perror("kexec-file: reboot");
    return 1;
}
