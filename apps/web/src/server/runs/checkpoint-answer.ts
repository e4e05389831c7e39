import { LockstepError, type RunCheckpoint } from '@lockstep/contracts';
import type { Container } from '../container.js';
import { bytesAnswer, lengthHeader } from '../http/answer.js';
import { streamOf } from '../http/stream.js';
import { tarArchive, tarBytes } from '../http/tar.js';
import { describeError, log } from '../log.js';
import { blobKey } from '../services/blob-store.js';

interface Download {
  readonly container: Container;
  readonly organisationId: string;
  readonly requestId: string;
}

/** A file of a checkpoint that its reader may see, or all of them in an archive. */
export function checkpointAnswer(download: Download, found: RunCheckpoint, file: string | undefined): Response {
  return file === undefined ? archiveAnswer(download, found) : fileAnswer(download, found, file);
}

function fileAnswer(
  { container, organisationId, requestId }: Download,
  { files }: RunCheckpoint,
  name: string,
): Response {
  const file = files.find((each) => each.name === name);
  if (file === undefined) {
    throw new LockstepError(
      'auth.not-found',
      `Expected a file of this checkpoint (${files.map((each) => each.name).join(', ')}).`,
    );
  }
  return bytesAnswer(container.blobs.open(blobKey(organisationId, file.sha256)), requestId, {
    'Content-Type': 'application/octet-stream',
    [lengthHeader]: String(file.bytes),
    'Content-Disposition': `attachment; filename="${file.name}"`,
    ETag: `"${file.sha256}"`,
  });
}

/** `step-000000120/model.safetensors` and so on: a folder that the command line reads as a checkpoint. */
function archiveAnswer(
  { container, organisationId, requestId }: Download,
  { files, step, createdAt }: RunCheckpoint,
): Response {
  const folder = `step-${String(step).padStart(9, '0')}`;
  const entries = files.map(({ name, bytes, sha256 }) => ({
    name: `${folder}/${name}`,
    bytes,
    modifiedAt: new Date(createdAt),
    open: () => container.blobs.open(blobKey(organisationId, sha256)) as unknown as AsyncIterable<Uint8Array>,
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
