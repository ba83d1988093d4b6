/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of saved state, for all streams of the lengths below and all that
 * two rooms may ask of it: no byte outside of the stream is read, a room gets
 * its own section and no more, a count fits in what is left, what is refused
 * has a reason and reads as zero from then on, and of a stream that is taken
 * each byte belongs to one header or was read by its room.
 *
 * cbmc: --unwind 18
 * each: LEN 23 48 56 80
 * mutation: hw/common/save.c
 *   | if (len > r->left) {
 *   | if (len > r->left + 1) {
 * mutation: hw/common/save.c
 *   | count > r->left / each
 *   | count > r->left
 * mutation: hw/common/save.c
 *   | } else if (found[i].bytes) {
 *   | } else if (!found) {
 * mutation: hw/common/save.c
 *   | while (save_good(r) && r->left) {
 *   | while (save_good(r) && r->left > 8) {
 * mutation: hw/common/save.c
 *   | !s->version || s->version > room->version
 *   | s->version > room->version
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"

#define ROOMS 2
#undef SAVE_ROOMS_MAX
#define SAVE_ROOMS_MAX ROOMS    /* found ones are a table of so many */

#include "hw/common/save.c"

typedef struct Seen {
    unsigned calls;
    uint64_t start, len;
    uint32_t version;
    bool good;
} Seen;

static const uint8_t *stream;
static Seen seen[ROOMS];

static bool inside(const uint8_t *at, uint64_t len)
{
    return at >= stream && at <= stream + LEN && len <= stream + LEN - at;
}

static void read_something(SaveReader *r)
{
    uint64_t max = nondet_u64(), before = r->left, count;
    size_t each = nondet_u8(), len;
    const uint8_t *blob;

    __CPROVER_assume(each >= 1 && each <= 3);
    switch (nondet_u8()) {
    case 0:
        count = save_get(r);
        assert(save_good(r) || !count);
        break;
    case 1:
        count = save_get_count(r, "n", max, each);
        assert(count <= max && count * each <= r->left);
        assert(save_good(r) || !count);
        break;
    case 2:
        blob = save_get_blob(r, "b", max, &len);
        assert(blob ? len <= max && inside(blob, len) : !len);
        assert(save_good(r) == (blob != NULL));
        break;
    case 3:
        assert(save_get_time(r, "t") >= 0);
        break;
    default:
        break;
    }
    assert(r->left <= before && (!r->left || inside(r->at, r->left)));
}

static void load(unsigned n, SaveReader *r)
{
    assert(!seen[n].calls && save_good(r));
    assert(inside(r->at, r->left));
    seen[n] = (Seen) { 1, r->at - stream, r->left, r->version };
    read_something(r);
    read_something(r);
    seen[n].good = save_good(r) && !r->left;
}

static void load_0(void *device, SaveReader *r)
{
    load(0, r);
}

static void load_1(void *device, SaveReader *r)
{
    load(1, r);
}

static bool has_1(const void *device)
{
    return *(const bool *)device;
}

/* What room @n got is a whole section of its name, in the stream. */
static uint64_t taken(const SaveRoom *room, unsigned n)
{
    const uint8_t *header = stream + seen[n].start - SAVE_HEADER;

    if (!seen[n].calls) {
        return 0;
    }
    assert(seen[n].good && seen[n].start >= 2 * SAVE_HEADER);
    assert(header[0] == (uint8_t)room->name[0] && !header[1]);
    assert(ldl_le_p(header + 16) == seen[n].version);
    assert(seen[n].version >= 1 && seen[n].version <= room->version);
    assert(ldl_le_p(header + 20) == seen[n].len);
    return SAVE_HEADER + seen[n].len;
}

int main(void)
{
    SaveRoom rooms[ROOMS] = {
        { .name = "a", .version = 2, .load = load_0 },
        { .name = "b", .version = 1, .load = load_1, .has = has_1,
          .may_miss = nondet_bool() },
    };
    uint8_t any[LEN + 1];   /* the last is not of the stream */
    bool has = nondet_bool();
    char *problem;
    bool good;

    stream = any;
    good = save_load_rooms("k", rooms, ROOMS, &has, stream, LEN, &problem);
    assert(good == !problem);
    assert(has || !seen[1].calls);
    if (good) {
        assert(seen[0].calls);
        assert(seen[1].calls || rooms[1].may_miss || !has);
        assert(SAVE_HEADER + taken(&rooms[0], 0) + taken(&rooms[1], 1) == LEN);
    }
    return 0;
}
