/* SPDX-License-Identifier: MIT
 *
 * Frames of the control socket: the cursor only moves forward, and a frame
 * lies within the input and is not too large.
 */
#include <assert.h>

#include "admin/frame.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c =
	    str_cursor((struct str){ .p = (const char *)data, .n = size });
	struct str bytes;
	enum rc rc = RC_OK;

	while (rc == RC_OK || rc == RC_EOF) {
		const char *before = c.at;

		rc = frame_next(&c, &bytes);
		assert(c.at <= c.end);
		assert((c.at > before) == (rc == RC_OK || rc == RC_EOF));
		if (rc == RC_OK)
			assert(bytes.p + bytes.n == c.at &&
			       bytes.n <= CONTROL_FRAME_BYTES_MAX);
	}
	return 0;
}
