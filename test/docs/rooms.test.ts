import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrows, levels, wayOfAnEvent } from '../../scripts/docs/rooms.ts';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const levelOf = (room: string) => levels.findIndex((level) => level.includes(room));

describe('the rooms of docs/develop/architecture.md', () => {
  it('has no arrow that points upwards', () => {
    const upwards = [...arrows()].flatMap(([room, targets]) =>
      [...targets].filter((target) => levelOf(target) >= levelOf(room)).map((target) => `${room} → ${target}`),
    );
    assert.deepEqual(upwards, []);
  });

  it('follows an event by files each of which is imported by one before it, but for the text that a command prints', () => {
    const imported = new Set<string>();
    for (const [at, [file]] of wayOfAnEvent.entries()) {
      if (at > 0 && !file.startsWith('shell/print/'))
        assert.ok(imported.has(file), `nothing before it imports ${file}`);
      const text = readFileSync(join(source, file), 'utf8');
      for (const [, path = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g))
        imported.add(posix.join(dirname(file), path));
    }
  });
});
