import { isLockstepError, LockstepError } from '@lockstep/contracts';
import { findBlob, putBlobRow, requireBlobRoom } from '@lockstep/db';
import { bytesAnswer, lengthHeader } from '../../http/answer.js';
import { blobKey } from '../../services/blob-store.js';
import type { NodeCall, NodeHandler } from '../call.js';

/** Bytes of one blob: a file of a checkpoint. */
const largestBlobBytes = 256 * 2 ** 30;

export const putBlobHandler: NodeHandler<'putBlob'> = async ({ container, context, caller, request }, { params }) => {
  const { sha256 } = params;
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > largestBlobBytes) {
    throw new LockstepError(
      'bad-input.too-large',
      `Expected a blob of at most ${largestBlobBytes} bytes, got ${declared}.`,
    );
  }
  const { organisationId } = caller;
  const storageKey = blobKey(organisationId, sha256);
  await requireBlobRoom(container.db, context, { organisationId, sha256, bytes: declared });
  // Also where it is there already: it may be damaged, and what comes is verified.
  const existed = await container.blobs.has(storageKey);
  const bytes = await container.blobs.put(storageKey, sha256, request.body, largestBlobBytes);
  try {
    await putBlobRow(container.db, context, { organisationId, sha256, bytes, storageKey });
  } catch (error) {
    if (!existed && isLockstepError(error) && error.code === 'infrastructure.disk-full')
      await container.blobs.remove(storageKey);
    throw error;
  }
  // A sweep that had begun may have taken the bytes before the row was there.
  if (!(await container.blobs.has(storageKey)))
    throw new LockstepError('infrastructure.disk', `Blob ${sha256} was removed while it was stored. Send it again.`);
  return { sha256, bytes, existed };
};

export const getBlobHandler: NodeHandler<'getBlob'> = async (call, { params }) => {
  const { storageKey, bytes } = await readableBlob(call, params.sha256);
  return bytesAnswer(call.container.blobs.open(storageKey), call.requestId, {
    'Content-Type': 'application/octet-stream',
    [lengthHeader]: String(bytes),
  });
};

async function readableBlob(
  { container, context, caller }: NodeCall,
  sha256: string,
): Promise<{ storageKey: string; bytes: number }> {
  const found = await findBlob(container.db, context, { organisationId: caller.organisationId, sha256 });
  if (await container.blobs.has(found.storageKey)) return found;
  throw new LockstepError('infrastructure.disk', `Blob ${sha256} is recorded, but not in the storage any more.`);
}
