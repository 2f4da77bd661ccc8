import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, type ProgramFile, programFiles } from '../../../src/engine/state/program-files.ts';
import { each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const at = '2026-06-01T12:00:00.000Z';

describe('program files', () => {
  let root: string;
  let place: string;
  let target: string;

  beforeEach(() => {
    root = newFolder();
    place = join(root, 'CertRebind');
    target = join(place, 'certrebind.exe');
    mkdirSync(place);
    writeFileSync(join(root, 'download'), 'program 1');
  });

  const program = (): ProgramFile => ({ name: 'certrebind.exe', from: join(root, 'download'), executable: true });
  const script = (name: string, text = 'a script'): ProgramFile => ({ name, text });
  const standing = async () => (await readdir(place, { recursive: true })).sort();

  it('moves a program aside that runs and cannot be replaced, and takes it away later', async () => {
    writeFileSync(target, 'program 0');
    const { system, end } = asWindows(target);
    await programFiles(place, system).put('1.0.0', [program()], at);
    assert.equal(readFileSync(target, 'utf8'), 'program 1');
    const [aside = ''] = readdirSync(place).filter((name) => /^certrebind\.exe\.[0-9a-f]{12}\.replaced$/.test(name));
    assert.equal(readFileSync(join(place, aside), 'utf8'), 'program 0');
    end();
    await programFiles(place, system).put('1.0.0', [program()], at);
    assert.deepEqual(await standing(), ['certrebind.exe', 'installed.json']);
  });

  it('puts the old program back when the new one cannot take its place', async () => {
    writeFileSync(target, 'program 0');
    const never: FileSystem = {
      rm,
      async rename(from, to) {
        if (to === target && from.endsWith('.tmp')) throw refused('EBUSY');
        await rename(from, to);
      },
    };
    await assert.rejects(programFiles(place, never).put('1.0.0', [program()], at));
    assert.equal(readFileSync(target, 'utf8'), 'program 0');
  });

  it('leaves the program in place when the copy is not what was read', async () => {
    writeFileSync(target, 'program 0');
    const exchanged = join(root, 'exchanged');
    writeFileSync(exchanged, 'malice');
    let reads = 0;
    const changing: ProgramFile = {
      name: 'certrebind.exe',
      get from() {
        return reads++ === 0 ? join(root, 'download') : exchanged;
      },
    };
    await assert.rejects(programFiles(place).put('1.0.0', [changing], at), /differs from its source/);
    assert.equal(readFileSync(target, 'utf8'), 'program 0');
    assert.deepEqual(await standing(), ['certrebind.exe', 'installed.json'], 'the copy is gone');
  });

  it('leaves it in place when the source is not what was read when the installation was planned', async () => {
    const sha256 = createHash('sha256').update('program 1').digest('hex');
    writeFileSync(join(root, 'download'), 'malice');
    const planned: ProgramFile = { name: 'certrebind.exe', from: join(root, 'download'), sha256 };
    await assert.rejects(programFiles(place).put('1.0.0', [planned], at), /differs from its source/);
    assert.deepEqual(await standing(), ['installed.json']);
    writeFileSync(join(root, 'download'), 'program 1');
    await programFiles(place).put('1.0.0', [planned], at);
    assert.equal(readFileSync(target, 'utf8'), 'program 1');
  });

  it('lists another version also when its files are the same', async () => {
    for (const version of ['1.0.0', '1.1.0']) await programFiles(place).put(version, [program()], at);
    assert.equal((await programFiles(place).readInstalled())?.version, '1.1.0');
  });

  it('removes what is listed, names what was there, and leaves what only looks like something of its own', async () => {
    const files = programFiles(place);
    await files.put('1.0.0', [program(), script('a.ps1')], at);
    writeFileSync(join(place, 'b.0123456789ab.replaced.txt'), 'of somebody');
    await rm(target);
    const { removed, left } = await files.remove(await files.readInstalled());
    assert.deepEqual([removed, left], [['a.ps1', 'installed.json'], ['b.0123456789ab.replaced.txt']]);
  });

  it('lets people start the program, and nothing else that it puts there', async function () {
    if (process.platform === 'win32') this.skip();
    await programFiles(place).put('1.0.0', [program(), script('a.ps1')], at);
    assert.deepEqual(
      ['certrebind.exe', 'a.ps1'].map((name) => statSync(join(place, name)).mode & 0o111),
      [0o111, 0],
    );
  });

  it('names the files that are not as they were put there, and takes those for right that were added since', async () => {
    const files = programFiles(place);
    const changed = async () => {
      const installed = await files.readInstalled();
      return installed === null ? null : files.findChanged(installed);
    };
    await files.put('1.0.0', [program(), script('a.ps1'), script('b.ps1')], at);
    assert.deepEqual(await changed(), []);
    assert.deepEqual(await files.add('1.0.0', [script('a.ps1', 'another script')], at), { changed: ['a.ps1'] });
    assert.deepEqual(await changed(), []);
    writeFileSync(join(place, 'a.ps1'), 'malice');
    await rm(join(place, 'b.ps1'));
    assert.deepEqual(await changed(), ['a.ps1', 'b.ps1']);
  });

  it('gives a program a second name instead of a second copy', async () => {
    const second: ProgramFile = { name: 'lasting.exe', from: join(root, 'download'), sameAs: target };
    await programFiles(place).put('1.0.0', [program(), second], at);
    assert.equal(statSync(join(place, 'lasting.exe')).ino, statSync(target).ino);
  });

  it('copies it where it cannot have a second name', async () => {
    const second: ProgramFile = { name: 'lasting.exe', from: join(root, 'download'), sameAs: join(root, 'none') };
    await programFiles(place).put('1.0.0', [second], at);
    assert.equal(readFileSync(join(place, 'lasting.exe'), 'utf8'), 'program 1');
  });

  it('has nothing to remove where there is no folder, and names what the disk refuses to remove', async () => {
    assert.deepEqual(await programFiles(join(root, 'none')).remove(null), { removed: [], left: [] });
    await programFiles(place).put('1.0.0', [program()], at);
    const failing: FileSystem = { rename, rm: () => Promise.reject(refused('EIO')) };
    const files = programFiles(place, failing);
    await assert.rejects(files.remove(await files.readInstalled()), { code: 'not-writable' });
    assert.deepEqual(await standing(), ['certrebind.exe', 'installed.json']);
  });

  it('writes nothing that is as it should be already, nor the list of it', async () => {
    const files = programFiles(place);
    await files.put('1.0.0', [program()], at, 'certrebind.exe');
    const inode = () => statSync(join(place, 'installed.json')).ino;
    const before = inode();
    assert.deepEqual(await files.put('1.0.0', [program()], 'later', 'certrebind.exe'), { changed: [], removed: [] });
    assert.equal(inode(), before);
    await files.put('1.0.0', [program()], at);
    assert.notEqual(inode(), before, 'tasks start another one');
  });

  it('names what somebody else put into a folder below it', async () => {
    const files = programFiles(place);
    await files.put('1.0.0', [script('Module/a.ps1')], at);
    writeFileSync(join(place, 'Module', 'notes.txt'), 'of somebody');
    assert.deepEqual((await files.remove(await files.readInstalled())).left, ['Module/notes.txt']);
  });

  it('withdraws nothing where there is no list, and of a list what is left out', async () => {
    const files = programFiles(place);
    await files.withdraw(['a.ps1']);
    assert.deepEqual(await standing(), []);
    await files.put('1.0.0', [program(), script('a.ps1')], at);
    await files.withdraw(['a.ps1']);
    assert.deepEqual(await standing(), ['certrebind.exe', 'installed.json']);
    assert.deepEqual(each((await files.readInstalled())?.files, 'name'), ['certrebind.exe']);
    await files.withdraw(['certrebind.exe']);
    assert.equal(readdirSync(root).includes('CertRebind'), false);
  });

  it('touches nothing when one of the files cannot be read', async () => {
    const missing: ProgramFile = { name: 'certrebind.exe', from: join(root, 'nowhere') };
    await assert.rejects(programFiles(place).put('1.0.0', [script('adapter.ps1'), missing], at), {
      code: 'bad-input',
      message: `${join(root, 'nowhere')} is not a file.`,
    });
    assert.deepEqual(await standing(), []);
  });

  it('an upgrade removes the files that the new version no longer has, and the folders that are empty then', async () => {
    const files = programFiles(place);
    const old = [program(), script('Module/a.ps1'), script('Module/Old/b.ps1'), script('Module/Old/Deep/c.ps1')];
    await files.put('1.0.0', old, at);
    writeFileSync(join(place, 'Module', 'notes.txt'), 'of somebody');
    assert.deepEqual(await files.put('1.1.0', [program(), script('Module/a.ps1')], at), {
      changed: [],
      removed: ['Module/Old/b.ps1', 'Module/Old/Deep/c.ps1'],
    });
    assert.deepEqual(await standing(), [
      'Module',
      'Module/a.ps1',
      'Module/notes.txt',
      'certrebind.exe',
      'installed.json',
    ]);
    const installed = await files.readInstalled();
    assert.equal(installed?.version, '1.1.0');
    assert.deepEqual(each(installed?.files, 'name'), ['certrebind.exe', 'Module/a.ps1']);
  });

  it('a file whose name is only written in other letters is not removed: on Windows it is the same', async () => {
    const files = programFiles(place);
    await files.put('1.0.0', [script('Module/read.ps1')], at);
    const { removed } = await files.put('1.1.0', [script('Module/Read.ps1')], at);
    assert.deepEqual(removed, []);
  });

  for (const before of ['nothing', 'an older version']) {
    it(`what an installation over ${before} leaves when it is killed at any file can be removed or repeated`, async () => {
      const old = [program(), script('adapter.ps1', 'version 0'), script('Module/gone.ps1')];
      const next = [script('adapter.ps1'), script('Module/new.ps1'), program()];
      for (const moves of [0, 1, 2]) {
        for (const then of ['removed', 'repeated']) {
          const dying = diesAfter(moves);
          await rm(place, { recursive: true, force: true });
          mkdirSync(place);
          writeFileSync(join(root, 'download'), 'program 0');
          if (before !== 'nothing') await programFiles(place).put('1.0.0', old, at);
          writeFileSync(join(root, 'download'), 'program 1');
          await assert.rejects(programFiles(place, dying).put('1.1.0', next, at), /killed/);

          const files = programFiles(place);
          if (then === 'repeated') {
            await files.put('1.1.0', next, at);
            assert.deepEqual(await standing(), [
              'Module',
              'Module/new.ps1',
              'adapter.ps1',
              'certrebind.exe',
              'installed.json',
            ]);
          } else {
            assert.deepEqual((await files.remove(await files.readInstalled())).left, [], `after ${moves} files`);
          }
        }
      }
    });
  }

  it('takes away what a kill left half written, also below its folder', async () => {
    const files = programFiles(place);
    await files.put('1.0.0', [script('Module/a.ps1')], at);
    writeFileSync(join(place, 'Module', 'a.ps1.0123456789ab.tmp'), 'a scr');
    assert.deepEqual((await files.remove(await files.readInstalled())).left, []);
  });

  it('a program that removes itself stays aside, and is named', async () => {
    await programFiles(place).put('1.0.0', [program()], at);
    const { system, end } = asWindows(target);
    const files = programFiles(place, system);
    const { removed, left } = await files.remove(await files.readInstalled());
    assert.deepEqual(removed, ['certrebind.exe', 'installed.json']);
    assert.deepEqual(
      left.map((name) => name.replace(/[0-9a-f]{12}/, '<hex>')),
      ['certrebind.exe.<hex>.replaced'],
    );
    end();
    assert.deepEqual((await files.remove(null)).left, [], 'and goes the next time, when it runs no longer');
  });
});

/** Windows while a program runs: its file can be renamed, and neither replaced nor removed. */
function asWindows(program: string): { readonly system: FileSystem; end(): void } {
  let running: string | null = program;
  return {
    system: {
      async rename(from, to) {
        if (to === running) throw refused('EPERM');
        await rename(from, to);
        if (from === running) running = to;
      },
      async rm(path) {
        if (path === running) throw refused('EPERM');
        await rm(path);
      },
    },
    end() {
      running = null;
    },
  };
}

/** A process that is killed when it has put so many files in place. */
function diesAfter(moves: number): FileSystem {
  let left = moves;
  return {
    rm,
    async rename(from, to) {
      if (left-- === 0) throw new Error('killed');
      await rename(from, to);
    },
  };
}

function refused(code: string): Error {
  return Object.assign(new Error('in use'), { code });
}
