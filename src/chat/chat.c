/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/internal.h"

#include "base/log.h"
#include "base/memory.h"
#include "chat/presence.h"
#include "chat/turn.h"

struct chat *chat_new(const struct chat_services *services) {
    struct chat *chat = mem_alloc_zero(sizeof *chat);
    chat->services = *services;
    chat->presences = presences_new(services->store);
    return chat;
}

void chat_free(struct chat *chat) {
    presences_free(chat->presences);
    mem_free(chat);
}

bool chat_flush(struct chat *chat) {
    return presences_flush(chat->presences);
}

void chat_recheck(struct chat *chat, struct str environment) {
    presences_recheck(chat->presences, environment);
}

void chat_stop(struct chat *chat) {
    chat->is_stopping = true;
    for (struct turn *turn = chat->turns; turn != NULL; turn = turn->next)
        turn_stop(turn);
}

size_t chat_count_busy(const struct chat *chat) {
    return chat->busy;
}

const struct chat_metrics *chat_read_metrics(const struct chat *chat) {
    return &chat->metrics;
}

static void knowledge_free(void *attachment) {
    struct chat_knowledge *knowledge = attachment;
    arena_free(knowledge->arena); /* `knowledge` itself lives in it */
}

static const struct chat_knowledge *knowledge_of(struct environment *environment) {
    if (environment->attachment != NULL)
        return environment->attachment;
    struct arena *arena = arena_new();
    struct chat_knowledge *knowledge = ARENA_NEW(arena, struct chat_knowledge);
    knowledge->arena = arena;
    knowledge->snippets = arena_alloc_array(arena, environment->knowledge_count, sizeof *knowledge->snippets);
    for (size_t i = 0; i < environment->knowledge_count; i++) {
        const struct store_document *stored = &environment->knowledge[i];
        json_auto_t *json = NULL;
        struct tool_error error;
        enum status status = json_read(stored->document, JSON_DEPTH_DOCUMENT, &json, NULL);
        if (status == OK)
            status = knowledge_read(arena, json, &knowledge->snippets[knowledge->count], &error);
        if (status == OK)
            knowledge->count++;
        else
            log_event(LOG_ERROR, "knowledge-unreadable", LOG_STR("environment", environment->id),
                      LOG_STR("knowledge", stored->id));
    }
    knowledge->triggers = assistant_triggers_read(arena, environment->tools, environment->tool_count);
    environment->attachment = knowledge;
    environment->attachment_free = knowledge_free;
    return knowledge;
}

struct assistant_request chat_assistant_request(const struct chat *chat, struct environment *environment,
                                                struct verified *verified, struct arena *arena) {
    const struct chat_knowledge *knowledge = knowledge_of(environment);
    return (struct assistant_request){
        .config = &environment->config.assistant,
        .tools = environment->tools,
        .tool_count = environment->tool_count,
        .triggers = knowledge->triggers,
        .knowledge = knowledge->snippets,
        .knowledge_count = knowledge->count,
        .user = verified != NULL ? identity_user(&verified->identity) : NULL,
        .title = json_get_str(environment->config.appearance, "title"),
        .api_key = environment->api_key,
        .egress = chat->services.egress,
        .arena = arena,
    };
}

struct str chat_greeting(struct arena *arena, const struct environment *environment) {
    return assistant_greeting(arena, &environment->config.assistant, NULL);
}
