import { formatBytes } from '@lockstep/engine/graph';
import { ClassHistogram } from '../../../../features/datasets/class-histogram.js';
import { DatasetSamples } from '../../../../features/datasets/dataset-view.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { CopyButton } from '../../../../ui/copy-button.js';
import { formatCount, formatTime } from '../../../../ui/format.js';
import { PageHead } from '../../../../ui/page-head.js';

export const metadata = { title: 'Dataset' };

const nameOfSplit = { train: 'Train', validation: 'Test' } as const;

export default async function DatasetPage({ params }: { params: Promise<{ organisation: string; dataset: string }> }) {
  const { organisation, dataset: datasetId } = await params;
  const { api } = await pageCaller();
  const dataset = await orNotFound(api.dataset.get({ organisation, datasetId }));
  const content = await orNotFound(api.dataset.content({ organisation, datasetId }));
  const { origin } = content;
  const splits = content.isHere ? content.splits : [];
  const bytes = splits.reduce((sum, split) => sum + split.bytes, 0);
  return (
    <>
      <PageHead
        crumbs={[
          { text: organisation, href: `/${organisation}` },
          { text: 'Datasets', href: `/${organisation}/datasets` },
          { text: dataset.name },
        ]}
        title={dataset.name}
      />
      <dl className="facts">
        <Fact name="Kind" value={dataset.kind} />
        <Fact name="Train samples" value={formatCount(dataset.trainSamples)} />
        <Fact name="Test samples" value={formatCount(dataset.validationSamples)} />
        <Fact name="Shape" value={dataset.sampleShape?.join('×') ?? '–'} />
        <Fact name="Type" value={dataset.dtype ?? '–'} />
        <Fact name="Classes" value={formatCount(dataset.classes)} />
        <Fact name="Size" value={content.isHere ? formatBytes(bytes) : '–'} />
      </dl>
      <div className="grid-side">
        <DatasetSamples organisation={organisation} dataset={dataset} />
        <div className="stack">
          {splits.map(({ split, classCounts }) =>
            classCounts === null ? null : (
              <section key={split} className="panel" aria-label={`Classes, ${nameOfSplit[split]}`}>
                <header>
                  <h2>Classes, {nameOfSplit[split]}</h2>
                </header>
                <div className="body">
                  <ClassHistogram counts={classCounts} />
                </div>
              </section>
            ),
          )}
          <section className="panel" aria-label="Version">
            <header>
              <h2 className="grow">Version</h2>
              {dataset.version === null ? null : <CopyButton text={dataset.version} />}
            </header>
            <div className="body stack">
              <p className="mono break">{dataset.version ?? 'not prepared'}</p>
              <p className="muted small">A hash of the content. Runs name it, so that their data is known for good.</p>
            </div>
          </section>
          <section className="panel" aria-label="About this dataset">
            <header>
              <h2>About</h2>
            </header>
            <dl className="body pairs">
              {origin === null ? null : (
                <>
                  <dt>Made by</dt>
                  <dd>{origin.makers}</dd>
                  <dt>From</dt>
                  <dd className="break">{origin.address}</dd>
                  <dt>Licence</dt>
                  <dd>{origin.licence}</dd>
                </>
              )}
              <dt>Added</dt>
              <dd className="mono">{formatTime(dataset.createdAt)} UTC</dd>
              <dt>Dataset id</dt>
              <dd className="mono">{dataset.id}</dd>
            </dl>
          </section>
        </div>
      </div>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
