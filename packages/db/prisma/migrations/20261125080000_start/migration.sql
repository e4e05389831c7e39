-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "artifact_kind" AS ENUM ('checkpoint', 'model', 'evaluation', 'export');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'member', 'viewer');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'allocating', 'starting', 'training', 'recovering', 'resizing', 'paused', 'evaluating', 'stopping', 'completed', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "api_token" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "project_id" TEXT,
    "name" TEXT NOT NULL,
    "scopes" TEXT[],
    "hint" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "busy_until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "organisation_id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "subject_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("organisation_id","actor","key")
);

-- CreateTable
CREATE TABLE "audit" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "user_id" TEXT,
    "request_id" TEXT,
    "address" TEXT,
    "action" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pool" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "minimum_nodes" INTEGER NOT NULL DEFAULT 0,
    "maximum_nodes" INTEGER NOT NULL DEFAULT 0,
    "desired_nodes" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "pool_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "provider_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "registered_at" TIMESTAMPTZ(3),
    "last_seen_at" TIMESTAMPTZ(3),
    "incarnation" TEXT,
    "draining_since" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),
    "cpus" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "memory_bytes" BIGINT NOT NULL DEFAULT 0,
    "cpu_model" TEXT NOT NULL DEFAULT '',
    "isas" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "node_classes" JSONB NOT NULL DEFAULT '{}',
    "datasets" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "node_type" TEXT NOT NULL DEFAULT '',
    "price_per_hour" DECIMAL(12,6),
    "agent_version" TEXT NOT NULL DEFAULT '',
    "address" TEXT NOT NULL DEFAULT '',
    "report" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "allocation" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "rank" INTEGER NOT NULL,
    "cpus" INTEGER[],
    "node_type" TEXT NOT NULL,
    "price_per_hour" DECIMAL(12,6),
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "allocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_version" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "train_samples" BIGINT NOT NULL,
    "validation_samples" BIGINT NOT NULL,
    "sample_shape" INTEGER[],
    "classes" INTEGER NOT NULL,
    "dtype" TEXT NOT NULL,
    "default_input" JSONB,
    "files" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blob" (
    "organisation_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("organisation_id","sha256")
);

-- CreateTable
CREATE TABLE "artifact_version" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "run_id" TEXT,
    "kind" "artifact_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "facts" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "artifact_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "artifact_file" (
    "artifact_version_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "artifact_file_pkey" PRIMARY KEY ("artifact_version_id","name")
);

-- CreateTable
CREATE TABLE "lineage" (
    "organisation_id" TEXT NOT NULL,
    "from_id" TEXT NOT NULL,
    "to_id" TEXT NOT NULL,
    "relation" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lineage_pkey" PRIMARY KEY ("organisation_id","from_id","to_id","relation")
);

-- CreateTable
CREATE TABLE "checkpoint" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "step" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "best" BOOLEAN NOT NULL,
    "weights_digest" TEXT NOT NULL,
    "state_digest" TEXT NOT NULL,
    "artifact_version_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "user_id" TEXT NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organisation" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "member" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "member_pkey" PRIMARY KEY ("organisation_id","user_id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "invited_by_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "limit" (
    "organisation_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "value" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "limit_pkey" PRIMARY KEY ("organisation_id","kind")
);

-- CreateTable
CREATE TABLE "project" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "baseline_run_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "experiment_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "group" TEXT,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "reason" TEXT,
    "message" TEXT,
    "waiting_reason" TEXT,
    "requested_spec" JSONB NOT NULL,
    "requested_text" TEXT,
    "resolved_spec" JSONB NOT NULL,
    "isa" TEXT NOT NULL,
    "numerics_version" INTEGER NOT NULL,
    "engine_version" TEXT NOT NULL,
    "kernels_version" TEXT NOT NULL,
    "numeric_class" TEXT,
    "node_class" TEXT,
    "not_reproducible_from_step" BIGINT,
    "dataset_version_id" TEXT NOT NULL,
    "workers" INTEGER NOT NULL,
    "minimum_workers" INTEGER NOT NULL,
    "threads" INTEGER NOT NULL,
    "created_by_kind" TEXT NOT NULL,
    "created_by_id" TEXT NOT NULL,
    "created_by_user_id" TEXT,
    "parent_run_id" TEXT,
    "fork_step" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "weights_digest" TEXT,
    "state_digest" TEXT,
    "test_loss" DOUBLE PRECISION,
    "test_accuracy" DOUBLE PRECISION,
    "failure" JSONB,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_progress" (
    "run_id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "cursor" BIGINT NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "step" BIGINT NOT NULL DEFAULT 0,
    "total_steps" BIGINT NOT NULL,
    "total_epochs" INTEGER NOT NULL,
    "samples_seen" BIGINT NOT NULL DEFAULT 0,
    "training_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "core_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "samples_per_second" DOUBLE PRECISION,
    "first_metric_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_progress_pkey" PRIMARY KEY ("run_id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "start_step" BIGINT NOT NULL,
    "cutoff" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run_id","number")
);

-- CreateTable
CREATE TABLE "generation" (
    "run_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "nonce" TEXT NOT NULL,
    "world_size" INTEGER NOT NULL,
    "threads" INTEGER NOT NULL,
    "checkpoint_id" TEXT,
    "start_step" BIGINT NOT NULL,
    "formed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ready_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_kind" TEXT,
    "end_message" TEXT,

    CONSTRAINT "generation_pkey" PRIMARY KEY ("run_id","number")
);

-- CreateTable
CREATE TABLE "generation_rank" (
    "run_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    "node_id" TEXT NOT NULL,
    "finished" JSONB,
    "failed" JSONB,
    "reported_at" TIMESTAMPTZ(3),

    CONSTRAINT "generation_rank_pkey" PRIMARY KEY ("run_id","generation","rank")
);

-- CreateTable
CREATE TABLE "rendezvous" (
    "run_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    "value" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rendezvous_pkey" PRIMARY KEY ("run_id","generation","rank")
);

-- CreateTable
CREATE TABLE "agreement" (
    "run_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "step" BIGINT NOT NULL,
    "digests" JSONB NOT NULL,
    "verdict" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "agreement_pkey" PRIMARY KEY ("run_id","generation","sequence")
);

-- CreateTable
CREATE TABLE "run_event" (
    "run_id" TEXT NOT NULL,
    "cursor" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "generation" INTEGER,
    "data" JSONB NOT NULL,

    CONSTRAINT "run_event_pkey" PRIMARY KEY ("run_id","cursor")
);

-- CreateTable
CREATE TABLE "metric_definition" (
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "unit" TEXT NOT NULL DEFAULT '',
    "goal" TEXT NOT NULL DEFAULT 'none',
    "summary" TEXT NOT NULL DEFAULT 'last',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "metric_definition_pkey" PRIMARY KEY ("organisation_id","name")
);

-- CreateTable
CREATE TABLE "metric_series" (
    "id" BIGSERIAL NOT NULL,
    "run_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" TEXT NOT NULL DEFAULT '{}',

    CONSTRAINT "metric_series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metric_batch" (
    "run_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "cursor" BIGINT NOT NULL,
    "epoch" INTEGER,
    "samples_seen" BIGINT,
    "training_seconds" DOUBLE PRECISION,
    "core_seconds" DOUBLE PRECISION,
    "values" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "metric_batch_pkey" PRIMARY KEY ("run_id","source","sequence")
);

-- CreateTable
CREATE TABLE "metric_chunk" (
    "series_id" BIGINT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "cursor" BIGINT NOT NULL,
    "first_step" BIGINT NOT NULL,
    "last_step" BIGINT NOT NULL,
    "points" INTEGER NOT NULL,
    "payload" BYTEA NOT NULL,

    CONSTRAINT "metric_chunk_pkey" PRIMARY KEY ("series_id","attempt","ordinal")
);

-- CreateTable
CREATE TABLE "metric_tier" (
    "series_id" BIGINT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "level" INTEGER NOT NULL,
    "block" INTEGER NOT NULL,
    "first_step" BIGINT NOT NULL,
    "last_step" BIGINT NOT NULL,
    "buckets" INTEGER NOT NULL,
    "payload" BYTEA NOT NULL,

    CONSTRAINT "metric_tier_pkey" PRIMARY KEY ("series_id","attempt","level","block")
);

-- CreateTable
CREATE TABLE "metric_tail" (
    "series_id" BIGINT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "last_step" BIGINT NOT NULL,
    "points" BIGINT NOT NULL,
    "chunks" INTEGER NOT NULL,
    "open" BYTEA NOT NULL,

    CONSTRAINT "metric_tail_pkey" PRIMARY KEY ("series_id","attempt")
);

-- CreateTable
CREATE TABLE "run_metric_summary" (
    "run_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" TEXT NOT NULL DEFAULT '{}',
    "series_id" BIGINT NOT NULL,
    "points" BIGINT NOT NULL,
    "first" DOUBLE PRECISION NOT NULL,
    "first_step" BIGINT NOT NULL,
    "last" DOUBLE PRECISION NOT NULL,
    "last_step" BIGINT NOT NULL,
    "min" DOUBLE PRECISION,
    "min_step" BIGINT,
    "max" DOUBLE PRECISION,
    "max_step" BIGINT,
    "non_finite" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "run_metric_summary_pkey" PRIMARY KEY ("run_id","name","labels")
);

-- CreateTable
CREATE TABLE "log_chunk" (
    "run_id" TEXT NOT NULL,
    "cursor" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "count" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "log_chunk_pkey" PRIMARY KEY ("run_id","cursor")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_token_secret_hash_key" ON "api_token"("secret_hash");

-- CreateIndex
CREATE INDEX "api_token_organisation_id_id_idx" ON "api_token"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "api_token_user_id_idx" ON "api_token"("user_id");

-- CreateIndex
CREATE INDEX "rate_limit_busy_until_idx" ON "rate_limit"("busy_until");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE INDEX "audit_organisation_id_id_idx" ON "audit"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "audit_organisation_id_subject_id_id_idx" ON "audit"("organisation_id", "subject_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "pool_organisation_id_name_key" ON "pool"("organisation_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "node_secret_hash_key" ON "node"("secret_hash");

-- CreateIndex
CREATE INDEX "node_organisation_id_id_idx" ON "node"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "node_pool_id_name_key" ON "node"("pool_id", "name");

-- CreateIndex
CREATE INDEX "allocation_run_id_idx" ON "allocation"("run_id");

-- CreateIndex
CREATE INDEX "allocation_node_id_idx" ON "allocation"("node_id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_organisation_id_name_key" ON "dataset"("organisation_id", "name");

-- CreateIndex
CREATE INDEX "dataset_version_organisation_id_id_idx" ON "dataset_version"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_version_dataset_id_version_key" ON "dataset_version"("dataset_id", "version");

-- CreateIndex
CREATE INDEX "artifact_version_organisation_id_id_idx" ON "artifact_version"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "artifact_version_run_id_idx" ON "artifact_version"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "artifact_version_project_id_kind_name_version_key" ON "artifact_version"("project_id", "kind", "name", "version");

-- CreateIndex
CREATE INDEX "artifact_file_organisation_id_sha256_idx" ON "artifact_file"("organisation_id", "sha256");

-- CreateIndex
CREATE INDEX "lineage_organisation_id_to_id_idx" ON "lineage"("organisation_id", "to_id");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoint_artifact_version_id_key" ON "checkpoint"("artifact_version_id");

-- CreateIndex
CREATE INDEX "checkpoint_run_id_step_generation_idx" ON "checkpoint"("run_id", "step" DESC, "generation" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "checkpoint_run_id_generation_sequence_key" ON "checkpoint"("run_id", "generation", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_provider_id_account_id_key" ON "account"("provider_id", "account_id");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "organisation_slug_key" ON "organisation"("slug");

-- CreateIndex
CREATE INDEX "member_user_id_idx" ON "member"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_secret_hash_key" ON "invitation"("secret_hash");

-- CreateIndex
CREATE INDEX "invitation_organisation_id_email_idx" ON "invitation"("organisation_id", "email");

-- CreateIndex
CREATE UNIQUE INDEX "project_organisation_id_slug_key" ON "project"("organisation_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "experiment_project_id_slug_key" ON "experiment"("project_id", "slug");

-- CreateIndex
CREATE INDEX "run_organisation_id_id_idx" ON "run"("organisation_id", "id" DESC);

-- CreateIndex
CREATE INDEX "run_project_id_id_idx" ON "run"("project_id", "id" DESC);

-- CreateIndex
CREATE INDEX "run_experiment_id_id_idx" ON "run"("experiment_id", "id" DESC);

-- CreateIndex
CREATE INDEX "run_organisation_id_state_id_idx" ON "run"("organisation_id", "state", "id" DESC);

-- CreateIndex
CREATE INDEX "run_parent_run_id_idx" ON "run"("parent_run_id");

-- CreateIndex
CREATE INDEX "run_dataset_version_id_idx" ON "run"("dataset_version_id");

-- CreateIndex
CREATE INDEX "generation_rank_node_id_idx" ON "generation_rank"("node_id");

-- CreateIndex
CREATE UNIQUE INDEX "metric_series_run_id_name_labels_key" ON "metric_series"("run_id", "name", "labels");

-- CreateIndex
CREATE INDEX "metric_batch_run_id_cursor_idx" ON "metric_batch"("run_id", "cursor");

-- CreateIndex
CREATE INDEX "metric_chunk_series_id_cursor_idx" ON "metric_chunk"("series_id", "cursor");

-- CreateIndex
CREATE UNIQUE INDEX "run_metric_summary_series_id_key" ON "run_metric_summary"("series_id");

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "node" ADD CONSTRAINT "node_pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "pool"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifact_file" ADD CONSTRAINT "artifact_file_artifact_version_id_fkey" FOREIGN KEY ("artifact_version_id") REFERENCES "artifact_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifact_file" ADD CONSTRAINT "artifact_file_organisation_id_sha256_fkey" FOREIGN KEY ("organisation_id", "sha256") REFERENCES "blob"("organisation_id", "sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_artifact_version_id_fkey" FOREIGN KEY ("artifact_version_id") REFERENCES "artifact_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "limit" ADD CONSTRAINT "limit_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project" ADD CONSTRAINT "project_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_dataset_version_id_fkey" FOREIGN KEY ("dataset_version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_progress" ADD CONSTRAINT "run_progress_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "generation" ADD CONSTRAINT "generation_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "generation_rank" ADD CONSTRAINT "generation_rank_run_id_generation_fkey" FOREIGN KEY ("run_id", "generation") REFERENCES "generation"("run_id", "number") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_event" ADD CONSTRAINT "run_event_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

