/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory device whose dynamic capacity a pool lends: the pool is a thread of
 * this test, which says what a test wants it to, true or not.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "hw/cxl/core/fabric-wire.h"
#include "hw/cxl/wire/dcd.h"
#include "hw/cxl/wire/events.h"
#include "standard-headers/linux/pci_regs.h"
#include "tests/qtest/cxl/fabric-peer.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"

#include <sys/mman.h>
#include <sys/un.h>

#define BLOCK       (2 * FIX_MIB)
#define POOL        (4096 * FIX_MIB)    /* where the pool has its region */
#define REGION0     FIX_UNIT            /* and the device */
#define PATTERN     0x1122334455667788ull
#define WAIT_US     (20 * G_USEC_PER_SEC)

enum { ADD_RESPONSE = 0x4802, RELEASE = 0x4803 };
enum { RC_OK = 0, RC_UNSUPPORTED = 3, RC_RETRY = 5, RC_ADDRESS = 0x0f };

/* What the pool does beside the truth */
typedef enum Lie {
    TRUTH, SILENT, GONE, NO_MEMORY, SMALL_MEMORY, UNSEALED, OTHER_MEMORY,
    REFUSAL, NO_REGION, NOISE, HALF, LIES
} Lie;

typedef struct Heard {
    uint8_t type;
    uint32_t number, count, seq;
    uint64_t dpa, len;      /* of the first extent */
} Heard;

typedef struct Fake {
    char *dir, *path;
    int listener, fd, memory;
    uint8_t *bytes;
    GThread *thread;
    GAsyncQueue *heard;     /* Heard * */
    Lie lie;                /* for the connections to come */
    bool mute;              /* no RESULT by itself */
    uint32_t seq, offers;
} Fake;

static void send_bytes(Fake *p, const void *bytes, size_t len, int fd)
{
    /* Who is not wanted any more learns it by an error. */
    if (fabric_peer_send(p->fd, bytes, len, fd) < 0) {
        g_assert_true(errno == EPIPE || errno == ECONNRESET);
    }
}

static void say_with(Fake *p, CxlFabricMessage m, int fd)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    if (m.type != CXL_FABRIC_RESULT) {
        m.seq = p->seq++;
    }
    cxl_fabric_put(bytes, &m);
    send_bytes(p, bytes->data, bytes->len, fd);
}

#define SAY(p, ...) say_with(p, (CxlFabricMessage) { __VA_ARGS__ }, -1)

static void say_list(Fake *p, uint8_t type, uint32_t number, uint64_t dpa,
                     uint64_t len)
{
    CxlFabricExtent e = { .dpa = dpa, .len = len };

    SAY(p, .type = type, .list = { number, 0, 1, &e });
}

static int memory_of(uint64_t size, bool sealed)
{
    return fabric_peer_memory("fabric-test", size, sealed);
}

static void welcome_with(Fake *p, Lie lie, int fd)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_WELCOME,
        .welcome = {
            .size = 2 * FIX_UNIT, .max_extents = 64, .max_tags = 4, .head = 1,
            .regions = lie == NO_REGION ? 0 : 1,
            .region = { { POOL, 2 * FIX_UNIT, BLOCK, 0, 0 } },
        },
    };

    p->offers = 0;
    say_with(p, m, fd);
}

static void greet(Fake *p)
{
    CxlFabricMessage no = {
        .type = CXL_FABRIC_REFUSED,
        .refusal = { CXL_FABRIC_HEAD_TAKEN, "the head is taken" },
    };
    static const uint8_t noise[64] = { 0x80, 1, 2, 3 };
    int fd = -1;

    switch (p->lie) {
    case SILENT:
        break;
    case GONE:
        shutdown(p->fd, SHUT_RDWR);
        break;
    case REFUSAL:
        say_with(p, no, -1);
        break;
    case NOISE:
        send_bytes(p, noise, sizeof(noise), -1);
        break;
    case HALF:
        send_bytes(p, "CXFB\3\20\0\0", 8, -1);
        break;
    case NO_MEMORY:
        welcome_with(p, p->lie, -1);
        break;
    case SMALL_MEMORY:
        fd = memory_of(FIX_UNIT, true);
        welcome_with(p, p->lie, fd);
        break;
    case UNSEALED:
    case OTHER_MEMORY:
        fd = memory_of(2 * FIX_UNIT, p->lie == OTHER_MEMORY);
        welcome_with(p, p->lie, fd);
        break;
    default:
        welcome_with(p, p->lie, p->memory);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void take(Fake *p, const CxlFabricMessage *m, bool *greeted)
{
    Heard *h = g_new0(Heard, 1);

    h->type = m->type;
    h->seq = m->seq;
    if (m->type == CXL_FABRIC_HELLO) {
        h->count = m->hello.holds;
    } else {
        h->number = m->list.number;
        h->count = m->list.count;
        if (m->list.count) {
            h->dpa = m->list.extents[0].dpa;
            h->len = m->list.extents[0].len;
        }
    }
    if (!*greeted && (m->type == CXL_FABRIC_HELLO ? !m->hello.holds :
                      m->type == CXL_FABRIC_HOLDS)) {
        *greeted = true;
        greet(p);
    }
    if (!p->mute && (m->type == CXL_FABRIC_ANSWER ||
                     m->type == CXL_FABRIC_RELEASE)) {
        SAY(p, .type = CXL_FABRIC_RESULT, .seq = m->seq);
    }
    g_async_queue_push(p->heard, h);
}

/* One connection, until it ends */
static void serve(Fake *p)
{
    g_autofree CxlFabricStream *s = g_new0(CxlFabricStream, 1);
    bool greeted = false;
    CxlFabricMessage m;
    const char *why;
    uint32_t max;
    ssize_t n;

    cxl_fabric_stream_init(s, true);
    for (;;) {
        uint8_t *to = cxl_fabric_stream_room(s, &max);

        n = read(p->fd, to, max);
        if (n <= 0) {
            break;
        }
        switch (cxl_fabric_stream_arrived(s, n, &m, &why)) {
        case CXL_FABRIC_WHOLE:
            take(p, &m, &greeted);
            break;
        case CXL_FABRIC_BAD:
            g_error("the host says what is no message: %s", why);
        default:
            break;
        }
    }
    g_async_queue_push(p->heard, g_new0(Heard, 1)); /* type 0: the end */
}

static void *accept_all(void *opaque)
{
    Fake *p = opaque;
    int fd;

    while ((fd = accept(p->listener, NULL, NULL)) >= 0) {
        p->fd = fd;
        serve(p);
        close(fd);
    }
    return NULL;
}

static void listen_on(Fake *p)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    g_strlcpy(addr.sun_path, p->path, sizeof(addr.sun_path));
    p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(p->listener, (struct sockaddr *)&addr, sizeof(addr)),
                    ==, 0);
    g_assert_cmpint(listen(p->listener, 1), ==, 0);
    p->thread = g_thread_new("pool", accept_all, p);
}

static Fake *fake_new(void)
{
    Fake *p = g_new0(Fake, 1);

    p->dir = g_dir_make_tmp("fabric-XXXXXX", NULL);
    p->path = g_build_filename(p->dir, "pool.sock", NULL);
    p->memory = memory_of(2 * FIX_UNIT, true);
    p->bytes = mmap(NULL, 2 * FIX_UNIT, PROT_READ | PROT_WRITE, MAP_SHARED,
                    p->memory, 0);
    g_assert_true(p->bytes != MAP_FAILED);
    p->heard = g_async_queue_new_full(g_free);
    p->fd = -1;
    listen_on(p);
    return p;
}

static void fake_free(Fake *p)
{
    shutdown(p->listener, SHUT_RDWR);
    shutdown(p->fd, SHUT_RDWR);
    g_thread_join(p->thread);
    close(p->listener);
    unlink(p->path);
    rmdir(p->dir);
    munmap(p->bytes, 2 * FIX_UNIT);
    close(p->memory);
    g_async_queue_unref(p->heard);
    g_free(p->path);
    g_free(p->dir);
    g_free(p);
}

/* The next thing of that type that the host says; 0: its end */
static Heard hear(Fake *p, uint8_t type)
{
    for (;;) {
        g_autofree Heard *h = g_async_queue_timeout_pop(p->heard, WAIT_US);

        g_assert_nonnull(h);
        if (h->type == type) {
            return *h;
        }
    }
}

/* A machine with a device that the pool lends to */
static CxlFixture *start(Fake *p)
{
    g_autofree char *devices = g_strdup_printf(
        "-object memory-backend-cxl-fabric,id=pool,socket=%s "
        "-object memory-backend-ram,id=vmem,size=256M "
        "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem,"
        "volatile-dc-memdev=pool", p->path);

    return fix_start(devices);
}

static void offer(Fake *p, uint64_t at, uint64_t len)
{
    say_list(p, CXL_FABRIC_OFFER, p->offers++, POOL + at, len);
}

/* The guest has heard of it: @type is that of the record. */
static void expect_record(CxlFixture *f, uint8_t type, uint64_t at)
{
    g_autofree CxlReply *r = g_new(CxlReply, 1);
    const CxlEvDc *rec = (const CxlEvDc *)(r->data + 0x20);

    for (int i = 0; !fix_take_records(f, CXL_EVLOG_DC, r) && i < 2000; i++) {
        g_usleep(10000);
    }
    g_assert_cmphex(rec->type, ==, type);
    g_assert_cmphex(ldq_le_p(rec->extent), ==, REGION0 + at);
}

static uint16_t command(CxlFixture *f, uint16_t opcode, uint64_t at,
                        uint64_t len)
{
    uint8_t in[8 + 24] = { !!len };

    stq_le_p(in + 8, REGION0 + at);
    stq_le_p(in + 16, len);
    return fix_command_rc(f, opcode, in, len ? 32 : 8);
}

/* Host address of the region */
static uint64_t map(CxlFixture *f)
{
    fix_map(f, 0, 0, FIX_UNIT);
    return fix_map(f, 1, FIX_UNIT, 2 * FIX_UNIT);
}

static void lend(Fake *p, CxlFixture *f, uint64_t at, uint64_t len)
{
    offer(p, at, len);
    expect_record(f, CXL_EVDC_ADD, at);
    g_assert_cmphex(command(f, ADD_RESPONSE, at, len), ==, RC_OK);
}

static bool attached(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': {"
                           " 'path': '/objects/pool',"
                           " 'property': 'attached' }}");
    bool is = qdict_get_bool(rsp, "return");

    qobject_unref(rsp);
    return is;
}

static void wait_attached(CxlFixture *f, bool want)
{
    for (int i = 0; attached(f) != want && i < 2000; i++) {
        g_usleep(10000);
    }
    g_assert_cmpint(attached(f), ==, want);
}

/* What the guest stores is in the pool's memory, and nowhere else. */
static void test_lend(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f);
    Heard h;

    lend(p, f, BLOCK, BLOCK);
    h = hear(p, CXL_FABRIC_ANSWER);
    g_assert_cmphex(h.dpa, ==, POOL + BLOCK);
    g_assert_cmphex(h.len, ==, BLOCK);
    fix_write(f, hpa + BLOCK + 64, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes + BLOCK + 64), ==, PATTERN);
    stq_le_p(p->bytes + BLOCK + 128, ~PATTERN);
    g_assert_cmphex(fix_read(f, hpa + BLOCK + 128, 8), ==, ~PATTERN);
    /* Not lent, so others' */
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, 0);

    g_assert_cmphex(command(f, RELEASE, BLOCK, BLOCK), ==, RC_OK);
    g_assert_cmphex(hear(p, CXL_FABRIC_RELEASE).dpa, ==, POOL + BLOCK);
    fix_write(f, hpa + BLOCK + 64, 8, 0);
    g_assert_cmphex(ldq_le_p(p->bytes + BLOCK + 64), ==, PATTERN);
    fix_stop(f);
    fake_free(p);
}

/* The doorbell stays set, and nothing is mapped, until the pool says yes. */
static void test_waits(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f), in[4] = { 1, REGION0, BLOCK };
    Heard h;

    p->mute = true;
    offer(p, 0, BLOCK);
    expect_record(f, CXL_EVDC_ADD, 0);
    qtest_memwrite(f->qts, f->mailbox + 0x20, in, sizeof(in));
    fix_write(f, f->mailbox + 8, 8, ADD_RESPONSE | 32ull << 16);
    fix_write(f, f->mailbox + 4, 4, 1);
    h = hear(p, CXL_FABRIC_ANSWER);
    g_assert_cmphex(fix_read(f, f->mailbox + 4, 4) & 1, ==, 1);
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, 0);
    SAY(p, .type = CXL_FABRIC_RESULT, .seq = h.seq);
    while (fix_read(f, f->mailbox + 4, 4) & 1) {
        g_usleep(1000);
    }
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, PATTERN);

    /* One that never does: the guest's command ends all the same. */
    offer(p, BLOCK, BLOCK);
    expect_record(f, CXL_EVDC_ADD, BLOCK);
    g_assert_cmphex(command(f, ADD_RESPONSE, BLOCK, BLOCK), ==, RC_RETRY);
    hear(p, 0);
    fix_write(f, hpa, 8, ~PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, ~PATTERN);
    fix_stop(f);
    fake_free(p);
}

static void test_take_back(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f);

    lend(p, f, 0, 4 * BLOCK);
    say_list(p, CXL_FABRIC_ASK, 0, POOL, BLOCK);
    expect_record(f, CXL_EVDC_RELEASE, 0);
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, PATTERN);
    say_list(p, CXL_FABRIC_TAKE_BACK, 42, POOL, 2 * BLOCK);
    g_assert_cmpuint(hear(p, CXL_FABRIC_DONE).number, ==, 42);
    fix_write(f, hpa, 8, 0);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, PATTERN);
    fix_write(f, hpa + 2 * BLOCK, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes + 2 * BLOCK), ==, PATTERN);
    fix_stop(f);
    fake_free(p);
}

/* The pool dies: memory stays; it comes back, and hears what is held. */
static void test_death(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f);
    Heard h;

    lend(p, f, 3 * BLOCK, BLOCK);
    offer(p, 0, BLOCK);
    expect_record(f, CXL_EVDC_ADD, 0);
    shutdown(p->fd, SHUT_RDWR);
    hear(p, 0);
    g_assert_cmphex(command(f, ADD_RESPONSE, 0, BLOCK), !=, RC_OK);
    fix_write(f, hpa + 3 * BLOCK, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes + 3 * BLOCK), ==, PATTERN);
    g_assert_cmpuint(hear(p, CXL_FABRIC_HELLO).count, ==, 1);
    h = hear(p, CXL_FABRIC_HOLDS);
    g_assert_cmphex(h.dpa, ==, POOL + 3 * BLOCK);
    wait_attached(f, true);
    lend(p, f, 0, BLOCK);
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, PATTERN);

    /* What comes back is another one: no, and what is held stays. */
    p->lie = OTHER_MEMORY;
    shutdown(p->fd, SHUT_RDWR);
    hear(p, CXL_FABRIC_HOLDS);
    hear(p, 0);
    g_assert_false(attached(f));
    fix_write(f, hpa, 8, ~PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, ~PATTERN);
    p->lie = TRUTH;
    wait_attached(f, true);
    fix_stop(f);
    fake_free(p);
}

/* Each ends the connection, and nothing but the connection. */
static void test_hostile(void)
{
    static const struct {
        uint8_t type;
        uint32_t number;
        uint64_t dpa, len;
    } lists[] = {
        { CXL_FABRIC_OFFER, 7, POOL + BLOCK, BLOCK },
        { CXL_FABRIC_OFFER, 0, POOL, BLOCK },
        { CXL_FABRIC_OFFER, 0, 0, BLOCK },
        { CXL_FABRIC_OFFER, 0, POOL + 64, 64 },
        { CXL_FABRIC_OFFER, 0, POOL, 4 * FIX_UNIT },
        { CXL_FABRIC_TAKE_BACK, 0, POOL - FIX_UNIT, FIX_UNIT },
        { CXL_FABRIC_ASK, 0, UINT64_MAX - BLOCK + 1, BLOCK },
    };
    static const char *const bytes[] = {
        "CXFB\3\23\0\0\377\377\377\377\0\0\0\0",
        "CXFB\1\23\0\0\20\0\0\0\0\0\0\0",
        "CXFB\3\1\0\0\30\0\0\0\0\0\0\0",
        "GET / HTTP/1.1\r\n",
    };
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f);

    lend(p, f, 0, BLOCK);
    for (unsigned i = 0; i < G_N_ELEMENTS(lists) + G_N_ELEMENTS(bytes); i++) {
        unsigned n = i - G_N_ELEMENTS(lists);

        if (i < G_N_ELEMENTS(lists)) {
            say_list(p, lists[i].type, lists[i].number, lists[i].dpa,
                     lists[i].len);
        } else {
            /* With a descriptor that nobody has asked for */
            send_bytes(p, bytes[n], 16, p->memory);
        }
        hear(p, 0);
        fix_write(f, hpa, 8, i);
        g_assert_cmphex(ldq_le_p(p->bytes), ==, i);
        wait_attached(f, true);
    }
    fix_stop(f);
    fake_free(p);
}

static char *add_object(QTestState *qts, const char *socket, const char *more)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'object-add', 'arguments': {"
                           " 'qom-type': 'memory-backend-cxl-fabric',"
                           " 'id': 'new', 'socket': %s }}", socket);
    char *desc = NULL;

    if (qdict_haskey(rsp, "error")) {
        desc = g_strdup(qdict_get_str(qdict_get_qdict(rsp, "error"), "desc"));
    }
    qobject_unref(rsp);
    return desc;
}

/* At launch every failure is the person's to read. */
static void test_no_pool(void)
{
    static const char *const says[LIES] = {
        [SILENT] = "does not answer", [GONE] = "has gone",
        [NO_MEMORY] = "gave no memory", [SMALL_MEMORY] = "gave no memory",
        [UNSEALED] = "sealed", [REFUSAL] = "the head is taken",
        [NO_REGION] = "no region", [NOISE] = "'socket'",
        [HALF] = "does not answer",
    };
    QTestState *qts = qtest_init("-machine none");
    Fake *p = fake_new();
    g_autofree char *none = g_build_filename(p->dir, "none", NULL);
    g_autofree char *desc = add_object(qts, none, NULL);

    g_assert_nonnull(strstr(desc, "property 'socket': cannot connect"));
    for (unsigned i = 0; i < LIES; i++) {
        g_autofree char *why = NULL;

        p->lie = i;
        if (says[i]) {
            why = add_object(qts, p->path, NULL);
            g_assert_nonnull(why);
            g_assert_nonnull(strstr(why, "'socket'"));
            g_assert_nonnull(strstr(why, says[i]));
        }
    }
    p->lie = TRUTH;
    g_assert_null(add_object(qts, p->path, NULL));
    qtest_qmp_assert_success(qts, "{'execute': 'object-del', 'arguments': {"
                             " 'id': 'new' }}");
    hear(p, 0);
    qtest_quit(qts);
    fake_free(p);
}

/* Only the pool adds and removes; and nothing moves away with it. */
static void test_refusals(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    QTestState *qts;

    expect_refused(qtest_qmp(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'free', 'region': 0, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}"), "lent");
    lend(p, f, 0, BLOCK);
    expect_refused(qtest_qmp(f->qts,
        "{'execute': 'cxl-release-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'removal-policy': 'prescriptive', 'region': 0, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}"), "lent");
    expect_refused(qtest_qmp(f->qts, "{'execute': 'migrate', 'arguments': {"
                             " 'uri': 'exec:cat >/dev/null' }}"), "pool");
    expect_refused(qtest_qmp(f->qts, "{'execute': 'object-del', 'arguments': {"
                             " 'id': 'pool' }}"), "pool");
    fix_stop(f);
    qts = qtest_initf("%s -object memory-backend-cxl-fabric,id=pool,socket=%s",
                      fix_machine, p->path);
    expect_refused(qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                             " 'driver': 'cxl-type3', 'bus': 'rp0',"
                             " 'num-dc-regions': 2,"
                             " 'volatile-dc-memdev': 'pool' }}"),
                   "'num-dc-regions'");
    qtest_quit(qts);
    fake_free(p);
}

/* Reset keeps what is lent, contents too; unplugged, it is the pool's. */
static void test_reset_and_unplug(void)
{
    Fake *p = fake_new();
    CxlFixture *f = start(p);
    uint64_t hpa = map(f);

    lend(p, f, 0, BLOCK);
    fix_write(f, hpa, 8, PATTERN);
    stq_le_p(p->bytes + BLOCK, PATTERN);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    hpa = map(f);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    g_assert_cmphex(ldq_le_p(p->bytes + BLOCK), ==, PATTERN);
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': { 'id': 'cxl0' }}");
    /* As a driver takes the power off the slot */
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmphex(hear(p, CXL_FABRIC_RELEASE).dpa, ==, POOL);
    g_assert_cmphex(ldq_le_p(p->bytes), ==, PATTERN);
    offer(p, 0, BLOCK);
    g_assert_cmpuint(hear(p, CXL_FABRIC_ANSWER).count, ==, 0);
    fix_stop(f);
    fake_free(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/fabric/lend", test_lend);
    qtest_add_func("/cxl/fabric/waits", test_waits);
    qtest_add_func("/cxl/fabric/take-back", test_take_back);
    qtest_add_func("/cxl/fabric/death", test_death);
    qtest_add_func("/cxl/fabric/hostile", test_hostile);
    qtest_add_func("/cxl/fabric/no-pool", test_no_pool);
    qtest_add_func("/cxl/fabric/refusals", test_refusals);
    qtest_add_func("/cxl/fabric/reset-and-unplug", test_reset_and_unplug);
    return g_test_run();
}
