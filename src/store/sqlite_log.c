/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_log.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { GATHERED_MOST = 128 * 1024 };

struct log_file {
    sqlite3_file base;       /* first member: as SQLite knows it */
    sqlite3_file *inner;     /* the file itself; its memory follows this struct */
    bool gathers;            /* a COMMIT is under way */
    unsigned char *gathered; /* GATHERED_MOST bytes, made when first needed: who only reads needs none */
    size_t len;
    sqlite3_int64 at; /* where in the file they belong */
};

/* ---- gathering ---- */

/* A failure is one of the COMMIT that made us write. */
static int write_gathered(struct log_file *file) {
    if (file->len == 0)
        return SQLITE_OK;
    int len = (int)file->len;
    file->len = 0;
    return file->inner->pMethods->xWrite(file->inner, file->gathered, len, file->at);
}

static int log_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 at) {
    struct log_file *file = (struct log_file *)base;
    size_t len = (size_t)count;
    bool follows = at == file->at + (sqlite3_int64)file->len;
    if (!follows || len > GATHERED_MOST - file->len) {
        int code = write_gathered(file);
        if (code != SQLITE_OK)
            return code;
    }
    if (!file->gathers || len > GATHERED_MOST)
        return file->inner->pMethods->xWrite(file->inner, bytes, count, at);
    if (file->gathered == NULL)
        file->gathered = mem_alloc(GATHERED_MOST);
    if (file->len == 0)
        file->at = at;
    memcpy(file->gathered + file->len, bytes, len);
    file->len += len;
    return SQLITE_OK;
}

/* ---- all that needs the file as it should be ---- */

static int log_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 at) {
    struct log_file *file = (struct log_file *)base;
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : file->inner->pMethods->xRead(file->inner, bytes, count, at);
}

static int log_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct log_file *file = (struct log_file *)base;
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : file->inner->pMethods->xTruncate(file->inner, size);
}

/* Behind a sync nothing is gathered any more: where a disk may spoil whole sectors, SQLite fills up the last
 * one and syncs at its end, in the midst of a page, whose rest no other sync follows. */
static int log_sync(sqlite3_file *base, int flags) {
    struct log_file *file = (struct log_file *)base;
    int code = write_gathered(file);
    file->gathers = false;
    return code != SQLITE_OK ? code : file->inner->pMethods->xSync(file->inner, flags);
}

static int log_size(sqlite3_file *base, sqlite3_int64 *size) {
    struct log_file *file = (struct log_file *)base;
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : file->inner->pMethods->xFileSize(file->inner, size);
}

static int log_control(sqlite3_file *base, int what, void *argument) {
    struct log_file *file = (struct log_file *)base;
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : file->inner->pMethods->xFileControl(file->inner, what, argument);
}

static int log_close(sqlite3_file *base) {
    struct log_file *file = (struct log_file *)base;
    int written = write_gathered(file);
    int closed = file->inner->pMethods->xClose(file->inner);
    mem_free(file->gathered);
    return written != SQLITE_OK ? written : closed;
}

static int log_sector_size(sqlite3_file *base) {
    struct log_file *file = (struct log_file *)base;
    return file->inner->pMethods->xSectorSize(file->inner);
}

static int log_characteristics(sqlite3_file *base) {
    struct log_file *file = (struct log_file *)base;
    return file->inner->pMethods->xDeviceCharacteristics(file->inner);
}

/* Version 1, and without locks: those and shared memory are the database file's. */
static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xFileControl = log_control,
    .xSectorSize = log_sector_size,
    .xDeviceCharacteristics = log_characteristics,
};

/* ---- opening ---- */

static sqlite3_vfs *system_vfs;
static sqlite3_vfs own_vfs;

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *flags_out) {
    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return system_vfs->xOpen(system_vfs, name, base, flags, flags_out);
    struct log_file *file = (struct log_file *)base;
    *file = (struct log_file){.inner = (sqlite3_file *)(file + 1)};
    int code = system_vfs->xOpen(system_vfs, name, file->inner, flags, flags_out);
    if (file->inner->pMethods != NULL)
        file->base.pMethods = &log_methods; /* SQLite closes it then, also where it was not opened */
    return code;
}

static void make_vfs(void) {
    system_vfs = sqlite3_vfs_find(NULL);
    if (system_vfs == NULL)
        return;
    own_vfs = *system_vfs;
    own_vfs.pNext = NULL;
    own_vfs.zName = "chatelaine";
    own_vfs.szOsFile = (int)sizeof(struct log_file) + system_vfs->szOsFile;
    own_vfs.xOpen = open_file;
    if (sqlite3_vfs_register(&own_vfs, 0) != SQLITE_OK)
        system_vfs = NULL;
}

const char *sqlite_log_vfs(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_vfs);
    return system_vfs == NULL ? NULL : own_vfs.zName;
}

/* ---- around a commit ---- */

static struct log_file *log_of(sqlite3 *database) {
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    return code == SQLITE_OK && file != NULL && file->pMethods == &log_methods ? (struct log_file *)file
                                                                               : NULL;
}

void sqlite_log_gather(sqlite3 *database) {
    struct log_file *file = log_of(database);
    if (file != NULL)
        file->gathers = true;
}

void sqlite_log_gathered(sqlite3 *database) {
    struct log_file *file = log_of(database);
    if (file == NULL)
        return;
    file->gathers = false;
    file->len = 0;
}
