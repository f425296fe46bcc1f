/* SPDX-License-Identifier: MIT
 *
 * Several sessions on one mailbox against a simple model: random changes,
 * random synchronising; after each step every session's numbers must be what
 * its client has been told.
 *
 * The seed is printed; AVOCET_SEED=n runs that one again.
 */
#include "messages.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/rand.h"
#include "base/str.h"

#define CLIENTS	 4
#define UIDS	 3000
#define KEYWORDS 6
#define STEPS	 1500

struct model_message {
	bool live;
	unsigned flags;
	unsigned keywords; /* by their index in names */
	unsigned changed;  /* the step of the last change */
	unsigned expunged; /* the step, or 0 */
};

struct client {
	struct view view;
	bool open;
	/* What it has been told. */
	unsigned step; /* of expunges */
	unsigned flags_step;
	uint32_t uidnext;
	uint32_t uids[UIDS];
	unsigned flags[UIDS];
	unsigned keywords[UIDS];
	size_t n;
};

struct world {
	struct messages f;
	struct model_message m[UIDS]; /* by UID */
	uint32_t uidnext;
	unsigned step;
	uint64_t random;
	struct client clients[CLIENTS];
};

static const char *const names[KEYWORDS] = { "$Junk", "$NotJunk", "work",
	"$Forwarded", "later", "x" };

static unsigned
any(struct world *w, unsigned below)
{
	/* xorshift64*: the schedule must be the same for a seed. */
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (unsigned)((w->random * UINT64_C(0x2545F4914F6CDD1D)) >> 33) %
	       below;
}

/* -- what the model says ---------------------------------------------------- */

static bool
has(const struct world *w, const struct client *c, uint32_t uid)
{
	const struct model_message *m = &w->m[uid];

	return uid < c->uidnext && m->changed > 0 &&
	       (m->live || m->expunged > c->step);
}

static void
list(const struct world *w, struct client *c)
{
	c->n = 0;
	for (uint32_t uid = 1; uid < c->uidnext; uid++) {
		if (!has(w, c, uid))
			continue;
		c->uids[c->n] = uid;
		c->flags[c->n] = w->m[uid].flags;
		c->keywords[c->n] = w->m[uid].keywords;
		c->n++;
	}
}

static unsigned
keyword_set(struct world *w, uint64_t bits)
{
	struct mailbox *b = messages_open_mailbox(&w->f, w->f.inbox);
	struct arena *a = arena_new(1 << 20);
	struct str *known;
	unsigned count, set = 0;

	assert_int_equal(mailbox_keywords(b, a, &known, &count), RC_OK);
	assert_int_equal(count, mailbox_keyword_count(b));
	for (unsigned i = 0; i < count; i++) {
		if ((bits & (UINT64_C(1) << i)) == 0)
			continue;
		for (unsigned k = 0; k < KEYWORDS; k++) {
			if (str_eq(known[i], str_of(names[k])))
				set |= 1u << k;
		}
	}
	assert_true(bits >> (count < 64 ? count : 63) <= (count == 64));
	arena_free(a);
	mailbox_unref(&b);
	return set;
}

/* -- what the client must see ----------------------------------------------- */

static void
check_message(
    struct world *w, const struct client *c, const struct message *m, size_t at)
{
	const struct model_message *want = &w->m[c->uids[at]];

	assert_int_equal(m->seq, at + 1);
	assert_int_equal(m->uid, c->uids[at]);
	assert_int_equal(m->expunged, !want->live);
	assert_int_equal(m->flags, want->flags);
	if (m->keywords != 0 || want->keywords != 0)
		assert_int_equal(keyword_set(w, m->keywords), want->keywords);
	assert_int_equal(m->size, SMALL_MESSAGE.n);
}

static void
check_walk(struct world *w, struct client *c, bool by_uid)
{
	static struct message found[UIDS];
	uint32_t first = any(w, UIDS), last = first + any(w, UIDS);
	size_t n = 0, at = 0;

	n = messages_walk(
	    &c->view, (struct uid_range){ first, last }, by_uid, found, UIDS);
	for (size_t i = 0; i < c->n; i++) {
		uint32_t number = by_uid ? c->uids[i] : (uint32_t)i + 1;

		if (number < first || number > last)
			continue;
		assert_true(at < n);
		check_message(w, c, &found[at++], i);
	}
	assert_int_equal(at, n);
}

static void
check_questions(struct world *w, struct client *c)
{
	uint32_t uid, seq, want = 0;

	assert_int_equal(view_last_uid(&c->view, &uid), RC_OK);
	assert_int_equal(uid, c->n > 0 ? c->uids[c->n - 1] : 0);
	for (size_t i = 0; i < c->n && want == 0; i++) {
		if ((w->m[c->uids[i]].flags & FLAG_SEEN) == 0)
			want = (uint32_t)i + 1;
	}
	assert_int_equal(view_first_unseen(&c->view, &seq), RC_OK);
	/* What is expunged may be passed over when nothing else is unseen. */
	if (seq != 0 || want == 0 || w->m[c->uids[want - 1]].live)
		assert_int_equal(seq, want);
	uid = any(w, UIDS);
	want = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (c->uids[i] == uid)
			want = (uint32_t)i + 1;
	}
	assert_int_equal(view_seq_of(&c->view, uid, &seq), RC_OK);
	assert_int_equal(seq, want);
	if (c->n > 0) {
		seq = any(w, (unsigned)c->n) + 1;
		assert_int_equal(view_uid_of(&c->view, seq, &uid), RC_OK);
		assert_int_equal(uid, c->uids[seq - 1]);
	}
	assert_int_equal(
	    view_uid_of(&c->view, (uint32_t)c->n + 1, &uid), RC_NOTFOUND);
}

static void
check_client(struct world *w, struct client *c)
{
	if (!c->open)
		return;
	assert_int_equal(c->view.exists, c->n);
	assert_int_equal(c->view.uidnext, c->uidnext);
	switch (any(w, 4)) {
	case 0:
		check_walk(w, c, false);
		break;
	case 1:
		check_walk(w, c, true);
		break;
	case 2:
		check_questions(w, c);
		break;
	default:
		break;
	}
}

/* -- synchronising ---------------------------------------------------------- */

/* Expunges by number, one after another, as the client would apply them. */
static void
apply_expunges(struct world *w, struct client *c, const struct view_sync *sync)
{
	for (size_t i = 0; i < sync->expunged_count; i++) {
		size_t at = sync->expunged_seqs[i] - 1u;

		assert_true(at < c->n);
		assert_int_equal(c->uids[at], sync->expunged_uids[i]);
		assert_false(w->m[c->uids[at]].live);
		c->n--;
		memmove(c->uids + at, c->uids + at + 1,
		    (c->n - at) * sizeof(*c->uids));
	}
	for (size_t i = 0; sync->may_expunge && i < c->n; i++)
		assert_true(w->m[c->uids[i]].live);
}

/* Exactly the flags that changed behind the client's back are told. */
static void
check_changed(struct world *w, const struct client *c,
    const struct view_sync *sync, unsigned own_step)
{
	size_t at = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct model_message *m = &w->m[c->uids[i]];

		if (!m->live || m->changed <= c->flags_step ||
		    m->changed == own_step)
			continue;
		assert_true(at < sync->changed_count);
		check_message(w, c, &sync->changed[at++], i);
	}
	assert_int_equal(at, sync->changed_count);
}

static void
sync_client(
    struct world *w, struct client *c, uint64_t own_modseq, unsigned own_step)
{
	struct arena *a = arena_new(1 << 24);
	struct view_sync sync = { .may_expunge = any(w, 2) == 0,
		.own = { &own_modseq, own_modseq != 0, 0 } };
	uint32_t uidnext = c->uidnext;
	size_t before;

	assert_int_equal(view_sync(&c->view, a, &sync), RC_OK);
	assert_false(sync.deleted);
	apply_expunges(w, c, &sync);
	check_changed(w, c, &sync, own_step);
	before = c->n;
	if (sync.may_expunge)
		c->step = w->step;
	c->flags_step = w->step;
	c->uidnext = w->uidnext;
	list(w, c);
	assert_int_equal(sync.exists_changed, c->n != before);
	assert_true(c->n >= before || uidnext == 0);
	if (sync.may_expunge)
		assert_false(view_is_stale(&c->view));
	arena_free(a);
}

static void
open_client(struct world *w, struct client *c)
{
	struct mailbox *b = messages_open_mailbox(&w->f, w->f.inbox);

	assert_int_equal(view_begin(b, any(w, 2) == 0, &c->view), RC_OK);
	mailbox_unref(&b);
	c->open = true;
	c->step = w->step;
	c->flags_step = w->step;
	c->uidnext = w->uidnext;
	list(w, c);
}

static void
close_client(struct client *c)
{
	view_end(&c->view);
	c->open = false;
}

/* -- changes ---------------------------------------------------------------- */

/* Some of the UIDs, in a few ranges. */
static struct uid_list
some_uids(struct world *w)
{
	struct uid_list uids = { 0 };
	unsigned dense = any(w, 3) + 1;
	uint32_t first = any(w, w->uidnext) + 1;

	for (uint32_t uid = first; uid < first + any(w, 300) + 1; uid++) {
		if (any(w, dense) == 0)
			uid_list_add(&uids, uid);
	}
	return uids;
}

static unsigned
some_flags(struct world *w)
{
	static const unsigned few[] = { FLAG_SEEN, FLAG_DELETED,
		FLAG_SEEN | FLAG_FLAGGED, FLAG_ANSWERED, FLAG_DRAFT, 0 };

	return few[any(w, 6)];
}

static size_t
some_keywords(struct world *w, struct str *keywords, unsigned *ret_set)
{
	size_t n = 0;

	*ret_set = any(w, 3) == 0 ? any(w, 1u << KEYWORDS) : 0;
	for (unsigned k = 0; k < KEYWORDS; k++) {
		if ((*ret_set & (1u << k)) != 0)
			keywords[n++] = str_of(names[k]);
	}
	return n;
}

static void
arrive(struct world *w, unsigned flags, unsigned keywords)
{
	w->m[w->uidnext++] = (struct model_message){ .live = true,
		.flags = flags,
		.keywords = keywords,
		.changed = w->step };
}

static void
do_append(struct world *w)
{
	struct str keywords[KEYWORDS];
	struct flags flags = { .system = some_flags(w), .keywords = keywords };
	unsigned set, count = any(w, 8) == 0 ? any(w, 200) + 1 : any(w, 3) + 1;

	if (w->uidnext + count >= UIDS)
		return;
	flags.keyword_count = some_keywords(w, keywords, &set);
	assert_int_equal(
	    messages_append(&w->f, w->f.inbox, count, &flags), w->uidnext);
	for (unsigned i = 0; i < count; i++)
		arrive(w, flags.system, set);
}

static unsigned
changed_bits(enum store_mode mode, unsigned old, unsigned asked)
{
	if (mode == STORE_REPLACE)
		return asked;
	return mode == STORE_ADD ? old | asked : old & ~asked;
}

/* Apply the store to the model; check each list of the result. */
static void
model_store(struct world *w, const struct client *c,
    const struct store_request *r, unsigned set,
    const struct store_result *result)
{
	bool guarded = r->unchangedsince != UINT64_MAX;
	bool any_changed = false;

	for (uint32_t uid = 1; uid < w->uidnext; uid++) {
		struct model_message *m = &w->m[uid];
		bool asked = m->live && uid_list_has(r->uids, uid);
		bool newer = c != NULL && m->changed > c->flags_step;
		unsigned flags =
			     changed_bits(r->mode, m->flags, r->flags.system),
			 keywords = changed_bits(r->mode, m->keywords, set);

		assert_int_equal(uid_list_has(&result->modified, uid),
		    asked && guarded && newer);
		asked = asked && !(guarded && newer);
		assert_int_equal(uid_list_has(&result->stored, uid), asked);
		assert_int_equal(
		    uid_list_has(&result->external, uid), asked && newer);
		if (!asked || (flags == m->flags && keywords == m->keywords))
			continue;
		m->flags = flags;
		m->keywords = keywords;
		m->changed = w->step;
		any_changed = true;
	}
	assert_int_equal(result->modseq != 0, any_changed);
}

/* A session (or NULL: some other program) changes flags. */
static void
do_store(struct world *w, struct client *c)
{
	struct str keywords[KEYWORDS];
	struct uid_list uids = some_uids(w);
	struct store_request r = { .uids = &uids,
		.mode = (enum store_mode)any(w, 3),
		.flags = { .system = some_flags(w), .keywords = keywords },
		.unchangedsince = UINT64_MAX,
		.told = c != NULL ? c->view.flags_modseq : UINT64_MAX };
	struct store_result result;
	unsigned set;

	r.flags.keyword_count = some_keywords(w, keywords, &set);
	if (c != NULL && any(w, 2) == 0)
		r.unchangedsince = c->view.flags_modseq;
	assert_int_equal(
	    message_store(w->f.mail, w->f.account, w->f.inbox, &r, &result),
	    RC_OK);
	model_store(w, c, &r, set, &result);
	if (c != NULL && result.modseq != 0)
		sync_client(w, c, result.modseq, w->step);
	store_result_fini(&result);
	uid_list_fini(&uids);
}

static void
model_expunge(struct world *w, uint32_t uid)
{
	w->m[uid].live = false;
	w->m[uid].expunged = w->step;
	w->m[uid].changed = w->step;
}

static void
do_expunge(struct world *w)
{
	struct uid_list uids = some_uids(w), gone;
	bool all = any(w, 4) == 0;
	uint64_t modseq;

	assert_int_equal(message_expunge(w->f.mail, w->f.account, w->f.inbox,
			     all ? NULL : &uids, &gone, &modseq),
	    RC_OK);
	for (uint32_t uid = 1; uid < w->uidnext; uid++) {
		struct model_message *m = &w->m[uid];
		bool goes = m->live && (m->flags & FLAG_DELETED) != 0 &&
			    (all || uid_list_has(&uids, uid));

		assert_int_equal(uid_list_has(&gone, uid), goes);
		if (goes)
			model_expunge(w, uid);
	}
	assert_int_equal(modseq != 0, gone.n > 0);
	uid_list_fini(&gone);
	uid_list_fini(&uids);
}

/* Copy (or move) the mailbox to itself. */
static void
do_copy(struct world *w)
{
	struct uid_list uids = some_uids(w);
	uint32_t limit = w->uidnext;
	bool move = any(w, 2) == 0;
	struct copy_result result;
	uint64_t at = 0;

	if (w->uidnext + uid_list_count(&uids) >= UIDS) {
		uid_list_fini(&uids);
		return;
	}
	assert_int_equal(message_copy(w->f.mail, w->f.account, w->f.inbox,
			     &uids, w->f.inbox, move, &result),
	    RC_OK);
	for (uint32_t uid = 1; uid < limit; uid++) {
		bool goes = w->m[uid].live && uid_list_has(&uids, uid);

		assert_int_equal(uid_list_has(&result.from, uid), goes);
		if (!goes)
			continue;
		assert_true(uid_list_has(&result.to, w->uidnext));
		arrive(w, w->m[uid].flags, w->m[uid].keywords);
		if (move)
			model_expunge(w, uid);
		at++;
	}
	assert_int_equal(uid_list_count(&result.to), at);
	copy_result_fini(&result);
	uid_list_fini(&uids);
}

static void
do_restart(struct world *w)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		if (w->clients[i].open)
			close_client(&w->clients[i]);
	}
	messages_stop(&w->f);
	messages_start(&w->f);
}

static void
check_counts(struct world *w)
{
	struct arena *a = arena_new(1 << 16);
	uint32_t messages = 0, unseen = 0, deleted = 0;
	struct mailbox_info info;

	for (uint32_t uid = 1; uid < w->uidnext; uid++) {
		const struct model_message *m = &w->m[uid];

		if (!m->live)
			continue;
		messages++;
		unseen += (m->flags & FLAG_SEEN) == 0;
		deleted += (m->flags & FLAG_DELETED) != 0;
	}
	assert_int_equal(
	    mailbox_find(w->f.mail, w->f.account, STR("INBOX"), a, &info),
	    RC_OK);
	assert_int_equal(info.messages, messages);
	assert_int_equal(info.unseen, unseen);
	assert_int_equal(info.deleted, deleted);
	assert_int_equal(info.uidnext, w->uidnext);
	assert_int_equal(info.size, messages * SMALL_MESSAGE.n);
	arena_free(a);
}

static void
do_step(struct world *w)
{
	struct client *c = &w->clients[any(w, CLIENTS)];
	unsigned what = any(w, 100);

	w->step++;
	if (what < 20)
		do_append(w);
	else if (what < 40)
		do_store(w, c->open ? c : NULL);
	else if (what < 50)
		do_store(w, NULL);
	else if (what < 58)
		do_expunge(w);
	else if (what < 62)
		do_copy(w);
	else if (what < 70 && !c->open)
		open_client(w, c);
	else if (what < 72 && c->open)
		close_client(c);
	else if (what < 94 && c->open)
		sync_client(w, c, 0, 0);
	else if (what == 94)
		assert_int_equal(mail_purge(w->f.mail, INT64_MAX), RC_OK);
	else if (what == 95)
		assert_int_equal(
		    store_checkpoint(mail_store(w->f.mail)), RC_OK);
	else if (what == 96 && any(w, 5) == 0)
		do_restart(w);
	else
		check_counts(w);
	for (size_t i = 0; i < CLIENTS; i++)
		check_client(w, &w->clients[i]);
}

static void
complain(void *arg, const char *line)
{
	(void)arg;
	print_message("%s\n", line);
}

static uint64_t
seed(void)
{
	const char *text = getenv("AVOCET_SEED");
	uint64_t number = rand_u64() >> 1;

	if (text != NULL)
		assert_true(str_number(str_of(text), UINT64_MAX, &number));
	print_message("AVOCET_SEED=%llu\n", (unsigned long long)number);
	return number;
}

static void
test_sessions_agree_with_model(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	(void)state;
	w->random = seed() | 1;
	w->uidnext = 1;
	messages_open(&w->f, 2);
	for (unsigned i = 0; i < STEPS; i++)
		do_step(w);
	for (size_t i = 0; i < CLIENTS; i++) {
		if (w->clients[i].open)
			close_client(&w->clients[i]);
	}
	assert_int_equal(mail_check(w->f.mail, false, complain, NULL), RC_OK);
	messages_close(&w->f);
	mem_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_agree_with_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
