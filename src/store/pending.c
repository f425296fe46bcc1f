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

#include "base/endian.h"
#include "base/mem.h"

struct pending {
	_Atomic uint32_t references;
	uint32_t priority;
	uint64_t head; /* of the key, see head_of() */
	struct pending_entry *entry;
	struct pending *left;
	struct pending *right;
	size_t memory; /* of this node and all below */
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

/* -- order ---------------------------------------------------------------- */

/* The first octets of a key as a number, zeros behind a shorter one.  Keys
 * whose heads differ are in the order of those, which decides most comparisons
 * without a look at the entry. */
static uint64_t
head_of(struct str key)
{
	char bytes[8] = { 0 };

	if (key.n > 0)
		memcpy(bytes, key.p,
		    key.n < sizeof(bytes) ? key.n : sizeof(bytes));
	return endian_get_be64(bytes);
}

/* A key that is looked for. */
struct wanted {
	struct str key;
	uint64_t head;
};

static struct wanted
want(struct str key)
{
	return (struct wanted){ key, head_of(key) };
}

static int
compare(const struct wanted *w, const struct pending *node)
{
	if (w->head != node->head)
		return w->head < node->head ? -1 : 1;
	return str_cmp(w->key, pending_key(node->entry));
}

/* -- the tree ------------------------------------------------------------- */

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

static struct pending *
node_new(struct pending_entry *e, const struct wanted *w)
{
	struct pending *node = mem_resize(NULL, sizeof(*node));

	*node = (struct pending){
		.priority = (uint32_t)XXH3_64bits(w->key.p, w->key.n),
		.head = w->head,
		.entry = e,
	};
	atomic_init(&node->references, 1);
	atomic_fetch_add(&e->references, 1);
	return node;
}

/* A node with the same content that only the caller holds: itself, or a copy
 * for which the caller's reference is exchanged. */
static struct pending *
node_own(struct pending *node)
{
	struct pending *copy;

	if (atomic_load(&node->references) == 1)
		return node;
	copy = mem_resize(NULL, sizeof(*copy));
	*copy = (struct pending){
		.priority = node->priority,
		.head = node->head,
		.entry = node->entry,
		.left = pending_ref(node->left),
		.right = pending_ref(node->right),
	};
	atomic_init(&copy->references, 1);
	atomic_fetch_add(&copy->entry->references, 1);
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

/* What the allocator adds to each piece, on average. */
#define PIECE_BYTES 16

static size_t
entry_memory(const struct pending_entry *e)
{
	return sizeof(*e) + e->key_bytes + e->value_bytes + PIECE_BYTES;
}

size_t
pending_memory(const struct pending *root)
{
	return root != NULL ? root->memory : 0;
}

/* Count anew what is below ${node}, which has changed. */
static struct pending *
counted(struct pending *node)
{
	node->memory = sizeof(*node) + PIECE_BYTES + entry_memory(node->entry) +
		       pending_memory(node->left) + pending_memory(node->right);
	return node;
}

static struct pending *
rotate_right(struct pending *node)
{
	struct pending *left = node->left;

	node->left = left->right;
	left->right = counted(node);
	return left;
}

static struct pending *
rotate_left(struct pending *node)
{
	struct pending *right = node->right;

	node->right = right->left;
	right->left = counted(node);
	return right;
}

static struct pending *
put(struct pending *root, struct pending_entry *e, const struct wanted *w)
{
	int order;

	if (root == NULL)
		return counted(node_new(e, w));
	root = node_own(root);
	order = compare(w, root);
	if (order == 0) {
		replace_entry(root, e);
	} else if (order < 0) {
		root->left = put(root->left, e, w);
		if (root->left->priority > root->priority)
			root = rotate_right(root);
	} else {
		root->right = put(root->right, e, w);
		if (root->right->priority > root->priority)
			root = rotate_left(root);
	}
	return counted(root);
}

struct pending *
pending_put(struct pending *root, struct pending_entry *e)
{
	struct wanted w = want(pending_key(e));

	return put(root, e, &w);
}

const struct pending_entry *
pending_get(const struct pending *root, struct str key)
{
	struct wanted w = want(key);

	while (root != NULL) {
		int order = compare(&w, root);

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
	struct wanted w = want(key);

	while (root != NULL) {
		int order = compare(&w, root);

		if (order < 0 || (order == 0 && inclusive)) {
			best = root->entry;
			root = root->left;
		} else {
			root = root->right;
		}
	}
	return best;
}
