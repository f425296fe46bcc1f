/* SPDX-License-Identifier: MIT
 *
 * LIST and LSUB: RFC 9051 section 9, RFC 3501 section 9, RFC 5258 section 6,
 * RFC 5819 section 3, RFC 6154 section 6.
 */
#include "proto/imap/list.h"

#include "base/cursor.h"
#include "proto/imap/string.h"

struct option {
	const char *name;
	unsigned bit;
};

static const struct option select_options[] = {
	{ "SUBSCRIBED", LIST_SELECT_SUBSCRIBED },
	{ "REMOTE", LIST_SELECT_REMOTE },
	{ "RECURSIVEMATCH", LIST_SELECT_RECURSIVEMATCH },
	{ "SPECIAL-USE", LIST_SELECT_SPECIAL_USE },
	{ NULL, 0 },
};

static const struct option return_options[] = {
	{ "SUBSCRIBED", LIST_RETURN_SUBSCRIBED },
	{ "CHILDREN", LIST_RETURN_CHILDREN },
	{ "SPECIAL-USE", LIST_RETURN_SPECIAL_USE },
	{ "STATUS", LIST_RETURN_STATUS },
	{ NULL, 0 },
};

/* -- options ------------------------------------------------------------- */

/* One of ${options}: its bit; 0 if it is none of them. */
static unsigned
take_option(struct parser *p, const struct option *options, const char *what)
{
	const char *from = p->c.at;
	struct str name = take_atom_chars(p);

	for (; options->name != NULL; options++)
		if (str_eq_nocase(name, str_of(options->name)))
			return options->bit;
	(void)parser_expected(p, from, what);
	return 0;
}

/* [list-select-opt *(SP list-select-opt)] ")", behind the "(" */
static bool
take_select_opts(struct parser *p, unsigned *select)
{
	unsigned bit;

	if (take_byte(p, ')'))
		return true;
	do {
		bit = take_option(p, select_options, "list-select-opt");
		if (bit == 0)
			return false;
		*select |= bit;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "list-select-opt or \")\"");
}

/* list-select-opts                                RFC 9051 section 9
 * RECURSIVEMATCH modifies an option that must be there, too. */
static bool
parse_select_opts(struct parser *p, struct list_args *args)
{
	const char *from = p->c.at;

	args->extended = true;
	if (!take_byte(p, '(') || !take_select_opts(p, &args->select))
		return parser_expected(p, from, "list-select-opts");
	if ((args->select & LIST_SELECT_RECURSIVEMATCH) != 0 &&
	    (args->select & LIST_SELECT_SUBSCRIBED) == 0)
		return parser_expected(
		    p, p->c.at - 1, "SUBSCRIBED with RECURSIVEMATCH");
	return true;
}

/* return-option = "SUBSCRIBED" / "CHILDREN" / status-option / ..., where
 * status-option = "STATUS" SP "(" status-att *(SP status-att) ")"
 *                                                 RFC 9051 section 9 */
static bool
parse_return_option(struct parser *p, struct list_args *args)
{
	unsigned bit = take_option(p, return_options, "return-option");

	if (bit == 0)
		return false;
	args->returns |= bit;
	return bit != LIST_RETURN_STATUS ||
	       (take_sp(p) && parse_status_atts(p, &args->status));
}

/* [SP "RETURN" SP "(" [return-option *(SP return-option)] ")"]
 *                                                 RFC 9051 section 9 */
static bool
parse_return_opts(struct parser *p, struct list_args *args)
{
	if (parser_is_at_end(p))
		return true;
	args->extended = true;
	if (!take_sp(p) ||
	    (!take_word(p, "RETURN") &&
		!parser_expected(p, p->c.at, "RETURN")) ||
	    !take_sp(p) ||
	    (!take_byte(p, '(') && !parser_expected(p, p->c.at, "\"(\"")))
		return false;
	if (take_byte(p, ')'))
		return true;
	do
		if (!parse_return_option(p, args))
			return false;
	while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "return-option or \")\"");
}

/* -- patterns ------------------------------------------------------------ */

/* patterns = "(" list-mailbox *(SP list-mailbox) ")"
 *                                                 RFC 5258 section 6
 * behind the "(". */
static bool
take_patterns(struct parser *p, struct list_args *args)
{
	size_t most = parser_count_words(p, LIST_PATTERNS_MAX);

	args->patterns = parser_alloc(p, most, sizeof(*args->patterns));
	if (args->patterns == NULL)
		return false;
	do {
		if (args->pattern_count == most)
			return parser_refuse(p, "Too many patterns");
		if (!parse_list_pattern(
			p, &args->patterns[args->pattern_count]))
			return false;
		args->pattern_count++;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "mailbox pattern or \")\"");
}

static bool
parse_one_pattern(struct parser *p, struct list_args *args)
{
	args->patterns = parser_alloc(p, 1, sizeof(*args->patterns));
	args->pattern_count = 1;
	return args->patterns != NULL &&
	       parse_list_pattern(p, &args->patterns[0]);
}

/* mbox-or-pat = list-mailbox / patterns           RFC 9051 section 9 */
static bool
parse_mbox_or_pat(struct parser *p, struct list_args *args)
{
	if (!take_byte(p, '('))
		return parse_one_pattern(p, args);
	args->extended = true;
	return take_patterns(p, args);
}

/* -- the commands -------------------------------------------------------- */

static bool
parse_list_args(struct parser *p, struct list_args *args)
{
	if (!take_sp(p))
		return false;
	if (cursor_sees(&p->c, '(') &&
	    (!parse_select_opts(p, args) || !take_sp(p)))
		return false;
	return parse_list_reference(p, &args->reference) && take_sp(p) &&
	       parse_mbox_or_pat(p, args) && parse_return_opts(p, args);
}

bool
parse_list(struct parser *p, struct list_args *ret_args)
{
	const char *from = p->c.at;
	struct list_args args = { 0 };

	if (!parse_list_args(p, &args) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

bool
parse_lsub(struct parser *p, struct list_args *ret_args)
{
	const char *from = p->c.at;
	struct list_args args = { 0 };

	if (!take_sp(p) || !parse_list_reference(p, &args.reference) ||
	    !take_sp(p) || !parse_one_pattern(p, &args) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- writing ------------------------------------------------------------- */

static void
write_options(struct buf *to, const struct option *options, unsigned bits,
    unsigned status)
{
	const char *before = "";

	buf_add_byte(to, '(');
	for (; options->name != NULL; options++) {
		if ((bits & options->bit) == 0)
			continue;
		buf_add_text(to, before);
		buf_add_text(to, options->name);
		before = " ";
		if (options == &return_options[3]) {
			buf_add_byte(to, ' ');
			write_status_atts(to, status);
		}
	}
	buf_add_byte(to, ')');
}

static void
write_patterns(struct buf *to, const struct list_args *args, bool utf8)
{
	bool many = args->pattern_count > 1;

	for (size_t i = 0; i < args->pattern_count; i++) {
		buf_add_text(to, many && i == 0 ? " (" : " ");
		write_mailbox(to, args->patterns[i].utf8, utf8);
	}
	if (many)
		buf_add_byte(to, ')');
}

void
write_list(struct buf *to, const struct list_args *args, bool utf8)
{
	if (args->select != 0) {
		buf_add_byte(to, ' ');
		write_options(to, select_options, args->select, 0);
	}
	buf_add_byte(to, ' ');
	write_mailbox(to, args->reference.utf8, utf8);
	write_patterns(to, args, utf8);
	if (args->extended) {
		buf_add_text(to, " RETURN ");
		write_options(to, return_options, args->returns, args->status);
	}
}
