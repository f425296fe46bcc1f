/* SPDX-License-Identifier: MIT
 *
 * Somebody who looks at all that a connection sends and says whether it is
 * well-formed.  Debug builds let each connection look at itself in this way: see
 * conn_check_output() of net/.
 */
#ifndef AVOCET_BASE_OUTPUT_CHECK_H
#define AVOCET_BASE_OUTPUT_CHECK_H

#include "base/buf.h"

struct output_check {
	/* The next octets, cut anywhere.  False: what has come so far cannot be
	 * the beginning of anything well-formed; nothing else is asked then but
	 * why(). */
	bool (*text)(struct output_check *o, struct str octets);

	/* The same for ${count} octets of a stored message, which are sent in
	 * this place and are not looked at. */
	bool (*stored)(struct output_check *o, uint64_t count);

	/* Append what was expected, and where. */
	void (*why)(const struct output_check *o, struct buf *to);

	void (*free)(struct output_check *o);
};

#endif
