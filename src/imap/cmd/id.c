/* SPDX-License-Identifier: MIT
 *
 * ID (RFC 2971): never refused, and of no influence on anything but the log.
 */
#include "base/mem.h"
#include "imap/cmd/cmd.h"
#include "imap/session.h"
#include "proto/imap/command.h"

bool
parse_cmd_id(struct parser *p, struct arena *a, void **ret_args)
{
	struct id_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_id(p, args);
}

static struct str
value_of(const struct id_args *args, struct str name)
{
	for (size_t i = 0; i < args->field_count; i++)
		if (str_eq_nocase(args->fields[i].name, name))
			return args->fields[i].value;
	return STR("");
}

/* Keep "name version" for `who` and the log line at the end. */
static void
remember(struct imap_session *s, const struct id_args *args)
{
	char *before = s->client;
	char *client = presence_client_text(
	    value_of(args, STR("name")), value_of(args, STR("version")));

	if (client == NULL)
		return;
	s->client = client;
	presence_set_client(s->turn.group, &s->turn.presence, s->client);
	mem_free(before);
}

struct answer
cmd_id(struct imap_session *s, void *args)
{
	remember(s, args);
	buf_add_text(respond_begin(s), "* ID (\"name\" \"Avocet\")");
	respond_line(s);
	return answer_ok("Nice to meet you");
}
