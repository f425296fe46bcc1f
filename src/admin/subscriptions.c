/* SPDX-License-Identifier: MIT
 *
 * A list of names, and which of them were met.
 */
#include "admin/subscriptions.h"

#include <string.h>

#include "base/limits.h"
#include "foreign/dovecot.h"
#include "foreign/lines.h"

static void
read_lines(struct subscriptions *s, struct bring *b, struct lines *l,
    const char *path, char separator)
{
	struct dovecot_subscriptions state = { .separator = separator };
	struct str line;
	struct buf name;
	enum rc rc;

	buf_init(&name, 8 * MAILBOX_NAME_BYTES_MAX);
	while ((rc = lines_next(l, &line)) == RC_OK) {
		buf_clear(&name);
		if (dovecot_subscription_parse(&state, line, &name)) {
			buf_add_byte(&name, '\0');
			vec_push(
			    &s->names.all, (struct source_entry){
					       .name = mem_strdup(name.p) });
		}
	}
	buf_fini(&name);
	if (rc != RC_EOF || l->too_long > 0)
		bring_problem(b, "%s cannot be read to its end", path);
}

void
subscriptions_read(struct subscriptions *s, struct bring *b, int folder,
    const char *path, char separator)
{
	struct lines l;
	int fd;
	enum rc rc = source_open_file(folder, path, &fd, NULL, NULL);

	*s = (struct subscriptions){ .is_there = rc == RC_OK };
	if (rc == RC_OK) {
		lines_init(&l, fd);
		read_lines(s, b, &l, path, separator);
		lines_fini(&l);
	} else if (rc != RC_NOTFOUND) {
		bring_problem(b, "%s: left out: %s", path, source_why(rc));
	}
}

void
subscriptions_fini(struct subscriptions *s)
{
	source_entries_fini(&s->names);
}

enum bring_subscribe
subscriptions_of(struct subscriptions *s, const char *mailbox)
{
	enum bring_subscribe found = BRING_UNSUBSCRIBE;

	if (!s->is_there)
		return BRING_SUBSCRIBE;
	for (size_t i = 0; i < s->names.all.n; i++) {
		struct source_entry *e = &s->names.all.v[i];

		if (strcmp(e->name, mailbox) != 0)
			continue;
		found = BRING_SUBSCRIBE;
		e->kind = SOURCE_OTHER; /* met */
	}
	return found;
}

void
subscriptions_bring_rest(struct subscriptions *s, struct bring *b)
{
	for (size_t i = 0; i < s->names.all.n && !bring_failed(b); i++)
		if (s->names.all.v[i].kind == SOURCE_FILE)
			bring_subscribe(b, str_of(s->names.all.v[i].name));
}
