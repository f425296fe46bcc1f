/* SPDX-License-Identifier: MIT
 *
 * auth/pam_users: answers of PAM, what is not asked, several at once, modules
 * that hang, and helpers that are killed, stopped or gone.
 *
 * What PAM's files say lies in a folder of the test's own; nothing of the
 * system's is touched or asked.
 */
#include "auth/pam_users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

#define PATIENCE_MS 1000

/* The script that pam_exec runs: knows one password, and does as it is told by
 * some names. */
static const char script[] = "#!/bin/sh\n"
			     "password=$(tr -d '\\000')\n"
			     "case $PAM_USER in\n"
			     "hang) echo $$ > \"${0%/*}/pid\"; "
			     "exec sleep 600 ;;\n"
			     "slow) sleep 0.3 ;;\n"
			     "esac\n"
			     "[ \"$PAM_RHOST\" = 192.0.2.1 ] || exit 2\n"
			     "[ \"$PAM_TYPE\" != account ] || exec test "
			     "\"$PAM_USER\" != closed\n"
			     "[ \"$password\" = 'pa ss\"w\303\266rd' ]\n";
#define PASSWORD "pa ss\"w\303\266rd"

struct world {
	char folder[64];
};

static void
write_file(const struct world *w, const char *name, const char *text, int mode)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, (mode_t)mode), 0);
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char text[512];

	assert_non_null(w);
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/avocet-pam-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	write_file(w, "script", script, 0755);
	(void)snprintf(text, sizeof(text),
	    "auth required pam_exec.so quiet expose_authtok %s/script\n"
	    "account required pam_exec.so quiet %s/script\n",
	    w->folder, w->folder);
	write_file(w, "exec", text, 0644);
	write_file(w, "yes",
	    "auth required pam_permit.so\naccount required pam_permit.so\n",
	    0644);
	write_file(w, "no",
	    "auth required pam_deny.so\naccount required pam_permit.so\n",
	    0644);
	write_file(w, "closed",
	    "auth required pam_permit.so\naccount required pam_deny.so\n",
	    0644);
	write_file(w, "nothing", "auth required pam_no_such_module.so\n", 0644);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r '%s'", w->folder);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static struct pam_users *
open_users(const struct world *w, const char *service, uint64_t patience_ms)
{
	const struct pam_users_options o = { .service = service,
		.directory = w->folder,
		.patience_ms = patience_ms };
	struct pam_users *p;

	assert_int_equal(pam_users_open(&o, &p), RC_OK);
	return p;
}

static enum rc
check(struct pam_users *p, const char *user, const char *password)
{
	return pam_users_check(p, str_of(user), str_of(password), "192.0.2.1");
}

static enum rc
check_once(const struct world *w, const char *service)
{
	struct pam_users *p = open_users(w, service, 0);
	enum rc rc = check(p, "ann", "x");

	pam_users_close(p);
	return rc;
}

/* -- answers ---------------------------------------------------------------- */

static void
test_services(void **state)
{
	const struct world *w = *state;

	assert_int_equal(check_once(w, "yes"), RC_OK);
	assert_int_equal(check_once(w, "no"), RC_REFUSED);
	assert_int_equal(check_once(w, "closed"), RC_REFUSED);
	assert_int_not_equal(check_once(w, "nothing"), RC_OK);
	assert_int_not_equal(check_once(w, "missing"), RC_OK);
	assert_true(pam_users_service_exists("yes", w->folder));
	assert_false(pam_users_service_exists("missing", w->folder));
	assert_false(pam_users_service_exists("avocet-no-such-service", ""));
}

static void
test_passwords(void **state)
{
	struct pam_users *p = open_users(*state, "exec", 0);

	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	assert_int_equal(check(p, "ann", "wrong"), RC_REFUSED);
	assert_int_equal(check(p, "closed", PASSWORD), RC_REFUSED);
	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	assert_int_equal(
	    pam_users_check(p, STR("ann"), STR(PASSWORD), "unix"), RC_REFUSED);
	pam_users_close(p);
}

/* pam_permit would let in anybody, but is not asked. */
static void
test_not_asked(void **state)
{
	static char long_name[USER_NAME_BYTES_MAX + 2];
	static char long_password[PAM_PASSWORD_BYTES_MAX + 2];
	struct pam_users *p = open_users(*state, "yes", 0);

	memset(long_name, 'n', sizeof(long_name) - 1);
	memset(long_password, 'p', sizeof(long_password) - 1);
	assert_int_equal(check(p, long_name, "x"), RC_REFUSED);
	assert_int_equal(check(p, "ann", long_password), RC_REFUSED);
	assert_int_equal(check(p, "", "x"), RC_REFUSED);
	assert_int_equal(check(p, "ann", ""), RC_REFUSED);
	assert_int_equal(
	    pam_users_check(p, STR("an\0n"), STR("x"), "192.0.2.1"),
	    RC_REFUSED);
	assert_int_equal(
	    pam_users_check(p, STR("ann"), STR("x\0"), "192.0.2.1"),
	    RC_REFUSED);
	assert_int_equal(check(p, long_name + 1, long_password + 1), RC_OK);
	pam_users_close(p);
}

/* -- several ---------------------------------------------------------------- */

struct one {
	pthread_t thread;
	struct pam_users *users;
	const char *user;
	const char *password;
	enum rc rc;
};

static void *
run_one(void *arg)
{
	struct one *o = arg;

	o->rc = check(o->users, o->user, o->password);
	return NULL;
}

static void
test_several(void **state)
{
	struct pam_users *p = open_users(*state, "exec", 0);
	struct one each[PAM_CHECKS_AT_ONCE];

	for (size_t i = 0; i < PAM_CHECKS_AT_ONCE; i++) {
		each[i] = (struct one){ .users = p,
			.user = "slow",
			.password = i % 2 == 0 ? PASSWORD : "wrong" };
		assert_int_equal(
		    pthread_create(&each[i].thread, NULL, run_one, &each[i]),
		    0);
	}
	for (size_t i = 0; i < PAM_CHECKS_AT_ONCE; i++) {
		assert_int_equal(pthread_join(each[i].thread, NULL), 0);
		assert_int_equal(each[i].rc, i % 2 == 0 ? RC_OK : RC_REFUSED);
	}
	pam_users_close(p);
}

/* -- trouble ---------------------------------------------------------------- */

/* The process whose number is in the file, which has to end. */
static void
wait_for_end(const struct world *w)
{
	uint64_t until_ms = clock_ms() + 30000;
	char path[128], text[32] = "";
	uint64_t pid;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/pid", w->folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(unlink(path), 0);
	assert_true(str_number(str_trim(str_of(text)), INT32_MAX, &pid));
	assert_true(pid > 1);
	while (kill((pid_t)pid, 0) == 0) {
		assert_true(clock_ms() < until_ms);
		(void)usleep(10000);
	}
}

/* A check that takes too long ends, and so does what the module has started. */
static void
test_hang(void **state)
{
	struct pam_users *p = open_users(*state, "exec", PATIENCE_MS);
	uint64_t begun_ms = clock_ms();

	assert_int_equal(check(p, "hang", PASSWORD), RC_IO);
	assert_true(clock_ms() - begun_ms >= PATIENCE_MS);
	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	wait_for_end(*state);
	pam_users_close(p);
}

/* The one child of ${parent}, which has one thread; 0: none, or for a moment
 * also what a helper that was killed had started. */
static pid_t
find_child(pid_t parent)
{
	char path[64], text[64] = "";
	uint64_t pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)parent, (int)parent);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL ||
	    !str_number(str_trim(str_of(text)), INT32_MAX, &pid))
		pid = 0;
	(void)fclose(f);
	return (pid_t)pid;
}

/* Kill the helper with whatever it does, and wait for the next one. */
static pid_t
kill_helper(pid_t keeper)
{
	uint64_t until_ms = clock_ms() + 60000;
	pid_t helper = find_child(keeper), next;

	assert_true(helper > 0);
	assert_int_equal(kill(helper, SIGKILL), 0);
	do {
		assert_true(clock_ms() < until_ms);
		(void)usleep(10000);
		next = find_child(keeper);
	} while (next == 0 || next == helper);
	return next;
}

/* One that was killed is followed by another, each time after a longer pause. */
static void
test_killed(void **state)
{
	struct pam_users *p = open_users(*state, "yes", 0);
	pid_t keeper = find_child(getpid());
	uint64_t begun_ms;

	assert_int_equal(check(p, "ann", "x"), RC_OK);
	for (uint64_t pause_ms = 1000; pause_ms <= 2000; pause_ms *= 2) {
		begun_ms = clock_ms();
		(void)kill_helper(keeper);
		assert_true(clock_ms() - begun_ms >= pause_ms);
		for (size_t i = 0; i <= PAM_CHECKS_AT_ONCE; i++)
			assert_int_equal(check(p, "ann", "x"), RC_OK);
	}
	pam_users_close(p);
	assert_int_equal(find_child(getpid()), 0);
}

/* Who was asking is told so at once, and what was run has ended. */
static void
test_killed_while_asking(void **state)
{
	struct pam_users *p = open_users(*state, "exec", 0);
	const struct world *w = *state;
	uint64_t begun_ms = clock_ms();
	struct one one = { .users = p, .user = "hang", .password = PASSWORD };
	char path[128];

	assert_int_equal(pthread_create(&one.thread, NULL, run_one, &one), 0);
	(void)snprintf(path, sizeof(path), "%s/pid", w->folder);
	while (access(path, F_OK) != 0) {
		assert_true(clock_ms() - begun_ms < 20000);
		(void)usleep(10000);
	}
	(void)kill_helper(find_child(getpid()));
	assert_int_equal(pthread_join(one.thread, NULL), 0);
	assert_int_equal(one.rc, RC_IO);
	assert_true(clock_ms() - begun_ms < PAM_CHECK_MS_MAX);
	wait_for_end(w);
	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	pam_users_close(p);
}

/* An answer that comes when nobody waits for it any more is nobody's. */
static void
test_stopped(void **state)
{
	struct pam_users *p = open_users(*state, "exec", PATIENCE_MS);
	pid_t helper;

	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	helper = find_child(find_child(getpid()));
	assert_true(helper > 0);
	assert_int_equal(kill(helper, SIGSTOP), 0);
	assert_int_equal(check(p, "ann", PASSWORD), RC_IO);
	assert_int_equal(kill(helper, SIGCONT), 0);
	assert_int_equal(check(p, "ann", "wrong"), RC_REFUSED);
	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	pam_users_close(p);
}

/* Without a keeper the helper goes on, but is the last one. */
static void
test_gone(void **state)
{
	struct pam_users *p = open_users(*state, "yes", 0);
	pid_t keeper = find_child(getpid()), helper;

	assert_int_equal(check(p, "ann", "x"), RC_OK);
	helper = find_child(keeper);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	assert_int_equal(check(p, "ann", "x"), RC_OK);
	assert_int_equal(kill(helper, SIGKILL), 0);
	while (check(p, "ann", "x") != RC_IO)
		; /* it has not heard of that yet */
	assert_int_equal(check(p, "ann", "x"), RC_IO);
	pam_users_close(p);
}

/* What ends the server does not end the helper before it, and the server's end
 * does, in the middle of a check too. */
static void
test_end(void **state)
{
	struct pam_users *p = open_users(*state, "exec", 0);
	pid_t both[2];

	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	both[0] = find_child(getpid());
	both[1] = find_child(both[0]);
	for (size_t i = 0; i < 2; i++) {
		assert_true(both[i] > 0);
		assert_int_equal(kill(both[i], SIGTERM), 0);
		assert_int_equal(kill(both[i], SIGINT), 0);
		assert_int_equal(kill(both[i], SIGHUP), 0);
	}
	assert_int_equal(check(p, "ann", PASSWORD), RC_OK);
	assert_int_equal(find_child(both[0]), both[1]);
	pam_users_close(p);
	assert_int_equal(find_child(getpid()), 0);
	assert_int_equal(kill(both[1], 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_while_asking),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_end),
	};

	if (!pam_users_built())
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
