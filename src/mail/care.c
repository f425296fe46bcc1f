/* SPDX-License-Identifier: MIT
 *
 * The care-taker's thread.  What a round cannot do is logged, and tried again
 * in the next.
 */
#include "mail/care.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mail/mail_internal.h"

struct care {
	struct mail *mail;
	pthread_t thread;
	_Atomic bool stopping; /* set with the lock held */
	struct lock lock;
	uint64_t wanted; /* rounds asked for; the lock */
	uint64_t done;	 /* of those, gone; the lock */
	pthread_cond_t wake;
	pthread_cond_t went;
};

static void
complain(const char *what, enum rc rc)
{
	if (rc != RC_OK && rc != RC_SHUTDOWN)
		log_event(
		    LOG_ERROR, "care", "failed=%s error=%s", what, rc_name(rc));
}

/* Accounts whose deletion was cut short, or that were never finished. */
static enum rc
end_deletions(struct care *c)
{
	struct account_ids ids = { 0 };
	enum rc rc = account_nameless_ids(c->mail, NULL, &ids);

	for (size_t i = 0; i < ids.v.n && rc == RC_OK; i++) {
		rc = account_bury(c->mail, ids.v.v[i]);
		if (rc == RC_OK)
			rc = account_empty(c->mail, ids.v.v[i], c);
		if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	vec_fini(&ids.v);
	return rc;
}

/* How often to look whether the disk is full. */
#define LOOK_MS 2000

/* What was expunged before is to go.  On a full disk that is everything: the
 * room is needed for new mail. */
static int64_t
past(const struct care *c)
{
	int64_t now = clock_wall();

	if (store_is_short(c->mail->store))
		return now + 1;
	return now - (int64_t)atomic_load(&c->mail->retention_seconds);
}

static void
go_round(struct care *c)
{
	int64_t before = past(c);

	complain("account deletion", end_deletions(c));
	if (!care_stopping(c))
		complain("purge", purge_all(c->mail, before, c));
	if (!care_stopping(c))
		complain("collect", store_collect(c->mail->store));
}

/* Rest until it is time, or a round is asked for, or the disk is full; how
 * many were asked for. */
static uint64_t
rest(struct care *c)
{
	uint64_t due = clock_ms() + CARE_MS;
	bool is_short = false;
	uint64_t wanted;

	lock_take(&c->lock);
	while (!care_stopping(c) && c->wanted == c->done && !is_short &&
	       clock_ms() < due) {
		lock_wait_ms(&c->lock, &c->wake, LOOK_MS);
		is_short = store_is_short(c->mail->store);
	}
	wanted = c->wanted;
	lock_release(&c->lock);
	return wanted;
}

static void
note_done(struct care *c, uint64_t wanted)
{
	lock_take(&c->lock);
	c->done = wanted;
	(void)pthread_cond_broadcast(&c->went);
	lock_release(&c->lock);
}

static void *
care_main(void *arg)
{
	struct care *c = arg;
	uint64_t wanted = 0;

	while (!care_stopping(c)) {
		go_round(c);
		note_done(c, wanted);
		wanted = rest(c);
	}
	return NULL;
}

void
care_go_round(struct care *c)
{
	uint64_t wanted;

	wait_begin();
	lock_take(&c->lock);
	wanted = ++c->wanted;
	(void)pthread_cond_signal(&c->wake);
	while (c->done < wanted)
		lock_wait(&c->lock, &c->went);
	lock_release(&c->lock);
	wait_end();
}

struct care *
care_start(struct mail *m)
{
	struct care *c = mem_alloc(sizeof(*c));
	int failed;

	c->mail = m;
	lock_init(&c->lock);
	lock_cond_init(&c->wake);
	lock_cond_init(&c->went);
	/* A process that cannot start a thread can do nothing else either. */
	failed = pthread_create(&c->thread, NULL, care_main, c);
	assert(!failed);
	return c;
}

void
care_stop(struct care *c)
{
	if (c == NULL)
		return;
	lock_take(&c->lock);
	atomic_store(&c->stopping, true);
	pthread_cond_signal(&c->wake);
	lock_release(&c->lock);
	(void)pthread_join(c->thread, NULL);
	(void)pthread_cond_destroy(&c->wake);
	(void)pthread_cond_destroy(&c->went);
	lock_fini(&c->lock);
	mem_free(c);
}

bool
care_stopping(struct care *c)
{
	return c != NULL && atomic_load(&c->stopping);
}
