/* SPDX-License-Identifier: MIT
 *
 * Open mailboxes: shared by all who have one open, kept up to date by the
 * committer, made from the store when the first one opens it.
 *
 * What is known of a mailbox is its moment (what its record says) and its
 * directory (an entry for each chunk).  Views rely on this:
 *
 *   The directory is at least as new as the moment, and what a store read that
 *   begins afterwards shows is at least as new as both.
 *
 * The committer publishes a commit before it tells of it, so the second half
 * holds.  The first half: of a change that is told of, chunks go to the
 * directory at once, the record is set aside and becomes the moment at the
 * change's end.  While the directory is made, changes are taken already; then
 * the record is read first and the chunks afterwards, in slices, each of
 * which may be newer; of two values of a key, the one with the greater commit
 * number stays.  A change that was visible to the reads, but is told of later,
 * finds what it would put there already.
 */
#include "mail/open_internal.h"

#include <assert.h>
#include <string.h>

struct opens {
	struct mail *mail;
	struct lock lock; /* guards the map and what hangs on it */
	struct map accounts;
	pthread_cond_t built;
};

struct open_account {
	char key[8];
	struct mailbox *first;
};

struct opens *
opens_new(struct mail *m)
{
	struct opens *o = mem_alloc(sizeof(*o));

	o->mail = m;
	lock_init(&o->lock);
	map_init(&o->accounts);
	lock_cond_init(&o->built);
	return o;
}

void
opens_free(struct opens *o)
{
	if (o == NULL)
		return;
	assert(o->accounts.count == 0);
	map_fini(&o->accounts);
	(void)pthread_cond_destroy(&o->built);
	lock_fini(&o->lock);
	mem_free(o);
}

/* -- the table; the opens' lock is held ---------------------------------- */

static struct open_account *
find_account(struct opens *o, uint64_t account)
{
	char key[8];

	memcpy(key, &account, sizeof(key));
	return map_get(&o->accounts, (struct str){ key, sizeof(key) });
}

static struct open_account *
make_account(struct opens *o, uint64_t account)
{
	struct open_account *a = find_account(o, account);

	if (a != NULL)
		return a;
	a = mem_alloc(sizeof(*a));
	memcpy(a->key, &account, sizeof(a->key));
	(void)map_put(&o->accounts, (struct str){ a->key, sizeof(a->key) }, a);
	return a;
}

static struct mailbox *
find_mailbox(struct opens *o, uint64_t account, uint32_t id)
{
	struct open_account *a = find_account(o, account);
	struct mailbox *b = a != NULL ? a->first : NULL;

	while (b != NULL && b->id != id)
		b = b->next;
	return b;
}

static struct mailbox *
make_mailbox(struct opens *o, uint64_t account, uint32_t id)
{
	struct open_account *a = make_account(o, account);
	struct mailbox *b = mem_alloc(sizeof(*b));

	b->mail = o->mail;
	b->account = account;
	b->id = id;
	b->state = OPEN_BUILDING;
	lock_init(&b->lock);
	lock_init(&b->watch_lock);
	b->next = a->first;
	a->first = b;
	return b;
}

/* Take it out of the table, where it may not be any more. */
static void
unlink_mailbox(struct opens *o, struct mailbox *b)
{
	struct open_account *a = find_account(o, b->account);
	struct mailbox **at = a != NULL ? &a->first : NULL;

	while (at != NULL && *at != NULL && *at != b)
		at = &(*at)->next;
	if (at == NULL || *at == NULL)
		return;
	*at = b->next;
	if (a->first == NULL) {
		(void)map_remove(
		    &o->accounts, (struct str){ a->key, sizeof(a->key) });
		mem_free(a);
	}
}

static void
free_mailbox(struct mailbox *b)
{
	assert(b->watches == NULL && b->pins == NULL);
	directory_fini(&b->directory);
	lock_fini(&b->watch_lock);
	lock_fini(&b->lock);
	mem_free(b);
}

/* -- opening and letting go ---------------------------------------------- */

static void
end_build(struct opens *o, struct mailbox *b, enum rc rc)
{
	lock_take(&o->lock);
	lock_take(&b->lock);
	directory_built(&b->directory);
	b->state = rc == RC_OK ? OPEN_READY : OPEN_FAILED;
	b->failure = rc;
	lock_release(&b->lock);
	if (rc != RC_OK)
		unlink_mailbox(o, b);
	(void)pthread_cond_broadcast(&o->built);
	lock_release(&o->lock);
}

static enum rc
wait_until_built(struct opens *o, struct mailbox *b)
{
	enum rc rc;

	wait_begin();
	lock_take(&o->lock);
	while (b->state == OPEN_BUILDING)
		lock_wait(&o->lock, &o->built);
	rc = b->state == OPEN_READY ? RC_OK : b->failure;
	lock_release(&o->lock);
	wait_end();
	return rc;
}

enum rc
mailbox_open(
    struct mail *m, uint64_t account, uint32_t id, struct mailbox **ret_mailbox)
{
	struct opens *o = m->opens;
	struct mailbox *b;
	bool made, ready;
	enum rc rc;

	lock_take(&o->lock);
	b = find_mailbox(o, account, id);
	made = b == NULL;
	if (made)
		b = make_mailbox(o, account, id);
	b->references++;
	ready = b->state == OPEN_READY;
	lock_release(&o->lock);
	if (made) {
		rc = mailbox_build(b);
		end_build(o, b, rc);
	} else {
		rc = ready ? RC_OK : wait_until_built(o, b);
	}
	if (rc == RC_OK && mailbox_is_deleted(b))
		rc = RC_NOTFOUND;
	if (rc != RC_OK) {
		mailbox_unref(&b);
		return rc;
	}
	*ret_mailbox = b;
	return RC_OK;
}

void
mailbox_ref(struct mailbox *b)
{
	struct opens *o = b->mail->opens;

	lock_take(&o->lock);
	assert(b->references > 0);
	b->references++;
	lock_release(&o->lock);
}

void
mailbox_unref(struct mailbox **mailbox)
{
	struct mailbox *b = *mailbox;
	struct opens *o;
	bool last;

	*mailbox = NULL;
	if (b == NULL)
		return;
	o = b->mail->opens;
	lock_take(&o->lock);
	assert(b->references > 0);
	last = --b->references == 0;
	if (last)
		unlink_mailbox(o, b);
	lock_release(&o->lock);
	if (last)
		free_mailbox(b);
}

/* -- asking -------------------------------------------------------------- */

uint32_t
mailbox_id(const struct mailbox *b)
{
	return b->id;
}

uint64_t
mailbox_account(const struct mailbox *b)
{
	return b->account;
}

bool
mailbox_is_deleted(struct mailbox *b)
{
	bool deleted;

	lock_take(&b->lock);
	deleted = b->now.deleted;
	lock_release(&b->lock);
	return deleted;
}

unsigned
mailbox_keyword_count(struct mailbox *b)
{
	unsigned count;

	lock_take(&b->lock);
	count = b->keyword_count;
	lock_release(&b->lock);
	return count;
}

static enum rc
copy_names(struct str value, struct arena *a, struct str **ret_names,
    unsigned *ret_count)
{
	struct str names[KEYWORDS_MAX], *copy;
	unsigned count;

	if (!keywords_record_unpack(value, names, &count))
		return RC_CORRUPT;
	copy = arena_array(a, KEYWORDS_MAX, sizeof(*copy));
	if (copy == NULL)
		return RC_LIMIT;
	for (unsigned i = 0; i < count; i++) {
		copy[i] = arena_str(a, names[i]);
		if (copy[i].p == NULL)
			return RC_LIMIT;
	}
	*ret_names = copy;
	*ret_count = count;
	return RC_OK;
}

enum rc
mailbox_keywords(struct mailbox *b, struct arena *a, struct str **ret_names,
    unsigned *ret_count)
{
	struct key_space space;
	struct store_read *r;
	struct str value;
	enum rc rc = store_read_begin(b->mail->store, b->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = store_get(r, key_keywords(&space, b->id), &value);
	if (rc == RC_OK) {
		rc = copy_names(value, a, ret_names, ret_count);
	} else if (rc == RC_NOTFOUND) {
		*ret_names = NULL;
		*ret_count = 0;
		rc = RC_OK;
	}
	store_read_end(r);
	return rc;
}

/* -- watching ------------------------------------------------------------ */

void
mailbox_watch(struct mailbox *b, struct mailbox_watch *w)
{
	lock_take(&b->watch_lock);
	w->prev = NULL;
	w->next = b->watches;
	if (w->next != NULL)
		w->next->prev = w;
	b->watches = w;
	lock_release(&b->watch_lock);
}

void
mailbox_unwatch(struct mailbox *b, struct mailbox_watch *w)
{
	lock_take(&b->watch_lock);
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		b->watches = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	w->next = NULL;
	w->prev = NULL;
	lock_release(&b->watch_lock);
}

/* -- what the committer tells -------------------------------------------- */

static void
tell_watches(struct mailbox *b)
{
	lock_take(&b->watch_lock);
	for (struct mailbox_watch *w = b->watches; w != NULL; w = w->next)
		w->fn(w->arg);
	lock_release(&b->watch_lock);
}

/* The change has ended: its record becomes the moment. */
static void
end_change(struct mailbox *b)
{
	bool changed;

	lock_take(&b->lock);
	changed = b->coming.seq != 0;
	if (changed)
		mailbox_take_moment(b, &b->coming);
	b->coming.seq = 0;
	lock_release(&b->lock);
	if (changed)
		tell_watches(b);
}

static void
note_record(struct mailbox *b, struct str value, uint64_t seq)
{
	struct mailbox_record record = { .id = b->id };

	if (value.p == NULL || !mailbox_record_unpack(value, &record)) {
		b->coming = b->now;
		b->coming.seq = seq;
		b->coming.deleted = true;
	} else {
		b->coming = moment_of_record(&record, seq);
	}
}

static void
note_keywords(struct mailbox *b, struct str value)
{
	unsigned count = value.p != NULL ? keywords_count(value) : 0;

	if (count > b->keyword_count)
		b->keyword_count = count;
}

static void
note(struct mailbox *b, const struct key_parts *key, struct str value,
    uint64_t seq)
{
	lock_take(&b->lock);
	if (key->kind == KEY_MAILBOX)
		note_record(b, value, seq);
	else if (key->kind == KEY_KEYWORDS)
		note_keywords(b, value);
	else
		directory_change(&b->directory, key->first, value, seq,
		    b->state == OPEN_BUILDING ? DIRECTORY_TOLD_BUILDING
					      : DIRECTORY_TOLD);
	lock_release(&b->lock);
}

static bool
bears_on_views(const struct key_parts *key)
{
	return key->kind == KEY_MAILBOX || key->kind == KEY_KEYWORDS ||
	       key->kind == KEY_CHUNK_CHANGING;
}

void
opens_changed(struct opens *o, uint64_t account, struct str key,
    struct str value, uint64_t seq)
{
	struct open_account *a;
	struct key_parts parts;
	struct mailbox *b;

	lock_take(&o->lock);
	if (key.p == NULL) {
		a = find_account(o, account);
		for (b = a != NULL ? a->first : NULL; b != NULL; b = b->next)
			end_change(b);
	} else if (key_parse(key, &parts) && bears_on_views(&parts)) {
		b = find_mailbox(o, account, parts.mailbox);
		if (b != NULL)
			note(b, &parts, value, seq);
	}
	lock_release(&o->lock);
}

uint64_t
opens_least_modseq(struct opens *o, uint64_t account, uint32_t mailbox)
{
	uint64_t least = UINT64_MAX;
	struct mailbox *b;

	lock_take(&o->lock);
	b = find_mailbox(o, account, mailbox);
	if (b != NULL) {
		lock_take(&b->lock);
		for (struct view_pin *p = b->pins; p != NULL; p = p->next) {
			if (p->modseq < least)
				least = p->modseq;
		}
		lock_release(&b->lock);
	}
	lock_release(&o->lock);
	return least;
}

uint32_t
opens_recent_uid(struct opens *o, uint64_t account, uint32_t mailbox)
{
	struct mailbox *b;
	uint32_t uid = 0;

	lock_take(&o->lock);
	b = find_mailbox(o, account, mailbox);
	if (b != NULL) {
		lock_take(&b->lock);
		uid = b->recent_uid;
		lock_release(&b->lock);
	}
	lock_release(&o->lock);
	return uid;
}
