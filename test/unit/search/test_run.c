/* SPDX-License-Identifier: MIT
 *
 * Running searches over a view: how much is looked at, and that a string is
 * found wherever it lies in a message.
 */
#include "../mail/messages.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "search/run.h"

struct fixture {
	struct messages messages;
	struct mailbox *mailbox;
	struct view view;
	struct arena *arena;
	/* A plan with one string. */
	struct buf folded;
	struct match_needle needle;
	struct plan_field field;
	struct plan_node node;
	struct plan plan;
	unsigned opened; /* messages that go_on() was called for */
	unsigned opened_max;
};

static void
setup(struct fixture *f)
{
	*f = (struct fixture){ .opened_max = UINT32_MAX };
	messages_open(&f->messages, 1);
	f->arena = arena_new(1 << 20);
	buf_init(&f->folded, 1 << 20);
	f->plan.root = &f->node;
}

static void
look(struct fixture *f)
{
	f->mailbox = messages_open_mailbox(&f->messages, f->messages.inbox);
	assert_int_equal(view_begin(f->mailbox, false, &f->view), RC_OK);
}

static void
teardown(struct fixture *f)
{
	view_end(&f->view);
	mailbox_unref(&f->mailbox);
	arena_free(f->arena);
	buf_fini(&f->folded);
	messages_close(&f->messages);
}

static void
want_text(struct fixture *f, const char *text, unsigned scopes)
{
	buf_clear(&f->folded);
	utf8_fold(str_of(text), &f->folded);
	f->needle = (struct match_needle){ buf_str(&f->folded), scopes, false };
	f->plan.needles = &f->needle;
	f->plan.needle_count = 1;
	f->node = (struct plan_node){ .kind = PLAN_TEXT, .stage = STAGE_BODY };
}

static void
want_field(struct fixture *f, const char *name, const char *text)
{
	buf_clear(&f->folded);
	utf8_fold(str_of(text), &f->folded);
	f->field = (struct plan_field){ .name = str_of(name),
		.folded = buf_str(&f->folded) };
	f->plan.fields = &f->field;
	f->plan.field_count = 1;
	f->node =
	    (struct plan_node){ .kind = PLAN_FIELD, .stage = STAGE_HEADER };
}

static enum rc
go_on(void *arg)
{
	struct fixture *f = arg;

	return ++f->opened > f->opened_max ? RC_SHUTDOWN : RC_OK;
}

static enum rc
search(struct fixture *f, unsigned options, struct result *result)
{
	struct run run = { .mail = f->messages.mail,
		.view = &f->view,
		.plan = &f->plan,
		.arena = f->arena,
		.go_on = go_on,
		.arg = f };
	size_t used = arena_used(f->arena);
	enum rc rc;

	f->opened = 0;
	result_init(result, options, true);
	rc = run_search(&run, result);
	assert_int_equal(arena_used(f->arena), used);
	assert_int_equal(run.damaged, 0);
	return rc;
}

static uint32_t
count(struct fixture *f)
{
	struct result result;
	uint32_t n;

	assert_int_equal(search(f, RESULT_COUNT, &result), RC_OK);
	n = result.count;
	result_fini(&result);
	return n;
}

/* Only what might match is opened, and no more than the result needs. */
static void
test_looks_at_no_more_than_it_must(void **state)
{
	struct uid_range range = { 100, 149 };
	struct plan_node set = { .kind = PLAN_UIDS, .set = { &range, 1 } };
	struct plan_node seen = { .kind = PLAN_FLAGS,
		.bits = { FLAG_SEEN, FLAG_SEEN } };
	struct plan_node all = { .kind = PLAN_AND };
	struct fixture f;
	struct result result;

	(void)state;
	setup(&f);
	(void)messages_append(&f.messages, f.messages.inbox, 300, NULL);
	(void)messages_flag(&f.messages, f.messages.inbox,
	    (struct uid_range){ 140, 200 }, STORE_ADD, FLAG_SEEN);
	look(&f);
	want_field(&f, "Subject", "SMALL");
	assert_int_equal(count(&f), 300);
	assert_int_equal(f.opened, 300);

	plan_adopt(&all, &f.node);
	plan_adopt(&all, &seen);
	plan_adopt(&all, &set);
	f.plan.root = &all;
	assert_int_equal(count(&f), 10);
	assert_int_equal(f.opened, 10);

	assert_int_equal(search(&f, RESULT_MIN, &result), RC_OK);
	assert_int_equal(result.min, 140);
	assert_int_equal(f.opened, 1);
	result_fini(&result);
	teardown(&f);
}

static void
test_ends_when_told(void **state)
{
	struct fixture f;
	struct result result;

	(void)state;
	setup(&f);
	(void)messages_append(&f.messages, f.messages.inbox, 200, NULL);
	look(&f);
	want_text(&f, "body", PLAN_IN_BODY);
	f.opened_max = 150;
	assert_int_equal(search(&f, RESULT_ALL, &result), RC_SHUTDOWN);
	assert_int_equal(f.opened, 151);
	result_fini(&result);
	teardown(&f);
}

/* A string across the ends of the pieces in which a body is read, plain and
 * encoded. */
static void
test_string_at_any_place(void **state)
{
	static const size_t places[] = { 0, 1, 4095, 16370, 16380, 16383, 16384,
		32760, 100000 };
	struct fixture f;

	(void)state;
	setup(&f);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct buf plain, message;

		buf_init(&plain, 1 << 20);
		buf_init(&message, 1 << 20);
		for (size_t n = 0; n < places[i]; n++)
			buf_add_byte(&plain, n % 64 == 63 ? '\n' : 'x');
		buf_add_text(&plain, "H\xc3\xa4ystack N\xc3\xa9"
				     "edle");
		buf_add_text(&message, "A: b\r\n\r\n");
		buf_add_str(&message, buf_str(&plain));
		messages_append_text(&f.messages, buf_str(&message), INT64_MIN);
		buf_clear(&message);
		buf_add_text(
		    &message, "Content-Transfer-Encoding: base64\r\n\r\n");
		base64_encode(buf_str(&plain), &message);
		messages_append_text(&f.messages, buf_str(&message), INT64_MIN);
		buf_fini(&message);
		buf_fini(&plain);
	}
	look(&f);
	want_text(&f,
	    "h\xc3\xa4ystack n\xc3\x89"
	    "EDLE",
	    PLAN_IN_BODY);
	assert_int_equal(count(&f), 2 * sizeof(places) / sizeof(*places));
	want_text(&f, "ystack needle", PLAN_IN_BODY);
	assert_int_equal(count(&f), 0);
	teardown(&f);
}

static const struct {
	const char *message;
	const char *text;
	bool in_text;
	bool in_body;
} cases[] = {
	{ "Subject: =?iso-8859-1?q?gr=FCn?=\r\n\r\nx", "gr\xc3\xbcn", true,
	    false },
	{ "Subject: a\r\n  folded\r\n\r\nx", "subject: a  folded", true,
	    false },
	{ "Content-Type: text/html\r\n\r\n<p>caf&eacute;", "<P>CAF", true,
	    true },
	{ "Content-Type: text/plain; charset=koi8-r\r\n\r\n\xd0\xd2",
	    "\xd0\xbf\xd1\x80", true, true },
	{ "Content-Type: text/plain; charset=x-none\r\n\r\nabc", "abc", true,
	    true },
	{ "Content-Type: image/png\r\n\r\nabc", "abc", false, false },
	{ "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nab\r\n"
	  "--b\r\n\r\ncd\r\n--b--\r\n",
	    "ab", true, true },
	/* Not across two parts. */
	{ "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nab\r\n"
	  "--b\r\n\r\ncd\r\n--b--\r\n",
	    "abcd", false, false },
	{ "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	  "Content-Type: message/rfc822\r\n\r\nSubject: far\r\n\r\n"
	  "within\r\n--b--\r\n",
	    "subject: far", true, true },
	/* No field, no body, no octets of sense. */
	{ "abc", "abc", true, true },
	{ "\r\nabc", "abc", true, true },
	{ "Subject: x\r\n\r\n\xff\xfe"
	  "abc",
	    "abc", true, true },
};

static void
test_text_and_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture f;

		print_message("    %s\n", cases[i].message);
		setup(&f);
		messages_append_text(
		    &f.messages, str_of(cases[i].message), INT64_MIN);
		look(&f);
		want_text(&f, cases[i].text, PLAN_IN_HEADER | PLAN_IN_BODY);
		assert_int_equal(count(&f), cases[i].in_text);
		want_text(&f, cases[i].text, PLAN_IN_BODY);
		assert_int_equal(count(&f), cases[i].in_body);
		teardown(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks_at_no_more_than_it_must),
		cmocka_unit_test(test_ends_when_told),
		cmocka_unit_test(test_string_at_any_place),
		cmocka_unit_test(test_text_and_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
