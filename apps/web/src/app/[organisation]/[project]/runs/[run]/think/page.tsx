import { readAll } from '../../../../../../features/api/read-all.js';
import { ThinkView } from '../../../../../../features/think/think-view.js';
import { orNotFound, pageCaller } from '../../../../../../server/page-caller.js';
import { whyNotInspectable } from '../../../../../../server/runs/why-not-inspectable.js';
import { PageHead } from '../../../../../../ui/page-head.js';

export const metadata = { title: 'See it think' };

export default async function ThinkPage({
  params,
}: {
  params: Promise<{ organisation: string; project: string; run: string }>;
}) {
  const { organisation, run: runId } = await params;
  const { api } = await pageCaller();
  const run = await orNotFound(api.run.get({ organisation, runId }));
  const found = await api.run.checkpoints({ organisation, runId, limit: 50 });
  const checkpoints = found.items.filter(({ files }) => files.some(({ name }) => name === 'model.safetensors'));
  const base = `/${organisation}/${run.project}/runs/${runId}`;
  const { graph, input, data } = run.resolvedSpec;
  const why = whyNotInspectable(run, checkpoints);
  const datasets = why === null ? await readAll((part) => api.dataset.list({ organisation, ...part })) : [];
  return (
    <>
      <PageHead
        crumbs={[
          { text: organisation, href: `/${organisation}` },
          { text: run.project, href: `/${organisation}/${run.project}/runs` },
          { text: run.name, href: base },
          { text: 'See it think' },
        ]}
        title="See it think"
      />
      {why === null ? (
        <ThinkView
          organisation={organisation}
          base={base}
          spec={{ graph, input, data }}
          checkpoints={checkpoints}
          datasetId={datasets.find(({ version }) => version === data.version)?.id ?? null}
        />
      ) : (
        <section className="panel" aria-label="Why there is nothing to see">
          <div className="empty">
            <p>{why}</p>
            <a className="button" href={base}>
              To the run
            </a>
          </div>
        </section>
      )}
    </>
  );
}
