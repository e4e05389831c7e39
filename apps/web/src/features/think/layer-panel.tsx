'use client';

import type { LayerOutput } from '@lockstep/engine/graph';
import { memo, useState } from 'react';
import { formatNumber } from '../../ui/format.js';
import { LayerMaps } from './layer-maps.js';
import { extentOf } from './map-grid.js';
import { ValueBars } from './value-bars.js';

/** Vectors of up to so many values are bars with numbers. */
const fewValues = 16;

/** What one layer makes of the picture. It stays as it is while somebody draws, until there are new values. */
export const LayerPanel = memo(function LayerPanel({ layer }: { layer: LayerOutput }) {
  const { name, op, shape, values } = layer;
  const [pointed, setPointed] = useState<string | null>(null);
  const [least, most] = extentOf(values);
  const hasFew = values.length <= fewValues;
  return (
    <li className="layer">
      <p className="layer-head">
        <b>{name}</b>
        {op === name ? null : <span className="muted">{op}</span>}
        <span className="mono muted">{shape.join('×')}</span>
        <span className="grow" />
        <span className="mono">
          {pointed ?? (
            <>
              {formatNumber(least)} to {formatNumber(most)}
              {hasFew || least >= 0 ? null : <span className="muted">, zero is grey</span>}
            </>
          )}
        </span>
      </p>
      {hasFew ? <ValueBars values={values} /> : <LayerMaps layer={layer} onPoint={setPointed} />}
    </li>
  );
});
