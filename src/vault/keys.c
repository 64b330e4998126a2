/* SPDX-License-Identifier: Apache-2.0 */
/* Master keys: read, made, put in front of older ones. */
#include "base/buffer.h"
#include "base/encode.h"
#include "base/memory.h"
#include "base/random.h"
#include "vault/vault_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "CHATELAINE_MASTER_KEY"
enum { FILE_MAX = 8192 };

/* ---- the text ---- */

static bool is_id(struct str id) {
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!is_fine)
            return false;
    }
    return id.len >= 1 && id.len <= VAULT_KEY_ID_MAX;
}

static const struct vault_key *find_key(const struct vault *vault, struct str id) {
    for (size_t i = 0; i < vault->count; i++) {
        if (str_equal(vault_key_id(&vault->keys[i]), id))
            return &vault->keys[i];
    }
    return NULL;
}

/* One `<id>:<base64url>`; `message` says what is wrong with it, never what stands there. */
static enum status add_key(struct vault *vault, struct arena *secrets, struct str text,
                           const char **problem) {
    struct str id, bytes;
    if (!str_cut(&text, ':', &id) || text.at == NULL || !is_id(id)) {
        *problem = "a key is not of the form <id>:<32 bytes in base64url>";
        return INVALID;
    }
    if (base64url_decode(secrets, text, &bytes) != OK || bytes.len != VAULT_KEY_LEN) {
        *problem = "a key is not 32 bytes in base64url";
        return INVALID;
    }
    if (find_key(vault, id) != NULL || vault->count == VAULT_KEYS_MAX) {
        *problem = vault->count == VAULT_KEYS_MAX ? "there are too many keys" : "two keys have the same id";
        return INVALID;
    }
    struct vault_key *key = &vault->keys[vault->count++];
    memcpy(key->id, id.at, id.len);
    key->id_len = id.len;
    memcpy(key->bytes, bytes.at, VAULT_KEY_LEN);
    return OK;
}

static enum status add_keys(struct vault *vault, struct arena *secrets, struct str text,
                            const char **problem) {
    struct str line, entry;
    while (str_cut(&text, '\n', &line)) {
        if (str_starts_with(str_trim(line), STR("#")))
            continue;
        while (str_cut(&line, ',', &entry)) {
            if (!str_is_empty(str_trim(entry)))
                TRY(add_key(vault, secrets, str_trim(entry), problem));
        }
    }
    *problem = "there is no key in it";
    return vault->count > 0 ? OK : INVALID;
}

static enum status load(struct arena *arena, struct str text, struct str where, struct vault **vault,
                        struct str *message) {
    struct vault *made = mem_alloc_zero(sizeof *made);
    AUTO_ARENA secrets = arena_new();
    arena_wipe_on_free(secrets);
    const char *problem = NULL;
    enum status status = add_keys(made, secrets, text, &problem);
    if (status != OK) {
        *message = arena_print(arena, "The master key in %.*s cannot be used: %s.", STR_ARG(where), problem);
        vault_free(made);
        return status;
    }
    *vault = made;
    return OK;
}

enum status vault_load_text(struct arena *arena, struct str text, struct vault **vault, struct str *message) {
    return load(arena, text, STR("the given text"), vault, message);
}

void vault_free(struct vault *vault) {
    if (vault == NULL)
        return;
    mem_wipe(vault, sizeof *vault);
    mem_free(vault);
}

/* ---- the file ---- */

static const char *file_path(struct arena *arena, struct str directory) {
    return arena_print(arena, "%.*s/master.key", STR_ARG(directory)).at;
}

static enum status read_open_file(int file, struct buffer *content) {
    buffer_reserve(content, FILE_MAX + 1);
    for (;;) {
        ssize_t got = read(file, content->at + content->len, FILE_MAX + 1 - content->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? OK : FAILED;
        content->len += (size_t)got;
        if (content->len > FILE_MAX)
            return TOO_LARGE;
    }
}

/* The rights are asked of the open file, so that it cannot be exchanged in between. */
static enum status check_rights(struct arena *arena, int file, const char *path, struct str *message) {
    struct stat info;
    if (fstat(file, &info) != 0)
        return FAILED;
    if (!S_ISREG(info.st_mode) || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        *message = arena_print(
            arena,
            "The master key in %s can be read by others (mode %04o). If it was never theirs to see, "
            "run: chmod 600 %s",
            path, (unsigned)(info.st_mode & 07777), path);
        return DENIED;
    }
    return OK;
}

static enum status read_file(struct arena *arena, const char *path, struct buffer *content,
                             struct str *message) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        bool is_missing = errno == ENOENT || errno == ENOTDIR;
        *message = is_missing
                       ? arena_print(arena,
                                     "There is no master key: neither the file %s nor the variable " VARIABLE
                                     ". `chatelaine init` makes a data directory with one.",
                                     path)
                       : arena_print(arena, "The master key in %s cannot be read: %s.", path,
                                     strerrordesc_np(errno));
        return is_missing ? NOT_FOUND : DENIED;
    }
    *message = arena_print(arena, "The master key in %s cannot be read.", path);
    enum status status = check_rights(arena, file, path, message);
    if (status == OK)
        status = read_open_file(file, content);
    close(file);
    return status;
}

static enum status load_file(struct arena *arena, struct str directory, struct vault **vault,
                             struct buffer *content, struct str *message) {
    const char *path = file_path(arena, directory);
    TRY(read_file(arena, path, content, message));
    return load(arena, buffer_text(content), str_from(path), vault, message);
}

enum status vault_load(struct arena *arena, struct str directory, struct vault **vault, struct str *message) {
    char *variable = getenv(VARIABLE);
    if (variable != NULL && *variable != '\0') {
        enum status loaded = load(arena, str_from(variable), STR("the variable " VARIABLE), vault, message);
        mem_wipe(variable, strlen(variable)); /* also what /proc/<pid>/environ shows */
        unsetenv(VARIABLE);
        return loaded;
    }
    struct buffer content = BUFFER_EMPTY;
    enum status status = load_file(arena, directory, vault, &content, message);
    buffer_wipe(&content);
    if (status == OK)
        (*vault)->is_from_file = true;
    return status;
}

/* Which of the vault's keys it is; `vault->count`: none. */
static size_t place_of(const struct vault *vault, const struct vault_key *key) {
    size_t i = 0;
    while (i < vault->count && !str_equal(vault_key_id(&vault->keys[i]), vault_key_id(key)))
        i++;
    return i;
}

static enum status check_room(const struct vault *vault, const struct vault *fresh, struct arena *arena,
                              struct str *message) {
    size_t count = vault->count;
    for (size_t i = 0; i < fresh->count; i++) {
        const struct vault_key *key = &fresh->keys[i];
        size_t at = place_of(vault, key);
        if (at == vault->count) {
            count++;
        } else if (memcmp(vault->keys[at].bytes, key->bytes, sizeof key->bytes) != 0) {
            *message = arena_print(arena, "The master key %.*s is another one than before.",
                                   STR_ARG(vault_key_id(key)));
            return INVALID;
        }
    }
    if (count > VAULT_KEYS_MAX)
        *message = STR("There are too many master keys, old ones included: restart the server.");
    return count > VAULT_KEYS_MAX ? TOO_LARGE : OK;
}

enum status vault_reload(struct arena *arena, struct str directory, struct vault *vault,
                         struct str *message) {
    struct buffer content = BUFFER_EMPTY;
    struct vault *fresh = NULL;
    if (!vault->is_from_file)
        return OK;
    enum status status = load_file(arena, directory, &fresh, &content, message);
    if (status == OK)
        status = check_room(vault, fresh, arena, message);
    for (size_t i = 0; status == OK && i < fresh->count; i++) {
        size_t at = place_of(vault, &fresh->keys[i]);
        if (at == vault->count) {
            vault->keys[at] = fresh->keys[i];
            atomic_store(&vault->count, at + 1);
        }
    }
    if (status == OK)
        atomic_store(&vault->sealing, place_of(vault, &fresh->keys[0]));
    vault_free(fresh);
    buffer_wipe(&content);
    return status;
}

/* ---- writing it ---- */

static struct str new_key_line(struct arena *secrets, struct arena *arena, struct str *id) {
    unsigned char bytes[VAULT_KEY_LEN];
    *id = arena_print(arena, "k-%08llx", (unsigned long long)random_below(1ULL << 32));
    random_bytes(bytes, sizeof bytes);
    struct str text = base64url_encode(secrets, str_of(bytes, sizeof bytes));
    mem_wipe(bytes, sizeof bytes);
    return arena_join(secrets, 4, (struct str[]){*id, STR(":"), text, STR("\n")});
}

static bool write_all(int file, struct str text) {
    while (text.len > 0) {
        ssize_t wrote = write(file, text.at, text.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text = str_from_index(text, (size_t)wrote);
    }
    return fsync(file) == 0;
}

/* Without the directory on the disk, a power cut could take the key and leave the secrets that it sealed. */
static bool sync_directory(struct arena *arena, struct str directory) {
    int file = open(arena_terminated(arena, directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool is_synced = fsync(file) == 0;
    close(file);
    return is_synced;
}

static enum status write_new_file(struct arena *arena, const char *path, struct str directory,
                                  struct str text, struct str *message) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        enum status status = errno == EEXIST ? CONFLICT : FAILED;
        *message = status == CONFLICT
                       ? arena_print(arena, "There is a master key already: %s.", path)
                       : arena_print(arena, "The file %s cannot be made: %s.", path, strerrordesc_np(errno));
        return status;
    }
    bool is_written = write_all(file, text);
    is_written = close(file) == 0 && is_written && sync_directory(arena, directory);
    if (is_written)
        return OK;
    unlink(path);
    *message = arena_print(arena, "The file %s cannot be written.", path);
    return FAILED;
}

enum status vault_create_file(struct arena *arena, struct str directory, struct str *message) {
    AUTO_ARENA secrets = arena_new();
    arena_wipe_on_free(secrets);
    struct str id;
    struct str line = new_key_line(secrets, arena, &id);
    return write_new_file(arena, file_path(arena, directory), directory, line, message);
}

/* Written beside it, then put in its place: there is never a moment without a whole file. */
static enum status replace_file(struct arena *arena, struct str directory, struct str text,
                                struct str *message) {
    const char *path = file_path(arena, directory);
    const char *beside = arena_print(arena, "%s.new", path).at;
    unlink(beside); /* of an attempt that was cut off */
    TRY(write_new_file(arena, beside, directory, text, message));
    if (rename(beside, path) == 0 && sync_directory(arena, directory))
        return OK;
    unlink(beside);
    *message = arena_print(arena, "The file %s cannot be replaced.", path);
    return FAILED;
}

enum status vault_rotate_file(struct arena *arena, struct str directory, struct str *new_id,
                              struct str *message) {
    struct buffer content = BUFFER_EMPTY;
    struct vault *vault = NULL;
    enum status status = load_file(arena, directory, &vault, &content, message);
    if (status == OK && vault->count == VAULT_KEYS_MAX) {
        *message = STR("There are too many master keys: remove those that seal nothing any more.");
        status = TOO_LARGE;
    }
    if (status == OK) {
        AUTO_ARENA secrets = arena_new();
        arena_wipe_on_free(secrets);
        struct str line = new_key_line(secrets, arena, new_id);
        struct str text = arena_join(secrets, 2, (struct str[]){line, buffer_text(&content)});
        status = replace_file(arena, directory, text, message);
    }
    vault_free(vault);
    buffer_wipe(&content);
    return status;
}
