/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user, by way of sysfs: what a function says of itself is not to be
 * believed.  Its files are those of a directory, instead of pci.c.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <sys/wait.h>
#include "tools/libsdxi-user/pci.h"

#define BDF             "0000:00:01.0"
#define MSIX            0x40            /* the capability */
#define REGS            0x21000
#define PAGE            4096

static char *dir;
static unsigned enabled;                /* how often that was written */

int sdxi_pci_open(const char *bdf G_GNUC_UNUSED, const char *leaf, int flags)
{
    g_autofree char *path = g_build_filename(dir, leaf, NULL);

    return open(path, flags | O_CLOEXEC);
}

bool sdxi_pci_write(const char *bdf G_GNUC_UNUSED,
                    const char *leaf G_GNUC_UNUSED,
                    const char *text G_GNUC_UNUSED)
{
    enabled++;
    return true;
}

void sdxi_pci_driver(const char *bdf G_GNUC_UNUSED, char *name,
                     size_t size G_GNUC_UNUSED)
{
    name[0] = 0;
}

bool sdxi_pci_translated(const char *bdf G_GNUC_UNUSED)
{
    return false;
}

bool sdxi_pci_config(int fd, uint64_t base, unsigned off, unsigned size,
                     uint32_t *value)
{
    *value = 0;
    return pread(fd, value, size, base + off) == size;
}

bool sdxi_pci_set_config(int fd, uint64_t base, unsigned off, unsigned size,
                         uint32_t value)
{
    return pwrite(fd, &value, size, base + off) == size;
}

unsigned sdxi_pci_capability(int fd G_GNUC_UNUSED, uint64_t base G_GNUC_UNUSED,
                             uint8_t id)
{
    return id == PCI_CAP_MSIX ? MSIX : 0;
}

static void write_at(const char *leaf, size_t len, size_t at, uint64_t value,
                     size_t bytes)
{
    g_autofree char *path = g_build_filename(dir, leaf, NULL);
    int fd = g_open(path, O_CREAT | O_RDWR, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, len), ==, 0);
    g_assert_cmpint(pwrite(fd, &value, bytes, at), ==, bytes);
    close(fd);
}

/* Its pending bits are at @pba: offset and BAR as in the capability. */
static void says(uint32_t pba)
{
    write_at("config", PAGE, MSIX + 8, pba, 4);
}

static SdxiUserPort *opened(uint32_t pba)
{
    SdxiUserPort *port = NULL;

    says(pba);
    write_at("resource0", REGS, 0, 0, 8);
    write_at("resource2", PAGE, 0, 0, 8);
    write_at("resource4", PAGE, PAGE - 8, 0x5a, 8);
    g_assert_cmpint(sdxi_user_sysfs_open(BDF, &port), ==, SDXI_USER_OK);
    return port;
}

static void test_busy(void)
{
    SdxiUserPort *port = opened(4), *second = NULL;
    unsigned before = enabled;

    /* it does not touch what another program uses */
    g_assert_cmpint(sdxi_user_sysfs_open(BDF, &second), ==, SDXI_USER_E_BUSY);
    g_assert_null(second);
    g_assert_cmpuint(enabled, ==, before);
    port->ops->close(port);
    port = opened(4);
    port->ops->close(port);
}

/* A child that the program has forked meanwhile does not keep it. */
static void test_forked(void)
{
    SdxiUserPort *port = opened(4);
    int ours[2], status;
    pid_t child;

    g_assert_cmpint(pipe(ours), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (!child) {
        char end;

        /* Until the program has ended with it, in whatever way */
        close(ours[1]);
        _exit(read(ours[0], &end, 1));
    }
    port->ops->close(port);
    port = opened(4);
    port->ops->close(port);
    close(ours[0]);
    close(ours[1]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
}

static void test_pending(void)
{
    SdxiUserPort *port = opened((PAGE - 8) | 4);
    uint64_t vectors = 0;

    g_assert_cmpint(port->ops->pending(port, &vectors), ==,
                    SDXI_USER_E_STATE);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpint(port->ops->mask(port, true), ==, SDXI_USER_OK);
        g_assert_cmpint(port->ops->pending(port, &vectors), ==, SDXI_USER_OK);
        g_assert_cmphex(vectors, ==, 0x5a);
        g_assert_cmpint(port->ops->mask(port, false), ==, SDXI_USER_OK);
        /* It says something else from now on: that leads nowhere. */
        says(0x10000000 | 4);
    }
    port->ops->close(port);
}

static void test_pending_nowhere(void)
{
    static const uint32_t pba[] = { PAGE | 4, 0x7ffffff8 | 4, 0xfffffff8 | 4 };

    for (unsigned i = 0; i < ARRAY_SIZE(pba); i++) {
        SdxiUserPort *port = opened(pba[i]);
        uint64_t vectors;

        g_assert_cmpint(port->ops->mask(port, true), ==, SDXI_USER_E_DEVICE);
        g_assert_cmpint(port->ops->pending(port, &vectors), ==,
                        SDXI_USER_E_STATE);
        port->ops->close(port);
    }
}

int main(int argc, char **argv)
{
    static const char *const leaves[] = {
        "config", "resource0", "resource2", "resource4",
    };
    int ret;

    g_test_init(&argc, &argv, NULL);
    dir = g_dir_make_tmp("memfab-sysfs-XXXXXX", NULL);
    g_assert_nonnull(dir);
    g_test_add_func("/tools/sdxi-sysfs/busy", test_busy);
    g_test_add_func("/tools/sdxi-sysfs/forked", test_forked);
    g_test_add_func("/tools/sdxi-sysfs/pending", test_pending);
    g_test_add_func("/tools/sdxi-sysfs/pending-nowhere", test_pending_nowhere);
    ret = g_test_run();
    for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++) {
        g_autofree char *path = g_build_filename(dir, leaves[i], NULL);

        g_unlink(path);
    }
    g_rmdir(dir);
    g_free(dir);
    return ret;
}
