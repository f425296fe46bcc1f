/* SPDX-License-Identifier: MIT
 *
 * Configuration: every kind of mistake with its line, all of them at once,
 * values, origins, includes, and the page of documentation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/setting.h"

static struct config *
parse(const char *text)
{
	return config_parse(str_of(text), "t.conf", "/nonexistent");
}

/* What ${text} is told. */
static void
expect_problems(const char *text, const char *problems)
{
	struct config *c = parse(text);
	struct buf out;

	buf_init(&out, 65536);
	config_write_problems(c, &out);
	buf_add_byte(&out, '\0');
	assert_string_equal(out.p, problems);
	buf_fini(&out);
	config_free(c);
}

static void
test_empty_serves(void **state)
{
	struct config *c = parse("");

	(void)state;
	assert_int_equal(c->problem_count, 0);
	assert_string_equal(c->data, "/var/lib/avocet");
	assert_string_equal(c->control, "/var/lib/avocet/control");
	assert_string_equal(c->user, "avocet");
	assert_true(strlen(c->hostname) > 0);
	assert_int_equal(c->retention_seconds, 14 * 86400);
	assert_int_equal(c->message_bytes_max, 128 * 1024 * 1024);
	assert_int_equal(c->plaintext_login, CONFIG_PLAINTEXT_NEVER);
	assert_int_equal(c->password_memory_seconds, 600);
	assert_true(c->zero_ahead);
	assert_int_equal(c->capabilities_off.n, 0);
	assert_int_equal(c->listener_count, 5);
	assert_string_equal(c->listeners[1].name, "imaps");
	assert_string_equal(c->listeners[1].address, "*:993");
	assert_int_equal(c->listeners[1].tls, CONFIG_TLS_IMPLICIT);
	assert_int_equal(c->listeners[2].protocol, CONFIG_POP3);
	assert_string_equal(c->listeners[2].address, "*:110");
	assert_int_equal(c->listeners[2].tls, CONFIG_TLS_STARTTLS);
	assert_string_equal(c->listeners[3].address, "*:995");
	assert_int_equal(c->listeners[3].tls, CONFIG_TLS_IMPLICIT);
	assert_int_equal(c->listeners[4].protocol, CONFIG_LMTP);
	config_free(c);
}

static void
test_values(void **state)
{
	struct config *c =
	    parse("hostname = \"mail.example.org\"\n"
		  "data = \"/srv/mail\"\n"
		  "plaintext_login = \"loopback\"\n"
		  "password_memory = \"0s\"\n"
		  "retention = \"2w\"\n"
		  "message_size_max = \"10M\"\n"
		  "workers = 8\n"
		  "zero_ahead = false\n"
		  "capabilities_off = [ \"IDLE\", \"MOVE\" ]\n"
		  "listener = { a = { protocol = \"lmtp\"\n"
		  "  address = \"unix:/run/x\" tls = \"none\" } }");

	(void)state;
	assert_int_equal(c->problem_count, 0);
	assert_string_equal(c->hostname, "mail.example.org");
	assert_string_equal(c->control, "/srv/mail/control");
	assert_int_equal(c->plaintext_login, CONFIG_PLAINTEXT_LOOPBACK);
	assert_int_equal(c->password_memory_seconds, 0);
	assert_int_equal(c->retention_seconds, 14 * 86400);
	assert_int_equal(c->message_bytes_max, 10 * 1024 * 1024);
	assert_int_equal(c->workers, 8);
	assert_false(c->zero_ahead);
	assert_int_equal(c->capabilities_off.n, 2);
	assert_true(str_eq(c->capabilities_off.v[1], STR("MOVE")));
	assert_int_equal(c->listener_count, 1);
	assert_string_equal(c->listeners[0].address, "unix:/run/x");
	assert_int_equal(c->listeners[0].tls, CONFIG_TLS_NONE);
	config_free(c);
}

static void
test_names_that_are_near(void **state)
{
	static const struct {
		const char *text;
		const char *problems;
	} cases[] = {
		{ "listen = { }",
		    "t.conf:1: listen: is not a setting; listener is\n" },
		{ "listeners = { }",
		    "t.conf:1: listeners: is not a setting; listener is\n" },
		{ "wrokers = 2",
		    "t.conf:1: wrokers: is not a setting; workers is\n" },
		{ "mail = \"/m\"", "t.conf:1: mail: is not a setting\n" },
		{ "x = 1", "t.conf:1: x: is not a setting\n" },
		{ "this_name_is_longer_than_any_name_of_a_setting_may_ever_be_s"
		  "o_it_is_like_none = 1",
		    "t.conf:1: this_name_is_longer_than_any_name_of_a_setting_m"
		    "ay_ever_be_so_it_is_like_none: is not a setting\n" },
		{ "listener = { a = { addres = \"*:1\" } }",
		    "t.conf:1: listener.a.addres: is not a setting; "
		    "address is\n"
		    "t.conf:1: listener.a: has no address\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_problems(cases[i].text, cases[i].problems);
}

/* Greetings begin with it. */
static void
test_name_of_the_machine(void **state)
{
	char name[300];

	(void)state;
	assert_string_equal(setting_hostname("mail.example"), "mail.example");
	assert_string_equal(setting_hostname("a_b"), "localhost");
	assert_string_equal(setting_hostname("(none)"), "localhost");
	assert_string_equal(setting_hostname(""), "localhost");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_string_equal(setting_hostname(name), "localhost");
	name[255] = '\0';
	assert_string_equal(setting_hostname(name), name);
}

static void
test_each_mistake(void **state)
{
	static const struct {
		const char *text;
		const char *problems;
	} cases[] = {
		{ "\nhostnam = \"x\"",
		    "t.conf:2: hostnam: is not a setting; hostname is\n" },
		{ "hostname = 5", "t.conf:1: hostname: must be text\n" },
		{ "hostname = \"a b\"",
		    "t.conf:1: hostname: is not a host name\n" },
		{ "data = \"mail\"",
		    "t.conf:1: data: must be an absolute path\n" },
		{ "workers = \"8\"", "t.conf:1: workers: must be a number\n" },
		{ "workers = -1", "t.conf:1: workers: must be a number\n" },
		{ "workers = 1",
		    "t.conf:1: workers: must be between 2 and 256\n" },
		{ "zero_ahead = 1",
		    "t.conf:1: zero_ahead: must be true or false\n" },
		{ "retention = \"14\"",
		    "t.conf:1: retention: must be a duration such as \"14d\" "
		    "(s, m, h, d, w)\n" },
		{ "retention = \"1s\"",
		    "t.conf:1: retention: must be between 3600 and "
		    "315360000\n" },
		{ "retention = \"99999999999999999999w\"",
		    "t.conf:1: retention: must be a duration such as \"14d\" "
		    "(s, m, h, d, w)\n" },
		{ "message_size_max = \"1T\"",
		    "t.conf:1: message_size_max: must be a size such as "
		    "\"128M\" (K, M, G, or bytes)\n" },
		{ "plaintext_login = \"yes\"",
		    "t.conf:1: plaintext_login: must be one of: never "
		    "loopback\n" },
		{ "capabilities_off = \"IDLE\"",
		    "t.conf:1: capabilities_off: must be a list of names\n" },
		{ "capabilities_off = [ 1 ]",
		    "t.conf:1: capabilities_off: must be a list of names\n" },
		{ "tls = 5", "t.conf:1: tls: must be a group: { }\n" },
		{ "tls = { cert = \"x\" }",
		    "t.conf:1: tls.cert: is not a setting; "
		    "tls.certificate is\n" },
		{ "tls = {\n key = \"/nonexistent/k\"\n}",
		    "t.conf:2: tls.key: cannot be read: No such file or "
		    "directory\n" },
		{ "tls = { key = \"/dev/null\" }",
		    "t.conf:1: tls.certificate: must be given with tls.key\n" },
		{ "listener = 1",
		    "t.conf:1: listener: must be a group: { }\n" },
		{ "listener = { a = 1 }",
		    "t.conf:1: listener.a: must be a group: { }\n" },
		{ "listener = { a = { } }",
		    "t.conf:1: listener.a: has no address\n" },
		{ "listener = { a = { address = \"143\" } }",
		    "t.conf:1: listener.a.address: must be "
		    "\"address:port\", \"*:port\" or \"unix:/path\"\n" },
		{ "listener = { a = { address = \"*:65536\" } }",
		    "t.conf:1: listener.a.address: must be "
		    "\"address:port\", \"*:port\" or \"unix:/path\"\n" },
		{ "listener = { a = { address = \"*:1\" port = 1 } }",
		    "t.conf:1: listener.a.port: is not a setting\n" },
		{ "listener = { a = { address = \"*:1\"\n tls = \"no\" } }",
		    "t.conf:2: listener.a.tls: must be one of: starttls "
		    "implicit none\n" },
		{ "hostname = \"a\"\nhostname = \"b\"",
		    "t.conf:2: syntax: duplicate setting name\n" },
		{ "\n\nhostname =", "t.conf:3: syntax: syntax error\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_problems(cases[i].text, cases[i].problems);
}

static void
test_all_at_once(void **state)
{
	(void)state;
	expect_problems("hostnam = \"x\"\n"
			"workers = 1000\n"
			"# a comment\n"
			"/* and\n another */\n"
			"listener = { a = { address = \"x\" } }\n"
			"log_level = \"loud\"\n",
	    "t.conf:1: hostnam: is not a setting; hostname is\n"
	    "t.conf:2: workers: must be between 2 and 256\n"
	    "t.conf:6: listener.a.address: must be \"address:port\", "
	    "\"*:port\" or \"unix:/path\"\n"
	    "t.conf:7: log_level: must be one of: debug info warn error\n");
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
remove_file(const char *folder, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static void
test_files(void **state)
{
	char folder[] = "/tmp/avocet-test-XXXXXX";
	char main_file[256], wanted[512];
	struct config *c;
	struct buf out;

	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file(folder, "a.conf", "workers = 7\n@include \"b.conf\"\n");
	write_file(folder, "b.conf", "\nshards = 2\nlog_level = \"no\"\n");
	(void)snprintf(main_file, sizeof(main_file), "%s/a.conf", folder);
	c = config_load(main_file);
	assert_int_equal(c->shards, 2);
	buf_init(&out, 65536);
	config_write_problems(c, &out);
	buf_add_byte(&out, '\0');
	(void)snprintf(wanted, sizeof(wanted),
	    "%s/b.conf:3: log_level: must be one of: debug info warn error\n",
	    folder);
	assert_string_equal(out.p, wanted);
	buf_clear(&out);
	config_write_values(c, &out);
	buf_add_byte(&out, '\0');
	(void)snprintf(
	    wanted, sizeof(wanted), "shards = 2  # %s/b.conf:2\n", folder);
	assert_non_null(strstr(out.p, wanted));
	(void)snprintf(
	    wanted, sizeof(wanted), "workers = 7  # %s/a.conf:1\n", folder);
	assert_non_null(strstr(out.p, wanted));
	assert_non_null(strstr(out.p, "retention = \"14d\"  # default\n"));
	assert_non_null(
	    strstr(out.p, "listener.imap.address = \"*:143\"  # default\n"));
	buf_fini(&out);
	config_free(c);
	remove_file(folder, "a.conf");
	remove_file(folder, "b.conf");
	assert_int_equal(rmdir(folder), 0);
}

static void
test_missing_file(void **state)
{
	struct config *c = config_load("/nonexistent/avocet.conf");

	(void)state;
	assert_int_equal(c->problem_count, 1);
	assert_string_equal(c->problems[0].file, "/nonexistent/avocet.conf");
	assert_string_equal(c->problems[0].text, "No such file or directory");
	config_free(c);
}

/* The page in doc/ is what the table says now. */
static void
test_page_is_current(void **state)
{
	const char *root = getenv("AVOCET_SOURCE_ROOT");
	char path[512], page[65536];
	struct buf now;
	size_t count;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/doc/configuration.md",
	    root != NULL ? root : ".");
	f = fopen(path, "r");
	if (f == NULL) {
		print_message(
		    "%s is not there: set AVOCET_SOURCE_ROOT\n", path);
		fail();
		return;
	}
	count = fread(page, 1, sizeof(page) - 1, f);
	page[count] = '\0';
	assert_int_equal(fclose(f), 0);
	buf_init(&now, sizeof(page));
	config_write_page(&now);
	buf_add_byte(&now, '\0');
	assert_string_equal(page, now.p);
	buf_fini(&now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_serves),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_each_mistake),
		cmocka_unit_test(test_names_that_are_near),
		cmocka_unit_test(test_name_of_the_machine),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_page_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
