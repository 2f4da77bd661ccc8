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

  it('follows an event by files that import what they are said to call', () => {
    for (const [file, , calls] of wayOfAnEvent) {
      const text = readFileSync(join(source, file), 'utf8');
      const imported = Array.from(text.matchAll(/(?:from |import\()'(\.[^']+)'/g), ([, path = '']) =>
        posix.join(dirname(file), path),
      );
      for (const called of calls) assert.ok(imported.includes(called), `${file} → ${called}`);
    }
  });
});
