/* SPDX-License-Identifier: MIT
 *
 * A table of sets of a few entries each; an account's set follows from its
 * number.
 */
#include "auth/verified.h"

#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/endian.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/rand.h"

#define SET_ENTRIES 8
#define SETS	    (VERIFIED_ENTRIES_MAX / SET_ENTRIES)

/* Free: all zero. */
struct entry {
	uint64_t account;
	uint64_t until_ms; /* it counts before that; 0: the entry is free */
	struct verified_tag tag;
};

struct verified {
	unsigned char key[SIPHASH_KEY_BYTES]; /* does not change */
	struct lock lock;
	uint64_t lifetime_ms;			 /* under lock */
	struct entry entries[SETS][SET_ENTRIES]; /* under lock */
};

/* Credentials are hashed as they lie in memory. */
_Static_assert(sizeof(struct credentials) ==
		   CREDENTIALS_CRYPT_BYTES_MAX +
		       SCRAM_HASHES * (4 + CREDENTIALS_SALT_BYTES +
					  2 * CREDENTIALS_SCRAM_KEY_BYTES_MAX),
    "no padding");

struct verified *
verified_new(uint64_t lifetime_ms)
{
	struct verified *v = mem_alloc(sizeof(*v));

	v->lifetime_ms = lifetime_ms;
	/* Without the key the entries say nothing, so it alone is kept from
	 * the disk.  Where the system does not allow that much locked memory,
	 * it is as safe as the passwords themselves in passing. */
	(void)!mlock(v->key, sizeof(v->key));
	rand_bytes(v->key, sizeof(v->key));
	lock_init(&v->lock);
	return v;
}

void
verified_free(struct verified *v)
{
	if (v == NULL)
		return;
	lock_fini(&v->lock);
	mem_wipe(v, sizeof(*v));
	/* Fails for memory that is not there only. */
	(void)munlock(v->key, sizeof(v->key));
	mem_free(v);
}

/* Numbers and credentials have fixed sizes, so no two inputs look alike. */
void
verified_make_tag(const struct verified *v, uint64_t account,
    const struct credentials *c, struct str password,
    struct verified_tag *ret_tag)
{
	struct siphash s;
	char number[8];

	endian_put_le64(number, account);
	siphash_init(&s, v->key);
	siphash_add(&s, (struct str){ number, sizeof(number) });
	siphash_add(&s, (struct str){ (const char *)c, sizeof(*c) });
	siphash_add(&s, password);
	siphash_fini(&s, ret_tag->bytes);
}

static struct entry *
set_of(struct verified *v, uint64_t account)
{
	return v->entries[account % SETS];
}

/* Wipe those of a set that are too old. */
static void
set_tidy(struct entry *set, uint64_t now_ms)
{
	for (size_t i = 0; i < SET_ENTRIES; i++)
		if (set[i].until_ms != 0 && now_ms >= set[i].until_ms)
			mem_wipe(&set[i], sizeof(set[i]));
}

/* The account's entry, or the one that has least time left. */
static struct entry *
set_choose(struct entry *set, uint64_t account)
{
	struct entry *e = &set[0];

	for (size_t i = 0; i < SET_ENTRIES; i++) {
		if (set[i].until_ms != 0 && set[i].account == account)
			return &set[i];
		if (set[i].until_ms < e->until_ms)
			e = &set[i];
	}
	return e;
}

bool
verified_has(
    struct verified *v, uint64_t account, const struct verified_tag *tag)
{
	struct entry *set = set_of(v, account), *e;
	bool has;

	lock_take(&v->lock);
	set_tidy(set, clock_ms());
	e = set_choose(set, account);
	has = e->until_ms != 0 && e->account == account;
	has &= mem_equal_secret(&e->tag, tag, sizeof(*tag));
	lock_release(&v->lock);
	return has;
}

void
verified_add(
    struct verified *v, uint64_t account, const struct verified_tag *tag)
{
	uint64_t now_ms = clock_ms();
	struct entry *e;

	lock_take(&v->lock);
	e = set_choose(set_of(v, account), account);
	if (v->lifetime_ms > 0)
		*e = (struct entry){
			.account = account,
			.until_ms = now_ms + v->lifetime_ms,
			.tag = *tag,
		};
	lock_release(&v->lock);
}

void
verified_set_lifetime(struct verified *v, uint64_t lifetime_ms)
{
	uint64_t until_ms = clock_ms() + lifetime_ms;

	lock_take(&v->lock);
	v->lifetime_ms = lifetime_ms;
	for (size_t i = 0; i < SETS * SET_ENTRIES; i++) {
		struct entry *e = &v->entries[i / SET_ENTRIES][i % SET_ENTRIES];

		if (e->until_ms > until_ms)
			e->until_ms = until_ms;
	}
	lock_release(&v->lock);
	verified_tidy(v);
}

void
verified_tidy(struct verified *v)
{
	uint64_t now_ms = clock_ms();

	lock_take(&v->lock);
	for (size_t i = 0; i < SETS; i++)
		set_tidy(v->entries[i], now_ms);
	lock_release(&v->lock);
}
