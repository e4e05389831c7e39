import { mkdir, open, rename, rm } from 'node:fs/promises';

/** A new file that is written from its beginning to its end. */
interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Until the bytes are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What writing a checkpoint asks of the file system; tests put a failing one in its place. */
export interface CheckpointDisk {
  makeFolders(path: string): Promise<void>;
  /** Fails with EEXIST if it is there. */
  makeFolder(path: string): Promise<void>;
  createFile(path: string): Promise<NewFile>;
  rename(from: string, to: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** File or folder, with everything in it; nothing happens if it is not there. */
  remove(path: string): Promise<void>;
}

export const nodeDisk: CheckpointDisk = {
  makeFolders: async (path) => {
    await mkdir(path, { recursive: true });
  },
  makeFolder: (path) => mkdir(path),
  createFile: async (path) => {
    const handle = await open(path, 'wx');
    return {
      write: async (bytes) => {
        let done = 0;
        while (done < bytes.length) done += (await handle.write(bytes, done)).bytesWritten;
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  syncFolder: async (path) => {
    const handle = await open(path);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
};
