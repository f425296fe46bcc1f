/* SPDX-License-Identifier: MIT
 *
 * What an administrator can have done to accounts and mail.  The same functions
 * run in the tool, when no server has the store open, and in the server, on
 * behalf of the tool: an operation is words, perhaps a body, lines of output
 * and a result.
 */
#ifndef AVOCET_ADMIN_OPERATION_H
#define AVOCET_ADMIN_OPERATION_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/rc.h"

struct mail;

struct operation_io {
	/* The next piece of the body; RC_EOF at its end.  May wait. */
	enum rc (*read)(void *arg, struct str *ret_piece);
	/* One line of output, without a newline.  Does not wait for a
	 * client: an operation may hold a read transaction. */
	void (*line)(void *arg, struct str text);
	void *arg;
};

/* A session of a client, for `avocet who`; strings are good during the call. */
struct operation_session {
	uint64_t id;
	uint64_t account;
	const char *protocol;
	const char *user;
	const char *peer;
	const char *client; /* what it said of itself; may be "" */
	const char *doing;
	uint32_t mailbox; /* 0: none */
	bool tls;
	uint64_t since; /* seconds since 1970 */
	uint64_t bytes_in;
	uint64_t bytes_out;
};
typedef void operation_session_fn(void *arg, const struct operation_session *s);

/* The running server; none of these waits but reload. */
struct operation_server {
	void *arg;

	/* Call ${fn} for each session; it must not wait. */
	void (*sessions)(void *arg, operation_session_fn *fn, void *fn_arg);

	/* End the sessions of an account (0: of all), or only the one with
	 * this id (0: all of them); how many were told. */
	unsigned (*kick)(void *arg, uint64_t account, uint64_t id);

	/* Read configuration and certificates anew.  On failure nothing has
	 * changed, and ${why} says what is wrong; else it may say what does
	 * not change without a restart. */
	enum rc (*reload)(void *arg, char *why, size_t size);
};

/* A trace that is wanted; account is 0 when none is. */
struct operation_trace {
	uint64_t account;
	bool contents; /* of literals and messages, not only their sizes */
};

#define OPERATION_WHY_BYTES 256

struct operation {
	struct mail *mail;
	const struct operation_server *server; /* NULL: none runs */
	struct str words[CONTROL_WORDS_MAX];   /* [0] names the operation */
	size_t word_count;
	const struct operation_io *io;
	struct arena *arena; /* for the time of the operation */
	char why[OPERATION_WHY_BYTES];
	/* Set by an operation: instead of the reply's end, these lines follow
	 * for as long as the other side stays. */
	struct operation_trace trace;
};

/* Run an operation: mail, words and io are set.  On failure ${why} may hold a
 * reason for people; it is "" if the code says all.  RC_UNSUPPORTED: there is
 * no such operation.  Waits for the disk and for the body. */
enum rc operation_run(struct operation *o) MUST_CHECK;

/* For operations: set the reason, give the code back. */
enum rc operation_fail(struct operation *o, enum rc code, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* For operations: a line of output. */
void operation_say(struct operation *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For operations: the account called words[${index}]. */
enum rc operation_account(
    struct operation *o, size_t index, uint64_t *ret_account) MUST_CHECK;

#endif
