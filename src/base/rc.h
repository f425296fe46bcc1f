/* SPDX-License-Identifier: MIT
 *
 * Result codes: the one way a function of Avocet reports that it could not do
 * what it was asked.  RC_OK is zero.  A predicate or a parser returns bool
 * instead; a programmer's mistake is an assert.
 */
#ifndef AVOCET_BASE_RC_H
#define AVOCET_BASE_RC_H

/* Name and text of every code; the enum and rc_text() are made from it. */
#define RC_MAP(X)                                           \
	X(OK, "done")                                       \
	X(AGAIN, "nothing to do now, ask again when ready") \
	X(EOF, "end of input")                              \
	X(IO, "input or output error")                      \
	X(TIMEOUT, "deadline passed")                       \
	X(CLOSED, "the other side is gone")                 \
	X(SHUTDOWN, "shutting down")                        \
	X(LIMIT, "limit reached")                           \
	X(NOSPACE, "no space left")                         \
	X(NOTFOUND, "not found")                            \
	X(EXISTS, "exists already")                         \
	X(CONFLICT, "changed meanwhile")                    \
	X(INUSE, "in use")                                  \
	X(INVALID, "not valid")                             \
	X(SYNTAX, "syntax error")                           \
	X(REFUSED, "refused")                               \
	X(UNSUPPORTED, "not supported")                     \
	X(CORRUPT, "stored data is damaged")                \
	X(VERSION, "written by a newer version")

enum rc {
#define RC_ENUM(name, text) RC_##name,
	RC_MAP(RC_ENUM)
#undef RC_ENUM
};

/* The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The text of ${code}, for logs and the command line.  Never NULL. */
const char *rc_text(enum rc code);

/* The name of ${code} without the prefix ("OK", "IO").  Never NULL. */
const char *rc_name(enum rc code);

#endif
