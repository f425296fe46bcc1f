/* SPDX-License-Identifier: MIT
 *
 * auth/pam_helper, under its keeper: what a server that has been taken over may send.  Each
 * message that is not one ends its socket, and the helper with the last.
 */
#include "auth/pam_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKETS 2

struct helper {
	char folder[64];
	char file[80];
	pid_t pid;
	int sockets[SOCKETS];
};

/* With a service that lets everybody in. */
static void
start(struct helper *h)
{
	struct pam_users_options o = { .service = "yes",
		.directory = h->folder,
		.patience_ms = PAM_CHECK_MS_MAX };
	const struct timeval patience = { .tv_sec = 60 };
	int theirs[SOCKETS];
	FILE *f;

	(void)snprintf(h->folder, sizeof(h->folder), "/tmp/avocet-pam-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	(void)snprintf(h->file, sizeof(h->file), "%s/yes", h->folder);
	f = fopen(h->file, "w");
	assert_non_null(f);
	(void)fputs("auth required pam_permit.so\n"
		    "account required pam_permit.so\n",
	    f);
	assert_int_equal(fclose(f), 0);
	for (int i = 0; i < SOCKETS; i++) {
		int pair[2];

		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair),
		    0);
		h->sockets[i] = pair[0];
		theirs[i] = pair[1];
		assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO,
				     &patience, sizeof(patience)),
		    0);
	}
	h->pid = fork();
	if (h->pid == 0)
		pam_keeper_run(&o, theirs, SOCKETS);
	assert_true(h->pid > 0);
	for (int i = 0; i < SOCKETS; i++)
		(void)close(theirs[i]);
}

/* The helper has to end by itself, when the last socket has gone. */
static void
stop(struct helper *h)
{
	int status;

	for (int i = 0; i < SOCKETS; i++)
		(void)close(h->sockets[i]);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(unlink(h->file), 0);
	assert_int_equal(rmdir(h->folder), 0);
}

static struct pam_request
right(void)
{
	return (struct pam_request){
		.user_bytes = 3,
		.password_bytes = 1,
		.peer_bytes = 4,
		.user = "ann",
		.password = "x",
		.peer = "unix",
	};
}

/* The outcome; 0: the helper has closed the socket. */
static int
answer_to(const struct helper *h, int index, const void *bytes, size_t size)
{
	struct pam_answer answer;
	ssize_t n;

	assert_int_equal(
	    send(h->sockets[index], bytes, size, MSG_NOSIGNAL), (ssize_t)size);
	n = recv(h->sockets[index], &answer, sizeof(answer), 0);
	if (n == (ssize_t)sizeof(answer))
		return answer.outcome;
	assert_true(n == 0 || errno == ECONNRESET);
	return 0;
}

static void
test_answers(void **state)
{
	struct pam_request r = right();
	struct helper h;

	(void)state;
	start(&h);
	for (int i = 0; i < 4; i++)
		assert_int_equal(answer_to(&h, i % SOCKETS, &r, sizeof(r)),
		    PAM_OUTCOME_RIGHT);
	stop(&h);
}

static void
spoil(struct pam_request *r, int how)
{
	switch (how) {
	case 0:
		r->user_bytes = 0;
		break;
	case 1:
		r->password_bytes = 0;
		break;
	case 2: /* shorter, longer than the text */
		r->user_bytes = 2;
		break;
	case 3:
		r->user_bytes = 4;
		break;
	case 4:
		r->password_bytes = 2;
		break;
	case 5: /* beyond the field */
		r->user_bytes = sizeof(r->user);
		memset(r->user, 'u', sizeof(r->user));
		break;
	case 6:
		r->user_bytes = UINT16_MAX;
		break;
	case 7:
		r->password_bytes = UINT16_MAX;
		memset(r->password, 'p', sizeof(r->password));
		break;
	case 8: /* not terminated */
		r->user_bytes = sizeof(r->user) - 1;
		memset(r->user, 'u', sizeof(r->user));
		break;
	case 9:
		r->peer_bytes = sizeof(r->peer) - 1;
		memset(r->peer, 'p', sizeof(r->peer));
		break;
	case 10: /* NUL inside */
		r->user_bytes = 3;
		r->user[1] = '\0';
		break;
	default:
		r->peer_bytes = 5;
		break;
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (int how = 0; how < 12; how++) {
		struct pam_request good = right(), bad = right();
		struct helper h;

		start(&h);
		spoil(&bad, how);
		if (answer_to(&h, 0, &bad, sizeof(bad)) != 0)
			fail_msg("case %d", how);
		/* The other is not concerned. */
		assert_int_equal(
		    answer_to(&h, 1, &good, sizeof(good)), PAM_OUTCOME_RIGHT);
		stop(&h);
	}
}

static void
test_sizes(void **state)
{
	static char large[2 * sizeof(struct pam_request)];
	static const size_t sizes[] = { 1, sizeof(struct pam_request) - 1,
		sizeof(struct pam_request) + 1, sizeof(large) };
	const struct pam_request r = right();

	(void)state;
	memcpy(large, &r, sizeof(r));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct helper h;

		start(&h);
		if (answer_to(&h, 0, large, sizes[i]) != 0)
			fail_msg("size %zu", sizes[i]);
		stop(&h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sizes),
	};

	if (!pam_users_built())
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
