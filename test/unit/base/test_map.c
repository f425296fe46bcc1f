/* SPDX-License-Identifier: MIT
 *
 * base/map: against an array that does the same slowly.
 */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"

#define KEYS   500
#define ROUNDS 50000

struct item {
	char key[8];
	size_t key_bytes;
	struct item *present; /* itself while it is in the map */
};

static struct item items[KEYS];

static struct str
key_of(const struct item *item)
{
	return (struct str){ item->key, item->key_bytes };
}

static void
check_all(const struct map *m)
{
	size_t at = 0, present = 0, walked = 0;

	for (size_t i = 0; i < KEYS; i++) {
		assert_ptr_equal(
		    map_get(m, key_of(&items[i])), items[i].present);
		present += items[i].present != NULL;
	}
	while (map_next(m, &at) != NULL)
		walked++;
	assert_int_equal(m->count, present);
	assert_int_equal(walked, present);
}

static void
test_random(void **state)
{
	uint64_t random = 1;
	struct map m;

	(void)state;
	map_init(&m);
	assert_null(map_get(&m, STR("")));
	assert_null(map_remove(&m, STR("x")));
	for (size_t i = 0; i < KEYS; i++) {
		(void)snprintf(items[i].key, sizeof(items[i].key), "%zx", i);
		items[i].key_bytes = i == 0 ? 0 : strlen(items[i].key);
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		struct item *item;

		random = random * 6364136223846793005u + 1442695040888963407u;
		item = &items[(random >> 33) % KEYS];
		if ((random >> 20) % 2 == 0) {
			assert_ptr_equal(
			    map_put(&m, key_of(item), item), item->present);
			item->present = item;
		} else {
			assert_ptr_equal(
			    map_remove(&m, key_of(item)), item->present);
			item->present = NULL;
		}
		if (i % 1000 == 0)
			check_all(&m);
	}
	check_all(&m);
	map_fini(&m);
}

static void
test_key_is_replaced(void **state)
{
	char old_key[] = "key", new_key[] = "key";
	struct map m;
	int a, b;

	(void)state;
	map_init(&m);
	assert_null(map_put(&m, str_of(old_key), &a));
	assert_ptr_equal(map_put(&m, str_of(new_key), &b), &a);
	/* The old key may go now. */
	old_key[0] = 'x';
	assert_ptr_equal(map_get(&m, STR("key")), &b);
	map_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_key_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
