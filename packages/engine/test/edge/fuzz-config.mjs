// Opens sessions from mutated configurations, in a process of its own: a crash ends it and the last line tells the mutation.
// Usage: node fuzz-config.mjs <config.json> <first seed> <count>
import { readFileSync, writeSync } from 'node:fs';
import {
  openSession,
  sessionClose,
  sessionEvaluate,
  sessionPredict,
  sessionProbe,
  sessionReadBuffer,
  sessionReadParameter,
  sessionTrain,
} from '@lockstep/kernels-native';

const [file, first, count] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');

/** xorshift32: the same mutations for the same seed. */
function generator(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** Every place of a value: [owner, key] pairs with their path. */
function placesOf(value, path = '') {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    { owner: value, key, path: `${path}/${key}` },
    ...placesOf(value[key], `${path}/${key}`),
  ]);
}

const numbers = [
  -1,
  0,
  1,
  2,
  3,
  7,
  15,
  16,
  17,
  255,
  1024,
  65_537,
  2 ** 20,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 53,
  -0.5,
  0.5,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];
const others = [
  undefined,
  null,
  true,
  '',
  'x',
  [],
  {},
  [1, 2, 3],
  'abcd',
  'bytes',
  'any',
  'arena',
  'gradients',
  'sums',
  'train',
  'evaluate',
];

/** Changes one place; a change that changes nothing is made again. */
function mutate(config, random) {
  const places = placesOf(config);
  const { owner, key, path } = places[random(places.length)];
  const before = owner[key];
  const kind = random(8);
  const sameType = places.filter(
    (place) => typeof before !== 'object' && typeof place.owner[place.key] === typeof before,
  );
  if (kind === 0) delete owner[key];
  else if (kind === 1) owner[key] = others[random(others.length)];
  else if (kind === 2 && typeof before === 'number') owner[key] = before + (random(2) === 0 ? 1 : -1);
  else if (kind === 3 && typeof before === 'number') owner[key] = before * 2;
  else if (kind === 4 && Array.isArray(before)) before.length = random(before.length + 1);
  else if (kind === 5 && Array.isArray(before) && before.length > 0) before.push(before[random(before.length)]);
  else if (kind === 6 && sameType.length > 0)
    owner[key] = sameType[random(sameType.length)].owner[sameType[0].key] ?? before;
  else if (typeof before === 'string') {
    const strings = sameType.map((place) => place.owner[place.key]).filter((value) => typeof value === 'string');
    owner[key] = strings[random(strings.length)];
  } else owner[key] = numbers[random(numbers.length)];
  const show = (value) => String(JSON.stringify(value)).slice(0, 60);
  const what = `${path}: ${show(before)} -> ${show(owner[key])}`;
  return owner[key] === before && key in owner && !Array.isArray(before) ? mutate(config, random) : what;
}

const outcomes = { refused: 0, opened: 0, ran: 0 };
const messages = new Map();
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const config = JSON.parse(text);
  const random = generator(seed);
  const what = [mutate(config, random)];
  if (random(4) === 0) what.push(mutate(config, random));
  writeSync(2, `${seed} ${what.join('; ')}\n`);
  let session;
  const note = (error) => {
    if (!(error instanceof Error)) throw new Error(`seed ${seed} threw what is no error: ${error}`);
    messages.set(error.message.replace(/\d+/g, 'N').slice(0, 100), seed);
  };
  try {
    session = await openSession(config, null);
  } catch (error) {
    note(error);
    outcomes.refused++;
    continue;
  }
  outcomes.opened++;
  // What was taken must run: to a result or to an error.
  const elements = config.plan.sampleShape.reduce((product, size) => product * size, 1);
  const uses = [
    () =>
      sessionTrain(session, { epoch: 0, firstStepInEpoch: 0, firstStep: 0, learningRates: Float32Array.of(0.1, 0.1) }),
    () => sessionEvaluate(session, 0, 1),
    () => sessionProbe(session),
    () => sessionPredict(session, new Float32Array(elements * 3), 3),
    () => sessionReadParameter(session, 0, -1),
    () => sessionReadBuffer(session, 0),
  ];
  for (const use of uses) {
    try {
      await use();
      outcomes.ran++;
    } catch (error) {
      note(error);
    }
  }
  await sessionClose(session);
}
console.log(JSON.stringify({ ...outcomes, messages: Object.fromEntries(messages) }));
