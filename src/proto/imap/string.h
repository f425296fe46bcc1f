/* SPDX-License-Identifier: MIT
 *
 * Characters, atoms, strings and numbers (RFC 9051 section 9).
 */
#ifndef AVOCET_PROTO_IMAP_STRING_H
#define AVOCET_PROTO_IMAP_STRING_H

#include "proto/imap/parser.h"

bool is_atom_char(char byte);
bool is_astring_char(char byte);
bool is_list_char(char byte);
bool is_tag_char(char byte);

/* Take the longest run of ATOM-CHARs, maybe none, as a view of the text. */
struct str take_atom_chars(struct parser *p);

/* tag = 1*<any ASTRING-CHAR except "+">           RFC 9051 section 9
 * At most TAG_BYTES_MAX. */
bool parse_tag(struct parser *p, struct str *ret_tag);

/* atom = 1*ATOM-CHAR                              RFC 9051 section 9 */
bool parse_atom(struct parser *p, struct str *ret_atom);

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE             RFC 9051 section 9
 * What is meant by it, without quotes and backslashes.  Octets above 0x7f must
 * be well-formed UTF-8. */
bool parse_quoted(struct parser *p, struct str *ret_string);

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8    RFC 9051 section 9 */
bool parse_literal(struct parser *p, struct str *ret_string);

/* string = quoted / literal                       RFC 9051 section 9 */
bool parse_string(struct parser *p, struct str *ret_string);

/* nstring = string / nil                          RFC 9051 section 9
 * NIL gives p == NULL, n == 0; an empty string has p != NULL. */
bool parse_nstring(struct parser *p, struct str *ret_string);

/* astring = 1*ASTRING-CHAR / string               RFC 9051 section 9 */
bool parse_astring(struct parser *p, struct str *ret_string);

/* list-mailbox = 1*list-char / string             RFC 9051 section 9 */
bool parse_list_mailbox(struct parser *p, struct str *ret_string);

/* objectid = 1*255(ALPHA / DIGIT / "_" / "-")     RFC 8474 section 7 */
bool parse_objectid(struct parser *p, struct str *ret_id);

/* number = 1*DIGIT, below 2^32                    RFC 9051 section 9 */
bool parse_number(struct parser *p, uint32_t *ret_number);

/* nz-number = digit-nz *DIGIT, below 2^32         RFC 9051 section 9 */
bool parse_nz_number(struct parser *p, uint32_t *ret_number);

/* number64 = 1*DIGIT, below 2^63                  RFC 9051 section 9 */
bool parse_number64(struct parser *p, uint64_t *ret_number);

/* nz-number64 = digit-nz *DIGIT, below 2^63       RFC 9051 section 9 */
bool parse_nz_number64(struct parser *p, uint64_t *ret_number);

#endif
