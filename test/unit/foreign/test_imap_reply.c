/* SPDX-License-Identifier: MIT
 *
 * What IMAP servers say, and what they should not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "foreign/flags.h"
#include "foreign/imap_reply.h"

/* Bytes in pieces of ${step}, ${repeat} times over. */
struct talk {
	struct str bytes, rest;
	size_t step;
	uint64_t repeat;
	struct buf message;
	enum rc piece_rc;
};

static enum rc
on_read(void *arg, struct str *ret_bytes)
{
	struct talk *t = arg;

	if (t->rest.n == 0 && t->repeat-- > 1)
		t->rest = t->bytes;
	if (t->rest.n == 0)
		return RC_EOF;
	*ret_bytes = str_head(t->rest, t->step);
	t->rest = str_skip(t->rest, ret_bytes->n);
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct talk *t = arg;

	buf_add_str(&t->message, piece);
	return t->piece_rc;
}

static struct imap_reader *
begin(struct talk *t, const char *text, size_t step)
{
	struct imap_reader_source source = { on_read, on_piece, t };

	*t = (struct talk){ .bytes = str_of(text),
		.rest = str_of(text),
		.step = step,
		.repeat = 1 };
	buf_init(&t->message, 1024 * 1024);
	return imap_reader_new(&source);
}

static void
end(struct talk *t, struct imap_reader *r)
{
	imap_reader_free(r);
	buf_fini(&t->message);
}

/* What is read of one response, as text. */
static void
describe(const struct imap_reply *p, const struct talk *t, struct buf *to)
{
	static const char *const kinds[] = { "other", "continue", "state",
		"capability", "namespace", "list", "status", "exists",
		"fetch" };
	const struct imap_message *m = &p->message;

	buf_add_text(to, kinds[p->kind]);
	if (p->kind == IMAP_REPLY_STATE)
		buf_add_format(to, " %.*s %d [%.*s]", STR_ARG(p->tag),
		    (int)p->state, STR_ARG(p->code));
	if (p->text.n > 0)
		buf_add_format(to, " <%.*s>", STR_ARG(p->text));
	if (p->kind == IMAP_REPLY_LIST)
		buf_add_format(to, " %u '%c' %.*s", p->attributes,
		    p->delimiter != '\0' ? p->delimiter : '-',
		    STR_ARG(p->name));
	if (p->kind == IMAP_REPLY_STATUS)
		buf_add_format(to, " %.*s", STR_ARG(p->name));
	if (p->kind == IMAP_REPLY_STATUS || p->kind == IMAP_REPLY_EXISTS)
		buf_add_format(to, " %u", p->number);
	for (size_t i = 0; i < p->namespace_count; i++)
		buf_add_format(to, " %s%.*s%c",
		    p->namespaces[i].personal ? "own:" : "",
		    STR_ARG(p->namespaces[i].prefix),
		    p->namespaces[i].delimiter);
	if (p->kind != IMAP_REPLY_FETCH)
		return;
	buf_add_format(to, " %u %u", m->uid, m->flags);
	for (size_t i = 0; i < m->keyword_count; i++)
		buf_add_format(to, " %.*s", STR_ARG(m->keywords[i]));
	if (m->date != INT64_MIN)
		buf_add_format(to, " @%lld", (long long)m->date);
	buf_add_format(
	    to, " %d:%.*s", (int)m->body, STR_ARG(buf_str(&t->message)));
}

static const struct {
	const char *said, *means;
} good[] = {
	{ "* OK ready\r\n", "state * 0 [] <ready>" },
	{ "* OK\r\n", "state * 0 []" },
	{ "* PREAUTH hi\n", "state * 4 [] <hi>" },
	{ "* bye [ALERT] so long {3}\r\n", "state * 3 [ALERT] <so long {3}>" },
	{ "a12 NO [UIDVALIDITY 3] why not\r\n",
	    "state a12 1 [UIDVALIDITY 3] <why not>" },
	{ "a1 BAD [x\r\n", "state a1 2 [] <[x>" },
	{ "+\r\n", "continue" },
	{ "+ \r\n", "continue" },
	{ "+ Z28=\r\n", "continue <Z28=>" },
	{ "* CAPABILITY IMAP4rev1 X\r\n", "capability <IMAP4rev1 X>" },
	{ "* 0 EXISTS\r\n", "exists 0" },
	{ "* 4294967295 exists\r\n", "exists 4294967295" },
	{ "* 3 EXPUNGE\r\n", "other" },
	{ "* SEARCH\r\n", "other" },
	{ "* FLAGS (\\Seen $x)\r\n", "other" },
	{ "* X ) ({2}\r\n)( \"a\\\"\") ~{3+}\r\nabc NIL\r\n", "other" },
	{ "* LIST () \"/\" INBOX\r\n", "list 0 '/' INBOX" },
	{ "* LIST (\\Sent \\NOSELECT \\x) \".\" \"a \\\"b\\\\\"\r\n",
	    "list 33 '.' a \"b\\" },
	{ "* LSUB (\\Subscribed) NIL {5}\r\na\r\nb \r\n",
	    "list 2 '-' a\r\nb " },
	{ "* LIST ( ) \"\\\\\" \"\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
	    "list 0 '\\' " },
	{ "* STATUS \"a b\" (UIDNEXT 3 MESSAGES 17 X (1 2))\r\n",
	    "status a b 17" },
	{ "* STATUS x ()\r\n", "status x 0" },
	{ "* NAMESPACE ((\"INBOX.\" \".\")(\"#m/\" \"/\" \"X\" (\"y\"))) NIL "
	  "((\"s/\" \"/\"))\r\n",
	    "namespace own:INBOX.. own:#m// s//" },
	{ "* namespace nil nil nil\r\n", "namespace" },
	{ "* 1 FETCH (UID 3 FLAGS (\\Seen \\Recent $a \\Foo b))\r\n",
	    "fetch 3 1 $a b 0:" },
	{ "* 1 FETCH (BODY[] {4}\r\na\r\nb UID 7 FLAGS ())\r\n",
	    "fetch 7 0 2:a\r\nb" },
	{ "* 1 FETCH ( UID  7 BODY[] \"a\\\"b\" )\r\n", "fetch 7 0 2:a\"b" },
	{ "* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n", "fetch 7 0 2:" },
	{ "* 1 FETCH (UID 7 BODY[] NIL)\r\n", "fetch 7 0 1:" },
	{ "* 1 FETCH (INTERNALDATE \" 1-Feb-1970 00:00:01 +0000\")\r\n",
	    "fetch 0 0 @2678401 0:" },
	{ "* 1 FETCH (INTERNALDATE \"yesterday\" UID 1)\r\n", "fetch 1 0 0:" },
	{ "* 1 FETCH (BODY[HEADER.FIELDS (A \"B\")]<0> {1}\r\nx ENVELOPE (NIL "
	  "(\"a\" ((\"b\")))) UID 9)\r\n",
	    "fetch 9 0 0:" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(good) / sizeof(good[0]); i++) {
		struct imap_reply reply;
		struct talk t;
		struct imap_reader *r =
		    begin(&t, good[i / 2].said, i % 2 == 0 ? 1 : 10000);
		struct buf text;

		buf_init(&text, 10000);
		assert_int_equal(imap_reader_next(r, &reply), RC_OK);
		describe(&reply, &t, &text);
		buf_add_byte(&text, '\0');
		assert_string_equal(text.p, good[i / 2].means);
		assert_int_equal(imap_reader_next(r, &reply), RC_EOF);
		buf_fini(&text);
		end(&t, r);
	}
}

/* No beginning of a response is one. */
static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t n = 0; n < strlen(good[i].said); n++) {
			struct imap_reply reply;
			struct talk t;
			struct imap_reader *r = begin(&t, good[i].said, 3);

			t.rest = t.bytes = str_head(t.bytes, n);
			assert_int_equal(imap_reader_next(r, &reply), RC_EOF);
			end(&t, r);
		}
	}
}

static const struct {
	const char *said;
	enum rc rc;
} bad[] = {
	{ "HTTP/1.1 400 Bad Request\r\n", RC_SYNTAX },
	{ "220 mail.example ESMTP\r\n", RC_SYNTAX },
	{ "\r\n", RC_SYNTAX },
	{ "*\r\n", RC_SYNTAX },
	{ "a1\r\n", RC_SYNTAX },
	{ "* LIST INBOX\r\n", RC_SYNTAX },
	{ "* LIST () \"ab\" INBOX\r\n", RC_SYNTAX },
	{ "* LIST () \"/\"\r\n", RC_SYNTAX },
	{ "* LIST () \"/\" \"a\r\n", RC_SYNTAX },
	{ "* LIST () \"/\" {a}\r\n", RC_SYNTAX },
	{ "* LIST () \"/\" {-1}\r\n", RC_SYNTAX },
	{ "* LIST () \"/\" {}\r\n", RC_SYNTAX },
	{ "* LIST () \"/\" {3} \r\nabc", RC_EOF },
	{ "* LIST () \"/\" {3}x\r\nabc", RC_SYNTAX },
	{ "* LIST () \"/\" {99999999}\r\n", RC_EOF },
	{ "* LIST () \"/\" {4294967297}\r\n", RC_LIMIT },
	{ "* LIST () \"/\" {99999999999999999999}\r\n", RC_SYNTAX },
	{ "* STATUS x (MESSAGES -1)\r\n", RC_SYNTAX },
	{ "* STATUS x (MESSAGES 4294967296)\r\n", RC_SYNTAX },
	{ "* 1 FETCH UID 3\r\n", RC_SYNTAX },
	{ "* 1 FETCH (UID x)\r\n", RC_SYNTAX },
	{ "* 1 FETCH (UID 3\r\n", RC_SYNTAX },
	{ "* 1 FETCH (BODY[] {3}\r\nabc BODY[] {3}\r\nabc)\r\n", RC_SYNTAX },
	{ "* 1 FETCH (BODY[] {3}\r\nabcd)\r\n", RC_SYNTAX },
	{ "* 1 FETCH (BODY[] {99999999999}\r\n", RC_LIMIT },
	{ "* 1 FETCH (UID 3) x\r\n", RC_SYNTAX },
	{ "* NAMESPACE x NIL NIL\r\n", RC_SYNTAX },
	{ "* NAMESPACE ((\"a\" \"b\" NIL NIL\r\n", RC_SYNTAX },
	{ "* X (a\r\n", RC_SYNTAX },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct imap_reply reply;
		struct talk t;
		struct imap_reader *r = begin(&t, bad[i].said, 7);
		enum rc rc = imap_reader_next(r, &reply);

		if (rc != bad[i].rc)
			fail_msg("%s: %s", bad[i].said, rc_name(rc));
		assert_true(rc == RC_EOF || imap_reader_why(r)[0] != '\0');
		end(&t, r);
	}
}

/* Begin with ${first}, then ${again} without end: it is refused, and not after
 * more octets than may come. */
static void
refuse_endless(const char *first, const char *again)
{
	struct imap_reply reply;
	struct talk t;
	struct imap_reader *r = begin(&t, again, 1000000);

	t.rest = str_of(first);
	t.repeat = UINT64_MAX;
	assert_int_equal(imap_reader_next(r, &reply), RC_LIMIT);
	assert_true((UINT64_MAX - t.repeat) * strlen(again) <=
		    IMPORT_REPLY_BYTES_MAX + 1000);
	end(&t, r);
}

static void
test_endless(void **state)
{
	(void)state;
	refuse_endless("* OK ", "aaaaaaaaaaaaaaa");
	refuse_endless("* OK ", "                ");
	refuse_endless("", "aaaaaaaaaaaaaaa");
	refuse_endless("* X ", "aaaaaaaaaaaaaaa");
	refuse_endless("* X ", "(");
	refuse_endless("* X \"", "\\\"\\\\");
	refuse_endless("* X {2000000000}\r\n", "aaaaaaaaaaaaaaa");
	refuse_endless("* LIST () NIL {2000000000}\r\n", "aaaaaaaaaaaaaaa");
	refuse_endless("* LIST (", "\\a ");
	refuse_endless("* 1 FETCH (", "X Y ");
	refuse_endless("* 1 FETCH (FLAGS (", "a ");
	refuse_endless("* 1 FETCH (BODY[", "aaaaaaaa ");
	refuse_endless("* NAMESPACE (", "(a NIL)");
	refuse_endless("* STATUS x (", "A 1 ");
}

/* A message may be larger than a response. */
static void
test_large(void **state)
{
	struct imap_reply reply;
	struct talk t;
	struct imap_reader *r = begin(&t, "0123456789", 10);

	(void)state;
	t.rest = str_of("* 1 FETCH (BODY[] {2000000000}\r\n");
	t.repeat = 500000;
	assert_int_equal(imap_reader_next(r, &reply), RC_EOF);
	assert_int_equal(t.message.n, 1024 * 1024 / 10 * 10);
	end(&t, r);
	/* What takes them may have enough. */
	r = begin(&t, "* 1 FETCH (BODY[] {5}\r\nabcde)\r\n", 1000);
	t.piece_rc = RC_NOSPACE;
	assert_int_equal(imap_reader_next(r, &reply), RC_NOSPACE);
	assert_int_equal(imap_reader_next(r, &reply), RC_NOSPACE);
	end(&t, r);
}

/* STARTTLS: nothing that came before it counts. */
static void
test_drop(void **state)
{
	struct imap_reply reply;
	struct talk t;
	struct imap_reader *r =
	    begin(&t, "a1 OK go\r\n* CAPABILITY X\r\n", 1000);

	(void)state;
	assert_int_equal(imap_reader_next(r, &reply), RC_OK);
	imap_reader_drop(r);
	assert_int_equal(imap_reader_next(r, &reply), RC_EOF);
	end(&t, r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
