/* SPDX-License-Identifier: MIT
 *
 * store/record and store/scan: round trips, every prefix and every flipped
 * bit refused.
 */
#include "store_help.h"

#include <sys/mman.h>

#include "store/scan.h"
#include "store/segment_file.h"

#define SALT 77

static void
make_record(struct buf *b, uint64_t seq, uint32_t place)
{
	struct record_head head = { .account = 9, .seq = seq, .place = place };
	size_t at = record_begin(b);

	record_add(b, RECORD_PUT, STR("key"), STR("value"));
	record_add(b, RECORD_DELETE, STR("gone"), (struct str){ 0 });
	record_add_head(
	    b, RECORD_BLOB, STR("blob"), RECORD_BLOB_HEAD_BYTES + 3 + 5);
	record_blob_add_head(b, 1000, STR("pre"));
	buf_add_str(b, STR("image"));
	record_end(b, at, &head, SALT);
}

static void
test_round_trip(void **state)
{
	struct record_item item;
	struct record_blob blob;
	struct record r;
	struct buf b;
	size_t at = 0;

	(void)state;
	buf_init(&b, 4096);
	make_record(&b, 5, 2);
	assert_int_equal(b.n % 8, 0);
	assert_true(record_take(buf_str(&b), 800, SALT, &r));
	assert_int_equal(record_size(&r.head), b.n);
	assert_int_equal(r.head.account, 9);
	assert_int_equal(r.head.seq, 5);
	assert_int_equal(r.head.place, 2);
	assert_true(record_next(&r, &at, &item));
	assert_int_equal(item.op, RECORD_PUT);
	assert_true(str_eq(item.key, STR("key")));
	assert_true(str_eq(item.value, STR("value")));
	assert_true(record_next(&r, &at, &item));
	assert_int_equal(item.op, RECORD_DELETE);
	assert_true(record_next(&r, &at, &item));
	assert_true(record_blob_take(&item, &blob));
	assert_int_equal(blob.raw, 1000);
	assert_true(str_eq(blob.prefix, STR("pre")));
	assert_true(str_eq(blob.image, STR("image")));
	assert_int_equal(
	    blob.image_offset, 800 + (uint64_t)(blob.image.p - b.p));
	assert_false(record_next(&r, &at, &item));
	assert_int_equal(at, r.payload.n);
	buf_fini(&b);
}

static void
test_prefixes_and_flips_are_refused(void **state)
{
	struct record r;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	make_record(&b, 5, 0);
	assert_false(record_take(buf_str(&b), 0, SALT + 1, &r));
	for (size_t n = 0; n < b.n; n++) {
		char *part = mem_copy(b.p, n);

		assert_false(record_take((struct str){ part, n }, 0, SALT, &r));
		mem_free(part);
	}
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ (1 << bit % 8));
		assert_false(record_take(buf_str(&b), 0, SALT, &r));
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ (1 << bit % 8));
	}
	assert_true(record_take(buf_str(&b), 0, SALT, &r));
	buf_fini(&b);
}

static void
test_malformed_payload_stops_the_walk(void **state)
{
	struct record_item item;
	struct record r = { .payload = STR("\1\0\5\0\1\0\0\0abcde") };
	size_t at = 0;

	(void)state;
	assert_false(record_next(&r, &at, &item));
	assert_int_equal(at, 0);
}

static int
file_of(const struct buf *b)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(segment_write(fd, 0, b->p, b->n), RC_OK);
	return fd;
}

static void
test_scan_finds_records_behind_damage(void **state)
{
	struct record r;
	struct scan s;
	struct buf b;
	size_t one;
	bool blank;
	int fd;

	(void)state;
	buf_init(&b, 1 << 20);
	make_record(&b, 1, 0);
	one = b.n;
	make_record(&b, 2, 1);
	make_record(&b, 3, 0);
	b.p[one + 60] ^= 1;
	fd = file_of(&b);
	scan_begin(&s, fd, SALT, 0);
	assert_int_equal(scan_next(&s, &r), RC_OK);
	assert_int_equal(r.head.seq, 1);
	assert_int_equal(scan_next(&s, &r), RC_EOF);
	assert_int_equal(s.offset, one);
	assert_int_equal(scan_rest_is_blank(&s, &blank), RC_OK);
	assert_false(blank);
	assert_int_equal(scan_resync(&s), RC_OK);
	assert_int_equal(s.offset, 2 * one);
	assert_int_equal(scan_next(&s, &r), RC_OK);
	assert_int_equal(r.head.seq, 3);
	assert_int_equal(scan_next(&s, &r), RC_EOF);
	assert_int_equal(scan_rest_is_blank(&s, &blank), RC_OK);
	assert_true(blank);
	assert_int_equal(scan_resync(&s), RC_EOF);
	scan_end(&s);
	(void)close(fd);
	buf_fini(&b);
}

/* One that is larger than the window, between small ones. */
static void
test_scan_takes_large_records(void **state)
{
	struct record_head head = { .account = 1, .seq = 2 };
	char *value = mem_alloc(1000000);
	struct record r;
	struct scan s;
	struct buf b;
	size_t at;
	int fd;

	(void)state;
	buf_init(&b, 4 << 20);
	make_record(&b, 1, 0);
	at = record_begin(&b);
	record_add(&b, RECORD_PUT, STR("k"), (struct str){ value, 1000000 });
	record_end(&b, at, &head, SALT);
	make_record(&b, 3, 0);
	fd = file_of(&b);
	scan_begin(&s, fd, SALT, 0);
	for (uint64_t seq = 1; seq <= 3; seq++) {
		assert_int_equal(scan_next(&s, &r), RC_OK);
		assert_int_equal(r.head.seq, seq);
	}
	assert_int_equal(s.offset, b.n);
	scan_end(&s);
	(void)close(fd);
	buf_fini(&b);
	mem_free(value);
}

static void
test_segment_header(void **state)
{
	struct segment_header h = { .number = 7,
		.kind = SEGMENT_BLOB,
		.shard = 2,
		.first_seq = 99,
		.salt = 0x1122334455667788 };
	char space[SEGMENT_HEADER_BYTES];
	struct segment_header got;
	bool damaged;

	(void)state;
	segment_header_pack(&h, space);
	assert_int_equal(segment_header_unpack(space, &got, &damaged), RC_OK);
	assert_false(damaged);
	assert_memory_equal(&got, &h, sizeof(h));
	for (size_t at = 0; at < 64; at++) {
		space[at] ^= 1;
		assert_int_equal(
		    segment_header_unpack(space, &got, &damaged), RC_OK);
		assert_true(damaged);
		assert_int_equal(got.salt, h.salt);
		space[2048 + at] ^= 1;
		assert_int_equal(
		    segment_header_unpack(space, &got, &damaged), RC_CORRUPT);
		space[at] ^= 1;
		space[2048 + at] ^= 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_prefixes_and_flips_are_refused),
		cmocka_unit_test(test_malformed_payload_stops_the_walk),
		cmocka_unit_test(test_scan_finds_records_behind_damage),
		cmocka_unit_test(test_scan_takes_large_records),
		cmocka_unit_test(test_segment_header),
	};

	return cmocka_run_group_tests_name("store record", tests, NULL, NULL);
}
