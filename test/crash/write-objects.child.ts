import { openFileObjects } from '../../shared/adapters/embedded/file-objects.ts';

/**
 * Three writers work until they are killed. Each says what it was answered: `put` a key, `exists` for a key of an
 * earlier life, or `deleted`.
 */
const [folder = '', life = ''] = process.argv.slice(2);
const objects = await openFileObjects({ folder });

async function write(writer: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const shared = `shared/${index}`;
    const own = `day-${index % 5}/${life}.${writer}.${index}`;
    for (const key of [shared, own]) {
      const body = Buffer.from(`${key} of ${life}`.padEnd(20_000, '.'));
      const { ok } = await objects.put({ key, body, ifAbsent: true });
      process.stdout.write(`${ok ? 'put' : 'exists'} ${key} ${life}\n`);
    }
    if (index % 3 !== 2) continue;
    await objects.delete(own);
    process.stdout.write(`deleted ${own} ${life}\n`);
  }
}

await Promise.all([0, 1, 2].map(write));
