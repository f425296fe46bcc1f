/* SPDX-License-Identifier: MIT
 *
 * From the keys of a SEARCH to a plan.
 */
#include "imap/search_compile.h"

#include <assert.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "imap/objectid.h"
#include "imap/selection.h"
#include "mime/charset.h"

#define DAY_SECONDS 86400

struct compiler {
	struct imap_session *session;
	struct arena *arena;
	struct mime_charset *charset; /* of the strings */
	struct str *keywords;	      /* of the mailbox */
	unsigned keyword_count;
	struct plan plan;
	int64_t now;
};

static enum rc compile(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node);

/* -- nodes ------------------------------------------------------------- */

static enum rc
new_node(struct compiler *c, enum plan_kind kind, struct plan_node **ret_node)
{
	struct plan_node *n = arena_alloc(c->arena, sizeof(*n));

	if (n == NULL)
		return RC_LIMIT;
	n->kind = kind;
	*ret_node = n;
	return RC_OK;
}

static enum rc
new_flag(
    struct compiler *c, uint64_t mask, bool set, struct plan_node **ret_node)
{
	enum rc rc = new_node(c, PLAN_FLAGS, ret_node);

	if (rc == RC_OK) {
		(*ret_node)->bits.mask = mask;
		(*ret_node)->bits.value = set ? mask : 0;
	}
	return rc;
}

static enum rc
new_range(struct compiler *c, enum plan_kind kind, int64_t least, int64_t most,
    struct plan_node **ret_node)
{
	enum rc rc = new_node(c, kind, ret_node);

	if (rc == RC_OK) {
		(*ret_node)->range.least = least;
		(*ret_node)->range.most = most;
		if (kind == PLAN_SENT)
			(*ret_node)->stage = STAGE_RECORD;
	}
	return rc;
}

static enum rc
new_recent(struct compiler *c, bool recent, struct plan_node **ret_node)
{
	enum rc rc = new_node(c, PLAN_RECENT, ret_node);

	if (rc == RC_OK)
		(*ret_node)->negate = !recent;
	return rc;
}

/* NEW: RECENT UNSEEN                              RFC 3501 section 6.4.4 */
static enum rc
new_new(struct compiler *c, struct plan_node **ret_node)
{
	struct plan_node *recent, *unseen;
	enum rc rc = new_node(c, PLAN_AND, ret_node);

	if (rc == RC_OK)
		rc = new_recent(c, true, &recent);
	if (rc == RC_OK)
		rc = new_flag(c, FLAG_SEEN, false, &unseen);
	if (rc != RC_OK)
		return rc;
	plan_adopt(*ret_node, recent);
	plan_adopt(*ret_node, unseen);
	return RC_OK;
}

static enum rc
new_keyword(
    struct compiler *c, struct str name, bool set, struct plan_node **ret_node)
{
	unsigned bit = 0;
	enum rc rc;

	while (bit < c->keyword_count && !str_eq_nocase(c->keywords[bit], name))
		bit++;
	if (bit == c->keyword_count) {
		rc = new_node(c, PLAN_ALL, ret_node);
		if (rc == RC_OK)
			(*ret_node)->negate = set;
		return rc;
	}
	rc = new_node(c, PLAN_KEYWORDS, ret_node);
	if (rc == RC_OK) {
		(*ret_node)->bits.mask = (uint64_t)1 << bit;
		(*ret_node)->bits.value = set ? (*ret_node)->bits.mask : 0;
	}
	return rc;
}

/* A message with this EMAILID or THREADID. */
static enum rc
new_object(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	bool is_email = key->kind == SEARCH_EMAILID;
	enum plan_kind kind = is_email ? PLAN_EMAIL : PLAN_THREAD;
	uint64_t number = 0;
	bool known = is_email
			 ? objectid_read_email(c->session, key->text, &number)
			 : objectid_read_thread(c->session, key->text, &number);
	enum rc rc = new_node(c, known ? kind : PLAN_ALL, ret_node);

	if (rc != RC_OK)
		return rc;
	(*ret_node)->negate = !known;
	(*ret_node)->bits.value = number;
	if (known && !is_email)
		(*ret_node)->stage = STAGE_RECORD;
	return RC_OK;
}

/* -- strings ----------------------------------------------------------- */

/* ${text} in UTF-8, folded for comparison. */
static enum rc
fold(struct compiler *c, struct str text, struct str *ret_folded)
{
	struct buf utf8, folded;
	struct str copy = { 0 };

	buf_init(&utf8, SEARCH_STRING_BYTES_MAX);
	buf_init(&folded, SEARCH_STRING_BYTES_MAX);
	mime_charset_write(c->charset, text, &utf8);
	mime_charset_finish(c->charset, &utf8);
	if (buf_check(&utf8) == RC_OK)
		utf8_fold(buf_str(&utf8), &folded);
	if (buf_check(&utf8) == RC_OK && buf_check(&folded) == RC_OK)
		copy = arena_str(c->arena, buf_str(&folded));
	buf_fini(&utf8);
	buf_fini(&folded);
	if (copy.p == NULL)
		return RC_LIMIT;
	*ret_folded = copy;
	return RC_OK;
}

/* A string in a field; an empty one asks whether there is such a field. */
static enum rc
new_field(struct compiler *c, struct str name, struct str text,
    struct plan_node **ret_node)
{
	struct str folded;
	enum rc rc = fold(c, text, &folded);

	if (rc == RC_OK)
		rc = new_node(c, PLAN_FIELD, ret_node);
	if (rc != RC_OK)
		return rc;
	(*ret_node)->stage = STAGE_HEADER;
	(*ret_node)->index = c->plan.field_count;
	c->plan.fields[c->plan.field_count++] =
	    (struct plan_field){ .name = name, .folded = folded };
	return RC_OK;
}

/* A string in one of ENVELOPE's lists of addresses. */
static enum rc
new_addresses(struct compiler *c, struct str name, struct str text,
    struct plan_node **ret_node)
{
	enum rc rc = new_field(c, name, text, ret_node);

	if (rc == RC_OK)
		c->plan.fields[(*ret_node)->index].addresses = true;
	return rc;
}

/* The needle for ${folded}, which two keys may share. */
static enum rc
find_needle(
    struct compiler *c, struct str folded, unsigned scopes, size_t *ret_index)
{
	struct plan *p = &c->plan;

	for (size_t i = 0; i < p->needle_count; i++) {
		if (p->needles[i].scopes == scopes &&
		    str_eq(p->needles[i].folded, folded)) {
			*ret_index = i;
			return RC_OK;
		}
	}
	if (p->needle_count == SEARCH_STRINGS_MAX)
		return RC_LIMIT;
	p->needles[p->needle_count] =
	    (struct match_needle){ .folded = folded, .scopes = scopes };
	*ret_index = p->needle_count++;
	return RC_OK;
}

/* A string in the text; the empty one is in every text. */
static enum rc
new_text(struct compiler *c, struct str text, unsigned scopes,
    struct plan_node **ret_node)
{
	struct str folded;
	size_t index;
	enum rc rc = fold(c, text, &folded);

	if (rc != RC_OK)
		return rc;
	if (folded.n == 0)
		return new_node(c, PLAN_ALL, ret_node);
	rc = find_needle(c, folded, scopes, &index);
	if (rc == RC_OK)
		rc = new_node(c, PLAN_TEXT, ret_node);
	if (rc != RC_OK)
		return rc;
	(*ret_node)->stage = STAGE_BODY;
	(*ret_node)->index = index;
	return RC_OK;
}

/* -- sets -------------------------------------------------------------- */

static enum rc
new_set(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	/* "$" is kept as UIDs, and means the same messages in both places. */
	bool uids = key->kind == SEARCH_UID || key->set.saved;
	struct uid_list list;
	enum rc rc;

	if (uids)
		rc = selection_uids(c->session, &key->set, &list);
	else
		rc = selection_numbers(c->session, &key->set, &list);
	if (rc == RC_OK)
		rc = new_node(c, uids ? PLAN_UIDS : PLAN_SEQS, ret_node);
	if (rc != RC_OK)
		return rc;
	(*ret_node)->set.v = list.v;
	(*ret_node)->set.n = list.n;
	return RC_OK;
}

/* -- groups ------------------------------------------------------------ */

static enum rc
new_group(struct compiler *c, enum plan_kind kind, const struct search_key *key,
    struct plan_node **ret_node)
{
	struct plan_node *group, *child;
	enum rc rc = new_node(c, kind, &group);

	for (const struct search_key *k = key->children;
	     k != NULL && rc == RC_OK; k = k->next) {
		rc = compile(c, k, &child);
		if (rc == RC_OK)
			plan_adopt(group, child);
	}
	if (rc == RC_OK)
		*ret_node = group;
	return rc;
}

static enum rc
new_not(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	enum rc rc = compile(c, key->children, ret_node);

	if (rc == RC_OK)
		(*ret_node)->negate = !(*ret_node)->negate;
	return rc;
}

/* -- keys, by what they take ------------------------------------------- */

static enum rc
compile_flag(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	static const struct {
		unsigned mask;
		bool set;
	} flags[] = {
		[SEARCH_ANSWERED] = { FLAG_ANSWERED, true },
		[SEARCH_DELETED] = { FLAG_DELETED, true },
		[SEARCH_DRAFT] = { FLAG_DRAFT, true },
		[SEARCH_FLAGGED] = { FLAG_FLAGGED, true },
		[SEARCH_SEEN] = { FLAG_SEEN, true },
		[SEARCH_UNANSWERED] = { FLAG_ANSWERED, false },
		[SEARCH_UNDELETED] = { FLAG_DELETED, false },
		[SEARCH_UNDRAFT] = { FLAG_DRAFT, false },
		[SEARCH_UNFLAGGED] = { FLAG_FLAGGED, false },
		[SEARCH_UNSEEN] = { FLAG_SEEN, false },
	};

	return new_flag(
	    c, flags[key->kind].mask, flags[key->kind].set, ret_node);
}

static enum rc
compile_string(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	switch (key->kind) {
	case SEARCH_BCC:
		return new_addresses(c, STR("Bcc"), key->text, ret_node);
	case SEARCH_CC:
		return new_addresses(c, STR("Cc"), key->text, ret_node);
	case SEARCH_FROM:
		return new_addresses(c, STR("From"), key->text, ret_node);
	case SEARCH_SUBJECT:
		return new_field(c, STR("Subject"), key->text, ret_node);
	case SEARCH_TO:
		return new_addresses(c, STR("To"), key->text, ret_node);
	case SEARCH_HEADER:
		return new_field(c, key->field, key->text, ret_node);
	case SEARCH_BODY:
		return new_text(c, key->text, PLAN_IN_BODY, ret_node);
	default:
		assert(key->kind == SEARCH_TEXT);
		return new_text(
		    c, key->text, PLAN_IN_HEADER | PLAN_IN_BODY, ret_node);
	}
}

/* Days are far from the ends of int64_t: the grammar has years of 4 digits. */
static enum rc
compile_day(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	const int64_t from = key->day * DAY_SECONDS;
	const int64_t to = from + DAY_SECONDS - 1;

	switch (key->kind) {
	case SEARCH_BEFORE:
		return new_range(c, PLAN_DATE, INT64_MIN, from - 1, ret_node);
	case SEARCH_ON:
		return new_range(c, PLAN_DATE, from, to, ret_node);
	case SEARCH_SINCE:
		return new_range(c, PLAN_DATE, from, INT64_MAX, ret_node);
	case SEARCH_SAVEDBEFORE:
		return new_range(c, PLAN_SAVED, INT64_MIN, from - 1, ret_node);
	case SEARCH_SAVEDON:
		return new_range(c, PLAN_SAVED, from, to, ret_node);
	case SEARCH_SAVEDSINCE:
		return new_range(c, PLAN_SAVED, from, INT64_MAX, ret_node);
	case SEARCH_SENTBEFORE:
		return new_range(
		    c, PLAN_SENT, INT64_MIN, key->day - 1, ret_node);
	case SEARCH_SENTON:
		return new_range(c, PLAN_SENT, key->day, key->day, ret_node);
	default:
		assert(key->kind == SEARCH_SENTSINCE);
		return new_range(c, PLAN_SENT, key->day, INT64_MAX, ret_node);
	}
}

/* Octets of RFC822.SIZE, or seconds before now (RFC 5032 section 3). */
static enum rc
compile_number(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	const int64_t number =
	    key->number < INT64_MAX / 2 ? (int64_t)key->number : INT64_MAX / 2;

	switch (key->kind) {
	case SEARCH_LARGER:
		return new_range(c, PLAN_SIZE, number + 1, INT64_MAX, ret_node);
	case SEARCH_SMALLER:
		return new_range(c, PLAN_SIZE, INT64_MIN, number - 1, ret_node);
	case SEARCH_OLDER:
		return new_range(
		    c, PLAN_DATE, INT64_MIN, c->now - number, ret_node);
	case SEARCH_MODSEQ:
		return new_range(c, PLAN_MODSEQ, number, INT64_MAX, ret_node);
	default:
		assert(key->kind == SEARCH_YOUNGER);
		return new_range(
		    c, PLAN_DATE, c->now - number, INT64_MAX, ret_node);
	}
}

static enum rc
compile(struct compiler *c, const struct search_key *key,
    struct plan_node **ret_node)
{
	switch (key->kind) {
	case SEARCH_ALL:
	case SEARCH_SAVEDATESUPPORTED:
		return new_node(c, PLAN_ALL, ret_node);
	case SEARCH_NEW:
		return new_new(c, ret_node);
	case SEARCH_OLD:
	case SEARCH_RECENT:
		return new_recent(c, key->kind == SEARCH_RECENT, ret_node);
	case SEARCH_KEYWORD:
	case SEARCH_UNKEYWORD:
		return new_keyword(
		    c, key->text, key->kind == SEARCH_KEYWORD, ret_node);
	case SEARCH_EMAILID:
	case SEARCH_THREADID:
		return new_object(c, key, ret_node);
	case SEARCH_UID:
	case SEARCH_SEQ:
		return new_set(c, key, ret_node);
	case SEARCH_NOT:
		return new_not(c, key, ret_node);
	case SEARCH_OR:
		return new_group(c, PLAN_OR, key, ret_node);
	case SEARCH_AND:
		return new_group(c, PLAN_AND, key, ret_node);
	default:
		break;
	}
	if (key->kind < SEARCH_NEW)
		return compile_flag(c, key, ret_node);
	if (key->kind < SEARCH_BEFORE)
		return compile_string(c, key, ret_node);
	if (key->kind < SEARCH_LARGER)
		return compile_day(c, key, ret_node);
	return compile_number(c, key, ret_node);
}

/* -- all --------------------------------------------------------------- */

enum rc
search_compile(struct imap_session *s, const struct search_args *args,
    struct plan *ret_plan)
{
	struct compiler c = {
		.session = s,
		.arena = s->running->arena,
		.now = clock_wall(),
	};
	enum rc rc;

	c.plan.fields =
	    arena_array(c.arena, args->key_count, sizeof(*c.plan.fields));
	c.plan.needles =
	    arena_array(c.arena, SEARCH_STRINGS_MAX, sizeof(*c.plan.needles));
	if (c.plan.fields == NULL || c.plan.needles == NULL)
		return RC_LIMIT;
	rc = mailbox_keywords(
	    s->view.mailbox, c.arena, &c.keywords, &c.keyword_count);
	if (rc != RC_OK)
		return rc;
	c.charset = mime_charset_new(args->charset);
	rc = compile(&c, args->root, &c.plan.root);
	mime_charset_free(c.charset);
	if (rc == RC_OK)
		*ret_plan = c.plan;
	return rc;
}
