import { lockDataFolder } from '../../shared/adapters/embedded/data-folder.ts';

/** Holds the data folder that it is given, says so, and goes on holding it until it is killed. */
const [folder = ''] = process.argv.slice(2);
try {
  await lockDataFolder({ folder });
  process.stdout.write('held\n');
  setInterval(() => undefined, 60_000);
} catch (thrown) {
  process.stdout.write(`${thrown instanceof Error && 'code' in thrown ? thrown.code : thrown}\n`);
}
