/* SPDX-License-Identifier: MIT
 *
 * ID (RFC 2971): never refused, and of no influence on anything but the log.
 */
#include <string.h>

#include "base/mem.h"
#include "imap/cmd/cmd.h"
#include "imap/session.h"
#include "proto/imap/command.h"

#define CLIENT_BYTES_MAX 128

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

static void
add_printable(struct buf *to, struct str value)
{
	value = str_head(value, CLIENT_BYTES_MAX);
	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(to,
		    value.p[i] >= ' ' && value.p[i] < 0x7f ? value.p[i] : '?');
}

/* Keep "name version" for `who` and the log line at the end. */
static void
remember(struct imap_session *s, const struct id_args *args)
{
	struct str name = value_of(args, STR("name"));
	struct str version = value_of(args, STR("version"));
	char *before = s->client;
	struct buf line;

	if (name.n == 0)
		return;
	buf_init(&line, 2 * CLIENT_BYTES_MAX + 2);
	add_printable(&line, name);
	if (version.n > 0)
		buf_add_byte(&line, ' ');
	add_printable(&line, version);
	buf_add_byte(&line, '\0');
	s->client = mem_copy(line.p, line.n);
	buf_fini(&line);
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
