import { plotInsets } from '../charts/chart.js';
import type { View } from '../charts/shared-view.js';
import type { MembershipMark, MembershipSpan } from './membership.js';

/** Marks that are nearer than this share of the width are shown as one. */
const resolution = 1 / 200;

const signs: Readonly<Record<MembershipMark['kind'], string>> = { checkpoint: '◆', best: '★', loss: '✕' };

/** Who trained what, below a chart and over its width: workers as bars, checkpoints and losses as marks. */
export function MembershipLane({
  spans,
  marks,
  range: [from, to],
  toX,
}: {
  spans: readonly MembershipSpan[];
  marks: readonly MembershipMark[];
  range: View;
  toX: (step: number) => number;
}) {
  const width = to - from;
  if (width <= 0) return null;
  const share = (step: number): number => (toX(step) - from) / width;
  const bars = spans
    .map((span) => ({ ...span, left: Math.max(0, share(span.from)), right: Math.min(1, share(span.to)) }))
    .filter(({ left, right }) => right > left);
  const most = Math.max(1, ...spans.map(({ workers }) => workers));
  const style = { marginLeft: plotInsets.left, marginRight: plotInsets.right };
  return (
    <div className="lane" style={style}>
      {bars.map(({ generation, workers, left, right }) => (
        <span
          key={generation}
          className="lane-bar"
          title={`Generation ${generation}: ${workers} worker${workers === 1 ? '' : 's'}`}
          style={{
            left: `${left * 100}%`,
            width: `${(right - left) * 100}%`,
            height: `${(workers / most) * 12}px`,
          }}
        >
          {right - left > 0.12 ? `${workers} worker${workers === 1 ? '' : 's'}` : ''}
        </span>
      ))}
      {thinned(marks, share).map(({ kind, step, text, left }) => (
        <span
          key={`${kind} ${step}`}
          className="lane-mark"
          data-kind={kind}
          title={text}
          style={{ left: `${left * 100}%` }}
        >
          {signs[kind]}
        </span>
      ))}
    </div>
  );
}

/** Losses before checkpoints where there is no room for both. */
function thinned(marks: readonly MembershipMark[], share: (step: number) => number) {
  const order: readonly MembershipMark['kind'][] = ['loss', 'best', 'checkpoint'];
  const taken = new Set<number>();
  return order.flatMap((kind) =>
    marks
      .filter((mark) => mark.kind === kind)
      .map((mark) => ({ ...mark, left: share(mark.step) }))
      .filter(({ left }) => {
        const place = Math.round(left / resolution / 2);
        if (left < 0 || left > 1 || taken.has(place)) return false;
        taken.add(place);
        return true;
      }),
  );
}
