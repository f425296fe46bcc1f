/* SPDX-License-Identifier: MIT
 *
 * One conversation with PAM, in which we have a name and a password to say.
 */
#include "auth/pam_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#ifdef AVOCET_PAM

#include <security/pam_appl.h>
#include <stdlib.h>

#include "base/mem.h"

#define TERMINAL "avocet" /* some modules want one */

bool
pam_users_built(void)
{
	return true;
}

const char *
pam_conversation_text(int code)
{
	const char *text = pam_strerror(NULL, code);

	return text != NULL ? text : "unknown";
}

/* What PAM frees with free() cannot be mem_alloc()'s. */
static char *
answer_to(int style, const struct pam_request *request)
{
	if (style == PAM_PROMPT_ECHO_OFF)
		return strdup(request->password);
	return style == PAM_PROMPT_ECHO_ON ? strdup(request->user) : NULL;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **ret_responses, void *arg)
{
	struct pam_response *responses;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	responses = calloc((size_t)count, sizeof(*responses));
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++)
		responses[i].resp = answer_to(messages[i]->msg_style, arg);
	*ret_responses = responses;
	return PAM_SUCCESS;
}

/* How long a failure takes is our business: it is told later, without a
 * process that waits for that. */
static void
no_delay(int code, unsigned microseconds, void *arg)
{
	(void)code;
	(void)microseconds;
	(void)arg;
}

static int
set_items(pam_handle_t *pam, const struct pam_request *request)
{
	void (*delay)(int, unsigned, void *) = no_delay;
	void *item;
	int code;

	_Static_assert(sizeof(item) == sizeof(delay), "POSIX has it so");
	memcpy(&item, &delay, sizeof(item));
	code = pam_set_item(pam, PAM_FAIL_DELAY, item);
	if (code == PAM_SUCCESS)
		code = pam_set_item(pam, PAM_RHOST, request->peer);
	if (code == PAM_SUCCESS)
		code = pam_set_item(pam, PAM_TTY, TERMINAL);
	return code;
}

/* A module may give a user another name; then whose mail it is cannot be told
 * from what the client sent. */
static bool
has_same_name(pam_handle_t *pam, const struct pam_request *request)
{
	const void *name = NULL;

	return pam_get_item(pam, PAM_USER, &name) == PAM_SUCCESS &&
	       name != NULL && strcmp(name, request->user) == 0;
}

static int
check(pam_handle_t *pam, const struct pam_request *request)
{
	const int flags = PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK;
	int code = set_items(pam, request);

	if (code == PAM_SUCCESS)
		code = pam_authenticate(pam, flags);
	if (code == PAM_SUCCESS)
		code = pam_acct_mgmt(pam, flags);
	if (code == PAM_SUCCESS && !has_same_name(pam, request))
		code = PAM_PERM_DENIED;
	return code;
}

/* Modules use PAM's codes freely (pam_exec says PAM_SYSTEM_ERR when its script
 * fails), so that only what means that nobody could be asked, and cannot
 * depend on who it is, is not a refusal. */
static enum pam_outcome
outcome_of(int code)
{
	switch (code) {
	case PAM_SUCCESS:
		return PAM_OUTCOME_RIGHT;
	case PAM_OPEN_ERR:
	case PAM_SYMBOL_ERR:
	case PAM_SERVICE_ERR:
	case PAM_BUF_ERR:
	case PAM_AUTHINFO_UNAVAIL:
	case PAM_CONV_ERR:
	case PAM_ABORT:
	case PAM_MODULE_UNKNOWN:
		return PAM_OUTCOME_BROKEN;
	default:
		return PAM_OUTCOME_WRONG;
	}
}

struct pam_answer
pam_conversation_run(
    const struct pam_users_options *o, const struct pam_request *request)
{
	struct pam_conv conversation = { converse, (void *)request };
	pam_handle_t *pam = NULL;
	int code;

	code = pam_start_confdir(o->service, request->user, &conversation,
	    *o->directory != '\0' ? o->directory : NULL, &pam);
	if (code == PAM_SUCCESS) {
		code = check(pam, request);
		(void)pam_end(pam, code | PAM_DATA_SILENT);
	}
	return (struct pam_answer){ .outcome = outcome_of(code), .code = code };
}

#else

bool
pam_users_built(void)
{
	return false;
}

const char *
pam_conversation_text(int code)
{
	(void)code;
	return "built without PAM";
}

struct pam_answer
pam_conversation_run(
    const struct pam_users_options *o, const struct pam_request *request)
{
	(void)o;
	(void)request;
	return (struct pam_answer){ .outcome = PAM_OUTCOME_BROKEN };
}

#endif

/* As PAM looks for it; the last is where distributions keep theirs. */
bool
pam_users_service_exists(const char *service, const char *directory)
{
	static const char *const system[] = { "/etc/pam.d", "/usr/lib/pam.d",
		"/usr/share/pam.d" };
	bool given = *directory != '\0';
	size_t count = given ? 1 : sizeof(system) / sizeof(system[0]);
	bool found = false;

	for (size_t i = 0; i < count && !found; i++) {
		struct buf path;

		buf_init(&path, CONFIG_TEXT_BYTES_MAX * 2);
		buf_add_format(
		    &path, "%s/%s", given ? directory : system[i], service);
		buf_add_byte(&path, '\0');
		/* The helper may see more than who looks here. */
		found = buf_check(&path) == RC_OK &&
			(access(path.p, F_OK) == 0 || errno == EACCES);
		buf_fini(&path);
	}
	return found;
}
