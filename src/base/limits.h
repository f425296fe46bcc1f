/* SPDX-License-Identifier: MIT
 *
 * Every limit that an outside party can run into, in one place.  Sizes in
 * bytes, times in milliseconds unless the name says otherwise.
 */
#ifndef AVOCET_BASE_LIMITS_H
#define AVOCET_BASE_LIMITS_H

/* Input. */
#define LINE_BYTES_MAX_PRELOGIN	   8192
#define LINE_BYTES_MAX		   (256 * 1024) /* sets of UIDs are long */
#define LITERAL_BYTES_MAX_PRELOGIN 4096
#define COMMAND_BYTES_MAX_PRELOGIN (16 * 1024)
#define COMMAND_BYTES_MAX	   (1024 * 1024) /* a command with literals */
#define DISCARD_BYTES_MAX	   (256u * 1024 * 1024) /* of a refused command */
#define DISCARD_LINE_BYTES_MAX	   (1024 * 1024)	/* without literals */
#define COMMAND_ARENA_BYTES_MAX	   (32 * 1024 * 1024)
#define TAG_BYTES_MAX		   128
#define NESTING_MAX		   50
#define BAD_COMMANDS_MAX_PRELOGIN  3
#define BAD_COMMANDS_MAX	   20

/* Output. */
#define OUT_MEMORY_BYTES_MAX	(256 * 1024) /* beyond it a command waits */
#define OUT_PIECE_BYTES		8192
#define RESPONSE_LINE_BYTES_MAX (1024 * 1024)	    /* of it, without sources */
#define UPDATE_ARENA_BYTES_MAX	(256 * 1024 * 1024) /* lists of changes */

/* Time. */
#define LOG_PATIENCE_MS	     1000 /* with a log that nobody reads */
#define PRELOGIN_MS_MAX	     (60 * 1000)
#define HANDSHAKE_MS_MAX     (60 * 1000)
#define AUTOLOGOUT_MS	     (30 * 60 * 1000) /* RFC 9051 section 5.4 */
#define WRITE_STALL_MS_MAX   (60 * 1000)
#define LITERAL_STALL_MS_MAX (60 * 1000)
#define PROGRESS_MS	     (10 * 1000) /* between two words of a command */

/* Names and flags. */
#define MAILBOX_NAME_BYTES_MAX	  400
#define MAILBOX_LEVELS_MAX	  32
#define MAILBOXES_MAX		  20000 /* of one account */
#define SUBSCRIPTIONS_MAX	  20000
#define KEYWORD_BYTES_MAX	  128
#define KEYWORDS_MAX		  64 /* of one mailbox */
#define USER_NAME_BYTES_MAX	  255
#define PASSWORD_BYTES_MAX	  1024
#define PASSWORDS_MAX		  100 /* of applications, of one account */
#define PASSWORD_NAME_BYTES_MAX	  64
#define PASSWORD_SECRET_BYTES_MAX 64
#define PASSWORD_USED_SECONDS	  3600 /* how exactly their last use is known */
#define SWITCHES_MAX		  64   /* of one account, that are off */
#define SWITCH_BYTES_MAX	  64
#define ALIAS_ACCOUNTS_MAX	  64 /* that one alias leads to */

/* Logging in. */
#define SASL_MESSAGE_BYTES_MAX	 4096
#define PASSWORD_CHECKS_AT_ONCE	 4     /* each takes 16 MB */
#define VERIFIED_ENTRIES_MAX	 16384 /* accounts whose password is known */
#define SCHEME_ARGON2_KB_MAX	 (256 * 1024) /* of memory for one check */
#define SCHEME_ARGON2_PASSES_MAX 32
#define SCHEME_ARGON2_LANES_MAX	 16
#define THROTTLE_ENTRIES_MAX	 16384
#define THROTTLE_HALF_LIFE_MS	 (5 * 60 * 1000)
#define THROTTLE_DELAY_MS_MAX	 (15 * 1000)
#define THROTTLE_FAILURES_MAX	 60
#define PAM_CHECKS_AT_ONCE	 8
#define PAM_CHECK_MS_MAX	 (30 * 1000)
#define PAM_PASSWORD_BYTES_MAX	 511  /* modules take no more */
#define PAM_DENIED_MS_MIN	 2000 /* with PAM, before a NO to a password */

/* Tokens. */
#define JWT_BYTES_MAX	   SASL_MESSAGE_BYTES_MAX
#define JWT_FILE_BYTES_MAX (256 * 1024)
#define JWT_NESTING_MAX	   16
#define JWT_LEEWAY_S	   60 /* between the clocks of the issuer and ours */

/* A file of users. */
#define LOGIN_ARENA_BYTES_MAX  (64 * 1024) /* what is known of one user */
#define PASSWD_FILE_BYTES_MAX  (64 * 1024 * 1024)
#define PASSWD_FILE_LOGGED_MAX 20   /* lines with mistakes, each time */
#define WATCHED_REST_MS	       1000 /* between two looks at a file */

/* Messages. */
#define MESSAGE_BYTES_MAX	    (128u * 1024 * 1024)
#define STAGE_MEMORY_BYTES_MAX	    (256 * 1024) /* larger ones go to a file */
#define MULTIAPPEND_MAX		    10000
#define MULTIAPPEND_BYTES_MAX	    (64u * 1024 * 1024) /* if more than one */
#define MIME_DEPTH_MAX		    100
#define MIME_PARTS_MAX		    10000
#define MIME_HEADER_BYTES_MAX	    (1024 * 1024) /* of one header, kept */
#define MIME_STRUCTURE_BYTES_MAX    (256 * 1024)
#define MIME_BOUNDARY_BYTES_MAX	    200 /* RFC 2046 says 70; longer: none */
#define MIME_PARAMETERS_MAX	    100 /* of one field */
#define MIME_ADDRESSES_BYTES_MAX    (48 * 1024) /* of one list in ENVELOPE */
#define MIME_STRING_BYTES_MAX	    (8 * 1024)	/* of one string there */
#define MIME_SORT_TEXT_BYTES_MAX    500		/* of one key */
#define MIME_MESSAGE_ID_BYTES_MAX   900
#define MIME_REFERENCES_MAX	    100 /* the first, and the last ones */
#define MIME_PREVIEW_CHARACTERS_MAX 200 /* RFC 8970 section 3.3 */
#define UID_MAX			    0x7fffffffu /* some clients keep it signed */

/* Care of what is kept. */
#define RETENTION_SECONDS_MIN 3600
#define CARE_MS		      (10 * 60 * 1000) /* between two rounds */
#define ACCOUNT_SLICE_KEYS    1000	       /* removed in one change */
#define PURGE_SLICE_CHUNKS    32
#define PURGE_SLICE_MARKS     256
#define UNDELETE_SLICE_CHUNKS 32
#define ACCOUNT_CREATE_TRIES  3
#define CHECK_REPORTS_MAX     1000 /* lines of one account */
#define CHECK_LINE_BYTES_MAX  512
#define CHECK_READ_BYTES      (64 * 1024)

/* IMAP. */
#define IMAP_INPUT_BYTES       (64 * 1024) /* read ahead of the frame */
#define CAPABILITIES_BYTES_MAX 4096
#define STEPS_PER_TURN	       64 /* commands of one session in a row */
#define FETCH_ITEMS_MAX	       200
#define PREVIEW_BYTES_MAX      (64 * 1024) /* of a part, encoded */
#define PREVIEW_PARTS_MAX      4
#define PREVIEW_LAZY_BYTES_MAX (256 * 1024) /* of a message */
#define UID_CODE_BYTES_MAX \
	(8 * 1024 * 1024)	    /* APPENDUID, COPYUID,
						     MODIFIED */
#define FETCH_RANGES_MAX	256 /* of them, queued; or of one message */
#define FETCH_SOURCES_MAX	32  /* messages open at once for output */
#define SEARCH_KEYS_MAX		5000
#define SEARCH_STRINGS_MAX	200 /* for BODY and TEXT: each costs a look */
#define SEARCH_STRING_BYTES_MAX (4 * 1024 * 1024) /* folded */
#define SAVED_RANGES_MAX	(64 * 1024) /* of "$", kept by an idle session */
#define ID_FIELDS_MAX		30	    /* RFC 2971 section 3.3 */
#define ID_VALUE_BYTES_MAX	1024
#define LIST_PATTERNS_MAX	100
#define FLAGS_MAX		1000 /* in one command */
#define HEADER_FIELDS_MAX	1000 /* in one FETCH item */
#define MODIFIERS_MAX		100
#define QUOTED_BYTES_MAX	900 /* longer strings are sent as literals */

/* Mailboxes in memory. */
#define VIEW_INDEX_BYTES_MAX (16 * 1024 * 1024) /* of one look-up */
#define SYNC_CHANGED_MAX     16384 /* messages whose flags are told at once */

/* POP3. */
#define POP3_INPUT_BYTES    (16 * 1024)
#define POP3_LINE_BYTES_MAX 512		     /* RFC 2449 section 4: 255 */
#define POP3_AUTOLOGOUT_MS  (10 * 60 * 1000) /* RFC 1939 section 3 */
#define POP3_SOURCES_MAX    32 /* messages open at once for output */

/* LMTP. */
#define LMTP_RECIPIENTS_MAX	   1000
#define LMTP_LINE_BYTES_MAX	   2048
#define LMTP_RECEIVED_MAX	   100 /* more trace fields mean a loop */
#define LMTP_PATH_BYTES_MAX	   900 /* two and their names are a blob's prefix */
#define LMTP_INPUT_BYTES	   (64 * 1024)
#define LMTP_READ_MS_MAX	   (5 * 60 * 1000) /* RFC 5321 section 4.5.3.2 */
#define LMTP_TRANSACTION_BYTES_MAX (8 * 1024 * 1024) /* of recipients */

/* Configuration. */
#define CONFIG_FILE_BYTES_MAX  (1024 * 1024)
#define CONFIG_TEXT_BYTES_MAX  4096 /* of one setting */
#define CONFIG_ARENA_BYTES_MAX (16 * 1024 * 1024)
#define CONFIG_PROBLEMS_MAX    1000
#define CONFIG_LISTENERS_MAX   64
#define CONFIG_SHARDS_MAX      64

/* The control socket. */
#define CONTROL_FRAME_BYTES_MAX (64 * 1024)
#define CONTROL_WORDS_MAX	8
#define CONTROL_WORDS_BYTES_MAX (16 * 1024)
#define CONTROL_ARENA_BYTES_MAX (256 * 1024 * 1024) /* lists of everything */
#define CONTROL_READ_MS_MAX	(60 * 1000)
#define CONTROL_CONNECTIONS_MAX 16
#define CONTROL_OUT_BYTES	(64 * 1024)

/* Traces. */
#define TRACES_MAX		  8
#define TRACE_BUFFER_BYTES_MAX	  (256 * 1024) /* that nobody has read yet */
#define TRANSCRIPT_LINE_BYTES_MAX 4096	       /* what is beyond is counted */

/* Imports. */
#define IMPORT_REPLY_BYTES_MAX	 (1024 * 1024) /* of a server, without mail */
#define IMPORT_LITERAL_BYTES_MAX (2048u * 1024 * 1024)
#define IMPORT_MESSAGES_MAX	 20000000 /* of a mailbox elsewhere */
#define IMPORT_MAILBOXES_MAX	 40000	  /* that a server lists */
#define IMPORT_CONNECT_MS_MAX	 (30 * 1000)
#define IMPORT_ANSWER_MS_MAX	 (5 * 60 * 1000)
#define IMPORT_PIECE_MS_MAX	 (45 * 1000) /* within a message */
#define IMPORT_REST_MS		 (10 * 1000) /* until what came is stored */
#define IMPORT_LOOKS_MAX	 1000 /* at one folder whose files change names */
#define IMPORT_PROBLEMS_MAX	 1000 /* lines; further ones are counted */

/* Starting and stopping. */
#define DESCRIPTORS_WANTED 262144      /* started as root, we allow ourselves */
#define SHUTDOWN_MS_MAX	   (10 * 1000) /* for what is in flight */

/* The worker pool. */
#define WORKERS_MAX	       256
#define WORKER_STACK_BYTES     (256 * 1024)
#define WORKERS_KEPT_FREE_PART 8    /* one in 8 never waits for a client */
#define CROWDED_WAIT_MS	       1000 /* for a client, when most workers wait */
#define WORKER_REST_MS	       10000
#define TASKS_MAX	       (1024 * 1024)

/* Connections. */
#define SHARE_RATE_MIN	       16384 /* bytes a second, if limited */
#define SHARE_BURST_MS	       10000 /* of bandwidth may be saved */
#define SHARE_PAUSE_MS_MAX     10000 /* at once, for bandwidth */
#define SHARES_KEPT	       16384 /* addresses without connections */
#define PROXY_HEADER_BYTES_MAX 2048
#define PROXY_HEADER_MS_MAX    5000
#define PROXY_NETWORKS_MAX     64 /* of one listener */
#define INPUT_FIRST_PART       32 /* of what may come, the first buffer */
#define INPUT_GROWTH	       8  /* times, each time it is full */
#define OUT_READ_BYTES	       (64 * 1024)   /* of a source read ahead */
#define FLUSH_BYTES_MAX	       (1024 * 1024) /* in one turn of a session */
#define WAIT_SLICE_MS	       200 /* a waiting worker looks for a stop */
#define ACCEPTS_AT_ONCE	       16
#define ACCEPT_REST_MS	       250 /* when no descriptors are left */
#define KEEPALIVE_IDLE_S       900 /* silence before the first probe */
#define KEEPALIVE_INTERVAL_S   60
#define KEEPALIVE_PROBES       5
#define UNACKNOWLEDGED_MS      (5 * 60 * 1000) /* TCP_USER_TIMEOUT */

/* Compressed connections.  What one command may be inflated to is bounded by
 * what a command may hold: see Input. */
#define STREAM_REST_MS		 2000 /* silence before its state is freed */
#define INFLATE_BARREN_BYTES_MAX (1024 * 1024) /* in a row that make nothing */

#endif
