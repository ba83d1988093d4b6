/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that writes nonsense into every function of a CXL machine, and not
 * only into the memory device: root port, switch, its mailbox, the host bridge.
 * Zero, all ones and one, at every width, at every byte of configuration space
 * and of the registers.  The machine must stay up and come up again.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/ports.h"

static const uint64_t values[] = { 0, UINT64_MAX, 1 };

static void write_one(QTestState *qts, uint64_t at, unsigned width, uint64_t v)
{
    switch (width) {
    case 1:
        qtest_writeb(qts, at, v);
        break;
    case 2:
        qtest_writew(qts, at, v);
        break;
    case 4:
        qtest_writel(qts, at, v);
        break;
    default:
        qtest_writeq(qts, at, v);
        break;
    }
}

/* Every multiple of @step is the start of accesses of every width. */
static void hammer(Ports *p, uint64_t base, uint64_t size, unsigned step)
{
    for (unsigned width = 1; width <= 8; width *= 2) {
        for (uint64_t at = 0; at + width <= size; at += step) {
            for (unsigned v = 0; v < ARRAY_SIZE(values); v++) {
                write_one(p->qts, base + at, width, values[v]);
            }
        }
    }
}

/* MEMFAB_HAMMER=all leaves no byte out; it takes minutes. */
static unsigned stride(unsigned step)
{
    return g_getenv("MEMFAB_HAMMER") ? 1 : step;
}

static void come_up_again(Ports *p)
{
    qobject_unref(qtest_qmp(p->qts, "{'execute': 'query-cxl'}"));
    qtest_system_reset(p->qts);
    ports_enumerate(p);
    ports_check_alive(p);
}

/*
 * Each write may move the function's registers or take what is below it away,
 * which is the guest's own affair.
 */
static void test_config(gconstpointer opaque)
{
    Ports *p = ports_start();

    hammer(p, p->ecam[GPOINTER_TO_UINT(opaque)], 0x1000, stride(2));
    come_up_again(p);
    ports_stop(p);
}

static void hammer_registers(Ports *p, uint64_t base, uint64_t size)
{
    hammer(p, base, 0x40, 1);
    hammer(p, base + 0x1000, 0x400, stride(2));
    for (uint64_t at = 0; at < size; at += 0x1000 - 8) {
        hammer(p, base + at, MIN(16, size - at), 1);
    }
    come_up_again(p);
}

static void test_registers(gconstpointer opaque)
{
    PortsFunction f = GPOINTER_TO_UINT(opaque);
    Ports *p = ports_start();

    hammer_registers(p, p->bar[f], f == PORTS_CCI ? 0x4000 : 0x10000);
    ports_stop(p);
}

static void test_bridge(void)
{
    Ports *p = ports_start();

    hammer_registers(p, p->bridge, 0x10000);
    ports_stop(p);
}

int main(int argc, char **argv)
{
    static const struct {
        PortsFunction f;
        const char *name;
    } functions[] = {
        { PORTS_ROOT, "root" }, { PORTS_UPSTREAM, "upstream" },
        { PORTS_CCI, "mailbox" }, { PORTS_DOWN0, "downstream" },
        { PORTS_DOWN1, "empty-downstream" },
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(functions); i++) {
        gconstpointer f = GUINT_TO_POINTER(functions[i].f);
        g_autofree char *config = g_strdup_printf(
            "/cxl/hammer-ports/%s/config", functions[i].name);
        g_autofree char *registers = g_strdup_printf(
            "/cxl/hammer-ports/%s/registers", functions[i].name);

        qtest_add_data_func(config, f, test_config);
        qtest_add_data_func(registers, f, test_registers);
    }
    qtest_add_func("/cxl/hammer-ports/host-bridge", test_bridge);
    return g_test_run();
}
