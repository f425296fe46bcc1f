/* SPDX-License-Identifier: MIT
 *
 * A BIO over a non-blocking socket.  OpenSSL's own writes with write(), which
 * raises SIGPIPE when the peer has gone.  And this one saves a system call a
 * command: after a read that took all there was, the next one says so without
 * asking the kernel, once.
 */
#include "tls/tls_internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

static bool
is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int
socket_read(BIO *b, char *to, size_t size, size_t *ret_count)
{
	struct tls_socket *s = BIO_get_data(b);
	ssize_t got;

	BIO_clear_retry_flags(b);
	if (s->dry) {
		s->dry = false;
		BIO_set_retry_read(b);
		return 0;
	}
	got = recv(s->fd, to, size, 0);
	if (got > 0) {
		s->dry = (size_t)got < size;
		*ret_count = (size_t)got;
		return 1;
	}
	if (got == 0)
		BIO_set_flags(b, BIO_FLAGS_IN_EOF);
	else if (is_passing(errno))
		BIO_set_retry_read(b);
	return 0;
}

static int
socket_write(BIO *b, const char *from, size_t size, size_t *ret_count)
{
	const struct tls_socket *s = BIO_get_data(b);
	ssize_t sent;

	BIO_clear_retry_flags(b);
	sent = send(s->fd, from, size, MSG_NOSIGNAL);
	if (sent >= 0) {
		*ret_count = (size_t)sent;
		return 1;
	}
	if (is_passing(errno))
		BIO_set_retry_write(b);
	return 0;
}

static long
socket_ctrl(BIO *b, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1; /* nothing is kept back */
	case BIO_CTRL_EOF:
		return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0;
	default:
		return 0;
	}
}

BIO_METHOD *
tls_socket_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");

	assert(m != NULL);
	(void)BIO_meth_set_read_ex(m, socket_read);
	(void)BIO_meth_set_write_ex(m, socket_write);
	(void)BIO_meth_set_ctrl(m, socket_ctrl);
	return m;
}

BIO *
tls_socket_new(const BIO_METHOD *method, struct tls_socket *s)
{
	BIO *b = BIO_new(method);

	/* Our own small allocations do not fail. */
	assert(b != NULL);
	BIO_set_data(b, s);
	BIO_set_init(b, 1);
	return b;
}
