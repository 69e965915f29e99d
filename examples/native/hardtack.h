/*
 * Verifies and reads sessions of Django's signed_cookies engine. No standard library, no heap, no clock.
 *
 * The caller provides all memory: a codec uses only the block that it was opened in. A function never writes beyond the end
 * of a buffer. If it fails, the buffer holds the empty string. No cookie can crash the program.
 *
 * The program may make only one call at a time: a second one, from another thread or an interrupt, returns HARDTACK_BUSY.
 */
#ifndef HARDTACK_H
#define HARDTACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Only zero means success. The numbers never change; new ones are added at the end. */
typedef enum hardtack_status {
    HARDTACK_OK = 0,

    /* The program is at fault. */
    HARDTACK_BAD_ARGUMENT = 1,     /* a null pointer, or no secret */
    HARDTACK_BUSY = 2,             /* another call is in progress */
    HARDTACK_MEMORY_TOO_SMALL = 3, /* under HARDTACK_MIN_MEMORY, or more secrets than it allows */
    HARDTACK_BUFFER_TOO_SMALL = 4, /* the result does not fit, with its terminating zero */

    /* A secret is refused. */
    HARDTACK_EMPTY_KEY = 5,
    HARDTACK_SHORT_KEY = 6,      /* under 32 bytes */
    HARDTACK_REPETITIVE_KEY = 7, /* under 5 distinct bytes */
    HARDTACK_UNTRIMMED_KEY = 8,  /* begins or ends with white space, such as the line feed at the end of a file */
    HARDTACK_INSECURE_KEY = 9,   /* starts with "django-insecure-": written by startproject; generate another one */

    /* The cookie is refused. */
    HARDTACK_TOO_LONG = 10,      /* over 4096 bytes; it was not read */
    HARDTACK_BAD_SIGNATURE = 11, /* none of the secrets signed it */
    HARDTACK_EXPIRED = 12,
    HARDTACK_SESSION_EXPIRED = 13, /* the session's own expiry has passed */
    HARDTACK_NOT_SIGNED = 14,      /* it has no signature; it may be a session key of another engine */

    /* The signature is valid, but the signed text is not a session that this codec can read. */
    HARDTACK_MALFORMED_STAMP = 15,
    HARDTACK_TIME_OUT_OF_RANGE = 16, /* the stamp is after the year 9999 */
    HARDTACK_MALFORMED_EXPIRY = 17,
    HARDTACK_MALFORMED_BASE64 = 18,
    HARDTACK_MALFORMED_ZLIB = 19,
    HARDTACK_MALFORMED_JSON = 20,
    HARDTACK_JSON_TOO_LONG = 21, /* longer than the codec's memory allows: see HARDTACK_MIN_MEMORY */
    HARDTACK_TOO_DEEP = 22,
    HARDTACK_INTEGER_TOO_LONG = 23,
    HARDTACK_NOT_AN_OBJECT = 24,
    HARDTACK_LONE_SURROGATE = 25,

    /* The session is valid. */
    HARDTACK_NOT_FOUND = 26, /* it does not have this key: no user is logged in */
    HARDTACK_WRONG_TYPE = 27 /* the user's id is not text, or has a zero byte */
} hardtack_status;

/* Bytes and their length. They need no terminating zero. */
typedef struct hardtack_bytes {
    const void *data;
    size_t length;
} hardtack_bytes;

typedef struct hardtack_codec hardtack_codec;

/*
 * The least memory that a codec needs, in bytes. More memory lets it read longer sessions. The JSON text of a session may
 * have one byte for every 40 bytes of memory beyond the first 32 KiB: 819 bytes with the least memory, 5734 bytes with 256 KiB,
 * and never more than 64 KiB.
 */
#define HARDTACK_MIN_MEMORY ((size_t)64 * 1024)

/*
 * Creates a codec in `memory`, which must stay in place until hardtack_close. `secrets` are Django's SECRET_KEY and
 * SECRET_KEY_FALLBACKS, at most eight and at most 4096 bytes together; a cookie that any of them signed is valid. They are
 * copied, so you may wipe them afterwards. Cookies are valid for two weeks, the default of Django's SESSION_COOKIE_AGE. If the
 * status is not HARDTACK_OK, `*codec` is NULL.
 */
hardtack_status hardtack_open(hardtack_codec **codec, void *memory, size_t memory_size,
                              const hardtack_bytes *secrets, size_t secret_count);

/*
 * Verifies the value of a cookie, and writes the id of the user who is logged in to `buffer`, as zero-terminated text. `now`
 * is the current time in Unix seconds.
 *
 * The login's hash is not checked, because that needs the user's row: the user may have been deactivated, may have a new
 * password, or may have signed out everywhere since. If a request has several cookies of the name, pass each, the last one
 * first: a subdomain can set one, too.
 */
hardtack_status hardtack_user_id(hardtack_codec *codec, hardtack_bytes cookie, int64_t now, char *buffer,
                                 size_t buffer_size);

/* Like hardtack_user_id, but writes the value of any key of the session, as JSON text: ASCII without white space, as Django
 * writes it. */
hardtack_status hardtack_value(hardtack_codec *codec, hardtack_bytes cookie, int64_t now, const char *key,
                               char *buffer, size_t buffer_size);

/* Wipes the keys and releases the memory. Does nothing for NULL. If another call is in progress, it returns HARDTACK_BUSY, and
 * the codec stays open. */
hardtack_status hardtack_close(hardtack_codec *codec);

/* Returns the name of a status, such as "BadSignature" for HARDTACK_BAD_SIGNATURE. Never NULL. */
const char *hardtack_status_name(hardtack_status status);

#ifdef __cplusplus
}
#endif

#endif
