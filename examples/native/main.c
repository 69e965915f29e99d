/* Prints which user a session cookie logs in: SECRET_KEY=... ./session COOKIE [UNIX SECONDS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hardtack.h"

static unsigned char memory[256 * 1024]; /* all the memory that hardtack uses */

static hardtack_bytes text(const char *string) {
    return (hardtack_bytes){string, strlen(string)};
}

static int refused(const char *what, hardtack_status status) {
    fprintf(stderr, "%s: %s\n", what, hardtack_status_name(status));
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    const char *secret = getenv("SECRET_KEY");
    const char *fallback = getenv("SECRET_KEY_FALLBACK");
    if (argc < 2 || argc > 3 || secret == NULL) {
        fprintf(stderr, "usage: SECRET_KEY=... %s COOKIE [UNIX SECONDS]\n", argv[0]);
        return 2;
    }
    int64_t now = argc == 3 ? strtoll(argv[2], NULL, 10) : (int64_t)time(NULL);

    hardtack_bytes secrets[2] = {text(secret)};
    size_t count = 1;
    if (fallback != NULL) {
        secrets[count++] = text(fallback);
    }
    hardtack_codec *codec;
    hardtack_status status = hardtack_open(&codec, memory, sizeof memory, secrets, count);
    if (status != HARDTACK_OK) {
        return refused("the secrets are refused", status);
    }

    char user_id[64];
    status = hardtack_user_id(codec, text(argv[1]), now, user_id, sizeof user_id);
    hardtack_close(codec);
    if (status != HARDTACK_OK) {
        return refused("no user is logged in", status);
    }
    printf("user %s\n", user_id);
    return EXIT_SUCCESS;
}
