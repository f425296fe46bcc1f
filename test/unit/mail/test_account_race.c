/* SPDX-License-Identifier: MIT
 *
 * An account is being made when the care-taker takes it for one that was never
 * finished.  It gets its name all the same, under another number, and nothing
 * of the first stays.
 */
#include "records.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "mail/system.h"

/* The account that is under way, in another shard than the system's. */
#define UNDER_WAY 4

/* A change that holds up its shard. */
struct gate {
	struct messages *f;
	sem_t closed;
	sem_t open;
	pthread_t thread;
};

static enum rc
gate_change(struct store_txn *t, void *arg)
{
	struct gate *g = arg;

	(void)t;
	(void)sem_post(&g->closed);
	(void)sem_wait(&g->open);
	return RC_OK;
}

static void *
gate_main(void *arg)
{
	struct gate *g = arg;

	assert_int_equal(
	    store_update(mail_store(g->f->mail), UNDER_WAY, gate_change, g),
	    RC_OK);
	return NULL;
}

static void
gate_close(struct gate *g, struct messages *f)
{
	g->f = f;
	assert_int_equal(sem_init(&g->closed, 0, 0), 0);
	assert_int_equal(sem_init(&g->open, 0, 0), 0);
	assert_int_equal(pthread_create(&g->thread, NULL, gate_main, g), 0);
	(void)sem_wait(&g->closed);
}

static void
gate_open(struct gate *g)
{
	(void)sem_post(&g->open);
	(void)pthread_join(g->thread, NULL);
	(void)sem_destroy(&g->closed);
	(void)sem_destroy(&g->open);
}

struct maker {
	struct messages *f;
	uint64_t account; /* result */
	pthread_t thread;
};

static void *
make_main(void *arg)
{
	struct maker *m = arg;

	m->account = messages_account(m->f, "late");
	return NULL;
}

/* What the care-taker does to the note of an account that has nothing yet:
 * with ${forget} all of it, else it has only begun. */
static enum rc
care_change(struct store_txn *t, void *arg)
{
	const bool *forget = arg;
	struct deleted_login_record note;
	struct key_space space;
	enum rc rc = system_get_nameless(t, UNDER_WAY, &note);

	if (rc != RC_OK)
		return rc;
	note.sealed = true;
	if (*forget)
		store_txn_delete(t, key_deleted_login(&space, UNDER_WAY));
	else
		system_put_nameless(t, UNDER_WAY, &note);
	return RC_OK;
}

static void
expect_nothing_of(struct messages *f, uint64_t account)
{
	static const char kinds[] = "AMNSUKFCER";
	struct account_ids ids = { 0 };
	uint64_t mine = f->account;

	f->account = account;
	for (size_t i = 0; kinds[i] != '\0'; i++)
		assert_int_equal(records_count(f, (enum key_kind)kinds[i]), 0);
	f->account = mine;
	assert_int_equal(account_nameless_ids(f->mail, NULL, &ids), RC_OK);
	assert_int_equal(ids.v.n, 0);
	vec_fini(&ids.v);
}

static void
race(bool forget)
{
	struct messages f;
	struct maker m = { .f = &f };
	struct gate g;
	enum rc rc;

	messages_open(&f, 2);
	care_go_round(f.mail->care);
	(void)messages_account(&f, "second");
	gate_close(&g, &f);
	assert_int_equal(pthread_create(&m.thread, NULL, make_main, &m), 0);
	/* The number is reserved; filling the account waits at the gate. */
	while ((rc = store_update(mail_store(f.mail), SYSTEM_ACCOUNT,
		    care_change, &forget)) == RC_NOTFOUND)
		(void)sched_yield();
	assert_int_equal(rc, RC_OK);
	gate_open(&g);
	(void)pthread_join(m.thread, NULL);
	assert_int_equal(m.account, UNDER_WAY + 1);
	expect_nothing_of(&f, UNDER_WAY);
	f.account = m.account;
	records_check_clean(&f);
	messages_close(&f);
}

static void
test_care_taker_is_done(void **state)
{
	(void)state;
	race(true);
}

static void
test_care_taker_is_at_it(void **state)
{
	(void)state;
	race(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_care_taker_is_done),
		cmocka_unit_test(test_care_taker_is_at_it),
	};

	return cmocka_run_group_tests_name("account race", tests, NULL, NULL);
}
