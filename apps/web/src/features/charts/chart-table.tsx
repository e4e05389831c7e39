'use client';

import { useMemo, useState } from 'react';
import { Scroll } from '../../ui/scroll.js';
import { type ChartSeries, joinSeries } from './chart-series.js';

/** What a chart draws, as numbers in full: for those who cannot see it, and for whoever wants them exactly. */
export function ChartTable({
  title,
  series,
  xLabel,
}: {
  title: string;
  series: readonly ChartSeries[];
  xLabel: string;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="small">Numbers of {title}</summary>
      {isOpen ? <Numbers title={title} series={series} xLabel={xLabel} /> : null}
    </details>
  );
}

function Numbers({ title, series, xLabel }: { title: string; series: readonly ChartSeries[]; xLabel: string }) {
  const [axis, ...columns] = useMemo(() => joinSeries(series), [series]);
  return (
    <div className="chart-numbers">
      <Scroll>
        <table>
          <caption className="muted small">{title}</caption>
          <thead>
            <tr>
              <th scope="col" className="num">
                {xLabel}
              </th>
              {series.map(({ key, label }) => (
                <th key={key} scope="col" className="num">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {axis.map((x, row) => (
              <tr key={x}>
                <th scope="row" className="num mono">
                  {x}
                </th>
                {columns.map((column, index) => (
                  <td key={series[index]?.key} className="num mono">
                    {column[row] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}
