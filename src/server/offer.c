/* SPDX-License-Identifier: MIT
 *
 * Offers, the present one first.
 */
#include "server/offer.h"

#include <stdio.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/setting.h"
#include "server/certificate.h"
#include "tls/tls.h"

struct offer {
	const struct config *config;
	struct config *own_config; /* NULL: the first, which is not ours */
	struct services *services;
	struct offer *next; /* older */
};

struct offers {
	struct offer_parts parts;
	struct lock lock; /* of the next four */
	struct offer *first;
	bool busy; /* somebody changes the offer, or frees some */
	bool closed;
	pthread_cond_t rested; /* nobody is busy any more */
	uint64_t certificate;  /* its version when it was loaded last */
};

/* -- the list ------------------------------------------------------------ */

static struct offer *
offer_new(const struct offers *o, const struct config *c)
{
	const struct offer_parts *p = &o->parts;
	struct offer *offer = mem_alloc(sizeof(*offer));

	offer->config = c;
	offer->services = services_new(c, &p->services);
	return offer;
}

static void
offer_free(struct offer *offer)
{
	services_free(offer->services);
	config_free(offer->own_config);
	mem_free(offer);
}

struct offers *
offers_new(const struct offer_parts *parts)
{
	struct offers *o = mem_alloc(sizeof(*o));

	o->parts = *parts;
	lock_init(&o->lock);
	lock_cond_init(&o->rested);
	o->certificate = certificate_version(parts->config);
	o->first = offer_new(o, parts->config);
	return o;
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

struct services *
offers_now(struct offers *o)
{
	return now(o)->services;
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

/* -- what a reload can change --------------------------------------------- */

static const char *const live[] = { "hostname", "plaintext_login", "pop3_utf8",
	"tls.certificate", "tls.key", "tls.client_ca", "tls.client_name",
	"log_level", "capabilities_off", "lenient", "folder_synonyms",
	"progress", "pop3_hide_nul", "lmtp_lenient" };

static bool
is_live(const char *name)
{
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		if (strcmp(name, live[i]) == 0)
			return true;
	return false;
}

static bool
same_listener(const struct config_listener *a, const struct config_listener *b)
{
	bool same = strcmp(a->name, b->name) == 0;

	for (size_t i = 0; i < setting_listener_count && same; i++)
		same = strcmp(a->values[i].text, b->values[i].text) == 0;
	return same;
}

static bool
same_listeners(const struct config *a, const struct config *b)
{
	bool same = a->listener_count == b->listener_count;

	for (size_t i = 0; i < a->listener_count && same; i++)
		same = same_listener(&a->listeners[i], &b->listeners[i]);
	return same;
}

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
		if (!is_live(setting_server[i].name) &&
		    strcmp(first->values[i].text, c->values[i].text) != 0)
			add_word(names, sizeof(names), setting_server[i].name);
	if (!same_listeners(first, c))
		add_word(names, sizeof(names), "listeners");
	*why = '\0';
	if (*names != '\0')
		(void)snprintf(why, size, "needs a restart: %s", names);
}

/* -- reloading ------------------------------------------------------------ */

static enum rc
refuse(struct config *c, char *why, size_t size)
{
	const struct config_problem *p = &c->problems[0];

	(void)snprintf(
	    why, size, "%s:%u: %s: %s", p->file, p->line, p->key, p->text);
	config_free(c);
	return RC_INVALID;
}

/* The configuration as it is now, with the listeners of the start. */
static enum rc
read_config(
    struct offers *o, struct config **ret_config, char *why, size_t size)
{
	struct config *c = config_load(o->parts.config->file);

	services_check_config(c);
	if (c->problem_count > 0)
		return refuse(c, why, size);
	name_others(o->parts.config, c, why, size);
	c->listeners = o->parts.config->listeners;
	c->listener_count = o->parts.config->listener_count;
	*ret_config = c;
	return RC_OK;
}

static enum rc
replace_certificate(struct offers *o, const struct config *c)
{
	struct tls_context *fresh;
	enum rc rc;

	o->certificate = certificate_version(c);
	if (o->parts.services.tls == NULL)
		return RC_OK;
	rc = certificate_load_again(c, &fresh);
	if (rc == RC_OK)
		tls_context_replace(o->parts.services.tls, fresh);
	return rc;
}

static void
offer_from_now_on(struct offers *o, struct config *c)
{
	struct offer *offer = offer_new(o, c);

	offer->own_config = c;
	log_set_level((enum log_level)c->log_level);
	lock_take(&o->lock);
	offer->next = o->first;
	o->first = offer;
	lock_release(&o->lock);
	for (size_t i = 0; i < c->listener_count; i++) {
		listen_accept_fn *fn;
		void *arg = services_of(offer->services, i, &fn);

		listen_change(o->parts.listens[i], fn, arg);
	}
}

static enum rc
reload(struct offers *o, char *why, size_t size)
{
	struct config *c;
	enum rc rc = read_config(o, &c, why, size);

	if (rc != RC_OK)
		return rc;
	if (replace_certificate(o, c) != RC_OK) {
		(void)snprintf(why, size,
		    "the certificate or its key cannot be loaded: see the log");
		config_free(c);
		return RC_INVALID;
	}
	offer_from_now_on(o, c);
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

	if (!begin_busy(o))
		return;
	c = now(o)->config;
	/* One that does not load is tried again when it has changed again. */
	if (certificate_version(c) != o->certificate)
		(void)!replace_certificate(o, c);
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
	(void)pthread_cond_destroy(&o->rested);
	lock_fini(&o->lock);
	mem_free(o);
}
