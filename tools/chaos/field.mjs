// The platform that is disturbed.
import { startPlatform } from '../services/platform.mjs';
import { openWay } from './cuttable-way.mjs';

/** The service, with the second node behind ways that can be cut. */
export async function startField(folder, note, onEnd) {
  const ways = [];
  const wayOf = async (name, { apiUrl, temporalAddress }) => {
    if (name !== 'node-2') return { apiUrl, temporalAddress };
    const [api, temporal] = await Promise.all([
      openWay(Number(new URL(apiUrl).port)),
      openWay(Number(temporalAddress.split(':')[1])),
    ]);
    ways.push(api, temporal);
    return { apiUrl: `http://127.0.0.1:${api.port}`, temporalAddress: `127.0.0.1:${temporal.port}` };
  };
  const platform = await startPlatform(folder, { note, onEnd, wayOf });
  return {
    platform,
    ways,
    close: async () => {
      await platform.stop();
      await Promise.all(ways.map((way) => way.close()));
    },
  };
}
