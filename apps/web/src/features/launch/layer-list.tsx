'use client';

import { type LayerDraft, layerFields } from './draft.js';

export function LayerList({
  layers,
  problemAt,
  onChange,
}: {
  layers: readonly LayerDraft[];
  problemAt: (path: string) => string | null;
  onChange: (layers: readonly LayerDraft[]) => void;
}) {
  const replace = (index: number, ...by: LayerDraft[]): void =>
    onChange([...layers.slice(0, index), ...by, ...layers.slice(index + 1)]);
  return (
    <div className="form">
      <ol className="form">
        {layers.map((layer, index) => {
          const problem = problemAt(`model.layers[${index}]`);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place in the list
            <li key={index}>
              <div className="row">
                <span className="mono muted">{index + 1}</span>
                <select
                  aria-label={`Op of layer ${index + 1}`}
                  value={layer.op}
                  onChange={(event) => replace(index, { op: event.target.value, values: layer.values })}
                >
                  {Object.keys(layerFields).map((op) => (
                    <option key={op}>{op}</option>
                  ))}
                </select>
                {(layerFields[layer.op] ?? []).map((field) => (
                  <label key={field} className="check small">
                    {field}
                    <input
                      className="narrow mono"
                      inputMode="decimal"
                      value={layer.values[field] ?? ''}
                      onChange={(event) =>
                        replace(index, { ...layer, values: { ...layer.values, [field]: event.target.value } })
                      }
                    />
                  </label>
                ))}
                <span className="grow" />
                <button
                  type="button"
                  className="plain"
                  aria-label={`Add a layer after ${index + 1}`}
                  onClick={() => replace(index, layer, { op: 'relu', values: {} })}
                >
                  + after
                </button>
                <button
                  type="button"
                  className="plain"
                  aria-label={`Remove layer ${index + 1}`}
                  disabled={layers.length === 1}
                  onClick={() => replace(index)}
                >
                  Remove
                </button>
              </div>
              {problem === null ? null : <p className="problem">{problem}</p>}
            </li>
          );
        })}
      </ol>
      <p className="muted small">A logSoftmax over the classes is added at the end.</p>
    </div>
  );
}
