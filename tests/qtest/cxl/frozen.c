/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is taken away while a processor can still store to it: it is not
 * wiped before every processor has come out of guest code.
 *
 * A guest meets such a moment once in a while.  Here the processor is TCG's and
 * is frozen, and its memory a file that the test has mapped.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include <sys/mman.h>
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/bios.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/sdxi/freeze.h"

#define BLOCK   (2 * FIX_MIB)
#define WORD    0x1122334455667788ull

static pid_t processor(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-cpus-fast'}");
    QDict *cpu = qobject_to(QDict, qlist_peek(qdict_get_qlist(rsp, "return")));
    pid_t tid = qdict_get_int(cpu, "thread-id");

    qobject_unref(rsp);
    return tid;
}

static uint64_t *open_memory(char **file)
{
    int fd = g_file_open_tmp("cxl-frozen-XXXXXX", file, NULL);
    void *memory;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, FIX_UNIT), ==, 0);
    memory = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(memory != MAP_FAILED);
    close(fd);
    return memory;
}

static void give(CxlFixture *f)
{
    uint8_t in[8 + 24] = { 1 };

    qtest_qmp_assert_success(f->qts, "{'execute': 'cxl-add-dynamic-capacity',"
        " 'arguments': { 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}");
    stq_le_p(in + 16, BLOCK);
    g_assert_cmphex(fix_command_rc(f, 0x4802, in, sizeof(in)), ==, 0);
}

static void take(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-release-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0, 'region': 0,"
        " 'removal-policy': 'prescriptive', 'forced-removal': true,"
        " 'sanitize-on-release': true, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}");
}

/*
 * While the processor is frozen nothing may be wiped, so this waits only as
 * long as a device that wipes takes.
 */
static void test_wiped_after(void)
{
    g_autofree char *bios = idle_bios(), *file = NULL, *options = NULL;
    uint64_t *memory;
    CxlFixture *f;
    uint64_t hpa, seen;
    pid_t tid;

    if (!freeze_allowed()) {
        unlink(bios);
        return;
    }
    memory = open_memory(&file);
    options = g_strdup_printf("-accel tcg -bios %s -object memory-backend-file,"
                              "id=dc,size=256M,share=on,mem-path=%s -device "
                              "cxl-type3,bus=rp0,id=cxl0,volatile-dc-memdev=dc,"
                              "num-dc-regions=1", bios, file);
    f = fix_start(options);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    give(f);
    fix_write(f, hpa, 8, WORD);
    g_assert_cmphex(qatomic_read(memory), ==, WORD);
    tid = processor(f);
    freeze_thread(tid);
    take(f);
    for (unsigned i = 0; i < 200 && qatomic_read(memory) == WORD; i++) {
        g_usleep(500);
    }
    seen = qatomic_read(memory);
    thaw_thread(tid);
    g_assert_cmphex(seen, ==, WORD);
    g_assert_cmphex(fix_read(f, hpa, 8), !=, WORD);
    for (unsigned i = 0; i < 24000 && qatomic_read(memory); i++) {
        g_usleep(5000);
    }
    g_assert_cmphex(qatomic_read(memory), ==, 0);
    fix_stop(f);
    munmap(memory, BLOCK);
    unlink(file);
    unlink(bios);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/frozen/wiped-after", test_wiped_after);
    return g_test_run();
}
