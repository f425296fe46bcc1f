/* SPDX-License-Identifier: MIT
 *
 * Tables of cases for the IMAP grammar.  What is tested takes a production and
 * writes it again ("trip").  For each good case the whole is taken and written
 * as expected, what was written is taken and written the same, each prefix is
 * refused (but for so many as the case says, which are good themselves), and
 * no arena is too small to be refused cleanly.  Each input ends at the end of
 * its own allocation.
 */
#ifndef AVOCET_TEST_IMAP_FIXTURE_H
#define AVOCET_TEST_IMAP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/imap/parser.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef bool trip_fn(struct parser *p, struct buf *out);

struct good {
	const char *in;
	const char *out;   /* NULL: the same */
	unsigned accepted; /* prefixes that are good, too */
};

struct trip {
	struct str in;
	size_t arena_bytes;
	struct parse_options options;
	/* Results. */
	bool good;
	struct buf out;
	struct buf why;
	enum parser_fault fault;
};

/* Take all of t->in; the caller clears t with trip_end().  A text that does
 * not end with a line end (of an empty literal) needs none. */
static inline void
trip_run(struct trip *t, trip_fn *fn)
{
	struct arena *arena = arena_new(t->arena_bytes);
	size_t more = str_ends(t->in, STR("\n")) ? 2 : 0;
	char *copy = malloc(1 + t->in.n + more);
	struct parser p;

	assert_non_null(copy);
	memcpy(copy + 1, t->in.p, t->in.n);
	memcpy(copy + 1 + t->in.n, "\r\n", more);
	buf_init(&t->out, 1024 * 1024);
	buf_init(&t->why, 1024);
	parser_init(
	    &p, (struct str){ copy + 1, t->in.n + more }, arena, t->options);
	t->good = fn(&p, &t->out);
	if (!t->good) {
		assert_ptr_equal(p.c.at, copy + 1);
		assert_int_equal(t->out.n, 0);
	} else if (!parser_is_at_end(&p)) {
		t->good = false;
		parser_expected(&p, p.c.at, "end of the case");
	}
	t->fault = parser_fault(&p);
	parser_why(&p, &t->why);
	assert_int_equal(buf_check(&t->out), RC_OK);
	free(copy);
	arena_free(arena);
}

static inline void
trip_end(struct trip *t)
{
	buf_fini(&t->out);
	buf_fini(&t->why);
}

static inline void
check_out(
    trip_fn *fn, struct str in, struct str want, struct parse_options options)
{
	struct trip t = {
		.in = in, .arena_bytes = 1024 * 1024, .options = options
	};

	trip_run(&t, fn);
	if (!t.good)
		fail_msg("refused: %.*s (%.*s)", STR_ARG(in),
		    STR_ARG(buf_str(&t.why)));
	if (!str_eq(buf_str(&t.out), want))
		fail_msg("%.*s: wrote %.*s, not %.*s", STR_ARG(in),
		    STR_ARG(buf_str(&t.out)), STR_ARG(want));
	trip_end(&t);
}

static inline void
check_prefixes(trip_fn *fn, const struct good *c, struct parse_options options)
{
	unsigned accepted = 0;

	for (size_t n = 0; n < strlen(c->in); n++) {
		struct trip t = { .in = { c->in, n },
			.arena_bytes = 1024 * 1024,
			.options = options };

		trip_run(&t, fn);
		accepted += t.good;
		if (!t.good)
			assert_int_equal(t.fault, PARSER_SYNTAX);
		trip_end(&t);
	}
	if (accepted != c->accepted)
		fail_msg("%s: %u prefixes taken, not %u", c->in, accepted,
		    c->accepted);
}

static inline void
check_arenas(trip_fn *fn, const struct good *c, struct parse_options options)
{
	for (size_t bytes = 0; bytes < 2048; bytes += 24) {
		struct trip t = { .in = str_of(c->in),
			.arena_bytes = bytes,
			.options = options };

		trip_run(&t, fn);
		if (!t.good)
			assert_int_equal(t.fault, PARSER_FULL);
		trip_end(&t);
	}
}

static inline void
check_good_with(trip_fn *fn, const struct good *cases, size_t count,
    struct parse_options options)
{
	for (size_t i = 0; i < count; i++) {
		struct str in = str_of(cases[i].in);
		struct str out =
		    cases[i].out != NULL ? str_of(cases[i].out) : in;

		check_out(fn, in, out, options);
		check_out(fn, out, out, options);
		check_prefixes(fn, &cases[i], options);
		check_arenas(fn, &cases[i], options);
	}
}

static inline void
check_good(trip_fn *fn, const struct good *cases, size_t count)
{
	check_good_with(fn, cases, count, (struct parse_options){ 0 });
}

/* Each of these is refused. */
static inline void
check_bad(trip_fn *fn, const char *const *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct trip t = { .in = str_of(cases[i]),
			.arena_bytes = 1024 * 1024 };

		trip_run(&t, fn);
		if (t.good)
			fail_msg("taken: %s", cases[i]);
		if (t.fault != PARSER_SYNTAX)
			fail_msg("fault %d: %s", (int)t.fault, cases[i]);
		trip_end(&t);
	}
}

/* This is refused, and the text for the answer says so. */
static inline void
check_why(trip_fn *fn, struct str in, enum parser_fault fault, const char *why)
{
	struct trip t = { .in = in, .arena_bytes = 1024 * 1024 };

	trip_run(&t, fn);
	assert_false(t.good);
	assert_int_equal(t.fault, fault);
	if (!str_eq(buf_str(&t.why), str_of(why)))
		fail_msg("%.*s: \"%.*s\", not \"%s\"", STR_ARG(in),
		    STR_ARG(buf_str(&t.why)), why);
	trip_end(&t);
}

/* ${text} repeated ${count} times between two others, to be freed. */
static inline char *
repeated(const char *before, const char *text, size_t count, const char *after)
{
	size_t size = strlen(text);
	char *whole = malloc(strlen(before) + size * count + strlen(after) + 1);
	char *to = whole;

	assert_non_null(whole);
	memcpy(to, before, strlen(before));
	to += strlen(before);
	for (size_t i = 0; i < count; i++, to += size)
		memcpy(to, text, size);
	memcpy(to, after, strlen(after) + 1);
	return whole;
}

#endif
