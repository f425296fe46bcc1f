/* SPDX-License-Identifier: MIT
 *
 * What clients do all day, on one mailbox an account that several of them may
 * share.
 *
 * Messages 1 to BASE are there from the start and stay.  Each client sets and
 * takes \Seen of its own share of them, so it knows what every FETCH must say
 * of those; it removes only messages that it appended itself.  All other
 * changes it may be told at any time, as RFC 9051 section 7 allows.
 */
#include <inttypes.h>

#include "crowd.h"
#include "fetched.h"
#include "message.h"
#include "proto/imap/flag.h"
#include "proto/imap/string.h"

#define MAILBOX	     "mixed"
#define FOLDERS	     10 /* beside it */
#define BASE	     200
#define WINDOW	     20 /* messages whose flags are looked at */
#define PAGE	     10 /* messages of which a list is shown */
#define APPENDED_MIN 3	/* so many stay before one is removed */

enum op {
	OP_FLAGS,
	OP_PAGE,
	OP_BODY,
	OP_STORE,
	OP_STATUS,
	OP_LIST,
	OP_SELECT,
	OP_APPEND,
	OP_DELETE,
	OP_EXPUNGE, /* follows OP_DELETE */
	OP_IDLE,
	OP_DONE, /* follows OP_IDLE */
	OP_NOOP,
};

/* Of hundred operations, how many are what. */
static const struct {
	enum op op;
	unsigned share;
} shares[] = {
	{ OP_FLAGS, 25 },
	{ OP_PAGE, 14 },
	{ OP_BODY, 14 },
	{ OP_STORE, 12 },
	{ OP_STATUS, 8 },
	{ OP_LIST, 2 },
	{ OP_SELECT, 5 },
	{ OP_APPEND, 5 },
	{ OP_DELETE, 3 },
	{ OP_IDLE, 5 },
	{ OP_NOOP, 7 },
};

/* What one client knows. */
struct mind {
	enum op op;
	uint64_t random;
	uint32_t base_uid;    /* of message 1 */
	uint32_t first, last; /* asked for, sequence numbers of base messages */
	unsigned rank, sharers; /* its share: number % sharers == rank */
	bool seen[BASE + 1];
	VEC(uint32_t) appended; /* UIDs */
};

struct mixed_run {
	struct rate rate;
	uint64_t end_ns;
};

/* -- setting up ---------------------------------------------------------- */

static uint32_t
fill(struct link *l, const struct options *o)
{
	struct buf command;

	buf_init(&command, SIZE_MAX / 2);
	buf_add_text(&command, "APPEND " MAILBOX);
	for (uint32_t i = 1; i <= BASE; i++) {
		buf_add_format(&command, " () {%" PRIu64 "+}\r\n", o->size);
		message_make(&command, o->seed, i, o->size);
	}
	command_run_str(l, buf_str(&command), NULL);
	buf_fini(&command);
	command_run(l, NULL, "SELECT " MAILBOX);
	if (answer_untagged_number(l, "EXISTS") != BASE)
		fail("mixed: the mailbox has not its messages");
	return (uint32_t)answer_code_number(l, "UIDNEXT") - BASE;
}

/* A mailbox and folders anew; gives the UID of message 1. */
static uint32_t
set_up(const struct options *o, uint64_t account)
{
	struct link l;
	uint32_t uid;

	login(&l, o, false, account);
	command_run(&l, NULL, "LIST \"\" " MAILBOX);
	if (memmem(l.in.p, l.in.n, "* LIST", 6) != NULL) {
		command_run(&l, NULL, "DELETE " MAILBOX);
	} else {
		for (int i = 0; i < FOLDERS; i++)
			command_run(&l, NULL, "CREATE folder%d", i);
	}
	command_run(&l, NULL, "CREATE " MAILBOX);
	uid = fill(&l, o);
	link_close(&l);
	return uid;
}

/* -- asking -------------------------------------------------------------- */

static uint32_t
pick(struct mind *m, uint32_t count)
{
	return (uint32_t)(next_random(&m->random) % count);
}

static enum op
choose(struct mind *m)
{
	uint32_t at = pick(m, 100);

	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		if (at < shares[i].share) {
			enum op op = shares[i].op;
			bool none = m->appended.n < APPENDED_MIN;

			return op == OP_DELETE && none ? OP_APPEND : op;
		}
		at -= shares[i].share;
	}
	return OP_NOOP;
}

static void
ask_range(struct mind *m, uint32_t count)
{
	m->first = 1 + pick(m, BASE - count + 1);
	m->last = m->first + count - 1;
}

static void
ask_append(struct client *c, struct mind *m)
{
	const struct options *o = c->crowd->o;
	struct buf command;

	buf_init(&command, SIZE_MAX / 2);
	buf_add_format(&command,
	    "APPEND " MAILBOX " (\\Seen) {%" PRIu64 "+}\r\n", o->size);
	message_make(&command, o->seed, BASE + 1 + pick(m, 1000000), o->size);
	client_command_str(c, buf_str(&command));
	buf_fini(&command);
}

static void
ask_store(struct client *c, struct mind *m)
{
	uint32_t number = m->rank + m->sharers * pick(m, BASE / m->sharers);

	if (number == 0)
		number = m->sharers;
	if (m->sharers > BASE / 2 || number > BASE) {
		/* More clients than messages: nothing is its own. */
		client_command(c, "STORE 1 +FLAGS.SILENT (\\Answered)");
		return;
	}
	m->seen[number] = !m->seen[number];
	client_command(c, "UID STORE %u %cFLAGS.SILENT (\\Seen)",
	    m->base_uid + number - 1, m->seen[number] ? '+' : '-');
}

static void
ask(struct client *c, struct mind *m)
{
	m->first = m->last = 0;
	switch (m->op) {
	case OP_FLAGS:
		ask_range(m, WINDOW);
		client_command(c, "FETCH %u:%u (UID FLAGS)", m->first, m->last);
		break;
	case OP_PAGE:
		ask_range(m, PAGE);
		client_command(c,
		    "UID FETCH %u:%u (FLAGS RFC822.SIZE ENVELOPE "
		    "BODYSTRUCTURE)",
		    m->base_uid + m->first - 1, m->base_uid + m->last - 1);
		break;
	case OP_BODY:
		ask_range(m, 1);
		client_command(c, "UID FETCH %u (BODY.PEEK[])",
		    m->base_uid + m->first - 1);
		break;
	case OP_STORE:
		ask_store(c, m);
		break;
	case OP_STATUS:
		client_command(c,
		    "STATUS folder%u (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
		    pick(m, FOLDERS));
		break;
	case OP_LIST:
		client_command(c, "LIST \"\" *");
		break;
	case OP_SELECT:
		client_command(c, "SELECT " MAILBOX);
		break;
	case OP_APPEND:
		ask_append(c, m);
		break;
	case OP_DELETE:
		client_command(c, "UID STORE %u +FLAGS.SILENT (\\Deleted)",
		    m->appended.v[0]);
		break;
	case OP_EXPUNGE:
		client_command(c, "UID EXPUNGE %u", m->appended.v[0]);
		break;
	case OP_IDLE:
		c->tag++;
		{
			char line[32];

			snprintf(line, sizeof(line), "c%u IDLE\r\n", c->tag);
			client_send(c, str_of(line), UNTIL_CONTINUE);
		}
		break;
	case OP_DONE:
		client_send(c, STR("DONE\r\n"), UNTIL_TAGGED);
		break;
	case OP_NOOP:
		client_command(c, "NOOP");
	}
}

/* -- checking ------------------------------------------------------------ */

struct seen_answer {
	unsigned fetched; /* of those asked for, in order */
	unsigned exists, expunged, lists, statuses;
};

static unsigned
wanted_items(enum op op)
{
	switch (op) {
	case OP_FLAGS:
		return GOT_UID | GOT_FLAGS;
	case OP_PAGE:
		return GOT_UID | GOT_FLAGS | GOT_SIZE | GOT_ENVELOPE |
		       GOT_BODYSTRUCTURE;
	case OP_BODY:
		return GOT_UID | GOT_BODY;
	default:
		return 0;
	}
}

static void
check_fetched(const struct client *c, const struct answer *a,
    const struct fetched *f, struct seen_answer *seen)
{
	const struct mind *m = c->data;
	unsigned want = wanted_items(m->op);
	uint32_t number = f->sequence;

	if ((f->got & ~(unsigned)(GOT_UID | GOT_FLAGS) & ~want) != 0)
		answer_wrong(a, "items that were not asked for");
	if (number > BASE)
		return;
	if ((f->got & GOT_UID) != 0 && f->uid != m->base_uid + number - 1)
		answer_wrong(a, "another UID");
	if ((f->got & GOT_FLAGS) != 0 && m->sharers <= BASE / 2 &&
	    number % m->sharers == m->rank &&
	    ((f->flags & IMAP_FLAG_SEEN) != 0) != m->seen[number])
		answer_wrong(a, "\\Seen is not as it was set");
	fetched_check(a, f, c->crowd->o->seed, number, c->crowd->o->size);
	if (want != 0 && (f->got & want) == want &&
	    number == m->first + seen->fetched && number <= m->last)
		seen->fetched++;
}

/* Any untagged response but FETCH. */
static void
check_untagged(const struct answer *a, struct seen_answer *seen)
{
	struct parser p = a->p;
	uint32_t number;

	if (!take_byte(&p, '*') || !take_sp(&p))
		answer_wrong(a, "neither tagged nor untagged");
	if (take_word(&p, "LIST"))
		seen->lists++;
	else if (take_word(&p, "STATUS"))
		seen->statuses++;
	else if (take_word(&p, "VANISHED"))
		seen->expunged++;
	else if (take_word(&p, "BYE") || take_word(&p, "BAD") ||
		 take_word(&p, "NO"))
		answer_wrong(a, "refused");
	else if (parse_number(&p, &number) && take_sp(&p)) {
		if (take_word(&p, "EXISTS"))
			seen->exists = number;
		else if (take_word(&p, "EXPUNGE"))
			seen->expunged++;
		else if (!take_word(&p, "RECENT"))
			answer_wrong(a, "what is that?");
	}
}

static void
read_answer(const struct client *c, struct seen_answer *seen)
{
	struct answer a;
	struct fetched f;
	char tag[16];

	snprintf(tag, sizeof(tag), "c%u ", c->tag);
	*seen = (struct seen_answer){ 0 };
	answer_init(&a, buf_str(&c->link.in));
	while (answer_next(&a)) {
		if (str_begins(a.response, STR("+ ")) ||
		    str_begins(a.response, str_of(tag)))
			continue;
		if (fetched_parse(&a, &f)) {
			check_fetched(c, &a, &f, seen);
			continue;
		}
		parser_init(
		    &a.p, a.response, a.p.arena, (struct parse_options){ 0 });
		check_untagged(&a, seen);
	}
	answer_fini(&a);
}

static void
check(struct client *c, struct mind *m)
{
	struct seen_answer seen;

	if (c->until == UNTIL_TAGGED)
		client_expect_ok(c);
	read_answer(c, &seen);
	if (wanted_items(m->op) != 0 && seen.fetched != m->last - m->first + 1)
		fail("FETCH: %u of %u messages: %.*s", seen.fetched,
		    m->last - m->first + 1, STR_ARG(buf_str(&c->link.in)));
	if (m->op == OP_STATUS && seen.statuses != 1)
		fail("STATUS: %u responses", seen.statuses);
	if (m->op == OP_LIST && seen.lists < FOLDERS + 2)
		fail("LIST: %u mailboxes", seen.lists);
	if (m->op == OP_SELECT && seen.exists < BASE)
		fail("SELECT: %u messages", seen.exists);
	if (m->op == OP_EXPUNGE && seen.expunged == 0)
		fail("EXPUNGE: nothing is gone");
}

/* The UID that "[APPENDUID validity uid]" gives. */
static void
note_appended(struct client *c, struct mind *m)
{
	struct str text = buf_str(&c->link.in);
	const char *at = memmem(text.p, text.n, "[APPENDUID ", 11);
	uint64_t uid = 0;

	if (at != NULL) {
		text = str_skip(text, (size_t)(at - text.p) + 11);
		text = str_skip(text, str_find(text, ' ') + 1);
		text = str_head(text, str_find(text, ']'));
	}
	if (at == NULL || !str_number(text, UINT32_MAX, &uid))
		fail("APPEND without APPENDUID");
	vec_push(&m->appended, (uint32_t)uid);
}

static void
step(struct client *c)
{
	struct mixed_run *run = c->crowd->data;
	struct mind *m = c->data;

	vec_push(&run->rate.samples.v, client_elapsed(c));
	check(c, m);
	switch (m->op) {
	case OP_DELETE:
		m->op = OP_EXPUNGE;
		ask(c, m);
		return;
	case OP_IDLE:
		m->op = OP_DONE;
		ask(c, m);
		return;
	case OP_APPEND:
		note_appended(c, m);
		break;
	case OP_EXPUNGE:
		m->appended.n--;
		memmove(m->appended.v, m->appended.v + 1,
		    m->appended.n * sizeof(*m->appended.v));
		break;
	default:
		break;
	}
	if (now_ns() >= run->end_ns) {
		client_wait(c, UNTIL_ROUND);
		return;
	}
	m->op = choose(m);
	ask(c, m);
}

/* -- the scenario -------------------------------------------------------- */

static void
selected(struct client *c)
{
	client_expect_ok(c);
	client_wait(c, UNTIL_ROUND);
}

static void
select_all(struct crowd *w)
{
	w->answered = selected;
	for (unsigned i = 0; i < w->count; i++)
		client_command(&w->clients[i], "SELECT " MAILBOX);
	crowd_run(w);
}

void
scenario_mixed(const struct options *o)
{
	uint32_t *base_uids = mem_array(o->users, sizeof(*base_uids));
	struct mind *minds = mem_array(o->connections, sizeof(*minds));
	unsigned users = (unsigned)o->users;
	struct mixed_run run = { 0 };
	struct crowd w;

	for (unsigned i = 0; i < users && i < o->connections; i++)
		base_uids[i] = set_up(o, i);
	crowd_init(&w, o, (unsigned)o->connections, NULL);
	w.data = &run;
	for (unsigned i = 0; i < w.count; i++) {
		minds[i] = (struct mind){ .random = mix(o->seed, i),
			.base_uid = base_uids[i % users],
			.rank = i / users,
			.sharers = (w.count - 1 - i % users) / users + 1 };
		w.clients[i].data = &minds[i];
	}
	crowd_login(&w, LINK_PLAIN);
	select_all(&w);
	w.answered = step;
	rate_begin(&run.rate, o);
	run.end_ns = now_ns() + o->seconds * 1000000000u;
	for (unsigned i = 0; i < w.count; i++) {
		minds[i].op = choose(&minds[i]);
		ask(&w.clients[i], &minds[i]);
	}
	crowd_run(&w);
	rate_end(&run.rate, "mixed.%u", w.count);
	crowd_fini(&w);
	for (unsigned i = 0; i < o->connections; i++)
		vec_fini(&minds[i].appended);
	mem_free(minds);
	mem_free(base_uids);
}
