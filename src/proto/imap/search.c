/* SPDX-License-Identifier: MIT
 *
 * SEARCH: RFC 9051 section 9, RFC 3501 section 9 (NEW, OLD, RECENT), RFC 4731
 * section 3.1, RFC 5032 section 3, RFC 5182 section 3, RFC 7162 section 7, RFC
 * 8474 section 7, RFC 8514 section 5.
 */
#include "proto/imap/search.h"

#include "base/cursor.h"
#include "proto/imap/date.h"
#include "proto/imap/flag.h"
#include "proto/imap/string.h"
#include "proto/imap/write.h"

/* What follows a key's name. */
enum follows {
	FOLLOWS_NOTHING,
	FOLLOWS_KEYWORD,
	FOLLOWS_STRING,
	FOLLOWS_FIELD, /* header-fld-name SP astring */
	FOLLOWS_DATE,
	FOLLOWS_NUMBER64,
	FOLLOWS_SECONDS, /* nz-number */
	FOLLOWS_OBJECTID,
	FOLLOWS_MODSEQ, /* [entry-name SP entry-type-req SP] number64 */
	FOLLOWS_SET,
	FOLLOWS_KEY,
	FOLLOWS_KEYS,
};

static const struct name {
	const char *name;
	enum search_kind kind;
	enum follows follows;
} names[] = {
	{ "ALL", SEARCH_ALL, FOLLOWS_NOTHING },
	{ "ANSWERED", SEARCH_ANSWERED, FOLLOWS_NOTHING },
	{ "BCC", SEARCH_BCC, FOLLOWS_STRING },
	{ "BEFORE", SEARCH_BEFORE, FOLLOWS_DATE },
	{ "BODY", SEARCH_BODY, FOLLOWS_STRING },
	{ "CC", SEARCH_CC, FOLLOWS_STRING },
	{ "DELETED", SEARCH_DELETED, FOLLOWS_NOTHING },
	{ "DRAFT", SEARCH_DRAFT, FOLLOWS_NOTHING },
	{ "EMAILID", SEARCH_EMAILID, FOLLOWS_OBJECTID },
	{ "FLAGGED", SEARCH_FLAGGED, FOLLOWS_NOTHING },
	{ "FROM", SEARCH_FROM, FOLLOWS_STRING },
	{ "HEADER", SEARCH_HEADER, FOLLOWS_FIELD },
	{ "KEYWORD", SEARCH_KEYWORD, FOLLOWS_KEYWORD },
	{ "LARGER", SEARCH_LARGER, FOLLOWS_NUMBER64 },
	{ "MODSEQ", SEARCH_MODSEQ, FOLLOWS_MODSEQ },
	{ "NEW", SEARCH_NEW, FOLLOWS_NOTHING },
	{ "NOT", SEARCH_NOT, FOLLOWS_KEY },
	{ "OLD", SEARCH_OLD, FOLLOWS_NOTHING },
	{ "OLDER", SEARCH_OLDER, FOLLOWS_SECONDS },
	{ "ON", SEARCH_ON, FOLLOWS_DATE },
	{ "OR", SEARCH_OR, FOLLOWS_KEYS },
	{ "RECENT", SEARCH_RECENT, FOLLOWS_NOTHING },
	{ "SAVEDATESUPPORTED", SEARCH_SAVEDATESUPPORTED, FOLLOWS_NOTHING },
	{ "SAVEDBEFORE", SEARCH_SAVEDBEFORE, FOLLOWS_DATE },
	{ "SAVEDON", SEARCH_SAVEDON, FOLLOWS_DATE },
	{ "SAVEDSINCE", SEARCH_SAVEDSINCE, FOLLOWS_DATE },
	{ "SEEN", SEARCH_SEEN, FOLLOWS_NOTHING },
	{ "SENTBEFORE", SEARCH_SENTBEFORE, FOLLOWS_DATE },
	{ "SENTON", SEARCH_SENTON, FOLLOWS_DATE },
	{ "SENTSINCE", SEARCH_SENTSINCE, FOLLOWS_DATE },
	{ "SINCE", SEARCH_SINCE, FOLLOWS_DATE },
	{ "SMALLER", SEARCH_SMALLER, FOLLOWS_NUMBER64 },
	{ "SUBJECT", SEARCH_SUBJECT, FOLLOWS_STRING },
	{ "TEXT", SEARCH_TEXT, FOLLOWS_STRING },
	{ "THREADID", SEARCH_THREADID, FOLLOWS_OBJECTID },
	{ "TO", SEARCH_TO, FOLLOWS_STRING },
	{ "UID", SEARCH_UID, FOLLOWS_SET },
	{ "UNANSWERED", SEARCH_UNANSWERED, FOLLOWS_NOTHING },
	{ "UNDELETED", SEARCH_UNDELETED, FOLLOWS_NOTHING },
	{ "UNDRAFT", SEARCH_UNDRAFT, FOLLOWS_NOTHING },
	{ "UNFLAGGED", SEARCH_UNFLAGGED, FOLLOWS_NOTHING },
	{ "UNKEYWORD", SEARCH_UNKEYWORD, FOLLOWS_KEYWORD },
	{ "UNSEEN", SEARCH_UNSEEN, FOLLOWS_NOTHING },
	{ "YOUNGER", SEARCH_YOUNGER, FOLLOWS_SECONDS },
};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static const struct {
	const char *name;
	unsigned bit;
} result_options[] = {
	{ "MIN", SEARCH_RETURN_MIN },
	{ "MAX", SEARCH_RETURN_MAX },
	{ "ALL", SEARCH_RETURN_ALL },
	{ "COUNT", SEARCH_RETURN_COUNT },
	{ "SAVE", SEARCH_RETURN_SAVE },
};
#define RESULT_OPTION_COUNT (sizeof(result_options) / sizeof(result_options[0]))

static bool parse_key(
    struct parser *p, struct search_args *args, struct search_key **ret_key);

/* -- keys ---------------------------------------------------------------- */

/* A key of the tree, which must not have too many. */
static struct search_key *
new_key(struct parser *p, struct search_args *args, enum search_kind kind)
{
	struct search_key *key;

	if (args->key_count == SEARCH_KEYS_MAX) {
		(void)parser_refuse(p, "Too many search keys");
		return NULL;
	}
	args->key_count++;
	key = parser_alloc(p, 1, sizeof(*key));
	if (key != NULL)
		key->kind = kind;
	return key;
}

/* search-key *(SP search-key) */
static bool
parse_keys(
    struct parser *p, struct search_args *args, struct search_key **ret_keys)
{
	struct search_key **link = ret_keys;

	do {
		if (!parse_key(p, args, link))
			return false;
		link = &(*link)->next;
	} while (take_byte(p, ' '));
	return true;
}

/* "OR" SP search-key SP search-key                RFC 9051 section 9
 * behind the "OR".  If the second key is an OR, its keys become this one's: so
 * clients ask for one of many, and no depth is needed for that. */
static bool
parse_or(struct parser *p, struct search_args *args, struct search_key *key)
{
	struct search_key **link = &key->children;

	do {
		if (!take_sp(p) || !parse_key(p, args, link) || !take_sp(p))
			return false;
		link = &(*link)->next;
	} while (take_word(p, "OR"));
	return parse_key(p, args, link);
}

static bool
parse_field(struct parser *p, struct search_key *key)
{
	return parse_astring(p, &key->field) && take_sp(p) &&
	       parse_astring(p, &key->text);
}

static bool
parse_seconds(struct parser *p, struct search_key *key)
{
	uint32_t seconds;

	if (!parse_nz_number(p, &seconds))
		return false;
	key->number = seconds;
	return true;
}

/* entry-name SP entry-type-req                    RFC 7162 section 7
 * A message has one mod-sequence, so that they say nothing (section 3.1.5). */
static bool
take_modseq_ext(struct parser *p)
{
	const char *from = p->c.at;
	struct str entry;

	return (parse_quoted(p, &entry) && str_begins(entry, STR("/flags/")) &&
		   take_sp(p) &&
		   (take_word(p, "priv") || take_word(p, "shared") ||
		       take_word(p, "all"))) ||
	       parser_expected(p, from, "entry-name and entry-type-req");
}

/* search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
 *                                                 RFC 7162 section 7 */
static bool
parse_modseq(struct parser *p, struct search_args *args, struct search_key *key)
{
	args->has_modseq = true;
	if (cursor_sees(&p->c, '"') && (!take_modseq_ext(p) || !take_sp(p)))
		return false;
	return parse_number64(p, &key->number);
}

/* What follows the name of a key, with the space. */
static bool
parse_follows(struct parser *p, struct search_args *args, enum follows follows,
    struct search_key *key)
{
	if (follows == FOLLOWS_NOTHING)
		return true;
	if (follows == FOLLOWS_KEYS)
		return parse_or(p, args, key);
	if (!take_sp(p))
		return false;
	switch (follows) {
	case FOLLOWS_KEYWORD:
		return parse_flag_keyword(p, &key->text);
	case FOLLOWS_STRING:
		return parse_astring(p, &key->text);
	case FOLLOWS_FIELD:
		return parse_field(p, key);
	case FOLLOWS_DATE:
		return parse_date(p, &key->day);
	case FOLLOWS_NUMBER64:
		return parse_number64(p, &key->number);
	case FOLLOWS_SECONDS:
		return parse_seconds(p, key);
	case FOLLOWS_OBJECTID:
		return parse_objectid(p, &key->text);
	case FOLLOWS_MODSEQ:
		return parse_modseq(p, args, key);
	case FOLLOWS_SET:
		return parse_sequence_set(p, &key->set);
	default:
		return parse_key(p, args, &key->children);
	}
}

/* A key that begins with its name. */
static bool
parse_named(
    struct parser *p, struct search_args *args, struct search_key **ret_key)
{
	const char *from = p->c.at;
	struct str name = take_atom_chars(p);
	struct search_key *key;

	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (!str_eq_nocase(name, str_of(names[i].name)))
			continue;
		key = new_key(p, args, names[i].kind);
		if (key == NULL ||
		    !parse_follows(p, args, names[i].follows, key))
			return parser_expected(p, from, "search-key");
		*ret_key = key;
		return true;
	}
	return parser_expected(p, from, "search-key");
}

/* "(" search-key *(SP search-key) ")"             RFC 9051 section 9 */
static bool
parse_list(
    struct parser *p, struct search_args *args, struct search_key **ret_key)
{
	const char *from = p->c.at;
	struct search_key *key = new_key(p, args, SEARCH_AND);

	if (key == NULL || !take_byte(p, '(') ||
	    !parse_keys(p, args, &key->children))
		return parser_expected(p, from, "search-key");
	if (!take_byte(p, ')')) {
		(void)parser_expected(p, p->c.at, "search-key or \")\"");
		return parser_expected(p, from, "search-key");
	}
	*ret_key = key;
	return true;
}

static bool
parse_set(
    struct parser *p, struct search_args *args, struct search_key **ret_key)
{
	const char *from = p->c.at;
	struct search_key *key = new_key(p, args, SEARCH_SEQ);

	if (key == NULL || !parse_sequence_set(p, &key->set))
		return parser_expected(p, from, "search-key");
	*ret_key = key;
	return true;
}

/* search-key                                      RFC 9051 section 9 */
static bool
parse_key(
    struct parser *p, struct search_args *args, struct search_key **ret_key)
{
	char first = p->c.at < p->c.end ? *p->c.at : '\0';
	bool good;

	if (!parser_enter(p))
		return false;
	if (first == '(')
		good = parse_list(p, args, ret_key);
	else if (first == '*' || first == '$' || (first >= '0' && first <= '9'))
		good = parse_set(p, args, ret_key);
	else
		good = parse_named(p, args, ret_key);
	parser_leave(p);
	return good;
}

/* -- the command --------------------------------------------------------- */

/* search-return-opt = "MIN" / "MAX" / ...         RFC 9051 section 9 */
static bool
parse_return_opt(struct parser *p, unsigned *returns)
{
	const char *from = p->c.at;
	struct str name = take_atom_chars(p);

	for (size_t i = 0; i < RESULT_OPTION_COUNT; i++) {
		if (!str_eq_nocase(name, str_of(result_options[i].name)))
			continue;
		*returns |= result_options[i].bit;
		return true;
	}
	return parser_expected(p, from, "MIN, MAX, ALL, COUNT or SAVE");
}

/* search-return-opts = SP "RETURN" SP "(" [search-return-opt
 *                      *(SP search-return-opt)] ")"
 *                                                 RFC 9051 section 9
 * behind the "RETURN". */
static bool
parse_return_opts(struct parser *p, struct search_args *args)
{
	args->has_return = true;
	args->returns = SEARCH_RETURN_ALL;
	if (!take_sp(p) ||
	    (!take_byte(p, '(') && !parser_expected(p, p->c.at, "\"(\"")))
		return false;
	if (take_byte(p, ')'))
		return true;
	args->returns = 0;
	do
		if (!parse_return_opt(p, &args->returns))
			return false;
	while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "result option or \")\"");
}

/* ["CHARSET" SP charset SP], behind the "CHARSET"
 * charset = atom / quoted, in RFC 3501 astring    RFC 9051 section 9 */
static bool
parse_charset(struct parser *p, struct search_args *args)
{
	if (p->options.utf8)
		return parser_expected(
		    p, p->c.at, "no CHARSET, since UTF8=ACCEPT is enabled,");
	return take_sp(p) && parse_astring(p, &args->charset) && take_sp(p);
}

static bool
parse_program(struct parser *p, struct search_args *args)
{
	if (!take_sp(p))
		return false;
	if (take_word(p, "RETURN") &&
	    (!parse_return_opts(p, args) || !take_sp(p)))
		return false;
	if (take_word(p, "CHARSET") && !parse_charset(p, args))
		return false;
	args->root = new_key(p, args, SEARCH_AND);
	return args->root != NULL && parse_keys(p, args, &args->root->children);
}

bool
parse_search(struct parser *p, struct search_args *ret_args)
{
	const char *from = p->c.at;
	struct search_args args = { 0 };

	if (!parse_program(p, &args) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- writing ------------------------------------------------------------- */

static void
write_keys(struct buf *to, const struct search_key *keys)
{
	for (const struct search_key *key = keys; key != NULL;
	     key = key->next) {
		write_search_key(to, key);
		if (key->next != NULL)
			buf_add_byte(to, ' ');
	}
}

/* All but the last key with an OR in front. */
static void
write_or(struct buf *to, const struct search_key *keys)
{
	for (const struct search_key *key = keys; key != NULL;
	     key = key->next) {
		if (key->next != NULL)
			buf_add_text(to, "OR ");
		write_search_key(to, key);
		if (key->next != NULL)
			buf_add_byte(to, ' ');
	}
}

static void
write_follows(
    struct buf *to, const struct search_key *key, enum follows follows)
{
	switch (follows) {
	case FOLLOWS_NOTHING:
	case FOLLOWS_KEYS:
		break;
	case FOLLOWS_KEYWORD:
	case FOLLOWS_OBJECTID:
		buf_add_str(to, key->text);
		break;
	case FOLLOWS_FIELD:
		write_astring(to, key->field, true);
		buf_add_byte(to, ' ');
		write_astring(to, key->text, true);
		break;
	case FOLLOWS_STRING:
		write_astring(to, key->text, true);
		break;
	case FOLLOWS_DATE:
		write_date(to, key->day);
		break;
	case FOLLOWS_NUMBER64:
	case FOLLOWS_SECONDS:
	case FOLLOWS_MODSEQ:
		buf_add_number(to, key->number);
		break;
	case FOLLOWS_SET:
		write_set(to, &key->set);
		break;
	case FOLLOWS_KEY:
		write_search_key(to, key->children);
		break;
	}
}

static void
write_named(struct buf *to, const struct search_key *key)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (names[i].kind != key->kind)
			continue;
		buf_add_text(to, names[i].name);
		if (names[i].follows != FOLLOWS_NOTHING)
			buf_add_byte(to, ' ');
		write_follows(to, key, names[i].follows);
	}
}

void
write_search_key(struct buf *to, const struct search_key *key)
{
	if (key->kind == SEARCH_OR) {
		write_or(to, key->children);
	} else if (key->kind == SEARCH_SEQ) {
		write_set(to, &key->set);
	} else if (key->kind == SEARCH_AND) {
		buf_add_byte(to, '(');
		write_keys(to, key->children);
		buf_add_byte(to, ')');
	} else {
		write_named(to, key);
	}
}

static void
write_return_opts(struct buf *to, unsigned returns)
{
	const char *before = "";

	buf_add_text(to, " RETURN (");
	for (size_t i = 0; i < RESULT_OPTION_COUNT; i++) {
		if ((returns & result_options[i].bit) == 0)
			continue;
		buf_add_text(to, before);
		buf_add_text(to, result_options[i].name);
		before = " ";
	}
	buf_add_byte(to, ')');
}

void
write_search(struct buf *to, const struct search_args *args)
{
	if (args->has_return)
		write_return_opts(to, args->returns);
	if (args->charset.p != NULL) {
		buf_add_text(to, " CHARSET ");
		write_astring(to, args->charset, true);
	}
	buf_add_byte(to, ' ');
	write_keys(to, args->root->children);
}
