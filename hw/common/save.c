/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tagged sections: the bounded writer and reader of saved state.  What the
 * sections hold is the business of the rooms; the contract is in save.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/save.h"

#define NAME_BYTES  16
#define NUMBER      8               /* bytes of a number in a section */

/* A section as it lies in the stream. */
typedef struct Section {
    char name[NAME_BYTES];          /* ends with a zero */
    uint32_t version;
    const uint8_t *bytes;           /* NULL: not found */
    size_t len;
} Section;

/* --- writing ------------------------------------------------------------- */

void save_put_bytes(SaveWriter *w, const void *bytes, size_t len)
{
    if (len) {
        g_byte_array_append(w->out, bytes, len);
    }
}

void save_put(SaveWriter *w, uint64_t number)
{
    uint8_t bytes[NUMBER];

    stq_le_p(bytes, number);
    save_put_bytes(w, bytes, sizeof(bytes));
}

void save_put_blob(SaveWriter *w, const void *bytes, size_t len)
{
    save_put(w, len);
    save_put_bytes(w, bytes, len);
}

/* Returns where it begins, for end_section(). */
static size_t begin_section(SaveWriter *w, const char *name, uint32_t version)
{
    uint8_t header[SAVE_HEADER] = { 0 };
    size_t start = w->out->len;

    assert(strlen(name) <= SAVE_NAME_MAX);
    memcpy(header, name, strlen(name));
    stl_le_p(header + NAME_BYTES, version);
    save_put_bytes(w, header, sizeof(header));
    return start;
}

static void end_section(SaveWriter *w, size_t start)
{
    size_t len = w->out->len - start - SAVE_HEADER;

    assert(len <= UINT32_MAX);
    stl_le_p(w->out->data + start + NAME_BYTES + 4, len);
}

static bool has_room(const SaveRoom *room, const void *device)
{
    return !room->has || room->has(device);
}

void save_rooms(const char *kind, const SaveRoom *rooms, unsigned count,
                const void *device, GByteArray *out)
{
    SaveWriter w = { .out = out };
    size_t stream = begin_section(&w, kind, 1);

    assert(count <= SAVE_ROOMS_MAX);
    for (unsigned i = 0; i < count; i++) {
        if (has_room(&rooms[i], device)) {
            size_t start = begin_section(&w, rooms[i].name, rooms[i].version);

            rooms[i].save(device, &w);
            end_section(&w, start);
        }
    }
    end_section(&w, stream);
}

/* --- reading ------------------------------------------------------------- */

bool save_good(const SaveReader *r)
{
    return !r->problem;
}

/* Takes @problem. */
static void give_up(SaveReader *r, char *problem)
{
    if (r->problem) {
        g_free(problem);
    } else {
        r->problem = problem;
    }
    r->left = 0;
}

static void refuse_section(SaveReader *r, const char *name, const char *what)
{
    give_up(r, g_strdup_printf("section '%s': %s", name, what));
}

void save_refuse(SaveReader *r, const char *what)
{
    refuse_section(r, r->section, what);
}

void save_refuse_number(SaveReader *r, const char *what, uint64_t number)
{
    give_up(r, g_strdup_printf("section '%s': %s is 0x%" PRIx64, r->section,
                               what, number));
}

/* The next @len bytes, or NULL. */
static const uint8_t *take(SaveReader *r, size_t len)
{
    const uint8_t *bytes = r->at;

    if (len > r->left) {
        save_refuse(r, "it is cut short");
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return bytes;
}

uint64_t save_get(SaveReader *r)
{
    const uint8_t *bytes = take(r, NUMBER);

    return bytes ? ldq_le_p(bytes) : 0;
}

void save_get_bytes(SaveReader *r, void *bytes, size_t len)
{
    const uint8_t *from = len ? take(r, len) : NULL;

    if (from) {
        memcpy(bytes, from, len);
    } else if (len) {
        memset(bytes, 0, len);
    }
}

uint64_t save_get_count(SaveReader *r, const char *what, uint64_t max,
                        size_t each)
{
    uint64_t count = save_get(r);

    if (count > max || count > r->left / each) {
        save_refuse_number(r, what, count);
        return 0;
    }
    return count;
}

const uint8_t *save_get_blob(SaveReader *r, const char *what, size_t max,
                             size_t *len)
{
    *len = save_get_count(r, what, max, 1);
    return save_good(r) ? take(r, *len) : NULL;
}

void save_get_same(SaveReader *r, const char *what, uint64_t ours)
{
    uint64_t theirs = save_get(r);

    if (save_good(r) && theirs != ours) {
        give_up(r, g_strdup_printf("section '%s': %s is 0x%" PRIx64
                                   ", and 0x%" PRIx64 " here", r->section,
                                   what, theirs, ours));
    }
}

int64_t save_get_time(SaveReader *r, const char *what)
{
    uint64_t ns = save_get(r);

    if (ns > INT64_MAX / 2) {
        save_refuse_number(r, what, ns);
        return 0;
    }
    return ns;
}

static bool name_fits(const char name[NAME_BYTES])
{
    size_t len = 0;

    while (len < NAME_BYTES && (g_ascii_islower(name[len]) ||
                                g_ascii_isdigit(name[len]) ||
                                name[len] == '-')) {
        len++;
    }
    for (size_t i = len; i < NAME_BYTES; i++) {
        if (name[i]) {
            return false;
        }
    }
    return len && len <= SAVE_NAME_MAX;
}

/* Of @r, which moves on behind the section; false: refused. */
static bool next_section(SaveReader *r, Section *s)
{
    const uint8_t *header = take(r, SAVE_HEADER);

    if (!header) {
        return false;
    }
    memcpy(s->name, header, NAME_BYTES);
    if (!name_fits(s->name)) {
        save_refuse(r, "something in it is not a section");
        return false;
    }
    s->version = ldl_le_p(header + NAME_BYTES);
    s->len = ldl_le_p(header + NAME_BYTES + 4);
    if (s->len > r->left) {
        refuse_section(r, s->name, "it is longer than the stream");
        return false;
    }
    s->bytes = take(r, s->len);
    return true;
}

bool save_is_kind(const char *kind, const uint8_t *bytes, size_t len)
{
    char name[NAME_BYTES] = { 0 };

    assert(strlen(kind) <= SAVE_NAME_MAX);
    memcpy(name, kind, strlen(kind));
    return len >= NAME_BYTES && !memcmp(bytes, name, NAME_BYTES);
}

/* Sort the sections of @r by the rooms that they belong to. */
static void find_sections(SaveReader *r, const SaveRoom *rooms,
                          unsigned count, const void *device, Section *found)
{
    while (save_good(r) && r->left) {
        Section s = { 0 };
        unsigned i = 0;

        if (!next_section(r, &s)) {
            return;
        }
        while (i < count && (strcmp(rooms[i].name, s.name) ||
                             !has_room(&rooms[i], device))) {
            i++;
        }
        if (i == count) {
            refuse_section(r, s.name, "it is not known here");
        } else if (found[i].bytes) {
            refuse_section(r, s.name, "it is there twice");
        } else {
            found[i] = s;
        }
    }
}

static void load_room(const SaveRoom *room, void *device, const Section *s,
                      SaveReader *all)
{
    SaveReader r = {
        .at = s->bytes, .left = s->len, .section = room->name,
        .version = s->version,
    };

    if (!s->version || s->version > room->version) {
        save_refuse_number(&r, "its version", s->version);
    } else {
        room->load(device, &r);
        if (r.left) {
            save_refuse(&r, "it is longer than its version");
        }
    }
    if (r.problem) {
        give_up(all, r.problem);
    }
}

static void load_rooms(SaveReader *r, const SaveRoom *rooms, unsigned count,
                       void *device)
{
    Section found[SAVE_ROOMS_MAX] = { 0 };

    assert(count <= SAVE_ROOMS_MAX);
    find_sections(r, rooms, count, device, found);
    for (unsigned i = 0; i < count && save_good(r); i++) {
        if (found[i].bytes) {
            load_room(&rooms[i], device, &found[i], r);
        } else if (!rooms[i].may_miss && has_room(&rooms[i], device)) {
            refuse_section(r, rooms[i].name, "it is missing");
        }
    }
}

bool save_load_rooms(const char *kind, const SaveRoom *rooms, unsigned count,
                     void *device, const uint8_t *bytes, size_t len,
                     char **problem)
{
    SaveReader r = { .at = bytes, .left = len, .section = kind };
    Section stream;

    if (next_section(&r, &stream)) {
        if (strcmp(stream.name, kind)) {
            save_refuse(&r, "the state is of another kind of device");
        } else if (stream.version != 1) {
            save_refuse_number(&r, "its version", stream.version);
        } else if (r.left) {
            save_refuse(&r, "something follows it");
        } else {
            r.at = stream.bytes;
            r.left = stream.len;
            load_rooms(&r, rooms, count, device);
        }
    }
    *problem = r.problem;
    return !r.problem;
}

bool save_load_untagged(const SaveRoom *rooms, unsigned count, void *device,
                        const uint8_t *bytes, size_t len, char **problem)
{
    SaveReader r = { .at = bytes, .left = len };

    for (unsigned i = 0; i < count && save_good(&r); i++) {
        if (!rooms[i].may_miss && has_room(&rooms[i], device)) {
            r.section = rooms[i].name;
            r.version = 1;
            rooms[i].load(device, &r);
        }
    }
    if (r.left) {
        save_refuse(&r, "something follows it");
    }
    *problem = r.problem;
    return !r.problem;
}
