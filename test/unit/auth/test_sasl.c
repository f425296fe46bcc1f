/* SPDX-License-Identifier: MIT
 *
 * auth/sasl: GNU SASL's client against our server for every mechanism; then
 * messages that no honest client sends.
 */
#include "auth/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>

#include "auth_users.h"
#include "tokens.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define STEPS_MAX 10
/* Bindings of a connection, as bits. */
#define EXPORTER  (1u << AUTH_BINDING_EXPORTER)
#define END_POINT (1u << AUTH_BINDING_SERVER_END_POINT)

struct fixture {
	struct auth_users_memory users;
	struct auth *auth;
	Gsasl *clients;
	unsigned peers;
	char peer[32]; /* of the last exchange */
	const char *certificate_user;
	unsigned bindings; /* bits by enum auth_binding */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	log_setup(2, LOG_ERROR);
	clock_fake(1000000, 1700000000);
	auth_users_init(&f->users);
	f->auth = auth_users_auth(&f->users, 0);
	assert_int_equal(gsasl_init(&f->clients), GSASL_OK);
	f->bindings = EXPORTER | END_POINT;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	gsasl_done(f->clients);
	auth_free(f->auth);
	auth_users_fini(&f->users);
	free(f);
	clock_fake(0, 0);
	return 0;
}

/* What stands for the connection: always the same octets. */
#define BINDING	       "0123456789abcdef0123456789ABCDEF"
#define BINDING_BASE64 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY="
#define CERTIFICATE    "digest of the certificate, in SHA-384 (48 bytes)"

static size_t
binding(const void *arg, enum auth_binding kind,
    unsigned char ret_binding[AUTH_BINDING_BYTES_MAX])
{
	const struct fixture *f = arg;
	const char *octets =
	    kind == AUTH_BINDING_EXPORTER ? BINDING : CERTIFICATE;

	if ((f->bindings >> kind & 1) == 0)
		return 0;
	if (ret_binding != NULL)
		memcpy(ret_binding, octets, strlen(octets));
	return strlen(octets);
}

/* An exchange from an address of its own, so that delays stay out of it. */
static struct sasl_exchange *
new_exchange(struct fixture *f, const char *mechanism)
{
	struct auth_client client = { .protocol = "imap",
		.peer = f->peer,
		.binding = binding,
		.binding_arg = f,
		.certificate_user = f->certificate_user };
	struct sasl_exchange *x;

	snprintf(f->peer, sizeof(f->peer), "10.1.%u.%u", f->peers / 250,
	    f->peers % 250);
	f->peers++;
	x = sasl_new(f->auth, sasl_mechanism_of(str_of(mechanism)), &client);
	assert_non_null(x);
	return x;
}

/* If a password came, have it checked. */
static enum sasl_next
settle(struct sasl_exchange *x, enum sasl_next next, struct auth_verdict *v)
{
	if (next != SASL_CHECK)
		return next;
	assert_int_equal(v->outcome, AUTH_OK); /* that is: nothing is said */
	assert_int_equal(v->account, 0);
	*v = auth_users_verdict(sasl_take_check(x));
	return SASL_END;
}

/* -- a whole exchange with a real client ------------------------------- */

struct who {
	const char *user;
	const char *password;
	const char *authzid;
};

static Gsasl_session *
new_client(struct fixture *f, const char *mechanism, struct who who)
{
	Gsasl_session *c;

	assert_int_equal(gsasl_client_start(f->clients, mechanism, &c), 0);
	gsasl_property_set(c, GSASL_AUTHID, who.user);
	gsasl_property_set(c, GSASL_PASSWORD, who.password);
	if (who.authzid != NULL)
		gsasl_property_set(c, GSASL_AUTHZID, who.authzid);
	if (sasl_mechanism_of(str_of(mechanism))->binding)
		gsasl_property_set(c, GSASL_CB_TLS_EXPORTER, BINDING_BASE64);
	return c;
}

/* Let both talk, at most ${steps_max} client messages. */
static enum sasl_next
converse(struct sasl_exchange *x, Gsasl_session *client, bool initial,
    int steps_max, struct auth_verdict *v)
{
	struct buf challenge;
	enum sasl_next next = SASL_CONTINUE;
	bool started = false;

	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	if (!initial) {
		next = sasl_start(x, NULL, &challenge, v);
		started = true;
	}
	for (int i = 0; i < steps_max && next == SASL_CONTINUE; i++) {
		char *out = NULL;
		size_t n = 0;
		int rc = gsasl_step(client, challenge.p, challenge.n, &out, &n);
		struct str message = { out, n };

		if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
			fail_msg("client: %s", gsasl_strerror(rc));
		buf_clear(&challenge);
		next = started ? sasl_step(x, message, &challenge, v)
			       : sasl_start(x, &message, &challenge, v);
		started = true;
		gsasl_free(out);
	}
	buf_fini(&challenge);
	return settle(x, next, v);
}

static struct auth_verdict
authenticate(
    struct fixture *f, const char *mechanism, struct who who, bool initial)
{
	struct sasl_exchange *x = new_exchange(f, mechanism);
	Gsasl_session *client = new_client(f, mechanism, who);
	struct auth_verdict v;

	assert_int_equal(converse(x, client, initial, STEPS_MAX, &v), SASL_END);
	gsasl_finish(client);
	sasl_free(x);
	return v;
}

static bool
has_password(const struct sasl_mechanism *m)
{
	return m->family == SASL_SCRAM || m->family == SASL_PASSWORD;
}

static void
check_all(struct fixture *f, struct who who, enum auth_outcome want)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		for (int initial = 0; initial < 2; initial++) {
			struct auth_verdict v;

			/* its client waits for the first question */
			if (!has_password(m) ||
			    (initial && strcmp(m->name, "LOGIN") == 0))
				continue;
			v = authenticate(f, m->name, who, initial);
			if (v.outcome != want)
				fail_msg(
				    "%s %s: %d", m->name, who.user, v.outcome);
			assert_int_equal(v.user[0] != '\0', want == AUTH_OK);
		}
}

static void
test_right_password(void **state)
{
	check_all(*state, (struct who){ "alice", "pencil", NULL }, AUTH_OK);
	check_all(
	    *state, (struct who){ MUELLER, MUELLER_PASSWORD, NULL }, AUTH_OK);
	assert_int_equal(authenticate(*state, "SCRAM-SHA-256",
			     (struct who){ "ALICE", "pencil", NULL }, true)
			     .account,
	    7);
}

static void
test_wrong_password(void **state)
{
	check_all(
	    *state, (struct who){ "alice", "pencil2", NULL }, AUTH_DENIED);
	check_all(*state, (struct who){ MUELLER, "pencil", NULL }, AUTH_DENIED);
}

static void
test_no_such_user(void **state)
{
	check_all(
	    *state, (struct who){ "nobody", "pencil", NULL }, AUTH_DENIED);
	check_all(
	    *state, (struct who){ "locked", "pencil", NULL }, AUTH_DENIED);
	check_all(*state, (struct who){ "%n%s", "%n%s", NULL }, AUTH_DENIED);
}

static void
test_users_cannot_be_read(void **state)
{
	check_all(
	    *state, (struct who){ "broken", "pencil", NULL }, AUTH_BROKEN);
	check_all(
	    *state, (struct who){ "corrupt", "pencil", NULL }, AUTH_BROKEN);
}

/* C4: nobody acts as another user, with the right password or without. */
static void
test_authzid(void **state)
{
	static const struct {
		struct who who;
		enum auth_outcome want;
	} cases[] = {
		{ { "alice", "pencil", "alice" }, AUTH_OK },
		{ { "alice", "pencil", "Alice" }, AUTH_OK },
		{ { "alice", "pencil", MUELLER }, AUTH_DENIED },
		{ { "alice", "pencil", "nobody" }, AUTH_DENIED },
		{ { "alice", "wrong", "alice" }, AUTH_DENIED },
		{ { "nobody", "pencil", "alice" }, AUTH_DENIED },
	};
	static const char *const mechanisms[] = { "PLAIN", "SCRAM-SHA-1",
		"SCRAM-SHA-256" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t k = 0; k < 3; k++) {
			struct auth_verdict v = authenticate(
			    *state, mechanisms[k], cases[i].who, true);

			if (v.outcome != cases[i].want)
				fail_msg("%s case %zu: %d", mechanisms[k], i,
				    v.outcome);
		}
}

/* C2: given up after every number of steps, nothing leaks, nothing stays. */
static void
test_cancel_at_every_step(void **state)
{
	struct fixture *f = *state;
	struct who who = { "alice", "pencil", NULL };

	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++) {
		enum sasl_next next = SASL_CONTINUE;

		if (!has_password(m))
			continue;
		for (int steps = 0; next == SASL_CONTINUE; steps++) {
			struct sasl_exchange *x = new_exchange(f, m->name);
			Gsasl_session *client = new_client(f, m->name, who);
			struct auth_verdict v;

			next = converse(x, client, false, steps, &v);
			gsasl_finish(client);
			sasl_free(x);
		}
	}
	sasl_free(NULL);
}

/* -- channel binding ------------------------------------------------------ */

/* One exchange in which the client has ${value} for the binding (NULL: none). */
static enum auth_outcome
bind_with(struct fixture *f, const char *ours, const char *theirs,
    Gsasl_property property, const char *value)
{
	struct sasl_exchange *x = new_exchange(f, ours);
	struct auth_verdict v = { .outcome = AUTH_BUSY };
	struct who who = { "alice", "pencil", NULL };
	Gsasl_session *client = new_client(f, theirs, who);

	gsasl_property_set(client, GSASL_CB_TLS_EXPORTER, NULL);
	gsasl_property_set(client, property, value);
	assert_int_equal(converse(x, client, true, STEPS_MAX, &v), SASL_END);
	gsasl_finish(client);
	sasl_free(x);
	return v.outcome;
}

static void
test_binding(void **state)
{
	static const char *const names[] = { "SCRAM-SHA-1", "SCRAM-SHA-256" };

	for (size_t i = 0; i < 2; i++) {
		const char *plain = names[i];
		char plus[32];

		(void)snprintf(plus, sizeof(plus), "%s-PLUS", plain);
		assert_int_equal(bind_with(*state, plus, plus,
				     GSASL_CB_TLS_EXPORTER, BINDING_BASE64),
		    AUTH_OK);
		/* Another connection's: somebody is between. */
		assert_int_equal(
		    bind_with(*state, plus, plus, GSASL_CB_TLS_EXPORTER,
			"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUc="),
		    AUTH_DENIED);
		assert_int_equal(bind_with(*state, plus, plus,
				     GSASL_CB_TLS_EXPORTER, "MDEy"),
		    AUTH_DENIED);
		/* A kind that we have not. */
		assert_int_equal(bind_with(*state, plus, plus,
				     GSASL_CB_TLS_UNIQUE, BINDING_BASE64),
		    AUTH_DENIED);
		/* Bound and not: the one is not the other. */
		assert_int_equal(
		    bind_with(*state, plus, plain, GSASL_CB_TLS_EXPORTER, NULL),
		    AUTH_DENIED);
		assert_int_equal(bind_with(*state, plain, plus,
				     GSASL_CB_TLS_EXPORTER, BINDING_BASE64),
		    AUTH_DENIED);
	}
}

static void
test_offered(void **state)
{
	static const struct str off[] = { { "scram-sha-1", 11 },
		{ "SCRAM-SHA-1-PLUS", 16 }, { "nonsense", 8 } };
	struct fixture *f = *state;
	struct auth_options o = {
		.users = { .lookup = auth_users_lookup, .arg = &f->users },
		.cost = auth_users_cost,
		.mechanisms_off = off,
		.mechanisms_off_count = 3,
	};
	struct auth_client client = { .protocol = "imap", .peer = "10.0.0.1" };
	struct auth *a;
	struct buf names;

	buf_init(&names, 1000);
	sasl_add_names(f->auth, &client, " ", &names);
	assert_true(str_eq(buf_str(&names), STR(" SCRAM-SHA-256 SCRAM-SHA-1")));
	buf_clear(&names);
	client.cleartext = true;
	client.binding = binding;
	client.binding_arg = f;
	client.certificate_user = "alice";
	sasl_add_names(f->auth, &client, " ", &names);
	assert_true(str_eq(buf_str(&names),
	    STR(" EXTERNAL SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 "
		"SCRAM-SHA-1 PLAIN LOGIN")));
	/* One binding is enough; none is not. */
	f->bindings = END_POINT;
	assert_true(sasl_offered(
	    f->auth, sasl_mechanism_of(STR("SCRAM-SHA-1-PLUS")), &client));
	f->bindings = EXPORTER;
	assert_true(sasl_offered(
	    f->auth, sasl_mechanism_of(STR("SCRAM-SHA-1-PLUS")), &client));
	f->bindings = 0;
	assert_false(sasl_offered(
	    f->auth, sasl_mechanism_of(STR("SCRAM-SHA-1-PLUS")), &client));
	f->bindings = EXPORTER | END_POINT;
	buf_clear(&names);
	assert_int_equal(auth_new(&o, &a), RC_OK);
	sasl_add_names(a, &client, " ", &names);
	assert_true(str_eq(buf_str(&names),
	    STR(" EXTERNAL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN")));
	assert_null(
	    sasl_new(a, sasl_mechanism_of(STR("SCRAM-SHA-1")), &client));
	assert_null(
	    sasl_new(a, sasl_mechanism_of(STR("OAUTHBEARER")), &client));
	auth_free(a);
	buf_fini(&names);
}

/* -- single messages --------------------------------------------------- */

/* Send one message as the initial response. */
static enum sasl_next
send_one(struct fixture *f, const char *mechanism, struct str message,
    struct buf *challenge, struct auth_verdict *v)
{
	struct sasl_exchange *x = new_exchange(f, mechanism);
	/* in memory that ends where the message does */
	char *exact = mem_copy(message.n > 0 ? message.p : "", message.n);
	struct str s = { exact, message.n };
	enum sasl_next next;

	buf_init(challenge, SASL_MESSAGE_BYTES_MAX);
	next = settle(x, sasl_start(x, &s, challenge, v), v);
	mem_free(exact);
	sasl_free(x);
	return next;
}

static void
check_refused(struct fixture *f, const char *mechanism, struct str message)
{
	struct buf challenge;
	struct auth_verdict v;
	enum sasl_next next = send_one(f, mechanism, message, &challenge, &v);

	buf_fini(&challenge);
	if (next != SASL_END || v.outcome != AUTH_DENIED)
		fail_msg("%s \"%.*s\": next %d outcome %d", mechanism,
		    STR_ARG(str_head(message, 60)), next, v.outcome);
}

static void
test_plain_truncated_and_more(void **state)
{
	static const struct str right = { "\0alice\0pencil", 13 };
	static const struct str wrong[] = {
		{ "\0alice\0pencil\0", 14 },
		{ "\0alice\0pencil\0x", 15 },
		{ "\0alice\0", 7 },
		{ "\0\0pencil", 8 },
		{ "\0\0", 2 },
		{ "\0alice\0\xff\xfe", 9 },
		{ "\0\xff\0pencil", 9 },
		{ "\xff\0alice\0pencil", 14 },
		{ "alice", 5 },
		{ "x\0alice\0pencil", 14 },
		{ "\0alice\0x\xf0\x9f\xa6\x86", 12 },
	};
	struct buf challenge;
	struct auth_verdict v;

	assert_int_equal(
	    send_one(*state, "PLAIN", right, &challenge, &v), SASL_END);
	assert_int_equal(v.outcome, AUTH_OK);
	buf_fini(&challenge);
	for (size_t n = 0; n < right.n; n++)
		check_refused(*state, "PLAIN", str_head(right, n));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		check_refused(*state, "PLAIN", wrong[i]);
}

static void
test_scram_first_truncated_and_more(void **state)
{
	static const char right[] = "n,,n=alice,r=abcdefghijklmnop";
	static const struct str wrong[] = {
		{ "", 0 },
		{ "n,,n=alice,r=abc\0", 17 },
		{ "n,,n=al\0ice,r=abc", 17 },
		{ "n,,n=alice,r=", 13 },
		{ "n,,n=,r=abc", 11 },
		{ "n,,n=\xff,r=abc", 12 },
		{ "p=tls-exporter,,n=alice,r=abc", 29 },
		{ "p=tls-unique,,n=alice,r=abc", 27 },
		{ "x,,n=alice,r=abc", 16 },
		{ "n,,m=ext,n=alice,r=abc", 22 },
	};
	struct buf challenge;
	struct auth_verdict v;

	assert_int_equal(send_one(*state, "SCRAM-SHA-1",
			     STR("n,,n=alice,r=abcdefghijk"), &challenge, &v),
	    SASL_CONTINUE);
	assert_true(str_begins(buf_str(&challenge), STR("r=abcdefghijk")));
	buf_fini(&challenge);
	/* up to the nonce, of which any length is one */
	for (size_t n = 0; n <= strlen("n,,n=alice,r="); n++)
		check_refused(
		    *state, "SCRAM-SHA-256", (struct str){ right, n });
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		check_refused(*state, "SCRAM-SHA-256", wrong[i]);
}

/* Run SCRAM up to the client's final message and send it as ${change} makes
 * it. */
static struct auth_verdict
final_message(struct fixture *f, void (*change)(struct buf *, size_t),
    size_t arg, size_t *ret_size)
{
	struct sasl_exchange *x = new_exchange(f, "SCRAM-SHA-256");
	Gsasl_session *client = new_client(
	    f, "SCRAM-SHA-256", (struct who){ "alice", "pencil", NULL });
	struct auth_verdict v;
	struct buf b;
	struct buf challenge;
	char *out;
	size_t n;

	buf_init(&b, SASL_MESSAGE_BYTES_MAX * 2);
	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	gsasl_step(client, NULL, 0, &out, &n);
	assert_int_equal(sasl_start(x, &(struct str){ out, n }, &challenge, &v),
	    SASL_CONTINUE);
	gsasl_free(out);
	gsasl_step(client, challenge.p, challenge.n, &out, &n);
	buf_add(&b, out, n);
	gsasl_free(out);
	*ret_size = b.n;
	change(&b, arg);
	buf_clear(&challenge);
	if (sasl_step(x, buf_str(&b), &challenge, &v) == SASL_CONTINUE) {
		assert_true(str_begins(buf_str(&challenge), STR("v=")));
		assert_int_equal(
		    sasl_step(x, STR(""), &challenge, &v), SASL_END);
	}
	gsasl_finish(client);
	sasl_free(x);
	buf_fini(&challenge);
	buf_fini(&b);
	return v;
}

static void
cut(struct buf *b, size_t n)
{
	buf_truncate(b, n);
}

static void
flip(struct buf *b, size_t at)
{
	b->p[at] = b->p[at] == 'A' ? 'B' : 'A';
}

static void
lengthen(struct buf *b, size_t count)
{
	while (count-- > 0)
		buf_add_byte(b, 'A');
}

static void
test_scram_final_changed(void **state)
{
	size_t size;

	assert_int_equal(
	    final_message(*state, lengthen, 0, &size).outcome, AUTH_OK);
	for (size_t n = 0; n < size; n++) {
		size_t unused;

		if (final_message(*state, cut, n, &unused).outcome !=
		    AUTH_DENIED)
			fail_msg("cut at %zu", n);
		/* the last digit before '=' has bits that do not count */
		if (n < size - 2 &&
		    final_message(*state, flip, n, &unused).outcome !=
			AUTH_DENIED)
			fail_msg("changed at %zu", n);
	}
	assert_int_equal(
	    final_message(*state, lengthen, 1, &size).outcome, AUTH_DENIED);
	assert_int_equal(
	    final_message(*state, lengthen, SASL_MESSAGE_BYTES_MAX, &size)
		.outcome,
	    AUTH_DENIED);
}

/* After the proof of the server only an empty message is right. */
static void
test_scram_last_word(void **state)
{
	struct fixture *f = *state;
	struct sasl_exchange *x = new_exchange(f, "SCRAM-SHA-1");
	Gsasl_session *client = new_client(
	    f, "SCRAM-SHA-1", (struct who){ "alice", "pencil", NULL });
	struct auth_verdict v;
	struct buf challenge;

	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	assert_int_equal(converse(x, client, true, 2, &v), SASL_CONTINUE);
	assert_int_equal(v.outcome, AUTH_OK);
	assert_int_equal(v.account, 0); /* not yet */
	assert_int_equal(sasl_step(x, STR("more"), &challenge, &v), SASL_END);
	assert_int_equal(v.outcome, AUTH_DENIED);
	gsasl_finish(client);
	sasl_free(x);
	buf_fini(&challenge);
}

/* The server's first answer to ${user}, without the nonce. */
static void
first_answer(struct fixture *f, const char *mechanism, const char *user,
    char ret_answer[200])
{
	struct auth_verdict v;
	struct buf challenge;
	char message[100];
	const char *salt;

	snprintf(message, sizeof(message), "n,,n=%s,r=abc", user);
	assert_int_equal(
	    send_one(f, mechanism, str_of(message), &challenge, &v),
	    SASL_CONTINUE);
	buf_add_byte(&challenge, '\0');
	salt = strstr(challenge.p, ",s=");
	assert_non_null(salt);
	snprintf(ret_answer, 200, "%s", salt);
	buf_fini(&challenge);
}

/* C13: a user who is not there has a salt as good as another's. */
static void
test_unknown_users_have_salts(void **state)
{
	char answers[5][200];

	first_answer(*state, "SCRAM-SHA-256", "nobody", answers[0]);
	first_answer(*state, "SCRAM-SHA-256", "NoBody", answers[1]);
	first_answer(*state, "SCRAM-SHA-256", "nobody2", answers[2]);
	first_answer(*state, "SCRAM-SHA-1", "nobody", answers[3]);
	first_answer(*state, "SCRAM-SHA-256", "alice", answers[4]);
	assert_string_equal(answers[0], answers[1]);
	for (int i = 2; i < 5; i++) {
		assert_string_not_equal(answers[0], answers[i]);
		assert_int_equal(strlen(answers[0]), strlen(answers[i]));
		assert_string_equal(
		    strstr(answers[0], ",i="), strstr(answers[i], ",i="));
	}
}

/* C8: the server's part of the nonce is new each time. */
static void
test_nonces_differ(void **state)
{
	struct auth_verdict v;
	struct buf a;
	struct buf b;

	send_one(*state, "SCRAM-SHA-1", STR("n,,n=alice,r=abc"), &a, &v);
	send_one(*state, "SCRAM-SHA-1", STR("n,,n=alice,r=abc"), &b, &v);
	assert_false(str_eq(buf_str(&a), buf_str(&b)));
	buf_fini(&a);
	buf_fini(&b);
}

/* C10: LOGIN with messages of no bytes, too many, or NUL. */
static void
test_login_messages(void **state)
{
	static char huge[SASL_MESSAGE_BYTES_MAX + 1];
	struct {
		struct str user;
		struct str password;
		enum auth_outcome want;
	} cases[] = {
		{ STR("alice"), STR("pencil"), AUTH_OK },
		{ STR("alice"), STR(""), AUTH_DENIED },
		{ STR(""), STR(""), AUTH_DENIED },
		{ STR("alice\0x"), STR("pencil"), AUTH_DENIED },
		{ STR("alice"), STR("pencil\0"), AUTH_DENIED },
		{ STR("alice"), { huge, sizeof(huge) }, AUTH_DENIED },
		{ STR("alice"), { huge, sizeof(huge) - 1 }, AUTH_DENIED },
		{ { huge, sizeof(huge) }, STR("pencil"), AUTH_DENIED },
		{ { huge, sizeof(huge) - 1 }, STR("pencil"), AUTH_DENIED },
		{ STR("alice"), STR("\xff"), AUTH_DENIED },
	};
	struct buf challenge;

	memset(huge, 'h', sizeof(huge));
	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sasl_exchange *x = new_exchange(*state, "LOGIN");
		struct auth_verdict v;
		enum sasl_next next;

		next = sasl_start(x, &cases[i].user, &challenge, &v);
		if (next == SASL_CONTINUE) {
			assert_true(
			    str_eq(buf_str(&challenge), STR("Password")));
			next = sasl_step(x, cases[i].password, &challenge, &v);
		}
		next = settle(x, next, &v);
		assert_int_equal(next, SASL_END);
		if (v.outcome != cases[i].want)
			fail_msg("case %zu: %d", i, v.outcome);
		sasl_free(x);
		buf_clear(&challenge);
	}
	buf_fini(&challenge);
}

static void
test_mechanism_names(void **state)
{
	(void)state;
	assert_string_equal(
	    sasl_mechanism_of(STR("scram-sha-256"))->name, "SCRAM-SHA-256");
	assert_true(sasl_mechanism_of(STR("PLAIN"))->cleartext);
	assert_false(sasl_mechanism_of(STR("SCRAM-SHA-1"))->cleartext);
	assert_null(sasl_mechanism_of(STR("")));
	assert_null(sasl_mechanism_of(STR("PLAI")));
	assert_null(sasl_mechanism_of(STR("PLAIN\0")));
	assert_null(sasl_mechanism_of(STR("CRAM-MD5")));
	assert_null(sasl_mechanism_of(STR("ANONYMOUS")));
	assert_null(sasl_mechanism_of(STR("SCRAM-SHA-512")));
}

/* Two exchanges at once know nothing of each other. */
static void
test_interleaved(void **state)
{
	struct fixture *f = *state;
	struct sasl_exchange *good = new_exchange(f, "LOGIN");
	struct sasl_exchange *bad = new_exchange(f, "LOGIN");
	struct auth_verdict v;
	struct buf challenge;

	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	sasl_start(good, NULL, &challenge, &v);
	sasl_start(bad, NULL, &challenge, &v);
	sasl_step(good, STR("alice"), &challenge, &v);
	sasl_step(bad, STR(MUELLER), &challenge, &v);
	assert_int_equal(
	    sasl_step(bad, STR("pencil"), &challenge, &v), SASL_CHECK);
	assert_int_equal(
	    sasl_step(good, STR("pencil"), &challenge, &v), SASL_CHECK);
	settle(bad, SASL_CHECK, &v);
	assert_int_equal(v.outcome, AUTH_DENIED);
	v = (struct auth_verdict){ .outcome = AUTH_OK };
	settle(good, SASL_CHECK, &v);
	assert_int_equal(v.outcome, AUTH_OK);
	assert_int_equal(v.account, 7);
	sasl_free(good);
	sasl_free(bad);
	buf_fini(&challenge);
}

/* Also SCRAM's guesses are counted, delayed and in the end refused. */
static void
test_scram_is_throttled(void **state)
{
	struct fixture *f = *state;
	struct auth_client client = { .protocol = "imap", .peer = "192.0.2.9" };
	const struct sasl_mechanism *m = sasl_mechanism_of(STR("SCRAM-SHA-1"));

	for (int i = 0; i <= THROTTLE_FAILURES_MAX; i++) {
		struct sasl_exchange *x = sasl_new(f->auth, m, &client);
		struct str first = STR("n,,n=alice,r=abc");
		struct auth_verdict v;
		struct buf challenge;

		buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
		assert_int_equal(
		    sasl_start(x, &first, &challenge, &v), SASL_CONTINUE);
		assert_int_equal(v.delay_ms, 0);
		assert_int_equal(
		    sasl_step(x, STR("c=biws,r=x,p=x"), &challenge, &v),
		    SASL_END);
		assert_int_equal(v.outcome,
		    i < THROTTLE_FAILURES_MAX ? AUTH_DENIED : AUTH_BUSY);
		assert_true(v.delay_ms > 0);
		buf_fini(&challenge);
		sasl_free(x);
	}
}

/* A client that could be bound, and was told that we cannot (RFC 5802 section
 * 6), is not let in; one that could not is. */
static void
test_binding_taken_from_the_offer(void **state)
{
	struct buf challenge;
	struct auth_verdict v;

	check_refused(
	    *state, "SCRAM-SHA-1", STR("y,,n=alice,r=abcdefghijklmnop"));
	check_refused(
	    *state, "SCRAM-SHA-256", STR("y,,n=alice,r=abcdefghijklmnop"));
	assert_int_equal(
	    send_one(*state, "SCRAM-SHA-256",
		STR("n,,n=alice,r=abcdefghijklmnop"), &challenge, &v),
	    SASL_CONTINUE);
	buf_fini(&challenge);
}

/* Of the two bindings those are taken that the connection has, under their own
 * names, and nothing under another. */
static void
test_names_of_bindings(void **state)
{
	static const struct {
		unsigned bindings;
		const char *name;
		bool taken;
	} cases[] = {
		{ EXPORTER, "tls-exporter", true },
		{ EXPORTER, "tls-server-end-point", false },
		{ END_POINT, "tls-exporter", false },
		{ END_POINT, "tls-server-end-point", true },
		{ EXPORTER | END_POINT, "tls-server-end-point", true },
		{ EXPORTER | END_POINT, "tls-unique", false },
		{ EXPORTER | END_POINT, "TLS-EXPORTER", false },
		{ EXPORTER | END_POINT, "tls", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char message[100];
		struct buf challenge;
		struct auth_verdict v;

		f->bindings = cases[i].bindings;
		(void)snprintf(message, sizeof(message), "p=%s,,n=alice,r=abc",
		    cases[i].name);
		if (send_one(f, "SCRAM-SHA-256-PLUS", str_of(message),
			&challenge,
			&v) != (cases[i].taken ? SASL_CONTINUE : SASL_END))
			fail_msg("case %zu", i);
		if (!cases[i].taken)
			assert_int_equal(v.outcome, AUTH_DENIED);
		buf_fini(&challenge);
	}
}

/* -- certificates --------------------------------------------------------- */

static void
test_external(void **state)
{
	static const struct {
		const char *certificate;
		struct str message;
		enum auth_outcome want;
	} cases[] = {
		{ "ALICE", { "", 0 }, AUTH_OK },
		{ "alice", { "Alice", 5 }, AUTH_OK },
		{ "alice", { "ALICE", 5 }, AUTH_OK },
		{ "locked", { "", 0 }, AUTH_OK }, /* has no password */
		{ "alice", { MUELLER, 7 }, AUTH_DENIED },
		{ "alice", { "nobody", 6 }, AUTH_DENIED },
		{ "alice", { "al\0ice", 6 }, AUTH_DENIED },
		{ "alice", { "\xff", 1 }, AUTH_DENIED },
		{ "nobody", { "", 0 }, AUTH_DENIED },
		{ "nobody", { "alice", 5 }, AUTH_DENIED },
		{ "broken", { "", 0 }, AUTH_BROKEN },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf challenge;
		struct auth_verdict v;

		f->certificate_user = cases[i].certificate;
		assert_int_equal(
		    send_one(f, "EXTERNAL", cases[i].message, &challenge, &v),
		    SASL_END);
		assert_int_equal(challenge.n, 0);
		if (v.outcome != cases[i].want)
			fail_msg("case %zu: %d", i, v.outcome);
		buf_fini(&challenge);
	}
}

/* -- tokens --------------------------------------------------------------- */

#define CLAIMS                                                    \
	"{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"" TOKEN_AUDIENCE \
	"\",\"exp\":1700000600,\"email\":\"%s\"}"

/* Send ${before}, and behind it, unless that is all, a token for ${email} and the
 * message's end. */
static enum sasl_next
send_token(struct fixture *f, struct tokens *t, const char *mechanism,
    const char *before, const char *email, struct buf *challenge,
    struct sasl_exchange **ret_exchange, struct auth_verdict *v)
{
	struct buf token, message;
	char claims[256];
	struct str s;
	enum sasl_next next;

	buf_init(&token, 4096);
	buf_init(&message, 4096);
	(void)snprintf(claims, sizeof(claims), CLAIMS, email);
	tokens_sign(t, TOKEN_P256, "{\"alg\":\"ES256\"}", claims, &token);
	buf_add_text(&message, before);
	if (str_ends(str_of(before), STR("Bearer ")) ||
	    str_ends(str_of(before), STR("Bearer x"))) {
		buf_add_str(&message, buf_str(&token));
		buf_add_text(&message, "\1\1");
	}
	s = buf_str(&message);
	*ret_exchange = new_exchange(f, mechanism);
	buf_clear(challenge);
	next = sasl_start(*ret_exchange, &s, challenge, v);
	buf_fini(&message);
	buf_fini(&token);
	return next;
}

static const struct {
	const char *mechanism;
	const char *before;
	const char *email;
	enum auth_outcome want;
} token_cases[] = {
	{ "OAUTHBEARER", "n,,\1auth=Bearer ", "alice", AUTH_OK },
	{ "OAUTHBEARER", "n,a=ALICE,\1host=h\1auth=Bearer ", "alice", AUTH_OK },
	{ "XOAUTH2", "user=Alice\1auth=Bearer ", "alice", AUTH_OK },
	{ "XOAUTH2", "user=\1auth=Bearer ", "locked", AUTH_OK },
	{ "OAUTHBEARER", "n,a=" MUELLER ",\1auth=Bearer ", "alice",
	    AUTH_DENIED },
	{ "XOAUTH2", "user=" MUELLER "\1auth=Bearer ", "alice", AUTH_DENIED },
	{ "OAUTHBEARER", "n,,\1auth=Bearer ", "nobody", AUTH_DENIED },
	{ "OAUTHBEARER", "n,,\1auth=Bearer x", "alice", AUTH_DENIED },
	{ "XOAUTH2", "n,,\1auth=Bearer ", "alice", AUTH_DENIED },
	{ "OAUTHBEARER", "\1", "alice", AUTH_DENIED },
};

/* One that is no good is told so, and fails after the client has heard it. */
static void
test_tokens(void **state)
{
	struct fixture *f = *state;
	struct tokens t;
	struct buf challenge;

	tokens_init(&t);
	auth_free(f->auth);
	f->auth = auth_users_auth_with(&f->users, &t.options);
	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(token_cases) / sizeof(*token_cases);
	     i++) {
		enum auth_outcome want = token_cases[i].want;
		struct sasl_exchange *x;
		struct auth_verdict v;
		enum sasl_next next = send_token(f, &t,
		    token_cases[i].mechanism, token_cases[i].before,
		    token_cases[i].email, &challenge, &x, &v);

		if (next != (want == AUTH_OK ? SASL_END : SASL_CONTINUE))
			fail_msg("case %zu: %d", i, next);
		if (next == SASL_CONTINUE) {
			assert_true(str_begins(
			    buf_str(&challenge), STR("{\"status\":\"")));
			buf_clear(&challenge);
			assert_int_equal(
			    sasl_step(
				x, i % 2 ? STR("\1") : STR(""), &challenge, &v),
			    SASL_END);
		}
		assert_int_equal(challenge.n, 0);
		if (v.outcome != want)
			fail_msg("case %zu: %d", i, v.outcome);
		sasl_free(x);
	}
	buf_fini(&challenge);
	tokens_fini(&t);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_right_password),
		CASE(test_wrong_password),
		CASE(test_no_such_user),
		CASE(test_users_cannot_be_read),
		CASE(test_authzid),
		CASE(test_cancel_at_every_step),
		CASE(test_binding),
		CASE(test_offered),
		CASE(test_binding_taken_from_the_offer),
		CASE(test_names_of_bindings),
		CASE(test_external),
		CASE(test_tokens),
		CASE(test_plain_truncated_and_more),
		CASE(test_scram_first_truncated_and_more),
		CASE(test_scram_final_changed),
		CASE(test_scram_last_word),
		CASE(test_unknown_users_have_salts),
		CASE(test_nonces_differ),
		CASE(test_login_messages),
		CASE(test_mechanism_names),
		CASE(test_interleaved),
		CASE(test_scram_is_throttled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
