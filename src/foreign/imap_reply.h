/* SPDX-License-Identifier: MIT
 *
 * What another IMAP server says, as far as an import needs it (RFC 3501
 * section 7, RFC 9051 section 7): responses are read one after another from
 * bytes that are asked for as they are needed.  Messages are handed on in
 * pieces and never held; all else of a response is, within limits.
 *
 * Servers are of all kinds, so what does no harm is put up with: LF alone,
 * spaces too many, responses and items that mean nothing here.  What leaves in
 * doubt where the next response begins ends the conversation.
 */
#ifndef AVOCET_FOREIGN_IMAP_REPLY_H
#define AVOCET_FOREIGN_IMAP_REPLY_H

#include "base/arena.h"
#include "base/rc.h"

struct imap_reader;

struct imap_reader_source {
	/* The next bytes, at least one; they stay until the next call.  Any
	 * other result than RC_OK ends the reading, and is passed on. */
	enum rc (*read)(void *arg, struct str *ret_bytes);
	/* A piece of a message (BODY[] of FETCH), good during the call.
	 * Likewise. */
	enum rc (*piece)(void *arg, struct str piece);
	void *arg;
};

enum imap_reply_kind {
	IMAP_REPLY_OTHER,      /* of no interest */
	IMAP_REPLY_CONTINUE,   /* "+" */
	IMAP_REPLY_STATE,      /* state, code, text; tag "*" or a command's */
	IMAP_REPLY_CAPABILITY, /* text */
	IMAP_REPLY_NAMESPACE,  /* namespaces */
	IMAP_REPLY_LIST,       /* LIST or LSUB: name, delimiter, attributes */
	IMAP_REPLY_STATUS,     /* name, number of messages */
	IMAP_REPLY_EXISTS,     /* number */
	IMAP_REPLY_FETCH,      /* message */
};

enum imap_state { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

/* Attributes of a mailbox, as bits. */
enum {
	IMAP_NOSELECT = 1, /* \Noselect or \NonExistent */
	IMAP_SUBSCRIBED = 2,
	IMAP_ARCHIVE = 4,
	IMAP_DRAFTS = 8,
	IMAP_JUNK = 16,
	IMAP_SENT = 32,
	IMAP_TRASH = 64,
};

struct imap_namespace {
	struct str prefix;
	char delimiter; /* NUL: none */
	bool personal;
};

enum imap_body { IMAP_BODY_NONE, IMAP_BODY_NIL, IMAP_BODY_CAME };

struct imap_message {
	uint32_t uid; /* 0: not said */
	bool has_flags;
	unsigned flags; /* FOREIGN_ bits */
	const struct str *keywords;
	size_t keyword_count;
	int64_t date; /* INT64_MIN: not said */
	enum imap_body body;
};

struct imap_reply {
	enum imap_reply_kind kind;
	enum imap_state state;
	struct str tag;
	struct str code; /* of a state: between the brackets */
	struct str text;
	uint32_t number;
	struct str name;
	char delimiter; /* NUL: none */
	unsigned attributes;
	const struct imap_namespace *namespaces;
	size_t namespace_count;
	struct imap_message message;
};

struct imap_reader *imap_reader_new(const struct imap_reader_source *source);
/* NULL is fine. */
void imap_reader_free(struct imap_reader *r);

/* Read a response; its strings stay until the next call.  RC_SYNTAX: it cannot
 * be understood; RC_LIMIT: something of it is too long; or what the source
 * said.  Nothing can be read after any of them.  Waits as the source does. */
enum rc imap_reader_next(
    struct imap_reader *r, struct imap_reply *ret_reply) MUST_CHECK;

/* Forget what came and was not read: what comes from now on is trusted more
 * (STARTTLS, RFC 9051 section 6.2.1). */
void imap_reader_drop(struct imap_reader *r);

/* Of RC_SYNTAX and RC_LIMIT: what there was, for people. */
const char *imap_reader_why(const struct imap_reader *r);

#endif
