/* SPDX-License-Identifier: Apache-2.0 */
/* Several changes in one transaction, of one environment, which may be new. Where one of them cannot be made,
 * none is. */
#pragma once

#include "store/document.h"

struct store_environment;
struct store_key;
struct store_loaded;
struct store_product;

struct store_batch;
/* `environment` (its id) has changed when it is written. Never NULL. */
struct store_batch *store_batch_new(struct store *store, struct str environment);
void store_batch_free(struct store_batch *batch); /* NULL is fine */
/* CONFLICT where its configuration, tools and knowledge are not as `seen` any more: before the first change.
 */
void store_batch_expect(struct store_batch *batch, const struct store_loaded *seen);
/* New ones, with id and time as given. */
void store_batch_add_product(struct store_batch *batch, const struct store_product *product,
                             const struct store_audit *audit);
void store_batch_add_environment(struct store_batch *batch, const struct store_environment *environment,
                                 const struct store_audit *audit);
void store_batch_add_key(struct store_batch *batch, const struct store_key *key, struct str lookup,
                         const struct store_audit *audit);
/* Where the environment's version is still `version`. */
void store_batch_set_config(struct store_batch *batch, int64_t version, struct str config,
                            const struct store_audit *audit);
/* Where the document's version is still `version`; 0: where there is none of that name. */
void store_batch_put_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                              struct str document, int64_t version, const struct store_audit *audit);
void store_batch_drop_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                               int64_t version, const struct store_audit *audit);
/* Frees the batch. CONFLICT: something is not as it was seen, or a name is taken. NOT_FOUND: the product that
 * a new environment is to be of has gone. */
FIBER NODISCARD enum status store_batch_write_wait(struct store_batch *batch);
