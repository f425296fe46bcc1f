/* SPDX-License-Identifier: MIT
 *
 * resp-text and the response codes: RFC 9051 section 7.1, RFC 3501 section 7.1,
 * RFC 5530 section 3, RFC 4315 section 3, RFC 7162 section 7 and those of the
 * other extensions.
 */
#include "proto/imap/response_internal.h"

/* -- what follows a code's name ---------------------------------------------- */

static bool
nz_number(struct response *r)
{
	uint32_t n;

	return response_sp(r) && response_number32(r, 1, &n);
}

static bool
mod_sequence_value(struct response *r)
{
	return response_sp(r) && response_number64(r, 1);
}

static bool
charset(struct response *r)
{
	struct str name;

	return response_atom(r, &name);
}

static bool
charsets(struct response *r)
{
	return !response_takes(r, ' ') || response_list(r, charset);
}

static bool
permanent_flags(struct response *r)
{
	return response_sp(r) && response_permanent_flags(r);
}

/* SP nz-number SP append-uid                      RFC 4315 section 4 */
static bool
appenduid(struct response *r)
{
	uint64_t count;

	return nz_number(r) && response_sp(r) && response_set(r, true, &count);
}

/* SP nz-number SP uid-set SP uid-set, as many in one as in the other
 *                                                 RFC 4315 section 4 */
static bool
copyuid(struct response *r)
{
	uint64_t from, to;

	if (!nz_number(r) || !response_sp(r) ||
	    !response_set(r, false, &from) || !response_sp(r) ||
	    !response_set(r, false, &to))
		return false;
	return from == to || response_expected(r, "as many UIDs");
}

static bool
modified(struct response *r)
{
	uint64_t count;

	return response_sp(r) && response_set(r, true, &count);
}

static bool
mailboxid(struct response *r)
{
	return response_sp(r) && response_objectid(r);
}

static bool
number_or_more(struct response *r, uint32_t min)
{
	uint32_t n;

	return response_sp(r) &&
	       (response_sees(r, 'N') ? response_text(r, "NIL")
				      : response_number32(r, min, &n));
}

static bool
quoted(struct response *r)
{
	struct str tag;

	return response_quoted(r, &tag);
}

/* [SP "(" (quoted / nil) SP (number / nil) SP (nz-number / nil) ")"]
 *                                                 RFC 9585 section 6 */
static bool
inprogress(struct response *r)
{
	return !response_takes(r, ' ') ||
	       (response_text(r, "(") && response_or_nil(r, quoted) &&
		   number_or_more(r, 0) && number_or_more(r, 1) &&
		   response_text(r, ")"));
}

/* The mailbox that was selected is no more. */
static bool
closed(struct response *r)
{
	r->facts->exists = 0;
	return true;
}

/* -- codes --------------------------------------------------------------------- */

static const struct {
	const char *name;
	response_fn *rest; /* NULL: nothing follows */
} codes[] = {
	{ "ALERT", NULL },
	{ "ALREADYEXISTS", NULL },
	{ "APPENDUID", appenduid },
	{ "AUTHENTICATIONFAILED", NULL },
	{ "AUTHORIZATIONFAILED", NULL },
	{ "BADCHARSET", charsets },
	{ "CANNOT", NULL },
	{ "CAPABILITY", response_capabilities },
	{ "CLIENTBUG", NULL },
	{ "CLOSED", closed },
	{ "COMPRESSIONACTIVE", NULL },
	{ "CONTACTADMIN", NULL },
	{ "COPYUID", copyuid },
	{ "CORRUPTION", NULL },
	{ "EXPIRED", NULL },
	{ "EXPUNGEISSUED", NULL },
	{ "HASCHILDREN", NULL },
	{ "HIGHESTMODSEQ", mod_sequence_value },
	{ "INPROGRESS", inprogress },
	{ "INUSE", NULL },
	{ "LIMIT", NULL },
	{ "MAILBOXID", mailboxid },
	{ "MODIFIED", modified },
	{ "NONEXISTENT", NULL },
	{ "NOPERM", NULL },
	{ "NOTSAVED", NULL },
	{ "OVERQUOTA", NULL },
	{ "PARSE", NULL },
	{ "PERMANENTFLAGS", permanent_flags },
	{ "PRIVACYREQUIRED", NULL },
	{ "READ-ONLY", NULL },
	{ "READ-WRITE", NULL },
	{ "SERVERBUG", NULL },
	{ "TOOBIG", NULL },
	{ "TRYCREATE", NULL },
	{ "UIDNEXT", nz_number },
	{ "UIDVALIDITY", nz_number },
	{ "UNAVAILABLE", NULL },
	{ "UNKNOWN-CTE", NULL },
	{ "UNSEEN", nz_number },
	{ "USEATTR", NULL },
};

/* resp-text-code                                  RFC 9051 section 9 */
static bool
resp_text_code(struct response *r)
{
	const char *from = r->c.at;
	struct str name;

	if (!response_name(r, &name))
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (str_eq(name, str_of(codes[i].name)))
			return codes[i].rest == NULL || codes[i].rest(r);
	r->c.at = from;
	return response_expected(r, "resp-text-code");
}

/* text = 1*TEXT-CHAR, printable and with no space at either end
 *                                                 RFC 9051 section 9 */
static bool
text(struct response *r)
{
	const char *from = r->c.at;

	if (response_sees(r, ' '))
		return response_expected(r, "text without a space in front");
	while (r->c.at < r->c.end && *r->c.at >= ' ' && *r->c.at < 0x7f)
		r->c.at++;
	if (r->c.at == from)
		return response_expected(r, "text");
	return r->c.at[-1] != ' ' ||
	       response_expected(r, "no space at the end");
}

/* resp-text = ["[" resp-text-code "]" SP] text    RFC 9051 section 9 */
bool
response_resp_text(struct response *r)
{
	if (response_takes(r, '[') &&
	    (!resp_text_code(r) || !response_text(r, "] ")))
		return false;
	return text(r);
}
