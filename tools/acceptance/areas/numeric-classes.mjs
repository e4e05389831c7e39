// Ranks that compute differently do not train together, and a run does not go on in another numeric class.
import { join } from 'node:path';
import { Command, completed, lastJson, lockstep, sameOutcome } from '../lockstep.mjs';
import { metricsOf, rowOf } from '../run-folder.mjs';
import { lenet5, writeSpec } from '../specs.mjs';

const faked = (value) => ({ LOCKSTEP_TEST_NUMERIC_CLASS: value });

function refusal(end, says) {
  const summary = lastJson(end);
  const problems = [];
  if (end.code !== 3) problems.push(`exit code ${end.code}`);
  if (summary?.state !== 'failed' || summary?.reason !== 'numeric-class')
    problems.push(`state ${summary?.state}, reason ${summary?.reason}`);
  if (!says.test(end.stderr)) problems.push('another message');
  if (end.left.length > 0) problems.push('processes are left');
  const message = /^error: .*$/m.exec(end.stderr)?.[0] ?? end.stderr;
  return {
    passed: problems.length === 0,
    got: `${problems.join(', ')}${problems.length > 0 ? ': ' : `exit ${end.code}: `}${message}`,
  };
}

export const numericClasses = {
  name: 'numeric-classes',
  title: 'Two faked numeric classes',
  cases: ({ folder }) => [
    {
      name: 'join',
      title: 'rank 1 of 3 of another class',
      wants: 'refused before the first step with the part that differs, exit 3',
      async run() {
        const place = folder();
        const runDir = join(place, 'run');
        const end = await lockstep(
          ['train', writeSpec(place, lenet5()), '--workers', '3', '--run-dir', runDir, '--json'],
          {
            environment: faked('1=another-compiler'),
          },
        );
        const result = refusal(
          end,
          /Rank 1 computes in another numeric class than rank 0: test "none" against "another-compiler"/,
        );
        const steps = metricsOf(runDir).filter(({ kind }) => kind === 'train').length;
        return { ...result, passed: result.passed && steps === 0 };
      },
    },
    {
      name: 'resume',
      title: 'a run stopped in one class and resumed in another, then in its own',
      wants: 'refused with the reason, exit 3; then the digests of the whole run',
      async run() {
        const place = folder();
        const path = writeSpec(place, lenet5());
        const runDir = join(place, 'run');
        const whole = completed(
          await lockstep(['train', path, '--workers', '2', '--run-dir', join(place, 'whole'), '--json']),
        );
        const command = new Command(['train', path, '--workers', '2', '--run-dir', runDir, '--json']);
        await rowOf(runDir, command, ({ kind }) => kind === 'train');
        command.signal('SIGINT');
        await command.ended;
        const resume = ['train', '--resume', runDir, '--workers', '2', '--json'];
        const refused = await lockstep(resume, { environment: faked('0=another-cpu,1=another-cpu') });
        const result = refusal(
          refused,
          /trained in another numeric class than this machine and build have: test "none" against "another-cpu"/,
        );
        const resumed = completed(await lockstep(resume));
        return { passed: result.passed && sameOutcome(resumed, whole), got: result.got };
      },
    },
  ],
};
