/* SPDX-License-Identifier: MIT
 *
 * Another IMAP server, to which this is the client: connecting, TLS, logging
 * in, commands and what answers them.
 *
 * All of these wait for the server, within limits (IMPORT_CONNECT_MS_MAX and
 * the like).  After any result but RC_OK the connection is of no use any more,
 * and remote_why() says what was wrong.
 */
#ifndef AVOCET_ADMIN_REMOTE_H
#define AVOCET_ADMIN_REMOTE_H

#include "base/buf.h"
#include "foreign/imap_reply.h"

struct remote;

enum remote_tls {
	REMOTE_TLS,	 /* from the first byte on */
	REMOTE_STARTTLS, /* before the password is sent */
	REMOTE_PLAIN,	 /* none */
};

struct remote_options {
	const char *host;
	const char *port;
	enum remote_tls tls;
	const char *fingerprint; /* of its certificate; NULL: verify that */
	const char *login;
	struct str password;
	/* A piece of a message: see imap_reader_source. */
	enum rc (*piece)(void *arg, struct str piece);
	/* The server has been silent for IMPORT_REST_MS, between messages. */
	void (*rest)(void *arg);
	void *arg;
};

/* Connect and log in.  The options stay; the password is not needed behind
 * it.  *ret_remote is set whatever the result. */
enum rc remote_open(const struct remote_options *options,
    struct remote **ret_remote) MUST_CHECK;
/* Say goodbye if that can be, and free.  NULL is fine. */
void remote_close(struct remote *r);

/* Does the server have this capability? */
bool remote_offers(const struct remote *r, const char *capability);

/* Send a command: ${text} behind a tag, which is *ret_tag. */
enum rc
remote_send(struct remote *r, struct str text, uint64_t *ret_tag) MUST_CHECK;

/* The next response; RC_CLOSED when it is BYE, too. */
enum rc remote_next(struct remote *r, struct imap_reply *ret_reply) MUST_CHECK;

/* Does the response answer the command of this tag? */
bool remote_answers(const struct imap_reply *reply, uint64_t tag);

/* Append ${name} as a quoted string; false: it cannot be one. */
bool remote_quote(struct str name, struct buf *to);

/* What went wrong, with the name of the server, for people. */
const char *remote_why(const struct remote *r);

#endif
