/* SPDX-License-Identifier: MIT
 *
 * auth/verified: what is remembered, for how long, and that nothing is left.
 */
#include "auth/verified.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <malloc.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"

#define START_MS    1000000
#define LIFETIME_MS 60000
#define THREADS	    4
#define ROUNDS	    2000

static int
setup(void **state)
{
	clock_fake(START_MS, 1700000000);
	*state = verified_new(LIFETIME_MS);
	return 0;
}

static int
teardown(void **state)
{
	verified_free(*state);
	clock_fake(0, 0);
	return 0;
}

static struct credentials
credentials_of(const char *hash)
{
	struct credentials c = { 0 };

	memcpy(c.crypt, hash, strlen(hash));
	return c;
}

static struct verified_tag
tag_of(
    struct verified *v, uint64_t account, const char *hash, struct str password)
{
	struct credentials c = credentials_of(hash);
	struct verified_tag tag;

	verified_make_tag(v, account, &c, password, &tag);
	return tag;
}

/* Does the memory hold the tag anywhere? */
static bool
is_there(struct verified *v, const struct verified_tag *tag)
{
	return memmem(v, malloc_usable_size(v), tag, sizeof(*tag)) != NULL;
}

static void
test_what_a_tag_depends_on(void **state)
{
	struct verified *v = *state, *other = verified_new(LIFETIME_MS);
	const struct verified_tag tags[] = {
		tag_of(v, 7, "$5$hash", STR("pencil")),
		tag_of(v, 8, "$5$hash", STR("pencil")),
		tag_of(v, 7, "$5$hasi", STR("pencil")),
		tag_of(v, 7, "$5$has", STR("hpencil")),
		tag_of(v, 7, "$5$hash", STR("pencil\0")),
		tag_of(v, 7, "$5$hash", STR("")),
		tag_of(other, 7, "$5$hash", STR("pencil")),
	};
	struct verified_tag again = tag_of(v, 7, "$5$hash", STR("pencil"));
	size_t count = sizeof(tags) / sizeof(*tags);

	assert_memory_equal(&again, &tags[0], sizeof(again));
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			assert_memory_not_equal(
			    &tags[i], &tags[j], sizeof(*tags));
	verified_free(other);
}

/* SCRAM's keys are a part of the credentials too. */
static void
test_scram_keys_count(void **state)
{
	struct credentials c = credentials_of("$5$hash");
	struct verified_tag before, after;

	verified_make_tag(*state, 7, &c, STR("pencil"), &before);
	c.scram[SCRAM_SHA_256].server_key[31] ^= 1;
	verified_make_tag(*state, 7, &c, STR("pencil"), &after);
	assert_memory_not_equal(&before, &after, sizeof(after));
}

static void
test_only_what_was_added(void **state)
{
	struct verified *v = *state;
	struct verified_tag right = tag_of(v, 7, "$5$hash", STR("pencil"));
	struct verified_tag wrong = tag_of(v, 7, "$5$hash", STR("Pencil"));
	const struct verified_tag none = { { 0 } };

	assert_false(verified_has(v, 7, &right));
	assert_false(verified_has(v, 0, &none));
	verified_add(v, 7, &right);
	assert_true(verified_has(v, 7, &right));
	assert_true(verified_has(v, 7, &right));
	assert_false(verified_has(v, 7, &wrong));
	assert_false(verified_has(v, 8, &right));
	assert_false(verified_has(v, 7, &none));
}

/* An account has one entry: what it replaces is gone. */
static void
test_the_last_one_of_an_account(void **state)
{
	struct verified *v = *state;
	struct verified_tag old = tag_of(v, 7, "$5$old", STR("old"));
	struct verified_tag new = tag_of(v, 7, "$5$new", STR("new"));

	verified_add(v, 7, &old);
	assert_true(is_there(v, &old));
	verified_add(v, 7, &new);
	assert_false(verified_has(v, 7, &old));
	assert_true(verified_has(v, 7, &new));
	assert_false(is_there(v, &old));
}

static void
test_lifetime(void **state)
{
	struct verified *v = *state;
	struct verified_tag tag = tag_of(v, 7, "$5$hash", STR("pencil"));

	verified_add(v, 7, &tag);
	clock_fake(START_MS + LIFETIME_MS - 1, 1700000000);
	assert_true(verified_has(v, 7, &tag));
	clock_fake(START_MS + LIFETIME_MS, 1700000000);
	assert_false(verified_has(v, 7, &tag));
	assert_false(is_there(v, &tag));
}

static void
test_tidy_wipes_what_is_old(void **state)
{
	struct verified *v = *state;
	struct verified_tag old = tag_of(v, 7, "$5$hash", STR("pencil"));
	struct verified_tag young = tag_of(v, 8, "$5$hash", STR("pencil"));

	verified_add(v, 7, &old);
	clock_fake(START_MS + 1, 1700000000);
	verified_add(v, 8, &young);
	verified_tidy(v);
	assert_true(is_there(v, &old));
	clock_fake(START_MS + LIFETIME_MS, 1700000000);
	verified_tidy(v);
	assert_false(is_there(v, &old));
	assert_true(verified_has(v, 8, &young));
}

/* Twice as many accounts as there is room for: the later half is known. */
static void
test_the_oldest_go(void **state)
{
	struct verified *v = *state;

	for (uint64_t i = 0; i < 2ull * VERIFIED_ENTRIES_MAX; i++) {
		struct verified_tag tag = tag_of(v, i, "$5$hash", STR("x"));

		clock_fake(START_MS + i, 1700000000);
		verified_add(v, i, &tag);
	}
	for (uint64_t i = 0; i < 2ull * VERIFIED_ENTRIES_MAX; i++) {
		struct verified_tag tag = tag_of(v, i, "$5$hash", STR("x"));

		assert_int_equal(
		    verified_has(v, i, &tag), i >= VERIFIED_ENTRIES_MAX);
	}
}

static void
test_switched_off(void **state)
{
	struct verified *v = verified_new(0);
	struct verified_tag tag = tag_of(v, 7, "$5$hash", STR("pencil"));

	(void)state;
	verified_add(v, 7, &tag);
	assert_false(verified_has(v, 7, &tag));
	assert_false(is_there(v, &tag));
	verified_free(v);
}

/* A shorter time counts for what is remembered, a longer one for what comes. */
static void
test_another_lifetime(void **state)
{
	struct verified *v = *state;
	struct verified_tag old = tag_of(v, 1, "$5$hash", STR("pencil"));
	struct verified_tag fresh = tag_of(v, 2, "$5$hash", STR("pencil"));

	verified_add(v, 1, &old);
	verified_set_lifetime(v, 10 * LIFETIME_MS);
	verified_add(v, 2, &fresh);
	clock_fake(START_MS + LIFETIME_MS, 1700000000);
	assert_false(verified_has(v, 1, &old));
	assert_true(verified_has(v, 2, &fresh));
	verified_set_lifetime(v, 1000);
	assert_true(verified_has(v, 2, &fresh));
	clock_fake(START_MS + LIFETIME_MS + 1000, 1700000000);
	assert_false(verified_has(v, 2, &fresh));
	verified_set_lifetime(v, LIFETIME_MS);
	verified_add(v, 2, &fresh);
	verified_set_lifetime(v, 0);
	assert_false(verified_has(v, 2, &fresh));
	assert_false(is_there(v, &fresh));
}

/* Threads that share a few sets: a tag is known or not, never another. */
static void *
share(void *arg)
{
	struct verified *v = arg;
	size_t wrong = 0;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct verified_tag good = tag_of(v, i % 8, "$5$h", STR("x"));
		struct verified_tag bad = tag_of(v, i % 8, "$5$h", STR("y"));

		verified_add(v, i % 8, &good);
		wrong += !verified_has(v, i % 8, &good);
		wrong += verified_has(v, i % 8, &bad);
		verified_tidy(v);
	}
	return (void *)wrong;
}

static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	void *wrong;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, share, *state), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_what_a_tag_depends_on),
		CASE(test_scram_keys_count),
		CASE(test_only_what_was_added),
		CASE(test_the_last_one_of_an_account),
		CASE(test_lifetime),
		CASE(test_tidy_wipes_what_is_old),
		CASE(test_the_oldest_go),
		CASE(test_switched_off),
		CASE(test_another_lifetime),
		CASE(test_threads),
	};

	return cmocka_run_group_tests_name("verified", tests, NULL, NULL);
}
