/* SPDX-License-Identifier: MIT
 *
 * The parts found so far, in the order they begin, and what is written of them
 * at the end.
 *
 * The pieces of text that a part has are kept one behind the other in one
 * buffer.  ${used} is an upper bound of the length of BODYSTRUCTURE; when the
 * next part would pass MIME_STRUCTURE_BYTES_MAX, or MIME_PARTS_MAX, that part
 * becomes opaque and the tree full: the parser opens no more.
 */
#ifndef AVOCET_MIME_TREE_INTERNAL_H
#define AVOCET_MIME_TREE_INTERNAL_H

#include "base/vec.h"
#include "mime/mime_internal.h"

struct mime_slice {
	uint32_t offset;
	uint32_t size;
};

struct mime_node {
	enum mime_kind kind;
	enum mime_encoding encoding;
	unsigned depth;
	struct mime_range header;
	struct mime_range body;
	uint64_t lines_before; /* line ends before the body */
	uint64_t lines;
	struct mime_slice type;
	struct mime_slice subtype;
	struct mime_slice charset;
	struct mime_slice media;
	struct mime_slice fields;
	struct mime_slice extension;
	struct mime_slice envelope; /* of a MIME_MESSAGE */
};

struct mime_tree {
	VEC(struct mime_node) nodes;
	struct buf texts;
	size_t used;
	bool full;
};

void mime_tree_init(struct mime_tree *t);
void mime_tree_fini(struct mime_tree *t);

/* Forget all parts; of either memory at most ${kept} bytes stay. */
void mime_tree_clear(struct mime_tree *t, size_t kept);

/* Add a part whose header begins at ${header}; returns its index. */
size_t mime_tree_add(struct mime_tree *t, unsigned depth, uint64_t header);

/* Say what part ${index} holds; ${content} becomes opaque beyond the limits.
 * Until then a part is not complete. */
void mime_tree_describe(
    struct mime_tree *t, size_t index, struct mime_content *content);

/* Give MIME_MESSAGE ${index} its envelope; one that does not fit is left out
 * (all NIL). */
void
mime_tree_set_envelope(struct mime_tree *t, size_t index, struct str envelope);

/* Append BODY, or with ${extended} BODYSTRUCTURE. */
void
mime_tree_write_body(const struct mime_tree *t, bool extended, struct buf *to);

void mime_tree_write_table(
    const struct mime_tree *t, const struct mime_facts *facts, struct buf *to);

#endif
