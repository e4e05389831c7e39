-- How far the run was with a batch: maps steps to training time and core-seconds.
ALTER TABLE "metric_batch" ADD COLUMN "step" BIGINT;
