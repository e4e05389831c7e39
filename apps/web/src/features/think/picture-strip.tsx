'use client';

import { SamplePicture } from '../datasets/sample-picture.js';
import type { Range, Sample } from '../datasets/sample-pictures.js';

/** Pictures of the dataset to choose from, with what they are. */
export function PictureStrip({
  samples,
  shape,
  range,
  chosen,
  onChoose,
}: {
  samples: readonly Sample[];
  shape: readonly number[];
  range: Range;
  /** Place of the one that is shown to the model. */
  chosen: number | null;
  onChoose: (sample: Sample) => void;
}) {
  return (
    <ul className="pictures of-five">
      {samples.map((sample) => (
        <li key={sample.index}>
          <button type="button" aria-pressed={sample.index === chosen} onClick={() => onChoose(sample)}>
            <SamplePicture values={sample.values} shape={shape} range={range} label={`Picture ${sample.index}`} />
            <span className="mono">{sample.label}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
