-- What the Prisma schema cannot say.

-- Packed numbers gain nothing from compression, which would cost more than writing them.
ALTER TABLE "metric_chunk" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
ALTER TABLE "metric_tier" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
ALTER TABLE "metric_tail" ALTER COLUMN "open" SET STORAGE EXTERNAL;

-- Rows that are updated with every batch stay on their page, and their indexes are left alone.
ALTER TABLE "run_progress" SET (fillfactor = 50);
ALTER TABLE "metric_tail" SET (fillfactor = 50);
ALTER TABLE "run_metric_summary" SET (fillfactor = 70);
ALTER TABLE "node" SET (fillfactor = 70);

CREATE INDEX "allocation_active_idx" ON "allocation" ("node_id") WHERE "ended_at" IS NULL;
CREATE INDEX "run_at_work_idx" ON "run" ("organisation_id", "id")
  WHERE "state" NOT IN ('completed', 'failed', 'cancelled') AND "deleted_at" IS NULL;
CREATE INDEX "run_tags_idx" ON "run" USING gin ("tags");
CREATE UNIQUE INDEX "invitation_open_key" ON "invitation" ("organisation_id", lower("email"))
  WHERE "accepted_at" IS NULL AND "revoked_at" IS NULL;

ALTER TABLE "organisation" ADD CONSTRAINT "organisation_slug_check" CHECK ("slug" ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$');
ALTER TABLE "project" ADD CONSTRAINT "project_slug_check" CHECK ("slug" ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$');
ALTER TABLE "limit" ADD CONSTRAINT "limit_value_check" CHECK ("value" >= 0);
ALTER TABLE "run" ADD CONSTRAINT "run_workers_check"
  CHECK ("threads" >= 1 AND "minimum_workers" >= 1 AND "workers" >= "minimum_workers");
ALTER TABLE "run" ADD CONSTRAINT "run_end_check"
  CHECK (("ended_at" IS NOT NULL) = ("state" IN ('completed', 'failed', 'cancelled')));
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_interval_check" CHECK ("ended_at" IS NULL OR "ended_at" >= "started_at");
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_cpus_check" CHECK (cardinality("cpus") >= 1);
ALTER TABLE "agreement" ADD CONSTRAINT "agreement_verdict_check" CHECK ("verdict" IN ('waiting', 'agreed', 'diverged'));
ALTER TABLE "blob" ADD CONSTRAINT "blob_sha256_check" CHECK ("sha256" ~ '^[0-9a-f]{64}$' AND "bytes" >= 0);
