/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long work of a device that is disturbed after each of its steps: by resets of
 * every kind, by a stop, by a person who reads and changes the machine, by a
 * migration, by being taken out.  What is then is a table: it went on, or
 * it ended and left the device as that end has it; and the device works.
 *
 * MEMFAB_MOMENTS=all disturbs after every step, else after some.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/mailbox.h"
#include "tests/qtest/cxl/fixture.h"

#define MOMENTS \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=pmem,size=256M " \
    "-object memory-backend-ram,id=lsa,size=1M "
#define DEVICE \
    "cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem,persistent-memdev=pmem," \
    "lsa=lsa,sn=7"
#define EXP_CAP     0x80
#define STEPS_MAX   4096
#define WORD        0x1122334455667788ull

typedef struct Work {
    const char *name;
    uint16_t opcode;
    uint32_t len;
    bool disables;          /* the media until it has succeeded */
    bool wipes;
    uint8_t in[256];
} Work;

/* CXL r3.1 8.2.9.9.5: what each takes depends on the size of the media. */
static const Work works[] = {
    { "sanitize", CXL_OP_SANITIZE, 0, true, true },
    { "media-zero", CXL_OP_MEDIA_OPERATION, 24, false, true,
      { 1, 1, [4] = 1, [8 + 8 + 3] = 0x20 } },
    { "scan", CXL_OP_SCAN_MEDIA, 17, false, false, { [8 + 2] = 0x80 } },
    { "transfer", CXL_OP_FW_TRANSFER, 256, false, false, { 0, 2 } },
};

static uint16_t running(CxlFixture *f)
{
    uint64_t status = fix_read(f, f->mailbox + CXL_MBREG_BACKGROUND, 8);

    return extract64(status, 16, 7) == 100 ? 0 : extract64(status, 0, 16);
}

static uint16_t result(CxlFixture *f)
{
    return extract64(fix_read(f, f->mailbox + CXL_MBREG_BACKGROUND, 8), 32,
                     16);
}

static void begin(CxlFixture *f, const Work *work)
{
    g_assert_cmphex(fix_command_rc(f, work->opcode, work->in, work->len), ==,
                    CXL_RC_BACKGROUND);
}

/* The next time that anything of the machine waits for; false: it has ended. */
static bool step(CxlFixture *f)
{
    qtest_clock_step_next(f->qts);
    return running(f);
}

static void finish(CxlFixture *f)
{
    for (unsigned i = 0; step(f); i++) {
        g_assert_cmpuint(i, <, STEPS_MAX);
    }
}

static bool media_disabled(CxlFixture *f)
{
    return extract64(fix_read(f, f->memdev, 8), 2, 2) == 3;
}

/* --- what happens --------------------------------------------------------- */

static CxlFixture *nothing(CxlFixture *f)
{
    return f;
}

static CxlFixture *function_reset(CxlFixture *f)
{
    uint16_t ctl = fix_config_read(f, EXP_CAP + PCI_EXP_DEVCTL, 2);

    fix_config_write(f, EXP_CAP + PCI_EXP_DEVCTL, 2,
                     ctl | PCI_EXP_DEVCTL_BCR_FLR);
    fix_enumerate(f);
    return f;
}

static CxlFixture *a_person(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': 'warning', 'flags': 0,"
        " 'dpa': 0, 'descriptor': 0, 'type': 0, 'transaction-type': 0,"
        " 'sub-type': 0 }}");
    return f;
}

static CxlFixture *move(CxlFixture *f)
{
    return fix_move(f, MOMENTS "-device " DEVICE);
}

static void take_out(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
}

/* Another of that name, with the same memory */
static CxlFixture *replaced(CxlFixture *f)
{
    take_out(f);
    for (unsigned i = 0; i < 8; i++) {
        qtest_clock_step_next(f->qts);
    }
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    qtest_qmp_device_add(f->qts, "cxl-type3", "cxl0", "{'bus': 'rp0',"
                         " 'volatile-memdev': 'vmem', 'lsa': 'lsa', 'sn': 7,"
                         " 'persistent-memdev': 'pmem'}");
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_ON | PCI_EXP_SLTCTL_PWR_ON);
    fix_enumerate(f);
    return f;
}

typedef enum After {
    GOES_ON,
    ENDS,       /* and the media is as an end of that kind leaves it */
    NEW,        /* another device: nothing is known of it */
} After;

static const struct {
    const char *name;
    CxlFixture *(*happens)(CxlFixture *f);
    After after;
    bool rare;  /* takes long */
} events[] = {
    { "nothing", nothing, GOES_ON },
    { "function-reset", function_reset, GOES_ON },
    { "bus-reset", fix_after_bus_reset, ENDS },
    { "machine-reset", fix_after_machine_reset, ENDS },
    { "stop-and-go", fix_after_stop, GOES_ON },
    { "person", a_person, GOES_ON },
    { "replaced", replaced, NEW },
    { "move", move, GOES_ON, true },
};

/* --- the table ------------------------------------------------------------ */

static void ready_again(CxlFixture *f)
{
    CxlReply r;

    g_assert_cmphex(fix_command_rc(f, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    finish(f);
    g_assert_cmphex(result(f), ==, CXL_RC_SUCCESS);
    g_assert_false(media_disabled(f));
    fix_command_ok(f, CXL_OP_IDENTIFY, NULL, 0, &r);
}

static CxlFixture *disturb(CxlFixture *f, const Work *work, unsigned steps,
                           unsigned e)
{
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    g_test_message("%s, %s after %u", work->name, events[e].name, steps);
    fix_write(f, hpa, 8, WORD);
    begin(f, work);
    while (steps-- && step(f)) {
        continue;
    }
    f = events[e].happens(f);
    if (events[e].after == GOES_ON) {
        if (running(f)) {
            finish(f);
        }
        g_assert_cmphex(result(f), ==, CXL_RC_SUCCESS);
        g_assert_false(media_disabled(f));
        if (work->wipes && events[e].happens != function_reset) {
            g_assert_cmphex(fix_read(f, hpa, 8), ==, 0);
        }
    } else {
        for (unsigned i = 0; i < 8; i++) {
            step(f);
        }
        g_assert_cmphex(running(f), ==, 0);
        g_assert_cmpint(media_disabled(f), ==,
                        work->disables && events[e].after == ENDS);
    }
    ready_again(f);
    fix_after_machine_reset(f);
    return f;
}

static unsigned count_steps(CxlFixture *f, const Work *work)
{
    unsigned n = 1;

    begin(f, work);
    while (step(f)) {
        g_assert_cmpuint(n++, <, STEPS_MAX);
    }
    g_assert_cmphex(result(f), ==, CXL_RC_SUCCESS);
    fix_after_machine_reset(f);
    return n;
}

static void test_work(gconstpointer data)
{
    CxlFixture *f = fix_start(MOMENTS "-device " DEVICE);
    const char *all = getenv("MEMFAB_MOMENTS");
    const Work *work = data;
    unsigned steps = count_steps(f, work);

    for (unsigned e = 0; e < G_N_ELEMENTS(events); e++) {
        unsigned few = events[e].rare ? 1 : 3;
        unsigned stride = g_strcmp0(all, "all") ? MAX(steps / few, 1) : 1;

        for (unsigned n = 0; n < steps; n += stride) {
            f = disturb(f, work, n, e);
        }
    }
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(works); i++) {
        g_autofree char *path = g_strdup_printf("/cxl/moments/%s",
                                                works[i].name);

        qtest_add_data_func(path, &works[i], test_work);
    }
    return g_test_run();
}
