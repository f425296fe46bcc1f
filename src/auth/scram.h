/* SPDX-License-Identifier: MIT
 *
 * SCRAM (RFC 5802; with SHA-256: RFC 7677) as the server has it: the grammar of
 * the client's messages, what is computed, and one exchange.  Knows nothing of
 * users and of TLS: whoever uses it has the keys and the channel binding.
 *
 *   client-first  n,,n=user,r=<nonce>
 *   server-first  r=<nonce><more>,s=<salt>,i=<iterations>
 *   client-final  c=<binding>,r=<nonce><more>,p=<proof>
 *   server-final  v=<signature>
 */
#ifndef AVOCET_AUTH_SCRAM_H
#define AVOCET_AUTH_SCRAM_H

#include "auth/credentials.h"

/* -- grammar ------------------------------------------------------------- */

/* What the client says of channel binding (gs2-cbind-flag). */
enum scram_flag {
	SCRAM_UNABLE,	 /* "n": it cannot */
	SCRAM_UNOFFERED, /* "y": it can, and thinks that we cannot */
	SCRAM_BOUND,	 /* "p=...": it does */
};

/* Views of the message. */
struct scram_client_first {
	enum scram_flag flag;
	struct str binding; /* cb-name, with SCRAM_BOUND */
	struct str header;  /* gs2-header */
	struct str bare;    /* client-first-message-bare */
	struct str authzid; /* saslname, as it came; empty: none */
	struct str user;    /* saslname, as it came */
	struct str nonce;   /* the client's part */
};

struct scram_client_final {
	struct str without_proof; /* client-final-message-without-proof */
	struct str binding;	  /* base64, as it came */
	struct str nonce;
	struct str proof; /* base64, as it came */
};

/* client-first-message, client-final-message.  False: not one, or one with an
 * extension that has to be understood ("m="). */
bool scram_parse_client_first(
    struct str message, struct scram_client_first *ret_first);
bool scram_parse_client_final(
    struct str message, struct scram_client_final *ret_final);

/* Append the name that ${saslname} (of a message that was parsed) stands for:
 * =2C is a comma, =3D an equals sign. */
void scram_read_saslname(struct str saslname, struct buf *to);

/* -- computing ------------------------------------------------------------- */

/* The keys of a prepared password under ${salt}, of any size: fills stored_key
 * and server_key.  Takes as long as ${iterations} say.  False: the library does
 * not have the hash. */
bool scram_derive(enum scram_hash hash, struct str prepared, struct str salt,
    uint32_t iterations, struct scram_keys *keys) MUST_CHECK;

/* Does ${proof} (scram_key_bytes() of them) show that the client knows the
 * password behind the stored key (RFC 5802 section 3)?  Takes the same time for
 * all proofs. */
bool scram_proves(enum scram_hash hash, const struct scram_keys *keys,
    struct str auth_message, const unsigned char *proof);

/* ServerSignature: that we know the server key. */
bool scram_sign(enum scram_hash hash, const struct scram_keys *keys,
    struct str auth_message,
    unsigned char ret_signature[CREDENTIALS_SCRAM_KEY_BYTES_MAX]) MUST_CHECK;

/* -- an exchange --------------------------------------------------------- */

/* Init it, challenge, conclude, fini. */
struct scram {
	enum scram_hash hash;
	struct scram_keys keys;
	struct buf header;  /* gs2-header */
	struct buf message; /* AuthMessage, as far as it has come */
	struct str nonce;   /* both parts, in message */
};

enum scram_end {
	SCRAM_PROVEN,
	SCRAM_WRONG,	 /* the proof */
	SCRAM_UNLIKE,	 /* the channel binding, or another header */
	SCRAM_MALFORMED, /* not a message, or another nonce */
};

void scram_init(struct scram *s, enum scram_hash hash);

/* Wipe and free. */
void scram_fini(struct scram *s);

/* Once: append server-first-message to ${challenge}.  ${nonce} is our part,
 * printable, without commas, never used before. */
void scram_challenge(struct scram *s, const struct scram_client_first *first,
    const struct scram_keys *keys, struct str nonce, struct buf *challenge);

/* Once: take client-final-message.  ${binding} is what stands for the channel,
 * empty if the client does not bind to it.  With SCRAM_PROVEN
 * server-final-message is appended to ${challenge}. */
enum scram_end scram_conclude(struct scram *s, struct str message,
    struct str binding, struct buf *challenge) MUST_CHECK;

#endif
