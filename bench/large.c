/* SPDX-License-Identifier: MIT
 *
 * Scenarios on one large mailbox, with one connection.
 */
#include <inttypes.h>

#include "fetched.h"
#include "message.h"
#include "proto/imap/flag.h"
#include "proto/imap/string.h"
#include "samples.h"

#define REPEATS	    11 /* of a short operation; the median is printed */
#define ONE_REPEATS 201
#define OTHER	    "other"

static uint32_t
count_of(const struct options *o)
{
	if (o->messages == 0 || o->messages > 100 * 1000 * 1000)
		fail("how many messages?");
	return (uint32_t)o->messages;
}

static void
expect_messages(struct link *l, const char *mailbox, uint32_t want)
{
	char text[64];

	command_run(l, NULL, "STATUS %s (MESSAGES)", mailbox);
	snprintf(text, sizeof(text), "(MESSAGES %u)", want);
	if (memmem(l->in.p, l->in.n, text, strlen(text)) == NULL)
		fail("%s: not %u messages: %.*s", mailbox, want,
		    STR_ARG(buf_str(&l->in)));
}

/* -- load ---------------------------------------------------------------- */

/* MULTIAPPEND (RFC 3502) of messages ${from} up to ${to}. */
static void
append_batch(struct link *l, const struct options *o, uint32_t from,
    uint32_t to, struct samples *times)
{
	struct buf command;
	uint64_t ns;

	buf_init(&command, SIZE_MAX / 2);
	buf_add_format(&command, "APPEND %s", o->mailbox);
	for (uint32_t i = from; i < to; i++) {
		buf_add_format(&command, " %s {%" PRIu64 "+}\r\n",
		    message_flags(i), o->size);
		message_make(&command, o->seed, i, o->size);
	}
	command_run_str(l, buf_str(&command), &ns);
	for (uint32_t i = from; i < to; i++)
		vec_push(&times->v, ns / (to - from));
	buf_fini(&command);
}

void
scenario_load(const struct options *o)
{
	uint32_t count = count_of(o);
	struct samples times = { 0 };
	struct cost before, after;
	struct link l;
	uint64_t ns = 0;

	if (o->size < MESSAGE_SIZE_MIN)
		fail("messages have at least %d octets", MESSAGE_SIZE_MIN);
	login(&l, o, false, 0);
	command_run(&l, NULL, "CREATE %s", o->mailbox);
	before = cost_now(o, false);
	for (uint32_t i = 1; i <= count; i += (uint32_t)o->batch) {
		uint32_t end = i + (uint32_t)o->batch;

		append_batch(&l, o, i, end <= count ? end : count + 1, &times);
	}
	after = cost_now(o, false);
	/* The time to make the messages is the client's own. */
	for (size_t i = 0; i < times.v.n; i++)
		ns += times.v.v[i];
	measure((double)count / ((double)ns / 1e9), "multiappend.per_s");
	if (o->pid != 0)
		measure((double)(after.cpu_ns - before.cpu_ns) / 1e3 / count,
		    "multiappend.cpu_us");
	expect_messages(&l, o->mailbox, count);
	vec_fini(&times.v);
	link_close(&l);
}

/* -- open ---------------------------------------------------------------- */

static uint64_t
select_timed(struct link *l, const char *mailbox)
{
	uint64_t ns;

	command_run(l, &ns, "SELECT %s", mailbox);
	return ns;
}

static void
select_big(struct link *l, const struct options *o, uint64_t *ret_ns)
{
	*ret_ns = select_timed(l, o->mailbox);
	if (answer_untagged_number(l, "EXISTS") != count_of(o))
		fail("SELECT: wrong EXISTS");
	if (answer_code_number(l, "UIDNEXT") <= count_of(o))
		fail("SELECT: UIDNEXT too small");
}

void
scenario_open(const struct options *o)
{
	struct samples warm = { 0 };
	struct link first, other;
	struct cost before;
	uint64_t ns;

	login(&first, o, false, 0);
	before = cost_now(o, false);
	select_big(&first, o, &ns);
	duration_print(o, before, ns, "select.cold");
	login(&other, o, false, 0);
	for (int i = 0; i < REPEATS; i++) {
		select_timed(&other, "INBOX");
		select_big(&other, o, &ns);
		vec_push(&warm.v, ns);
	}
	measure((double)samples_percentile(&warm, 50) / 1e6, "select.warm.ms");
	vec_fini(&warm.v);
	link_close(&other);
	link_close(&first);
}

/* -- fetch --------------------------------------------------------------- */

/* All of ${count} messages must be there, each once and in order, with all
 * that was asked for. */
static void
check_all(const struct link *l, const struct options *o, uint32_t first,
    uint32_t count, unsigned want)
{
	struct answer a;
	struct fetched f;
	uint32_t next = first;
	bool tagged = false;

	answer_init(&a, buf_str(&l->in));
	while (answer_next(&a)) {
		if (tagged)
			answer_wrong(&a, "behind the tagged response");
		if (!fetched_parse(&a, &f)) {
			tagged = !str_begins(a.response, STR("* "));
			if (!tagged)
				answer_wrong(&a, "not asked for");
			continue;
		}
		if (f.sequence != next++)
			answer_wrong(&a, "out of order");
		if (f.got != want)
			answer_wrong(&a, "not what was asked for");
		fetched_check(&a, &f, o->seed, f.sequence, o->size);
	}
	answer_fini(&a);
	if (next - first != count)
		fail("%u of %u messages", next - first, count);
}

static void
fetch(struct link *l, const struct options *o, const char *items, unsigned want,
    uint32_t count, const char *name)
{
	struct cost before = cost_now(o, false);
	uint64_t ns;

	command_run(l, &ns, "FETCH 1:%u (%s)", count, items);
	duration_print(o, before, ns, name);
	check_all(l, o, 1, count, want);
}

void
scenario_fetch(const struct options *o)
{
	uint32_t count = count_of(o);
	struct link l, secure;

	login(&l, o, false, 0);
	select_timed(&l, o->mailbox);
	fetch(&l, o, "FLAGS", GOT_FLAGS, count, "fetch.flags_first");
	fetch(&l, o, "FLAGS", GOT_FLAGS, count, "fetch.flags");
	fetch(&l, o, "ENVELOPE", GOT_ENVELOPE, count, "fetch.envelope_first");
	fetch(&l, o, "ENVELOPE", GOT_ENVELOPE, count, "fetch.envelope");
	fetch(&l, o, "BODYSTRUCTURE", GOT_BODYSTRUCTURE, count,
	    "fetch.bodystructure");
	fetch(&l, o, HEADER_FIELDS, GOT_HEADER, count, "fetch.headers_first");
	fetch(&l, o, HEADER_FIELDS, GOT_HEADER, count, "fetch.headers");
	fetch(&l, o, "BODY.PEEK[]", GOT_BODY, count / 10, "fetch.bodies");
	if (o->imaps != NULL) {
		login(&secure, o, true, 0);
		select_timed(&secure, o->mailbox);
		fetch(&secure, o, "BODY.PEEK[]", GOT_BODY, count / 10,
		    "fetch.bodies_tls");
		link_close(&secure);
	}
	link_close(&l);
}

/* -- status -------------------------------------------------------------- */

/* The STATUS response must have ${want} for ${name}. */
static void
expect_status(const struct link *l, const char *name, uint64_t want)
{
	struct str text = buf_str(&l->in);
	char item[64];
	size_t n =
	    (size_t)snprintf(item, sizeof(item), "%s %" PRIu64, name, want);
	const char *at = memmem(text.p, text.n, item, n);

	if (at == NULL || (at[n] != ' ' && at[n] != ')'))
		fail("STATUS: no %s in %.*s", item, STR_ARG(text));
}

void
scenario_status(const struct options *o)
{
	struct samples times = { 0 };
	struct link l;
	uint64_t ns;

	login(&l, o, false, 0);
	for (int i = 0; i < REPEATS; i++) {
		command_run(&l, &ns, "STATUS %s (MESSAGES UIDNEXT UNSEEN SIZE)",
		    o->mailbox);
		vec_push(&times.v, ns);
		expect_status(&l, "MESSAGES", o->messages);
		expect_status(&l, "SIZE", o->messages * o->size);
	}
	measure((double)times.v.v[0] / 1e6, "status_first.ms");
	measure((double)samples_percentile(&times, 50) / 1e6, "status.ms");
	vec_fini(&times.v);
	link_close(&l);
}

/* -- store --------------------------------------------------------------- */

static void
check_flagged(struct link *l, const struct options *o)
{
	struct answer a;
	struct fetched f;
	uint32_t flagged = 0;

	command_run(l, NULL, "FETCH 1:* (FLAGS)");
	answer_init(&a, buf_str(&l->in));
	while (answer_next(&a))
		if (fetched_parse(&a, &f))
			flagged += (f.flags & IMAP_FLAG_FLAGGED) != 0;
	answer_fini(&a);
	if (flagged != count_of(o))
		fail("STORE: %u messages have the flag", flagged);
}

void
scenario_store(const struct options *o)
{
	uint32_t count = count_of(o);
	struct samples times = { 0 };
	struct cost before;
	struct link l;
	uint64_t ns;

	login(&l, o, false, 0);
	select_timed(&l, o->mailbox);
	for (uint32_t i = 0; i < ONE_REPEATS; i++) {
		command_run(&l, &ns, "STORE %u +FLAGS (\\Answered)",
		    1 + i * (count / ONE_REPEATS));
		vec_push(&times.v, ns);
		if (memmem(l.in.p, l.in.n, "\\Answered", 9) == NULL)
			fail("STORE: no answer for the message");
	}
	measure((double)samples_percentile(&times, 50) / 1e6, "store.one.ms");
	before = cost_now(o, false);
	command_run(&l, &ns, "STORE 1:* +FLAGS.SILENT (\\Flagged)");
	duration_print(o, before, ns, "store.all");
	check_flagged(&l, o);
	vec_fini(&times.v);
	link_close(&l);
}

/* -- copy, move, expunge ------------------------------------------------- */

/* How many expunges the answer tells. */
static uint32_t
count_expunges(const struct link *l)
{
	struct answer a;
	uint32_t number, count = 0;

	answer_init(&a, buf_str(&l->in));
	while (answer_next(&a))
		count += take_byte(&a.p, '*') && take_sp(&a.p) &&
			 parse_number(&a.p, &number) && take_sp(&a.p) &&
			 take_word(&a.p, "EXPUNGE");
	answer_fini(&a);
	return count;
}

/* Set \Deleted on every second of ${count} messages, as commands that hold
 * ranges of them. */
static void
mark_every_second(struct link *l, uint32_t count)
{
	const uint32_t per_command = 1000;

	for (uint32_t i = 1; i <= count; i += 2 * per_command) {
		struct buf set;

		buf_init(&set, 1 << 20);
		buf_add_text(&set, "STORE ");
		for (uint32_t k = i; k < i + 2 * per_command && k <= count;
		     k += 2)
			buf_add_format(&set, k == i ? "%u" : ",%u", k);
		buf_add_text(&set, " +FLAGS.SILENT (\\Deleted)");
		command_run_str(l, buf_str(&set), NULL);
		buf_fini(&set);
	}
}

void
scenario_copy(const struct options *o)
{
	uint32_t count = count_of(o), copied = count / 10, moved = count / 20;
	uint32_t half = (count - moved + 1) / 2;
	struct cost before;
	struct link l;
	uint64_t ns;

	login(&l, o, false, 0);
	command_run(&l, NULL, "CREATE " OTHER);
	select_timed(&l, o->mailbox);
	before = cost_now(o, false);
	command_run(&l, &ns, "COPY 1:%u " OTHER, copied);
	duration_print(o, before, ns, "copy");
	expect_messages(&l, OTHER, copied);
	before = cost_now(o, false);
	command_run(&l, &ns, "MOVE 1:%u " OTHER, moved);
	duration_print(o, before, ns, "move");
	if (count_expunges(&l) != moved)
		fail("MOVE: expunges");
	expect_messages(&l, OTHER, copied + moved);
	mark_every_second(&l, count - moved);
	before = cost_now(o, false);
	command_run(&l, &ns, "EXPUNGE");
	duration_print(o, before, ns, "expunge");
	if (count_expunges(&l) != half)
		fail("EXPUNGE: expunges");
	select_timed(&l, o->mailbox);
	if (answer_untagged_number(&l, "EXISTS") != count - moved - half)
		fail("EXPUNGE: messages left");
	link_close(&l);
}
