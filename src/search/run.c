/* SPDX-License-Identifier: MIT
 *
 * Running a search.
 *
 * For each message the plan is asked after each stage: after the mailbox's
 * list, the stored record, the header, the body.  Records are looked at within
 * a store read, which ends before any message is read.
 */
#include "search/run.h"

#include "mail/email.h"
#include "mime/sort_keys.h"
#include "search/text.h"

/* One message whose entry in the list did not decide. */
struct candidate {
	struct run *run;
	struct text *text;
	struct plan_facts facts;
	struct text_source source; /* blob NULL: not opened */
};

static enum verdict
verdict_at(struct candidate *c, enum plan_stage stage)
{
	c->facts.stage = stage;
	return plan_verdict(c->run->plan, &c->facts);
}

/* -- the record -------------------------------------------------------- */

static void
take_facts(struct candidate *c, const struct email *e)
{
	struct mime_sort_keys keys;

	c->facts.thread = email_thread(e);
	if (!mime_sort_keys_read(e->sort_keys, &keys))
		return;
	c->facts.sent_valid = keys.sent_valid;
	c->facts.sent_day = keys.sent_day;
}

/* Get ready to read the message when the read has ended. */
static enum rc
open_source(struct candidate *c, struct store_read *read, const struct email *e)
{
	c->source.prefix = e->prefix;
	c->source.table = arena_str(c->run->arena, e->table);
	if (c->source.table.p == NULL)
		return RC_LIMIT;
	return email_open(read, e->id, &c->source.blob);
}

/* Look at the record; open the message if that does not decide. */
static enum rc
look_at_record(struct candidate *c, enum verdict *ret_verdict)
{
	struct store_read *read;
	struct email e;
	enum verdict v = VERDICT_OPEN;
	enum rc rc = store_read_begin(mail_store(c->run->mail),
	    mailbox_account(c->run->view->mailbox), &read);

	if (rc != RC_OK)
		return rc;
	rc = email_get(read, c->facts.message->email, &e);
	if (rc == RC_OK) {
		take_facts(c, &e);
		v = verdict_at(c, STAGE_RECORD);
	}
	if (rc == RC_OK && v == VERDICT_OPEN)
		rc = open_source(c, read, &e);
	store_read_end(read);
	if (rc == RC_OK)
		*ret_verdict = v;
	return rc;
}

/* -- the text ---------------------------------------------------------- */

/* What has been found may decide before the body has ended. */
static bool
is_decided(void *arg)
{
	struct candidate *c = arg;

	return verdict_at(c, STAGE_HEADER) != VERDICT_OPEN;
}

static enum rc
look_at_text(struct candidate *c, enum verdict *ret_verdict)
{
	enum rc rc = text_search_header(c->text, &c->source);
	enum verdict v;

	if (rc != RC_OK)
		return rc;
	v = verdict_at(c, STAGE_HEADER);
	if (v == VERDICT_OPEN) {
		rc = text_search_body(c->text, &c->source, is_decided, c);
		if (rc != RC_OK)
			return rc;
		v = verdict_at(c, STAGE_HEADER);
		if (v == VERDICT_OPEN)
			v = verdict_at(c, STAGE_BODY);
	}
	*ret_verdict = v;
	return RC_OK;
}

/* -- the walk ---------------------------------------------------------- */

static enum rc
look_inside(struct candidate *c, enum verdict *ret_verdict)
{
	struct arena_mark mark = arena_save(c->run->arena);
	enum rc rc;

	rc = look_at_record(c, ret_verdict);
	if (rc == RC_OK && c->source.blob != NULL)
		rc = look_at_text(c, ret_verdict);
	if (c->source.blob != NULL)
		blob_close(c->source.blob);
	text_reset(c->text); /* the next message begins with nothing found */
	arena_restore(c->run->arena, mark);
	return rc;
}

/* Does the message match?  One that is damaged, or gone for good, does not. */
static enum rc
judge(struct run *r, struct text *t, const struct message *m, bool *ret_match)
{
	struct candidate c = { .run = r, .text = t, .facts.message = m };
	enum verdict v = verdict_at(&c, STAGE_LIST);
	enum rc rc = RC_OK;

	if (v == VERDICT_OPEN) {
		rc = look_inside(&c, &v);
		if (rc == RC_OK && r->go_on != NULL)
			rc = r->go_on(r->arg);
	}
	if (rc == RC_CORRUPT || rc == RC_NOTFOUND) {
		if (rc == RC_CORRUPT)
			r->damaged++;
		v = VERDICT_NO;
		rc = RC_OK;
	}
	*ret_match = v == VERDICT_YES;
	return rc;
}

static enum rc
search_slice(struct run *r, struct text *t, struct view_walk *walk,
    struct result *result, bool *ret_more)
{
	struct message slice[VIEW_SLICE];
	size_t count;
	enum rc rc = view_walk_next(walk, slice, &count);
	bool match, more;

	if (rc != RC_OK)
		return rc;
	more = count > 0;
	for (size_t i = 0; i < count && more; i++) {
		rc = judge(r, t, &slice[i], &match);
		if (rc != RC_OK)
			return rc;
		if (match)
			more = result_add(result, &slice[i]);
	}
	*ret_more = more;
	return RC_OK;
}

enum rc
run_search(struct run *r, struct result *result)
{
	static const struct uid_range all = { 1, UINT32_MAX };
	const struct plan_node *bounds = plan_bounds(r->plan);
	struct arena_mark mark = arena_save(r->arena);
	struct view_walk walk;
	struct text t;
	bool more = true;
	enum rc rc;

	r->damaged = 0;
	if (bounds != NULL)
		rc = view_walk_begin(r->view, bounds->set.v, bounds->set.n,
		    bounds->kind == PLAN_UIDS, r->arena, &walk);
	else
		rc = view_walk_begin(r->view, &all, 1, true, r->arena, &walk);
	if (rc != RC_OK)
		return rc;
	text_init(&t, r->plan);
	while (rc == RC_OK && more)
		rc = search_slice(r, &t, &walk, result, &more);
	text_fini(&t);
	arena_restore(r->arena, mark);
	return rc;
}
