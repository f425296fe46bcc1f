/* SPDX-License-Identifier: MIT
 *
 * Writing what a response is made of (RFC 9051 section 9).  The writers of
 * particular values are beside their parsers.
 *
 * Whatever is given, what comes out is well-formed: octets that a form cannot
 * hold make it another form, or are replaced where there is none.  Nothing
 * writes "{0}", a space at the end of a line, or a response code without text.
 */
#ifndef AVOCET_PROTO_IMAP_WRITE_H
#define AVOCET_PROTO_IMAP_WRITE_H

#include "base/buf.h"
#include "proto/imap/set.h"

/* Append ${s} as quoted string.  NUL, CR and LF become "?"; octets above 0x7f,
 * too, unless ${utf8} and ${s} is well-formed. */
void write_quoted(struct buf *to, struct str s, bool utf8);

/* Append ${s} as quoted string if it is short (QUOTED_BYTES_MAX) and a quoted
 * string can hold it, else as literal.  NUL becomes "?". */
void write_string(struct buf *to, struct str s, bool utf8);

/* As write_string(); NIL when s.p is NULL. */
void write_nstring(struct buf *to, struct str s, bool utf8);

/* As write_string(), but as atom where that can hold it. */
void write_astring(struct buf *to, struct str s, bool utf8);

/* Begin a string of ${octets} that the caller appends or queues behind it:
 * "{12}" CRLF; or "" in quotes when there are none, and then nothing follows.
 * The octets hold no NUL. */
void write_literal_start(struct buf *to, uint64_t octets);

/* The same for octets that may hold NUL: "~{12}" CRLF (BINARY[] only). */
void write_literal8_start(struct buf *to, uint64_t octets);

/* -- responses ----------------------------------------------------------- */

/* Append "${tag} OK [CODE] text" without CRLF; ${tag} is "*" for an untagged
 * one, ${state} is OK, NO, BAD, BYE or PREAUTH.  ${code} may be empty.  Empty
 * text becomes "Done"; control characters, and octets above 0x7f, become "?",
 * and in the code so does "]". */
void write_state(struct buf *to, struct str tag, const char *state,
    struct str code, struct str text);

/* Append "+ text" without CRLF. */
void write_continue(struct buf *to, struct str text);

/* resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
 * The set has one UID for each message (RFC 4315 section 3, RFC 3502). */
void write_code_appenduid(
    struct buf *to, uint32_t uidvalidity, const struct seq_ranges *uids);

/* resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
 * Both in the same order.  Not to be called with empty sets: the code is left
 * out then (RFC 4315 section 3). */
void write_code_copyuid(struct buf *to, uint32_t uidvalidity,
    const struct seq_ranges *from, const struct seq_ranges *uids);

#endif
