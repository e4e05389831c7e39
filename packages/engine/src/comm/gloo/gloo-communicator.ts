import {
  type CommunicatorHandle,
  communicatorAddress,
  communicatorClose,
  communicatorConnect,
  openCommunicator as openNative,
} from '@lockstep/kernels-native';
import { translated, translatedSync } from '../../backend/native/native-error.js';
import type { Communicator } from '../communicator.js';

/** Ranks connected pairwise over Gloo's TCP transport. */
export class GlooCommunicator implements Communicator {
  readonly handle: CommunicatorHandle;

  constructor(options: { rank: number; worldSize: number; host: string; timeoutMs: number }) {
    this.handle = translatedSync(() => openNative(options));
  }

  address(): Promise<Uint8Array> {
    return translated(() => communicatorAddress(this.handle));
  }

  connect(addresses: readonly Uint8Array[]): Promise<void> {
    return translated(() => communicatorConnect(this.handle, addresses));
  }

  close(): Promise<void> {
    return translated(() => communicatorClose(this.handle));
  }
}
