/* SPDX-License-Identifier: MIT
 *
 * SEARCH (RFC 9051 section 6.4.4, RFC 3501 section 6.4.4, RFC 4731, RFC 5032,
 * RFC 5182, RFC 7162 section 3.1.5, RFC 8474, RFC 8514).  The criteria become a tree;
 * strings in it are bytes in the charset that the command names.
 */
#ifndef AVOCET_PROTO_IMAP_SEARCH_H
#define AVOCET_PROTO_IMAP_SEARCH_H

#include "proto/imap/modifier.h"
#include "proto/imap/set.h"

enum search_kind {
	SEARCH_ALL,
	SEARCH_SAVEDATESUPPORTED, /* RFC 8514: all of our messages */
	/* Flags. */
	SEARCH_ANSWERED,
	SEARCH_DELETED,
	SEARCH_DRAFT,
	SEARCH_FLAGGED,
	SEARCH_SEEN,
	SEARCH_UNANSWERED,
	SEARCH_UNDELETED,
	SEARCH_UNDRAFT,
	SEARCH_UNFLAGGED,
	SEARCH_UNSEEN,
	SEARCH_NEW, /* RFC 3501: RECENT UNSEEN */
	SEARCH_OLD, /* RFC 3501: NOT RECENT */
	SEARCH_RECENT,
	/* .text: a keyword. */
	SEARCH_KEYWORD,
	SEARCH_UNKEYWORD,
	/* .text: a string, maybe empty. */
	SEARCH_BCC,
	SEARCH_BODY,
	SEARCH_CC,
	SEARCH_FROM,
	SEARCH_SUBJECT,
	SEARCH_TEXT,
	SEARCH_TO,
	SEARCH_HEADER, /* .field, .text */
	/* .text: an objectid, RFC 8474 */
	SEARCH_EMAILID,
	SEARCH_THREADID,
	/* .day */
	SEARCH_BEFORE,
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_SENTBEFORE,
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_SAVEDBEFORE, /* RFC 8514 */
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	/* .number: octets, seconds, a mod-sequence */
	SEARCH_LARGER,
	SEARCH_SMALLER,
	SEARCH_OLDER,
	SEARCH_YOUNGER,
	SEARCH_MODSEQ, /* RFC 7162: .number at least */
	/* .set */
	SEARCH_UID,
	SEARCH_SEQ, /* a sequence-set alone */
	/* .children */
	SEARCH_NOT, /* exactly one */
	SEARCH_OR,  /* two or more: OR a OR b c is one key with three */
	SEARCH_AND, /* one or more: a list in parentheses, or the program */
};

struct search_key {
	enum search_kind kind;
	struct search_key *next; /* among its siblings */
	struct str field;
	union {
		struct str text;
		int64_t day;
		uint64_t number;
		struct seq_set set;
		struct search_key *children;
	};
};

/* Result options, as bits; "RETURN ()" is ALL. */
enum {
	SEARCH_RETURN_MIN = 1,
	SEARCH_RETURN_MAX = 2,
	SEARCH_RETURN_COUNT = 4,
	SEARCH_RETURN_ALL = 8,
	SEARCH_RETURN_SAVE = 16, /* alone: nothing is answered but OK */
};

struct search_args {
	bool has_return;	 /* the answer is ESEARCH also in IMAP4rev1 */
	unsigned returns;	 /* SEARCH_RETURN_ bits; 0 without has_return */
	struct str charset;	 /* as written; p is NULL when none is named */
	struct search_key *root; /* SEARCH_AND */
	size_t key_count;	 /* in the whole tree */
	bool has_modseq;	 /* MODSEQ is among them */
};

/* [search-return-opts] SP ["CHARSET" SP charset SP] search-key
 * *(SP search-key)             RFC 9051 section 9
 * to the end; behind "SEARCH".  At most SEARCH_KEYS_MAX keys, nested at most
 * NESTING_MAX deep.  A result option that is not known is refused (RFC 4731
 * section 3.1), and so is CHARSET once UTF8=ACCEPT is enabled (RFC 9755). */
bool parse_search(struct parser *p, struct search_args *ret_args);

/* Append as a client writes it; the command behind "SEARCH". */
void write_search_key(struct buf *to, const struct search_key *key);
void write_search(struct buf *to, const struct search_args *args);

#endif
