/* SPDX-License-Identifier: MIT
 *
 * First the control socket is tried.  When nobody answers there, the store is
 * opened; if then another process has it, that one does not listen where the
 * configuration says.
 */
#include "admin/perform.h"

#include <stdio.h>
#include <sys/stat.h>

#include "admin/admin.h"
#include "admin/channel.h"
#include "admin/identity.h"
#include "admin/open.h"

int
perform_exit_code(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return ADMIN_OK;
	case RC_NOTFOUND:
	case RC_EXISTS:
	case RC_INVALID:
	case RC_REFUSED:
	case RC_LIMIT:
	case RC_CONFLICT:
		return ADMIN_REFUSED;
	case RC_CORRUPT:
		return ADMIN_DAMAGED;
	default:
		return ADMIN_UNREACHABLE;
	}
}

/* Print why it went wrong, if it did; the exit code. */
static int
report(enum rc rc, struct str why)
{
	if (rc == RC_OK)
		return ADMIN_OK;
	if (why.n > 0)
		(void)fprintf(stderr, "avocet: %.*s\n", STR_ARG(why));
	else
		(void)fprintf(stderr, "avocet: %s\n", rc_text(rc));
	return perform_exit_code(rc);
}

static void
print_line(void *arg, struct str text)
{
	(void)arg;
	(void)printf("%.*s\n", STR_ARG(text));
}

static enum rc
read_nothing(void *arg, struct str *ret_piece)
{
	(void)arg;
	(void)ret_piece;
	return RC_EOF;
}

/* -- by the server ------------------------------------------------------ */

static enum rc
send_body(struct channel *ch, const struct perform_request *request)
{
	enum rc rc = RC_OK;
	struct str piece;

	while (request->read != NULL && rc == RC_OK) {
		rc = request->read(request->arg, &piece);
		if (rc == RC_EOF)
			break;
		while (rc == RC_OK && piece.n > 0) {
			struct str part =
			    str_head(piece, CONTROL_FRAME_BYTES_MAX);

			rc = channel_send(ch, part);
			piece = str_skip(piece, part.n);
		}
	}
	return rc == RC_OK || rc == RC_EOF ? channel_send_end(ch) : rc;
}

static enum rc
send_request(struct channel *ch, const struct perform_request *request)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < request->word_count && rc == RC_OK; i++)
		rc = channel_send(ch, request->words[i]);
	if (rc == RC_OK)
		rc = channel_send_end(ch);
	return rc == RC_OK ? send_body(ch, request) : rc;
}

enum rc
perform_code(struct str name)
{
#define CODE_OF(code, text)           \
	if (str_eq(name, STR(#code))) \
		return RC_##code;
	RC_MAP(CODE_OF)
#undef CODE_OF
	return RC_SYNTAX;
}

/* Print the reply; RC_OK with the exit code if there was one. */
static enum rc
receive_reply(struct channel *ch, int *ret_exit)
{
	struct str bytes;
	enum rc rc, result;

	while ((rc = channel_next(ch, &bytes)) == RC_OK)
		print_line(NULL, bytes);
	if (rc != RC_EOF)
		return rc;
	rc = channel_next(ch, &bytes);
	if (rc != RC_OK)
		return rc;
	result = perform_code(bytes);
	rc = channel_next(ch, &bytes);
	if (rc == RC_OK)
		*ret_exit = report(result, bytes);
	return rc;
}

static int
perform_there(struct channel *ch, const struct perform_request *request)
{
	int code = ADMIN_UNREACHABLE;
	enum rc sent = send_request(ch, request);
	enum rc rc = receive_reply(ch, &code);

	if (rc != RC_OK)
		return report(sent != RC_OK ? sent : rc,
		    STR("the server ended the conversation: see its log"));
	return code;
}

/* What sessions have been told must not change under them. */
static int
cannot_repair(void)
{
	(void)fprintf(
	    stderr, "avocet: the server is running: stop it for a repair\n");
	return ADMIN_REFUSED;
}

static int
not_running(const struct config *c)
{
	(void)fprintf(stderr, "avocet: no server answers at %s\n", c->control);
	return ADMIN_UNREACHABLE;
}

/* -- here --------------------------------------------------------------- */

static void
print_report(void *arg, const char *line)
{
	print_line(arg, str_of(line));
}

static enum rc
rebuild(const struct config *c)
{
	struct store_options options = open_store_options(c);

	(void)printf("the index does not open: making it anew from the log\n");
	return store_rebuild(&options, print_report, NULL);
}

static int
cannot_open(const struct config *c, enum rc rc, const char *why)
{
	if (rc == RC_INUSE)
		(void)fprintf(stderr,
		    "avocet: %s is in use, but no server answers at %s.\n"
		    "Is another configuration meant (-c FILE)?\n",
		    c->data, c->control);
	else
		(void)fprintf(stderr, "avocet: %s: %s\n", c->data, why);
	return rc == RC_CORRUPT ? ADMIN_DAMAGED : ADMIN_UNREACHABLE;
}

static int
run_here(struct mail *m, const struct perform_request *request)
{
	struct operation_io io = {
		.read = request->read != NULL ? request->read : read_nothing,
		.line = print_line,
		.arg = request->arg,
	};
	struct operation o = {
		.mail = m, .word_count = request->word_count, .io = &io
	};
	enum rc rc;

	for (size_t i = 0; i < request->word_count; i++)
		o.words[i] = request->words[i];
	rc = operation_run(&o);
	return report(rc, str_of(o.why));
}

int
perform_open_mail(const struct config *c, bool repair, struct mail **ret_mail)
{
	char identity_why[IDENTITY_WHY_BYTES];
	const char *why = "";
	enum rc rc;

	(void)umask(077);
	rc = identity_prepare_data(c, identity_why);
	if (rc == RC_OK)
		rc = identity_become(c, identity_why);
	if (rc != RC_OK) {
		(void)fprintf(stderr, "avocet: %s\n", identity_why);
		return ADMIN_UNREACHABLE;
	}
	rc = open_mail(c, repair, ret_mail, &why);
	if (rc == RC_CORRUPT && repair) {
		rc = rebuild(c);
		if (rc == RC_OK)
			rc = open_mail(c, repair, ret_mail, &why);
	}
	return rc == RC_OK ? ADMIN_OK : cannot_open(c, rc, why);
}

static int
perform_here(const struct config *c, const struct perform_request *request)
{
	struct mail *m;
	int code = perform_open_mail(c, request->repair, &m);

	if (code != ADMIN_OK)
		return code;
	code = run_here(m, request);
	mail_close(m);
	return code;
}

int
perform(const struct config *c, const struct perform_request *request)
{
	struct channel ch;
	int code;

	switch (channel_open(c->control, &ch)) {
	case RC_OK:
		code = request->repair ? cannot_repair()
				       : perform_there(&ch, request);
		channel_close(&ch);
		return code;
	case RC_NOTFOUND:
		return request->live ? not_running(c)
				     : perform_here(c, request);
	case RC_REFUSED:
		(void)fprintf(stderr,
		    "avocet: no permission for %s: run this as root or as the "
		    "user of the server\n",
		    c->control);
		return ADMIN_UNREACHABLE;
	default:
		(void)fprintf(
		    stderr, "avocet: cannot connect to %s\n", c->control);
		return ADMIN_UNREACHABLE;
	}
}
