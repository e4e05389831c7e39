import { ImageClassifier } from '@lockstep/engine/graph';
import type { Answer, Question } from './classifier-messages.js';

/** Forward passes run here, beside the page, so that drawing never waits for them. */
let classifier: ImageClassifier | null = null;

function answer(question: Question): Answer {
  if (question.kind === 'open') {
    classifier = new ImageClassifier(question.spec, question.model);
    return { kind: 'opened' };
  }
  if (classifier === null) throw new Error('No model is open.');
  const startMs = performance.now();
  const inspection = classifier.inspect(question.pixels);
  return { kind: 'inspected', inspection, milliseconds: performance.now() - startMs };
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  let given: Answer;
  try {
    given = answer(data);
  } catch (error) {
    given = { kind: 'problem', message: error instanceof Error ? error.message : String(error) };
  }
  const outputs = given.kind === 'inspected' ? [given.inspection.input, ...given.inspection.layers] : [];
  postMessage(given, { transfer: outputs.map(({ values }) => values.buffer as ArrayBuffer) });
});
