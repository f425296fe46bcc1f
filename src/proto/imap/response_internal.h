/* SPDX-License-Identifier: MIT
 *
 * What the files of the response grammar share.  All productions have one
 * shape: bool response_x(struct response *r) takes x off the text; on failure
 * the cursor stays where it could not go on, and r->expected says what should
 * have been there.
 */
#ifndef AVOCET_PROTO_IMAP_RESPONSE_INTERNAL_H
#define AVOCET_PROTO_IMAP_RESPONSE_INTERNAL_H

#include "base/str.h"

/* What the responses so far say of the session. */
struct response_facts {
	bool greeted;
	bool utf8; /* IMAP4rev2 or UTF8=ACCEPT is enabled */
	bool rev2;
	bool qresync;
	uint32_t exists; /* in the mailbox that is selected */
};

/* A whole response that is being taken apart: its text from the first octet to
 * the last CRLF.  Of a literal only "{12}" CRLF is there, its octets are not. */
struct response {
	struct cursor c;
	struct response_facts *facts;
	const char *expected;
	unsigned nesting;
};

typedef bool response_fn(struct response *r);

/* Here ${what} should be.  False. */
bool response_expected(struct response *r, const char *what);

/* Is this octet next? */
bool response_sees(const struct response *r, char byte);

/* Is it, and was it taken?  No failure if not. */
bool response_takes(struct response *r, char byte);

/* These octets, as they are. */
bool response_text(struct response *r, const char *text);

/* SP */
bool response_sp(struct response *r);

/* "(" ${item} *(SP ${item}) ")" */
bool response_list(struct response *r, response_fn *item);

/* "(" [${item} *(SP ${item})] ")" */
bool response_list_or_empty(struct response *r, response_fn *item);

/* ${item} / "NIL" */
bool response_or_nil(struct response *r, response_fn *item);

/* atom, as a view of the text */
bool response_atom(struct response *r, struct str *ret_atom);

/* 1*(ALPHA / DIGIT / "." / "-"), as a view of the text */
bool response_name(struct response *r, struct str *ret_name);

/* A number of at least ${min}, without sign and leading zeros: number,
 * number64. */
bool response_number32(struct response *r, uint32_t min, uint32_t *ret_number);
bool response_number64(struct response *r, uint64_t min);

/* uid-set without "*"; how many numbers it holds.  ${ascending}: each is
 * greater than those before it. */
bool response_set(struct response *r, bool ascending, uint64_t *ret_count);

/* quoted, as a view of the text between the quotes */
bool response_quoted(struct response *r, struct str *ret_text);

/* literal / "~{" number "}": its octets are counted elsewhere */
bool response_literal8(struct response *r);

/* string, nstring */
bool response_string(struct response *r);
bool response_nstring(struct response *r);

/* "(" objectid ")" */
bool response_objectid(struct response *r);

/* flag-list of FLAGS and of PERMANENTFLAGS, flags of a FETCH */
bool response_flags(struct response *r);
bool response_permanent_flags(struct response *r);
bool response_fetch_flags(struct response *r);

/* capability-data behind "CAPABILITY" */
bool response_capabilities(struct response *r);

/* resp-text: response_code.c */
bool response_resp_text(struct response *r);

/* msg-att: response_fetch.c */
bool response_msg_att(struct response *r);

/* What follows "* ", without CRLF: response_data.c */
bool response_data(struct response *r);

#endif
