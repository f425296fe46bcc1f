/* SPDX-License-Identifier: MIT
 *
 * imap/list_tree: mailboxes, subscriptions and the levels above them.
 */
#include "imap/list_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ARENA_BYTES 65536

static int
setup(void **state)
{
	*state = arena_new(ARENA_BYTES);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const struct mailbox_info mailboxes[] = {
	{ .id = 1, .name = { "INBOX", 5 } },
	{ .id = 2, .name = { "INBOX/sub", 9 } },
	{ .id = 3, .name = { "Ab", 2 } },
	{ .id = 4, .name = { "a/b/c", 5 } },
	{ .id = 5, .name = { "a", 1 } },
};

static const struct str subscriptions[] = {
	{ "a/b/c", 5 },
	{ "gone/too", 8 },
	{ "INBOX", 5 },
};

static struct list_tree
make(struct arena *a)
{
	const struct list_source from = { mailboxes, 5, subscriptions, 3 };
	struct list_tree t;

	assert_int_equal(list_tree_make(&from, a, &t), RC_OK);
	return t;
}

static const struct list_name *
find(const struct list_tree *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->v[i]->name, str_of(name)))
			return t->v[i];
	return NULL;
}

static void
test_order(void **state)
{
	static const char *const want[] = { "INBOX", "Ab", "INBOX/sub", "a",
		"a/b", "a/b/c", "gone", "gone/too" };
	struct list_tree t = make(*state);

	assert_int_equal(t.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < t.n; i++)
		assert_true(str_eq(t.v[i]->name, str_of(want[i])));
}

static void
test_mailboxes_and_levels(void **state)
{
	struct list_tree t = make(*state);

	assert_int_equal(find(&t, "a/b/c")->mailbox->id, 4);
	assert_int_equal(find(&t, "INBOX")->mailbox->id, 1);
	assert_null(find(&t, "a/b")->mailbox);
	assert_null(find(&t, "gone")->mailbox);
	assert_null(find(&t, "gone/too")->mailbox);
}

static void
test_parents(void **state)
{
	struct list_tree t = make(*state);

	assert_ptr_equal(find(&t, "a/b/c")->parent, find(&t, "a/b"));
	assert_ptr_equal(find(&t, "a/b")->parent, find(&t, "a"));
	assert_null(find(&t, "a")->parent);
	assert_ptr_equal(find(&t, "INBOX/sub")->parent, find(&t, "INBOX"));
	assert_ptr_equal(find(&t, "gone/too")->parent, find(&t, "gone"));
}

/* Only mailboxes are children, not names that are merely subscribed. */
static void
test_children(void **state)
{
	static const struct {
		const char *name;
		bool has;
	} cases[] = {
		{ "INBOX", true },
		{ "INBOX/sub", false },
		{ "Ab", false },
		{ "a", true },
		{ "a/b", true },
		{ "a/b/c", false },
		{ "gone", false },
	};
	struct list_tree t = make(*state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		    find(&t, cases[i].name)->has_children, cases[i].has);
}

static void
test_subscribed(void **state)
{
	struct list_tree t = make(*state);

	assert_true(find(&t, "a/b/c")->subscribed);
	assert_true(find(&t, "gone/too")->subscribed);
	assert_true(find(&t, "INBOX")->subscribed);
	assert_false(find(&t, "a")->subscribed);
	assert_false(find(&t, "gone")->subscribed);
}

static void
test_nothing_makes_an_empty_tree(void **state)
{
	const struct list_source none = { 0 };
	struct list_tree t;

	assert_int_equal(list_tree_make(&none, *state, &t), RC_OK);
	assert_int_equal(t.n, 0);
}

/* Whatever the arena gives, it ends with a tree or a refusal. */
static void
test_small_arenas_refuse(void **state)
{
	const struct list_source from = { mailboxes, 5, subscriptions, 3 };
	struct list_tree t;
	bool done = false;

	(void)state;
	for (size_t bytes = 0; !done; bytes += 64) {
		struct arena *a = arena_new(bytes);
		enum rc rc = list_tree_make(&from, a, &t);

		assert_true(rc == RC_OK || rc == RC_LIMIT);
		assert_true(bytes > 0 || rc == RC_LIMIT);
		done = rc == RC_OK;
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_mailboxes_and_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_children, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_subscribed, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_nothing_makes_an_empty_tree, setup, teardown),
		cmocka_unit_test(test_small_arenas_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
