/* SPDX-License-Identifier: MIT
 *
 * LIST (RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154), LSUB (RFC 3501
 * section 6.3.9) and the older XLIST, which some clients still try.
 *
 * All names are taken into a tree, each is marked with what holds of it and of
 * those below, and then the tree is walked once more to answer.
 */
#include "proto/imap/list.h"

#include "imap/cmd/cmd.h"
#include "imap/respond_list.h"

bool
parse_cmd_list(struct parser *p, struct arena *a, void **ret_args)
{
	struct list_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_list(p, args);
}

bool
parse_cmd_lsub(struct parser *p, struct arena *a, void **ret_args)
{
	struct list_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_lsub(p, args);
}

/* All of it is part of IMAP4rev2. */
struct answer
check_cmd_list(struct imap_session *s, void *args)
{
	const struct list_args *l = args;
	bool rev2 = session_rev2(s);

	if (l->extended && !rev2 && !session_has(s, CAPABILITY_LIST_EXTENDED))
		return answer_bad("Unknown: extended LIST");
	if (((l->select & LIST_SELECT_SPECIAL_USE) ||
		(l->returns & LIST_RETURN_SPECIAL_USE)) &&
	    !rev2 && !session_has(s, CAPABILITY_SPECIAL_USE))
		return answer_bad("Unknown list option");
	if ((l->returns & LIST_RETURN_STATUS) && !rev2 &&
	    !session_has(s, CAPABILITY_LIST_STATUS))
		return answer_bad("Unknown return option");
	if (!cmd_status_items_offered(s, l->status))
		return answer_bad("Unknown status item");
	return answer_proceed();
}

/* -- marking ----------------------------------------------------------- */

/* Mark the names that the canonical pattern matches.  One that ends with "%"
 * takes levels of hierarchy, too. */
static void
match_all(const struct list_tree *t, struct str pattern)
{
	bool levels = str_ends(pattern, STR("%"));

	for (size_t i = 0; i < t->n; i++) {
		struct list_name *n = t->v[i];

		if ((n->matches && (n->matches_level || !levels)) ||
		    !list_pattern_matches(pattern, n->name))
			continue;
		n->matches = true;
		n->matches_level = n->matches_level || levels;
	}
}

/* Patterns that are malformed match nothing, and so do empty ones. */
static enum rc
mark_matches(struct imap_session *s, const struct list_args *args,
    const struct list_tree *t)
{
	struct buf pattern;
	enum rc rc = RC_OK;

	buf_init(&pattern, 2 * LINE_BYTES_MAX);
	for (size_t i = 0; i < args->pattern_count && rc == RC_OK; i++) {
		const struct mailbox_name *p = &args->patterns[i];

		if (!args->reference.valid || !p->valid || p->utf8.n == 0)
			continue;
		buf_clear(&pattern);
		list_pattern_join(&pattern, args->reference.utf8, p->utf8);
		if (buf_check(&pattern) == RC_OK)
			match_all(t, buf_str(&pattern));
		rc = respond_room(s);
	}
	buf_fini(&pattern);
	return rc;
}

static bool
meets_criteria(unsigned select, const struct list_name *n)
{
	if ((select & LIST_SELECT_SPECIAL_USE) &&
	    (n->mailbox == NULL || n->mailbox->use == SPECIAL_NONE))
		return false;
	if (select & LIST_SELECT_SUBSCRIBED)
		return n->subscribed;
	return n->mailbox != NULL;
}

static void
mark_selected(unsigned select, const struct list_tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct list_name *n = t->v[i];

		n->selected = meets_criteria(select, n);
		if (!n->selected)
			continue;
		for (struct list_name *up = n->parent; up != NULL;
		     up = up->parent) {
			up->child_selected = true;
			if (!n->matches)
				up->child_elsewhere = true;
		}
	}
}

/* -- answering --------------------------------------------------------- */

/* Why a name is told that does not meet the criteria: it has one below that
 * does and is not told itself (RFC 9051 section 6.3.9.6), or it is a level of
 * hierarchy (section 6.3.9). */
static bool
is_told_for_children(unsigned select, const struct list_name *n)
{
	if (select & LIST_SELECT_RECURSIVEMATCH)
		return n->child_elsewhere;
	return n->matches_level && n->child_selected && n->mailbox == NULL &&
	       !(select & (LIST_SELECT_SUBSCRIBED | LIST_SELECT_SPECIAL_USE));
}

/* A client that asks in the old way knows only RFC 3501's \Noselect. */
static const char *
missing_word(const struct imap_session *s, const struct list_args *args,
    const struct list_name *n)
{
	if (n->mailbox != NULL)
		return NULL;
	return args->extended || session_rev2(s) ? "\\NonExistent"
						 : "\\Noselect";
}

static void
tell_name(struct imap_session *s, const struct list_args *args,
    const char *word, const struct list_name *n)
{
	struct list_line line = {
		.word = word,
		.name = n,
		.not_selectable = missing_word(s, args, n),
		.tell_subscribed = (args->returns & LIST_RETURN_SUBSCRIBED) ||
				   (args->select & LIST_SELECT_SUBSCRIBED),
		.child_info = (args->select & LIST_SELECT_RECURSIVEMATCH) &&
			      n->child_selected,
	};

	respond_list(s, &line);
	if ((args->returns & LIST_RETURN_STATUS) && n->selected &&
	    n->mailbox != NULL)
		respond_status(s, n->mailbox, args->status);
}

static struct answer
list_names(
    struct imap_session *s, const struct list_args *args, const char *word)
{
	struct list_tree t;
	enum rc rc = list_tree_read(s->mail, s->account, s->running->arena, &t);

	if (rc != RC_OK)
		return answer_failed(rc);
	rc = mark_matches(s, args, &t);
	mark_selected(args->select, &t);
	for (size_t i = 0; i < t.n && rc == RC_OK; i++) {
		if (!t.v[i]->matches ||
		    (!t.v[i]->selected &&
			!is_told_for_children(args->select, t.v[i])))
			continue;
		tell_name(s, args, word, t.v[i]);
		rc = respond_room(s);
	}
	return rc == RC_OK ? answer_ok("Those are all") : answer_gone(s, rc);
}

/* LIST "" "" asks for the delimiter and the root, which has no name (RFC 9051
 * section 6.3.9). */
static bool
asks_for_delimiter(const struct list_args *args)
{
	return !args->extended && args->patterns[0].valid &&
	       args->patterns[0].utf8.n == 0;
}

static struct answer
list_or_root(
    struct imap_session *s, const struct list_args *args, const char *word)
{
	if (!asks_for_delimiter(args))
		return list_names(s, args, word);
	buf_add_format(respond_begin(s), "* %s (\\Noselect) \"/\" \"\"", word);
	respond_line(s);
	return answer_ok("That is the root");
}

struct answer
cmd_list(struct imap_session *s, void *args)
{
	return list_or_root(s, args, "LIST");
}

struct answer
cmd_xlist(struct imap_session *s, void *args)
{
	return list_or_root(s, args, "XLIST");
}

/* -- LSUB -------------------------------------------------------------- */

/* A level that is not subscribed itself but has one below that is, is told
 * with \Noselect (RFC 3501 section 6.3.9).  \Noselect is not told of a
 * subscribed name whose mailbox is gone: it would mean the other thing. */
static void
tell_lsub(struct imap_session *s, const struct list_name *n)
{
	struct list_line line = {
		.word = "LSUB",
		.name = n,
		.not_selectable = n->subscribed ? NULL : "\\Noselect",
	};

	if (n->matches &&
	    (n->subscribed || (n->matches_level && n->child_selected)))
		respond_list(s, &line);
}

struct answer
cmd_lsub(struct imap_session *s, void *args)
{
	struct list_tree t;
	enum rc rc;

	rc = list_tree_read(s->mail, s->account, s->running->arena, &t);
	if (rc != RC_OK)
		return answer_failed(rc);
	rc = mark_matches(s, args, &t);
	mark_selected(LIST_SELECT_SUBSCRIBED, &t);
	for (size_t i = 0; i < t.n && rc == RC_OK; i++) {
		tell_lsub(s, t.v[i]);
		rc = respond_room(s);
	}
	return rc == RC_OK ? answer_ok("Those are all") : answer_gone(s, rc);
}
