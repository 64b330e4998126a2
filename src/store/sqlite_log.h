/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: SQLite's write-ahead log, written in one go. SQLite writes each page of a commit by two
 * calls, the frame's head and the page; here they are gathered until they have to be in the file, which is
 * when it is synced. So a commit of sixty pages takes two writes instead of 120.
 *
 * Only a COMMIT gathers, and with `synchronous = FULL` it syncs the log at its end, before it tells anybody
 * what it has written. So nothing that counts is ever here and not in the file; and nothing is kept beyond
 * the lock under which it may be written. */
#pragma once

#include <sqlite3.h>

/* The name under which sqlite3_open_v2 finds it; NULL where it cannot be had. From any thread. */
const char *sqlite_log_vfs(void);

/* Around a COMMIT. Whatever has not come to be synced between the two is forgotten: the commit has failed. */
void sqlite_log_gather(sqlite3 *database);
void sqlite_log_gathered(sqlite3 *database);
