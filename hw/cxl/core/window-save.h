/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of fixed memory windows: which storage is in host order, and the
 * decoders of the bridges above memory devices.
 *
 * The state is two sections of hw/common/save.h:
 *   sets      number of them; len, ig, iw, steps left, members that read zero,
 *             and by position path of the device and dpa; in version 1 none
 *             reads zero but by its bytes
 *   bridges   number of them; name, registers of the HDM decoder capability;
 *             in version 1 the name is a path
 *
 * A set whose bytes stay where they are is not part of it: who opens their
 * files next puts them in an order of its own before, and that one counts, also
 * against a stream that has such a set.
 *
 * Devices and bridges are found by name; whose paths these are, and who asks
 * for the state, is glue (hw/cxl/window/vmstate.c).
 */
#ifndef HW_CXL_CORE_WINDOW_SAVE_H
#define HW_CXL_CORE_WINDOW_SAVE_H

#include "hw/cxl/core/slice.h"

/* More than the largest machine has, and little to allocate for a liar */
#define CXL_WINDOW_SAVED_MAX (16 * 1024 * 1024) /* bytes of a stream */

/* How bytes come to the other side; both flags: some this way, some that */
#define CXL_BYTES_TRAVEL 1u     /* in the stream, in the order of here */
#define CXL_BYTES_STAY   2u     /* in a file, in an order that the file tells */

typedef struct CxlWindowSaveOps {
    /* Allocated, absolute */
    char *(*path)(void *opaque, void *device);
    /* NULL: there is none */
    void *(*device)(void *opaque, const char *path);
    /* Are these bytes of the device backed? */
    bool (*backed)(void *opaque, void *device, uint64_t dpa, uint64_t len);
    /* CXL_BYTES_* of these bytes, all of which are backed */
    unsigned (*way)(void *opaque, void *device, uint64_t dpa, uint64_t len);
    /*
     * Registers of a bridge from the HDM decoder capability on, little-endian,
     * CXL_HDM_LEN(CXL_HDM_DEVICE_MAX) bytes.  NULL: there is no such bridge.
     * A name that begins with '/' is a path.
     */
    uint8_t *(*decoders)(void *opaque, const char *name);
} CxlWindowSaveOps;

/*
 * Append the stream to @out; @bridges are the names of those to save.  False,
 * and nothing is appended: only a part of a set's bytes would travel.
 */
bool cxl_window_save(const CxlSlices *slices, const GPtrArray *bridges,
                     const CxlWindowSaveOps *ops, void *opaque,
                     GByteArray *out);
/*
 * The stream is judged as a whole, then sets and registers are as it says.
 * False: *@problem is a sentence (to be freed), and nothing has changed.  It
 * may be of before there were sections.
 */
bool cxl_window_load(CxlSlices *slices, const CxlWindowSaveOps *ops,
                     void *opaque, const uint8_t *bytes, size_t len,
                     char **problem);

#endif /* HW_CXL_CORE_WINDOW_SAVE_H */
