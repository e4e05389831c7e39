import type { ResolvedSpec } from '@lockstep/contracts';
import {
  buildGraph,
  estimateMemory,
  formatBytes,
  formatShape,
  layerTable,
  optimizerSlots,
} from '@lockstep/engine/graph';
import { formatCount } from '../../ui/format.js';
import { Scroll } from '../../ui/scroll.js';

/** Layers with shapes and sizes, by the engine's own rules. */
export function LayerPreview({ resolved }: { resolved: ResolvedSpec }) {
  const { training, lanes, data } = resolved;
  const graph = buildGraph(resolved.graph);
  const rows = layerTable(graph);
  const memory = estimateMemory(graph, lanes, training.batchSize, optimizerSlots(training.optimizer).length);
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0);
  const steps = training.epochs * Math.ceil(data.trainSamples / training.batchSize);
  return (
    <section className="panel" aria-label="Layers">
      <header>
        <h2 className="grow">Layers</h2>
        <span className="muted small">computed here, by the engine’s rules</span>
      </header>
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Layer</th>
              <th>Op</th>
              <th className="num">Output</th>
              <th className="num">Parameters</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, op, outputShape, parameters: count }) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="muted">{op}</td>
                <td className="num">{formatShape(outputShape)}</td>
                <td className="num">{count === 0 ? <span className="muted">0</span> : formatCount(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <dl className="body pairs">
        <dt>Parameters</dt>
        <dd className="mono">{formatCount(parameters)}</dd>
        <dt>Steps</dt>
        <dd className="mono">{formatCount(steps)}</dd>
        <dt>Lanes</dt>
        <dd className="mono">{lanes}</dd>
        <dt>Memory, at most</dt>
        <dd className="mono">{formatBytes(memory.total)}</dd>
      </dl>
    </section>
  );
}
