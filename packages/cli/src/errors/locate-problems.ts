import { type DocumentPath, isLockstepError, LockstepError, type ParsedDocument } from '@lockstep/contracts';

/** Gives problems that know their field only the line of that field in the document. Other errors pass through. */
export function locateProblems(error: unknown, document: ParsedDocument): unknown {
  if (!isLockstepError(error) || error.problems.every((problem) => problem.line !== null)) return error;
  const problems = error.problems.map((problem) => {
    if (problem.line !== null || problem.path === '') return problem;
    const position = document.locate(documentPath(problem.path));
    return { ...problem, line: position?.line ?? null, column: position?.column ?? null };
  });
  const { code, message, cause, detail, node, step } = error;
  return new LockstepError(code, message, {
    problems,
    ...(cause === undefined ? {} : { cause }),
    ...(detail === undefined ? {} : { detail }),
    ...(node === undefined ? {} : { node }),
    ...(step === undefined ? {} : { step }),
  });
}

/** `model.layers[3].kernel` -> `['model', 'layers', 3, 'kernel']` */
export function documentPath(path: string): DocumentPath {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) => (index === undefined ? word : Number(index)));
}
