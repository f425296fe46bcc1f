/* SPDX-License-Identifier: MIT
 *
 * Address lists, good and bad.  An element is written as
 * name|route|mailbox|host, a group's start as {name, its end as }.
 */
#include "mime_check.h"

#include "mime/address.h"

static void
describe(const struct mime_address *a, struct buf *to)
{
	if (to->n > 0)
		buf_add_text(to, ", ");
	if (a->kind == MIME_ADDRESS_GROUP_END) {
		buf_add_byte(to, '}');
		return;
	}
	if (a->kind == MIME_ADDRESS_GROUP)
		buf_add_byte(to, '{');
	buf_add_str(to, a->name);
	if (a->kind == MIME_ADDRESS_GROUP)
		return;
	buf_add_byte(to, '|');
	buf_add_str(to, a->route);
	buf_add_byte(to, '|');
	buf_add_str(to, a->mailbox);
	buf_add_byte(to, '|');
	buf_add_str(to, a->host);
}

static void
check(const struct str (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mime_addresses list;
		struct mime_address address;
		struct buf out;

		buf_init(&out, 4096);
		mime_addresses_init(&list, cases[i][0]);
		while (mime_addresses_next(&list, &address))
			describe(&address, &out);
		assert_false(mime_addresses_next(&list, &address));
		mime_addresses_fini(&list);
		check_str("list", i, buf_str(&out), cases[i][1]);
		buf_fini(&out);
	}
}

static void
test_good(void **state)
{
	const struct str cases[][2] = {
		{ STR(""), STR("") },
		{ STR(" a@b.c"), STR("||a|b.c") },
		{ STR("<a@b>"), STR("||a|b") },
		{ STR("A B <a@b>"), STR("A B||a|b") },
		{ STR("A  B\r\n C <a@b>, d@e"), STR("A B C||a|b, ||d|e") },
		{ STR("\"Q. \\\"X\\\" Y\" <a@b>"), STR("Q. \"X\" Y||a|b") },
		{ STR("\"A, B\" <a@b>,<c@d>"), STR("A, B||a|b, ||c|d") },
		{ STR("a@b (The Name)"), STR("The Name||a|b") },
		{ STR("(x) a@b (y (z) \\) w)"), STR("y (z) ) w||a|b") },
		{ STR("A (c) B <a@b>"), STR("A B||a|b") },
		{ STR("\"a b\"@c"), STR("||a b|c") },
		{ STR("a@[127.0.0.1]"), STR("||a|[127.0.0.1]") },
		{ STR("a . b @ c . d"), STR("||a.b|c.d") },
		{ STR("<@x,@y:a@b>"), STR("|@x,@y|a|b") },
		{ STR("=?utf-8?Q?a=2C?= <a@b>"), STR("=?utf-8?Q?a=2C?=||a|b") },
		{ STR("G: a@b, C <c@d>;"), STR("{G, ||a|b, C||c|d, }") },
		{ STR("G H:;, x@y"), STR("{G H, }, ||x|y") },
		{ STR("Undisclosed recipients:;"),
		    STR("{Undisclosed recipients, }") },
	};

	(void)state;
	check(cases, COUNT(cases));
}

static void
test_bad(void **state)
{
	const struct str cases[][2] = {
		{ STR(" , ,;, "), STR("") },
		{ STR("someone"), STR("||someone|") },
		{ STR("John Doe"), STR("John Doe|||") },
		{ STR("<>"), STR("|||") },
		{ STR("X <>"), STR("X|||") },
		{ STR("a@"), STR("||a|") },
		{ STR("@b"), STR("|||b") },
		{ STR("A B a@b"), STR("A B||a|b") },
		{ STR("a@b; c@d"), STR("||a|b, ||c|d") },
		{ STR("a@b <c@d>"), STR("a@b||c|d") },
		{ STR("<a@b@c>"), STR("||a@b|c") },
		{ STR("A <a@b, c@d"), STR("A||a|b, ||c|d") },
		{ STR("A <a@b, C <c@d>"), STR("A||a|b, C||c|d") },
		{ STR("\"A <a@b>"), STR("\"A||a|b") },
		{ STR("A \" B <a@b>, c@d"), STR("A \" B||a|b, ||c|d") },
		{ STR("a@b (open, c@d"), STR("open, c@d||a|b") },
		{ STR("((((("), STR("") },
		{ STR("a@b (x\\"), STR("x\\||a|b") },
		{ STR("a@[b, c@d"), STR("||a|[b, ||c|d") },
		{ STR("G: a@b"), STR("{G, ||a|b, }") },
		{ STR("G: H: a@b;"), STR("{G, H:||a|b, }") },
		{ STR(":;"), STR("{, }") },
		{ STR("=?utf-8?Q?a,b?= <a@b>"), STR("=?utf-8?Q?a,b?=||a|b") },
		{ STR("=?a, <a@b>"), STR("||=?a|, ||a|b") },
		{ STR("caf\xc3\xa9 <a@b>"), STR("caf\xc3\xa9||a|b") },
		{ STR("<John Doe>"), STR("||John Doe|") },
		{ STR("> a@b"), STR(">||a|b") },
	};

	(void)state;
	check(cases, COUNT(cases));
}

/* What is opened again and again and never closed costs no more for it. */
static void
test_long(void **state)
{
	const char *const units[] = { "<", "\"", "\"\\", "(", "[", "<a,", "=?",
		"@", ":", ";", "a@b,", "\\", "<\"", "=?a?" };

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct mime_addresses list;
		struct mime_address address;
		struct buf in;

		buf_init(&in, 1024 * 1024);
		while (in.n + 8 < 200000)
			buf_add_text(&in, units[i]);
		mime_addresses_init(&list, buf_str(&in));
		while (mime_addresses_next(&list, &address))
			assert_true(address.name.n <= in.n);
		mime_addresses_fini(&list);
		buf_fini(&in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
