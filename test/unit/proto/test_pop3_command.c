/* SPDX-License-Identifier: MIT
 *
 * POP3 command lines: good ones, bad ones, every prefix; and what CAPA says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/pop3/capability.h"
#include "proto/pop3/command.h"

static struct pop3_command
parse(struct str line)
{
	struct pop3_command m;
	enum pop3_fault fault;

	if (!pop3_parse_command(line, &m, &fault))
		fail_msg("refused: %.*s", STR_ARG(line));
	return m;
}

static void
test_commands(void **state)
{
	static const struct {
		const char *line;
		enum pop3_verb verb;
		const char *text, *mechanism, *initial;
		uint32_t message, lines;
	} cases[] = {
		{ "USER alice", POP3_USER, "alice", "", NULL, 0, 0 },
		{ "user a b", POP3_USER, "a b", "", NULL, 0, 0 },
		{ "PASS secret", POP3_PASS, "secret", "", NULL, 0, 0 },
		{ "PASS  two  blanks ", POP3_PASS, " two  blanks ", "", NULL, 0,
		    0 },
		{ "PASS \xc3\xa9\x01\xff", POP3_PASS, "\xc3\xa9\x01\xff", "",
		    NULL, 0, 0 },
		{ "AUTH", POP3_AUTH, "", "", NULL, 0, 0 },
		{ "AUTH ", POP3_AUTH, "", "", NULL, 0, 0 },
		{ "auth plain", POP3_AUTH, "", "plain", NULL, 0, 0 },
		{ "AUTH PLAIN =", POP3_AUTH, "", "PLAIN", "=", 0, 0 },
		{ "AUTH PLAIN AGEAYg==", POP3_AUTH, "", "PLAIN", "AGEAYg==", 0,
		    0 },
		{ "APOP a b", POP3_APOP, "a b", "", NULL, 0, 0 },
		{ "STLS", POP3_STLS, "", "", NULL, 0, 0 },
		{ "capa", POP3_CAPA, "", "", NULL, 0, 0 },
		{ "STAT", POP3_STAT, "", "", NULL, 0, 0 },
		{ "LIST", POP3_LIST, "", "", NULL, 0, 0 },
		{ "LIST 7", POP3_LIST, "", "", NULL, 7, 0 },
		{ "UIDL", POP3_UIDL, "", "", NULL, 0, 0 },
		{ "uIdL 4294967295", POP3_UIDL, "", "", NULL, UINT32_MAX, 0 },
		{ "RETR 01", POP3_RETR, "", "", NULL, 1, 0 },
		{ "TOP 3 0", POP3_TOP, "", "", NULL, 3, 0 },
		{ "TOP 3 4294967295", POP3_TOP, "", "", NULL, 3, UINT32_MAX },
		{ "DELE 2", POP3_DELE, "", "", NULL, 2, 0 },
		{ "NOOP", POP3_NOOP, "", "", NULL, 0, 0 },
		{ "RSET", POP3_RSET, "", "", NULL, 0, 0 },
		{ "QUIT", POP3_QUIT, "", "", NULL, 0, 0 },
		{ "UTF8", POP3_UTF8, "", "", NULL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pop3_command m = parse(str_of(cases[i].line));

		assert_int_equal(m.row->verb, cases[i].verb);
		assert_true(str_eq(m.text, str_of(cases[i].text)));
		assert_true(str_eq(m.mechanism, str_of(cases[i].mechanism)));
		assert_int_equal(m.initial.p != NULL, cases[i].initial != NULL);
		assert_true(str_eq(m.initial, str_of(cases[i].initial)));
		assert_int_equal(m.message, cases[i].message);
		assert_int_equal(m.lines, cases[i].lines);
	}
}

static void
test_refused(void **state)
{
	const struct {
		struct str line;
		enum pop3_fault fault;
	} cases[] = {
		{ STR(""), POP3_FAULT_VERB },
		{ STR(" STAT"), POP3_FAULT_VERB },
		{ STR("NONSENSE"), POP3_FAULT_VERB },
		{ STR("STA"), POP3_FAULT_VERB },
		{ STR("STATS"), POP3_FAULT_VERB },
		{ STR("STAT\t"), POP3_FAULT_ARGUMENT },
		{ STR("USER a\0b"), POP3_FAULT_VERB },
		{ STR("PASS a\rb"), POP3_FAULT_VERB },
		{ STR("STAT\nQUIT"), POP3_FAULT_VERB },
		{ STR("\x80\xff"), POP3_FAULT_VERB },
		{ STR("STAT "), POP3_FAULT_ARGUMENT },
		{ STR("STAT 1"), POP3_FAULT_ARGUMENT },
		{ STR("QUIT now"), POP3_FAULT_ARGUMENT },
		{ STR("USER"), POP3_FAULT_ARGUMENT },
		{ STR("USER "), POP3_FAULT_ARGUMENT },
		{ STR("PASS"), POP3_FAULT_ARGUMENT },
		{ STR("AUTH  PLAIN"), POP3_FAULT_ARGUMENT },
		{ STR("AUTH PLAIN "), POP3_FAULT_ARGUMENT },
		{ STR("AUTH PLAIN a b"), POP3_FAULT_ARGUMENT },
		{ STR("AUTH PL\xc3\xa9"), POP3_FAULT_ARGUMENT },
		{ STR("RETR"), POP3_FAULT_ARGUMENT },
		{ STR("RETR "), POP3_FAULT_ARGUMENT },
		{ STR("RETR 0"), POP3_FAULT_ARGUMENT },
		{ STR("RETR -1"), POP3_FAULT_ARGUMENT },
		{ STR("RETR +1"), POP3_FAULT_ARGUMENT },
		{ STR("RETR 1x"), POP3_FAULT_ARGUMENT },
		{ STR("RETR 1 "), POP3_FAULT_ARGUMENT },
		{ STR("RETR 1 2"), POP3_FAULT_ARGUMENT },
		{ STR("RETR  1"), POP3_FAULT_ARGUMENT },
		{ STR("RETR 4294967296"), POP3_FAULT_ARGUMENT },
		{ STR("RETR 4294967297"), POP3_FAULT_ARGUMENT },
		{ STR("RETR 18446744073709551617"), POP3_FAULT_ARGUMENT },
		{ STR("UIDL 0"), POP3_FAULT_ARGUMENT },
		{ STR("LIST "), POP3_FAULT_ARGUMENT },
		{ STR("LIST 0"), POP3_FAULT_ARGUMENT },
		{ STR("TOP 1"), POP3_FAULT_ARGUMENT },
		{ STR("TOP 0 1"), POP3_FAULT_ARGUMENT },
		{ STR("TOP 1 -1"), POP3_FAULT_ARGUMENT },
		{ STR("TOP 1 999999999999"), POP3_FAULT_ARGUMENT },
		{ STR("TOP 1 1 1"), POP3_FAULT_ARGUMENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pop3_command m;
		enum pop3_fault fault;

		if (pop3_parse_command(cases[i].line, &m, &fault))
			fail_msg("taken: %s", cases[i].line.p);
		if (fault != cases[i].fault)
			fail_msg("%s: fault %d, not %d", cases[i].line.p,
			    (int)fault, (int)cases[i].fault);
	}
}

/* Each prefix, at the end of its own allocation, is refused or means less, and
 * nothing beyond is read. */
static void
test_prefixes(void **state)
{
	static const char *const lines[] = {
		"AUTH PLAIN AGEAYg==", "TOP 123 456", "PASS a b", "UIDL 7"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (size_t n = 0; n <= strlen(lines[i]); n++) {
			char *copy = mem_copy(lines[i], n);
			struct pop3_command m;
			enum pop3_fault fault;
			bool good = pop3_parse_command(
			    (struct str){ copy, n }, &m, &fault);

			if (n == strlen(lines[i]))
				assert_true(good);
			if (n < 3)
				assert_false(good);
			mem_free(copy);
		}
	}
}

/* Nothing is said twice in the table, and all that CAPA unlocks is there. */
static void
test_table(void **state)
{
	(void)state;
	for (const struct pop3_row *row = pop3_table; row->name; row++) {
		size_t n = strlen(row->name);

		assert_true(n == 3 || n == 4); /* keyword = 3*4VCHAR */
		for (const struct pop3_row *r = pop3_table; r < row; r++)
			assert_true(r->verb != row->verb &&
				    strcmp(r->name, row->name) != 0);
	}
}

static void
check_capa(const struct pop3_offer *offer, const char *want)
{
	struct buf text;

	buf_init(&text, 4096);
	pop3_write_capabilities(offer, &text);
	buf_add_byte(&text, '\0');
	assert_int_equal(buf_check(&text), RC_OK);
	assert_string_equal(text.p, want);
	buf_fini(&text);
}

static void
test_capabilities(void **state)
{
	const struct pop3_offer clear = { .stls = true, .mechanisms = " S" };
	const struct pop3_offer tls = {
		.cleartext = true, .utf8 = true, .mechanisms = " S PLAIN"
	};

	(void)state;
	check_capa(&clear,
	    "+OK These are all\r\nTOP\r\nUIDL\r\nSASL S\r\nSTLS\r\n"
	    "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE NEVER\r\n"
	    "IMPLEMENTATION Avocet\r\n.\r\n");
	check_capa(&tls,
	    "+OK These are all\r\nTOP\r\nUIDL\r\nUSER\r\nSASL S PLAIN\r\n"
	    "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE NEVER\r\n"
	    "UTF8 USER\r\nIMPLEMENTATION Avocet\r\n.\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
