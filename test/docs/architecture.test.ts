import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertNone } from '../support/each.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/develop/architecture.md'), 'utf8');

/** The table of rooms: the folders of each row, what it says, and the files to begin with. */
const rooms = Array.from(page.matchAll(/^\| (`[^|]+\/`) \| ([^|]+) \| ([^|]*)\|$/gm), ([, names, what, begin]) => ({
  folders: codeIn(names),
  what: what ?? '',
  begin: codeIn(begin),
}));

describe('docs/develop/architecture.md', () => {
  it('has a place for every folder of src, in a row of its own or in that of a folder above', () => {
    const missing = foldersBelow('src').filter((folder) => !rooms.some((room) => tells(room, folder)));
    assert.deepEqual(missing, []);
  });

  it('names folders and files that are there', () => {
    for (const { folders, what, begin } of rooms)
      for (const folder of folders) {
        assert.ok(existsSync(join(root, folder)), folder);
        for (const name of begin) assert.ok(existsSync(join(root, folder, name)), `${folder}${name}`);
        const inside = codeIn(what).filter((name) => /^[\w-]+(?:\/|\.ts)$/.test(name) && !isRoom(name));
        for (const name of inside) assert.ok(existsSync(join(root, folder, name)), `${folder}${name}`);
      }
  });

  it('sends whoever changes something to files that are there', () => {
    const [table = ''] = /(?<=^To change \|.*\n)(?:.+\n)+/m.exec(page) ?? [];
    const places = codeIn(table).filter((name) => name.includes('/') && !name.includes('KIND'));
    assertNone(places, (name) => !existsSync(join(root, 'src', name)));
    assert.ok(places.length > 15, table);
  });
});

type Room = (typeof rooms)[number];

function tells({ folders, what }: Room, folder: string): boolean {
  return folders.some(
    (room) => room === folder || (folder.startsWith(room) && codeIn(what).includes(folder.slice(room.length))),
  );
}

/** A room may also be spoken of in the row of another. */
function isRoom(name: string): boolean {
  return rooms.some(({ folders }) => folders.includes(name));
}

/** `src/`, `src/commands/` … without the files that nobody wrote. */
function foldersBelow(folder: string): readonly string[] {
  const below = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [`${folder}/`, ...below.flatMap(({ name }) => foldersBelow(`${folder}/${name}`))];
}

function codeIn(markdown = ''): readonly string[] {
  return Array.from(markdown.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}
