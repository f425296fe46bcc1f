/* SPDX-License-Identifier: MIT
 *
 * Counting what is alike.
 */
#include "admin/seen.h"

#include "base/map.h"
#include "base/vec.h"

#define KEY_BYTES (TALLY_DIGEST_BYTES + 8)

struct like {
	char key[KEY_BYTES];
	uint64_t count;
};

struct seen {
	struct map map;
};

struct seen *
seen_new(void)
{
	struct seen *s = mem_alloc(sizeof(*s));

	map_init(&s->map);
	return s;
}

void
seen_free(struct seen *s)
{
	struct like *l;
	size_t at = 0;

	if (s == NULL)
		return;
	while ((l = map_next(&s->map, &at)) != NULL)
		mem_free(l);
	map_fini(&s->map);
	mem_free(s);
}

void
seen_mark(struct seen *s, const char digest[TALLY_DIGEST_BYTES],
    int64_t seconds, char ret_mark[TALLY_DIGEST_BYTES])
{
	struct like *l;
	struct buf key;

	buf_init(&key, KEY_BYTES + 8);
	buf_add(&key, digest, TALLY_DIGEST_BYTES);
	buf_add_le64(&key, (uint64_t)seconds);
	l = map_get(&s->map, buf_str(&key));
	if (l == NULL) {
		l = mem_alloc(sizeof(*l));
		memcpy(l->key, key.p, KEY_BYTES);
		(void)map_put(&s->map, (struct str){ l->key, KEY_BYTES }, l);
	}
	buf_add_le64(&key, l->count++);
	digest_of(buf_str(&key), ret_mark);
	buf_fini(&key);
}
