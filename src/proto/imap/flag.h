/* SPDX-License-Identifier: MIT
 *
 * Flags (RFC 9051 sections 2.3.2 and 9).
 */
#ifndef AVOCET_PROTO_IMAP_FLAG_H
#define AVOCET_PROTO_IMAP_FLAG_H

#include "proto/imap/parser.h"

/* System flags, as bits; the first five are mail/'s FLAG_ bits. */
enum {
	IMAP_FLAG_SEEN = 1,
	IMAP_FLAG_ANSWERED = 2,
	IMAP_FLAG_FLAGGED = 4,
	IMAP_FLAG_DELETED = 8,
	IMAP_FLAG_DRAFT = 16,
	IMAP_FLAG_RECENT = 32, /* a client may name it, but not change it */
};

struct flag_list {
	unsigned system;      /* IMAP_FLAG_ bits */
	struct str *keywords; /* each once; letters as the client wrote them */
	size_t keyword_count;
	bool unknown; /* there was a flag "\Foo" that means nothing to us; it is
		       * left out */
};

/* flag-list = "(" [flag *(SP flag)] ")"           RFC 9051 section 9
 * A keyword is at most KEYWORD_BYTES_MAX long, and there are at most FLAGS_MAX
 * of them. */
bool parse_flag_list(struct parser *p, struct flag_list *ret_flags);

/* (flag-list / (flag *(SP flag)))                 RFC 9051 section 9 */
bool parse_store_flags(struct parser *p, struct flag_list *ret_flags);

/* flag-keyword = atom                             RFC 9051 section 9 */
bool parse_flag_keyword(struct parser *p, struct str *ret_keyword);

/* "\Seen" for IMAP_FLAG_SEEN etc. */
const char *system_flag_name(unsigned bit);

/* Append the flags with a space between, without parentheses. */
void write_flags(struct buf *to, unsigned system, const struct str *keywords,
    size_t keyword_count);

/* Append "(" flags ")". */
void write_flag_list(struct buf *to, const struct flag_list *flags);

#endif
