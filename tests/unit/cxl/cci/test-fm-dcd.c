/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/fm-dcd: 5600h to 5608h for every host, what they refuse, and the
 * records that the manager reads by 0100h and 0101h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/fm.h"
#include "tests/unit/cxl/core/dcd-fabric.h"
#include "tests/unit/scarce.h"

static uint8_t out[4096];
static uint32_t out_len;

static CxlRc run(Fabric *f, uint16_t opcode, const void *in, uint32_t len)
{
    uint16_t vendor;
    CxlRc rc = cxl_cci_execute(&f->h->dev->fm_cci, opcode, in, len, out, 2048,
                               &out_len, &vendor);

    fake_check(f->h);
    return rc;
}

static CxlFmDcChange change_of(uint16_t host, uint8_t selector, CxlUuid tag)
{
    CxlFmDcChange in = { .selector = selector, .tag = tag };

    stw_le_p(&in.host, host);
    return in;
}

/* Extents of a request, for which there is no memory */
static void test_scarce(void)
{
    static const uint16_t opcodes[] = {
        CXL_OP_FM_DC_ADD, CXL_OP_FM_DC_RELEASE,
    };
    Fabric *f = fabric_new(1);
    struct {
        CxlFmDcChange head;
        CxlDcExtentWire extent;
    } QEMU_PACKED in = { .head = { .selector = 2 } };

    stl_le_p(&in.head.count, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(opcodes); i++) {
        scarce_after = 0;
        g_assert_cmphex(run(f, opcodes[i], &in, sizeof(in)), ==,
                        CXL_RC_RESOURCES);
        g_assert_cmphex(run(f, opcodes[i], &in, sizeof(in)), !=,
                        CXL_RC_RESOURCES);
    }
    fabric_free(f);
}

static void test_info(void)
{
    Fabric *f = fabric_new(3);
    const CxlFmDcInfo *info = (const void *)out;
    CxlDcRegionConfig *cfg = &f->pool->regions[0].cfg, was = *cfg;
    uint16_t vendor;

    g_assert_cmphex(run(f, CXL_OP_FM_DC_INFO, NULL, 0), ==, 0);
    g_assert_cmpuint(out_len, ==, sizeof(*info));
    g_assert_cmpuint(info->hosts, ==, 3);
    g_assert_cmpuint(info->regions, ==, 2);
    g_assert_cmphex(lduw_le_p(&info->add_policies), ==, 7);
    g_assert_cmphex(lduw_le_p(&info->remove_policies), ==, 3);
    g_assert_cmphex(info->sanitize_configurable, ==, 3);
    g_assert_cmpuint(ldq_le_p(&info->capacity), ==, 3);
    g_assert_cmphex(ldq_le_p(&info->block_sizes[0]), ==,
                    (256 * MiB | (256 * MiB - 1)) & ~63ull);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_INFO, "x", 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    /* Bits 63 to 52 are never set, however big a region is. */
    cfg->base = cfg->len = 1ull << 60;
    g_assert_cmphex(cxl_cci_execute(&f->h->dev->fm_cci, CXL_OP_FM_DC_INFO,
                                    NULL, 0, out, 2048, &out_len, &vendor),
                    ==, 0);
    g_assert_cmphex(ldq_le_p(&info->block_sizes[0]), ==, 0xfffffffffffc0);
    *cfg = was;
    fabric_free(f);
}

static void test_config(void)
{
    Fabric *f = fabric_new(2);
    CxlFmDcConfigIn in = { .count = 8 };
    const CxlFmDcConfigOut *got = (const void *)out;

    for (unsigned host = 0; host < 2; host++) {
        stw_le_p(&in.host, host);
        g_assert_cmphex(run(f, CXL_OP_FM_DC_CONFIG, &in, sizeof(in)), ==, 0);
        g_assert_cmpuint(out_len, ==, 4 + 2 * 0x28 + 16);
        g_assert_cmpuint(lduw_le_p(&got->host), ==, host);
        g_assert_cmpuint(got->total, ==, 2);
        g_assert_cmpuint(got->returned, ==, 2);
        g_assert_cmphex(ldq_le_p(&got->regions[1].base), ==, BASE1);
        g_assert_cmphex(got->regions[1].flags, ==, CXL_DC_REGION_SHARABLE);
        g_assert_cmpuint(ldl_le_p(out + 4 + 2 * 0x28 + 4), ==, 131072);
    }
    in.start = 1;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_CONFIG, &in, sizeof(in)), ==, 0);
    g_assert_cmpuint(got->returned, ==, 1);
    in.start = 2;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_CONFIG, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    in.start = 0;
    stw_le_p(&in.host, 2);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_CONFIG, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    fabric_free(f);
}

static void test_set_config(void)
{
    Fabric *f = fabric_new(2);
    CxlFmDcSetConfig in = { .region = 1, .sanitize = 1 };
    const CxlEvDc *rec;

    stq_le_p(&in.block_size, 4 * MiB);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_SET_CONFIG, &in, sizeof(in)), ==, 0);
    g_assert_cmphex(f->pool->regions[1].cfg.flags, ==,
                    CXL_DC_REGION_SHARABLE | CXL_DC_REGION_SANITIZE);
    /* Both hosts are told. */
    g_assert_cmpuint(record(f->h, 0)->type, ==, CXL_EVDC_REGION_UPDATED);
    rec = (const void *)cxl_events_peek(&f->events[1], CXL_EVLOG_DC, 0);
    g_assert_cmpuint(rec->type, ==, CXL_EVDC_REGION_UPDATED);
    g_assert_cmpuint(rec->region, ==, 1);
    in.sanitize = 2;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_SET_CONFIG, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    in.sanitize = 0;
    in.region = 2;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_SET_CONFIG, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    fabric_free(f);
}

static void test_change(void)
{
    Fabric *f = fabric_new(3);
    CxlFmDcChange in = change_of(2, CXL_DC_ADD_CONTIGUOUS, tag_a);
    CxlFmDcExtentsIn ask = { 0 };
    const CxlFmDcExtentsOut *list = (const void *)out;
    CxlBgRange x = { BASE0, 2 * BLOCK };

    stq_le_p(&in.length, 2 * BLOCK);
    for (unsigned len = 0; len < 40; len++) {
        uint8_t bytes[40] = { 3 }; /* no such host */

        g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, bytes, len), ==,
                        len == 28 || len == 32 ?
                        CXL_RC_INVALID_INPUT : CXL_RC_PAYLOAD_LENGTH);
    }
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in)), ==, 0);
    stl_le_p(&in.count, UINT32_MAX);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_RELEASE, &in, sizeof(in)), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(cxl_dcd_respond(f->view[2], &x, 1, false), ==, 0);
    stl_le_p(&ask.count, 10);
    for (unsigned host = 0; host < 4; host++) {
        stw_le_p(&ask.host, host);
        g_assert_cmphex(run(f, CXL_OP_FM_DC_EXTENTS, &ask, sizeof(ask)), ==,
                        host < 3 ? 0 : CXL_RC_INVALID_INPUT);
        if (host < 3) {
            g_assert_cmpuint(ldl_le_p(&list->total), ==, host == 2);
            g_assert_cmpuint(lduw_le_p(&list->host), ==, host);
        }
    }
    in = change_of(0, CXL_DC_REMOVE_TAG | CXL_FM_DC_FORCED, tag_a);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_RELEASE, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT); /* another host's */
    in = change_of(2, CXL_DC_REMOVE_TAG | CXL_FM_DC_FORCED, tag_a);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_RELEASE, &in, sizeof(in)), ==, 0);
    fake_host_run(f->h, 0); /* it is wiped */
    g_assert_cmpuint(f->pool->regions[0].free.total, ==, 512 * MiB);
    fabric_free(f);
}

/* Listed extents have their tag and region; the request's are reserved. */
static void test_listed(void)
{
    Fabric *f = fabric_new(1);
    struct {
        CxlFmDcChange head;
        CxlDcExtentWire extent[2];
    } QEMU_PACKED in = { .head = change_of(0, CXL_DC_ADD_PRESCRIPTIVE,
                                           tag_b) };
    const CxlEvDc *rec;

    stl_le_p(&in.head.count, 2);
    for (unsigned i = 0; i < 2; i++) {
        stq_le_p(&in.extent[i].dpa, BASE1 + i * 2 * BLOCK);
        stq_le_p(&in.extent[i].len, BLOCK);
    }
    in.extent[0].tag = tag_a;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in)), ==,
                    CXL_RC_EXTENT_LIST); /* two tags */
    in.extent[1].tag = tag_a;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in)), ==, 0);
    rec = record(f->h, 0);
    g_assert_true(cxl_uuid_equal((const CxlUuid *)(rec->extent + 16),
                                 &tag_a));
    in.head.selector = CXL_DC_REMOVE_PRESCRIPTIVE | CXL_FM_DC_FORCED;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_RELEASE, &in, sizeof(in)), ==, 0);
    /* None at all, and none in any region */
    in.head.selector = CXL_DC_ADD_PRESCRIPTIVE;
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, 28), ==,
                    CXL_RC_EXTENT_LIST);
    in.extent[0].tag = in.extent[1].tag = (CxlUuid) { { 0 } };
    stq_le_p(&in.extent[0].dpa, UINT64_MAX);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_DPA);
    fabric_free(f);
}

static CxlRc share(Fabric *f, uint16_t host, uint8_t policy)
{
    CxlFmDcChange in = change_of(host, policy, tag_a);

    in.region = 1;
    stq_le_p(&in.length, BLOCK);
    return run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in));
}

/* Who has a tag, who may get it, and whether the manager keeps it. */
static void test_tags(void)
{
    Fabric *f = fabric_new(20);
    CxlFmDcTagsIn ask = { 0 };
    const CxlFmDcTagsOut *list = (const void *)out;
    CxlBgRange x = { BASE1, BLOCK };
    uint32_t generation;

    g_assert_cmphex(share(f, 3, CXL_DC_ADD_FREE), ==, 0);
    g_assert_cmphex(cxl_dcd_respond(f->view[3], &x, 1, false), ==, 0);
    g_assert_cmphex(share(f, 3, CXL_DC_ADD_SHARED), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(share(f, 19, CXL_DC_ADD_SHARED), ==, 0);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD_REFERENCE, &tag_a, 16), ==, 0);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD_REFERENCE, &tag_b, 16), ==, 0);
    stl_le_p(&ask.count, 10);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_TAGS, &ask, sizeof(ask)), ==, 0);
    g_assert_cmpuint(ldl_le_p(&list->total), ==, 2);
    g_assert_cmpuint(ldl_le_p(&list->returned), ==, 2);
    g_assert_cmphex(list->validity, ==, 3);
    g_assert_cmpuint(list->tags[0].flags, ==, 1);
    for (unsigned i = 0; i < 32; i++) {
        g_assert_cmphex(list->tags[0].hosts[i], ==, i ? 0 : 1 << 3);
        g_assert_cmphex(list->tags[0].pending[i], ==, i == 2 ? 1 << 3 : 0);
        g_assert_cmphex(list->tags[1].hosts[i], ==, 0);
    }
    generation = ldl_le_p(&list->generation);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_REMOVE_REFERENCE, &tag_b, 16), ==, 0);
    stl_le_p(&ask.start, 1);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_TAGS, &ask, sizeof(ask)), ==, 0);
    g_assert_cmpuint(ldl_le_p(&list->generation), !=, generation);
    g_assert_cmpuint(ldl_le_p(&list->returned), ==, 0);
    stl_le_p(&ask.start, 2);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_TAGS, &ask, sizeof(ask)), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_REMOVE_REFERENCE, &tag_b, 16), ==,
                    CXL_RC_INVALID_INPUT);
    fabric_free(f);
}

/* What hosts do is in the manager's own log, which no host reads or clears. */
static void test_events(void)
{
    Fabric *f = fabric_new(2);
    CxlFmDcChange in = change_of(1, CXL_DC_ADD_FREE, tag_a);
    CxlBgRange x = { BASE0, BLOCK };
    uint8_t log = CXL_EVLOG_DC, clear[8] = { CXL_EVLOG_DC, 0, 1 };
    const CxlEvDc *rec = (const void *)(out + 0x20);

    stq_le_p(&in.length, BLOCK);
    g_assert_cmphex(run(f, CXL_OP_FM_DC_ADD, &in, sizeof(in)), ==, 0);
    g_assert_cmphex(cxl_dcd_respond(f->view[1], &x, 1, false), ==, 0);
    g_assert_cmphex(cxl_dcd_release(f->view[1], &x, 1, false), ==, 0);
    g_assert_cmphex(run(f, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 2);
    g_assert_cmpuint(rec[0].type, ==, CXL_EVDC_ADD_RESPONSE);
    g_assert_cmpuint(lduw_le_p(&rec[0].host_id), ==, 1);
    g_assert_cmphex(ldq_le_p(rec[0].extent), ==, BASE0);
    g_assert_cmpuint(rec[1].type, ==, CXL_EVDC_RELEASED);
    /* It is as it was after a save, and after a reset that the host did. */
    cxl_memdev_reset(f->h->dev, CXL_RESET_HOT);
    memcpy(clear + 6, &rec[0].hdr.handle, 2);
    g_assert_cmphex(run(f, CXL_OP_EVENTS_CLEAR, clear, 8), ==, 0);
    g_assert_cmphex(run(f, CXL_OP_EVENTS_CLEAR, clear, 8), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(run(f, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 1);
    g_assert_cmphex(fake_command(f->h, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    fake_reply(f->h, out, sizeof(out));
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 0);
    cxl_memdev_reset(f->h->dev, CXL_RESET_COLD);
    g_assert_cmphex(run(f, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 0);
    fabric_free(f);
}

static void test_events_saved(void)
{
    FakeHost *h = start(), *to = start();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    add(h, (CxlDcRequest) { .length = BLOCK });
    respond(h, BASE0, BLOCK);
    cxl_memdev_save(h->dev, bytes);
    g_assert_true(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                  &problem));
    fake_check(to);
    g_assert_cmpuint(to->dev->fm_events.log[CXL_EVLOG_DC].count, ==, 1);
    fake_host_free(h);
    fake_host_free(to);
}

#define TAGS     4000
#define EACH     25
#define FEW_TAGS 20

/* FEW_TAGS tags at most, from number @start on; returns how many. */
static unsigned list_some(Fabric *f, uint32_t start)
{
    CxlFmDcTagsIn ask = { 0 };
    uint16_t vendor;

    stl_le_p(&ask.start, start);
    stl_le_p(&ask.count, FEW_TAGS);
    g_assert_cmphex(cxl_cci_execute(&f->h->dev->fm_cci, CXL_OP_FM_DC_TAGS,
                                    (const uint8_t *)&ask, sizeof(ask),
                                    out, sizeof(out), &out_len, &vendor), ==,
                    0);
    return ldl_le_p(out + 8);
}

/* Processor time of listing FEW_TAGS; the best of some, in nanoseconds. */
static int64_t time_of_few(Fabric *f)
{
    int64_t best = INT64_MAX;

    for (unsigned i = 0; i < 20; i++) {
        struct timespec from, to;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        g_assert_cmpuint(list_some(f, 0), ==, FEW_TAGS);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        best = MIN(best, (to.tv_sec - from.tv_sec) * 1000000000ll +
                         to.tv_nsec - from.tv_nsec);
    }
    return best;
}

/*
 * Nobody looks through 100,000 extents for each tag: the same tags take as
 * long to list as when there were no others, which are 40 times as many.
 */
static void test_many_tags(void)
{
    CxlMemdevConfig cfg = config();
    int64_t alone = 0, among;
    unsigned seen = 0;
    Fabric *f;

    cfg.dc_regions[0].block_size = 4096;
    cfg.event_log_size[CXL_EVLOG_DC] = 1000;
    f = fabric_new_of(&cfg, 1);
    for (unsigned t = 0; t < TAGS; t++) {
        CxlBgRange x[EACH];
        CxlDcRequest req = {
            .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x,
            .num_extents = EACH, .tag = { { 1, t, t >> 8 } },
        };
        const char *why;

        for (unsigned i = 0; i < EACH; i++) {
            x[i] = (CxlBgRange) { BASE0 + ((uint64_t)i * TAGS + t) * 4096,
                                  4096 };
        }
        g_assert_cmphex(cxl_dcd_add(f->pool, &req, &why), ==, 0);
        g_assert_cmphex(cxl_dcd_respond(f->view[0], x, EACH, false), ==, 0);
        if (t == FEW_TAGS - 1) {
            alone = time_of_few(f);
        }
    }
    among = time_of_few(f);
    g_test_message("%d tags: %" PRId64 " ns alone, %" PRId64 " ns among %d",
                   FEW_TAGS, alone, among, TAGS);
    g_assert_cmpint(among, <, 10 * alone);
    while (seen < TAGS) {
        seen += list_some(f, seen);
    }
    fake_drain_events(f->h, CXL_EVLOG_DC);
    for (unsigned t = 0; t < TAGS; t++) {
        CxlDcRequest req = {
            .policy = CXL_DC_REMOVE_TAG, .forced = true,
            .tag = { { 1, t, t >> 8 } },
        };
        const char *why;

        g_assert_cmphex(cxl_dcd_remove(f->pool, &req, &why), ==, 0);
    }
    g_assert_cmpuint(f->pool->regions[0].free.total, ==, 512 * MiB);
    fabric_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fm-dcd/info", test_info);
    g_test_add_func("/cxl/fm-dcd/scarce", test_scarce);
    g_test_add_func("/cxl/fm-dcd/config", test_config);
    g_test_add_func("/cxl/fm-dcd/set-config", test_set_config);
    g_test_add_func("/cxl/fm-dcd/change", test_change);
    g_test_add_func("/cxl/fm-dcd/listed", test_listed);
    g_test_add_func("/cxl/fm-dcd/tags", test_tags);
    g_test_add_func("/cxl/fm-dcd/events", test_events);
    g_test_add_func("/cxl/fm-dcd/events-saved", test_events_saved);
    g_test_add_func("/cxl/fm-dcd/many-tags", test_many_tags);
    return g_test_run();
}
