/* SPDX-License-Identifier: MIT
 *
 * The load generator: scenarios that drive any IMAP and LMTP server, check
 * every answer that they time, and print what they measured.
 *
 * It is a program of its own with one thread.  What goes wrong ends it: a
 * server that answers wrongly has no speed worth printing.
 */
#ifndef AVOCET_BENCH_BENCH_H
#define AVOCET_BENCH_BENCH_H

#include "base/buf.h"
#include "base/str.h"

/* What the command line says; all strings live as long as the program. */
struct options {
	const char *imap;  /* HOST:PORT */
	const char *imaps; /* HOST:PORT, TLS from the start */
	const char *lmtp;  /* HOST:PORT or unix:PATH */
	const char *user;  /* accounts are USER0, USER1 ... */
	const char *password;
	const char *domain;  /* of an LMTP recipient, or NULL */
	const char *mailbox; /* the large mailbox */
	const char *disk;    /* its name in /proc/diskstats, or NULL */
	const char *tls;     /* none, full, resumed */
	const char *via;     /* lmtp, append */
	uint64_t pid;	     /* the root of the server's processes, or 0 */
	uint64_t users;
	uint64_t seed;
	uint64_t seconds;
	uint64_t connections;
	uint64_t messages;   /* in the large mailbox */
	uint64_t size;	     /* of a message, octets */
	uint64_t batch;	     /* messages of one MULTIAPPEND */
	uint64_t deliveries; /* that idle sessions are told of */
};

/* End the program with a reason. */
void
fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Nanoseconds since some moment. */
uint64_t now_ns(void);

/* Print one measure.  The last part of ${name} is its unit. */
void measure(double value, const char *name_format, ...)
    __attribute__((format(printf, 2, 3)));

/* The scenarios; each prints its measures. */
void scenario_rest(const struct options *o);
void scenario_load(const struct options *o);
void scenario_open(const struct options *o);
void scenario_fetch(const struct options *o);
void scenario_status(const struct options *o);
void scenario_store(const struct options *o);
void scenario_copy(const struct options *o);
void scenario_mixed(const struct options *o);
void scenario_login(const struct options *o);
void scenario_deliver(const struct options *o);
void scenario_idle(const struct options *o);
void scenario_huge(const struct options *o);

#endif
