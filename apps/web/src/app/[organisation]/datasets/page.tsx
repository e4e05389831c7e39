import { readAll } from '../../../features/api/read-all.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { formatCount } from '../../../ui/format.js';
import { PageHead } from '../../../ui/page-head.js';
import { Scroll } from '../../../ui/scroll.js';

export const metadata = { title: 'Datasets' };

export default async function DatasetsPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller();
  const datasets = await orNotFound(readAll((part) => api.dataset.list({ organisation, ...part })));
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Datasets' }]} title="Datasets" />
      <section className="panel" aria-label="Datasets">
        {datasets.length === 0 ? (
          <p className="empty">No dataset yet. A node brings the sample dataset mnist when it joins.</p>
        ) : (
          <Scroll>
            <table>
              <thead>
                <tr>
                  <th>Dataset</th>
                  <th>Kind</th>
                  <th className="num">Train samples</th>
                  <th className="num">Validation samples</th>
                  <th className="num">Shape</th>
                  <th>Type</th>
                  <th className="num">Classes</th>
                  <th>Version</th>
                </tr>
              </thead>
              <tbody>
                {datasets.map((dataset) => (
                  <tr key={dataset.id}>
                    <td>
                      <a href={`/${organisation}/datasets/${dataset.id}`}>{dataset.name}</a>
                    </td>
                    <td className="muted">{dataset.kind}</td>
                    <td className="num">{formatCount(dataset.trainSamples)}</td>
                    <td className="num">{formatCount(dataset.validationSamples)}</td>
                    <td className="num">{dataset.sampleShape?.join('×') ?? '–'}</td>
                    <td className="mono">{dataset.dtype ?? '–'}</td>
                    <td className="num">{formatCount(dataset.classes)}</td>
                    <td className="mono muted" title={dataset.version ?? ''}>
                      {dataset.version?.slice(0, 16) ?? 'not prepared'}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </section>
    </>
  );
}
