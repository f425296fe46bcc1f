/* SPDX-License-Identifier: MIT
 *
 * Sessions in threads of their own beside threads that append, flag and
 * expunge: each session applies what it is told, as a client would, and its
 * numbers must always be those of its view.
 */
#include "messages.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define SESSIONS   3
#define WRITERS	   3
#define CHANGES	   150 /* of each writer */
#define UIDS	   4000
#define BEGIN_WITH 300

struct shared {
	struct messages f;
	atomic_uint writers; /* still at work */
	atomic_uint calls;   /* of watchers */
};

/* What the client of a session knows. */
struct client {
	struct shared *shared;
	unsigned number;
	struct view view;
	uint32_t uids[UIDS];
	size_t n;
};

static struct message *
walk_all(struct client *c, size_t *ret_count)
{
	struct message *found = mem_array(UIDS, sizeof(*found));

	*ret_count =
	    messages_walk(&c->view, (struct uid_range){ 1, UINT32_MAX },
		c->number % 2 == 0, found, UIDS);
	return found;
}

/* The client asks for the UIDs of what has come, as EXISTS made it do. */
static void
learn(struct client *c)
{
	size_t count;
	struct message *found = walk_all(c, &count);

	assert_int_equal(count, c->view.exists);
	assert_true(count >= c->n);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(found[i].seq, i + 1);
		if (i < c->n)
			assert_int_equal(found[i].uid, c->uids[i]);
		c->uids[i] = found[i].uid;
	}
	c->n = count;
	mem_free(found);
}

static void
apply(struct client *c, const struct view_sync *sync)
{
	for (size_t i = 0; i < sync->expunged_count; i++) {
		size_t at = sync->expunged_seqs[i] - 1u;

		assert_true(at < c->n);
		assert_int_equal(c->uids[at], sync->expunged_uids[i]);
		c->n--;
		memmove(c->uids + at, c->uids + at + 1,
		    (c->n - at) * sizeof(*c->uids));
	}
	for (size_t i = 0; i < sync->changed_count; i++) {
		const struct message *m = &sync->changed[i];

		assert_true(m->seq >= 1 && m->seq <= c->n);
		assert_int_equal(c->uids[m->seq - 1], m->uid);
	}
	assert_true(c->view.exists >= c->n);
	assert_int_equal(sync->exists_changed, c->view.exists != c->n);
}

static void
sync_once(struct client *c, bool may_expunge)
{
	struct arena *a = arena_new(1 << 24);
	struct view_sync sync = { .may_expunge = may_expunge };

	assert_int_equal(view_sync(&c->view, a, &sync), RC_OK);
	apply(c, &sync);
	learn(c);
	arena_free(a);
}

static void
count_call(void *arg)
{
	atomic_fetch_add(&((struct shared *)arg)->calls, 1);
}

static void *
session(void *arg)
{
	struct client *c = arg;
	struct mailbox *b =
	    messages_open_mailbox(&c->shared->f, c->shared->f.inbox);
	struct mailbox_watch watch = { .fn = count_call, .arg = c->shared };
	unsigned turn = 0;

	mailbox_watch(b, &watch);
	assert_int_equal(view_begin(b, true, &c->view), RC_OK);
	c->n = 0;
	learn(c);
	while (atomic_load(&c->shared->writers) > 0) {
		sync_once(c, turn++ % 3 != 0);
		if (turn % 16 == 0) {
			/* Begin again, as a new SELECT does. */
			view_end(&c->view);
			assert_int_equal(view_begin(b, false, &c->view), RC_OK);
			c->n = 0;
			learn(c);
		}
	}
	sync_once(c, true);
	mailbox_unwatch(b, &watch);
	view_end(&c->view);
	mailbox_unref(&b);
	return NULL;
}

struct writer {
	struct shared *shared;
	uint64_t random;
};

static unsigned
any(struct writer *w, unsigned below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(w->random >> 33) % below;
}

static void *
writer(void *arg)
{
	struct writer *w = arg;
	struct messages *f = &w->shared->f;

	for (unsigned i = 0; i < CHANGES; i++) {
		uint32_t first = any(w, BEGIN_WITH + i * WRITERS) + 1;
		struct uid_range range = { first, first + any(w, 6) };

		switch (any(w, 3)) {
		case 0:
			(void)messages_append(f, f->inbox, any(w, 4) + 1, NULL);
			break;
		case 1:
			(void)messages_flag(f, f->inbox, range,
			    (enum store_mode)any(w, 3), FLAG_FLAGGED);
			break;
		default:
			(void)messages_expunge(f, f->inbox, range);
			break;
		}
		if (i % 50 == 49)
			assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	}
	atomic_fetch_sub(&w->shared->writers, 1);
	return NULL;
}

static void
test_sessions_and_writers(void **state)
{
	struct shared *s = mem_alloc(sizeof(*s));
	struct client *clients = mem_array(SESSIONS, sizeof(*clients));
	struct writer writers[WRITERS];
	pthread_t threads[SESSIONS + WRITERS];

	(void)state;
	messages_open(&s->f, 1);
	(void)messages_append(&s->f, s->f.inbox, BEGIN_WITH, NULL);
	atomic_store(&s->writers, WRITERS);
	for (unsigned i = 0; i < SESSIONS; i++) {
		clients[i] = (struct client){ .shared = s, .number = i };
		assert_int_equal(
		    pthread_create(&threads[i], NULL, session, &clients[i]), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .shared = s, .random = i + 1 };
		assert_int_equal(pthread_create(&threads[SESSIONS + i], NULL,
				     writer, &writers[i]),
		    0);
	}
	for (unsigned i = 0; i < SESSIONS + WRITERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(atomic_load(&s->calls) > 0);
	/* All have synchronised after the last change, so all agree. */
	for (unsigned i = 1; i < SESSIONS; i++) {
		assert_int_equal(clients[i].n, clients[0].n);
		assert_memory_equal(clients[i].uids, clients[0].uids,
		    clients[0].n * sizeof(*clients[0].uids));
	}
	messages_close(&s->f);
	mem_free(clients);
	mem_free(s);
}

/* Many open and close a mailbox at once while it changes. */
static void *
opener(void *arg)
{
	struct shared *s = arg;

	while (atomic_load(&s->writers) > 0) {
		struct mailbox *b = messages_open_mailbox(&s->f, s->f.inbox);
		static _Thread_local struct client c;

		c = (struct client){ .shared = s };
		assert_int_equal(view_begin(b, false, &c.view), RC_OK);
		mailbox_unref(&b);
		learn(&c);
		view_end(&c.view);
	}
	return NULL;
}

static void
test_opening_while_it_changes(void **state)
{
	struct shared *s = mem_alloc(sizeof(*s));
	struct writer w = { .shared = s, .random = 99 };
	pthread_t openers[2], changer;

	(void)state;
	messages_open(&s->f, 1);
	(void)messages_append(&s->f, s->f.inbox, BEGIN_WITH, NULL);
	atomic_store(&s->writers, 1);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&openers[i], NULL, opener, s), 0);
	assert_int_equal(pthread_create(&changer, NULL, writer, &w), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_join(openers[i], NULL), 0);
	assert_int_equal(pthread_join(changer, NULL), 0);
	messages_close(&s->f);
	mem_free(s);
}

/* -- purging beside it ---------------------------------------------------- */

#define OLD_BATCH   3000 /* there are many slices to purge */
#define OLD_BATCHES 12

struct purger {
	struct messages f;
	sem_t slices; /* posted after each */
};

static void
slice_went(void *arg)
{
	struct purger *p = arg;

	assert_int_equal(sem_post(&p->slices), 0);
}

static void *
purge_main(void *arg)
{
	struct purger *p = arg;

	assert_int_equal(mail_purge(p->f.mail, INT64_MAX), RC_OK);
	return NULL;
}

/* A purge that began before the view, with a clock by which all is long ago,
 * takes nothing from the view. */
static void
test_purge_under_way_takes_nothing_from_a_view(void **state)
{
	struct purger *p = mem_alloc(sizeof(*p));
	struct mailbox_watch watch = { .fn = slice_went, .arg = p };
	struct message m[8];
	struct mailbox *b;
	struct view v;
	pthread_t purger;
	uint32_t uid;

	(void)state;
	assert_int_equal(sem_init(&p->slices, 0, 0), 0);
	messages_open(&p->f, 1);
	for (unsigned i = 0; i < OLD_BATCHES; i++)
		(void)messages_append(&p->f, p->f.inbox, OLD_BATCH, NULL);
	(void)messages_expunge(
	    &p->f, p->f.inbox, (struct uid_range){ 1, UINT32_MAX });
	b = messages_open_mailbox(&p->f, p->f.inbox);
	mailbox_watch(b, &watch);
	assert_int_equal(pthread_create(&purger, NULL, purge_main, p), 0);
	assert_int_equal(sem_wait(&p->slices), 0);
	uid = messages_append(&p->f, p->f.inbox, 5, NULL);
	assert_int_equal(view_begin(b, false, &v), RC_OK);
	(void)messages_expunge(
	    &p->f, p->f.inbox, (struct uid_range){ uid, uid + 4 });
	assert_int_equal(pthread_join(purger, NULL), 0);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 5 }, false, m, 8), 5);
	assert_true(m[4].expunged);
	view_end(&v);
	mailbox_unwatch(b, &watch);
	mailbox_unref(&b);
	messages_close(&p->f);
	(void)sem_destroy(&p->slices);
	mem_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_and_writers),
		cmocka_unit_test(test_opening_while_it_changes),
		cmocka_unit_test(
		    test_purge_under_way_takes_nothing_from_a_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
