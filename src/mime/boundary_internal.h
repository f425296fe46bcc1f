/* SPDX-License-Identifier: MIT
 *
 * What is open around the place where the parser reads, and which of it a
 * boundary belongs to.
 */
#ifndef AVOCET_MIME_BOUNDARY_INTERNAL_H
#define AVOCET_MIME_BOUNDARY_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"

/* A multipart, which waits for its boundary, or a message, which waits for the
 * end of what it stands in. */
struct mime_frame {
	size_t node; /* in the tree */
	bool is_multipart;
	bool is_digest;
	bool boundary_seen;
	bool closed; /* its last boundary was seen */
	size_t boundary_n;
	char boundary[MIME_BOUNDARY_BYTES_MAX];
};

/* Find the frame whose boundary ${line} is, which begins with "--"; NULL when
 * it is none.  ${ret_is_last}: no more parts follow. */
struct mime_frame *mime_boundary_find(struct mime_frame *frames, size_t count,
    struct str line, bool *ret_is_last);

#endif
