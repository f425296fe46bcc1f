/* SPDX-License-Identifier: MIT
 *
 * Reading a configuration with libconfig, which knows file and line of each
 * setting.  Defaults are taken first, then the file's settings over them, then
 * what one setting says about another is checked.
 */
#include "config/config.h"

#include <assert.h>
#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/vec.h"
#include "config/near.h"
#include "config/setting.h"

/* What is being built. */
struct reading {
	struct config *config;
	struct arena *arena;
	const char *name;   /* of the main file, for libconfig leaves it out */
	const char *folder; /* where included files are, which it leaves out */
	VEC(struct config_problem) problems;
	VEC(struct config_listener) listeners;
};

/* A place in the file. */
struct place {
	const char *file;
	unsigned line;
};

/* libconfig names included files only, and as the file that includes them
 * does. */
static struct place
place_in(const struct reading *r, const char *included, unsigned line)
{
	char path[PATH_MAX];

	if (included == NULL)
		return (struct place){ .file = r->name, .line = line };
	(void)snprintf(path, sizeof(path), "%s/%s", r->folder, included);
	return (struct place){ .file = arena_text(r->arena, str_of(path)),
		.line = line };
}

static struct place
place_of(const struct reading *r, const config_setting_t *s)
{
	return place_in(
	    r, config_setting_source_file(s), config_setting_source_line(s));
}

static void
complain(struct reading *r, struct place at, const char *key, const char *text)
{
	const char *file = at.file != NULL ? at.file : "default";

	/* A file of nothing but mistakes: the first thousand will do. */
	if (r->problems.n >= CONFIG_PROBLEMS_MAX)
		return;
	vec_push(&r->problems, (struct config_problem){
				   .file = arena_text(r->arena, str_of(file)),
				   .line = at.line,
				   .key = arena_text(r->arena, str_of(key)),
				   .text = arena_text(r->arena, str_of(text)),
			       });
}

/* Give ${row} of the struct at ${base} the value ${text}. */
static void
assign(struct reading *r, const struct setting *row, const char *text,
    struct place at, const char *key, void *base, struct config_value *value)
{
	const char *why;

	text = arena_text(r->arena, str_of(text));
	if (!setting_take(row, text, base, r->arena, &why)) {
		complain(r, at, key, why);
		return;
	}
	value->text = text;
	value->line = at.line;
	value->file =
	    at.file == NULL ? NULL : arena_text(r->arena, str_of(at.file));
}

/* The words of an array of strings, spaces between. */
static bool
join(const config_setting_t *s, struct buf *to)
{
	int count = config_setting_length(s);

	for (int i = 0; i < count; i++) {
		const char *word = config_setting_get_string_elem(s, i);

		if (word == NULL || *word == '\0' || strchr(word, ' ') != NULL)
			return false;
		buf_add_text(to, i > 0 ? " " : "");
		buf_add_text(to, word);
	}
	return buf_check(to) == RC_OK;
}

static bool
is_integer(const config_setting_t *s)
{
	int type = config_setting_type(s);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* The text of ${s} if its type in the file suits ${type}. */
static bool
text_of(const config_setting_t *s, enum setting_type type, struct buf *to)
{
	if (type == SETTING_NAMES)
		return (config_setting_is_array(s) ||
			   config_setting_is_list(s)) &&
		       join(s, to);
	if (type == SETTING_BOOL) {
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return false;
		buf_add_text(to, config_setting_get_bool(s) ? "true" : "false");
		return true;
	}
	if (is_integer(s)) {
		buf_add_format(to, "%lld", config_setting_get_int64(s));
		return type == SETTING_NUMBER || type == SETTING_SIZE;
	}
	if (config_setting_type(s) != CONFIG_TYPE_STRING ||
	    type == SETTING_NUMBER)
		return false;
	buf_add_text(to, config_setting_get_string(s));
	return buf_check(to) == RC_OK;
}

static void
take_setting(struct reading *r, const struct setting *row,
    const config_setting_t *s, const char *key, void *base,
    struct config_value *value)
{
	struct buf text;
	char why[64];

	buf_init(&text, CONFIG_TEXT_BYTES_MAX);
	if (text_of(s, row->type, &text)) {
		buf_add_byte(&text, '\0');
		assign(r, row, text.p, place_of(r, s), key, base, value);
	} else {
		(void)snprintf(why, sizeof(why), "must be %s",
		    setting_type_name(row->type));
		complain(r, place_of(r, s), key, why);
	}
	buf_fini(&text);
}

static const struct setting *
find(const struct setting *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* ${key}, the ${name} of one of ${rows} or ${group}, is not there. */
static void
complain_unknown(struct reading *r, struct place at, const char *key,
    const char *name, const struct setting *rows, size_t count,
    const char *group)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;
	char text[128] = "is not a setting";

	if (near_enough(name, group, &best))
		near = group;
	for (size_t i = 0; i < count; i++)
		if (near_enough(name, rows[i].name, &best))
			near = rows[i].name;
	if (near != NULL)
		(void)snprintf(
		    text, sizeof(text), "is not a setting; %s is", near);
	complain(r, at, key, text);
}

/* Does some setting lie in the group ${name}? */
static bool
is_group_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < setting_server_count; i++)
		if (strncmp(setting_server[i].name, name, n) == 0 &&
		    setting_server[i].name[n] == '.')
			return true;
	return false;
}

static void
take_named(struct reading *r, const config_setting_t *s, const char *key)
{
	const struct setting *row =
	    find(setting_server, setting_server_count, key);

	if (row == NULL)
		complain_unknown(r, place_of(r, s), key, key, setting_server,
		    setting_server_count, "listener");
	else
		take_setting(r, row, s, key, r->config,
		    &r->config->values[row - setting_server]);
}

/* "group.name" in a buffer of the caller. */
static const char *
join_key(char *key, size_t size, const char *group, const char *name)
{
	(void)snprintf(key, size, "%s.%s", group, name);
	return key;
}

static void
take_group(struct reading *r, const config_setting_t *group)
{
	const char *name = config_setting_name(group);
	unsigned count = (unsigned)config_setting_length(group);
	char key[128];

	if (!config_setting_is_group(group)) {
		complain(r, place_of(r, group), name, "must be a group: { }");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		const config_setting_t *s = config_setting_get_elem(group, i);

		take_named(r, s,
		    join_key(key, sizeof(key), name, config_setting_name(s)));
	}
}

/* A listener with every setting at its default. */
static struct config_listener
blank_listener(struct reading *r, const char *name, const char *const *texts)
{
	struct config_listener l = { 0 };

	l.name = arena_text(r->arena, str_of(name));
	l.address = "";
	for (size_t i = 0; i < setting_listener_count; i++) {
		const struct setting *row = &setting_listener[i];
		const char *text = texts != NULL && texts[i] != NULL
				       ? texts[i]
				       : row->fallback;

		/* The address has no default; see take_listener(). */
		l.values[i].text = "";
		if (*text != '\0')
			assign(r, row, text, (struct place){ 0 }, row->name, &l,
			    &l.values[i]);
	}
	return l;
}

static void
take_listener(struct reading *r, const config_setting_t *group)
{
	const char *name = config_setting_name(group);
	struct config_listener l = blank_listener(r, name, NULL);
	char whole[128], key[256];

	(void)join_key(whole, sizeof(whole), "listener", name);
	if (!config_setting_is_group(group)) {
		complain(r, place_of(r, group), whole, "must be a group: { }");
		return;
	}
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s =
		    config_setting_get_elem(group, (unsigned)i);
		const struct setting *row = find(setting_listener,
		    setting_listener_count, config_setting_name(s));

		(void)join_key(key, sizeof(key), whole, config_setting_name(s));
		if (row == NULL)
			complain_unknown(r, place_of(r, s), key,
			    config_setting_name(s), setting_listener,
			    setting_listener_count, "");
		else
			take_setting(r, row, s, key, &l,
			    &l.values[row - setting_listener]);
	}
	if (config_setting_get_member(group, "address") == NULL)
		complain(r, place_of(r, group), whole, "has no address");
	vec_push(&r->listeners, l);
}

static void
take_listeners(struct reading *r, const config_setting_t *group)
{
	int count = config_setting_length(group);

	if (!config_setting_is_group(group)) {
		complain(
		    r, place_of(r, group), "listener", "must be a group: { }");
		return;
	}
	if (count > CONFIG_LISTENERS_MAX) {
		complain(r, place_of(r, group), "listener", "are too many");
		return;
	}
	for (int i = 0; i < count; i++)
		take_listener(r, config_setting_get_elem(group, (unsigned)i));
}

static void
take_root(struct reading *r, const config_setting_t *root)
{
	int count = config_setting_length(root);

	for (int i = 0; i < count; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s);

		if (strcmp(name, "listener") == 0)
			take_listeners(r, s);
		else if (is_group_name(name))
			take_group(r, s);
		else
			take_named(r, s, name);
	}
}

static void
take_defaults(struct reading *r)
{
	for (size_t i = 0; i < setting_server_count; i++) {
		const struct setting *row = &setting_server[i];

		assign(r, row, row->fallback, (struct place){ 0 }, row->name,
		    r->config, &r->config->values[i]);
	}
}

static void
take_default_listeners(struct reading *r)
{
	for (size_t i = 0; i < setting_listeners_count; i++)
		vec_push(
		    &r->listeners, blank_listener(r, setting_listeners[i].name,
				       setting_listeners[i].texts));
}

static struct config_value *
value_of(struct config *c, const char *name)
{
	return &c->values[find(setting_server, setting_server_count, name) -
			  setting_server];
}

/* Defaults that follow from something else. */
static void
derive(struct reading *r)
{
	struct config *c = r->config;
	char text[HOST_NAME_MAX + 1] = "";
	char *control;
	size_t size;

	if (*c->hostname == '\0') {
		if (gethostname(text, sizeof(text) - 1) != 0)
			text[0] = '\0';
		c->hostname =
		    arena_text(r->arena, str_of(setting_hostname(text)));
		value_of(c, "hostname")->text = c->hostname;
	}
	if (*c->control == '\0') {
		size = strlen(c->data) + sizeof("/control");
		control = arena_alloc(r->arena, size);
		(void)snprintf(control, size, "%s/control", c->data);
		c->control = control;
		value_of(c, "control")->text = c->control;
	}
}

static struct place
place_of_value(const struct config_value *v)
{
	return (struct place){ .file = v->file, .line = v->line };
}

/* What no setting shows alone. */
static void
check_together(struct reading *r)
{
	struct config *c = r->config;
	bool certificate = *c->tls_certificate != '\0';
	bool key = *c->tls_key != '\0';

	if (certificate && !key)
		complain(r, place_of_value(value_of(c, "tls.certificate")),
		    "tls.key", "must be given with tls.certificate");
	if (key && !certificate)
		complain(r, place_of_value(value_of(c, "tls.key")),
		    "tls.certificate", "must be given with tls.key");
	if (*c->oauth_keys != '\0' && *c->oauth_issuer == '\0')
		complain(r, place_of_value(value_of(c, "oauth.keys")),
		    "oauth.issuer", "must be given with oauth.keys");
	if (*c->oauth_keys != '\0' && *c->oauth_audience == '\0')
		complain(r, place_of_value(value_of(c, "oauth.keys")),
		    "oauth.audience", "must be given with oauth.keys");
	if (*c->oauth_claim == '\0')
		complain(r, place_of_value(value_of(c, "oauth.claim")),
		    "oauth.claim", "must not be empty");
	if (strlen(c->control) > 107)
		complain(r, place_of_value(value_of(c, "data")), "control",
		    "would be too long for a socket in this data folder: set "
		    "it");
}

static void
take_syntax_error(struct reading *r, const config_t *lib)
{
	complain(r,
	    place_in(
		r, config_error_file(lib), (unsigned)config_error_line(lib)),
	    "syntax", config_error_text(lib));
}

static void *
copy_to_arena(struct arena *a, const void *from, size_t size)
{
	void *to = arena_alloc(a, size);

	/* The arena's limit is far above what CONFIG_*_MAX let through. */
	assert(to != NULL);
	if (size > 0)
		memcpy(to, from, size);
	return to;
}

static void
finish(struct reading *r)
{
	struct config *c = r->config;

	c->listener_count = r->listeners.n;
	c->listeners = copy_to_arena(
	    r->arena, r->listeners.v, r->listeners.n * sizeof(*r->listeners.v));
	c->problem_count = r->problems.n;
	c->problems = copy_to_arena(
	    r->arena, r->problems.v, r->problems.n * sizeof(*r->problems.v));
	vec_fini(&r->listeners);
	vec_fini(&r->problems);
}

static void
begin(struct reading *r, const char *name, const char *folder)
{
	*r = (struct reading){ .name = name,
		.folder = folder,
		.arena = arena_new(CONFIG_ARENA_BYTES_MAX) };
	r->config = arena_alloc(r->arena, sizeof(struct config));
	r->config->arena = r->arena;
	take_defaults(r);
}

struct config *
config_parse(struct str text, const char *name, const char *folder)
{
	struct reading r;
	config_t lib;
	char *terminated;

	begin(&r, name, folder);
	terminated = mem_text(text);
	config_init(&lib);
	config_set_include_dir(&lib, folder);
	if (memchr(terminated, '\0', text.n) != NULL)
		complain(&r, (struct place){ .file = name }, "syntax",
		    "holds a NUL byte");
	else if (config_read_string(&lib, terminated) == CONFIG_FALSE)
		take_syntax_error(&r, &lib);
	else
		take_root(&r, config_root_setting(&lib));
	if (config_lookup(&lib, "listener") == NULL)
		take_default_listeners(&r);
	derive(&r);
	check_together(&r);
	config_destroy(&lib);
	mem_free(terminated);
	finish(&r);
	return r.config;
}

/* Add a problem to those that there are. */
static void
refuse(struct config *c, struct place at, const char *key, const char *text)
{
	struct reading r = { .config = c, .arena = c->arena };

	for (size_t i = 0; i < c->problem_count; i++)
		vec_push(&r.problems, c->problems[i]);
	complain(&r, at, key, text);
	c->problem_count = r.problems.n;
	c->problems = copy_to_arena(
	    c->arena, r.problems.v, r.problems.n * sizeof(*r.problems.v));
	vec_fini(&r.problems);
}

void
config_refuse(struct config *c, const char *name, const char *text)
{
	refuse(c, place_of_value(value_of(c, name)), name, text);
}

void
config_refuse_listener(
    struct config *c, const char *listener, const char *name, const char *text)
{
	const struct setting *row =
	    find(setting_listener, setting_listener_count, name);
	char whole[128], key[256];

	(void)join_key(whole, sizeof(whole), "listener", listener);
	(void)join_key(key, sizeof(key), whole, name);
	for (size_t i = 0; i < c->listener_count; i++)
		if (strcmp(c->listeners[i].name, listener) == 0)
			refuse(c,
			    place_of_value(
				&c->listeners[i]
				     .values[row - setting_listener]),
			    key, text);
}

/* A configuration that could not be read. */
static struct config *
unreadable(const char *file, const char *why)
{
	struct reading r;

	begin(&r, file, ".");
	complain(&r, (struct place){ .file = file }, "file", why);
	derive(&r);
	finish(&r);
	return r.config;
}

/* RC_NOTFOUND when there is no such file; other failures set *ret_why. */
static enum rc
read_file(const char *file, struct buf *to, const char **ret_why)
{
	FILE *f = fopen(file, "re");
	size_t count = 1;
	char *room;

	if (f == NULL) {
		*ret_why = strerror(errno);
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	}
	while (count > 0 && (room = buf_reserve(to, 4096)) != NULL) {
		count = fread(room, 1, 4096, f);
		buf_added(to, count);
	}
	if (ferror(f) != 0) {
		*ret_why = strerror(errno);
		(void)fclose(f);
		return RC_IO;
	}
	(void)fclose(f);
	*ret_why = "is too large";
	return buf_check(to);
}

/* The folder of ${file}. */
static void
folder_of(const char *file, char *to, size_t size)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		(void)snprintf(to, size, ".");
	else
		(void)snprintf(to, size, "%.*s", (int)(slash - file), file);
}

struct config *
config_load(const char *file)
{
	const char *name = file != NULL ? file : CONFIG_FILE_DEFAULT;
	const char *why = "";
	char folder[PATH_MAX];
	struct config *c;
	struct buf text;
	enum rc rc;

	buf_init(&text, CONFIG_FILE_BYTES_MAX);
	rc = read_file(name, &text, &why);
	folder_of(name, folder, sizeof(folder));
	if (rc == RC_OK || (rc == RC_NOTFOUND && file == NULL))
		c = config_parse(buf_str(&text), name, folder);
	else
		c = unreadable(name, why);
	if (file != NULL)
		c->file = arena_text(c->arena, str_of(file));
	buf_fini(&text);
	return c;
}

void
config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->arena);
}
