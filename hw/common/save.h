/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state as tagged sections, so that it can age: each room of a device
 * writes one section {name, version, length} and reads every version of it
 * that was ever written.  What is in a section is the room's own business,
 * see the _save() and _load() beside its _check().
 *
 * A stream is one section named after the kind of device, which holds the
 * sections of the rooms and nothing else.  All numbers are little-endian, a
 * number in a section has 64 bits whatever the type of its member is.
 *
 *      name[16] (a-z, 0-9, '-'; padded with zeroes)  version[4]  length[4]
 *
 * Nothing in a stream is believed.  The reader never goes beyond the bytes it
 * was given, allocates nothing in proportion to a number that it read, and
 * the first thing that is wrong is refused by the name of its section.  A
 * section that is there twice, is not known, is missing, is of a version that
 * did not exist yet, or is not read to its end, is refused.
 */
#ifndef HW_COMMON_SAVE_H
#define HW_COMMON_SAVE_H

#define SAVE_NAME_MAX   15          /* characters */
#define SAVE_HEADER     24          /* bytes before what a section holds */
#define SAVE_ROOMS_MAX  48          /* sections in one stream */

typedef struct SaveWriter {
    GByteArray *out;
} SaveWriter;

typedef struct SaveReader {
    const uint8_t *at;
    size_t left;
    const char *section;            /* for messages */
    uint32_t version;               /* of the section */
    char *problem;                  /* NULL: nothing is wrong so far */
} SaveReader;

/* One room of a device; @device is what its functions get. */
typedef struct SaveRoom {
    const char *name;
    uint32_t version;               /* that is written; 1 and up are read */
    /* Streams of before this room existed do not have it: it stays reset. */
    bool may_miss;
    /* Has a device of this configuration the room?  NULL: always. */
    bool (*has)(const void *device);
    void (*save)(const void *device, SaveWriter *w);
    /* r->version says what the bytes are; what is wrong goes to the reader. */
    void (*load)(void *device, SaveReader *r);
} SaveRoom;

/* Append the whole stream to @out. */
void save_rooms(const char *kind, const SaveRoom *rooms, unsigned count,
                const void *device, GByteArray *out);

/*
 * Load every room of @device from a stream, in the order of @rooms, whatever
 * the order in the stream.  False: *@problem is a sentence for the person (to
 * be freed), and the rooms are in no defined state.
 */
bool save_load_rooms(const char *kind, const SaveRoom *rooms, unsigned count,
                     void *device, const uint8_t *bytes, size_t len,
                     char **problem);

/*
 * As above for bytes of before there were sections: what is in version 1 of
 * each, one after the other in the order of @rooms; none of those that may
 * miss.
 */
bool save_load_untagged(const SaveRoom *rooms, unsigned count, void *device,
                        const uint8_t *bytes, size_t len, char **problem);

/* Do the bytes begin as a stream of @kind does? */
bool save_is_kind(const char *kind, const uint8_t *bytes, size_t len);

/* --- for the rooms: writing ---------------------------------------------- */

void save_put(SaveWriter *w, uint64_t number);
/* Bytes whose number the reader knows. */
void save_put_bytes(SaveWriter *w, const void *bytes, size_t len);
/* Bytes whose number it does not know: it goes before them. */
void save_put_blob(SaveWriter *w, const void *bytes, size_t len);

/* --- for the rooms: reading; after a refusal everything reads as zero ---- */

uint64_t save_get(SaveReader *r);
/* Into a member of any integer type; a number that does not fit is refused. */
#define SAVE_GET(r, member)                                             \
    do {                                                                \
        uint64_t save_number_ = save_get(r);                            \
        (member) = save_number_;                                        \
        if ((uint64_t)(member) != save_number_) {                       \
            save_refuse_number(r, #member, save_number_);               \
            (member) = 0;                                               \
        }                                                               \
    } while (0)
void save_get_bytes(SaveReader *r, void *bytes, size_t len);
/* They stay in the stream.  NULL: refused, or more than @max; *@len is 0. */
const uint8_t *save_get_blob(SaveReader *r, const char *what, size_t max,
                             size_t *len);
/*
 * How many elements follow: at most @max, and no more than fit in what is
 * left when each takes at least @each bytes; else refused, and 0.
 */
uint64_t save_get_count(SaveReader *r, const char *what, uint64_t max,
                        size_t each);
/* Both sides must have the same. */
void save_get_same(SaveReader *r, const char *what, uint64_t ours);

/*
 * A point of virtual time or a duration, in ns: not negative, and the sum of
 * two does not overflow.
 */
int64_t save_get_time(SaveReader *r, const char *what);

bool save_good(const SaveReader *r);
/* The first refusal stays; @what names what is wrong. */
void save_refuse(SaveReader *r, const char *what);
void save_refuse_number(SaveReader *r, const char *what, uint64_t number);

#endif /* HW_COMMON_SAVE_H */
