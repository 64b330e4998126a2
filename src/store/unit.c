/* SPDX-License-Identifier: Apache-2.0 */
#include "store/unit.h"

#include "base/memory.h"
#include "store/threads.h"

static void free_job(struct job *job) {
    unit_free((struct unit *)job);
}

struct unit *unit_new(struct store *store) {
    struct unit *unit = mem_alloc_zero(sizeof *unit);
    unit->job.free = free_job;
    unit->store = store;
    unit->arena = arena_new();
    unit->steps = unit->few;
    unit->step_capacity = UNIT_STEPS_FEW;
    return unit;
}

void unit_free(struct unit *unit) {
    if (unit == NULL)
        return;
    arena_free(unit->arena);
    mem_free(unit);
}

void unit_free_at(struct unit **unit) {
    unit_free(*unit);
}

static void make_room(struct unit *unit) {
    if (unit->step_count < unit->step_capacity)
        return;
    struct step *steps = arena_alloc_array(unit->arena, (size_t)unit->step_capacity * 2, sizeof *steps);
    for (unsigned i = 0; i < unit->step_count; i++)
        steps[i] = unit->steps[i];
    unit->steps = steps;
    unit->step_capacity *= 2;
}

unsigned unit_add_values(struct unit *unit, enum statement statement, enum expectation expectation,
                         const struct value *values, unsigned count) {
    make_room(unit);
    struct value *copies = arena_alloc_array(unit->arena, count, sizeof *copies);
    for (unsigned i = 0; i < count; i++) {
        copies[i] = values[i];
        if (values[i].kind == VALUE_TEXT)
            copies[i].text = arena_copy(unit->arena, values[i].text);
    }
    unit->steps[unit->step_count] = (struct step){
        .statement = statement, .expectation = expectation, .parameters = copies, .parameter_count = count};
    return unit->step_count++;
}

enum status unit_run_wait(struct unit **unit, struct store_thread *thread) {
    (*unit)->thread = thread;
    (*unit)->job.work = threads_work;
    enum status status = job_wait(&(*unit)->job, thread->loop);
    if (status != OK) {
        *unit = NULL; /* it frees itself when it comes home */
        return status;
    }
    return (*unit)->status;
}

enum status unit_write_wait(struct unit **unit) {
    return unit_run_wait(unit, threads_writer((*unit)->store, *unit));
}

enum status unit_read_wait(struct unit **unit) {
    return unit_run_wait(unit, threads_next_reader((*unit)->store));
}

uint64_t unit_place(const struct unit *unit) {
    const struct step *step = &unit->steps[0];
    uint64_t place = 0;
    for (unsigned i = 0; i < 2 && i < step->parameter_count; i++)
        place = place * 31 + str_hash(step->parameters[i].text);
    return place ^ (place >> 32);
}

struct value *unit_add_row(struct unit *unit, struct step *step, unsigned columns) {
    struct row *row = ARENA_NEW(unit->arena, struct row);
    struct value *values = arena_alloc_array(unit->arena, columns, sizeof *values);
    row->columns = values;
    if (step->last == NULL)
        step->first = row;
    else
        step->last->next = row;
    step->last = row;
    step->row_count++;
    return values;
}

void unit_forget_rows(struct unit *unit) {
    for (unsigned i = 0; i < unit->step_count; i++) {
        unit->steps[i].first = unit->steps[i].last = NULL;
        unit->steps[i].row_count = 0;
        unit->steps[i].touched = 0;
    }
}

enum status step_check(const struct step *step) {
    if (step->expectation == AS_BEFORE)
        return step->touched == step[-1].touched ? OK : UNAVAILABLE;
    if (step->expectation == ANY || step->touched == 1)
        return OK;
    if (step->expectation == ONE_ELSE_DENIED)
        return DENIED;
    return step->expectation == ONE_ELSE_CONFLICT ? CONFLICT : NOT_FOUND;
}

const struct row *unit_row(const struct unit *unit, unsigned step) {
    return unit->steps[step].first;
}

struct str row_text(struct arena *arena, const struct row *row, unsigned column) {
    const struct value *value = &row->columns[column];
    return value->kind == VALUE_TEXT ? arena_copy(arena, value->text) : STR_NONE;
}

int64_t row_number(const struct row *row, unsigned column) {
    return row->columns[column].number;
}
