/* SPDX-License-Identifier: MIT
 *
 * The configuration as text: problems, values with their origin, and the page
 * of documentation, all from the table of settings.
 */
#include "config/config.h"

#include "config/setting.h"

void
config_write_problems(const struct config *c, struct buf *to)
{
	for (size_t i = 0; i < c->problem_count; i++) {
		const struct config_problem *p = &c->problems[i];

		buf_add_text(to, p->file);
		if (p->line > 0)
			buf_add_format(to, ":%u", p->line);
		buf_add_format(to, ": %s: %s\n", p->key, p->text);
	}
}

/* ${text} as it stands in a file. */
static void
add_literal(struct buf *to, enum setting_type type, const char *text)
{
	struct str s = str_of(text);

	if (type == SETTING_NUMBER || type == SETTING_BOOL) {
		buf_add_str(to, s);
	} else if (type == SETTING_NAMES) {
		buf_add_text(to, s.n > 0 ? "[ \"" : "[ ");
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] == ' ')
				buf_add_text(to, "\", \"");
			else
				buf_add_byte(to, s.p[i]);
		buf_add_text(to, s.n > 0 ? "\" ]" : "]");
	} else {
		buf_add_byte(to, '"');
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_add_byte(to, '\\');
			buf_add_byte(to, s.p[i]);
		}
		buf_add_byte(to, '"');
	}
}

static void
add_value(struct buf *to, const struct setting *row, const char *group,
    const struct config_value *v)
{
	buf_add_format(to, "%s%s = ", group, row->name);
	add_literal(to, row->type, v->text != NULL ? v->text : "");
	if (v->file == NULL)
		buf_add_text(to, "  # default\n");
	else
		buf_add_format(to, "  # %s:%u\n", v->file, v->line);
}

void
config_write_values(const struct config *c, struct buf *to)
{
	for (size_t i = 0; i < setting_server_count; i++)
		add_value(to, &setting_server[i], "", &c->values[i]);
	for (size_t l = 0; l < c->listener_count; l++) {
		const struct config_listener *listener = &c->listeners[l];
		struct buf group;

		buf_init(&group, CONFIG_SETTINGS_MAX * 64);
		buf_add_format(&group, "listener.%s.", listener->name);
		buf_add_byte(&group, '\0');
		for (size_t i = 0; i < setting_listener_count; i++)
			add_value(to, &setting_listener[i],
			    group.p != NULL ? group.p : "",
			    &listener->values[i]);
		buf_fini(&group);
	}
}

/* Which of the server's settings a reload leaves alone. */
static void
add_fixed(struct buf *to)
{
	bool any = false;

	for (size_t i = 0; i < setting_server_count; i++) {
		if (!setting_is_fixed(&setting_server[i]))
			continue;
		buf_add_format(
		    to, "%s`%s`", any ? ", " : "", setting_server[i].name);
		any = true;
	}
}

static void
add_rows(struct buf *to, const struct setting *rows, size_t count)
{
	buf_add_text(to, "| Setting | Is | Default | Meaning |\n"
			 "| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < count; i++) {
		buf_add_format(to, "| `%s` | %s | `", rows[i].name,
		    setting_type_name(rows[i].type));
		add_literal(to, rows[i].type, rows[i].fallback);
		buf_add_format(to, "` | %s", rows[i].help);
		if (rows[i].choices != NULL)
			buf_add_format(to, " (%s)", rows[i].choices);
		if (rows[i].most > 0)
			buf_add_format(to, " From %llu to %llu.",
			    (unsigned long long)rows[i].least,
			    (unsigned long long)rows[i].most);
		buf_add_text(to, " |\n");
	}
}

static void
add_default_listeners(struct buf *to)
{
	buf_add_text(to, "listener = {\n");
	for (size_t i = 0; i < setting_listeners_count; i++) {
		buf_add_format(to, "  %s = {", setting_listeners[i].name);
		for (size_t k = 0; k < setting_listener_count; k++)
			if (setting_listeners[i].texts[k] != NULL)
				buf_add_format(to, " %s = \"%s\";",
				    setting_listener[k].name,
				    setting_listeners[i].texts[k]);
		buf_add_text(to, " };\n");
	}
	buf_add_text(to, "};\n");
}

void
config_write_page(struct buf *to)
{
	buf_add_text(to,
	    "# Configuration\n\n"
	    "<!-- Made by `avocet config page` from src/config/setting.c; "
	    "`make check` compares. -->\n\n"
	    "Avocet reads `" CONFIG_FILE_DEFAULT
	    "`, or the file that `-c` names. Everything has a\n"
	    "default: an empty file serves, and so does none. "
	    "`avocet config show` prints every setting, its value and where\n"
	    "it comes from; `avocet config check` reports every mistake in the "
	    "file at once, with file, line and key, and\n"
	    "the server refuses to start with any.\n\n"
	    "The syntax is libconfig's: `name = value`, text in quotes, groups "
	    "in braces, lists of names in brackets,\n"
	    "`#` before a comment, `@include \"other.conf\"` (relative to the "
	    "folder of the main file). A dot in a name\n"
	    "below means a group: `tls.key` is `tls = { key = \"...\" }`.\n\n"
	    "Durations are a number with s, m, h, d or w; sizes a number of "
	    "bytes, or in quotes with K, M or G.\n\n"
	    "`avocet reload`, or SIGHUP, makes the running server read the "
	    "file again; a configuration with a mistake is\n"
	    "refused as a whole. Sessions stay, and go on as they began; who "
	    "connects gets what is new. Listeners that are no\n"
	    "longer named are closed, new ones opened (on ports that the "
	    "server's user may bind: from 1024 on, mostly). Files have "
	    "to be in folders that the server could read when it\n"
	    "started: its sandbox leaves it those that were named then.\n"
	    "A restart is needed for ");
	add_fixed(to);
	buf_add_text(to, ".\n\n"
			 "## The server\n\n");
	add_rows(to, setting_server, setting_server_count);
	buf_add_text(to,
	    "\n## Listeners\n\n"
	    "A group `listener` holds one group for each listener, under any "
	    "name. It replaces the default ones:\n\n```\n");
	add_default_listeners(to);
	buf_add_text(to, "```\n\nEach has these settings:\n\n");
	add_rows(to, setting_listener, setting_listener_count);
}
