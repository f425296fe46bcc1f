/* SPDX-License-Identifier: MIT
 *
 * Random CREATE, DELETE, RENAME and SUBSCRIBE against a simple model: a table
 * of names.  After each step the listing is the model's, and no name ever has
 * a UIDVALIDITY again that is not greater than all it had.
 *
 * The seed is printed; AVOCET_SEED=n runs that one again.
 */
#include "messages.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/rand.h"

#define NAMES_MAX 400
#define STEPS	  1200

struct entry {
	char name[64];
	uint32_t id; /* 0: there is no mailbox */
	uint32_t uidvalidity;
	uint32_t uidvalidity_had; /* the greatest the name ever had */
	bool subscribed;
};

struct model {
	struct messages f;
	uint64_t random;
	struct entry e[NAMES_MAX];
	size_t n;
	size_t done; /* changes that were made */
};

static uint64_t
any(struct model *m, uint64_t below)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return m->random * UINT64_C(2685821657736338717) % below;
}

/* Few names, so that they meet: up to three levels of three. */
static void
any_name(struct model *m, char ret_name[64])
{
	static const char *const levels[] = { "a", "b", "INBOX" };
	size_t depth = 1 + any(m, 3), n = 0;

	for (size_t i = 0; i < depth; i++)
		n += (size_t)snprintf(ret_name + n, 64 - n, "%s%s",
		    i > 0 ? "/" : "", levels[any(m, 3)]);
}

static struct entry *
entry_of(struct model *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->e[i].name, name) == 0)
			return &m->e[i];
	assert_true(m->n < NAMES_MAX);
	(void)snprintf(m->e[m->n].name, sizeof(m->e->name), "%s", name);
	return &m->e[m->n++];
}

static bool
is_below(const char *name, const char *superior)
{
	size_t n = strlen(superior);

	return strncmp(name, superior, n) == 0 && name[n] == '/';
}

static bool
is_bad(const char *name)
{
	return strcmp(name, "INBOX/INBOX") == 0 ||
	       is_below(name, "INBOX/INBOX");
}

/* -- what should be ------------------------------------------------------ */

/* A mailbox that exists in the store and not in the model: one that was made
 * by the last step; the model learns its id and UIDVALIDITY. */
static void
learn(struct model *m, struct entry *e, const struct mailbox_info *info)
{
	if (info->uidvalidity <= e->uidvalidity_had)
		fail_msg("%s: UIDVALIDITY %u, had %u", e->name,
		    info->uidvalidity, e->uidvalidity_had);
	for (size_t i = 0; i < m->n; i++)
		assert_true(m->e[i].id != info->id || &m->e[i] == e);
	e->id = info->id;
	e->uidvalidity = info->uidvalidity;
	e->uidvalidity_had = info->uidvalidity;
}

/* Mark the name (and its superiors) as made now. */
#define MADE UINT32_MAX
static void
expect_made(struct model *m, const char *name)
{
	char superior[64];

	for (size_t n = 0; n <= strlen(name); n++) {
		if (name[n] != '/' && name[n] != '\0')
			continue;
		(void)snprintf(
		    superior, sizeof(superior), "%.*s", (int)n, name);
		if (entry_of(m, superior)->id == 0)
			entry_of(m, superior)->id = MADE;
	}
}

static void
compare(struct model *m)
{
	struct arena *a = arena_new(1 << 20);
	struct mailbox_info *infos;
	size_t count, wanted = 0;

	assert_int_equal(
	    mailbox_list(m->f.mail, m->f.account, a, &infos, &count), RC_OK);
	for (size_t i = 0; i < m->n; i++)
		wanted += m->e[i].id != 0;
	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++) {
		struct entry *e = entry_of(m, infos[i].name.p);

		if (e->id == 0)
			fail_msg("%s exists", e->name);
		if (e->id == MADE)
			learn(m, e, &infos[i]);
		assert_int_equal(infos[i].id, e->id);
		assert_int_equal(infos[i].uidvalidity, e->uidvalidity);
		assert_int_equal(infos[i].subscribed, e->subscribed);
	}
	arena_free(a);
}

/* -- steps --------------------------------------------------------------- */

static void
step_create(struct model *m, const char *name)
{
	uint32_t id;
	enum rc rc = mailbox_create(
	    m->f.mail, m->f.account, str_of(name), SPECIAL_NONE, &id);

	if (is_bad(name)) {
		assert_int_equal(rc, RC_INVALID);
	} else if (entry_of(m, name)->id != 0) {
		assert_int_equal(rc, RC_EXISTS);
	} else {
		assert_int_equal(rc, RC_OK);
		expect_made(m, name);
		m->done++;
	}
}

static void
step_delete(struct model *m, const char *name)
{
	enum rc rc = mailbox_delete(m->f.mail, m->f.account, str_of(name));

	if (strcmp(name, "INBOX") == 0) {
		assert_int_equal(rc, RC_REFUSED);
	} else if (entry_of(m, name)->id == 0) {
		assert_int_equal(rc, RC_NOTFOUND);
	} else {
		assert_int_equal(rc, RC_OK);
		entry_of(m, name)->id = 0;
		m->done++;
	}
}

static enum rc
expected_rename(struct model *m, const char *from, const char *to)
{
	bool inbox = strcmp(from, "INBOX") == 0;

	if (is_bad(to) || (!inbox && is_below(to, from)))
		return RC_INVALID;
	if (entry_of(m, from)->id == 0)
		return RC_NOTFOUND;
	if (entry_of(m, to)->id != 0)
		return RC_EXISTS;
	for (size_t i = 0; !inbox && i < m->n; i++) {
		char name[128];
		struct entry *other;

		if (m->e[i].id == 0 || !is_below(m->e[i].name, from))
			continue;
		(void)snprintf(name, sizeof(name), "%s%s", to,
		    m->e[i].name + strlen(from));
		if (is_bad(name))
			return RC_LIMIT;
		other = entry_of(m, name);
		if (other->id != 0 && !is_below(other->name, from) &&
		    strcmp(other->name, from) != 0)
			return RC_EXISTS;
	}
	return RC_OK;
}

/* The mailbox comes from another name; its UIDVALIDITY stays or grows. */
static void
arrive(struct model *m, const char *name, uint32_t id, uint32_t had)
{
	struct arena *a = arena_new(1 << 16);
	struct entry *e = entry_of(m, name);
	struct mailbox_info info;

	assert_int_equal(
	    mailbox_find(m->f.mail, m->f.account, str_of(name), a, &info),
	    RC_OK);
	assert_int_equal(info.id, id);
	assert_true(info.uidvalidity >= had);
	learn(m, e, &info);
	arena_free(a);
}

static void
model_rename(struct model *m, const char *from, const char *to)
{
	static struct entry moved[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = &m->e[i];

		if (e->id == 0 ||
		    (strcmp(e->name, from) != 0 && !is_below(e->name, from)))
			continue;
		moved[count++] = *e;
		e->id = 0;
	}
	expect_made(m, to);
	for (size_t i = 0; i < count; i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%s%s", to,
		    moved[i].name + strlen(from));
		arrive(m, name, moved[i].id, moved[i].uidvalidity);
	}
}

static size_t
depth_of(const char *name)
{
	size_t depth = 1;

	for (; *name != '\0'; name++)
		depth += *name == '/';
	return depth;
}

/* Trees of four levels are enough, and few names meet more often. */
static bool
grows_too_deep(const struct model *m, const char *from, const char *to)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->e[i].id != 0 && is_below(m->e[i].name, from) &&
		    depth_of(m->e[i].name) - depth_of(from) + depth_of(to) > 4)
			return true;
	return false;
}

static void
step_rename(struct model *m, const char *from, const char *to)
{
	enum rc want = expected_rename(m, from, to);
	enum rc rc =
	    mailbox_rename(m->f.mail, m->f.account, str_of(from), str_of(to));

	if (rc != want)
		fail_msg("rename %s to %s: %s, not %s", from, to, rc_name(rc),
		    rc_name(want));
	if (rc != RC_OK)
		return;
	m->done++;
	if (strcmp(from, "INBOX") == 0)
		expect_made(m, to);
	else
		model_rename(m, from, to);
}

static void
step_subscribe(struct model *m, const char *name, bool subscribed)
{
	enum rc rc = mailbox_subscribe(
	    m->f.mail, m->f.account, str_of(name), subscribed);

	if (is_bad(name)) {
		assert_int_equal(rc, subscribed ? RC_INVALID : RC_OK);
		return;
	}
	assert_int_equal(rc, RC_OK);
	entry_of(m, name)->subscribed = subscribed;
}

static void
step(struct model *m)
{
	char name[64], other[64];

	any_name(m, name);
	any_name(m, other);
	switch (any(m, 8)) {
	case 0:
	case 1:
		step_create(m, name);
		break;
	case 2:
		step_delete(m, name);
		break;
	case 3:
		step_subscribe(m, name, any(m, 2) == 0);
		break;
	default:
		if (!grows_too_deep(m, name, other))
			step_rename(m, name, other);
		break;
	}
}

static void
check_subscriptions(struct model *m)
{
	struct arena *a = arena_new(1 << 20);
	size_t count, wanted = 0;
	struct str *names;

	assert_int_equal(
	    mailbox_subscriptions(m->f.mail, m->f.account, a, &names, &count),
	    RC_OK);
	for (size_t i = 0; i < m->n; i++)
		wanted += m->e[i].subscribed;
	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++)
		assert_true(entry_of(m, names[i].p)->subscribed);
	arena_free(a);
}

static void
learn_first(struct model *m)
{
	struct arena *a = arena_new(1 << 20);
	struct mailbox_info *infos;
	size_t count;

	assert_int_equal(
	    mailbox_list(m->f.mail, m->f.account, a, &infos, &count), RC_OK);
	for (size_t i = 0; i < count; i++) {
		struct entry *e = entry_of(m, infos[i].name.p);

		e->subscribed = infos[i].subscribed;
		learn(m, e, &infos[i]);
	}
	arena_free(a);
}

static void
report(void *arg, const char *line)
{
	(void)arg;
	print_message("%s\n", line);
}

static void
test_random(void **state)
{
	struct model *m = mem_alloc(sizeof(*m));
	const char *wanted = getenv("AVOCET_SEED");
	uint64_t seed = rand_u64() >> 1;

	(void)state;
	if (wanted != NULL)
		assert_true(str_number(str_of(wanted), UINT64_MAX >> 1, &seed));
	print_message("AVOCET_SEED=%llu\n", (unsigned long long)seed);
	m->random = seed | 1;
	messages_open(&m->f, 1);
	learn_first(m);
	for (int i = 0; i < STEPS; i++) {
		step(m);
		compare(m);
		if (i % 400 == 399) {
			messages_stop(&m->f);
			messages_start(&m->f);
		}
	}
	check_subscriptions(m);
	assert_true(m->done > STEPS / 10);
	assert_int_equal(mail_check(m->f.mail, false, report, NULL), RC_OK);
	messages_close(&m->f);
	mem_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
