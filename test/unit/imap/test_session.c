/* SPDX-License-Identifier: MIT
 *
 * imap/session: sessions over socket pairs, with a real store below: states,
 * framing, deadlines, the end.
 */
#include "session_client.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "imap/command_table.h"
#include "imap/session.h"

struct fixture {
	struct server server;
	struct client client;
	struct client other;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	server_open(&f->server);
	client_open(&f->client, &f->server);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	client_close(&f->client);
	server_close(&f->server);
	mem_free(f);
	return 0;
}

static struct client *
client_of(void **state)
{
	return &((struct fixture *)*state)->client;
}

/* -- states -------------------------------------------------------------- */

/* Every command in the two states, as the table says; with no arguments all
 * that may run are either done or malformed. */
static void
test_commands_run_in_their_states_only(void **state)
{
	struct client *c = client_of(state);

	for (const struct command *row = command_table; row->name; row++) {
		bool malformed = row->parse != NULL;

		if (str_eq(str_of(row->name), STR("LOGOUT")) ||
		    str_eq(str_of(row->name), STR("IDLE")))
			continue;
		client_run(c, row->name,
		    row->states & IN_AUTHENTICATED && !malformed ? "OK"
								 : "BAD");
		if (row->states == IN_SELECTED)
			client_expect(c, "no mailbox is selected");
		/* Too many in a row would end the session. */
		client_close(c);
		client_open(c, c->server);
		client_run(c, "SELECT INBOX", "OK [READ-WRITE]");
		client_run(c, row->name,
		    row->states & IN_SELECTED && !malformed ? "OK" : "BAD");
		client_close(c);
		client_open(c, c->server);
	}
	client_run(c, "NOOP", "OK"); /* it has begun */
}

static void
test_selecting_and_leaving(void **state)
{
	struct client *c = client_of(state);

	client_run(c, "SELECT INBOX", "OK [READ-WRITE]");
	client_expect(c, "* 0 EXISTS\r\n");
	client_expect(c, "* 0 RECENT\r\n");
	client_expect(c, "* OK [UIDNEXT 1] ");
	client_run(c, "EXAMINE Sent", "OK [READ-ONLY]");
	client_expect(c, "* OK [CLOSED] ");
	client_expect(c, "* OK [PERMANENTFLAGS ()] ");
	client_run(c, "EXPUNGE", "NO [READ-ONLY]");
	client_run(c, "SELECT nowhere", "NO [NONEXISTENT]");
	client_run(c, "CHECK", "BAD");
	client_run(c, "SELECT INBOX", "OK");
	client_run(c, "UNSELECT", "OK");
	client_run(c, "CLOSE", "BAD");
}

static void
test_rev2_has_no_recent(void **state)
{
	struct client *c = client_of(state);

	client_run(c, "ENABLE IMAP4rev2", "OK");
	client_expect(c, "* ENABLED IMAP4rev2\r\n");
	client_run(c, "SELECT INBOX", "OK");
	assert_null(strstr(c->answer, "RECENT"));
	client_expect(c, "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n");
}

static void
test_switched_off_capability_unlocks_nothing(void **state)
{
	struct fixture *f = *state;
	struct client *c = &f->other;

	client_run(&f->client, "NOOP", "OK"); /* it has begun */
	assert_true(capability_switch_off(
	    &f->server.service.capabilities, STR("NAMESPACE")));
	assert_int_equal(account_switch(f->server.mail, f->server.account,
			     STR("List-Extended"), true),
	    RC_OK);
	/* A session keeps what it was offered. */
	client_run(&f->client, "NAMESPACE", "OK");
	client_open(c, &f->server);
	client_run(c, "NAMESPACE", "BAD");
	client_run(c, "LIST () \"\" INBOX", "BAD");
	client_run(c, "LIST \"\" INBOX", "OK");
	client_close(c);
}

/* -- framing ------------------------------------------------------------- */

/* However the bytes are cut, it is the same. */
static void
test_one_byte_at_a_time(void **state)
{
	static const char text[] =
	    "a1 STATUS {5+}\r\nINBOX (MESSAGES)\r\na2 IDLE\r\nDONE\r\na3 "
	    "NOOP\r\n";
	struct client *c = client_of(state);
	char one[2] = "";

	for (size_t i = 0; text[i] != '\0'; i++) {
		one[0] = text[i];
		client_send(c, one);
	}
	client_until(c, "a3 OK");
	client_expect(c, "* STATUS \"INBOX\" (MESSAGES 0)\r\na1 OK");
	client_expect(c, "+ idling\r\na2 OK");
}

static void
test_pipelined_commands_are_answered_in_order(void **state)
{
	struct client *c = client_of(state);
	char text[32], begin[32];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "p%d NOOP\r\n", i);
		client_send(c, text);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(begin, sizeof(begin), "p%d OK", i);
		client_until(c, begin);
		/* No other line was in front of it. */
		assert_memory_equal(c->answer, begin, strlen(begin));
	}
}

static void
test_refused_literal_is_not_run(void **state)
{
	struct client *c = client_of(state);

	client_send(c, "a1 APPEND nowhere {11+}\r\na2 LOGOUT\r\n\r\n"
		       "a3 NOSUCH {11+}\r\na4 LOGOUT\r\n\r\na5 NOOP\r\n");
	client_until(c, "a5 OK");
	client_expect(c, "a1 NO [TRYCREATE]");
	client_expect(c, "a3 BAD");
	assert_null(strstr(c->answer, "BYE"));
}

static void
test_waiting_literal_of_a_refused_command_is_not_invited(void **state)
{
	struct client *c = client_of(state);

	client_send(c, "a1 APPEND nowhere {11}\r\n");
	client_until(c, "a1 NO [TRYCREATE]");
	assert_null(strstr(c->answer, "+ "));
	client_run(c, "NOOP", "OK");
}

static void
test_append(void **state)
{
	struct client *c = client_of(state);

	client_run(c, "SELECT INBOX", "OK");
	client_send(c, "a1 APPEND INBOX (\\Seen work) {19}\r\n");
	client_until(c, "+ ");
	client_send(c, "Subject: x\r\n\r\nhi\r\n\r\n");
	client_until(c, "a1 OK [APPENDUID ");
	client_expect(c, "* 1 EXISTS\r\n");
	client_expect(c, "* 1 RECENT\r\n");
	client_run(c, "FETCH 1 FLAGS", "OK");
	client_expect(c, "\\Seen");
	client_expect(c, "work");
}

/* -- IDLE ---------------------------------------------------------------- */

static void
test_idle_is_told_of_others(void **state)
{
	struct fixture *f = *state;
	struct client *c = &f->client;
	struct client *other = &f->other;

	client_run(c, "SELECT INBOX", "OK");
	client_send(c, "a1 IDLE\r\n");
	client_until(c, "+ idling");
	client_open(other, &f->server);
	client_run(other, "SELECT INBOX", "OK");
	client_send(
	    other, "b1 APPEND INBOX {19+}\r\nSubject: x\r\n\r\nhi\r\n\r\n\r\n");
	client_until(other, "b1 OK");
	client_until(c, "* 1 EXISTS");
	client_run(other, "STORE 1 +FLAGS (\\Deleted new)", "OK");
	client_until(c, "* 1 FETCH (UID 1 FLAGS (");
	client_expect(c, "* FLAGS (");
	client_expect(c, "new)\r\n");
	client_run(other, "EXPUNGE", "OK");
	client_until(c, "* 1 EXPUNGE");
	client_send(c, "done\r\n");
	client_until(c, "a1 OK");
	client_close(other);
}

static void
test_idle_ends_when_its_mailbox_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct client *c = &f->client;
	struct client *other = &f->other;

	client_run(c, "SELECT Sent", "OK");
	client_send(c, "a1 IDLE\r\n");
	client_until(c, "+ idling");
	client_open(other, &f->server);
	client_run(other, "DELETE Sent", "OK");
	client_until(c, "* OK [CLOSED]");
	client_send(c, "DONE\r\n");
	client_until(c, "a1 OK");
	client_run(c, "CHECK", "BAD");
	client_close(other);
}

/* -- the end ------------------------------------------------------------- */

static void
test_too_many_bad_commands(void **state)
{
	struct client *c = client_of(state);

	for (int i = 1; i < BAD_COMMANDS_MAX; i++)
		client_run(c, "NOSUCH", "BAD");
	client_send(c, "a1 NOSUCH\r\na2 NOOP\r\n");
	client_until(c, "* BYE");
	client_expect(c, "a1 BAD");
	client_expect_end(c);
}

static void
wake(struct client *c)
{
	poll_wake(c->server->poll, conn_handle(c->conn));
}

static void
test_silent_client_is_logged_out(void **state)
{
	struct client *c = client_of(state);

	client_run(c, "NOOP", "OK");
	clock_fake(clock_ms() + AUTOLOGOUT_MS + 1, clock_wall());
	wake(c);
	client_until(c, "* BYE");
	client_expect_end(c);
	clock_fake(0, 0);
}

static void
test_idling_client_is_not(void **state)
{
	struct client *c = client_of(state);

	client_send(c, "a1 IDLE\r\n");
	client_until(c, "+ idling");
	clock_fake(clock_ms() + 10 * AUTOLOGOUT_MS, clock_wall());
	wake(c);
	client_send(c, "DONE\r\n");
	client_until(c, "a1 OK");
	client_run(c, "NOOP", "OK");
	clock_fake(0, 0);
}

/* At the account's moments; whoever is not in IDLE hears nothing. */
static void
test_keepalive(void **state)
{
	struct client *c = client_of(state);

	c->server->service.keepalive_ms = 900 * 1000;
	clock_fake(clock_ms(), clock_wall());
	client_run(c, "NOOP", "OK");
	client_send(c, "a1 IDLE\r\n");
	client_until(c, "+ idling");
	for (int i = 0; i < 3; i++) {
		clock_fake(clock_ms() + 900 * 1000, clock_wall());
		wake(c);
		client_until(c, "* OK Still here");
	}
	clock_fake(clock_ms() + 1, clock_wall());
	wake(c);
	client_send(c, "DONE\r\n");
	client_until(c, "a1 OK");
	assert_null(strstr(c->answer, "Still"));
	clock_fake(0, 0);
}

static void
test_stop_ends_every_session(void **state)
{
	struct fixture *f = *state;
	struct client *c = &f->client;
	struct client *other = &f->other;

	client_run(c, "SELECT INBOX", "OK");
	client_open(other, &f->server);
	client_send(other, "a1 IDLE\r\n");
	client_until(other, "+ idling");
	imap_service_stop(&f->server.service);
	client_until(c, "* BYE");
	client_expect_end(c);
	client_until(other, "* BYE");
	client_expect_end(other);
	client_close(other);
}

static void
test_what_is_left_is_freed(void **state)
{
	struct client *c = client_of(state);

	/* teardown frees a session that idles and has a mailbox open. */
	client_run(c, "SELECT INBOX", "OK");
	client_send(c, "a1 IDLE\r\n");
	client_until(c, "+ idling");
}

/* Far more answers than the socket and the session's queue take. */
#define LISTS 3000

/* A client that does not read holds no worker, and loses nothing. */
static void
test_output_waits_for_its_reader(void **state)
{
	struct fixture *f = *state;
	struct client *others = mem_alloc(sizeof(*others));
	struct buf text;
	char begin[32];

	buf_init(&text, 64 * LISTS);
	for (int i = 0; i < LISTS; i++)
		buf_add_format(&text, "q%d LIST \"\" *\r\n", i);
	buf_add_byte(&text, '\0');
	client_send(&f->client, text.p);
	buf_fini(&text);
	for (int i = 0; i < WORKERS + 1; i++) {
		client_open(others, &f->server);
		client_run(others, "NOOP", "OK");
		client_close(others);
	}
	for (int i = 0; i < LISTS; i++) {
		(void)snprintf(begin, sizeof(begin), "q%d OK", i);
		client_until(&f->client, begin);
		client_expect(&f->client, "\"Archive\"\r\n");
	}
	mem_free(others);
}

static void
test_session_at_rest_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct imap_session) <= 768);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_commands_run_in_their_states_only),
		TEST(test_selecting_and_leaving),
		TEST(test_rev2_has_no_recent),
		TEST(test_switched_off_capability_unlocks_nothing),
		TEST(test_one_byte_at_a_time),
		TEST(test_pipelined_commands_are_answered_in_order),
		TEST(test_refused_literal_is_not_run),
		TEST(test_waiting_literal_of_a_refused_command_is_not_invited),
		TEST(test_append),
		TEST(test_idle_is_told_of_others),
		TEST(test_idle_ends_when_its_mailbox_is_deleted),
		TEST(test_too_many_bad_commands),
		TEST(test_silent_client_is_logged_out),
		TEST(test_idling_client_is_not),
		TEST(test_keepalive),
		TEST(test_stop_ends_every_session),
		TEST(test_what_is_left_is_freed),
		TEST(test_output_waits_for_its_reader),
		cmocka_unit_test(test_session_at_rest_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
