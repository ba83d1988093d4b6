/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of a machine: what its parts were given that a guest can see, as
 * properties and their values in words.  It is saved before anything else, and
 * a machine of another shape is told what is different, in the words of the
 * person who launches it.
 *
 * Which properties shape a part is for the part to say; where its values come
 * from is glue (hw/pci/shape.c).
 *
 * The words are a section of hw/common/save.h.  A property that only we have
 * is newer than the stream and is not compared; one that only the stream has
 * is refused.
 */
#ifndef HW_COMMON_SHAPE_H
#define HW_COMMON_SHAPE_H

/* More than any machine of ours has, and little to allocate for a liar */
#define SHAPES_SAVED_MAX    (16 * 1024 * 1024)  /* bytes of a stream */
/* Sentences that one comparison makes */
#define SHAPES_PROBLEMS_MAX 256

typedef struct Shapes Shapes;

Shapes *shapes_new(void);
void shapes_free(Shapes *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Shapes, shapes_free)

unsigned shapes_count(const Shapes *s);
/*
 * Add a part.  @place is where both machines have it, whatever it is called;
 * NULL: the parts of its type are in the order of their values.  @name is for
 * people, and may be NULL.
 */
void shapes_add(Shapes *s, const char *type, const char *place,
                const char *name);
/*
 * What the part that was added last was given; NULL: nothing.  A property that
 * begins with SHAPE_NAME is not compared: it is how the saved machine calls
 * something, for shapes_value().
 */
#define SHAPE_NAME '@'
void shapes_put(Shapes *s, const char *property, const char *value);
/* The same for what people write as a decimal number, and as an address */
void shapes_put_number(Shapes *s, const char *property, uint64_t value);
void shapes_put_address(Shapes *s, const char *property, uint64_t value);

/* Append the stream to @out.  Orders the parts. */
void shapes_save(Shapes *s, GByteArray *out);
/*
 * The machine that a stream tells of; NULL, and a sentence appended to
 * @problems, which frees it, if it tells nothing.
 */
Shapes *shapes_load(const uint8_t *bytes, size_t len, GPtrArray *problems);
/*
 * Is @saved of the shape of @s?  If not, sentences are appended to @problems.
 * Orders the parts of @s.
 */
bool shapes_same(Shapes *s, const Shapes *saved, GPtrArray *problems);
/* The value of a property of the part at @place, or NULL. */
const char *shapes_value(const Shapes *s, const char *type, const char *place,
                         const char *property);

#endif /* HW_COMMON_SHAPE_H */
