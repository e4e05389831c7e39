'use client';

import type { RunCheckpoint } from '@lockstep/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { formatCount, formatPercent } from '../../ui/format.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { SamplePicture } from '../datasets/sample-picture.js';
import { isPicture, rangeOf, type Sample, samplesOf } from '../datasets/sample-pictures.js';
import { ClassBars } from './class-bars.js';
import type { ModelSpec } from './classifier-messages.js';
import { DrawingPad } from './drawing-pad.js';
import { fitDrawing, inkBoxOf, type Stroke } from './fit-drawing.js';
import { LayerPanel } from './layer-panel.js';
import { PictureStrip } from './picture-strip.js';
import { useClassifier } from './use-classifier.js';

const atOnce = 10;

/** What is shown to the model. */
interface Shown {
  readonly pixels: Float32Array;
  readonly sample: Sample | null;
  /** Nothing is drawn. */
  readonly isEmpty: boolean;
}

/** A trained model at work: a picture goes in, and every layer and the probabilities are seen. */
export function ThinkView({
  organisation,
  base,
  spec,
  checkpoints,
  datasetId,
}: {
  organisation: string;
  /** Address of the run. */
  base: string;
  spec: ModelSpec;
  /** Newest first, at least one. */
  checkpoints: readonly RunCheckpoint[];
  /** Null: the dataset's version is not in the organisation any more. */
  datasetId: string | null;
}) {
  const [checkpointId, setCheckpointId] = useState((checkpoints.find(({ best }) => best) ?? checkpoints[0])?.id ?? '');
  const [offset, setOffset] = useState(0);
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [shown, setShown] = useState<Shown | null>(null);
  const { state, inspected, inspect } = useClassifier(
    spec,
    `${base}/checkpoints/${checkpointId}?file=model.safetensors`,
  );
  const pictures = useQuery({
    queryKey: ['samples', organisation, datasetId, offset],
    enabled: datasetId !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      trpc.dataset.samples.query({
        organisation,
        datasetId: datasetId ?? '',
        split: spec.data.validationSamples > 0 ? 'validation' : 'train',
        offset,
        count: atOnce,
      }),
    placeholderData: (before) => before,
  });
  const given = pictures.data?.isHere === true ? pictures.data : null;
  const samples = useMemo(() => (given === null ? [] : samplesOf(given)), [given]);
  const { sampleShape: shape, dtype } = spec.data;
  const [channels = 1, height = 1, width = 1] = shape;
  const range = useMemo(() => rangeOf(dtype, samples), [dtype, samples]);
  const frame = useMemo(() => {
    const [least, most] = range;
    // Where most of a picture is bright, handwriting is dark on it.
    const mean = (spec.input.mean[0] ?? 0) * (dtype === 'uint8' ? 255 : 1);
    const isPaper = mean > (least + most) / 2;
    const ground = { height, width, background: isPaper ? most : least, ink: isPaper ? least : most };
    return {
      ...ground,
      box: inkBoxOf(
        samples.map(({ values }) => values),
        ground,
      ),
    };
  }, [range, samples, spec, dtype, height, width]);

  function show(next: Shown): void {
    setShown(next);
    inspect(next.pixels);
  }
  function choose(sample: Sample): void {
    setStrokes([]);
    show({ pixels: Float32Array.from(sample.values), sample, isEmpty: false });
  }
  function draw(next: readonly Stroke[]): void {
    setStrokes(next);
    const { background, ink } = frame;
    const pixels = fitDrawing(next, frame).map((share) => background + share * (ink - background));
    show({ pixels, sample: null, isEmpty: next.length === 0 });
  }
  // The page begins with a picture, so that there is something to see.
  const hasBegun = useRef(false);
  useEffect(() => {
    const [first] = samples;
    if (hasBegun.current || first === undefined) return;
    hasBegun.current = true;
    choose(first);
  });

  const mayDraw = channels === 1;
  const result = shown === null ? null : inspected;
  /** While somebody draws, what is known is of the moment before: it is seen, and not said of the new picture. */
  const isOfShown = result !== null && result.pixels === shown?.pixels;
  return (
    <div className="think">
      <div className="stack think-input">
        <section className="panel" aria-label="Picture">
          <header>
            <h2 className="grow">{mayDraw ? 'Draw' : 'Picture'}</h2>
            {mayDraw ? (
              <button type="button" disabled={strokes.length === 0} onClick={() => draw([])}>
                Clear
              </button>
            ) : null}
          </header>
          <div className="body stack">
            {mayDraw ? <DrawingPad height={height} width={width} strokes={strokes} onDraw={draw} /> : null}
            <div className="row nowrap">
              {shown === null || !isPicture(shape) ? null : (
                <SamplePicture values={shown.pixels} shape={shape} range={range} label="What the model is given" />
              )}
              <p className="muted small">
                {shown === null
                  ? 'Draw, or choose a picture below.'
                  : `What the model is given, ${shape.join('×')}${
                      shown.sample === null ? ': centred and scaled as the pictures of the dataset.' : '.'
                    }`}
              </p>
            </div>
          </div>
        </section>
        <section className="panel think-pictures" aria-label="Test pictures" aria-busy={pictures.isFetching}>
          <header>
            <h2 className="grow">Test pictures</h2>
            {given === null ? null : (
              <button
                type="button"
                disabled={pictures.isFetching}
                onClick={() => setOffset(offset + atOnce >= given.total ? 0 : offset + atOnce)}
              >
                Another ten
              </button>
            )}
          </header>
          <div className="body">
            {given !== null ? (
              <PictureStrip
                samples={samples}
                shape={given.shape}
                range={range}
                chosen={shown?.sample?.index ?? null}
                onChoose={choose}
              />
            ) : (
              <p className="muted">{whyNoPictures(datasetId, pictures)}</p>
            )}
          </div>
        </section>
      </div>
      <div className="stack">
        <section className="panel" aria-label="Class probabilities" aria-busy={state.kind === 'loading'}>
          <header>
            <h2>Class probabilities</h2>
            <span className="grow muted small">
              {result === null ? '' : `${result.milliseconds.toFixed(0)} ms, in this browser`}
            </span>
            <label className="row small">
              Checkpoint
              <select value={checkpointId} onChange={({ target }) => setCheckpointId(target.value)}>
                {checkpoints.map((checkpoint, index) => (
                  <option key={checkpoint.id} value={checkpoint.id}>
                    {nameOf(checkpoint, index)}
                  </option>
                ))}
              </select>
            </label>
          </header>
          {state.kind === 'problem' ? (
            <p role="alert" className="body problem">
              {state.message}
            </p>
          ) : result === null ? (
            <p className="empty">
              {state.kind === 'loading' ? 'Reading the model …' : 'The answer stands here once there is a picture.'}
            </p>
          ) : (
            <div className="body stack">
              <p role="status" className="answer">
                {isOfShown ? sentence(result.probabilities, shown) : '…'}
              </p>
              <ClassBars
                probabilities={result.probabilities}
                label={isOfShown ? (shown?.sample?.label ?? null) : null}
              />
            </div>
          )}
        </section>
        {result === null || state.kind === 'problem' ? null : (
          <section className="panel think-layers" aria-label="Layers">
            <header>
              <h2 className="grow">Layers</h2>
              <span className="muted small">every value that the model computes for this picture</span>
            </header>
            <ol className="layers">
              {[result.input, ...result.layers].map((layer) => (
                <LayerPanel key={layer.name} layer={layer} />
              ))}
            </ol>
          </section>
        )}
      </div>
    </div>
  );
}

function nameOf({ step, epoch, best }: RunCheckpoint, index: number): string {
  const marks = [...(best ? ['best'] : []), ...(index === 0 ? ['last'] : [])];
  const place = `step ${formatCount(step)}, epoch ${epoch}`;
  return marks.length === 0 ? place : `${marks.join(' and ')}: ${place}`;
}

function sentence(probabilities: readonly number[], shown: Shown | null): string {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const said = `It says ${best}, ${formatPercent(probabilities[best])}.`;
  if (shown?.isEmpty) return `Of an empty picture it says ${best}.`;
  if (shown?.sample == null) return said;
  const { label } = shown.sample;
  return best === label ? `${said} That is the label.` : `${said} The label is ${label}.`;
}

function whyNoPictures(
  datasetId: string | null,
  { data, error }: { data: { isHere: boolean; why?: string } | undefined; error: unknown },
): string {
  if (datasetId === null) return 'The version of the dataset that the run was trained on is not there any more.';
  if (error !== null && error !== undefined) return messageOf(error);
  return data?.why ?? 'Reading pictures …';
}
