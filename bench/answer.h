/* SPDX-License-Identifier: MIT
 *
 * What a server answers, cut into responses and parsed.  A response that RFC
 * 9051 section 9 does not allow ends the program, which shows its beginning.
 */
#ifndef AVOCET_BENCH_ANSWER_H
#define AVOCET_BENCH_ANSWER_H

#include <stdarg.h>

#include "link.h"
#include "proto/imap/parser.h"

/* A reader of responses; zeroed but for the arena. */
struct answer {
	struct cursor c;
	struct parser p; /* over the response at hand */
	struct str response;
};

/* Begin with all the responses in ${text}. */
void answer_init(struct answer *a, struct str text);

/* Give back what answer_init() took. */
void answer_fini(struct answer *a);

/* The next response, a line with its literals, to be parsed by a->p; false at
 * the end. */
bool answer_next(struct answer *a);

/* End the program: the response at hand is wrong because of ${why}. */
void
answer_wrong(const struct answer *a, const char *why) __attribute__((noreturn));

/* Is ${text} at least one whole answer that ends with ${tag}'s status
 * response?  Looks at the last line alone, so it costs nothing on a large
 * answer; parsing tells whether it was right. */
bool answer_is_whole(struct str text, struct str tag);

/* -- commands, one at a time --------------------------------------------- */

/* Send a command under a tag of its own, wait for its answer, and leave that
 * in l->in.  *ret_ns is the time from the first octet sent to the last one
 * received, if it is not NULL.  The tagged response must be OK. */
void command_run(struct link *l, uint64_t *ret_ns, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for text that holds literals; ${command} has no tag and no last
 * line end. */
void command_run_str(struct link *l, struct str command, uint64_t *ret_ns);

/* Write a command's text; the program ends when it is too long. */
#define COMMAND_MAX 4096
struct str command_text(char space[COMMAND_MAX], const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* The number in an untagged response "* NUMBER WORD" of l->in, which must
 * stand there once. */
uint32_t answer_untagged_number(struct link *l, const char *word);

/* The number of a response code "[WORD NUMBER" in l->in. */
uint64_t answer_code_number(struct link *l, const char *word);

/* Connect, and log in as account ${account}. */
struct options;
void login(struct link *l, const struct options *o, bool tls, uint64_t account);

#endif
