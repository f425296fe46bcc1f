/* SPDX-License-Identifier: MIT
 *
 * For tests that damage files of a store.
 */
#ifndef AVOCET_TEST_STORE_DAMAGE_H
#define AVOCET_TEST_STORE_DAMAGE_H

#include "store_help.h"

#include <sys/stat.h>

#include "store/segment_file.h"

static inline void
damage_path(
    const struct help *h, const char *name, char path[HELP_PATH_BYTES * 2])
{
	(void)snprintf(path, HELP_PATH_BYTES * 2, "%s/%s", h->folder, name);
}

static inline size_t
damage_size(const char *path)
{
	struct stat facts;

	assert_int_equal(stat(path, &facts), 0);
	return (size_t)facts.st_size;
}

/* Change a bit of the byte at ${at}. */
static inline void
damage_flip(const char *path, size_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	assert_int_equal(segment_read(fd, at, &byte, 1), RC_OK);
	byte = (char)(byte ^ 0x10);
	assert_int_equal(segment_write(fd, at, &byte, 1), RC_OK);
	(void)close(fd);
}

/* Where the bytes stand in the file, if it holds them. */
static inline bool
damage_look(const char *path, const char *text, size_t *ret_place)
{
	size_t size = damage_size(path);
	char *bytes = mem_alloc(size), *at;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(segment_read(fd, 0, bytes, size), RC_OK);
	(void)close(fd);
	at = memmem(bytes, size, text, strlen(text));
	if (at != NULL)
		*ret_place = (size_t)(at - bytes);
	mem_free(bytes);
	return at != NULL;
}

/* The same of a file that does hold them. */
static inline size_t
damage_find(const char *path, const char *text)
{
	size_t place = 0;

	assert_true(damage_look(path, text, &place));
	return place;
}

/* Octets for a test to put into a message that is to be damaged. */
#define DAMAGE_MARK "q7Zk2PvX9bLr"

static size_t damage_marks;

static inline int
damage_mark_in(
    const char *path, const struct stat *facts, int kind, struct FTW *where)
{
	size_t place;

	(void)where;
	if (kind == FTW_F && facts->st_size > 0 &&
	    damage_look(path, DAMAGE_MARK, &place)) {
		damage_flip(path, place);
		damage_marks++;
	}
	return 0;
}

/* Change an octet of the mark wherever files in the folder have it, which some
 * do. */
static inline void
damage_mark(const char *folder)
{
	damage_marks = 0;
	assert_int_equal(nftw(folder, damage_mark_in, 8, FTW_PHYS), 0);
	assert_true(damage_marks > 0);
}

#endif
