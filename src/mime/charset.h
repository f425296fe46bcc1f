/* SPDX-License-Identifier: MIT
 *
 * Text in any charset to UTF-8, piece by piece; never fails.  Bytes that mean
 * nothing in the charset become U+FFFD.  Text in US-ASCII, in UTF-8, in a
 * charset that is not known or in none is taken as UTF-8 where it is
 * well-formed, and byte by byte as Windows-1252 where it is not: this is
 * what it most often is.
 */
#ifndef AVOCET_MIME_CHARSET_H
#define AVOCET_MIME_CHARSET_H

#include "base/buf.h"

struct mime_charset;

/* Can text in the charset of this name be converted? */
bool mime_charset_known(struct str name);

/* The same, for who may be told that it cannot: false, too, for the names that
 * messages have when their charset is not known ("x-unknown"). */
bool mime_charset_definite(struct str name);

/* A converter from the charset ${name}, in any case; "" for none given. */
struct mime_charset *mime_charset_new(struct str name);

/* NULL is fine. */
void mime_charset_free(struct mime_charset *c);

/* Append ${bytes} as UTF-8: at most MIME_CHARSET_GROWTH times bytes.n plus
 * MIME_CHARSET_HELD octets, for which ${to} should have room. */
void
mime_charset_write(struct mime_charset *c, struct str bytes, struct buf *to);

/* The text has ended; append what was held back.  A new text may follow. */
void mime_charset_finish(struct mime_charset *c, struct buf *to);

#define MIME_CHARSET_GROWTH 9
#define MIME_CHARSET_HELD   64

#endif
