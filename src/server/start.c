/* SPDX-License-Identifier: MIT
 *
 * The life of the server process.  The order of starting matters:
 *
 *   as root     fork what asks PAM, bind, read the configured key
 *   one thread  become the user, confine (both hold for later threads only)
 *   then        open the store, start workers, accept
 *
 * and stopping goes the other way: no new connections, sessions end, workers
 * end, the store is closed.
 */
#include "server/server.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/identity.h"
#include "admin/open.h"
#include "auth/pam_users.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/certificate.h"
#include "server/control.h"
#include "server/manager.h"
#include "server/offer.h"
#include "server/sandbox.h"
#include "server/trace.h"
#include "tls/tls.h"

#define STOP_LOOK_MS 50
#define TIDY_S	     60

/* The allocator gives back what is free beyond this at the end of a heap, and
 * what is as large stands alone. */
#define FREE_BYTES_KEPT (1024 * 1024)
#define HEAPS_LEAST	2

struct server {
	const struct config *config;
	struct listeners *listeners;
	struct tls_context *tls; /* until the offers own it */
	struct mail *mail;
	struct pam_users *pam;	 /* NULL: it is not asked */
	struct shares *peers;	 /* by address */
	struct shares *accounts; /* by account */
	struct poll *poll;
	struct traces *traces;
	struct offers *offers;
	struct operation_server operations; /* for the control socket */
	struct control *control;
};

static void
log_failure(const char *event, const char *what, const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_ERROR, event);
	log_text(&line, "what", what);
	log_text(&line, "why", why);
	log_end(&line);
}

/* -- starting ----------------------------------------------------------- */

/* Bind everything that the service manager has not. */
static bool
bind_all(struct server *s)
{
	char why[OPERATION_WHY_BYTES]; /* is in the log */
	enum rc rc = listeners_bind(s->listeners, s->config, why, sizeof(why));

	manager_drop_sockets();
	return rc == RC_OK;
}

static bool
prepare_data(const struct config *c)
{
	char why[IDENTITY_WHY_BYTES] = "";

	if (identity_prepare_data(c, why) == RC_OK)
		return true;
	log_failure("start-failed", c->data, why);
	return false;
}

static bool
become_user(const struct config *c)
{
	char why[IDENTITY_WHY_BYTES] = "";
	char name[64];
	struct log_line line;

	if (identity_become(c, why) != RC_OK) {
		log_failure("start-failed", "user", why);
		return false;
	}
	identity_name(name, sizeof(name));
	log_begin(&line, LOG_INFO, "running-as");
	log_text(&line, "user", name);
	log_end(&line);
	return true;
}

static bool
needs_tls(const struct config *c)
{
	for (size_t i = 0; i < c->listener_count; i++)
		if (c->listeners[i].tls != CONFIG_TLS_NONE)
			return true;
	return false;
}

/* Before there is anything that the process forked here should not have. */
static bool
open_pam(struct server *s)
{
	const struct pam_users_options options = {
		.service = s->config->pam_service,
		.directory = s->config->pam_directory,
	};

	return *options.service == '\0' ||
	       pam_users_open(&options, &s->pam) == RC_OK;
}

/* What needs root, then never root again.  Failures are logged where they are
 * known. */
static bool
start_as_root(struct server *s)
{
	enum rc rc = RC_OK;

	if (!open_pam(s) || !prepare_data(s->config) || !bind_all(s))
		return false;
	if (needs_tls(s->config))
		rc = certificate_load_given(s->config, &s->tls);
	if ((rc != RC_OK && rc != RC_NOTFOUND) || !become_user(s->config))
		return false;
	if (rc == RC_NOTFOUND)
		rc = certificate_load_own(s->config, &s->tls);
	return rc == RC_OK;
}

static bool
open_store(struct server *s)
{
	const char *why = "";
	enum rc rc = open_mail(s->config, false, &s->mail, &why);

	if (rc == RC_OK)
		return true;
	log_failure("start-failed", s->config->data,
	    rc == RC_INUSE ? "another process has this data open" : why);
	return false;
}

static bool
start_workers(struct server *s)
{
	s->poll = poll_new((unsigned)s->config->workers);
	if (poll_start(s->poll) == RC_OK)
		return true;
	log_failure("start-failed", "workers", "no thread can be made");
	return false;
}

static enum rc
reload(void *offers, char *why, size_t size)
{
	return offers_reload(offers, why, size);
}

static bool
open_control(struct server *s)
{
	s->operations = (struct operation_server){
		.arg = s->offers,
		.sessions = offers_each_session,
		.kick = offers_kick,
		.reload = reload,
	};
	return control_open(s->config->control,
		   &(struct control_parts){
		       s->mail, &s->operations, s->traces },
		   s->poll, &s->control) == RC_OK;
}

static bool
start_offers(struct server *s)
{
	const struct offer_parts parts = { s->config, s->listeners, s->mail,
		s->pam, s->poll, s->peers, s->accounts,
		traces_watch(s->traces) };

	if (offers_new(&parts, s->tls, &s->offers) != RC_OK) {
		log_failure("start-failed", "users",
		    "a library does not work here, or see above");
		return false;
	}
	s->tls = NULL;
	return offers_begin(s->offers) == RC_OK;
}

static bool
start(struct server *s)
{
	s->listeners = listeners_new();
	s->peers = shares_new(offers_peers_limits(s->config));
	s->accounts = shares_new(offers_accounts_limits(s->config));
	if (!start_as_root(s))
		return false;
	sandbox_enter(s->config);
	s->traces = traces_new();
	/* The control socket last: a reload needs listeners that accept. */
	return open_store(s) && start_workers(s) && start_offers(s) &&
	       open_control(s);
}

/* -- stopping ----------------------------------------------------------- */

static bool
says_to_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT;
}

/* Sessions end by themselves, unless it takes too long or somebody asks a
 * second time. */
static void
wait_for_sessions(struct server *s, const sigset_t *signals)
{
	const struct timespec pause = { .tv_nsec = STOP_LOOK_MS * 1000000L };
	uint64_t deadline = clock_ms() + SHUTDOWN_MS_MAX;

	while (poll_tasks(s->poll) > 0 && clock_ms() < deadline)
		if (says_to_end(sigtimedwait(signals, NULL, &pause)))
			break;
	if (poll_tasks(s->poll) > 0)
		log_event(LOG_WARN, "stop-forced", "connections=%u",
		    poll_tasks(s->poll));
}

/* Whatever was started, in whichever part start() ended. */
static void
stop(struct server *s, const sigset_t *signals)
{
	if (s->offers != NULL)
		offers_close(s->offers);
	listeners_close(s->listeners);
	control_close(s->control);
	if (s->offers != NULL) {
		traces_stop(s->traces);
		offers_stop(s->offers);
		wait_for_sessions(s, signals);
	}
	if (s->poll != NULL)
		poll_stop(s->poll);
	offers_free(s->offers);
	control_free(s->control);
	traces_free(s->traces);
	poll_free(s->poll);
	shares_free(s->peers);
	shares_free(s->accounts);
	pam_users_close(s->pam);
	listeners_free(s->listeners);
	if (s->mail != NULL)
		mail_close(s->mail);
	tls_context_free(s->tls);
}

/* -- the life ----------------------------------------------------------- */

/* Let the allocator keep little of what strangers made us take.  By itself it
 * has eight heaps for each processor, each with its own remains, and keeps more
 * the larger the pieces were that it has seen.  Another allocator than glibc's
 * takes no advice. */
static void
advise_allocator(void)
{
#ifdef M_ARENA_MAX
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	(void)mallopt(M_ARENA_MAX,
	    processors > HEAPS_LEAST ? (int)processors : HEAPS_LEAST);
	(void)mallopt(M_TRIM_THRESHOLD, FREE_BYTES_KEPT);
	(void)mallopt(M_MMAP_THRESHOLD, FREE_BYTES_KEPT);
#endif
}

/* Signals that this thread waits for, and others leave to it. */
static void
block_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGHUP);
	/* Fails for invalid arguments only. */
	(void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

/* Until a signal says to end. */
static void
wait_for_signal(struct server *s, const sigset_t *signals)
{
	uint64_t alive_s = manager_alive_seconds();
	const struct timespec pause = {
		.tv_sec =
		    alive_s > 0 && alive_s < TIDY_S ? (time_t)alive_s : TIDY_S
	};
	uint64_t tidy_ms = clock_ms() + TIDY_S * 1000;
	char why[OPERATION_WHY_BYTES];
	int number;

	while (!says_to_end(number = sigtimedwait(signals, NULL, &pause))) {
		if (alive_s > 0)
			manager_alive();
		if (number == SIGHUP)
			(void)!offers_reload(s->offers, why, sizeof(why));
		if (clock_ms() < tidy_ms)
			continue;
		tidy_ms = clock_ms() + TIDY_S * 1000;
		offers_tidy(s->offers);
	}
	log_event(LOG_INFO, "stopping", "signal=%d", number);
}

int
server_run(const struct config *c)
{
	struct server s = { .config = c };
	sigset_t signals;
	bool started;

	advise_allocator();
	log_setup(STDERR_FILENO, (enum log_level)c->log_level);
	log_event(LOG_INFO, "starting", "version=%s", AVOCET_VERSION);
	block_signals(&signals);
	manager_begin();
	sandbox_prepare_process();
	started = start(&s);
	if (started) {
		log_event(
		    LOG_INFO, "ready", "listeners=%zu", c->listener_count);
		manager_ready();
		wait_for_signal(&s, &signals);
	}
	manager_stopping();
	stop(&s, &signals);
	log_event(LOG_INFO, "stopped", "clean=%s", started ? "yes" : "no");
	return started ? ADMIN_OK : ADMIN_UNREACHABLE;
}
