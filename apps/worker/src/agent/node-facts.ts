import { availableParallelism, cpus, totalmem } from 'node:os';
import type { RegisterNodeBody } from '@lockstep/contracts';
import { availableIsas, machineClasses } from '@lockstep/trainer';

type Facts = Pick<RegisterNodeBody, 'cores' | 'memoryBytes' | 'cpuModel' | 'isas' | 'numericClasses'>;

/** What this machine is, as far as placement asks. `cores` limits what runs may use. */
export function nodeFacts(cores: number | null): Facts {
  return {
    cores: Math.min(cores ?? Number.POSITIVE_INFINITY, availableParallelism()),
    memoryBytes: totalmem(),
    cpuModel: (cpus()[0]?.model ?? '').trim().slice(0, 256),
    isas: availableIsas(),
    numericClasses: machineClasses(),
  };
}
