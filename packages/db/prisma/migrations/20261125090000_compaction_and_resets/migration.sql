-- Small chunks of metrics are joined in the background.
ALTER TABLE "metric_chunk" ADD COLUMN "parts" BYTEA NOT NULL DEFAULT '\x';
ALTER TABLE "run_progress" ADD COLUMN "compacted_cursor" BIGINT NOT NULL DEFAULT 0;

-- Somebody who forgot a password sets a new one by a link.
CREATE TABLE "password_reset" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_by_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "password_reset_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "password_reset_secret_hash_key" ON "password_reset"("secret_hash");
CREATE INDEX "password_reset_user_id_idx" ON "password_reset"("user_id");
CREATE INDEX "password_reset_expires_at_idx" ON "password_reset"("expires_at");
ALTER TABLE "password_reset" ADD CONSTRAINT "password_reset_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- At most one open link a person.
CREATE UNIQUE INDEX "password_reset_open_key" ON "password_reset" ("user_id") WHERE "used_at" IS NULL AND "revoked_at" IS NULL;
