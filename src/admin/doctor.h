/* SPDX-License-Identifier: MIT
 *
 * What the parts of `avocet doctor` share.  A finding is printed when it is
 * made: "ok", a fault with its cure, or advice, which is no fault.
 */
#ifndef AVOCET_ADMIN_DOCTOR_H
#define AVOCET_ADMIN_DOCTOR_H

#include "admin/dns.h"
#include "config/config.h"

struct doctor {
	const struct config *config;
	struct dns dns;
	struct dns_addresses addresses; /* of the server's name */
	unsigned faults;
};

/* ${where} is what the finding is about, for people. */
void doctor_fault(struct doctor *d, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_advise(const char *where, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void doctor_fine(const char *where, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Do the DNS's records of where mail programs find us say what is so?  (RFC
 * 6186.)  For each domain of the configuration, or that of the server's name. */
void doctor_services(struct doctor *d);

#endif
