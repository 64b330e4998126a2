/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as the socket's side drives them, over a real store: whoever signs in, out or over while something
 * is under way must neither hear nor do anything as somebody else. */
#include "../store/fixture.h"
#include "admin/admin.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "chat/answering.h"
#include "chat/internal.h"
#include "chat/turn.h"
#include "jose/jose.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#define MASTER_KEY "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* ---- a chat, with all that it stands on ---- */

enum { CLIENTS_MAX = 4 };
struct client;

struct stage {
    struct fixture *fixture;
    struct arena *arena;
    struct vault *vault;
    struct admin admin;
    struct admin_applied applied;
    struct str secret; /* of the issuer, and its id */
    struct str secret_id;
    struct egress *egress;
    struct chat *chat;
    struct chat_services services;
    int deaf_socket;                     /* takes connections and never answers: a tool that is slow */
    struct client *clients[CLIENTS_MAX]; /* who is there; they leave with the stage at the latest */
};
static void client_free(struct client *client);

static uint16_t listen_deaf(int *socket_fd) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    *socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*socket_fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(*socket_fd, 64), 0);
    assert_int_equal(getsockname(*socket_fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

/* `slow` is everybody's, `balance` is for who is signed in; both take a second and then fail. */
static json_t *document_of(struct arena *arena, uint16_t port) {
    struct str text = arena_print(
        arena,
        "{\"config\":{\"signIn\":{\"enforcement\":\"optional\",\"carryAnonymousConversation\":true,"
        "\"issuers\":[{\"name\":\"acme\",\"mode\":\"hmac\",\"audiences\":[\"chat\"]}]},"
        "\"assistant\":{\"kind\":\"rules\",\"fallback\":\"I do not know.\"}},"
        "\"tools\":[{\"name\":\"slow\",\"title\":\"Slow\",\"description\":\"Slow\",\"access\":\"public\","
        "\"url\":\"http://127.0.0.1:%u/\",\"timeoutSeconds\":1,\"triggers\":[\"slowly please\"]},"
        "{\"name\":\"balance\",\"title\":\"Balance\",\"description\":\"Balance\",\"access\":\"sign-in\","
        "\"url\":\"http://127.0.0.1:%u/\",\"timeoutSeconds\":1,\"triggers\":[\"my balance\"]}],"
        "\"knowledge\":[{\"id\":\"hours\",\"title\":\"Hours\",\"triggers\":[\"business hours\"],"
        "\"text\":\"From 9 to 5.\"}]}",
        port, port);
    json_t *document = NULL;
    assert_ok(json_read(text, JSON_DEPTH_DOCUMENT, &document, NULL));
    return document;
}

static FIBER struct str generate_secret_wait(struct stage *stage, struct str purpose, struct str *id) {
    const struct admin_secret_request request = {.purpose = purpose, .succession = ADMIN_FIRST};
    struct store_secret secret;
    struct str text;
    struct admin_error error = {.pointer = STR_NONE};
    assert_ok(admin_secret_generate_wait(&stage->admin, stage->arena, &stage->applied.environment, &request,
                                         &secret, &text, &error));
    *id = secret.id;
    return text;
}

static FIBER void stage_begin_wait(struct stage *stage, struct fixture *fixture) {
    struct str message;
    struct admin_error error = {.pointer = STR_NONE};
    *stage = (struct stage){.fixture = fixture, .arena = fixture->arena};
    assert_ok(vault_load_text(stage->arena, STR(MASTER_KEY), &stage->vault, &message));
    stage->admin = (struct admin){.store = fixture->store, .vault = stage->vault, .actor = STR("test")};
    json_auto_t *document = document_of(stage->arena, listen_deaf(&stage->deaf_socket));
    enum status status = admin_apply_wait(&stage->admin, stage->arena, STR("acme"), STR("test"), document,
                                          &stage->applied, &error);
    if (status != OK)
        fail_msg("%.*s: %.*s", STR_ARG(error.pointer), STR_ARG(error.sentence));
    struct str unused;
    stage->secret = generate_secret_wait(stage, STORE_SECRET_VISITOR_SIGNING, &stage->secret_id);
    generate_secret_wait(stage, STORE_SECRET_TOOL_SIGNING, &unused);
    const struct egress_options options = {.is_private_allowed = true};
    assert_ok(egress_start(&options, &stage->egress));
    stage->services = (struct chat_services){
        .store = fixture->store,
        .egress = stage->egress,
        .environments = environment_cache_new(fixture->store, stage->vault),
        .verifier = verifier_new(NULL), /* no key set is fetched here */
        .limiter = limiter_new(&(struct limit_options){.failures_per_minute = 60}, clock_monotonic_us()),
        .answering = chat_answering_new(),
    };
    stage->chat = chat_new(&stage->services);
}

static FIBER void stage_end_wait(struct stage *stage) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (stage->clients[i] != NULL)
            client_free(stage->clients[i]);
    }
    while (chat_count_busy(stage->chat) > 0) {
        chat_stop(stage->chat);
        assert_ok(fiber_sleep_wait(5));
    }
    assert_int_equal(chat_read_metrics(stage->chat)->sessions, 0);
    while (chat_flush(stage->chat)) /* as a front thread does before it ends */
        assert_ok(fiber_sleep_wait(5));
    chat_free(stage->chat);
    chat_answering_free(stage->services.answering);
    limiter_free(stage->services.limiter);
    verifier_free(stage->services.verifier);
    environment_cache_free(stage->services.environments);
    egress_stop(stage->egress);
    close(stage->deaf_socket);
    vault_free(stage->vault);
}

static struct str token_of(struct stage *stage, const char *subject) {
    struct jose_key_set *set = NULL;
    assert_ok(jose_key_set_from_secrets(&stage->secret, 1, &set));
    json_auto_t *claims = json_pack("{s:s,s:s,s:s,s:I}", "sub", subject, "name", subject, "aud", "chat",
                                    "exp", (json_int_t)clock_now_s() + 300);
    struct str token = STR_NONE;
    assert_ok(jose_sign(jose_key_set_at(set, 0), jose_algorithm_find(STR("HS256")), NULL,
                        json_write(stage->arena, claims), stage->arena, &token));
    jose_key_set_release(set);
    return token;
}

/* ---- a client ---- */

enum { FRAMES_MAX = 40 * 1000 };

struct client {
    struct stage *stage;
    struct chat_session *session;
    json_t *frames[FRAMES_MAX];
    size_t count, taken;
    void (*on_frame)(struct client *client, struct str type, const json_t *frame);
    struct message later; /* for what on_frame would do in the loop's next turn */
};

/* Whatever is said, one answer at most is being written for a session, and the session knows of it. */
static void assert_one_turn(const struct client *client) {
    for (const struct turn *turn = client->stage->chat->turns; turn != NULL; turn = turn->next)
        if (turn->session == client->session && turn->fiber != NULL && turn != client->session->turn &&
            turn->fiber != fiber_current())
            fail_msg("an answer is being written that the session has lost sight of");
}

static void on_send(void *to, struct str type, struct str text) {
    struct client *client = to;
    assert_true(client->count < FRAMES_MAX);
    json_t *frame = NULL;
    assert_ok(json_read(text, JSON_DEPTH_DOCUMENT, &frame, NULL));
    client->frames[client->count++] = frame;
    assert_one_turn(client);
    if (client->on_frame != NULL)
        client->on_frame(client, type, frame);
}

/* The place of `client` among the stage's; of NULL: one that is free. */
static struct client **place_of(struct stage *stage, const struct client *client) {
    size_t i = 0;
    while (i < CLIENTS_MAX && stage->clients[i] != client)
        i++;
    assert_true(i < CLIENTS_MAX);
    return &stage->clients[i];
}

static struct client *client_new(struct stage *stage) {
    struct client *client = mem_alloc_zero(sizeof *client);
    *place_of(stage, NULL) = client;
    client->stage = stage;
    const struct chat_output output = {.send = on_send, .to = client};
    client->session = chat_session_new(stage->chat, stage->applied.publishable_key, &output);
    chat_session_start(client->session);
    return client;
}

static void client_free(struct client *client) {
    *place_of(client->stage, client) = NULL;
    chat_session_leave(client->session);
    for (size_t i = 0; i < client->count; i++)
        json_decref(client->frames[i]);
    mem_free(client);
}

static void say(struct client *client, json_t *frame) {
    chat_session_receive(client->session, json_write(client->stage->arena, frame));
    json_decref(frame);
}

static void say_message(struct client *client, const char *id, const char *text) {
    say(client, json_pack("{s:s,s:s,s:s}", "type", "message.send", "id", id, "text", text));
}

static void say_upgrade(struct client *client, const char *subject) {
    struct str token = token_of(client->stage, subject);
    say(client,
        json_pack("{s:s,s:s,s:s%}", "type", "auth.upgrade", "id", "upgrade", "token", token.at, token.len));
}

/* The next frame of this type; those before it are passed over. */
static FIBER const json_t *until_wait(struct client *client, const char *type) {
    for (int i = 0; i < 2000; i++) {
        while (client->taken < client->count) {
            const json_t *frame = client->frames[client->taken++];
            if (str_equal(json_get_str(frame, "type"), str_from(type)))
                return frame;
        }
        assert_ok(fiber_sleep_wait(5));
    }
    fail_msg("%s did not come", type);
    return NULL;
}

static size_t count_frames(const struct client *client, const char *type, const char *member,
                           const char *value) {
    size_t count = 0;
    for (size_t i = 0; i < client->count; i++)
        count += str_equal(json_get_str(client->frames[i], "type"), str_from(type)) &&
                 (member == NULL || str_equal(json_get_str(client->frames[i], member), str_from(value)));
    return count;
}

/* ---- an answer at once ---- */

/* The first message makes its conversation. From then on a question that needs no tool is one write with its
 * answer, and said again it is answered from the store; one that needs a tool is a turn. */
static FIBER void an_answer_that_needs_nothing_is_one_write(struct client *client) {
    struct stage *stage = client->stage;
    say_message(client, "first", "business hours?");
    until_wait(client, "assistant.done");
    uint64_t before = store_statistics(stage->fixture->store).writes;
    say_message(client, "second", "business hours?");
    const json_t *accepted = json_object_get(until_wait(client, "message.accepted"), "message");
    struct str id = json_get_str(accepted, "id");
    const json_t *done = until_wait(client, "assistant.done");
    assert_int_equal(count_frames(client, "assistant.delta", "message", arena_terminated(stage->arena, id)),
                     1);
    assert_int_equal(store_statistics(stage->fixture->store).writes - before, 1);
    assert_int_equal(json_get_int(accepted, "position", 0), 3);
    const json_t *answer = json_object_get(done, "message");
    assert_int_equal(json_get_int(answer, "position", 0), 4);
    assert_text(json_get_str(answer, "text"), STR("From 9 to 5."));
    assert_text(json_get_str(answer, "inReplyTo"), id);
    assert_text(json_get_str(done, "inReplyTo"), id);
    assert_true(json_get_int(done, "seq", 0) >= INT64_C(4) << 20);

    say_message(client, "second", "business hours?");
    const json_t *again = until_wait(client, "message.accepted");
    assert_true(json_get_bool(again, "duplicate", false));
    assert_text(json_get_str(json_object_get(again, "message"), "id"), id);
    const json_t *told = json_object_get(until_wait(client, "assistant.done"), "message");
    assert_text(json_get_str(told, "id"), json_get_str(answer, "id"));

    say_message(client, "third", "slowly please");
    until_wait(client, "tool.started");
    until_wait(client, "assistant.done");
}

/* ---- one answer at a time ---- */

static struct client *client_of_later(struct message *message) {
    return (struct client *)((char *)message - offsetof(struct client, later));
}

static void say_third(struct message *message) {
    say_message(client_of_later(message), "third", "slowly please");
}

static void on_second_done(struct client *client, struct str type, const json_t *frame) {
    (void)frame;
    if (!str_equal(type, STR("assistant.done")))
        return;
    client->on_frame = NULL;
    client->later.deliver = say_third;
    loop_post(loop_current(), &client->later);
}

/* A question waits for a sign-in; another is being answered while the visitor signs in. When that answer is
 * done the first question is looked for, and just then the visitor asks a third. */
static FIBER void answers_do_not_overtake_each_other(struct client *client) {
    say_message(client, "first", "my balance");
    until_wait(client, "auth.required");
    say_message(client, "second", "slowly please");
    until_wait(client, "tool.started");
    client->on_frame = on_second_done;
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    until_wait(client, "assistant.done");
    until_wait(client, "assistant.done");
    assert_int_equal(count_frames(client, "error", "code", "busy"), 1);
}

static void say_bob(struct message *message) {
    say_upgrade(client_of_later(message), "bob");
}

static void on_second_done_switch(struct client *client, struct str type, const json_t *frame) {
    (void)frame;
    if (!str_equal(type, STR("assistant.done")))
        return;
    client->on_frame = NULL;
    client->later.deliver = say_bob;
    loop_post(loop_current(), &client->later);
}

/* As before, but it is Bob who signs in at that moment: Ada's question is not his. */
static FIBER void a_waiting_question_is_not_answered_for_the_next_visitor(struct client *before) {
    say_upgrade(before, "bob"); /* he is known already, so that his sign-in takes no write */
    until_wait(before, "auth.upgraded");
    struct client *client = client_new(before->stage);
    say_message(client, "first", "my balance");
    until_wait(client, "auth.required");
    say_message(client, "second", "slowly please");
    until_wait(client, "tool.started");
    client->on_frame = on_second_done_switch;
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    until_wait(client, "auth.upgraded");
    assert_ok(fiber_sleep_wait(100));
    assert_null(client->session->turn); /* Bob has asked nothing */
}

/* At a screen that many use, who signs in later may be somebody else. */
static FIBER void a_question_that_waited_too_long_is_not_answered(struct client *client) {
    say_message(client, "first", "my balance");
    until_wait(client, "auth.required");
    clock_hold_ms(clock_now_ms() + 16 * 60 * 1000);
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    assert_ok(fiber_sleep_wait(100));
    clock_hold_ms(-1);
    assert_null(client->session->turn);
    assert_int_equal(client->session->waiting.len, 0);
}

/* ---- two sockets, one conversation ---- */

static void resume(struct client *client, const json_t *created) {
    say(client, json_pack("{s:s,s:s,s:O,s:O}", "type", "conversation.resume", "id", "resume", "conversation",
                          json_object_get(created, "conversation"), "resumeKey",
                          json_object_get(created, "resumeKey")));
}

/* An anonymous visitor's two windows: in one of them Ada signs in, and the conversation is hers. The other
 * window neither reads nor writes there any more, though it knows what her messages were called. */
static FIBER void a_window_left_behind_does_not_reach_into_the_conversation(struct client *left) {
    struct stage *stage = left->stage;
    say_message(left, "m1", "business hours");
    const json_t *created = until_wait(left, "sdk.session.created");
    until_wait(left, "assistant.done");
    struct client *client = client_new(stage);
    resume(client, created);
    until_wait(client, "conversation.resumed");
    say_upgrade(client, "ada");
    assert_true(json_get_bool(until_wait(client, "auth.upgraded"), "carried", false));
    say_message(client, "m2", "business hours, said Ada");
    until_wait(client, "assistant.done");

    struct str hers = json_get_str(created, "conversation");
    say_message(left, "m2", "what did she say?");
    const json_t *accepted = until_wait(left, "message.accepted");
    assert_false(str_equal(json_get_str(accepted, "conversation"), hers));
    assert_false(json_get_bool(accepted, "duplicate", true));
    until_wait(left, "assistant.done");
    struct store_messages messages;
    assert_ok(store_message_list_latest_wait(stage->fixture->store, stage->arena,
                                             stage->applied.environment.id, hers, 0, 100, &messages));
    assert_int_equal(messages.count, 4);
}

/* Two windows wait for the same answer; in one of them Ada signs in meanwhile, so that it is an answer to
 * her. The other window is not told it, nor is who asks for it again when her token has ended. */
static FIBER void an_answer_to_who_signed_in_is_told_in_no_other_window(struct client *client) {
    struct stage *stage = client->stage;
    say_message(client, "m1", "slowly please");
    const json_t *created = until_wait(client, "sdk.session.created");
    until_wait(client, "tool.started");
    struct client *left = client_new(stage);
    resume(left, created);
    until_wait(left, "conversation.resumed");
    say_upgrade(client, "ada");
    assert_true(json_get_bool(until_wait(client, "auth.upgraded"), "carried", false));
    const json_t *done = until_wait(client, "assistant.done");
    assert_true(json_get_bool(json_get_object(done, "message"), "verified", false));
    while (left->session->turn != NULL)
        assert_ok(fiber_sleep_wait(5));
    assert_int_equal(count_frames(left, "assistant.done", NULL, NULL), 0);
    assert_int_equal(count_frames(left, "error", "id", "m1"), 1); /* it knows that nothing will come */

    kept_clear(&client->session->token);
    say_message(client, "m1", "slowly please");
    assert_text(json_get_str(until_wait(client, "error"), "code"), STR("conversation-not-found"));
    assert_int_equal(count_frames(client, "assistant.done", NULL, NULL), 1);
}

/* ---- when something cannot be done ---- */

/* Bob's token is good, but he cannot be looked up. Who talks next is not Ada. */
static FIBER void a_sign_in_that_cannot_be_finished_leaves_nobody_signed_in(struct client *client) {
    struct stage *stage = client->stage;
    struct admin_error error = {.pointer = STR_NONE};
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    assert_int_equal(client->session->token.len > 0, true);
    /* Its rows are gone, and nobody has told this thread's cache yet. */
    assert_ok(
        admin_environment_delete_wait(&stage->admin, stage->arena, &stage->applied.environment, &error));
    say_upgrade(client, "bob");
    const json_t *failed = until_wait(client, "error");
    assert_text(json_get_str(failed, "code"), STR("unavailable"));
    assert_int_equal(client->session->token.len, 0);
    assert_false(client->session->owner.is_verified);
}

/* The environment's key has gone: a logout must do its work all the same. */
static FIBER void a_logout_is_a_logout_whatever_has_gone(struct client *client) {
    struct stage *stage = client->stage;
    struct admin_error error = {.pointer = STR_NONE};
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    assert_ok(
        admin_environment_delete_wait(&stage->admin, stage->arena, &stage->applied.environment, &error));
    environment_cache_drop(stage->services.environments, STR_NONE);
    say(client, json_pack("{s:s,s:s}", "type", "auth.logout", "id", "out"));
    assert_text(json_get_str(until_wait(client, "error"), "code"), STR("environment-gone"));
    assert_int_equal(client->session->token.len, 0);
}

/* Ada's token has ended, and whoever sits there now knows what her message was called. */
static FIBER void what_was_said_under_a_sign_in_is_not_repeated_without_it(struct client *client) {
    say_upgrade(client, "ada");
    say_message(client, "m1", "business hours");
    until_wait(client, "assistant.done");
    kept_clear(&client->session->token);
    say_message(client, "m1", "what did she say?");
    assert_text(json_get_str(until_wait(client, "error"), "code"), STR("conversation-not-found"));
    say_message(client, "m2", "business hours");
    until_wait(client, "assistant.done");
}

/* A frame in which a page tells of another visitor in a way that does not read: the one before is not that
 * visitor. */
static FIBER void a_sign_in_that_does_not_read_leaves_nobody_signed_in(struct client *unused) {
    struct stage *stage = unused->stage; /* each frame has a client of its own */
    static const char *const frames[] = {
        "{\"type\":\"auth.upgrade\",\"id\":\"u\",\"token\":{}}",
        "{\"type\":\"auth.upgrade\",\"id\":\"u\"}",
        "{\"type\":\"auth.upgrade\",\"token\":\"x\"}",
        "{\"type\":\"auth.logout\"}",
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct client *client = client_new(stage);
        say_upgrade(client, "ada");
        until_wait(client, "auth.upgraded");
        chat_session_receive(client->session, str_from(frames[i]));
        assert_ok(fiber_sleep_wait(50));
        assert_int_equal(client->session->token.len, 0);
        client_free(client);
    }
}

/* The secret that Ada's token is signed with is killed while her question is being answered. */
static FIBER void a_killed_secret_proves_nothing_in_the_middle_of_an_answer(struct client *client) {
    struct stage *stage = client->stage;
    struct admin_error error = {.pointer = STR_NONE};
    say_upgrade(client, "ada");
    say_message(client, "m1", "slowly please");
    until_wait(client, "tool.started");
    assert_ok(admin_secret_kill_wait(&stage->admin, stage->arena, &stage->applied.environment,
                                     stage->secret_id, &error));
    environment_cache_drop(stage->services.environments, stage->applied.environment.id);
    until_wait(client, "assistant.done");
    assert_int_equal(count_frames(client, "auth.expired", NULL, NULL), 1);
    assert_int_equal(client->session->token.len, 0);
}

/* Where sign-in is switched off, tokens are ignored: those of sessions that are open, too. */
static FIBER void sign_in_that_is_switched_off_is_off_for_who_is_signed_in(struct client *client) {
    struct stage *stage = client->stage;
    struct admin_error error = {.pointer = STR_NONE};
    bool changed;
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    json_auto_t *config = NULL;
    assert_ok(json_read(stage->applied.environment.config, JSON_DEPTH_DOCUMENT, &config, NULL));
    json_object_set_new(json_get_object(config, "signIn"), "enforcement", json_string("off"));
    assert_ok(admin_environment_set_config_wait(&stage->admin, stage->arena, &stage->applied.environment, 0,
                                                config, &changed, &error));
    environment_cache_drop(stage->services.environments, stage->applied.environment.id);
    say_message(client, "m1", "business hours");
    assert_text(json_get_str(until_wait(client, "auth.expired"), "detail"), STR("sign-in-off"));
    const json_t *accepted = until_wait(client, "message.accepted");
    assert_false(json_get_bool(json_get_object(accepted, "message"), "verified", true));
    until_wait(client, "assistant.done");
}

/* A tab that was closed: what waits is answered when its visitor comes back, not behind their back. */
static FIBER void nothing_is_begun_for_who_has_left(struct client *client) {
    struct stage *stage = client->stage;
    say_message(client, "first", "my balance");
    until_wait(client, "auth.required");
    say_message(client, "second", "slowly please");
    until_wait(client, "tool.started");
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    client_free(client);
    while (chat_count_busy(stage->chat) > 0)
        assert_ok(fiber_sleep_wait(5));
    assert_int_equal(chat_read_metrics(stage->chat)->turns, 2);
}

/* ---- bounds ---- */

/* Frames without a byte wait in memory, too. */
static FIBER void empty_frames_do_not_pile_up(struct client *client) {
    say_upgrade(client, "ada"); /* waits for the store: all others queue behind it */
    for (int i = 0; i < 100 * 1000 && client->count < 3; i++)
        chat_session_receive(client->session, STR(""));
    assert_true(count_frames(client, "error", "code", "rate-limited") > 0);
}

struct crowd {
    struct fiber *fibers[FIBERS_MAX_THREAD];
    size_t count;
    bool is_over;
};

static void stand_about(void *argument) {
    const struct crowd *crowd = argument;
    while (!crowd->is_over && fiber_park_wait() == OK)
        ;
}

/* Every fiber is taken. A frame is refused; a logout among them is a logout all the same. */
static FIBER void no_fiber_is_begun_when_too_many_are_at_work(struct client *client) {
    say_upgrade(client, "ada");
    until_wait(client, "auth.upgraded");
    struct crowd *crowd = mem_alloc_zero(sizeof *crowd);
    while (fiber_has_room())
        crowd->fibers[crowd->count++] = fiber_start(stand_about, crowd, NULL);
    assert_true(crowd->count > FIBERS_MAX_THREAD / 2);
    say_message(client, "m1", "business hours");
    const json_t *refused = until_wait(client, "error");
    assert_text(json_get_str(refused, "code"), STR("rate-limited"));
    assert_text(json_get_str(refused, "id"), STR("m1"));
    assert_int_equal(json_get_int(refused, "retryAfter", 0), 1);
    assert_true(client->session->token.len > 0);
    say(client, json_pack("{s:s,s:s}", "type", "auth.logout", "id", "out"));
    assert_text(json_get_str(until_wait(client, "error"), "id"), STR("out"));
    assert_int_equal(client->session->token.len, 0);
    crowd->is_over = true;
    for (size_t i = 0; i < crowd->count; i++)
        fiber_wake(crowd->fibers[i]);
    while (fiber_count_running() > 100)
        assert_ok(fiber_sleep_wait(5));
    mem_free(crowd);
    say_message(client, "m1", "business hours");
    assert_false(
        json_get_bool(json_get_object(until_wait(client, "message.accepted"), "message"), "verified", true));
    until_wait(client, "assistant.done");
}

/* A logout that finds the queue full: nothing behind it is taken for Ada's. */
static FIBER void a_logout_that_finds_no_room_is_not_overtaken(struct client *client) {
    say_upgrade(client, "ada"); /* waits for the store: all others queue behind it */
    size_t before = client->count;
    while (client->count == before)
        chat_session_receive(client->session, STR(""));
    say(client, json_pack("{s:s,s:s}", "type", "auth.logout", "id", "out"));
    say_message(client, "m1", "business hours");
    until_wait(client, "auth.upgraded");
    while (client->session->is_working)
        assert_ok(fiber_sleep_wait(5));
    assert_int_equal(client->session->token.len, 0);
    assert_int_equal(count_frames(client, "message.accepted", NULL, NULL), 0);
}

/* ---- all of them ---- */

/* Each is told on a stage of its own, with a client on it. */
#define STORY(name)                                                                                          \
    static FIBER void tell_##name##_wait(struct fixture *fixture) {                                          \
        struct stage stage;                                                                                  \
        stage_begin_wait(&stage, fixture);                                                                   \
        name(client_new(&stage));                                                                            \
        stage_end_wait(&stage);                                                                              \
    }                                                                                                        \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(tell_##name##_wait);                                                                     \
    }
STORY(an_answer_that_needs_nothing_is_one_write)
STORY(answers_do_not_overtake_each_other)
STORY(a_waiting_question_is_not_answered_for_the_next_visitor)
STORY(a_question_that_waited_too_long_is_not_answered)
STORY(a_window_left_behind_does_not_reach_into_the_conversation)
STORY(an_answer_to_who_signed_in_is_told_in_no_other_window)
STORY(a_sign_in_that_cannot_be_finished_leaves_nobody_signed_in)
STORY(a_logout_is_a_logout_whatever_has_gone)
STORY(what_was_said_under_a_sign_in_is_not_repeated_without_it)
STORY(a_sign_in_that_does_not_read_leaves_nobody_signed_in)
STORY(a_killed_secret_proves_nothing_in_the_middle_of_an_answer)
STORY(sign_in_that_is_switched_off_is_off_for_who_is_signed_in)
STORY(nothing_is_begun_for_who_has_left)
STORY(empty_frames_do_not_pile_up)
STORY(no_fiber_is_begun_when_too_many_are_at_work)
STORY(a_logout_that_finds_no_room_is_not_overtaken)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_that_needs_nothing_is_one_write),
        cmocka_unit_test(test_answers_do_not_overtake_each_other),
        cmocka_unit_test(test_a_waiting_question_is_not_answered_for_the_next_visitor),
        cmocka_unit_test(test_a_question_that_waited_too_long_is_not_answered),
        cmocka_unit_test(test_a_window_left_behind_does_not_reach_into_the_conversation),
        cmocka_unit_test(test_an_answer_to_who_signed_in_is_told_in_no_other_window),
        cmocka_unit_test(test_a_sign_in_that_cannot_be_finished_leaves_nobody_signed_in),
        cmocka_unit_test(test_a_logout_is_a_logout_whatever_has_gone),
        cmocka_unit_test(test_what_was_said_under_a_sign_in_is_not_repeated_without_it),
        cmocka_unit_test(test_a_sign_in_that_does_not_read_leaves_nobody_signed_in),
        cmocka_unit_test(test_a_killed_secret_proves_nothing_in_the_middle_of_an_answer),
        cmocka_unit_test(test_sign_in_that_is_switched_off_is_off_for_who_is_signed_in),
        cmocka_unit_test(test_nothing_is_begun_for_who_has_left),
        cmocka_unit_test(test_empty_frames_do_not_pile_up),
        cmocka_unit_test(test_no_fiber_is_begun_when_too_many_are_at_work),
        cmocka_unit_test(test_a_logout_that_finds_no_room_is_not_overtaken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
