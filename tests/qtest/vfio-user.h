/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI function that is nothing but 4 KiB of configuration space and 8 KiB of
 * BAR 0, which reads zero and takes no interrupt, served by the protocol of
 * vfio-user to QEMU's device of that name.  That one shares all
 * it does with configuration space with vfio-pci, which needs hardware.
 */
#ifndef TESTS_QTEST_VFIO_USER_H
#define TESTS_QTEST_VFIO_USER_H

#define VFIO_USER_CONFIG_LEN 4096

typedef struct VfioUser {
    char *path;                     /* of the socket */
    uint8_t config[VFIO_USER_CONFIG_LEN];   /* what hardware would say */
    unsigned writes[VFIO_USER_CONFIG_LEN / 4];  /* of each dword, seen here */
    unsigned resets;
    int listener;
    GThread *thread;
} VfioUser;

/* It listens; @config may be filled in until QEMU comes. */
VfioUser *vfio_user_new(void);
/* After QEMU has left, or where it never came */
void vfio_user_free(VfioUser *v);

#endif /* TESTS_QTEST_VFIO_USER_H */
