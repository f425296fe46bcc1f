/* SPDX-License-Identifier: MIT
 *
 * Two rows of sockets: those that are served, and those of a configuration that
 * is about to be.
 */
#include "server/listeners.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"
#include "net/proxy.h"
#include "server/manager.h"

struct socket {
	struct listen *listen; /* NULL: closed, or in the other row */
	char *name;	       /* of the listener */
	char *address;	       /* as configured */
	bool adopted;	       /* bound by the service manager */
	bool served;
	bool wanted;	     /* by one of the next row */
	struct socket *from; /* that of the present row which it will be */
};

struct row {
	struct socket *v;
	size_t n;
};

struct listeners {
	struct row now;
	struct row next; /* after listeners_bind() */
	struct doors *doors;
};

/* -- rows ---------------------------------------------------------------- */

struct listeners *
listeners_new(void)
{
	struct listeners *l = mem_alloc(sizeof(*l));

	l->doors = doors_new();
	return l;
}

static void
log_socket(const char *event, const struct socket *s)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, event);
	log_text(&line, "name", s->name);
	log_text(&line, "address", listen_address(s->listen));
	log_end(&line);
}

static void
log_failure(const struct socket *s, const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_ERROR, "listen-failed");
	log_text(&line, "what", s->adopted ? s->name : s->address);
	log_text(&line, "why", why);
	log_end(&line);
}

static void
close_row(struct row *r)
{
	for (size_t i = 0; i < r->n; i++) {
		listen_close(r->v[i].listen);
		mem_free(r->v[i].name);
		mem_free(r->v[i].address);
	}
	mem_free(r->v);
	*r = (struct row){ 0 };
}

/* -- binding ------------------------------------------------------------- */

/* Port 0 is any port: such an address may stand for several sockets. */
static bool
is_any_port(const char *address)
{
	size_t n = strlen(address);

	return n >= 2 && strcmp(address + n - 2, ":0") == 0;
}

/* Is this socket the one that ${l} wants? */
static bool
is_for(const struct socket *s, const struct config_listener *l)
{
	bool same_name = strcmp(s->name, l->name) == 0;

	if (s->adopted)
		return same_name;
	return strcmp(s->address, l->address) == 0 &&
	       (same_name || !is_any_port(s->address));
}

/* The socket that is there for ${l}; NULL: none. */
static struct socket *
find_socket(struct row *r, const struct config_listener *l)
{
	for (size_t i = 0; i < r->n; i++) {
		struct socket *s = &r->v[i];

		if (s->listen != NULL && !s->wanted && is_for(s, l)) {
			s->wanted = true;
			return s;
		}
	}
	return NULL;
}

static enum rc
open_socket(struct socket *s, const char **ret_why)
{
	int fd = manager_take_socket(s->name);

	s->adopted = fd >= 0;
	return s->adopted ? listen_adopt(fd, &s->listen, ret_why)
			  : listen_open(s->address, &s->listen, ret_why);
}

/* Say why, if it is the first failure. */
static void
explain(const struct socket *s, enum rc rc, const char *reason, char *why,
    size_t size)
{
	if (*why != '\0')
		return;
	(void)snprintf(why, size, "listener %s: cannot listen on %s: %s%s",
	    s->name, s->address, reason,
	    rc == RC_REFUSED ? " (the running server may not, a restart can)"
			     : "");
}

void
listeners_forget(struct listeners *l)
{
	close_row(&l->next);
	for (size_t i = 0; i < l->now.n; i++)
		l->now.v[i].wanted = false;
}

enum rc
listeners_bind(
    struct listeners *l, const struct config *c, char *why, size_t size)
{
	enum rc first = RC_OK;

	*why = '\0';
	l->next.v = mem_array(c->listener_count, sizeof(struct socket));
	l->next.n = c->listener_count;
	for (size_t i = 0; i < c->listener_count; i++) {
		const struct config_listener *want = &c->listeners[i];
		struct socket *s = &l->next.v[i];
		const char *reason = "";
		enum rc rc = RC_OK;

		s->name = mem_strdup(want->name);
		s->address = mem_strdup(want->address);
		s->from = find_socket(&l->now, want);
		if (s->from == NULL)
			rc = open_socket(s, &reason);
		if (rc != RC_OK) {
			log_failure(s, reason);
			explain(s, rc, reason, why, size);
			first = first == RC_OK ? rc : first;
		}
	}
	if (first != RC_OK)
		listeners_forget(l);
	return first;
}

/* -- serving ------------------------------------------------------------- */

/* The networks of the listener's proxies; the configuration has been checked. */
static size_t
proxies_of(const struct config_listener *l,
    struct proxy_network ret_networks[PROXY_NETWORKS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < l->proxies.n; i++)
		if (proxy_parse_network(l->proxies.v[i], &ret_networks[count]))
			count++;
	return count;
}

/* Accept, or accept on other terms. */
static enum rc
serve(struct socket *s, struct poll *p, const struct listen_terms *terms)
{
	if (s->served) {
		listen_change(s->listen, terms);
		return RC_OK;
	}
	if (listen_start(s->listen, p, terms) != RC_OK) {
		log_failure(s, "it cannot be watched");
		listen_close(s->listen);
		s->listen = NULL;
		return RC_IO;
	}
	s->served = true;
	log_socket("listening", s);
	return RC_OK;
}

/* The next row is the present one, with the sockets that it wants of that;
 * the rest is left in *ret_gone. */
static void
change_rows(struct listeners *l, struct row *ret_gone)
{
	for (size_t i = 0; i < l->next.n; i++) {
		struct socket *to = &l->next.v[i], *from = to->from;

		if (from == NULL)
			continue;
		to->listen = from->listen;
		to->adopted = from->adopted;
		to->served = true;
		to->from = NULL;
		from->listen = NULL;
	}
	*ret_gone = l->now;
	l->now = l->next;
	l->next = (struct row){ 0 };
}

enum rc
listeners_serve(struct listeners *l, const struct config *c,
    struct services *services, struct poll *p, struct shares *peers)
{
	struct proxy_network networks[PROXY_NETWORKS_MAX];
	struct row gone;
	enum rc rc = RC_OK;

	change_rows(l, &gone);
	for (size_t i = 0; i < l->now.n; i++) {
		struct listen_terms terms = {
			.connections_max =
			    (unsigned)c->listeners[i].connections,
			.log_in = c->listeners[i].protocol != CONFIG_LMTP,
			.doors = l->doors,
			.peers = peers,
			.proxies = networks,
			.proxy_count = proxies_of(&c->listeners[i], networks),
		};

		terms.arg = services_of(services, i, &terms.fn);
		if (serve(&l->now.v[i], p, &terms) != RC_OK)
			rc = RC_IO;
	}
	for (size_t i = 0; i < gone.n; i++)
		if (gone.v[i].listen != NULL)
			log_socket("listener-closed", &gone.v[i]);
	close_row(&gone);
	return rc;
}

/* -- the end ------------------------------------------------------------- */

void
listeners_close(struct listeners *l)
{
	close_row(&l->next);
	close_row(&l->now);
}

void
listeners_free(struct listeners *l)
{
	if (l == NULL)
		return;
	listeners_close(l);
	doors_free(l->doors);
	mem_free(l);
}
