/* SPDX-License-Identifier: MIT
 *
 * Walking the folders of a Maildir tree.
 */
#include "admin/maildir_tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/source.h"
#include "base/buf.h"
#include "base/limits.h"
#include "foreign/maildir_name.h"

#define PATH_BYTES_MAX 4096

static bool
has_messages(const struct maildir_tree *t, const char *path)
{
	char cur[PATH_BYTES_MAX + 5];
	int fd;

	(void)snprintf(cur, sizeof(cur), "%s/cur", path);
	if (source_open_folder(t->fd, cur, &fd) != RC_OK)
		return false;
	(void)close(fd);
	return true;
}

static void
add_folder(struct maildir_tree *t, const char *path, struct str mailbox)
{
	struct maildir_folder f = { .path = mem_strdup(path),
		.mailbox = mem_text(mailbox) };

	vec_push(&t->folders, f);
}

/* ${name} is what the folder's path says of the mailbox. */
static void
take_folder(
    struct maildir_tree *t, const char *path, const char *name, char separator)
{
	struct buf mailbox;

	if (!has_messages(t, path))
		return;
	buf_init(&mailbox, 8 * MAILBOX_NAME_BYTES_MAX);
	if (maildir_name_to_mailbox(str_of(name), separator, &mailbox))
		add_folder(t, path, buf_str(&mailbox));
	else
		t->problem(t->arg, path, "its name is neither UTF-7 nor UTF-8");
	buf_fini(&mailbox);
}

static bool
is_part_of_maildir(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 ||
	       strcmp(name, "tmp") == 0;
}

static void walk(struct maildir_tree *t, const char *path, unsigned depth);

static void
take_plain(struct maildir_tree *t, const char *path, unsigned depth)
{
	size_t before = t->folders.n;

	if (depth >= MAILBOX_LEVELS_MAX) {
		t->problem(t->arg, path, "it lies too deep");
		return;
	}
	take_folder(t, path, path, '/');
	walk(t, path, depth + 1);
	if (t->folders.n > before)
		t->plain = true;
}

static void
take_entry(struct maildir_tree *t, const char *path,
    const struct source_entry *e, unsigned depth)
{
	char below[PATH_BYTES_MAX];
	bool is_root = strcmp(path, ".") == 0;
	int size = is_root
		       ? snprintf(below, sizeof(below), "%s", e->name)
		       : snprintf(below, sizeof(below), "%s/%s", path, e->name);

	if (e->kind == SOURCE_LINK)
		t->problem(t->arg, below, "it is a symbolic link");
	if (e->kind != SOURCE_FOLDER || is_part_of_maildir(e->name))
		return;
	if (size >= (int)sizeof(below))
		t->problem(t->arg, path, "what is below has too long a path");
	else if (e->name[0] != '.')
		take_plain(t, below, depth);
	/* ".." at the beginning is how servers call what they remove. */
	else if (is_root && e->name[1] != '.')
		take_folder(t, below, e->name + 1, '.');
}

static void
walk(struct maildir_tree *t, const char *path, unsigned depth)
{
	struct source_entries entries = { 0 };
	enum rc rc = source_list(t->fd, path, true, &entries);

	if (rc != RC_OK)
		t->problem(t->arg, path, source_why(rc));
	for (size_t i = 0; i < entries.all.n; i++)
		take_entry(t, path, &entries.all.v[i], depth);
	source_entries_fini(&entries);
}

enum rc
maildir_tree_open(struct maildir_tree *t, const char *path,
    void (*problem)(void *arg, const char *path, const char *why), void *arg)
{
	struct maildir_tree tree = { .problem = problem, .arg = arg };

	tree.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree.fd < 0)
		return RC_NOTFOUND;
	if (has_messages(&tree, "."))
		add_folder(&tree, ".", STR("INBOX"));
	walk(&tree, ".", 0);
	if (tree.folders.n == 0) {
		maildir_tree_fini(&tree);
		return RC_NOTFOUND;
	}
	*t = tree;
	return RC_OK;
}

void
maildir_tree_fini(struct maildir_tree *t)
{
	for (size_t i = 0; i < t->folders.n; i++) {
		mem_free(t->folders.v[i].path);
		mem_free(t->folders.v[i].mailbox);
	}
	vec_fini(&t->folders);
	(void)close(t->fd);
}
