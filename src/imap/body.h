/* SPDX-License-Identifier: MIT
 *
 * The octets of a message that a FETCH item names: BODY[...], RFC822...,
 * BINARY[...] (RFC 9051 section 6.4.5, RFC 3516).
 *
 * An item is first found, which does all that can fail, then written, which
 * cannot: so an untagged FETCH is never left half said.  Octets go out as
 * ranges of the stored message; only filtered headers are copied, of at most
 * MIME_HEADER_BYTES_MAX of header.
 */
#ifndef AVOCET_IMAP_BODY_H
#define AVOCET_IMAP_BODY_H

#include "imap/decoded_source.h"
#include "imap/session.h"
#include "mime/common.h"
#include "proto/imap/fetch.h"

/* An open message.  The strings are its owner's. */
struct body {
	struct blob_source *source;
	uint64_t size;	    /* of all octets */
	uint64_t prefix;    /* octets before the parsed message */
	struct str table;   /* for mime/section.h */
	struct buf *header; /* scratch, of MIME_HEADER_BYTES_MAX */
	struct buf *chosen; /* the same */
};

enum body_form {
	BODY_NIL,     /* no such part */
	BODY_OCTETS,  /* a range of the message */
	BODY_DECODED, /* a range of what a part becomes */
	BODY_COPIED,  /* text */
	BODY_STRING,  /* text, quoted where it can be */
	BODY_SIZE,    /* a number: range.size */
};

/* What an item has become. */
struct body_piece {
	enum body_form form;
	bool literal8; /* may hold NUL, and the item allows it */
	struct mime_range range;
	struct encoded encoded; /* of BODY_DECODED */
	struct str text;	/* in the arena */
};

/* Find what ${att} names.  Reads the disk.  RC_UNSUPPORTED: BINARY of a part
 * whose encoding is not known or damaged; RC_CORRUPT, RC_IO; RC_LIMIT: the
 * arena refused. */
enum rc body_find(struct body *b, const struct fetch_att *att, struct arena *a,
    struct body_piece *ret_piece) MUST_CHECK;

/* The same for header fields that are among the common ones (mime/common.h) of
 * a message, ${packed}; ${chosen} is scratch.  RC_CORRUPT; RC_LIMIT: the arena
 * refused. */
enum rc body_common(struct str packed, mime_common_set set,
    const struct fetch_att *att, struct buf *chosen, struct arena *a,
    struct body_piece *ret_piece) MUST_CHECK;

/* Write the value of the item, behind what is in ${line} already.  Does not
 * wait. */
void body_write(
    struct imap_session *s, struct body *b, const struct body_piece *piece);

#endif
