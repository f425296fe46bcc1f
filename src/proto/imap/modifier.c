/* SPDX-License-Identifier: MIT
 *
 * Modifiers and their values: RFC 4466 section 3, RFC 9051 section 9.
 */
#include "proto/imap/modifier.h"

#include "proto/imap/string.h"
#include "proto/imap/write.h"

static bool parse_value(struct parser *p, struct tagged_value **ret_value);

/* tagged-ext-label = tagged-label-fchar *tagged-label-char
 *                                                 RFC 4466 section 3 */
static bool
is_label_char(char byte, bool first)
{
	char b = str_upper(byte);

	return (b >= 'A' && b <= 'Z') || b == '-' || b == '_' || b == '.' ||
	       (!first && ((b >= '0' && b <= '9') || b == ':'));
}

static bool
parse_label(struct parser *p, struct str *ret_label)
{
	const char *from = p->c.at;

	while (p->c.at < p->c.end && is_label_char(*p->c.at, p->c.at == from))
		p->c.at++;
	return (p->c.at > from &&
		   parser_copy_upper(p, str_until(from, &p->c), ret_label)) ||
	       parser_expected(p, from, "name of a modifier");
}

/* [tagged-ext-val *(SP tagged-ext-val)] ")", behind the "(" */
static bool
parse_values(struct parser *p, struct tagged_value **ret_values)
{
	struct tagged_value **link = ret_values;

	if (take_byte(p, ')'))
		return true;
	do {
		if (!parse_value(p, link))
			return false;
		link = &(*link)->next;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "value or \")\"");
}

/* tagged-ext-val = tagged-ext-simple / "(" [tagged-ext-comp] ")"
 *                                                 RFC 4466 section 3
 * A simple value may be any astring, or a set; tagged-ext-comp is a list of
 * such values and of further lists. */
static bool
parse_value(struct parser *p, struct tagged_value **ret_value)
{
	const char *from = p->c.at;
	struct tagged_value *value = parser_alloc(p, 1, sizeof(*value));
	bool good;

	if (value == NULL)
		return false;
	value->is_list = take_byte(p, '(');
	if (!value->is_list) {
		good = parse_list_mailbox(p, &value->text);
	} else {
		if (!parser_enter(p))
			return parser_expected(p, from, "value");
		good = parse_values(p, &value->children);
		parser_leave(p);
	}
	if (!good)
		return parser_expected(p, from, "value");
	*ret_value = value;
	return true;
}

/* Does a value begin here, and not another modifier's name? */
static bool
at_value(const struct parser *p)
{
	const char *at = p->c.at;

	if (p->c.end - at >= 2 && at[0] == '-')
		return at[1] >= '0' && at[1] <= '9';
	return at < p->c.end && !is_label_char(*at, true);
}

/* modifier = tagged-ext-label [SP tagged-ext-val] RFC 4466 section 3 */
static bool
parse_modifier(struct parser *p, struct modifier *modifier)
{
	const char *behind;

	if (!parse_label(p, &modifier->name))
		return false;
	behind = p->c.at;
	if (!take_byte(p, ' '))
		return true;
	if (at_value(p))
		return parse_value(p, &modifier->value);
	p->c.at = behind;
	return true;
}

bool
parse_modifier_list(struct parser *p, struct modifier_list *ret_list)
{
	const char *from = p->c.at;
	struct modifier_list list = { 0 };
	size_t most = parser_count_words(p, MODIFIERS_MAX);

	list.v = parser_alloc(p, most, sizeof(*list.v));
	if (list.v == NULL || !take_byte(p, '('))
		return parser_expected(p, from, "list of modifiers");
	do {
		if (list.n == most) {
			p->c.at = from;
			return parser_refuse(p, "Too many modifiers");
		}
		if (!parse_modifier(p, &list.v[list.n++]))
			return parser_expected(p, from, "list of modifiers");
	} while (take_byte(p, ' '));
	if (!take_byte(p, ')')) {
		(void)parser_expected(p, p->c.at, "modifier or \")\"");
		return parser_expected(p, from, "list of modifiers");
	}
	*ret_list = list;
	return true;
}

bool
parse_modifiers(struct parser *p, struct modifier_list *ret_list)
{
	const char *from = p->c.at;

	if (!take_byte(p, ' ')) {
		*ret_list = (struct modifier_list){ 0 };
		return true;
	}
	if (parse_modifier_list(p, ret_list))
		return true;
	p->c.at = from;
	return false;
}

const struct modifier *
modifier_find(const struct modifier_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, str_of(name)))
			return &list->v[i];
	return NULL;
}

bool
modifiers_are_known(
    const struct modifier_list *list, const char *const *names, size_t count)
{
	for (size_t i = 0; i < list->n; i++) {
		bool known = false;

		for (size_t k = 0; k < count; k++)
			known |= str_eq(list->v[i].name, str_of(names[k]));
		for (size_t k = 0; k < i; k++)
			known &= !str_eq(list->v[i].name, list->v[k].name);
		if (!known)
			return false;
	}
	return true;
}

/* -- writing ------------------------------------------------------------- */

/* A set with "*" or a "$" is no astring, but must be written bare. */
static bool
is_bare(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_list_char(text.p[i]))
			return false;
	return text.n > 0;
}

static void
write_value(struct buf *to, const struct tagged_value *value)
{
	if (!value->is_list && is_bare(value->text)) {
		buf_add_str(to, value->text);
	} else if (!value->is_list) {
		write_string(to, value->text, true);
	} else {
		buf_add_byte(to, '(');
		for (const struct tagged_value *v = value->children; v != NULL;
		     v = v->next) {
			write_value(to, v);
			if (v->next != NULL)
				buf_add_byte(to, ' ');
		}
		buf_add_byte(to, ')');
	}
}

/* As the value of a modifier a word would be another modifier. */
static void
write_first_value(struct buf *to, const struct tagged_value *value)
{
	if (!value->is_list && value->text.n > 0 &&
	    is_label_char(value->text.p[0], true) &&
	    !(value->text.p[0] == '-' && value->text.n > 1 &&
		value->text.p[1] >= '0' && value->text.p[1] <= '9'))
		write_string(to, value->text, true);
	else
		write_value(to, value);
}

void
write_modifier_list(struct buf *to, const struct modifier_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_add_byte(to, i == 0 ? '(' : ' ');
		buf_add_str(to, list->v[i].name);
		if (list->v[i].value == NULL)
			continue;
		buf_add_byte(to, ' ');
		write_first_value(to, list->v[i].value);
	}
	if (list->n > 0)
		buf_add_byte(to, ')');
}
