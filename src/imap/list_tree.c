/* SPDX-License-Identifier: MIT
 *
 * All names that LIST and LSUB can speak of.
 */
#include "imap/list_tree.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"

struct builder {
	struct arena *arena;
	struct map by_name;
	VEC(struct list_name *) names;
};

/* How long the name of the level above is; 0: there is none. */
static size_t
parent_bytes(struct str name)
{
	while (name.n > 0 && name.p[name.n - 1] != '/')
		name.n--;
	return name.n > 0 ? name.n - 1 : 0;
}

/* A new name without its parent; NULL: the arena refuses. */
static struct list_name *
add(struct builder *b, struct str name)
{
	struct list_name *n = arena_alloc(b->arena, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->name = name;
	vec_push(&b->names, n);
	(void)map_put(&b->by_name, n->name, n); /* there was none */
	return n;
}

/* The entry of a name, made if there is none, with the levels above it.
 * ${name} stays in place.  NULL: the arena refuses. */
static struct list_name *
get(struct builder *b, struct str name)
{
	struct list_name *first = NULL;
	struct list_name *below = NULL;

	while (name.n > 0) {
		struct list_name *n = map_get(&b->by_name, name);
		bool known = n != NULL;

		if (!known)
			n = add(b, name);
		if (n == NULL)
			return NULL;
		if (first == NULL)
			first = n;
		if (below != NULL)
			below->parent = n;
		if (known)
			break;
		below = n;
		name.n = parent_bytes(name);
	}
	return first;
}

static enum rc
add_mailboxes(struct builder *b, const struct list_source *from)
{
	for (size_t i = 0; i < from->mailbox_count; i++) {
		struct list_name *n = get(b, from->mailboxes[i].name);

		if (n == NULL)
			return RC_LIMIT;
		n->mailbox = &from->mailboxes[i];
		/* Above one that has children all have. */
		for (n = n->parent; n != NULL && !n->has_children;
		     n = n->parent)
			n->has_children = true;
	}
	return RC_OK;
}

static enum rc
add_subscriptions(struct builder *b, const struct list_source *from)
{
	for (size_t i = 0; i < from->subscription_count; i++) {
		struct list_name *n = get(b, from->subscriptions[i]);

		if (n == NULL)
			return RC_LIMIT;
		n->subscribed = true;
	}
	return RC_OK;
}

static int
compare(const void *a, const void *b)
{
	struct str x = (*(struct list_name *const *)a)->name;
	struct str y = (*(struct list_name *const *)b)->name;
	bool x_first = str_eq(x, STR("INBOX"));

	if (x_first || str_eq(y, STR("INBOX")))
		return x_first ? -1 : 1;
	return str_cmp(x, y);
}

/* Sorted, in the arena. */
static enum rc
take_names(struct builder *b, struct list_tree *ret_tree)
{
	struct list_name **v =
	    arena_array(b->arena, b->names.n + 1, sizeof(struct list_name *));

	if (v == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < b->names.n; i++)
		v[i] = b->names.v[i];
	qsort(v, b->names.n, sizeof(*v), compare);
	*ret_tree = (struct list_tree){ v, b->names.n };
	return RC_OK;
}

enum rc
list_tree_make(
    const struct list_source *from, struct arena *a, struct list_tree *ret_tree)
{
	struct builder b = { .arena = a };
	enum rc rc;

	map_init(&b.by_name);
	rc = add_mailboxes(&b, from);
	if (rc == RC_OK)
		rc = add_subscriptions(&b, from);
	if (rc == RC_OK)
		rc = take_names(&b, ret_tree);
	map_fini(&b.by_name);
	vec_fini(&b.names);
	return rc;
}

enum rc
list_tree_read(struct mail *m, uint64_t account, struct arena *a,
    struct list_tree *ret_tree)
{
	struct mailbox_info *mailboxes;
	struct str *subscriptions;
	struct list_source from;
	enum rc rc =
	    mailbox_list(m, account, a, &mailboxes, &from.mailbox_count);

	if (rc == RC_OK)
		rc = mailbox_subscriptions(
		    m, account, a, &subscriptions, &from.subscription_count);
	if (rc != RC_OK)
		return rc;
	from.mailboxes = mailboxes;
	from.subscriptions = subscriptions;
	return list_tree_make(&from, a, ret_tree);
}
