/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/assistant/node_peer.h"

#include "base/json.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void spawn_node(struct node_peer *peer, char *const arguments[], int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (posix_spawnp(&peer->pid, "node", &actions, NULL, arguments, environ) != 0)
        fail_msg("node does not start");
    posix_spawn_file_actions_destroy(&actions);
}

static void read_url(struct node_peer *peer, int output) {
    char line[256] = "";
    size_t len = 0;
    while (len + 1 < sizeof line && !memchr(line, '\n', len)) {
        ssize_t got = read(output, line + len, sizeof line - 1 - len);
        if (got <= 0)
            fail_msg("the peer says nothing");
        len += (size_t)got;
    }
    json_auto_t *said = NULL;
    assert_int_equal(json_read(str_of(line, len), 4, &said, NULL), OK);
    struct str url = json_get_str(said, "url");
    snprintf(peer->url, sizeof peer->url, "%.*s", STR_ARG(url));
}

void node_peer_start(struct node_peer *peer, const char *script, const char *argument) {
    AUTO_ARENA arena = arena_new();
    int to[2] = {-1, -1};
    int from[2] = {-1, -1};
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        fail_msg("no pipes");
    char *const arguments[] = {arena_terminated(arena, STR("node")),
                               arena_terminated(arena, arena_print(arena, TEST_SOURCE "/tests/%s", script)),
                               argument ? arena_terminated(arena, str_from(argument)) : NULL, NULL};
    spawn_node(peer, arguments, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    peer->input = to[1];
    read_url(peer, from[0]);
    close(from[0]);
}

void node_peer_stop(struct node_peer *peer) {
    close(peer->input);
    waitpid(peer->pid, NULL, 0);
}
