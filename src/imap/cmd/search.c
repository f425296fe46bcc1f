/* SPDX-License-Identifier: MIT
 *
 * SEARCH and UID SEARCH (RFC 9051 section 6.4.4, RFC 3501 section 6.4.4), with
 * RETURN (RFC 4731), "$" (RFC 5182) and MODSEQ (RFC 7162 section 3.1.5).
 *
 * The answer is ESEARCH when the client has asked for it with RETURN or has
 * enabled IMAP4rev2, else SEARCH.
 */
#include "imap/cmd/cmd.h"

#include "base/limits.h"
#include "imap/imap.h"
#include "imap/modseq.h"
#include "imap/search_compile.h"
#include "imap/selection.h"
#include "mime/charset.h"
#include "proto/imap/write.h"
#include "search/run.h"

/* A part of a line that can be long. */
#define PART_BYTES  4096
#define PART_RANGES 256

struct search_command {
	struct search_args args;
	struct plan plan;
	struct result result;
};

_Static_assert((int)SEARCH_RETURN_MIN == RESULT_MIN &&
		   (int)SEARCH_RETURN_MAX == RESULT_MAX &&
		   (int)SEARCH_RETURN_COUNT == RESULT_COUNT &&
		   (int)SEARCH_RETURN_ALL == RESULT_ALL &&
		   (int)SEARCH_RETURN_SAVE == RESULT_SAVE,
    "result options are the same bits");

bool
parse_cmd_search(struct parser *p, struct arena *a, void **ret_args)
{
	struct search_command *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_search(p, &c->args))
		return false;
	*ret_args = c;
	return true;
}

/* -- the saved result -------------------------------------------------- */

static bool
saves(const struct search_command *c)
{
	return (c->args.returns & SEARCH_RETURN_SAVE) != 0;
}

/* A NO empties "$" if it was to be set (RFC 9051 section 6.4.4.1). */
static struct answer
refuse(struct imap_session *s, const struct search_command *c,
    struct answer answer)
{
	if (saves(c))
		uid_list_fini(&s->saved);
	return answer;
}

static struct answer
save(struct imap_session *s, struct search_command *c)
{
	struct uid_list saved;

	result_take_saved(&c->result, &saved);
	if (saved.n > SAVED_RANGES_MAX) {
		uid_list_fini(&saved);
		return refuse(s, c,
		    answer_no("NOTSAVED", "The result is too long to keep"));
	}
	uid_list_fini(&s->saved);
	s->saved = saved;
	return answer_ok("Searched, result saved");
}

/* -- checking ---------------------------------------------------------- */

static bool
is_offered(const struct imap_session *s, enum search_kind kind)
{
	switch (kind) {
	case SEARCH_OLDER:
	case SEARCH_YOUNGER:
		return session_has(s, CAPABILITY_WITHIN);
	case SEARCH_MODSEQ:
		return modseq_is_offered(s);
	case SEARCH_EMAILID:
	case SEARCH_THREADID:
		return session_has(s, CAPABILITY_OBJECTID);
	case SEARCH_SAVEDATESUPPORTED:
	case SEARCH_SAVEDBEFORE:
	case SEARCH_SAVEDON:
	case SEARCH_SAVEDSINCE:
		return session_has(s, CAPABILITY_SAVEDATE);
	default:
		return true;
	}
}

/* Keys and options of extensions that are switched off are unknown. */
static bool
has_unknown_key(const struct imap_session *s, const struct search_key *key)
{
	for (; key != NULL; key = key->next) {
		if (!is_offered(s, key->kind))
			return true;
		if (key->kind >= SEARCH_NOT &&
		    has_unknown_key(s, key->children))
			return true;
	}
	return false;
}

struct answer
check_cmd_search(struct imap_session *s, void *args)
{
	struct search_command *c = args;
	enum rc rc;

	if (c->args.has_return && !session_has(s, CAPABILITY_ESEARCH))
		return answer_bad("RETURN is not offered");
	if (saves(c) && !session_has(s, CAPABILITY_SEARCHRES))
		return answer_bad("Unknown result option");
	if (has_unknown_key(s, c->args.root))
		return answer_bad("Unknown search key");
	if (c->args.charset.n > 0 && !mime_charset_definite(c->args.charset))
		return refuse(s, c,
		    answer_no("BADCHARSET (UTF-8 US-ASCII)",
			"The charset is not known"));
	rc = search_compile(s, &c->args, &c->plan);
	if (rc == RC_LIMIT)
		return refuse(
		    s, c, answer_no("LIMIT", "Too much to search for"));
	return rc == RC_OK ? answer_proceed() : refuse(s, c, answer_failed(rc));
}

/* -- answering --------------------------------------------------------- */

/* search-data of RFC 3501: "SEARCH" *(SP nz-number), with
 * [SP search-sort-mod-seq]                        RFC 7162 section 7 */
static enum rc
write_search_data(struct imap_session *s, const struct search_command *c)
{
	const struct uid_list *all = &c->result.all;
	struct buf *line = respond_begin(s);
	enum rc rc = RC_OK;

	buf_add_text(line, "* SEARCH");
	for (size_t i = 0; i < all->n && rc == RC_OK; i++) {
		for (uint32_t n = all->v[i].first;; n++) {
			buf_add_byte(line, ' ');
			buf_add_number(line, n);
			if (line->n > PART_BYTES) {
				respond_part(s);
				rc = respond_room(s);
			}
			if (rc != RC_OK || n == all->v[i].last)
				break;
		}
	}
	if (c->args.has_modseq && c->result.count > 0) {
		buf_add_text(line, " (MODSEQ ");
		buf_add_number(line, c->result.modseq);
		buf_add_byte(line, ')');
	}
	respond_line(s);
	return rc;
}

/* "ALL" SP sequence-set, in parts. */
static enum rc
write_all(struct imap_session *s, const struct uid_list *all)
{
	struct seq_ranges r = selection_ranges(all);
	struct buf *line = &s->running->line;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r.n && rc == RC_OK; i += PART_RANGES) {
		size_t count = r.n - i < PART_RANGES ? r.n - i : PART_RANGES;

		buf_add_text(line, i == 0 ? " ALL " : ",");
		write_sequence_set(line, r.v + i, count);
		respond_part(s);
		rc = respond_room(s);
	}
	return rc;
}

/* esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
 *                    *(SP search-return-data)     RFC 9051 section 9
 * MIN, MAX and ALL are left out when nothing was found. */
static enum rc
write_esearch(struct imap_session *s, const struct search_command *c)
{
	const struct result *r = &c->result;
	struct buf *line = respond_begin(s);
	enum rc rc = RC_OK;

	buf_add_text(line, "* ESEARCH (TAG ");
	write_quoted(line, s->running->tag, false);
	buf_add_byte(line, ')');
	if (r->by_uid)
		buf_add_text(line, " UID");
	if ((r->options & RESULT_MIN) && r->count > 0)
		buf_add_format(line, " MIN %u", r->min);
	if ((r->options & RESULT_MAX) && r->count > 0)
		buf_add_format(line, " MAX %u", r->max);
	if (r->options & RESULT_COUNT)
		buf_add_format(line, " COUNT %u", r->count);
	if (r->options & RESULT_ALL)
		rc = write_all(s, &r->all);
	if (c->args.has_modseq && r->count > 0) {
		buf_add_text(line, " MODSEQ ");
		buf_add_number(line, r->modseq);
	}
	respond_line(s);
	return rc;
}

static enum rc
write_result(struct imap_session *s, const struct search_command *c)
{
	if (c->result.options == RESULT_SAVE)
		return RC_OK;
	if (c->args.has_return || session_rev2(s))
		return write_esearch(s, c);
	return write_search_data(s, c);
}

/* RFC 9051 section 7.1.2: an untagged NO is a warning, the command goes on. */
static void
warn_damaged(struct imap_session *s, uint32_t damaged)
{
	struct buf *text;

	if (damaged == 0)
		return;
	text = respond_begin(s);
	buf_add_format(
	    text, "%u damaged messages could not be searched", damaged);
	buf_add_byte(text, '\0');
	respond_state(s, "NO", STR("SERVERBUG"), text->p);
}

/* -- doing it ---------------------------------------------------------- */

/* A search can take long: do not keep the server from stopping. */
static enum rc
go_on(void *arg)
{
	struct imap_session *s = arg;

	return turn_is_called_off(&s->turn) ? RC_SHUTDOWN : RC_OK;
}

static struct answer
search(struct imap_session *s, struct search_command *c)
{
	struct run run = {
		.mail = s->mail,
		.view = &s->view,
		.plan = &c->plan,
		.arena = s->running->arena,
		.go_on = go_on,
		.arg = s,
	};
	enum rc rc = run_search(&run, &c->result);

	if (rc == RC_SHUTDOWN)
		return answer_gone(s, rc);
	if (rc != RC_OK)
		return refuse(s, c, answer_failed(rc));
	warn_damaged(s, run.damaged);
	rc = write_result(s, c);
	if (rc != RC_OK)
		return answer_gone(s, rc);
	return saves(c) ? save(s, c) : answer_ok("Searched");
}

struct answer
cmd_search(struct imap_session *s, void *args)
{
	struct search_command *c = args;
	struct answer answer;

	if (c->args.has_modseq)
		modseq_enable(s);
	result_init(&c->result,
	    c->args.has_return ? c->args.returns : RESULT_ALL,
	    session_by_uid(s));
	answer = search(s, c);
	result_fini(&c->result);
	return answer;
}
