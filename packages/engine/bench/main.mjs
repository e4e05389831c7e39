// npm run bench -- [--cases a,b] [--rounds 5] [--seconds 1.5] [--peers] [--json]
// Interleaves every case and its peer, round by round, so that a ratio compares what the same machine did in the same
// minutes. Prints min, median and max of the rounds; with --json one line a case.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { measure, writeShard } from './measure.mjs';
import { measurePeer, peerPython } from './peers.mjs';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: Object.keys(cases).join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const names = options.cases.split(',');
const unknown = names.filter((name) => !(name in cases));
if (unknown.length > 0) {
  console.error(`bench: no case ${unknown.join(', ')}; there are ${Object.keys(cases).join(', ')}`);
  process.exit(2);
}
const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: Math.round(sorted[0]), median: Math.round(sorted[sorted.length >> 1]), max: Math.round(sorted.at(-1)) };
};
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
try {
  const python = options.peers ? peerPython() : null;
  const runs = new Map(names.map((name) => [name, { own: [], peer: [], ratio: [], mode: '' }]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const name of names) {
      const run = runs.get(name);
      const own = await measure(cases[name], writeShard(folder, cases[name]), Number(options.seconds));
      run.own.push(own);
      const { peer, baseline } = cases[name];
      if (python && peer) {
        const other = measurePeer(python, peer, 0.8);
        run.peer.push(other.samplesPerSecond);
        run.ratio.push(own / other.samplesPerSecond);
        run.mode = other.mode;
      } else if (baseline && runs.has(baseline)) {
        const other = runs.get(baseline).own.at(-1);
        run.peer.push(other);
        run.ratio.push(own / other);
      }
      process.stderr.write(
        `round ${round + 1}/${options.rounds}  ${name}  ${Math.round(own)} samples/s${run.ratio.length > round ? `  ratio ${run.ratio.at(-1).toFixed(2)}` : ''}\n`,
      );
    }
  }
  for (const name of names) {
    const { own, peer, ratio, mode } = runs.get(name);
    const line = {
      case: name,
      samplesPerSecond: spread(own),
      peer:
        cases[name].peer && python
          ? `pytorch (${mode})`
          : cases[name].baseline && peer.length > 0
            ? cases[name].baseline
            : null,
      peerSamplesPerSecond: peer.length > 0 ? spread(peer) : null,
      ratio: ratio.length > 0 ? Number(middle(ratio).toFixed(3)) : null,
    };
    if (options.json) console.log(JSON.stringify(line));
    else {
      const { min, median, max } = line.samplesPerSecond;
      const versus =
        line.ratio === null ? '' : `  ${line.ratio.toFixed(2)} × ${line.peer} at ${line.peerSamplesPerSecond.median}`;
      console.log(
        `${name.padEnd(18)} ${String(min).padStart(7)} ${String(median).padStart(7)} ${String(max).padStart(7)} samples/s (min median max)${versus}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
