interface Placed {
  readonly id: string;
  readonly organisation: string;
  readonly project: string;
}

/** With the address of the run's page. */
export function withUrl<R extends Placed>(run: R, publicUrl: string): R & { url: string } {
  return { ...run, url: `${publicUrl}/${run.organisation}/${run.project}/runs/${run.id}` };
}
