/* SPDX-License-Identifier: MIT
 *
 * A connection as a session sees it: bytes that have come in, a queue of
 * bytes to go out, plain or TLS underneath.  It belongs to the session that
 * runs on it, is used by one thread at a time, and costs little while idle:
 * both buffers are given back when they are empty.
 *
 * A session's run function has the form
 *
 *   unsigned run(void *arg) {
 *       if (conn_flush(c) == RC_AGAIN) return POLL_OUTPUT;  // back-pressure
 *       for (;;) {
 *           ... take what is complete from conn_input(c), answer ...
 *           rc = conn_fill(c);   // RC_AGAIN: dry -> flush and return wants
 *       }
 *   }
 */
#ifndef AVOCET_NET_CONN_H
#define AVOCET_NET_CONN_H

#include "base/buf.h"
#include "net/poll.h"
#include "net/stream.h"

#include <sys/socket.h>

struct conn;
struct share;
struct stream;
struct tap;
struct tls_context;

/* Something whose bytes are sent later, in pieces, by the output queue: a
 * range of a stored message.  The queue owns a reference from conn_out_source
 * until it has sent the bytes or the connection is closed, then calls
 * release. */
struct out_source {
	/* Read up to ${size} bytes at ${offset}; may wait for the disk.  Fewer
	 * than asked (but at least one) is fine; an error ends the
	 * connection, since the length is already promised. */
	enum rc (*read)(struct out_source *s, uint64_t offset, void *to,
	    size_t size, size_t *ret_count);
	void (*release)(struct out_source *s);
};

/* Wrap the connected, non-blocking socket ${fd}; owns it from here on.
 * ${peer} is copied.  Never fails. */
struct conn *conn_new(
    struct poll *p, int fd, const struct sockaddr *peer, socklen_t peer_size);

/* Put the connection into the pool with its first run function; ${arg} is
 * handed to it.  On failure the caller still owns the connection. */
enum rc conn_start(struct conn *c, unsigned wants, uint64_t deadline_ms,
    poll_run_fn *fn, void *arg) MUST_CHECK;

/* Inside run: what runs the next time (the hand-over at login), when at the
 * latest. */
void conn_become(struct conn *c, poll_run_fn *fn, void *arg);
void conn_deadline(struct conn *c, uint64_t deadline_ms);

/* The handle for poll_wake() from other threads, and the pool. */
struct poll_handle conn_handle(const struct conn *c);
struct poll *conn_poll(const struct conn *c);

/* Close the socket and free everything; what is queued is dropped (flush
 * before).  The session then returns POLL_DONE.  NULL is fine. */
void conn_free(struct conn *c);

/* Whoever is at the other end has logged in: it is not called off any more. */
void conn_logged_in(struct conn *c);

/* Has it to end now, because there are too many that have not logged in?  It is
 * woken when it has to. */
bool conn_is_called_off(const struct conn *c);

/* -- input ------------------------------------------------------------- */

/* The bytes that came in and were not yet consumed.  Valid until the next
 * call on this connection. */
struct str conn_input(const struct conn *c);

/* Drop the first ${count} bytes of the input. */
void conn_consume(struct conn *c, size_t count);

/* Read what is there, without waiting, until the input holds ${limit} bytes.
 * RC_OK: at least one byte came; RC_AGAIN: none now; RC_EOF: the client has
 * closed its side; RC_LIMIT: the input is full already; RC_INVALID: what came
 * is not compressed as it should be; RC_IO: broken. */
enum rc conn_fill(struct conn *c, size_t limit) MUST_CHECK;

/* As conn_fill(), but waits for input until ${deadline_ms}: RC_TIMEOUT.  For
 * literals that are streamed.  RC_SHUTDOWN when the pool stops meanwhile. */
enum rc
conn_fill_wait(struct conn *c, size_t limit, uint64_t deadline_ms) MUST_CHECK;

/* Give the input's memory back if it holds nothing; and after a while without
 * input and output that of the stream. */
void conn_rest(struct conn *c);

/* -- output ------------------------------------------------------------ */

/* Queue a copy of bytes. */
void conn_out(struct conn *c, struct str bytes);

/* Queue ${count} bytes of ${source} from ${offset}; takes one reference. */
void conn_out_source(
    struct conn *c, struct out_source *source, uint64_t offset, uint64_t count);

/* Bytes of memory queued (sources not counted), and of all that is queued or
 * held back by the stream. */
size_t conn_out_memory(const struct conn *c);
uint64_t conn_out_pending(const struct conn *c);

/* Send what the socket takes, without waiting for the client.  RC_OK: all
 * gone; RC_AGAIN: some is left; RC_IO or RC_CLOSED: broken. */
enum rc conn_flush(struct conn *c) MUST_CHECK;

/* Has the account of this connection been sent as much as it may for now?
 * Then the run is to return POLL_OUTPUT without sending anything; the deadline
 * is set, and the next run begins when more may be sent. */
bool conn_pause(struct conn *c);

/* Send until at most ${memory_left} bytes of memory are queued; waits for the
 * client as long as it takes some bytes every WRITE_STALL_MS_MAX, else
 * RC_TIMEOUT.  Pauses as conn_pause() would have it, but not while many workers
 * wait for clients.  RC_SHUTDOWN when the pool stops meanwhile. */
enum rc conn_flush_wait(struct conn *c, size_t memory_left) MUST_CHECK;

#ifdef AVOCET_CHECK_OUTPUT
/* Debug builds: let ${check} (owned from here on) look at all that is queued from
 * here on, when it is queued, so that the process ends where something malformed
 * is written. */
struct output_check;
void conn_check_output(struct conn *c, struct output_check *check);
#endif

/* -- other streams ----------------------------------------------------- */

/* From here on all that is sent and all that is received is compressed (RFC
 * 4978), the input that is not consumed, too.  Nothing may be queued. */
void conn_compress(struct conn *c);

/* Begin TLS as server, for a listener with implicit TLS or after STARTTLS:
 * everything that was read and not consumed is dropped (RFC 9051 section
 * 11.1), so queue and flush the answer first.  Then call conn_handshake().
 * (In tls/: this module needs no TLS library.) */
void conn_tls_begin(struct conn *c, struct tls_context *tls);

/* What conn_tls_begin() rests on: drop all input and let the connection's
 * bytes go through ${s}, a TLS stream, which it then owns, over the same
 * socket, which is conn_fd(). */
void conn_use_stream(struct conn *c, struct stream *s);
int conn_fd(const struct conn *c);

/* Go on with the handshake.  RC_OK: done; RC_AGAIN: wait for *ret_wants;
 * else broken. */
enum rc conn_handshake(struct conn *c, unsigned *ret_wants) MUST_CHECK;

/* Is TLS in force?  Its version and cipher for the log; "" when plain. */
bool conn_is_tls(const struct conn *c);
const char *conn_tls_name(const struct conn *c);

/* What stands for this TLS connection and no other ("tls-exporter", RFC 9266), or
 * for the certificate that it began with ("tls-server-end-point", RFC 5929
 * section 4); NULL: only ask whether there is one.  Returns how many bytes; 0
 * when plain, with a client that cannot do the first safely (RFC 9266 section
 * 4.2), and for a certificate whose signature names no digest. */
size_t conn_tls_binding(const struct conn *c, enum stream_binding binding,
    unsigned char ret_binding[STREAM_BINDING_BYTES_MAX]) MUST_CHECK;

/* The user whom the client's certificate names, which was asked for and
 * proven; NULL: none.  Good as long as the connection. */
const char *conn_tls_user(const struct conn *c);

/* -- looking on -------------------------------------------------------- */

/* Show ${t} (owned from here on) what comes and is sent from here on, and what
 * has come and was not consumed yet; not what is queued already.  Instead of who
 * looked on before; NULL: nobody. */
void conn_tap(struct conn *c, struct tap *t);
bool conn_is_tapped(const struct conn *c);

/* -- facts ------------------------------------------------------------- */

/* It is one of the connections of an account, once and for all, and leaves
 * ${account} when it is freed. */
void conn_belong(struct conn *c, struct share *account);

/* The peer as "192.0.2.1" or "2001:db8::1" or "unix", without the port. */
const char *conn_peer(const struct conn *c);

/* Is the peer 127.0.0.0/8, ::1 or a local socket? */
bool conn_peer_is_loopback(const struct conn *c);

/* Octets of the protocol received and sent so far. */
uint64_t conn_bytes_in(const struct conn *c);
uint64_t conn_bytes_out(const struct conn *c);

#endif
