import { LockstepError, type RunCheckpoint } from '@lockstep/contracts';
import { checkpoints, getCheckpoint } from '@lockstep/db';
import { bytesAnswer, lengthHeader } from '../../http/answer.js';
import { streamOf } from '../../http/stream.js';
import { tarArchive, tarBytes } from '../../http/tar.js';
import { describeError, log } from '../../log.js';
import { blobKey } from '../../services/blob-store.js';
import type { RestCall, RestHandler } from '../call.js';

export const listCheckpointsHandler: RestHandler<'listCheckpoints'> = async (call, { params, query }) => {
  const { container, context, caller } = call;
  const page = await checkpoints(container.db, context, { organisationId: caller.organisationId, ...params, ...query });
  return { items: [...page.items], nextCursor: page.nextCursor };
};

export const getCheckpointHandler: RestHandler<'getCheckpoint'> = ({ container, context, caller }, { params }) =>
  getCheckpoint(container.db, context, { organisationId: caller.organisationId, ...params });

export const downloadCheckpointHandler: RestHandler<'downloadCheckpoint'> = async (call, { params, query }) => {
  const { container, context, caller } = call;
  const found = await getCheckpoint(container.db, context, { organisationId: caller.organisationId, ...params });
  return query.file === undefined ? archiveAnswer(call, found) : fileAnswer(call, found, query.file);
};

function fileAnswer({ container, caller, requestId }: RestCall, { files }: RunCheckpoint, name: string): Response {
  const file = files.find((each) => each.name === name);
  if (file === undefined) {
    throw new LockstepError(
      'auth.not-found',
      `Expected a file of this checkpoint (${files.map((each) => each.name).join(', ')}).`,
    );
  }
  return bytesAnswer(container.blobs.open(blobKey(caller.organisationId, file.sha256)), requestId, {
    'Content-Type': 'application/octet-stream',
    [lengthHeader]: String(file.bytes),
    'Content-Disposition': `attachment; filename="${file.name}"`,
    ETag: `"${file.sha256}"`,
  });
}

/** `step-000000120/model.safetensors` and so on: a folder that the command line reads as a checkpoint. */
function archiveAnswer(
  { container, caller, requestId }: RestCall,
  { files, step, createdAt }: RunCheckpoint,
): Response {
  const folder = `step-${String(step).padStart(9, '0')}`;
  const entries = files.map(({ name, bytes, sha256 }) => ({
    name: `${folder}/${name}`,
    bytes,
    modifiedAt: new Date(createdAt),
    open: () => container.blobs.open(blobKey(caller.organisationId, sha256)) as unknown as AsyncIterable<Uint8Array>,
  }));
  const body = streamOf(
    () => tarArchive(entries),
    (error) => log('error', 'a download broke off', { requestId, error: describeError(error) }),
  );
  return bytesAnswer(body, requestId, {
    'Content-Type': 'application/x-tar',
    [lengthHeader]: String(tarBytes(entries)),
    'Content-Disposition': `attachment; filename="${folder}.tar"`,
  });
}
