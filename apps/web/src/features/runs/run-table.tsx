import type { Run } from '@lockstep/contracts';

export function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Run</th>
          <th>Project</th>
          <th>State</th>
          <th>Step</th>
          <th>Created</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td>
              <a href={`/${run.organisation}/${run.project}/runs/${run.id}`}>{run.name}</a>
            </td>
            <td>{run.project}</td>
            <td>
              {run.state}
              {run.waitingFor === null ? '' : `: ${run.waitingFor}`}
            </td>
            <td>
              {run.step} of {run.totalSteps ?? '?'}
            </td>
            <td>{run.createdAt}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
