/* SPDX-License-Identifier: MIT
 *
 * Lists of parameters and modifiers, the common form of extensions (RFC 4466
 * sections 2.1 and 3, RFC 9051 section 9).  The whole list is taken, with
 * values nested as they may be; the command then looks at the names, and
 * answers BAD when it does not know one.
 */
#ifndef AVOCET_PROTO_IMAP_MODIFIER_H
#define AVOCET_PROTO_IMAP_MODIFIER_H

#include "proto/imap/parser.h"

/* tagged-ext-val, or a part of one. */
struct tagged_value {
	bool is_list;
	struct str text;	       /* an atom, number, set or string */
	struct tagged_value *children; /* of a list; may be NULL */
	struct tagged_value *next;
};

struct modifier {
	struct str name;	    /* in upper case */
	struct tagged_value *value; /* NULL: none */
};

struct modifier_list {
	struct modifier *v;
	size_t n;
};

/* "(" modifier *(SP modifier) ")", where
 * modifier = tagged-ext-label [SP tagged-ext-val] RFC 4466 section 3
 * That is select-params, create-params, rename-params, fetch-modifiers and
 * store-modifiers without the space in front.  At most MODIFIERS_MAX. */
bool parse_modifier_list(struct parser *p, struct modifier_list *ret_list);

/* [SP modifier-list]; nothing gives the empty list.  False when there is a
 * list and it is malformed. */
bool parse_modifiers(struct parser *p, struct modifier_list *ret_list);

/* The modifier of this name (in upper case), or NULL. */
const struct modifier *
modifier_find(const struct modifier_list *list, const char *name);

/* Is each of the list one of ${names}, and none there twice? */
bool modifiers_are_known(
    const struct modifier_list *list, const char *const *names, size_t count);

/* Append the list with its parentheses; nothing when it is empty. */
void write_modifier_list(struct buf *to, const struct modifier_list *list);

#endif
