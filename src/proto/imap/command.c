/* SPDX-License-Identifier: MIT
 *
 * Tag and name, and the arguments of simple commands: RFC 9051 section 9, RFC
 * 4466 section 3, RFC 6154 section 6 (USE), RFC 2971 section 4 (ID), RFC
 * 4978 section 5 (COMPRESS).
 */
#include "proto/imap/command.h"

#include "proto/imap/string.h"

/* An atom; if it is "UID", with the one behind it.  Exactly one space stands
 * in front of each, for the frame looks for names, too. */
static bool
parse_name(struct parser *p, struct str *ret_name)
{
	const char *from = p->c.at;
	struct str word = take_atom_chars(p);

	if (str_eq_nocase(word, STR("UID"))) {
		if (!take_byte(p, ' '))
			return parser_expected(p, from, "command");
		word = take_atom_chars(p);
		if (word.n == 0)
			(void)parser_expected(p, p->c.at, "command behind UID");
	}
	return (word.n > 0 &&
		   parser_copy_upper(p, str_until(from, &p->c), ret_name)) ||
	       parser_expected(p, from, "command");
}

bool
parse_command_start(struct parser *p, struct command_start *ret_start)
{
	const char *from = p->c.at;
	struct command_start start;

	if (!parse_tag(p, &start.tag) ||
	    !(take_byte(p, ' ') || parser_expected(p, p->c.at, "space")) ||
	    !parse_name(p, &start.name)) {
		p->c.at = from;
		return false;
	}
	*ret_start = start;
	return true;
}

bool
parse_mailbox_only(struct parser *p, struct mailbox_name *ret_mailbox)
{
	const char *from = p->c.at;
	struct mailbox_name mailbox;

	if (!take_sp(p) || !parse_mailbox(p, &mailbox) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_mailbox = mailbox;
	return true;
}

bool
parse_select(struct parser *p, struct select_args *ret_args)
{
	const char *from = p->c.at;
	struct select_args args;

	if (!take_sp(p) || !parse_mailbox(p, &args.mailbox) ||
	    !parse_modifiers(p, &args.params) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- CREATE -------------------------------------------------------------- */

/* use-attr = "\" atom                             RFC 6154 section 6 */
static bool
parse_use_attr(struct parser *p, struct str *ret_use)
{
	const char *from = p->c.at;

	return (take_byte(p, '\\') && take_atom_chars(p).n > 0 &&
		   parser_copy(p, str_until(from, &p->c), ret_use)) ||
	       parser_expected(p, from, "use-attr");
}

/* "(" [use-attr *(SP use-attr)] ")"               RFC 6154 section 6 */
static bool
parse_uses(struct parser *p, struct create_args *args)
{
	if (!take_byte(p, '('))
		return parser_expected(p, p->c.at, "\"(\"");
	if (take_byte(p, ')'))
		return true;
	args->uses =
	    parser_alloc(p, parser_count(p, ' ', ')'), sizeof(*args->uses));
	if (args->uses == NULL)
		return false;
	do
		if (!parse_use_attr(p, &args->uses[args->use_count++]))
			return false;
	while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "use-attr or \")\"");
}

/* [create-params]                                 RFC 4466 section 3
 * USE alone has a form of its own.  Anything else is taken as a list, so that
 * the answer can say that it is not known. */
static bool
parse_create_params(struct parser *p, struct create_args *args)
{
	const char *from = p->c.at;

	if (!take_byte(p, ' '))
		return true;
	if (!take_byte(p, '(') || !take_word(p, "USE")) {
		p->c.at = from;
		return parse_modifiers(p, &args->params);
	}
	return take_sp(p) && parse_uses(p, args) &&
	       (take_byte(p, ')') || parser_expected(p, p->c.at, "\")\""));
}

bool
parse_create(struct parser *p, struct create_args *ret_args)
{
	const char *from = p->c.at;
	struct create_args args = { 0 };

	if (!take_sp(p) || !parse_mailbox(p, &args.mailbox) ||
	    !parse_create_params(p, &args) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- others with arguments ------------------------------------------------ */

bool
parse_rename(struct parser *p, struct rename_args *ret_args)
{
	const char *from = p->c.at;
	struct rename_args args;

	if (!take_sp(p) || !parse_mailbox(p, &args.from) || !take_sp(p) ||
	    !parse_mailbox(p, &args.to) || !parse_modifiers(p, &args.params) ||
	    !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

bool
parse_copy(struct parser *p, struct copy_args *ret_args)
{
	const char *from = p->c.at;
	struct copy_args args;

	if (!take_sp(p) || !parse_sequence_set(p, &args.set) || !take_sp(p) ||
	    !parse_mailbox(p, &args.mailbox) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

bool
parse_uid_expunge(struct parser *p, struct seq_set *ret_set)
{
	const char *from = p->c.at;
	struct seq_set set;

	if (!take_sp(p) || !parse_sequence_set(p, &set) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_set = set;
	return true;
}

bool
parse_enable(struct parser *p, struct enable_args *ret_args)
{
	const char *from = p->c.at;
	struct enable_args args = { 0 };
	size_t most = parser_count(p, ' ', '\0');

	args.names = parser_alloc(p, most, sizeof(*args.names));
	if (args.names == NULL)
		return false;
	do {
		const char *word = p->c.at + 1;

		if (!take_sp(p) || take_atom_chars(p).n == 0 ||
		    !parser_copy_upper(p, str_until(word, &p->c),
			&args.names[args.name_count++])) {
			(void)parser_expected(p, p->c.at, "capability");
			p->c.at = from;
			return false;
		}
	} while (!parser_is_at_end(p));
	*ret_args = args;
	return true;
}

bool
parse_compress(struct parser *p)
{
	const char *from = p->c.at;

	if (take_sp(p) &&
	    (take_word(p, "DEFLATE") ||
		parser_expected(p, p->c.at, "DEFLATE")) &&
	    parse_end(p))
		return true;
	p->c.at = from;
	return false;
}

/* -- ID ------------------------------------------------------------------ */

static bool
parse_id_field(struct parser *p, struct id_field *ret_field)
{
	struct id_field field;

	if (!parse_string(p, &field.name) || !take_sp(p) ||
	    !parse_nstring(p, &field.value))
		return false;
	field.name = str_head(field.name, ID_VALUE_BYTES_MAX);
	field.value = str_head(field.value, ID_VALUE_BYTES_MAX);
	*ret_field = field;
	return true;
}

/* [string SP nstring *(SP string SP nstring)] ")", behind the "(" */
static bool
parse_id_fields(struct parser *p, struct id_args *args)
{
	struct id_field field;

	if (take_byte(p, ')'))
		return true;
	args->fields = parser_alloc(p, ID_FIELDS_MAX, sizeof(*args->fields));
	if (args->fields == NULL)
		return false;
	do {
		if (!parse_id_field(p, &field))
			return false;
		if (args->field_count < ID_FIELDS_MAX)
			args->fields[args->field_count++] = field;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "string or \")\"");
}

/* id-params-list = "(" *(string SP nstring) ")" / nil
 *                                                 RFC 2971 section 4 */
static bool
parse_id_params_list(struct parser *p, struct id_args *args)
{
	if (take_byte(p, '('))
		return parse_id_fields(p, args);
	return take_word(p, "NIL") ||
	       parser_expected(p, p->c.at, "id-params-list");
}

bool
parse_id(struct parser *p, struct id_args *ret_args)
{
	const char *from = p->c.at;
	struct id_args args = { 0 };

	if (!take_sp(p) || !parse_id_params_list(p, &args) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- IDLE ---------------------------------------------------------------- */

bool
parse_done(struct parser *p)
{
	const char *from = p->c.at;

	if (take_word(p, "DONE") && parser_is_at_end(p))
		return true;
	return parser_expected(p, from, "DONE");
}
