/* SPDX-License-Identifier: MIT
 *
 * The inflater: however the compressed octets are cut, flushed, and put to
 * rest in between, what comes out is what went in, as early as the client's
 * flush promises.
 */
#include "zlib_peer.h"

#include "net/inflate.h"

#define LINES 300

/* A client that compresses, and what is made of it. */
struct fixture {
	struct inflater *i;
	struct buf plain;
	struct buf packed;
	struct buf out;
	z_stream z;
};

static void
setup(struct fixture *f)
{
	f->i = inflater_new();
	buf_init(&f->plain, PEER_BYTES_MAX);
	buf_init(&f->packed, PEER_BYTES_MAX);
	buf_init(&f->out, PEER_BYTES_MAX);
	peer_deflate_begin(&f->z);
}

static void
teardown(struct fixture *f)
{
	(void)deflateEnd(&f->z);
	inflater_free(f->i);
	buf_fini(&f->plain);
	buf_fini(&f->packed);
	buf_fini(&f->out);
}

/* The client says what is new in plain. */
static void
pack(struct fixture *f, size_t from, int flush)
{
	buf_clear(&f->packed);
	peer_deflate(
	    &f->z, str_skip(buf_str(&f->plain), from), flush, &f->packed);
}

/* Read as much as ${from} gives, ${size} octets at a time. */
static enum rc
read_all(struct inflater *i, struct str from, size_t size, struct buf *to)
{
	enum rc rc;
	size_t count;

	do {
		char *room = buf_reserve(to, size);

		assert_non_null(room);
		rc = inflater_read(i, &from, room, size, &count);
		if (rc == RC_OK) {
			assert_in_range(count, 1, size);
			buf_added(to, count);
		}
	} while (rc == RC_OK);
	assert_true(rc != RC_AGAIN || from.n == 0);
	return rc;
}

/* -- flushes and cuts -------------------------------------------------- */

struct how {
	int flush;
	size_t cut;  /* octets that come at once */
	size_t size; /* octets that are asked for */
	bool rests;  /* after each cut */
	bool small;  /* at rest it is small */
};

/* Each line is there as soon as its flush is. */
static void
check_lines(const struct how *how)
{
	struct fixture f;
	uint32_t random = 3;

	setup(&f);
	for (int line = 0; line < LINES; line++) {
		size_t before = f.plain.n;
		struct str left;

		add_command(&f.plain, &random);
		pack(&f, before, how->flush);
		left = buf_str(&f.packed);
		while (left.n > 0) {
			assert_int_equal(read_all(f.i, str_head(left, how->cut),
					     how->size, &f.out),
			    RC_AGAIN);
			if (how->rests)
				inflater_rest(f.i);
			left = str_skip(left, how->cut);
		}
		assert_true(str_eq(buf_str(&f.out), buf_str(&f.plain)));
	}
	inflater_rest(f.i);
	assert_int_equal(inflater_memory(f.i) < 12000, how->small);
	teardown(&f);
}

static void
test_flushes(void **state)
{
	static const int flushes[] = { Z_PARTIAL_FLUSH, Z_SYNC_FLUSH,
		Z_FULL_FLUSH };
	static const size_t cuts[] = { 1, 2, 5, 7, 100, 10000 };
	static const size_t asked[] = { 1, 3, 100, 10000 };

	(void)state;
	for (size_t f = 0; f < 3; f++)
		for (size_t c = 0; c < 6; c++)
			for (size_t a = 0; a < 4; a++)
				for (int rests = 0; rests < 2; rests++)
					check_lines(&(struct how){ flushes[f],
					    cuts[c], asked[a], rests, true });
}

/* What a client may refer back to is there, after a rest, too. */
static void
test_window(void **state)
{
	struct fixture f;
	uint32_t random = 8;

	(void)state;
	setup(&f);
	for (int n = 0; n < 32000; n++)
		buf_add_byte(&f.plain, (char)next_random(&random));
	for (int round = 0; round < 5; round++) {
		buf_clear(&f.out);
		pack(&f, 0, Z_SYNC_FLUSH);
		/* The later ones are nothing but references. */
		assert_int_equal(f.packed.n<1000, round> 0);
		assert_int_equal(
		    read_all(f.i, buf_str(&f.packed), 5000, &f.out), RC_AGAIN);
		assert_true(str_eq(buf_str(&f.out), buf_str(&f.plain)));
		inflater_rest(f.i);
	}
	/* Random octets cannot be packed. */
	assert_in_range(inflater_memory(f.i), 32000, 33500);
	teardown(&f);
}

/* In the middle of a block it cannot rest, and loses nothing by trying. */
static void
test_no_rest_within_a_block(void **state)
{
	struct fixture f;
	uint32_t random = 21;

	(void)state;
	setup(&f);
	while (f.plain.n < 30000)
		add_command(&f.plain, &random);
	pack(&f, 0, Z_SYNC_FLUSH);
	assert_int_equal(
	    read_all(f.i, str_head(buf_str(&f.packed), f.packed.n / 2), 5000,
		&f.out),
	    RC_AGAIN);
	inflater_rest(f.i);
	assert_true(inflater_memory(f.i) > 32768);
	assert_int_equal(
	    read_all(f.i, str_skip(buf_str(&f.packed), f.packed.n / 2), 5000,
		&f.out),
	    RC_AGAIN);
	assert_true(str_eq(buf_str(&f.out), buf_str(&f.plain)));
	inflater_rest(f.i);
	assert_true(inflater_memory(f.i) < 32768);
	teardown(&f);
}

/* -- what attackers send ----------------------------------------------- */

/* No more is made than is asked for. */
static void
test_bomb(void **state)
{
	struct fixture f;
	struct str left;
	char few[10];
	size_t count;

	(void)state;
	setup(&f);
	assert_non_null(buf_reserve(&f.plain, 4000000));
	memset(f.plain.p, 0, 4000000);
	buf_added(&f.plain, 4000000);
	pack(&f, 0, Z_SYNC_FLUSH);
	assert_true(f.packed.n < 5000);
	left = buf_str(&f.packed);
	for (int n = 0; n < 1000; n++) {
		assert_int_equal(
		    inflater_read(f.i, &left, few, sizeof(few), &count), RC_OK);
		assert_int_equal(count, sizeof(few));
		assert_true(inflater_has_more(f.i));
	}
	assert_true(left.n > f.packed.n - 200);
	assert_true(inflater_memory(f.i) < 50000);
	teardown(&f);
}

static void
test_not_compressed(void **state)
{
	static const char *const texts[] = {
		"\x07",			 /* a block of type 3 */
		"\x04\xff\xff\xff\xff",	 /* codes that are none */
		"\x03\x42",		 /* further back than the beginning */
		"\x01\x05\x05\x05\x05x", /* two lengths that differ */
	};

	(void)state;
	for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++) {
		struct inflater *i = inflater_new();
		struct buf out;

		buf_init(&out, PEER_BYTES_MAX);
		assert_int_equal(
		    read_all(i, str_of(texts[t]), 100, &out), RC_INVALID);
		inflater_rest(i);
		assert_true(inflater_has_more(i));
		assert_int_equal(
		    read_all(i, STR("more"), 100, &out), RC_INVALID);
		inflater_free(i);
		buf_fini(&out);
	}
}

static void
test_end_of_stream(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	peer_deflate(&f.z, STR("a LOGOUT\r\n"), Z_FINISH, &f.packed);
	assert_int_equal(read_all(f.i, buf_str(&f.packed), 5, &f.out), RC_EOF);
	assert_true(str_eq(buf_str(&f.out), STR("a LOGOUT\r\n")));
	inflater_rest(f.i);
	assert_int_equal(read_all(f.i, buf_str(&f.packed), 5, &f.out), RC_EOF);
	assert_int_equal(f.out.n, 10);
	teardown(&f);
	inflater_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_no_rest_within_a_block),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_not_compressed),
		cmocka_unit_test(test_end_of_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
