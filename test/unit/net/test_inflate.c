/* SPDX-License-Identifier: MIT
 *
 * The inflater: however the compressed octets are cut, flushed, and put to
 * rest in between, what comes out is what went in, as early as the client's
 * flush promises.
 */
#include "zlib_peer.h"

#include "net/inflate.h"

#define LINES 300

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
	struct inflater *i = inflater_new();
	struct buf plain, packed, out;
	uint32_t random = 3;
	z_stream z;

	buf_init(&plain, PEER_BYTES_MAX);
	buf_init(&packed, PEER_BYTES_MAX);
	buf_init(&out, PEER_BYTES_MAX);
	peer_deflate_begin(&z);
	for (int line = 0; line < LINES; line++) {
		size_t before = plain.n;
		struct str left;

		add_command(&plain, &random);
		buf_clear(&packed);
		peer_deflate(
		    &z, str_skip(buf_str(&plain), before), how->flush, &packed);
		left = buf_str(&packed);
		while (left.n > 0) {
			assert_int_equal(read_all(i, str_head(left, how->cut),
					     how->size, &out),
			    RC_AGAIN);
			if (how->rests)
				inflater_rest(i);
			left = str_skip(left, how->cut);
		}
		assert_true(str_eq(buf_str(&out), buf_str(&plain)));
	}
	inflater_rest(i);
	assert_int_equal(inflater_memory(i) < 12000, how->small);
	(void)deflateEnd(&z);
	inflater_free(i);
	buf_fini(&plain);
	buf_fini(&packed);
	buf_fini(&out);
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
	struct inflater *i = inflater_new();
	struct buf plain, packed, out;
	uint32_t random = 8;
	z_stream z;

	(void)state;
	buf_init(&plain, PEER_BYTES_MAX);
	buf_init(&packed, PEER_BYTES_MAX);
	buf_init(&out, PEER_BYTES_MAX);
	peer_deflate_begin(&z);
	for (int n = 0; n < 32000; n++)
		buf_add_byte(&plain, (char)next_random(&random));
	for (int round = 0; round < 5; round++) {
		buf_clear(&packed);
		buf_clear(&out);
		peer_deflate(&z, buf_str(&plain), Z_SYNC_FLUSH, &packed);
		/* The later ones are nothing but references. */
		assert_int_equal(packed.n<1000, round> 0);
		assert_int_equal(
		    read_all(i, buf_str(&packed), 5000, &out), RC_AGAIN);
		assert_true(str_eq(buf_str(&out), buf_str(&plain)));
		inflater_rest(i);
	}
	/* Random octets cannot be packed. */
	assert_in_range(inflater_memory(i), 32000, 33500);
	(void)deflateEnd(&z);
	inflater_free(i);
	buf_fini(&plain);
	buf_fini(&packed);
	buf_fini(&out);
}

/* In the middle of a block it cannot rest, and loses nothing by trying. */
static void
test_no_rest_within_a_block(void **state)
{
	struct inflater *i = inflater_new();
	struct buf plain, packed, out;
	uint32_t random = 21;
	z_stream z;

	(void)state;
	buf_init(&plain, PEER_BYTES_MAX);
	buf_init(&packed, PEER_BYTES_MAX);
	buf_init(&out, PEER_BYTES_MAX);
	peer_deflate_begin(&z);
	while (plain.n < 30000)
		add_command(&plain, &random);
	peer_deflate(&z, buf_str(&plain), Z_SYNC_FLUSH, &packed);
	assert_int_equal(
	    read_all(i, str_head(buf_str(&packed), packed.n / 2), 5000, &out),
	    RC_AGAIN);
	inflater_rest(i);
	assert_true(inflater_memory(i) > 32768);
	assert_int_equal(
	    read_all(i, str_skip(buf_str(&packed), packed.n / 2), 5000, &out),
	    RC_AGAIN);
	assert_true(str_eq(buf_str(&out), buf_str(&plain)));
	inflater_rest(i);
	assert_true(inflater_memory(i) < 32768);
	(void)deflateEnd(&z);
	inflater_free(i);
	buf_fini(&plain);
	buf_fini(&packed);
	buf_fini(&out);
}

/* -- what attackers send ----------------------------------------------- */

/* No more is made than is asked for. */
static void
test_bomb(void **state)
{
	struct inflater *i = inflater_new();
	struct buf zeros, packed;
	struct str left;
	char few[10];
	size_t count;
	z_stream z;

	(void)state;
	buf_init(&zeros, PEER_BYTES_MAX);
	buf_init(&packed, PEER_BYTES_MAX);
	assert_non_null(buf_reserve(&zeros, 4000000));
	memset(zeros.p, 0, 4000000);
	buf_added(&zeros, 4000000);
	peer_deflate_begin(&z);
	peer_deflate(&z, buf_str(&zeros), Z_SYNC_FLUSH, &packed);
	assert_true(packed.n < 5000);
	left = buf_str(&packed);
	for (int n = 0; n < 1000; n++) {
		assert_int_equal(
		    inflater_read(i, &left, few, sizeof(few), &count), RC_OK);
		assert_int_equal(count, sizeof(few));
		assert_true(inflater_has_more(i));
	}
	assert_true(left.n > packed.n - 200);
	assert_true(inflater_memory(i) < 50000);
	(void)deflateEnd(&z);
	inflater_free(i);
	buf_fini(&zeros);
	buf_fini(&packed);
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
	struct inflater *i = inflater_new();
	struct buf packed, out;
	z_stream z;

	(void)state;
	buf_init(&packed, PEER_BYTES_MAX);
	buf_init(&out, PEER_BYTES_MAX);
	peer_deflate_begin(&z);
	peer_deflate(&z, STR("a LOGOUT\r\n"), Z_FINISH, &packed);
	assert_int_equal(read_all(i, buf_str(&packed), 5, &out), RC_EOF);
	assert_true(str_eq(buf_str(&out), STR("a LOGOUT\r\n")));
	inflater_rest(i);
	assert_int_equal(read_all(i, buf_str(&packed), 5, &out), RC_EOF);
	assert_int_equal(out.n, 10);
	(void)deflateEnd(&z);
	inflater_free(i);
	inflater_free(NULL);
	buf_fini(&packed);
	buf_fini(&out);
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
