/* SPDX-License-Identifier: MIT
 *
 * avocet doctor: does the server do for its clients what the configuration says?
 *
 * It is asked as a client asks, over the network: each listener where it is
 * bound, and under the server's name, as clients see it.  Each finding says what
 * to do.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "admin/channel.h"
#include "admin/cmd/cmd.h"
#include "admin/doctor.h"
#include "base/clock.h"
#include "tls/inspect.h"

#define ANSWER_S      5
#define REPLY_BYTES   8192
#define RENEW_S	      (14 * 24 * 3600) /* before a certificate expires */
#define ADDRESS_BYTES 320

/* One listener at one address. */
struct visit {
	struct doctor *doctor;
	const struct config_listener *listener;
	const char *host; /* "": a local socket, at port */
	bool named;	  /* host is an address of the server's name */
	char port[64];
	char where[2 * ADDRESS_BYTES]; /* for people: "imap 127.0.0.1:143" */
	int fd;
	char reply[REPLY_BYTES];
};

/* -- findings ---------------------------------------------------------- */

__attribute__((format(printf, 3, 0))) static void
say(const char *kind, const char *where, const char *format, va_list args)
{
	(void)printf("%-6s %s: ", kind, where);
	(void)vprintf(format, args);
	(void)printf("\n");
}

void
doctor_fault(struct doctor *d, const char *where, const char *format, ...)
{
	va_list args;

	d->faults++;
	va_start(args, format);
	say("FAULT", where, format, args);
	va_end(args);
}

void
doctor_advise(const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("advice", where, format, args);
	va_end(args);
}

void
doctor_fine(const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("ok", where, format, args);
	va_end(args);
}

/* -- talking ----------------------------------------------------------- */

static int
connect_unix(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&name, sizeof(name)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
connect_host(const char *host, const char *port)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	int fd = -1, error = EHOSTUNREACH;

	if (getaddrinfo(host, port, &hints, &found) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		/* The limit of sending holds for connect(), too. */
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			continue;
		error = errno;
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	errno = error;
	return fd;
}

static bool
open_visit(struct visit *v)
{
	v->fd = *v->host == '\0' ? connect_unix(v->port)
				 : connect_host(v->host, v->port);
	if (v->fd >= 0)
		return true;
	if (v->named && (errno == ENETUNREACH || errno == EAFNOSUPPORT)) {
		doctor_advise(v->where,
		    "cannot be tried from here (%s): try it from elsewhere",
		    strerrordesc_np(errno));
		return false;
	}
	doctor_fault(v->doctor, v->where,
	    "cannot connect (%s): does the server run, does it listen there, "
	    "does a firewall let it through?",
	    errno == EINPROGRESS ? "no answer" : strerrordesc_np(errno));
	return false;
}

static void
close_visit(struct visit *v)
{
	(void)close(v->fd);
	v->fd = -1;
}

/* Does ${reply} end with a whole line that ends the reply? */
static bool
is_whole(struct visit *v, const char *tag)
{
	size_t n = strlen(v->reply);
	const char *line;

	if (n < 2 || strcmp(v->reply + n - 2, "\r\n") != 0)
		return false;
	v->reply[n - 2] = '\0';
	line = strrchr(v->reply, '\n');
	line = line != NULL ? line + 1 : v->reply;
	v->reply[n - 2] = '\r';
	return strncmp(line, tag, strlen(tag)) == 0;
}

/* Read into v->reply until a line begins with ${tag}; false when the server
 * does not send one in time. */
static bool
read_reply(struct visit *v, const char *tag)
{
	size_t n = 0;

	v->reply[0] = '\0';
	while (n < sizeof(v->reply) - 1) {
		ssize_t got =
		    recv(v->fd, v->reply + n, sizeof(v->reply) - 1 - n, 0);

		if (got <= 0)
			return false;
		n += (size_t)got;
		v->reply[n] = '\0';
		if (is_whole(v, tag))
			return true;
	}
	return false;
}

static bool
ask(struct visit *v, const char *command, const char *tag)
{
	size_t n = strlen(command);

	return send(v->fd, command, n, MSG_NOSIGNAL) == (ssize_t)n &&
	       read_reply(v, tag);
}

/* -- protocols --------------------------------------------------------- */

static const struct dialect {
	const char *greeting; /* how it begins */
	const char *ask;      /* what it can do */
	const char *asked;    /* how the last line of that begins */
	const char *starttls;
	const char *started;
	const char *word;  /* of starttls, among what it can do */
	const char *clear; /* that must be there when passwords must not go in
			      clear; NULL: */
	const char *login; /* or must not be there */
} dialects[] = {
	[CONFIG_IMAP] = { "* OK", "a CAPABILITY\r\n", "a OK", "b STARTTLS\r\n",
	    "b OK", "STARTTLS", "LOGINDISABLED", NULL },
	[CONFIG_POP3] = { "+OK", "CAPA\r\n", ".", "STLS\r\n", "+OK", "STLS",
	    NULL, "USER" },
	[CONFIG_LMTP] = { "220", "LHLO doctor\r\n", "250 ", "STARTTLS\r\n",
	    "220", "STARTTLS", NULL, NULL },
};

/* Is ${word} a word of the reply? */
static bool
offers(const struct visit *v, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(v->reply, word); at != NULL;
	     at = strstr(at + 1, word))
		if (at > v->reply && strchr(" \r\n-", at[-1]) != NULL &&
		    strchr(" \r\n", at[n]) != NULL)
			return true;
	return false;
}

/* -- certificates ------------------------------------------------------ */

static void
check_expiry(struct visit *v, const struct tls_inspection *i)
{
	int64_t left = i->not_after - clock_wall();
	time_t at = (time_t)i->not_after;
	struct tm tm;
	char day[16] = "";

	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	if (left <= 0)
		doctor_fault(v->doctor, v->where,
		    "the certificate expired on %s: renew it, then `avocet "
		    "reload`",
		    day);
	else if (left < RENEW_S)
		doctor_fault(v->doctor, v->where,
		    "the certificate expires on %s, in %" PRId64
		    " days: renew it, then `avocet reload`",
		    day, left / (24 * 3600));
	else
		doctor_fine(v->where, "the certificate is good until %s", day);
}

static void
check_trust(struct visit *v, const struct tls_inspection *i)
{
	struct doctor *d = v->doctor;

	switch (i->trust) {
	case TLS_TRUST_FULL:
		doctor_fine(v->where, "the certificate is trusted");
		break;
	case TLS_TRUST_SELF_SIGNED:
		doctor_fault(d, v->where,
		    "the certificate is signed by itself or by an unknown "
		    "root, and clients will warn: get one from an authority "
		    "and set tls.certificate and tls.key");
		break;
	case TLS_TRUST_INCOMPLETE:
		doctor_fault(d, v->where,
		    "a certificate between this one and a root is missing, or "
		    "clients do not know the root: put the whole chain "
		    "(\"fullchain.pem\") of a known authority into "
		    "tls.certificate");
		break;
	case TLS_TRUST_EXPIRED:
		break; /* check_expiry() says it of the server's own */
	case TLS_TRUST_OTHER:
		doctor_fault(d, v->where,
		    "the certificate is not trusted (%s): get another one",
		    i->why);
		break;
	}
}

static void
check_tls(struct visit *v)
{
	const char *name = v->doctor->config->hostname;
	struct tls_inspection i;

	tls_inspect(v->fd, name, false, &i);
	if (!i.shaken) {
		doctor_fault(v->doctor, v->where,
		    "TLS cannot be set up (%s): see the server's log for "
		    "tls-failed and certificate-failed",
		    i.why);
		return;
	}
	doctor_fine(v->where, "speaks %s", i.version);
	check_expiry(v, &i);
	check_trust(v, &i);
	if (!i.name_fits)
		doctor_fault(v->doctor, v->where,
		    "the certificate is not for %s: get one with that name, or "
		    "set hostname to a name that it has",
		    name);
}

/* Go to where TLS begins: at once, or behind STARTTLS. */
static bool
begin_tls(struct visit *v)
{
	const struct dialect *p = &dialects[v->listener->protocol];

	if (v->listener->tls == CONFIG_TLS_IMPLICIT)
		return true;
	return read_reply(v, p->greeting) && ask(v, p->ask, p->asked) &&
	       ask(v, p->starttls, p->started);
}

static void
check_old_tls(struct visit *v)
{
	struct tls_inspection i;

	if (!open_visit(v))
		return;
	if (begin_tls(v)) {
		tls_inspect(v->fd, v->doctor->config->hostname, true, &i);
		if (i.shaken)
			doctor_fault(v->doctor, v->where,
			    "takes %s, which can be broken: something other "
			    "than Avocet ends TLS here; have it take TLS 1.2 "
			    "and 1.3 only",
			    i.version);
		else
			doctor_fine(
			    v->where, "takes nothing older than TLS 1.2");
	}
	close_visit(v);
}

/* -- one listener ------------------------------------------------------ */

static bool
check_offer(struct visit *v)
{
	const struct dialect *p = &dialects[v->listener->protocol];
	struct doctor *d = v->doctor;
	bool clear = d->config->plaintext_login != CONFIG_PLAINTEXT_NEVER;

	if (!read_reply(v, p->greeting)) {
		doctor_fault(d, v->where,
		    "does not greet with \"%s\": does something else listen "
		    "there?",
		    p->greeting);
		return false;
	}
	if (!ask(v, p->ask, p->asked)) {
		doctor_fault(d, v->where,
		    "does not say what it can do: does something stand "
		    "between us and the server?");
		return false;
	}
	doctor_fine(v->where, "answers");
	if (v->listener->tls != CONFIG_TLS_STARTTLS)
		return true;
	if (!offers(v, p->word)) {
		doctor_fault(d, v->where,
		    "does not offer %s: is there a proxy that takes it away, "
		    "or another server?",
		    p->word);
		return false;
	}
	if (!clear && ((p->clear != NULL && !offers(v, p->clear)) ||
			  (p->login != NULL && offers(v, p->login))))
		doctor_fault(d, v->where,
		    "takes passwords in clear, against the configuration: "
		    "`avocet reload`, or another server listens there");
	return true;
}

static void
check_visit(struct visit *v)
{
	const struct dialect *p = &dialects[v->listener->protocol];
	unsigned tls = v->listener->tls;
	bool good;

	if (!open_visit(v))
		return;
	good = tls == CONFIG_TLS_IMPLICIT || check_offer(v);
	if (good && tls == CONFIG_TLS_STARTTLS &&
	    !ask(v, p->starttls, p->started)) {
		doctor_fault(v->doctor, v->where,
		    "refuses %s though it offers it: see the server's log",
		    p->word);
		good = false;
	}
	if (good && tls != CONFIG_TLS_NONE)
		check_tls(v);
	close_visit(v);
	if (good && tls != CONFIG_TLS_NONE)
		check_old_tls(v);
}

static void
visit(struct doctor *d, const struct config_listener *l, const char *host,
    const char *port)
{
	struct visit v = { .doctor = d, .listener = l, .host = host, .fd = -1 };

	(void)snprintf(v.port, sizeof(v.port), "%s", port);
	if (*host == '\0')
		(void)snprintf(
		    v.where, sizeof(v.where), "%s %s", l->name, port);
	else
		(void)snprintf(
		    v.where, sizeof(v.where), "%s %s:%s", l->name, host, port);
	check_visit(&v);
}

/* The same as clients come to it: under the server's name, at each address that
 * this has. */
static void
visit_by_name(
    struct doctor *d, const struct config_listener *l, const char *port)
{
	for (size_t i = 0; i < d->addresses.n; i++) {
		struct visit v = { .doctor = d,
			.listener = l,
			.host = d->addresses.v[i],
			.named = true,
			.fd = -1 };

		(void)snprintf(v.port, sizeof(v.port), "%s", port);
		(void)snprintf(v.where, sizeof(v.where), "%s %s:%s (%s)",
		    l->name, d->config->hostname, port, v.host);
		check_visit(&v);
	}
}

static bool
is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	       strcmp(host, "localhost") == 0;
}

/* A listener where it is bound, and under the server's name if others reach
 * it. */
static void
check_listener(struct doctor *d, const struct config_listener *l)
{
	const char *colon = strrchr(l->address, ':');
	char host[ADDRESS_BYTES];
	size_t n;

	if (strncmp(l->address, "unix:", 5) == 0) {
		visit(d, l, "", l->address + 5);
		return;
	}
	if (colon == NULL)
		return; /* the configuration's check has seen to it */
	n = (size_t)(colon - l->address);
	if (l->address[0] == '[' && n > 2)
		(void)snprintf(
		    host, sizeof(host), "%.*s", (int)(n - 2), l->address + 1);
	else
		(void)snprintf(host, sizeof(host), "%.*s", (int)n, l->address);
	if (strcmp(host, "*") == 0)
		(void)snprintf(host, sizeof(host), "127.0.0.1");
	visit(d, l, host, colon + 1);
	if (l->address[0] == '*' || !is_loopback(host))
		visit_by_name(d, l, colon + 1);
	if (l->protocol != CONFIG_LMTP && l->tls == CONFIG_TLS_NONE &&
	    !is_loopback(host))
		doctor_fault(d, l->name,
		    "has no TLS, and is not only for this machine: nobody can "
		    "log in there; set tls to starttls or implicit");
}

/* -- all --------------------------------------------------------------- */

static void
check_control(struct doctor *d)
{
	struct channel ch;

	switch (channel_open(d->config->control, &ch)) {
	case RC_OK:
		channel_close(&ch);
		doctor_fine(
		    "control", "a server answers at %s", d->config->control);
		break;
	case RC_REFUSED:
		doctor_fault(d, "control",
		    "no permission for %s: run this as root or as the user of "
		    "the server",
		    d->config->control);
		break;
	default:
		doctor_fault(d, "control",
		    "no server answers at %s: start it, or name its "
		    "configuration with -c",
		    d->config->control);
	}
}

static void
check_hostname(struct doctor *d)
{
	const char *name = d->config->hostname;

	switch (dns_host(&d->dns, name, &d->addresses)) {
	case RC_OK:
		doctor_fine("hostname", "%s has an address", name);
		break;
	case RC_NOTFOUND:
		doctor_fault(d, "hostname",
		    "%s has no address: make an A or AAAA record for it, or "
		    "set hostname to the name that clients use",
		    name);
		break;
	default:
		doctor_fault(d, "hostname",
		    "the address of %s cannot be looked up: do the name "
		    "servers of its domain answer, and those that this "
		    "machine asks?",
		    name);
	}
}

int
cmd_doctor(struct admin *a)
{
	struct doctor d = { .config = a->config };

	if (dns_open(a->args.resolver, &d.dns) != RC_OK) {
		(void)fprintf(stderr, "avocet: --resolver is an IPv4 address, "
				      "and a port if need be\n");
		return ADMIN_USAGE;
	}
	check_control(&d);
	check_hostname(&d);
	for (size_t i = 0; i < a->config->listener_count; i++)
		check_listener(&d, &a->config->listeners[i]);
	doctor_services(&d);
	dns_close(&d.dns);
	if (d.faults == 0)
		(void)printf("nothing is wrong\n");
	else
		(void)printf("faults: %u\n", d.faults);
	return d.faults == 0 ? ADMIN_OK : ADMIN_REFUSED;
}
