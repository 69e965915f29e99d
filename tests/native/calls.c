/*
 * Arbitrary calls of the library, from a seed: ./calls SEED CALLS <COOKIES
 *
 * Each line of COOKIES is a cookie with its answers (calls.test.mjs). All memory that a call gets is a block of its own, so
 * the address sanitizer sees a read or a write that is out of bounds by one byte. Exits with 1 at the first answer that is
 * not the one that the header promises.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardtack.h"

enum { SECRETS = 4, WEAK = 6, CODECS = 4, MAX_COOKIES = 64, TWO_WEEKS = 1209600 };

static uint64_t state;
static long call_number;

/* SplitMix64. */
static uint64_t random_number(void) {
    uint64_t mixed = state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

static size_t below(size_t limit) {
    return random_number() % limit;
}

static void fail(const char *what, hardtack_status got, hardtack_status expected) {
    fprintf(stderr, "call %ld, %s: %s, not %s\n", call_number, what, hardtack_status_name(got), hardtack_status_name(expected));
    exit(1);
}

static void check(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "call %ld: %s\n", call_number, what);
        exit(1);
    }
}

static void *copied(const void *data, size_t length) {
    void *copy = malloc(length); /* of its own, even if it is empty */
    check(copy != NULL || length == 0, "no memory");
    if (length > 0) {
        memcpy(copy, data, length);
    }
    return copy;
}

/* Secrets that are good, as in answered.mjs, then those that are refused. */
static const struct secret {
    const char *text;
    hardtack_status status;
} secrets[SECRETS + WEAK] = {
    {"k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef", HARDTACK_OK},
    {"k2-older-secret-key-0123456789abcdefghijklmnopqrstuv", HARDTACK_OK},
    {"\xff\xfe bytes that are not text, and enough of them \x80", HARDTACK_OK},
    {"just-32-bytes-long-0123456789abc", HARDTACK_OK},
    {"", HARDTACK_EMPTY_KEY},
    {"just-31-bytes-long-0123456789ab", HARDTACK_SHORT_KEY},
    {"abababababababababababababababababababab", HARDTACK_REPETITIVE_KEY},
    {"the-line-feed-of-a-file-is-not-part-of-the-secret\n", HARDTACK_UNTRIMMED_KEY},
    {"django-insecure-0123456789abcdefghijklmnopqrstuvwxyz", HARDTACK_INSECURE_KEY},
    {NULL, HARDTACK_BAD_ARGUMENT},
};

/* A cookie, who signed it, and its answers. */
static struct cookie {
    size_t secret;
    int64_t issued_at;
    int64_t own_expiry; /* seconds after that, or -1 */
    size_t json_length;
    hardtack_status status;      /* of its content */
    hardtack_status user_status; /* of hardtack_user_id */
    char *user_id;
    char *value; /* of the key _auth_user_id, empty if there is none */
    char *text;
} cookies[MAX_COOKIES];
static size_t cookie_count;

static char *field(char **rest) {
    char *start = strsep(rest, "\t");
    check(start != NULL, "a field is missing");
    char *copy = strdup(start);
    check(copy != NULL, "no memory");
    return copy;
}

static int64_t number(char **rest) {
    char *text = field(rest);
    int64_t value = strtoll(text, NULL, 10);
    free(text);
    return value;
}

static void read_cookies(void) {
    static char line[1 << 16];
    while (cookie_count < MAX_COOKIES && fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        char *rest = line;
        struct cookie *it = &cookies[cookie_count++];
        it->secret = (size_t)number(&rest);
        it->issued_at = number(&rest);
        it->own_expiry = number(&rest);
        it->json_length = (size_t)number(&rest);
        it->status = (hardtack_status)number(&rest);
        it->user_status = (hardtack_status)number(&rest);
        it->user_id = field(&rest);
        it->value = field(&rest);
        it->text = field(&rest);
    }
    check(cookie_count > 0, "no cookies");
}

static struct codec {
    hardtack_codec *handle; /* NULL if it is closed */
    unsigned char *block;   /* from malloc */
    size_t block_size, memory_size;
    unsigned has; /* its secrets, a bit for each */
} codecs[CODECS];

static void open_codec(struct codec *it) {
    static const size_t sizes[] = {0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 100001, 256 * 1024, 1024 * 1024};
    size_t offset = below(16), size = sizes[below(8)], count = below(16) ? 1 + below(4) : below(11), total = 0;
    unsigned char *block = malloc(size + offset);
    check(block != NULL, "no memory");
    memset(block, 'm', size + offset);
    hardtack_bytes *list = malloc(count * sizeof *list);
    hardtack_status status = HARDTACK_OK;
    unsigned has = 0;
    for (size_t at = 0; at < count; at++) {
        size_t which = below(16) ? below(SECRETS) : below(SECRETS + WEAK);
        const struct secret *secret = &secrets[which];
        size_t length = secret->text == NULL ? below(100) : strlen(secret->text);
        list[at] = (hardtack_bytes){secret->text == NULL ? NULL : copied(secret->text, length), length};
        has |= 1U << which;
        total += length;
        if (status == HARDTACK_OK) {
            status = secret->status;
        }
    }
    if (size < HARDTACK_MIN_MEMORY || count > 8 || total > 4096) {
        status = HARDTACK_MEMORY_TOO_SMALL;
    }
    int no_memory = below(64) == 0, no_secrets = below(64) == 0, no_codec = below(64) == 0;
    if (no_codec || no_memory || no_secrets || count == 0) {
        status = HARDTACK_BAD_ARGUMENT;
    }
    hardtack_codec *handle = (hardtack_codec *)block; /* as if it was never set */
    hardtack_status got = hardtack_open(no_codec ? NULL : &handle, no_memory ? NULL : block + offset, size,
                                        no_secrets ? NULL : list, count);
    for (size_t at = 0; at < count; at++) {
        free((void *)list[at].data);
    }
    free(list);
    if (got != status) {
        fail("open", got, status);
    }
    if (status != HARDTACK_OK) {
        check(no_codec || handle == NULL, "a codec that was refused");
        free(block);
        return;
    }
    check(handle != NULL, "no codec");
    *it = (struct codec){handle, block, size + offset, size, has};
}

static void close_codec(struct codec *it) {
    hardtack_status got = hardtack_close(it->handle);
    if (got != HARDTACK_OK) {
        fail("close", got, HARDTACK_OK);
    }
    for (size_t which = 0; it->handle != NULL && which < SECRETS; which++) {
        const char *secret = secrets[which].text;
        check(memmem(it->block, it->block_size, secret, strlen(secret)) == NULL, "a secret is left in the memory");
    }
    free(it->block); /* a later use is an error for the sanitizer */
    *it = (struct codec){0};
}

/* The status of a cookie that a codec can verify. */
static hardtack_status content_status(const struct codec *codec, const struct cookie *cookie, int64_t now) {
    size_t longest = (codec->memory_size - 32 * 1024) / 40;
    int is_dated = cookie->status != HARDTACK_MALFORMED_STAMP && cookie->status != HARDTACK_TIME_OUT_OF_RANGE;
    if (is_dated && now > cookie->issued_at + TWO_WEEKS) {
        return HARDTACK_EXPIRED;
    }
    if (cookie->json_length > (longest < 64 * 1024 ? longest : 64 * 1024)) {
        return HARDTACK_JSON_TOO_LONG;
    }
    if (cookie->status == HARDTACK_OK && cookie->own_expiry >= 0 && now > cookie->issued_at + cookie->own_expiry) {
        return HARDTACK_SESSION_EXPIRED;
    }
    return cookie->status;
}

/* Returns a changed or another text, never that of the cookie. */
static unsigned char *mangled(const struct cookie *cookie, size_t *length) {
    size_t old = strlen(cookie->text);
    unsigned char *text;
    switch (below(6)) {
    case 0: /* one byte */
        *length = old;
        text = copied(cookie->text, old);
        text[below(old)] ^= 1 + below(255);
        return text;
    case 1: /* the start */
        *length = below(old);
        return copied(cookie->text, *length);
    case 2: /* a byte more, also a zero */
        *length = old + 1;
        text = copied(cookie->text, old + 1);
        text[old] = (unsigned char)below(256);
        return text;
    case 3: { /* the start of one, the end of another */
        const struct cookie *other = &cookies[below(cookie_count)];
        size_t from = below(strlen(other->text) + 1), rest = strlen(other->text) - from;
        *length = below(old);
        text = malloc(*length + rest);
        memcpy(text, cookie->text, *length);
        memcpy(text + *length, other->text + from, rest);
        *length += rest;
        return text;
    }
    default: { /* bytes */
        static const size_t lengths[] = {0, 1, 43, 44, 46, 4095, 4096, 4097, 100000};
        *length = lengths[below(9)];
        text = malloc(*length);
        for (size_t at = 0; at < *length; at++) {
            text[at] = below(4) ? (unsigned char)"aB0:-_."[below(7)] : (unsigned char)below(256);
        }
        return text;
    }
    }
}

static int is_of(const struct cookie *cookie, const unsigned char *text, size_t length) {
    return strlen(cookie->text) == length && memcmp(cookie->text, text, length) == 0;
}

static void read_cookie(struct codec *codec) {
    const struct cookie *cookie = &cookies[below(cookie_count)];
    size_t length = strlen(cookie->text);
    unsigned char *text;
    if (below(2)) {
        text = copied(cookie->text, length);
    } else {
        text = mangled(cookie, &length);
        for (size_t at = 0; at < cookie_count; at++) { /* it may be a good one after all */
            cookie = is_of(&cookies[at], text, length) ? &cookies[at] : cookie;
        }
    }
    const int64_t clocks[] = {cookie->issued_at + 60, cookie->issued_at, cookie->issued_at + TWO_WEEKS, cookie->issued_at + TWO_WEEKS + 1,
                              cookie->issued_at + 61, INT64_MIN, INT64_MAX, (int64_t)random_number()};
    int64_t now = clocks[below(4) ? 0 : below(8)];
    const char *const keys[] = {"_auth_user_id", "", "cart_", "\xff\xfe", "_auth_user_id_", "\x01\x7f\"\\"};
    size_t which = below(3) ? 0 : below(6);
    char *key = below(64) ? copied(keys[which], strlen(keys[which]) + 1) : NULL;
    const size_t sizes[] = {256, 0, 1, 2, 3, 4, 5, 6000};
    size_t size = sizes[below(3) ? 0 : below(8)];
    unsigned char *buffer = below(64) ? malloc(size) : NULL;
    if (buffer != NULL) {
        memset(buffer, 'x', size);
    }
    int wants_value = below(2), has_codec = codec->handle != NULL && below(64), no_text = below(64) == 0;
    hardtack_codec *handle = has_codec ? codec->handle : NULL;
    hardtack_bytes bytes = {no_text ? NULL : text, length};

    hardtack_status got = wants_value ? hardtack_value(handle, bytes, now, key, (char *)buffer, size)
                                      : hardtack_user_id(handle, bytes, now, (char *)buffer, size);

    const char *answer = wants_value ? cookie->value : cookie->user_id;
    hardtack_status expected;
    if (buffer == NULL || size == 0 || !has_codec || no_text || (wants_value && key == NULL)) {
        expected = HARDTACK_BAD_ARGUMENT;
    } else if (length > 4096) {
        expected = HARDTACK_TOO_LONG;
    } else if (!is_of(cookie, text, length)) {
        check(got == HARDTACK_BAD_SIGNATURE || got == HARDTACK_NOT_SIGNED, "a cookie without a good signature");
        expected = got;
    } else if (!(codec->has & (1U << cookie->secret))) {
        expected = HARDTACK_BAD_SIGNATURE;
    } else {
        expected = content_status(codec, cookie, now);
        if (expected == HARDTACK_OK && wants_value && (which != 0 || *answer == 0)) {
            expected = HARDTACK_NOT_FOUND;
        } else if (expected == HARDTACK_OK && !wants_value) {
            expected = cookie->user_status;
        }
        if (expected == HARDTACK_OK && strlen(answer) >= size) {
            expected = HARDTACK_BUFFER_TOO_SMALL;
        }
    }
    if (got != expected) {
        fail(wants_value ? "value" : "user_id", got, expected);
    }
    if (buffer != NULL && size > 0) {
        check(memchr(buffer, 0, size) != NULL, "the text has no end");
        check(strcmp((char *)buffer, got == HARDTACK_OK ? answer : "") == 0, "another text");
    }
    free(buffer);
    free(key);
    free(text);
}

int main(int argc, char **argv) {
    check(argc == 3, "usage: ./calls SEED CALLS <COOKIES");
    state = strtoull(argv[1], NULL, 10);
    long calls = strtol(argv[2], NULL, 10), opened = 0, read = 0, closed = 0;
    read_cookies();
    for (call_number = 0; call_number < calls; call_number++) {
        struct codec *codec = &codecs[below(CODECS)];
        switch (below(32)) {
        case 0:
            close_codec(codec);
            closed++;
            break;
        case 1: {
            int status = (int)random_number();
            const char *name = hardtack_status_name((hardtack_status)status);
            check(name != NULL && (strcmp(name, "Unknown") == 0) == (status < 0 || status > HARDTACK_WRONG_TYPE), "the name of a status");
            break;
        }
        default:
            if (codec->handle == NULL && below(2)) {
                open_codec(codec);
                opened++;
            } else {
                read_cookie(codec);
                read++;
            }
        }
    }
    for (size_t at = 0; at < CODECS; at++) {
        close_codec(&codecs[at]);
    }
    for (size_t at = 0; at < cookie_count; at++) {
        free(cookies[at].user_id);
        free(cookies[at].value);
        free(cookies[at].text);
    }
    printf("%ld arbitrary calls from C: %ld open, %ld read, %ld close\n", calls, opened, read, closed);
    return 0;
}
