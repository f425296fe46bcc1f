/* SPDX-License-Identifier: MIT
 *
 * A treap with path copying.  The priority of a node is a hash of its key, so
 * the shape depends on the keys alone.  A node with a single reference, held
 * by the caller, is changed in place: within one group of commits most nodes
 * are copied once.
 */
#include "store/pending.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

struct pending {
	_Atomic uint32_t references;
	uint32_t priority;
	struct pending_entry *entry;
	struct pending *left;
	struct pending *right;
};

struct pending_entry *
pending_entry_new(struct str key, struct str value, bool deleted, uint64_t seq)
{
	struct pending_entry *e;

	e = mem_resize(NULL, sizeof(*e) + key.n + value.n);
	atomic_init(&e->references, 1);
	e->key_bytes = (uint16_t)key.n;
	e->value_bytes = (uint32_t)value.n;
	e->deleted = deleted;
	e->seq = seq;
	memcpy(e->bytes, key.p, key.n);
	if (value.n > 0)
		memcpy(e->bytes + key.n, value.p, value.n);
	return e;
}

void
pending_entry_unref(struct pending_entry *e)
{
	if (e != NULL && atomic_fetch_sub(&e->references, 1) == 1)
		mem_free(e);
}

struct str
pending_key(const struct pending_entry *e)
{
	return (struct str){ e->bytes, e->key_bytes };
}

struct str
pending_value(const struct pending_entry *e)
{
	return (struct str){ e->bytes + e->key_bytes, e->value_bytes };
}

struct pending *
pending_ref(struct pending *root)
{
	if (root != NULL)
		atomic_fetch_add(&root->references, 1);
	return root;
}

void
pending_unref(struct pending *root)
{
	/* Recursion is as deep as the tree: some 50 levels for a million. */
	while (root != NULL && atomic_fetch_sub(&root->references, 1) == 1) {
		struct pending *right = root->right;

		pending_unref(root->left);
		pending_entry_unref(root->entry);
		mem_free(root);
		root = right;
	}
}

/* A node has no other life than to be copied and let go: no memory is cleared
 * that is then written. */
static struct pending *
node_make(struct pending_entry *e, uint32_t priority, struct pending *left,
    struct pending *right)
{
	struct pending *node = mem_resize(NULL, sizeof(*node));

	atomic_init(&node->references, 1);
	atomic_fetch_add(&e->references, 1);
	node->priority = priority;
	node->entry = e;
	node->left = left;
	node->right = right;
	return node;
}

static struct pending *
node_new(struct pending_entry *e)
{
	struct str key = pending_key(e);

	return node_make(e, (uint32_t)XXH3_64bits(key.p, key.n), NULL, NULL);
}

/* A node with the same content that only the caller holds: itself, or a copy
 * for which the caller's reference is exchanged. */
static struct pending *
node_own(struct pending *node)
{
	struct pending *copy;

	if (atomic_load(&node->references) == 1)
		return node;
	copy = node_make(node->entry, node->priority, pending_ref(node->left),
	    pending_ref(node->right));
	pending_unref(node);
	return copy;
}

static void
replace_entry(struct pending *node, struct pending_entry *e)
{
	atomic_fetch_add(&e->references, 1);
	pending_entry_unref(node->entry);
	node->entry = e;
}

static struct pending *
rotate_right(struct pending *node)
{
	struct pending *left = node->left;

	node->left = left->right;
	left->right = node;
	return left;
}

static struct pending *
rotate_left(struct pending *node)
{
	struct pending *right = node->right;

	node->right = right->left;
	right->left = node;
	return right;
}

struct pending *
pending_put(struct pending *root, struct pending_entry *e)
{
	int order;

	if (root == NULL)
		return node_new(e);
	root = node_own(root);
	order = str_cmp(pending_key(e), pending_key(root->entry));
	if (order == 0) {
		replace_entry(root, e);
	} else if (order < 0) {
		root->left = pending_put(root->left, e);
		if (root->left->priority > root->priority)
			root = rotate_right(root);
	} else {
		root->right = pending_put(root->right, e);
		if (root->right->priority > root->priority)
			root = rotate_left(root);
	}
	return root;
}

const struct pending_entry *
pending_get(const struct pending *root, struct str key)
{
	while (root != NULL) {
		int order = str_cmp(key, pending_key(root->entry));

		if (order == 0)
			return root->entry;
		root = order < 0 ? root->left : root->right;
	}
	return NULL;
}

const struct pending_entry *
pending_seek(const struct pending *root, struct str key, bool inclusive)
{
	const struct pending_entry *best = NULL;

	while (root != NULL) {
		int order = str_cmp(key, pending_key(root->entry));

		if (order < 0 || (order == 0 && inclusive)) {
			best = root->entry;
			root = root->left;
		} else {
			root = root->right;
		}
	}
	return best;
}
