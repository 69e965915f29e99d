/*
 * Sessions of Django's signed_cookies engine, verified and read. No standard library, no heap, no clock.
 *
 * All memory is the caller's: a codec lives in the block that it was opened in, and takes no byte beside it. Nothing is
 * written to a buffer beyond its size; after an error it holds the empty string. No cookie, however made, ends the program.
 *
 * One call at a time in the whole program: a second one, from another thread or an interrupt, gets HARDTACK_BUSY.
 */
#ifndef HARDTACK_H
#define HARDTACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero is the only good answer. The numbers stay as they are; new ones are added at the end. */
typedef enum hardtack_status {
    HARDTACK_OK = 0,

    /* The call is at fault. */
    HARDTACK_BAD_ARGUMENT = 1,     /* a null pointer, or no secret */
    HARDTACK_BUSY = 2,             /* another call is under way */
    HARDTACK_MEMORY_TOO_SMALL = 3, /* under HARDTACK_MIN_MEMORY, or more secrets than it allows */
    HARDTACK_BUFFER_TOO_SMALL = 4, /* what was found does not fit, with its closing zero */

    /* A secret is refused. */
    HARDTACK_EMPTY_KEY = 5,
    HARDTACK_SHORT_KEY = 6,      /* under 32 bytes */
    HARDTACK_REPETITIVE_KEY = 7, /* under 5 distinct bytes */
    HARDTACK_UNTRIMMED_KEY = 8,  /* begins or ends with white space, such as the line feed at the end of a file */
    HARDTACK_INSECURE_KEY = 9,   /* starts with "django-insecure-": made by startproject; generate another one */

    /* The cookie is refused. */
    HARDTACK_TOO_LONG = 10,      /* over 4096 bytes; it was not looked at */
    HARDTACK_BAD_SIGNATURE = 11, /* none of the secrets signed it */
    HARDTACK_EXPIRED = 12,
    HARDTACK_SESSION_EXPIRED = 13, /* the session's own expiry has passed */
    HARDTACK_NOT_SIGNED = 14,      /* no signature at all: a session key of another engine, perhaps */

    /* The signature is good; what was signed is no session that can be read here. */
    HARDTACK_MALFORMED_STAMP = 15,
    HARDTACK_TIME_OUT_OF_RANGE = 16, /* the stamp is after the year 9999 */
    HARDTACK_MALFORMED_EXPIRY = 17,
    HARDTACK_MALFORMED_BASE64 = 18,
    HARDTACK_MALFORMED_ZLIB = 19,
    HARDTACK_MALFORMED_JSON = 20,
    HARDTACK_JSON_TOO_LONG = 21, /* more than the codec's memory allows */
    HARDTACK_TOO_DEEP = 22,
    HARDTACK_INTEGER_TOO_LONG = 23,
    HARDTACK_NOT_AN_OBJECT = 24,
    HARDTACK_LONE_SURROGATE = 25,

    /* The session is good. */
    HARDTACK_NOT_FOUND = 26, /* it has no such key: nobody is logged in */
    HARDTACK_WRONG_TYPE = 27 /* the user's id is no text, or has a zero byte */
} hardtack_status;

/* Bytes with their length: no zero at the end is needed, none is looked for. */
typedef struct hardtack_bytes {
    const void *data;
    size_t length;
} hardtack_bytes;

typedef struct hardtack_codec hardtack_codec;

/*
 * Memory of a codec. The longest session that it reads has, as JSON, a 40th of what is beyond 32 KiB: 819 bytes of the
 * least memory, 5734 bytes of 256 KiB, and never more than 64 KiB.
 */
#define HARDTACK_MIN_MEMORY ((size_t)64 * 1024)

/*
 * Makes a codec in `memory`, which must stay where it is until hardtack_close. Any secret of `secrets` verifies: Django's
 * SECRET_KEY, and its SECRET_KEY_FALLBACKS, up to eight, of 4096 bytes in all. They are copied, and may be wiped afterwards.
 * Cookies are good for two weeks, Django's SESSION_COOKIE_AGE. If the status is not HARDTACK_OK, `*codec` is NULL.
 */
hardtack_status hardtack_open(hardtack_codec **codec, void *memory, size_t memory_size,
                              const hardtack_bytes *secrets, size_t secret_count);

/*
 * Verifies a cookie's value and writes the id of the user who is logged in, as text that ends with a zero. `now` is the
 * time in Unix seconds.
 */
hardtack_status hardtack_user_id(hardtack_codec *codec, hardtack_bytes cookie, int64_t now, char *buffer,
                                 size_t buffer_size);

/* The same for the value of any key, as JSON text: ASCII without white space, as Django writes it. */
hardtack_status hardtack_value(hardtack_codec *codec, hardtack_bytes cookie, int64_t now, const char *key,
                               char *buffer, size_t buffer_size);

/* Wipes the keys and gives the memory back. NULL is fine. HARDTACK_BUSY if a call is under way: then it is still open. */
hardtack_status hardtack_close(hardtack_codec *codec);

/* "BadSignature" for HARDTACK_BAD_SIGNATURE, and so on. Never NULL. */
const char *hardtack_status_name(hardtack_status status);

#ifdef __cplusplus
}
#endif

#endif
