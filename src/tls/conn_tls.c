/* SPDX-License-Identifier: MIT
 *
 * The one call of conn.h that needs TLS.  It is here so that net/ depends on
 * no TLS library.
 */
#include "net/conn.h"
#include "tls/tls.h"

void
conn_tls_begin(struct conn *c, struct tls_context *tls)
{
	conn_use_stream(c, tls_stream_new(tls, conn_fd(c)));
}
