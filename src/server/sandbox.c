/* SPDX-License-Identifier: MIT
 *
 * Limits of the process, Landlock by its system calls (libc has no functions
 * for them), and a filter made with libseccomp.
 */
#include "server/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* -- the process -------------------------------------------------------- */

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max < DESCRIPTORS_WANTED) {
		const struct rlimit wanted = { DESCRIPTORS_WANTED,
			DESCRIPTORS_WANTED };

		/* Only who is privileged may go above the hard limit. */
		if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
			return;
	}
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_errno(LOG_WARN, "descriptors", "RLIMIT_NOFILE");
}

void
sandbox_prepare_process(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		log_errno(LOG_WARN, "process", "SIGPIPE");
	raise_descriptors();
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_errno(LOG_WARN, "process", "cannot forbid core dumps");
}

/* -- Landlock ----------------------------------------------------------- */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* What makes sense on a file; the rest is about folders. */
#define ACCESS_FILE                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define ACCESS_DATA                                                          \
	(ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |                       \
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |      \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REFER |        \
	    LANDLOCK_ACCESS_FS_TRUNCATE)
#define ACCESS_SOCKET \
	(LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* Every right that version 1 of Landlock knows. */
#define ACCESS_VERSION_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

struct ruleset {
	int fd;
	uint64_t handled;
};

/* Which rights this kernel can take away; 0: none. */
static uint64_t
rights_known(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t rights = 0;

	if (version >= 1)
		rights = ACCESS_VERSION_1;
	if (version >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return rights;
}

/* Leave ${access} to ${path} and what is below.  A path that is not there
 * needs no rule. */
static void
allow(const struct ruleset *r, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	struct stat st;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ACCESS_FILE;
	rule.allowed_access &= r->handled;
	if (syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) != 0)
		log_errno(LOG_WARN, "landlock", path);
	(void)close(rule.parent_fd);
}

/* Leave ${access} to the folder of ${path}, if that has one: a socket that is
 * to be removed, or a file that may be replaced. */
static void
allow_folder_of(const struct ruleset *r, const char *path, uint64_t access)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (slash == NULL)
		return;
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash == path ? 1 : (int)(slash - path), path);
	allow(r, folder, access);
}

/* Leave a file to be read that may be replaced, and may be a link to another
 * folder, as tools that renew certificates have it. */
static void
allow_target(const struct ruleset *r, const char *path)
{
	char target[PATH_MAX];

	allow_folder_of(r, path, ACCESS_READ);
	if (*path != '\0' && realpath(path, target) != NULL)
		allow_folder_of(r, target, ACCESS_READ);
}

static void
add_rules(const struct ruleset *r, const struct config *c)
{
	/* Converters of character sets are libraries loaded on demand; the
	 * store looks up where its index is mapped. */
	static const char *const readable[] = { "/usr", "/lib", "/lib64",
		"/etc/ssl", "/etc/ld.so.cache", "/dev/null", "/dev/urandom",
		"/proc/self/maps" };

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		allow(r, readable[i], ACCESS_READ);
	allow(r, c->data, ACCESS_DATA);
	allow_folder_of(r, c->passwd_file, ACCESS_READ);
	allow_folder_of(r, c->oauth_keys, ACCESS_READ);
	/* What a reload reads. */
	allow_folder_of(
	    r, c->file != NULL ? c->file : CONFIG_FILE_DEFAULT, ACCESS_READ);
	allow_target(r, c->tls_certificate);
	allow_target(r, c->tls_key);
	allow_target(r, c->tls_client_ca);
	allow_folder_of(r, c->control, ACCESS_SOCKET);
	for (size_t i = 0; i < c->listener_count; i++)
		if (strncmp(c->listeners[i].address, "unix:", 5) == 0)
			allow_folder_of(
			    r, c->listeners[i].address + 5, ACCESS_SOCKET);
}

static bool
enter_landlock(const struct config *c)
{
	struct ruleset r = { .handled = rights_known() };
	struct landlock_ruleset_attr attr = { .handled_access_fs = r.handled };
	bool done;

	if (r.handled == 0)
		return false;
	r.fd =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (r.fd < 0)
		return false;
	add_rules(&r, c);
	done = syscall(SYS_landlock_restrict_self, r.fd, 0) == 0;
	(void)close(r.fd);
	return done;
}

/* -- system calls ------------------------------------------------------- */

/* What a mail server has no use for, and an intruder has.  Names that this
 * architecture lacks are passed over. */
static const char *const forbidden[] = { "execve", "execveat", "fork", "vfork",
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
	"kcmp", "pidfd_getfd", "mount", "umount2", "pivot_root", "chroot",
	"move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
	"mount_setattr", "unshare", "setns", "setuid", "setgid", "setreuid",
	"setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
	"setgroups", "capset", "init_module", "finit_module", "delete_module",
	"kexec_load", "kexec_file_load", "bpf", "perf_event_open", "add_key",
	"request_key", "keyctl", "userfaultfd", "io_uring_setup", "reboot",
	"swapon", "swapoff", "settimeofday", "clock_settime", "adjtimex",
	"sethostname", "setdomainname", "acct", "quotactl", "iopl", "ioperm",
	"mknod", "mknodat", "personality", "open_by_handle_at", "syslog" };

static bool
enter_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool done = filter != NULL;

	for (size_t i = 0; done && i < sizeof(forbidden) / sizeof(forbidden[0]);
	     i++) {
		int number = seccomp_syscall_resolve_name(forbidden[i]);

		if (number != __NR_SCMP_ERROR)
			done = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
				   number, 0) == 0;
	}
	done = done && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return done;
}

void
sandbox_enter(const struct config *c)
{
	bool landlock, filter;

	if (!c->sandbox) {
		log_event(LOG_WARN, "unconfined", "why=configured");
		return;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		log_errno(LOG_WARN, "sandbox", "no_new_privs");
	landlock = enter_landlock(c);
	filter = enter_seccomp();
	log_event(landlock && filter ? LOG_INFO : LOG_WARN,
	    landlock || filter ? "confined" : "unconfined",
	    "landlock=%s seccomp=%s", landlock ? "yes" : "no",
	    filter ? "yes" : "no");
}
