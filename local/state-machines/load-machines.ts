import { readdir, readFile } from 'node:fs/promises';
import { type MachineDefinition, parseMachine } from './definition.ts';

const EXTENSION = '.asl.json';

/** The machines of a folder by name: `draft-invoices.asl.json` is `draft-invoices`. Throws on what is no machine of the subset. */
export async function loadMachines(folder: URL): Promise<ReadonlyMap<string, MachineDefinition>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(EXTENSION)).sort();
  const machines = new Map<string, MachineDefinition>();
  for (const file of files)
    machines.set(
      file.slice(0, -EXTENSION.length),
      parseMachine(await readFile(new URL(file, folder), 'utf8')),
    );
  return machines;
}
