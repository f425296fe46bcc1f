/* SPDX-License-Identifier: MIT
 *
 * Delivery: one message to several accounts, each of which succeeds or fails
 * on its own.
 */
#include "mail/incoming.h"
#include "mail/message_internal.h"

#include "base/clock.h"
#include "base/vec.h"

struct deliver_change {
	const struct delivery *delivery;
	struct stage *stage; /* the message's bytes, in the account's shard */
	int64_t now;
};

/* The mailbox by name, or INBOX. */
static enum rc
find_mailbox(
    struct change *c, struct str name, struct mailbox_record *ret_mailbox)
{
	uint32_t id;
	enum rc rc = change_name(c, name, &id);

	if (rc == RC_NOTFOUND)
		rc = change_name(c, STR("INBOX"), &id);
	return rc == RC_OK ? change_mailbox(c, id, ret_mailbox) : rc;
}

static enum rc
deliver_change(struct store_txn *t, void *arg)
{
	const struct deliver_change *d = arg;
	struct mailbox_record mailbox;
	struct chunk_append to;
	struct change c;
	uint32_t uid;
	enum rc rc;

	rc = change_begin(t, d->now, &c);
	if (rc == RC_OK)
		rc = find_mailbox(&c, d->delivery->mailbox, &mailbox);
	if (rc == RC_OK)
		rc = chunk_append_begin(&to, &c, &mailbox);
	if (rc == RC_OK)
		rc = append_item(&to, &d->delivery->item, d->stage, &uid);
	if (rc != RC_OK)
		return rc;
	chunk_append_end(&to);
	change_put_mailbox(&c, &mailbox);
	change_end(&c);
	return RC_OK;
}

/* -- stages ---------------------------------------------------------------- */

/* Copies of staged bytes that lie in another shard than they must. */
struct stage_copy {
	const struct incoming *of;
	struct stage *stage;
};
struct stage_copies {
	VEC(struct stage_copy) all;
};

static void
free_copies(struct stage_copies *s)
{
	for (size_t i = 0; i < s->all.n; i++)
		stage_free(s->all.v[i].stage);
	vec_fini(&s->all);
}

/* A stage with the message's bytes that can be put for the account; one a
 * shard is enough. */
static enum rc
stage_for(struct stage_copies *s, const struct incoming *message,
    uint64_t account, struct stage **ret_stage)
{
	struct stage *stage = incoming_stage(message);
	enum rc rc = RC_OK;

	if (stage_fits(stage, account)) {
		*ret_stage = stage;
		return RC_OK;
	}
	for (size_t i = 0; i < s->all.n; i++) {
		const struct stage_copy *copy = &s->all.v[i];

		if (copy->of == message && stage_fits(copy->stage, account)) {
			*ret_stage = copy->stage;
			return RC_OK;
		}
	}
	rc = stage_copy(stage, account, &stage);
	if (rc != RC_OK)
		return rc;
	vec_push(&s->all, (struct stage_copy){ message, stage });
	*ret_stage = stage;
	return RC_OK;
}

/* -- all of them ----------------------------------------------------------- */

void
message_deliver(struct mail *m, struct delivery *deliveries, size_t count)
{
	struct deliver_change *args = mem_array(count, sizeof(*args));
	struct store_change *changes = mem_array(count, sizeof(*changes));
	struct delivery **asked = mem_array(count, sizeof(struct delivery *));
	struct stage_copies copies = { 0 };
	int64_t now = clock_wall();
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct delivery *d = &deliveries[i];

		args[n].delivery = d;
		args[n].now = now;
		d->result = stage_for(
		    &copies, d->item.message, d->account, &args[n].stage);
		if (d->result != RC_OK)
			continue;
		changes[n].account = d->account;
		changes[n].fn = deliver_change;
		changes[n].arg = &args[n];
		asked[n++] = d;
	}
	store_update_all(m->store, changes, n);
	for (size_t i = 0; i < n; i++)
		asked[i]->result = changes[i].result;
	free_copies(&copies);
	mem_free(asked);
	mem_free(changes);
	mem_free(args);
}
