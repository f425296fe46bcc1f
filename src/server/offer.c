/* SPDX-License-Identifier: MIT
 *
 * Offers, the present one first.
 */
#include "server/offer.h"

#include <stdio.h>
#include <string.h>

#include "admin/open.h"
#include "auth/auth.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/setting.h"
#include "server/certificate.h"
#include "server/users.h"
#include "tls/tls.h"

struct offer {
	const struct config *config;
	struct config *own_config; /* NULL: the first, which is not ours */
	struct users *users;
	struct auth *auth;
	struct service_parts parts;
	struct services *services; /* NULL until it is offered */
	struct offer *next;	   /* older */
};

struct offers {
	struct offer_parts parts;
	struct tls_context *tls; /* NULL: no listener had TLS yet; whoever is
				    busy may change that */
	struct lock lock;	 /* of the next four */
	struct offer *first;
	bool busy; /* somebody changes the offer, or frees some */
	bool closed;
	pthread_cond_t rested; /* nobody is busy any more */
	uint64_t certificate;  /* its version when it was loaded last */
};

/* -- the list ------------------------------------------------------------ */

static void
offer_free(struct offer *offer)
{
	services_free(offer->services);
	auth_free(offer->auth);
	users_close(offer->users);
	config_free(offer->own_config);
	mem_free(offer);
}

/* Ask the users of ${offer}; what is known of strangers stays known. */
static enum rc
start_auth(struct offer *offer, const struct offer *before)
{
	const struct config *c = offer->config;
	const struct auth_options options = {
		.before = before != NULL ? before->auth : NULL,
		.users = users_for_auth(offer->users),
		.remember_ms = c->password_memory_seconds * 1000,
		.mechanisms_off = c->mechanisms_off.v,
		.mechanisms_off_count = c->mechanisms_off.n,
		.tokens = { .issuer = c->oauth_issuer,
		    .audience = c->oauth_audience,
		    .claim = c->oauth_claim,
		    .keys = c->oauth_keys },
	};

	return auth_new(&options, &offer->auth);
}

/* Make an offer of ${c}, but for its services.  RC_IO: its users cannot be
 * read; that was logged. */
static enum rc
offer_new(const struct offers *o, const struct config *c,
    const struct offer *before, struct offer **ret_offer)
{
	struct offer *offer = mem_alloc(sizeof(*offer));
	enum rc rc;

	offer->config = c;
	rc = users_open(c, o->parts.mail, o->parts.pam, &offer->users);
	if (rc == RC_OK)
		rc = start_auth(offer, before);
	if (rc == RC_OK)
		*ret_offer = offer;
	else
		offer_free(offer);
	return rc;
}

static void
start_services(const struct offers *o, struct offer *offer)
{
	const struct offer_parts *p = &o->parts;

	offer->parts = (struct service_parts){ p->mail, offer->users,
		offer->auth, o->tls, p->accounts, p->watch };
	offer->services = services_new(offer->config, &offer->parts);
}

enum rc
offers_new(const struct offer_parts *parts, struct tls_context *tls,
    struct offers **ret_offers)
{
	struct offers *o = mem_alloc(sizeof(*o));

	o->parts = *parts;
	if (offer_new(o, parts->config, NULL, &o->first) != RC_OK) {
		mem_free(o);
		return RC_IO;
	}
	lock_init(&o->lock);
	lock_cond_init(&o->rested);
	o->tls = tls;
	o->certificate = certificate_version(parts->config);
	start_services(o, o->first);
	*ret_offers = o;
	return RC_OK;
}

enum rc
offers_begin(struct offers *o)
{
	const struct offer_parts *p = &o->parts;

	return listeners_serve(
	    p->listeners, p->config, o->first->services, p->poll, p->peers);
}

static struct offer *
now(struct offers *o)
{
	struct offer *first;

	lock_take(&o->lock);
	first = o->first;
	lock_release(&o->lock);
	return first;
}

/* Take an older offer without sessions out of the list; NULL: there is none.
 * It gets no new ones, since the listeners have left it. */
static struct offer *
take_unused(struct offers *o)
{
	struct offer *found = NULL;

	lock_take(&o->lock);
	for (struct offer **link = &o->first->next; *link != NULL;
	     link = &(*link)->next) {
		if (!services_are_idle((*link)->services))
			continue;
		found = *link;
		*link = found->next;
		break;
	}
	lock_release(&o->lock);
	return found;
}

static void
free_unused(struct offers *o)
{
	struct offer *unused;

	while ((unused = take_unused(o)) != NULL)
		offer_free(unused);
}

/* Be the only one; false when somebody is already, or the end is near. */
static bool
begin_busy(struct offers *o)
{
	bool begun;

	lock_take(&o->lock);
	begun = !o->busy && !o->closed;
	if (begun)
		o->busy = true;
	lock_release(&o->lock);
	return begun;
}

static void
end_busy(struct offers *o)
{
	lock_take(&o->lock);
	o->busy = false;
	(void)pthread_cond_broadcast(&o->rested);
	lock_release(&o->lock);
}

void
offers_close(struct offers *o)
{
	lock_take(&o->lock);
	o->closed = true;
	while (o->busy)
		lock_wait(&o->lock, &o->rested);
	lock_release(&o->lock);
}

/* -- reloading ------------------------------------------------------------ */

static void
add_word(char *to, size_t size, const char *word)
{
	size_t n = strlen(to);

	(void)snprintf(to + n, size - n, "%s%s", n > 0 ? ", " : "", word);
}

/* The settings that are other than at the start and stay so. */
static void
name_others(
    const struct config *first, const struct config *c, char *why, size_t size)
{
	char names[192] = "";

	for (size_t i = 0; i < setting_server_count; i++)
		if (setting_is_fixed(&setting_server[i]) &&
		    strcmp(first->values[i].text, c->values[i].text) != 0)
			add_word(names, sizeof(names), setting_server[i].name);
	*why = '\0';
	if (*names != '\0')
		(void)snprintf(why, size, "needs a restart: %s", names);
}

static enum rc
read_config(
    struct offers *o, struct config **ret_config, char *why, size_t size)
{
	struct config *c = config_load(o->parts.config->file);
	const struct config_problem *p;

	services_check_config(c);
	if (c->problem_count == 0) {
		*ret_config = c;
		return RC_OK;
	}
	p = &c->problems[0];
	(void)snprintf(
	    why, size, "%s:%u: %s: %s", p->file, p->line, p->key, p->text);
	config_free(c);
	return RC_INVALID;
}

/* A certificate, and its version when it was about to be loaded. */
struct fresh {
	struct tls_context *tls; /* NULL: nobody wants one */
	uint64_t version;
};

static enum rc
load_certificate(
    const struct offers *o, const struct config *c, struct fresh *ret_fresh)
{
	bool wanted = o->tls != NULL;

	for (size_t i = 0; i < c->listener_count; i++)
		wanted = wanted || c->listeners[i].tls != CONFIG_TLS_NONE;
	*ret_fresh = (struct fresh){ .version = certificate_version(c) };
	return wanted ? certificate_load_again(c, &ret_fresh->tls) : RC_OK;
}

static void
use_certificate(struct offers *o, const struct fresh *fresh)
{
	o->certificate = fresh->version;
	if (fresh->tls == NULL)
		return;
	if (o->tls == NULL)
		o->tls = fresh->tls;
	else
		tls_context_replace(o->tls, fresh->tls);
}

/* All that may fail.  On failure nothing has changed, and ${why} says why. */
static enum rc
prepare(struct offers *o, const struct config *c, struct offer **ret_offer,
    struct fresh *ret_fresh, char *why, size_t size)
{
	const char *problem = NULL;

	if (listeners_bind(o->parts.listeners, c, why, size) != RC_OK)
		return RC_INVALID;
	if (load_certificate(o, c, ret_fresh) != RC_OK) {
		problem =
		    "the certificate or its key cannot be loaded: see the log";
	} else if (offer_new(o, c, now(o), ret_offer) != RC_OK) {
		problem = "users or tokens cannot be read: see the log";
		tls_context_free(ret_fresh->tls);
	}
	if (problem == NULL)
		return RC_OK;
	(void)snprintf(why, size, "%s", problem);
	listeners_forget(o->parts.listeners);
	return RC_INVALID;
}

struct shares_limits
offers_peers_limits(const struct config *c)
{
	return (struct shares_limits){
		.connections = (unsigned)c->address_connections,
		.per_minute = (unsigned)c->address_rate,
	};
}

struct shares_limits
offers_accounts_limits(const struct config *c)
{
	return (struct shares_limits){
		.connections = (unsigned)c->account_connections,
		.per_minute = (unsigned)c->account_rate,
		.bytes_per_second = c->account_bandwidth,
	};
}

/* What is not an offer's own. */
static void
take_settings(struct offers *o, const struct config *c)
{
	struct mail_options options = open_mail_options(c);

	log_set_level((enum log_level)c->log_level);
	mail_set_options(o->parts.mail, &options);
	shares_set_limits(o->parts.peers, offers_peers_limits(c));
	shares_set_limits(o->parts.accounts, offers_accounts_limits(c));
}

static void
offer_from_now_on(struct offers *o, struct offer *offer)
{
	const struct offer_parts *p = &o->parts;

	take_settings(o, offer->config);
	start_services(o, offer);
	lock_take(&o->lock);
	offer->next = o->first;
	o->first = offer;
	lock_release(&o->lock);
	/* What cannot be served is logged; there is no way back. */
	(void)!listeners_serve(
	    p->listeners, offer->config, offer->services, p->poll, p->peers);
}

static enum rc
reload(struct offers *o, char *why, size_t size)
{
	struct fresh fresh;
	struct offer *offer;
	struct config *c;

	if (read_config(o, &c, why, size) != RC_OK)
		return RC_INVALID;
	if (prepare(o, c, &offer, &fresh, why, size) != RC_OK) {
		config_free(c);
		return RC_INVALID;
	}
	name_others(o->parts.config, c, why, size);
	offer->own_config = c;
	use_certificate(o, &fresh);
	offer_from_now_on(o, offer);
	return RC_OK;
}

static void
log_reload(enum rc rc, const char *why)
{
	struct log_line line;

	log_begin(&line, rc == RC_OK && *why == '\0' ? LOG_INFO : LOG_WARN,
	    rc == RC_OK ? "reloaded" : "reload-refused");
	if (*why != '\0')
		log_text(&line, "why", why);
	log_end(&line);
}

enum rc
offers_reload(struct offers *o, char *why, size_t size)
{
	enum rc rc = RC_INUSE;

	*why = '\0';
	if (!begin_busy(o)) {
		(void)snprintf(why, size, "another reload is on its way");
	} else {
		rc = reload(o, why, size);
		free_unused(o);
		end_busy(o);
	}
	log_reload(rc, why);
	return rc;
}

void
offers_tidy(struct offers *o)
{
	const struct config *c;
	struct fresh fresh;

	if (!begin_busy(o))
		return;
	c = now(o)->config;
	auth_tidy(now(o)->auth);
	if (certificate_version(c) != o->certificate) {
		/* One that does not load is tried again when it has changed
		 * again. */
		if (load_certificate(o, c, &fresh) == RC_OK)
			use_certificate(o, &fresh);
		o->certificate = fresh.version;
	}
	free_unused(o);
	end_busy(o);
}

/* -- all of them ---------------------------------------------------------- */

void
offers_each_session(void *offers, operation_session_fn *fn, void *arg)
{
	struct offers *o = offers;

	lock_take(&o->lock);
	for (struct offer *f = o->first; f != NULL; f = f->next)
		services_each_session(f->services, fn, arg);
	lock_release(&o->lock);
}

unsigned
offers_kick(void *offers, uint64_t account, uint64_t id)
{
	struct offers *o = offers;
	unsigned count = 0;

	lock_take(&o->lock);
	for (struct offer *f = o->first; f != NULL; f = f->next)
		count += services_kick(f->services, account, id);
	lock_release(&o->lock);
	return count;
}

void
offers_stop(struct offers *o)
{
	lock_take(&o->lock);
	for (struct offer *f = o->first; f != NULL; f = f->next)
		services_stop(f->services);
	lock_release(&o->lock);
}

void
offers_free(struct offers *o)
{
	struct offer *next;

	if (o == NULL)
		return;
	for (struct offer *f = o->first; f != NULL; f = next) {
		next = f->next;
		offer_free(f);
	}
	tls_context_free(o->tls);
	(void)pthread_cond_destroy(&o->rested);
	lock_fini(&o->lock);
	mem_free(o);
}
