/* SPDX-License-Identifier: MIT
 *
 * Bringing messages in, changing, copying and removing them.
 */
#include "messages.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "mail/chunk.h"

static int
open_four(void **state)
{
	struct messages *f = mem_alloc(sizeof(*f));

	messages_open(f, 4);
	*state = f;
	return 0;
}

static struct view
look_at(struct messages *f, uint64_t account, uint32_t id)
{
	struct mailbox *b;
	struct view v;

	assert_int_equal(mailbox_open(f->mail, account, id, &b), RC_OK);
	assert_int_equal(view_begin(b, false, &v), RC_OK);
	mailbox_unref(&b);
	return v;
}

static uint32_t
count_of(struct messages *f, uint64_t account, uint32_t mailbox)
{
	struct view v = look_at(f, account, mailbox);
	uint32_t exists = v.exists;

	view_end(&v);
	return exists;
}

/* The keyword names of a message, joined by commas in the order of bits. */
static void
keywords_of(struct messages *f, uint32_t mailbox, uint32_t uid, char text[256])
{
	struct message m = messages_message(f, mailbox, uid);
	struct mailbox *b = messages_open_mailbox(f, mailbox);
	struct arena *a = arena_new(1 << 16);
	unsigned count, at = 0;
	struct str *names;

	text[0] = '\0';
	assert_int_equal(mailbox_keywords(b, a, &names, &count), RC_OK);
	for (unsigned i = 0; i < count; i++) {
		if ((m.keywords >> i & 1) != 0)
			at += (unsigned)snprintf(text + at, 256 - at, "%s%.*s",
			    at > 0 ? "," : "", STR_ARG(names[i]));
	}
	arena_free(a);
	mailbox_unref(&b);
}

static enum rc
store_keywords(struct messages *f, uint32_t uid, enum store_mode mode,
    const struct str *keywords, size_t count)
{
	struct uid_range range = { uid, uid };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct store_request r = { .uids = &uids,
		.mode = mode,
		.flags = { 0, keywords, count },
		.unchangedsince = UINT64_MAX,
		.told = UINT64_MAX };
	struct store_result result;
	enum rc rc = message_store(f->mail, f->account, f->inbox, &r, &result);

	store_result_fini(&result);
	return rc;
}

/* -- APPEND ----------------------------------------------------------------- */

static void
check_bytes(
    struct messages *f, uint64_t account, uint64_t email, struct str want)
{
	char *bytes = mem_alloc(want.n + 1);
	struct store_read *r;
	struct blob *blob;
	size_t count, at = 0;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), account, &r), RC_OK);
	assert_int_equal(email_open(r, email, &blob), RC_OK);
	store_read_end(r);
	assert_int_equal(blob_size(blob), want.n);
	do {
		assert_int_equal(
		    blob_read(blob, at, bytes + at, want.n + 1 - at, &count),
		    RC_OK);
		at += count;
	} while (count > 0 && at <= want.n);
	assert_int_equal(at, want.n);
	assert_memory_equal(bytes, want.p, want.n);
	blob_close(blob);
	mem_free(bytes);
}

static void
test_append_keeps_everything(void **state)
{
	struct messages *f = *state;
	struct str keyword = STR("$Work");
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct append item = { .message = in,
		.prefix = STR("Return-Path: <>\r\n"),
		.flags = { FLAG_SEEN | FLAG_DRAFT, &keyword, 1 },
		.internal_date = -12345 };
	struct append_result result;
	struct store_read *r;
	struct message m;
	struct email e;

	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, &item, 1, &result),
	    RC_OK);
	incoming_free(in);
	assert_true(result.uidvalidity > 0);
	assert_int_equal(result.uids.v[0].first, 1);
	uid_list_fini(&result.uids);
	m = messages_message(f, f->inbox, 1);
	assert_int_equal(m.seq, 1);
	assert_int_equal(m.flags, FLAG_SEEN | FLAG_DRAFT);
	assert_int_equal(m.keywords, 1);
	assert_int_equal(m.internal_date, -12345);
	assert_true(m.save_date > 0 && m.modseq > 0);
	assert_int_equal(m.size, item.prefix.n + SMALL_MESSAGE.n);
	assert_int_equal(
	    store_read_begin(mail_store(f->mail), f->account, &r), RC_OK);
	assert_int_equal(email_get(r, m.email, &e), RC_OK);
	assert_int_equal(e.prefix, item.prefix.n);
	assert_int_equal(e.size, m.size);
	assert_int_equal(e.digest.n, 16);
	assert_true(e.envelope.n > 0 && e.bodystructure.n > 0);
	assert_int_equal(email_get(r, m.email + 1, &e), RC_NOTFOUND);
	store_read_end(r);
	check_bytes(f, f->account, m.email,
	    STR("Return-Path: <>\r\nFrom: a@example.org\r\n"
		"To: b@example.org\r\nSubject: small\r\n\r\nbody\r\n"));
}

static void
test_append_without_octets(void **state)
{
	struct messages *f = *state;
	struct incoming *in = messages_incoming(f, f->account, STR(""));
	struct append item = { .message = in, .internal_date = INT64_MIN };
	struct append_result result;
	int64_t before = clock_wall();
	struct message m;

	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, &item, 1, &result),
	    RC_OK);
	incoming_free(in);
	uid_list_fini(&result.uids);
	m = messages_message(f, f->inbox, 1);
	assert_int_equal(m.size, 0);
	assert_true(m.internal_date >= before);
	check_bytes(f, f->account, m.email, STR(""));
}

static void
test_append_to_no_mailbox(void **state)
{
	struct messages *f = *state;
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct append item = { .message = in };
	struct append_result result;

	assert_int_equal(
	    message_append(f->mail, f->account, 9999, &item, 1, &result),
	    RC_NOTFOUND);
	assert_int_equal(message_append(f->mail, f->account + 77, f->inbox,
			     &item, 1, &result),
	    RC_NOTFOUND);
	incoming_free(in);
	assert_int_equal(count_of(f, f->account, f->inbox), 0);
}

/* The last of several messages is refused: none is there. */
static void
test_append_is_all_or_none(void **state)
{
	struct messages *f = *state;
	struct str names[KEYWORDS_MAX + 1];
	char texts[KEYWORDS_MAX + 1][8];
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct append items[2] = { { .message = in }, { .message = in } };
	struct append_result result;

	for (unsigned i = 0; i < KEYWORDS_MAX + 1; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "k%u", i);
		names[i] = str_of(texts[i]);
	}
	items[1].flags.keywords = names;
	items[1].flags.keyword_count = KEYWORDS_MAX + 1;
	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, items, 2, &result),
	    RC_LIMIT);
	assert_int_equal(count_of(f, f->account, f->inbox), 0);
	items[1].flags.keyword_count = KEYWORDS_MAX;
	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, items, 2, &result),
	    RC_OK);
	/* A refused change has used no UID. */
	assert_int_equal(result.uids.v[0].first, 1);
	assert_int_equal(result.uids.v[0].last, 2);
	uid_list_fini(&result.uids);
	incoming_free(in);
	assert_true(messages_message(f, f->inbox, 2).keywords == UINT64_MAX);
	assert_int_equal(
	    store_keywords(f, 1, STORE_ADD, &names[KEYWORDS_MAX], 1), RC_LIMIT);
	assert_int_equal(
	    store_keywords(f, 1, STORE_REMOVE, &names[KEYWORDS_MAX], 1), RC_OK);
}

/* -- replacing --------------------------------------------------------------- */

static enum rc
replace(struct messages *f, uint32_t uid, uint32_t to, uint32_t *ret_uid)
{
	struct incoming *in =
	    messages_incoming(f, f->account, STR("Subject: new\r\n\r\n"));
	struct append item = { .message = in, .flags.system = FLAG_DRAFT };
	struct append_result result;
	enum rc rc = message_replace(
	    f->mail, f->account, f->inbox, uid, to, &item, &result);

	if (rc == RC_OK) {
		assert_int_equal(uid_list_count(&result.uids), 1);
		*ret_uid = result.uids.v[0].first;
		uid_list_fini(&result.uids);
	}
	incoming_free(in);
	return rc;
}

static void
test_replace(void **state)
{
	struct messages *f = *state;
	uint32_t trash = messages_mailbox(f, f->account, "Trash");
	uint32_t uid = 0;
	struct view before, after;
	struct message m[3];

	(void)messages_append(f, f->inbox, 3, NULL);
	before = messages_view(f, f->inbox, false);
	assert_int_equal(replace(f, 2, f->inbox, &uid), RC_OK);
	assert_int_equal(uid, 4);
	after = messages_view(f, f->inbox, false);
	assert_int_equal(after.modseq, before.modseq + 1);
	assert_int_equal(messages_walk(&after,
			     (struct uid_range){ 1, UINT32_MAX }, false, m, 3),
	    3);
	assert_int_equal(m[0].uid, 1);
	assert_int_equal(m[1].uid, 3);
	assert_int_equal(m[2].uid, 4);
	assert_int_equal(m[2].flags, FLAG_DRAFT);
	view_end(&after);
	/* Into another mailbox. */
	assert_int_equal(replace(f, 4, trash, &uid), RC_OK);
	assert_int_equal(uid, 1);
	assert_int_equal(count_of(f, f->account, f->inbox), 2);
	assert_int_equal(count_of(f, f->account, trash), 1);
	/* Who has not been told still sees what was replaced. */
	assert_int_equal(
	    messages_walk(&before, (struct uid_range){ 2, 2 }, true, m, 3), 1);
	assert_true(m[0].expunged);
	view_end(&before);
}

/* What cannot be removed is not replaced, and nothing comes in. */
static void
test_replace_nothing(void **state)
{
	struct messages *f = *state;
	uint32_t trash = messages_mailbox(f, f->account, "Trash");
	uint32_t uid = 0;

	(void)messages_append(f, f->inbox, 2, NULL);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, 1 }), 1);
	assert_int_equal(replace(f, 1, f->inbox, &uid), RC_CONFLICT);
	assert_int_equal(replace(f, 3, trash, &uid), RC_CONFLICT);
	assert_int_equal(replace(f, 0, trash, &uid), RC_CONFLICT);
	assert_int_equal(replace(f, 2, 4711, &uid), RC_NOTFOUND);
	assert_int_equal(count_of(f, f->account, f->inbox), 1);
	assert_int_equal(count_of(f, f->account, trash), 0);
}

static void
test_append_over_chunks(void **state)
{
	struct messages *f = *state;
	static struct message all[3 * CHUNK_MESSAGES_MAX];
	size_t want = 2 * CHUNK_MESSAGES_MAX + 7;
	struct view v;

	(void)messages_append(f, f->inbox, CHUNK_MESSAGES_MAX - 1, NULL);
	(void)messages_append(f, f->inbox, 3, NULL);
	(void)messages_append(f, f->inbox, CHUNK_MESSAGES_MAX + 5, NULL);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(v.exists, want);
	assert_int_equal(messages_walk(&v, (struct uid_range){ 1, UINT32_MAX },
			     false, all, want),
	    want);
	for (size_t i = 0; i < want; i++) {
		assert_int_equal(all[i].seq, i + 1);
		assert_int_equal(all[i].uid, i + 1);
	}
	view_end(&v);
}

/* A chunk that purging has thinned out is not filled with UIDs so far from its
 * first that they would not be found in it. */
static void
test_append_after_purge(void **state)
{
	struct messages *f = *state;
	uint32_t last = 2 * CHUNK_MESSAGES_MAX - 2;

	(void)messages_append(f, f->inbox, CHUNK_MESSAGES_MAX - 1, NULL);
	assert_int_equal(messages_expunge(f, f->inbox,
			     (struct uid_range){ 2, CHUNK_MESSAGES_MAX }),
	    CHUNK_MESSAGES_MAX - 2);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	(void)messages_append(f, f->inbox, CHUNK_MESSAGES_MAX - 1, NULL);
	assert_true(messages_flag(f, f->inbox, (struct uid_range){ last, last },
			STORE_ADD, FLAG_SEEN) > 0);
	assert_int_equal(messages_message(f, f->inbox, last).flags, FLAG_SEEN);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, last }),
	    CHUNK_MESSAGES_MAX);
}

/* -- delivery --------------------------------------------------------------- */

static void
deliver_to_many(struct messages *f, struct str text)
{
	enum { COUNT = 12 };
	struct delivery d[COUNT] = { 0 };
	uint32_t inbox[COUNT];
	struct incoming *in;
	char name[16];

	for (unsigned i = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "to%u", i);
		d[i].account = messages_account(f, name);
		inbox[i] = messages_mailbox(f, d[i].account, "INBOX");
		d[i].mailbox = i % 3 == 0   ? STR("INBOX")
			       : i % 3 == 1 ? STR("Archive")
					    : STR("no such mailbox");
	}
	in = messages_incoming(f, d[0].account, text);
	for (unsigned i = 0; i < COUNT; i++) {
		d[i].item.message = in;
		d[i].item.prefix =
		    i % 2 == 0 ? STR("X: even\r\n") : STR("X: odd number\r\n");
		d[i].item.internal_date = INT64_MIN;
	}
	d[5].account = 999999; /* not there any more */
	message_deliver(f->mail, d, COUNT);
	incoming_free(in);
	for (unsigned i = 0; i < COUNT; i++) {
		uint32_t box = inbox[i];
		struct view v;
		struct message m;
		struct buf whole;

		assert_int_equal(d[i].result, i == 5 ? RC_NOTFOUND : RC_OK);
		if (i == 5)
			continue;
		if (i % 3 == 1)
			box = messages_mailbox(f, d[i].account, "Archive");
		v = look_at(f, d[i].account, box);
		assert_int_equal(v.exists, 1);
		assert_int_equal(
		    messages_walk(&v, (struct uid_range){ 1, 1 }, false, &m, 1),
		    1);
		view_end(&v);
		buf_init(&whole, 8 * 1024 * 1024);
		buf_add_str(&whole, d[i].item.prefix);
		buf_add_str(&whole, text);
		check_bytes(f, d[i].account, m.email, buf_str(&whole));
		buf_fini(&whole);
	}
}

static void
test_deliver_small(void **state)
{
	deliver_to_many(*state, SMALL_MESSAGE);
}

/* Large messages have a file of their own, in one shard. */
static void
test_deliver_large_over_shards(void **state)
{
	struct buf text;

	buf_init(&text, 4 * 1024 * 1024);
	buf_add_text(&text, "Subject: large\r\n\r\n");
	for (uint64_t i = 1; text.n < 2 * 1024 * 1024; i++) {
		buf_add_number(&text, i * UINT64_C(0x9E3779B97F4A7C15));
		buf_add_text(&text, "\r\n");
	}
	deliver_to_many(*state, buf_str(&text));
	buf_fini(&text);
}

/* -- keywords --------------------------------------------------------------- */

static void
test_keywords_by_name(void **state)
{
	struct messages *f = *state;
	struct str names[] = { STR("$Junk"), STR("work"), STR("$JUNK") };
	char text[256];

	(void)messages_append(f, f->inbox, 2, NULL);
	assert_int_equal(store_keywords(f, 1, STORE_ADD, names, 3), RC_OK);
	keywords_of(f, f->inbox, 1, text);
	assert_string_equal(text, "$Junk,work");
	assert_int_equal(
	    store_keywords(f, 1, STORE_REMOVE, &names[2], 1), RC_OK);
	keywords_of(f, f->inbox, 1, text);
	assert_string_equal(text, "work");
	assert_int_equal(store_keywords(f, 1, STORE_REPLACE, names, 1), RC_OK);
	keywords_of(f, f->inbox, 1, text);
	assert_string_equal(text, "$Junk");
	assert_int_equal(store_keywords(f, 1, STORE_REPLACE, names, 0), RC_OK);
	keywords_of(f, f->inbox, 1, text);
	assert_string_equal(text, "");
}

static void
test_copy_maps_keywords(void **state)
{
	struct messages *f = *state;
	uint32_t archive = messages_mailbox(f, f->account, "Archive");
	struct str theirs[] = { STR("other"), STR("work") };
	struct str ours[] = { STR("work"), STR("$Junk"), STR("later") };
	struct uid_range range = { 1, 2 };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct flags flags = { FLAG_FLAGGED, theirs, 2 };
	struct copy_result result;
	char text[256];

	(void)messages_append(f, archive, 1, &flags);
	(void)messages_append(f, f->inbox, 2, NULL);
	assert_int_equal(store_keywords(f, 1, STORE_ADD, ours, 2), RC_OK);
	assert_int_equal(store_keywords(f, 2, STORE_ADD, &ours[2], 1), RC_OK);
	assert_int_equal(message_copy(f->mail, f->account, f->inbox, &uids,
			     archive, false, &result),
	    RC_OK);
	assert_int_equal(result.to.v[0].first, 2);
	assert_int_equal(result.to.v[0].last, 3);
	copy_result_fini(&result);
	keywords_of(f, archive, 2, text);
	assert_string_equal(text, "work,$Junk");
	keywords_of(f, archive, 3, text);
	assert_string_equal(text, "later");
}

/* -- copies share the bytes -------------------------------------------------- */

static void
test_copies_outlive_their_source(void **state)
{
	struct messages *f = *state;
	uint32_t archive = messages_mailbox(f, f->account, "Archive");
	struct uid_range range = { 1, 1 };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct copy_result result;
	struct message m;

	(void)messages_append(f, f->inbox, 1, NULL);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(message_copy(f->mail, f->account, f->inbox,
				     &uids, archive, i == 2, &result),
		    RC_OK);
		assert_true(result.modseq > 0);
		copy_result_fini(&result);
	}
	/* What was moved away is gone; moving it again moves nothing. */
	assert_int_equal(message_copy(f->mail, f->account, f->inbox, &uids,
			     archive, true, &result),
	    RC_OK);
	assert_int_equal(result.from.n, 0);
	assert_int_equal(result.modseq, 0);
	assert_true(result.uidvalidity > 0);
	copy_result_fini(&result);
	assert_int_equal(count_of(f, f->account, f->inbox), 0);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	assert_int_equal(
	    messages_expunge(f, archive, (struct uid_range){ 1, 2 }), 2);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	m = messages_message(f, archive, 3);
	assert_int_equal(m.seq, 1);
	check_bytes(f, f->account, m.email, SMALL_MESSAGE);
	assert_int_equal(
	    messages_expunge(f, archive, (struct uid_range){ 3, 3 }), 1);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	{
		struct store_read *r;
		struct email e;

		assert_int_equal(
		    store_read_begin(mail_store(f->mail), f->account, &r),
		    RC_OK);
		assert_int_equal(email_get(r, m.email, &e), RC_NOTFOUND);
		store_read_end(r);
	}
}

static void
test_copy_to_no_mailbox(void **state)
{
	struct messages *f = *state;
	struct uid_range range = { 1, 9 };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct copy_result result;

	(void)messages_append(f, f->inbox, 3, NULL);
	assert_int_equal(message_copy(f->mail, f->account, f->inbox, &uids,
			     4711, true, &result),
	    RC_NOTFOUND);
	assert_int_equal(count_of(f, f->account, f->inbox), 3);
}

/* -- slices ------------------------------------------------------------------ */

static void
test_changes_in_slices(void **state)
{
	struct messages *f = *state;
	enum { COUNT = 140 * CHUNK_MESSAGES_MAX }; /* more than a slice */
	struct view before;
	uint64_t modseq, last;
	struct message m;

	(void)messages_append(f, f->inbox, COUNT, NULL);
	before = messages_view(f, f->inbox, false);
	modseq = messages_flag(f, f->inbox, (struct uid_range){ 1, UINT32_MAX },
	    STORE_ADD, FLAG_SEEN);
	/* Two slices, each with a modseq. */
	assert_int_equal(modseq, before.modseq + 2);
	assert_int_equal(
	    messages_walk(&before, (struct uid_range){ 1, 1 }, false, &m, 1),
	    1);
	assert_int_equal(m.modseq, modseq - 1);
	assert_int_equal(m.flags, FLAG_SEEN);
	last = messages_flag(f, f->inbox, (struct uid_range){ 1, UINT32_MAX },
	    STORE_ADD, FLAG_SEEN);
	assert_int_equal(last, 0); /* nothing changes: no modseq is used */
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 2, UINT32_MAX }),
	    COUNT - 1);
	assert_int_equal(count_of(f, f->account, f->inbox), 1);
	assert_int_equal(before.exists, COUNT);
	assert_int_equal(messages_walk(&before,
			     (struct uid_range){ COUNT, COUNT }, false, &m, 1),
	    1);
	assert_int_equal(m.uid, COUNT);
	assert_true(m.expunged);
	view_end(&before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define ONE(test)                        \
	cmocka_unit_test_setup_teardown( \
	    test, messages_set_up, messages_tear_down)
#define FOUR(test) \
	cmocka_unit_test_setup_teardown(test, open_four, messages_tear_down)
		ONE(test_append_keeps_everything),
		ONE(test_append_without_octets),
		ONE(test_append_to_no_mailbox),
		ONE(test_append_is_all_or_none),
		ONE(test_replace),
		ONE(test_replace_nothing),
		ONE(test_append_over_chunks),
		ONE(test_append_after_purge),
		FOUR(test_deliver_small),
		FOUR(test_deliver_large_over_shards),
		ONE(test_keywords_by_name),
		ONE(test_copy_maps_keywords),
		ONE(test_copies_outlive_their_source),
		ONE(test_copy_to_no_mailbox),
		ONE(test_changes_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
