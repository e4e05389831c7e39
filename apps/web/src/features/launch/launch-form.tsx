'use client';

import { type Dataset, type NodeRow, type Problem, presetNames, type RunDetail } from '@lockstep/contracts';
import { TRPCClientError } from '@trpc/client';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { CopyButton } from '../../ui/copy-button.js';
import { randomId } from '../../ui/random-id.js';
import { useAlive } from '../../ui/use-alive.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { bodyOf, cliOf, curlOf, tagsOf } from './commands.js';
import { checkDraft, type Draft, draftOfRun, emptyDraft, yamlOf } from './draft.js';
import { LaunchOutlook } from './launch-outlook.js';
import { LayerList } from './layer-list.js';
import { LayerPreview } from './layer-preview.js';

type TextField = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];

export function LaunchForm({
  organisation,
  project,
  origin,
  datasets,
  nodes,
  cloned,
}: {
  organisation: string;
  project: string;
  /** Address of the service, for the commands. */
  origin: string;
  datasets: readonly Dataset[];
  nodes: readonly NodeRow[];
  cloned: RunDetail | null;
}) {
  const draftKey = `draft:${organisation}/${project}`;
  const [draft, setDraft] = useState<Draft>(() => (cloned === null ? emptyDraft : draftOfRun(cloned)));
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isAlive = useAlive();
  const [command, setCommand] = useState<'curl' | 'cli'>('curl');
  /** One launch of this form is one run, also if the answer to the first click was lost. */
  const [idempotencyKey, setKey] = useState('');

  useEffect(() => {
    setKey(randomId());
    if (cloned !== null) return;
    try {
      const kept = window.sessionStorage.getItem(draftKey);
      if (kept !== null) setDraft({ ...emptyDraft, ...JSON.parse(kept) });
    } catch {
      // A draft that cannot be read is as good as none.
    }
  }, [draftKey, cloned]);

  const checked = useMemo(() => checkDraft(draft, datasets), [draft, datasets]);
  const problems = checked.ok ? refused : checked.problems;
  const lanes = checked.ok ? checked.resolved.lanes : null;
  const cores = Number(draft.workers) * Number(draft.threads);
  const isTooWide = lanes !== null && cores > lanes;

  function change(part: Partial<Draft>): void {
    const next = { ...draft, ...part };
    setDraft(next);
    setRefused([]);
    setMessage(null);
    setKey(randomId());
    if (cloned === null) window.sessionStorage.setItem(draftKey, JSON.stringify(next));
  }

  const problemAt = (path: string): string | null =>
    problems.find((problem) => problem.path === path || problem.path.startsWith(`${path}.`))?.message ?? null;

  /** Values of the form; presets of a field are in the schema, so that there is one place for each. */
  function field(key: TextField, label: string, path: string, mode: 'decimal' | 'numeric' | 'text' = 'decimal') {
    const problem = draft.source === 'yaml' ? null : problemAt(path);
    return (
      <label className="field">
        <span>{label}</span>
        <input
          name={key}
          className={mode === 'text' ? '' : 'mono'}
          inputMode={mode}
          value={draft[key]}
          onChange={(event) => change({ [key]: event.target.value })}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `${key}-problem`}
        />
        {problem === null ? null : (
          <span className="problem" id={`${key}-problem`} role="alert">
            {problem}
          </span>
        )}
      </label>
    );
  }

  async function launch(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isBusy || !checked.ok) return;
    setBusy(true);
    setMessage(null);
    try {
      const asked = { organisation, ...bodyOf(draft, project), idempotencyKey };
      // A clone keeps what the form does not show: its experiment, group, note and least number of workers.
      const { runId } =
        cloned === null
          ? await trpc.run.create.mutate(asked)
          : await trpc.run.clone.mutate({ ...asked, runId: cloned.id, tags: tagsOf(draft) });
      window.sessionStorage.removeItem(draftKey);
      // Stays busy: the page is left.
      window.location.assign(`/${organisation}/${project}/runs/${runId}`);
    } catch (error) {
      setMessage(messageOf(error));
      setRefused(refusedFields(error));
      setBusy(false);
    }
  }

  const shell = command === 'curl' ? curlOf(draft, project, origin) : cliOf(draft, project);
  return (
    <form method="post" onSubmit={launch} className="grid-2" noValidate>
      <div className="stack">
        <section className="panel">
          <header>
            <h2 className="grow">Model</h2>
            {(['preset', 'layers', 'yaml'] as const).map((source) => (
              <button
                key={source}
                type="button"
                aria-pressed={draft.source === source}
                onClick={() => change({ source, ...(source === 'yaml' ? { yaml: yamlOf(draft) } : {}) })}
              >
                {{ preset: 'Preset', layers: 'Layer list', yaml: 'YAML' }[source]}
              </button>
            ))}
          </header>
          <div className="body form">
            {draft.source === 'yaml' ? (
              <>
                <textarea
                  aria-label="Run spec as YAML"
                  rows={18}
                  spellCheck={false}
                  value={draft.yaml}
                  onChange={(event) => change({ yaml: event.target.value })}
                  aria-invalid={problems.length > 0}
                />
                <Problems problems={problems} />
              </>
            ) : (
              <div className="fields">
                <label className="field">
                  <span>Dataset</span>
                  <select
                    value={draft.dataset}
                    onChange={(event) => change({ dataset: event.target.value })}
                    aria-invalid={problemAt('dataset') !== null}
                  >
                    {[...new Set([draft.dataset, ...datasets.map(({ name }) => name)])].map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                  {problemAt('dataset') === null ? null : <span className="problem">{problemAt('dataset')}</span>}
                </label>
                {draft.source === 'layers' ? null : (
                  <label className="field">
                    <span>Preset</span>
                    <select
                      name="preset"
                      value={draft.preset}
                      onChange={(event) => change({ preset: event.target.value as Draft['preset'] })}
                    >
                      {presetNames.map((preset) => (
                        <option key={preset}>{preset}</option>
                      ))}
                    </select>
                  </label>
                )}
                {draft.source === 'preset' && draft.preset === 'mlp'
                  ? field('hidden', 'Hidden layers', 'model.hidden', 'text')
                  : null}
              </div>
            )}
            {draft.source === 'layers' ? (
              <LayerList layers={draft.layers} problemAt={problemAt} onChange={(layers) => change({ layers })} />
            ) : null}
          </div>
        </section>
        {draft.source === 'yaml' ? null : (
          <section className="panel">
            <header>
              <h2>Training</h2>
            </header>
            <div className="body fields">
              {field('epochs', 'Epochs', 'training.epochs', 'numeric')}
              {field('batchSize', 'Batch size', 'training.batchSize', 'numeric')}
              <label className="field">
                <span>Optimizer</span>
                <select
                  name="optimizer"
                  value={draft.optimizer}
                  onChange={(event) => {
                    const optimizer = event.target.value as Draft['optimizer'];
                    change({ optimizer, learningRate: optimizer === 'adam' ? '0.001' : '0.05' });
                  }}
                >
                  <option>sgd</option>
                  <option>adam</option>
                </select>
              </label>
              {field('learningRate', 'Learning rate', 'training.optimizer.learningRate')}
              {draft.optimizer === 'sgd' ? field('momentum', 'Momentum', 'training.optimizer.momentum') : null}
              {field('weightDecay', 'Weight decay', 'training.optimizer.weightDecay')}
              {field('seed', 'Seed', 'training.seed', 'numeric')}
              {field('lanes', 'Lanes (empty: by batch)', 'lanes', 'numeric')}
            </div>
          </section>
        )}
        <section className="panel">
          <header>
            <h2>Run</h2>
          </header>
          <div className="body form">
            <div className="fields">
              {field('name', 'Name (optional)', 'name', 'text')}
              {field('tags', 'Tags (optional)', 'tags', 'text')}
              {field('workers', 'Workers', 'workers', 'numeric')}
              {field('threads', 'Cores of each', 'threads', 'numeric')}
            </div>
            {isTooWide ? (
              <p className="problem" role="alert">
                {cores} cores share {lanes} lanes: use at most {lanes}, or more lanes.
              </p>
            ) : (
              <LaunchOutlook
                organisation={organisation}
                project={project}
                nodes={nodes}
                spec={checked.ok ? yamlOf(draft) : null}
                workers={Number(draft.workers)}
                threads={Number(draft.threads)}
                epochs={checked.ok ? checked.resolved.training.epochs : null}
              />
            )}
            {checked.ok || draft.source === 'yaml' ? null : <Problems problems={problems} />}
            {message === null ? null : (
              <p role="alert" className="problem">
                {message}
              </p>
            )}
            <p>
              <button type="submit" className="primary" disabled={isBusy || !isAlive || !checked.ok || isTooWide}>
                {isBusy ? 'Launching …' : 'Launch run'}
              </button>
            </p>
          </div>
        </section>
      </div>
      <div className="stack">
        {checked.ok ? (
          <LayerPreview resolved={checked.resolved} />
        ) : (
          <section className="panel" aria-label="Layers">
            <p className="empty">Layers appear here when every field is right.</p>
          </section>
        )}
        <section className="panel" aria-label="The same as a command">
          <header>
            <h2 className="grow">The same as a command</h2>
            {(['curl', 'cli'] as const).map((each) => (
              <button key={each} type="button" aria-pressed={command === each} onClick={() => setCommand(each)}>
                {each === 'curl' ? 'curl' : 'lockstep'}
              </button>
            ))}
            <CopyButton text={shell} />
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre className="code" tabIndex={0}>
            {shell}
          </pre>
        </section>
      </div>
    </form>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul role="alert">
      {problems.map(({ path, message, line }) => (
        <li key={`${path} ${message}`} className="problem">
          {line === null ? '' : `Line ${line}: `}
          {path === '' ? '' : `${path}: `}
          {message}
        </li>
      ))}
    </ul>
  );
}

function refusedFields(error: unknown): readonly Problem[] {
  if (!(error instanceof TRPCClientError)) return [];
  const data = error.data as { problem?: { problems?: readonly Problem[] } } | null;
  return data?.problem?.problems ?? [];
}
