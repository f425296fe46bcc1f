/* SPDX-License-Identifier: MIT
 *
 * Loading or making a certificate.
 */
#include "server/certificate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "tls/tls.h"

static enum rc
load(const char *certificate, const char *key, struct tls_context **ret_context)
{
	const char *why = "";
	struct log_line line;
	enum rc rc = tls_context_load(certificate, key, ret_context, &why);

	if (rc != RC_OK) {
		log_begin(&line, LOG_ERROR, "certificate-failed");
		log_text(&line, "file", certificate);
		log_text(&line, "why", why);
		log_end(&line);
	}
	return rc;
}

/* Ask clients for certificates, if that is configured. */
static enum rc
ask_clients(const struct config *c, struct tls_context *context)
{
	const char *why = "";
	struct log_line line;
	enum rc rc = RC_OK;

	_Static_assert(TLS_USER_EMAIL == 0 && TLS_USER_COMMON_NAME == 1,
	    "the words of tls.client_name, in order");
	if (*c->tls_client_ca != '\0')
		rc = tls_context_trust(context, c->tls_client_ca,
		    (enum tls_user)c->tls_client_name, &why);
	if (rc != RC_OK) {
		log_begin(&line, LOG_ERROR, "certificate-failed");
		log_text(&line, "file", c->tls_client_ca);
		log_text(&line, "why", why);
		log_end(&line);
	}
	return rc == RC_OK ? RC_OK : RC_IO;
}

static void
log_certificate(enum log_level level, const char *event, const char *file,
    struct tls_context *context, const char *hint)
{
	char fingerprint[TLS_FINGERPRINT_BYTES];
	struct log_line line;

	tls_fingerprint(context, fingerprint);
	log_begin(&line, level, event);
	log_text(&line, "file", file);
	log_text(&line, "sha256", fingerprint);
	if (hint != NULL)
		log_text(&line, "hint", hint);
	log_end(&line);
}

enum rc
certificate_load_given(const struct config *c, struct tls_context **ret_context)
{
	enum rc rc;

	if (*c->tls_certificate == '\0')
		return RC_NOTFOUND;
	rc = load(c->tls_certificate, c->tls_key, ret_context);
	if (rc == RC_OK)
		rc = ask_clients(c, *ret_context);
	if (rc == RC_OK)
		log_certificate(LOG_INFO, "certificate", c->tls_certificate,
		    *ret_context, NULL);
	return rc == RC_NOTFOUND ? RC_IO : rc;
}

static enum rc
make(const struct config *c, const char *certificate, const char *key)
{
	char folder[PATH_MAX];
	const char *why = "";
	struct log_line line;
	enum rc rc;

	(void)snprintf(folder, sizeof(folder), "%s/tls", c->data);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		log_errno(LOG_ERROR, "certificate-failed", folder);
		return RC_IO;
	}
	rc = tls_make_self_signed(c->hostname, certificate, key, &why);
	if (rc != RC_OK) {
		log_begin(&line, LOG_ERROR, "certificate-failed");
		log_text(&line, "file", certificate);
		log_text(&line, "why", why);
		log_end(&line);
	}
	return rc;
}

/* Where the certificate is that the server makes for itself. */
static void
own_files(
    const struct config *c, char certificate[PATH_MAX], char key[PATH_MAX])
{
	(void)snprintf(certificate, PATH_MAX, "%s/tls/cert.pem", c->data);
	(void)snprintf(key, PATH_MAX, "%s/tls/key.pem", c->data);
}

enum rc
certificate_load_own(const struct config *c, struct tls_context **ret_context)
{
	char certificate[PATH_MAX], key[PATH_MAX];
	enum rc rc = RC_OK;

	own_files(c, certificate, key);
	if (access(certificate, F_OK) != 0 || access(key, F_OK) != 0)
		rc = make(c, certificate, key);
	if (rc == RC_OK)
		rc = load(certificate, key, ret_context);
	if (rc == RC_OK)
		rc = ask_clients(c, *ret_context);
	if (rc == RC_OK)
		log_certificate(LOG_WARN, "self-signed-certificate",
		    certificate, *ret_context,
		    "clients will warn: set tls.certificate and tls.key");
	return rc;
}

enum rc
certificate_load_again(const struct config *c, struct tls_context **ret_context)
{
	enum rc rc = certificate_load_given(c, ret_context);

	return rc == RC_NOTFOUND ? certificate_load_own(c, ret_context) : rc;
}

/* What a file's replacement changes, mixed. */
static uint64_t
file_version(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_ino * 31 + (uint64_t)st.st_size * 7 +
	       (uint64_t)st.st_mtim.tv_sec * 1000003 +
	       (uint64_t)st.st_mtim.tv_nsec;
}

uint64_t
certificate_version(const struct config *c)
{
	char certificate[PATH_MAX], key[PATH_MAX];

	if (*c->tls_certificate != '\0')
		return file_version(c->tls_certificate) * 3 +
		       file_version(c->tls_key);
	own_files(c, certificate, key);
	return file_version(certificate) * 3 + file_version(key);
}
