/* SPDX-License-Identifier: MIT
 *
 * STORE: RFC 9051 section 9, RFC 4466 section 3 (modifiers).
 */
#include "proto/imap/store.h"

#include "proto/imap/string.h"

/* ["+" / "-"] "FLAGS" [".SILENT"]                 RFC 9051 section 9 */
static bool
take_sign(struct parser *p, struct store_args *args)
{
	const char *from = p->c.at;

	args->sign = STORE_FLAGS;
	if (take_byte(p, '+'))
		args->sign = STORE_PLUS_FLAGS;
	else if (take_byte(p, '-'))
		args->sign = STORE_MINUS_FLAGS;
	args->silent = take_word(p, "FLAGS.SILENT");
	return args->silent || take_word(p, "FLAGS") ||
	       parser_expected(p, from, "store-att-flags");
}

/* [SP store-modifiers], which must not be mistaken for what follows. */
static bool
parse_store_modifiers(struct parser *p, struct modifier_list *list)
{
	if (p->c.end - p->c.at < 2 || p->c.at[0] != ' ' || p->c.at[1] != '(')
		return true;
	return parse_modifiers(p, list);
}

bool
parse_store(struct parser *p, struct store_args *ret_args)
{
	const char *from = p->c.at;
	struct store_args args = { 0 };

	if (!take_sp(p) || !parse_sequence_set(p, &args.set) ||
	    !parse_store_modifiers(p, &args.modifiers) || !take_sp(p) ||
	    !take_sign(p, &args) || !take_sp(p) ||
	    !parse_store_flags(p, &args.flags) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

void
write_store(struct buf *to, const struct store_args *args)
{
	static const char *const signs[] = {
		[STORE_FLAGS] = " FLAGS",
		[STORE_PLUS_FLAGS] = " +FLAGS",
		[STORE_MINUS_FLAGS] = " -FLAGS",
	};

	buf_add_byte(to, ' ');
	write_set(to, &args->set);
	if (args->modifiers.n > 0)
		buf_add_byte(to, ' ');
	write_modifier_list(to, &args->modifiers);
	buf_add_text(to, signs[args->sign]);
	buf_add_text(to, args->silent ? ".SILENT " : " ");
	write_flag_list(to, &args->flags);
}
