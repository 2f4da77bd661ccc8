import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

describe('npm run sizes', () => {
  const printed = execFileSync(process.execPath, [join(root, 'scripts/sizes.mjs')], { encoding: 'utf8' });
  const lines = (row: string) => Number(new RegExp(`^${row} .* (\\d+) ts\\b`, 'm').exec(printed)?.[1]);

  it('counts as reached all that the bundle has, what is imported for its types, and nothing of the lab', () => {
    const { inputs } = JSON.parse(readFileSync(join(root, 'dist/meta/certrebind.json'), 'utf8'));
    const bundled = Object.keys(inputs).filter((file) => /^src\/.*\.ts$/.test(file));
    const inBundle = bundled.reduce(
      (sum, file) => sum + readFileSync(join(root, file), 'utf8').split('\n').length - 1,
      0,
    );
    const [reached, product] = [lines('reached from src/cli.ts'), lines('src without the lab')];
    assert.ok(inBundle < reached && reached < product, `${inBundle} in the bundle, ${reached} reached, of ${product}`);
  });
});
