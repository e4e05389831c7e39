/** Rank processes of a command or an agent, by rank. */
export function rankProcesses(parent: number): number[];
