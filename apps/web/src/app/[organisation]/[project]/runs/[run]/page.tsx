import { orNotFound, pageCaller } from '../../../../../server/page-caller.js';

export default async function RunPage({
  params,
}: {
  params: Promise<{ organisation: string; project: string; run: string }>;
}) {
  const { organisation, project, run: runId } = await params;
  const { api } = await pageCaller(`/${organisation}/${project}/runs/${runId}`);
  const run = await orNotFound(api.run.get({ organisation, runId }));
  return (
    <main>
      <p>
        <a href={`/${organisation}`}>{organisation}</a> / {run.project}
      </p>
      <h1>{run.name}</h1>
      <p>
        {run.state}
        {run.reason === null ? '' : ` (${run.reason})`}
        {run.waitingFor === null ? '' : `: ${run.waitingFor}`}
      </p>
      <p>
        Step {run.step} of {run.totalSteps ?? '?'}, epoch {run.epoch} of {run.epochs}, {run.workers} workers of{' '}
        {run.threads} threads
      </p>
      {run.failure === null ? null : <p>{run.failure.message}</p>}
      {run.result === null ? null : (
        <p>
          Test accuracy {run.result.testAccuracy ?? '–'}, weights {run.result.weightsDigest ?? '–'}
        </p>
      )}
      <pre>{JSON.stringify(run.resolvedSpec, null, 2)}</pre>
    </main>
  );
}
