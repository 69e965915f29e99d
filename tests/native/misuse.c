/* Mistakes of a caller in C. Exits with 0 if every call answers as the header says. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "hardtack.h"

static int failed;

#define CHECK(expected, call)                                                                        \
    do {                                                                                             \
        hardtack_status got = (call);                                                                \
        if (got != (expected)) {                                                                     \
            fprintf(stderr, "line %d: %s, not %s\n", __LINE__, hardtack_status_name(got), #expected); \
            failed = 1;                                                                              \
        }                                                                                            \
    } while (0)

static unsigned char memory[2][128 * 1024];

static hardtack_bytes text(const char *string) {
    return (hardtack_bytes){string, strlen(string)};
}

/* Two threads that do not wait for each other: each call is answered or refused, and none harms the other. */
struct caller {
    hardtack_codec *codec;
    hardtack_bytes cookie;
    int answered, busy, wrong;
};

static void *call(void *argument) {
    struct caller *caller = argument;
    for (int turn = 0; turn < 20000; turn++) {
        char id[8];
        switch (hardtack_user_id(caller->codec, caller->cookie, 1700000060, id, sizeof id)) {
        case HARDTACK_OK:
            caller->answered++;
            caller->wrong += strcmp(id, "42") != 0;
            break;
        case HARDTACK_BUSY:
            caller->busy++;
            caller->wrong += id[0] != 0;
            break;
        default:
            caller->wrong++;
        }
    }
    return NULL;
}

static int at_once(hardtack_codec *codec, hardtack_codec *other, hardtack_bytes cookie) {
    struct caller first = {codec, cookie, 0, 0, 0}, second = {other, cookie, 0, 0, 0};
    pthread_t thread;
    if (pthread_create(&thread, NULL, call, &second) != 0) {
        return 0;
    }
    call(&first);
    pthread_join(thread, NULL);
    return first.wrong + second.wrong == 0 && first.answered + second.answered > 0 && first.busy + second.busy > 0;
}

int main(int argc, char **argv) {
    (void)argc;
    hardtack_bytes cookie = text(argv[1]), key = text(argv[2]);
    int64_t now = 1700000060;
    char id[8];
    hardtack_codec *codec, *other;

    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(NULL, memory[0], sizeof memory[0], &key, 1));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(&codec, NULL, sizeof memory[0], &key, 1));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(&codec, memory[0], sizeof memory[0], NULL, 1));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(&codec, memory[0], sizeof memory[0], &key, 0));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(&codec, memory[0], sizeof memory[0], &(hardtack_bytes){NULL, 50}, 1));
    CHECK(HARDTACK_EMPTY_KEY, hardtack_open(&codec, memory[0], sizeof memory[0], &(hardtack_bytes){"", 0}, 1));
    hardtack_bytes weak[] = {key, text("short")};
    CHECK(HARDTACK_SHORT_KEY, hardtack_open(&codec, memory[0], sizeof memory[0], weak, 2));
    CHECK(HARDTACK_MEMORY_TOO_SMALL, hardtack_open(&codec, memory[0], HARDTACK_MIN_MEMORY - 1, &key, 1));
    hardtack_bytes many[] = {key, key, key, key, key, key, key, key, key};
    CHECK(HARDTACK_MEMORY_TOO_SMALL, hardtack_open(&codec, memory[0], sizeof memory[0], many, 9));
    static char long_secret[4097] = "an-example-of-50-characters-or-so-made-by-a-generator";
    CHECK(HARDTACK_MEMORY_TOO_SMALL, hardtack_open(&codec, memory[0], sizeof memory[0], &(hardtack_bytes){long_secret, 4097}, 1));
    CHECK(HARDTACK_MEMORY_TOO_SMALL, hardtack_open(&codec, memory[0], sizeof memory[0], &(hardtack_bytes){long_secret, SIZE_MAX}, 1));
    CHECK(HARDTACK_OK, hardtack_open(&codec, memory[0], HARDTACK_MIN_MEMORY, &(hardtack_bytes){long_secret, 4096}, 1));
    CHECK(HARDTACK_BAD_SIGNATURE, hardtack_user_id(codec, cookie, now, id, sizeof id));
    CHECK(HARDTACK_OK, hardtack_close(codec));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_open(&codec, memory[0], sizeof memory[0], &key, 0));
    if (codec != NULL) {
        fprintf(stderr, "a codec that was refused\n");
        failed = 1;
    }

    /* Two codecs, the least memory, an odd address, as many secrets as there may be. */
    CHECK(HARDTACK_OK, hardtack_open(&codec, memory[0] + 1, HARDTACK_MIN_MEMORY, many, 8));
    CHECK(HARDTACK_OK, hardtack_open(&other, memory[1], sizeof memory[1], &key, 1));
    for (int turn = 0; turn < 1000; turn++) {
        memset(id, 'x', sizeof id);
        CHECK(HARDTACK_OK, hardtack_user_id(codec, cookie, now, id, sizeof id));
        CHECK(HARDTACK_BAD_SIGNATURE, hardtack_user_id(other, text("a:b:c"), now, id, sizeof id));
        failed |= id[0] != 0;
        CHECK(HARDTACK_OK, hardtack_value(other, cookie, now, "_auth_user_id", id, sizeof id));
        failed |= strcmp(id, "\"42\"") != 0;
    }

    CHECK(HARDTACK_OK, hardtack_user_id(codec, cookie, now, id, 3));
    failed |= strcmp(id, "42") != 0;
    CHECK(HARDTACK_BUFFER_TOO_SMALL, hardtack_user_id(codec, cookie, now, id, 2));
    failed |= id[0] != 0;
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_user_id(codec, cookie, now, id, 0));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_user_id(codec, cookie, now, NULL, sizeof id));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_user_id(NULL, cookie, now, id, sizeof id));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_user_id(codec, (hardtack_bytes){NULL, 0}, now, id, sizeof id));
    CHECK(HARDTACK_BAD_ARGUMENT, hardtack_value(codec, cookie, now, NULL, id, sizeof id));
    CHECK(HARDTACK_NOT_FOUND, hardtack_value(codec, cookie, now, "\xff", id, sizeof id));
    CHECK(HARDTACK_BAD_SIGNATURE, hardtack_value(codec, text("a:b:c"), now, "\xff", id, sizeof id));
    CHECK(HARDTACK_BAD_SIGNATURE, hardtack_user_id(codec, text("\xff\xfe:a:b"), now, id, sizeof id));
    static char too_long[4097] = "\xff";
    CHECK(HARDTACK_TOO_LONG, hardtack_user_id(codec, (hardtack_bytes){too_long, 4097}, now, id, sizeof id));
    CHECK(HARDTACK_BAD_SIGNATURE, hardtack_user_id(codec, (hardtack_bytes){cookie.data, cookie.length - 1}, now, id, sizeof id));
    CHECK(HARDTACK_EXPIRED, hardtack_user_id(codec, cookie, INT64_MAX, id, sizeof id));
    CHECK(HARDTACK_OK, hardtack_user_id(codec, cookie, INT64_MIN, id, sizeof id));

    if (!at_once(codec, other, cookie)) {
        fprintf(stderr, "two threads at once\n");
        failed = 1;
    }

    CHECK(HARDTACK_OK, hardtack_close(codec));
    CHECK(HARDTACK_OK, hardtack_close(NULL));
    CHECK(HARDTACK_OK, hardtack_user_id(other, cookie, now, id, sizeof id));
    CHECK(HARDTACK_OK, hardtack_close(other));

    /* No secret is left in the memory. */
    for (size_t at = 0; at + key.length <= sizeof memory[0]; at++) {
        failed |= memcmp(memory[0] + at, key.data, key.length) == 0 || memcmp(memory[1] + at, key.data, key.length) == 0;
    }

    /* Prints each number with its name, to compare them with the header; then numbers that it does not have. */
    for (int number = 0; number <= HARDTACK_WRONG_TYPE; number++) {
        printf("%d %s\n", number, hardtack_status_name((hardtack_status)number));
    }
    failed |= strcmp(hardtack_status_name((hardtack_status)(HARDTACK_WRONG_TYPE + 1)), "Unknown") != 0;
    failed |= strcmp(hardtack_status_name((hardtack_status)-1), "Unknown") != 0;
    return failed;
}
