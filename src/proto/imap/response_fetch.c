/* SPDX-License-Identifier: MIT
 *
 * What FETCH responses say: RFC 9051 sections 7.5.2 and 9, RFC 3501 section
 * 7.4.2, RFC 3516 section 7 (BINARY), RFC 7162 section 7 (MODSEQ), RFC 8474
 * section 7 (EMAILID, THREADID), RFC 8514 section 5 (SAVEDATE), RFC 8970
 * section 4 (PREVIEW).
 */
#include "proto/imap/response_internal.h"

#include <string.h>

#define BODIES_DEEP_MAX 250 /* more than the MIME parser goes */

/* -- single values ----------------------------------------------------------- */

static bool
uid(struct response *r)
{
	uint32_t n;

	return response_sp(r) && response_number32(r, 1, &n);
}

static bool
flags(struct response *r)
{
	return response_sp(r) && response_fetch_flags(r);
}

static bool
size(struct response *r)
{
	return response_sp(r) && response_number64(r, 0);
}

static bool
modseq(struct response *r)
{
	return response_text(r, " (") && response_number64(r, 1) &&
	       response_text(r, ")");
}

static bool
nstring(struct response *r)
{
	return response_sp(r) && response_nstring(r);
}

static bool
emailid(struct response *r)
{
	return response_sp(r) && response_objectid(r);
}

static bool
threadid(struct response *r)
{
	return response_sp(r) && response_or_nil(r, response_objectid);
}

/* ${form} has "9" for a digit, "M" for the three letters of a month, "+" for
 * the sign of a zone; all else stands for itself. */
static bool
in_form(struct str s, const char *form)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (s.n != strlen(form))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool good = s.p[i] == form[i];

		if (form[i] == '9')
			good = s.p[i] >= '0' && s.p[i] <= '9';
		else if (form[i] == '+')
			good = s.p[i] == '+' || s.p[i] == '-';
		if (form[i] != 'M' && !good)
			return false;
	}
	for (size_t i = 0; i + 1 < sizeof(months); i += 3)
		if (memcmp(months + i, s.p + 3, 3) == 0)
			return true;
	return false;
}

/* date-time                                       RFC 9051 section 9 */
static bool
date_time(struct response *r)
{
	const char *from = r->c.at;
	struct str text;

	if (!response_quoted(r, &text))
		return false;
	if (in_form(text, "99-MMM-9999 99:99:99 +9999") ||
	    in_form(text, " 9-MMM-9999 99:99:99 +9999"))
		return true;
	r->c.at = from;
	return response_expected(r, "date-time");
}

static bool
internaldate(struct response *r)
{
	return response_sp(r) && date_time(r);
}

static bool
savedate(struct response *r)
{
	return response_sp(r) && response_or_nil(r, date_time);
}

/* -- ENVELOPE ---------------------------------------------------------------- */

/* "(" so many nstrings ")" */
static bool
nstrings(struct response *r, int count)
{
	for (int i = 0; i < count; i++)
		if (!response_text(r, i == 0 ? "(" : " ") ||
		    !response_nstring(r))
			return false;
	return response_text(r, ")");
}

/* "(" 1*address ")": with no space between        RFC 9051 section 9 */
static bool
addresses(struct response *r)
{
	if (!response_text(r, "("))
		return false;
	do
		if (!nstrings(r, 4))
			return false;
	while (response_sees(r, '('));
	return response_text(r, ")");
}

/* "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP
 * env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
 *                                                 RFC 9051 section 9 */
static bool
envelope(struct response *r)
{
	if (!response_text(r, "(") || !response_nstring(r) || !nstring(r))
		return false;
	for (int i = 0; i < 6; i++)
		if (!response_sp(r) || !response_or_nil(r, addresses))
			return false;
	return nstring(r) && nstring(r) && response_text(r, ")");
}

static bool
envelope_item(struct response *r)
{
	return response_sp(r) && envelope(r);
}

/* -- BODY, BODYSTRUCTURE ----------------------------------------------------- */

/* string SP string */
static bool
parameter(struct response *r)
{
	return response_string(r) && response_sp(r) && response_string(r);
}

static bool
parameters(struct response *r)
{
	return response_list(r, parameter);
}

/* body-fld-param                                  RFC 9051 section 9 */
static bool
body_fld_param(struct response *r)
{
	return response_sp(r) && response_or_nil(r, parameters);
}

static bool
disposition(struct response *r)
{
	return response_text(r, "(") && response_string(r) &&
	       body_fld_param(r) && response_text(r, ")");
}

static bool
languages(struct response *r)
{
	return response_sees(r, '(') ? response_list(r, response_string)
				     : response_nstring(r);
}

/* SP body-fld-dsp SP body-fld-lang SP body-fld-loc
 *                                                 RFC 9051 section 9 */
static bool
body_ext(struct response *r)
{
	return response_sp(r) && response_or_nil(r, disposition) &&
	       response_sp(r) && languages(r) && nstring(r);
}

/* body-fields, behind the media type              RFC 9051 section 9 */
static bool
body_fields(struct response *r)
{
	uint32_t octets;

	return body_fld_param(r) && nstring(r) && nstring(r) &&
	       response_sp(r) && response_string(r) && response_sp(r) &&
	       response_number32(r, 0, &octets);
}

static bool body(struct response *r, bool extended);

/* What is behind body-fields for these media types. */
static bool
body_of_type(
    struct response *r, struct str type, struct str subtype, bool extended)
{
	if (str_eq_nocase(type, STR("text")))
		return size(r);
	if (!str_eq_nocase(type, STR("message")) ||
	    (!str_eq_nocase(subtype, STR("rfc822")) &&
		!str_eq_nocase(subtype, STR("global"))))
		return true;
	return envelope_item(r) && response_sp(r) && body(r, extended) &&
	       size(r);
}

/* body-type-1part                                 RFC 9051 section 9 */
static bool
body_type_1part(struct response *r, bool extended)
{
	struct str type, subtype;

	if (!response_quoted(r, &type) || !response_sp(r) ||
	    !response_quoted(r, &subtype))
		return false;
	if (type.n == 0 || subtype.n == 0)
		return response_expected(r, "media type");
	if (!body_fields(r) || !body_of_type(r, type, subtype, extended))
		return false;
	return !extended || (nstring(r) && body_ext(r));
}

/* body-type-mpart                                 RFC 9051 section 9 */
static bool
body_type_mpart(struct response *r, bool extended)
{
	struct str subtype;

	do
		if (!body(r, extended))
			return false;
	while (response_sees(r, '('));
	if (!response_sp(r) || !response_quoted(r, &subtype))
		return false;
	if (subtype.n == 0)
		return response_expected(r, "media subtype");
	return !extended || (body_fld_param(r) && body_ext(r));
}

/* body = "(" (body-type-1part / body-type-mpart) ")"
 *                                                 RFC 9051 section 9 */
static bool
body(struct response *r, bool extended)
{
	bool good;

	if (!response_text(r, "("))
		return false;
	if (r->nesting == BODIES_DEEP_MAX)
		return response_expected(r, "less nesting");
	r->nesting++;
	good = response_sees(r, '(') ? body_type_mpart(r, extended)
				     : body_type_1part(r, extended);
	r->nesting--;
	return good && response_text(r, ")");
}

static bool
bodystructure(struct response *r)
{
	return response_sp(r) && body(r, true);
}

/* -- sections ----------------------------------------------------------------- */

static bool
header_field(struct response *r)
{
	struct str name;

	return response_sees(r, '"') || response_sees(r, '{')
		   ? response_string(r)
		   : response_atom(r, &name);
}

/* section-text, section-msgtext                   RFC 9051 section 9
 * ${word} is what is behind the numbers. */
static bool
section_text(struct response *r, struct str word, bool in_part)
{
	if (str_eq(word, STR("HEADER")) || str_eq(word, STR("TEXT")) ||
	    (in_part && str_eq(word, STR("MIME"))))
		return true;
	if (str_eq(word, STR("HEADER.FIELDS")) ||
	    str_eq(word, STR("HEADER.FIELDS.NOT")))
		return response_sp(r) && response_list(r, header_field);
	return response_expected(r, "section-text");
}

/* section-part: how long it is, with the "." behind it if one follows; SIZE_MAX
 * if malformed */
static size_t
part_length(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] >= '1' && s.p[i] <= '9') {
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == s.n)
			return i;
		if (s.p[i++] != '.' || i == s.n)
			return SIZE_MAX;
	}
	return i;
}

/* section = "[" [section-spec] "]"                RFC 9051 section 9
 * In a binary one there are numbers only. */
static bool
section(struct response *r, bool binary)
{
	struct str spec, word;
	size_t part;

	if (!response_text(r, "["))
		return false;
	if (response_takes(r, ']'))
		return true;
	if (!response_name(r, &spec))
		return false;
	part = part_length(spec);
	if (part == SIZE_MAX)
		return response_expected(r, "section-part");
	word = str_skip(spec, part);
	if (binary ? word.n > 0
		   : word.n > 0 && !section_text(r, word, part > 0))
		return response_expected(r, "section-spec");
	return response_text(r, "]");
}

/* ["<" number ">"]                                RFC 9051 section 9 */
static bool
origin(struct response *r)
{
	return !response_takes(r, '<') ||
	       (response_number64(r, 0) && response_text(r, ">"));
}

static bool
body_item(struct response *r)
{
	if (!response_sees(r, '['))
		return response_sp(r) && body(r, false);
	return section(r, false) && origin(r) && nstring(r);
}

static bool
binary(struct response *r)
{
	if (!section(r, true) || !origin(r) || !response_sp(r))
		return false;
	return response_sees(r, '~') ? response_literal8(r)
				     : response_nstring(r);
}

static bool
binary_size(struct response *r)
{
	uint32_t n;

	return section(r, true) && response_sp(r) &&
	       response_number32(r, 0, &n);
}

/* -- all ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	response_fn *rest;
} items[] = {
	{ "UID", uid },
	{ "FLAGS", flags },
	{ "INTERNALDATE", internaldate },
	{ "SAVEDATE", savedate },
	{ "EMAILID", emailid },
	{ "THREADID", threadid },
	{ "MODSEQ", modseq },
	{ "PREVIEW", nstring },
	{ "ENVELOPE", envelope_item },
	{ "BODY", body_item },
	{ "BODYSTRUCTURE", bodystructure },
	{ "BINARY", binary },
	{ "BINARY.SIZE", binary_size },
	{ "RFC822", nstring },
	{ "RFC822.HEADER", nstring },
	{ "RFC822.SIZE", size },
	{ "RFC822.TEXT", nstring },
};

/* msg-att-static / msg-att-dynamic                RFC 9051 section 9 */
static bool
item(struct response *r)
{
	const char *from = r->c.at;
	struct str name;

	if (!response_name(r, &name))
		return false;
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (str_eq(name, str_of(items[i].name)))
			return items[i].rest(r);
	r->c.at = from;
	return response_expected(r, "msg-att");
}

bool
response_msg_att(struct response *r)
{
	return response_list(r, item);
}
