/* SPDX-License-Identifier: MIT
 *
 * Many connections at once in one thread.  Each client sends a request and is
 * called when the answer to it is there in full.
 */
#ifndef AVOCET_BENCH_CROWD_H
#define AVOCET_BENCH_CROWD_H

#include "answer.h"
#include "samples.h"

/* What ends an answer. */
enum until {
	UNTIL_TAGGED,	/* the tagged response to the request's tag */
	UNTIL_CONTINUE, /* a line that begins with "+" */
	UNTIL_LINE,	/* any line: a greeting, something that is told */
	UNTIL_REPLY,	/* ${replies} LMTP replies (RFC 5321 section 4.2) */
	UNTIL_CLOSED,	/* the end of the connection */
	UNTIL_ROUND,	/* nothing: the client has no more to do */
};

struct crowd;

struct client {
	struct crowd *crowd;
	struct link link;
	unsigned number; /* in the crowd, from 0 */
	enum until until;
	unsigned replies;
	unsigned tag;	  /* of the last request */
	uint64_t sent_ns; /* when that was sent */
	unsigned state;	  /* the scenario's */
	void *data;	  /* the scenario's */
};

struct crowd {
	const struct options *o;
	/* The whole answer is in c->link.in, which is emptied afterwards.
	 * Sends the next request. */
	void (*answered)(struct client *c);
	void *data; /* the scenario's */
	unsigned count;
	struct client *clients;

	/* crowd.c's */
	int epoll;
	unsigned busy;
};

/* ${count} clients without a connection. */
void crowd_init(struct crowd *w, const struct options *o, unsigned count,
    void (*answered)(struct client *c));

/* Close all connections. */
void crowd_fini(struct crowd *w);

/* Connect one client; it is called when the greeting is there. */
void client_connect(struct client *c, const char *where, enum link_tls tls);

/* Close a client's connection, by ours. */
void client_close(struct client *c);

/* Send a command with a new tag; ${command} has neither tag nor line end. */
void client_command(struct client *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void client_command_str(struct client *c, struct str command);

/* Send octets as they are, and wait for something. */
void client_send(struct client *c, struct str octets, enum until until);

/* Wait for something, or (UNTIL_ROUND) for nothing more. */
void client_wait(struct client *c, enum until until);

/* Serve until each client waits for UNTIL_ROUND. */
void crowd_run(struct crowd *w);

/* End the program unless the answer's tagged response is OK. */
void client_expect_ok(const struct client *c);

/* Nanoseconds since the request was sent. */
uint64_t client_elapsed(const struct client *c);

/* Connect all clients, client i as account i % users, and log in; then all
 * wait for UNTIL_ROUND.  Leaves w->answered as it was. */
void crowd_login(struct crowd *w, enum link_tls tls);

#endif
