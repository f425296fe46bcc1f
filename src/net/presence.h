/* SPDX-License-Identifier: MIT
 *
 * What others can see of a session after login: who, from where, what it does.
 * The session publishes it at the beginning and at the end of each of its
 * turns; anybody may read it at any time.
 */
#ifndef AVOCET_NET_PRESENCE_H
#define AVOCET_NET_PRESENCE_H

#include "net/group.h"

enum presence_doing {
	PRESENCE_WAIT, /* for a command */
	PRESENCE_IDLE, /* RFC 2177 */
	PRESENCE_COMMAND,
};

struct presence;
struct tap;

/* Who looks on at sessions, as these see them. */
struct watch {
	/* Is another one as soon as anybody begins or ends to look on. */
	_Atomic unsigned version;
	/* Does anybody look on at this account? */
	bool (*wanted)(struct watch *w, uint64_t account);
	/* Who is shown the session on ${c} (owned by the caller). */
	struct tap *(*open)(
	    struct watch *w, const struct presence *p, const struct conn *c);
};

/* In the session, whose group_member points at it. */
struct presence {
	/* These never change; the strings are the session's. */
	const char *protocol;
	uint64_t id;	/* never given twice by one process */
	uint64_t since; /* seconds since 1970, when it logged in */
	uint64_t account;
	const char *user;
	const char *client; /* what it said of itself, or NULL; see below */
	bool tls;

	_Atomic uint8_t doing;
	_Atomic uint32_t mailbox; /* that is selected; 0: none */
	_Atomic uint64_t bytes_in;
	_Atomic uint64_t bytes_out;

	unsigned watched; /* the version of the watch when it was looked at */
};

/* A session as it was published last; strings are good during the call. */
struct presence_seen {
	uint64_t id;
	uint64_t since;
	uint64_t account;
	const char *user;
	const char *client; /* may be "" */
	const char *peer;
	bool tls;
	enum presence_doing doing;
	uint32_t mailbox;
	uint64_t bytes_in;
	uint64_t bytes_out;
};

/* Before the session joins its group; protocol, account, user and client are
 * set. */
void presence_begin(struct presence *p, const struct conn *c);

/* How a client that calls itself so is shown: its name and, unless that is empty,
 * its version, each as printable ASCII of at most PRESENCE_CLIENT_BYTES.  NULL
 * if it has no name; free with mem_free(). */
#define PRESENCE_CLIENT_BYTES 128
char *presence_client_text(struct str name, struct str version);

/* The client of a session of ${g} says that it is ${client}, the session's.  What
 * it said before can be freed then: nobody looks at it any more. */
void
presence_set_client(struct group *g, struct presence *p, const char *client);

/* The session has begun a turn; it has ended one. */
void presence_turn(struct presence *p);
void presence_rest(struct presence *p, const struct conn *c,
    enum presence_doing doing, uint32_t mailbox);

/* Let who looks on begin or end with this session, at a moment when neither side
 * has said part of something.  Costs nothing unless that has changed.  NULL is
 * nobody. */
void presence_watch(struct presence *p, struct watch *w, struct conn *c);

/* Call ${fn} for each session of the group that has a presence.  It runs under
 * the group's lock: it must not wait, nor call into the group. */
void presence_each(struct group *g,
    void (*fn)(void *arg, const struct presence_seen *seen), void *arg);

/* Tell the sessions of ${account} to end (0: of all accounts), or only the one
 * with ${id} (0: all of them).  One that receives a message ends when that has
 * come.  Returns how many.  Does not wait. */
unsigned presence_kick(struct group *g, uint64_t account, uint64_t id);

#endif
