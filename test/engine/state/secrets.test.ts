import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../../../src/base/errors.ts';
import type { MachineProtection } from '../../../src/documents/secrets.ts';
import { secretFile } from '../../../src/engine/state/secrets.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('the file of secrets', () => {
  let home: string;
  beforeEach(() => {
    home = newFolder();
  });

  const text = () => readFile(join(home, 'secrets.json'), 'utf8');
  const failure = (code: string, message: RegExp) => (error: unknown) =>
    error instanceof CertRebindError && error.code === code && message.test(error.message);

  it('keeps values as they are where nothing protects them', async () => {
    const file = secretFile(home, undefined);
    await file.write('smtp', 'one');
    await file.write('hook', 'two');
    assert.deepEqual([(await file.known()).names, await file.read('smtp')], [['hook', 'smtp'], 'one']);
    assert.ok((await text()).includes('"smtp":"one"'));
  });

  for (const [how, protection] of [['as they are', undefined] as const, ['protected', machine('a')] as const])
    it(`has the value that was set last under each name, kept ${how}`, async () => {
      const file = secretFile(home, protection);
      for (const [name, value] of [
        ['smtp', 'one'],
        ['hook', 'two'],
        ['smtp', 'three'],
      ] as const)
        await file.write(name, value);
      assert.deepEqual([await file.read('smtp'), await file.read('hook')], ['three', 'two']);
    });

  it('says which there is not, and whether there was one to remove', async () => {
    const file = secretFile(home, undefined);
    await file.write('smtp', 'one');
    await assert.rejects(file.read('hook'), failure('no-such-secret', /^There is no secret hook on this server\.$/));
    assert.deepEqual([await file.remove('hook'), await file.remove('smtp')], [false, true]);
    assert.deepEqual((await file.known()).names, []);
  });

  it('hands a value to the protection, and keeps what comes back', async () => {
    const file = secretFile(home, machine('a'));
    await file.write('smtp', 'one');
    assert.equal(await file.read('smtp'), 'one');
    assert.ok(!(await text()).includes('one'));
  });

  it('reads what was stored unencrypted, and protects all of it with the next that is set', async () => {
    const old = { schema: 'certrebind/secrets/1', secrets: { smtp: 'one', hook: 'two' } };
    await writeFile(join(home, 'secrets.json'), JSON.stringify(old));
    const file = secretFile(home, machine('a'));
    assert.equal(await file.read('smtp'), 'one');
    assert.deepEqual((await file.known()).unencrypted, ['hook', 'smtp']);
    await file.write('signing', 'three');
    assert.deepEqual((await file.known()).unencrypted, []);
    const now = await text();
    for (const value of ['one', 'two', 'three']) assert.ok(!now.includes(value), now);
    assert.deepEqual(await Promise.all(['smtp', 'hook', 'signing'].map(file.read)), ['one', 'two', 'three']);
  });

  it('protects nothing twice', async () => {
    const file = secretFile(home, machine('a'));
    await file.write('smtp', 'one');
    const before = JSON.parse(await text()).secrets.smtp;
    await file.write('hook', 'two');
    assert.deepEqual(JSON.parse(await text()).secrets.smtp, before);
  });

  it('leaves the file as it was when the protection refuses', async () => {
    await secretFile(home, undefined).write('smtp', 'one');
    const before = await text();
    const refusing = { ...machine('a'), protect: () => Promise.reject(new Error('not here')) };
    await assert.rejects(secretFile(home, refusing).write('hook', 'two'), /not here/);
    assert.equal(await text(), before);
  });

  it('says of a value of Windows that it cannot be read where there is none', async () => {
    await secretFile(home, machine('a')).write('smtp', 'one');
    const elsewhere = secretFile(home, undefined);
    await assert.rejects(elsewhere.read('smtp'), failure('secret-unreadable', /smtp was set on a Windows server/));
    assert.equal(await elsewhere.remove('smtp'), true);
  });

  for (const [what, document, code] of [
    ['of another version', { schema: 'certrebind/secrets/3', secrets: {} }, 'other-version'],
    [
      'with a value of another shape',
      { schema: 'certrebind/secrets/1', secrets: { a: { dpapi: '!' } } },
      'damaged-file',
    ],
    ['with a number for a value', { schema: 'certrebind/secrets/1', secrets: { a: 1 } }, 'damaged-file'],
  ] as const)
    it(`does not read a file ${what}`, async () => {
      await writeFile(join(home, 'secrets.json'), JSON.stringify(document));
      await assert.rejects(secretFile(home, undefined).known(), failure(code, /secrets\.json/));
    });
});

/** Turned round and marked: enough to tell what was handed over from what was kept. */
function machine(id: string): MachineProtection {
  const turned = (value: string) => [...value].reverse().join('');
  return {
    protect: async (name, value) => Buffer.from(`${id}/${name}/${turned(value)}`).toString('base64'),
    unprotect: async (name, base64) => {
      const [from, of, value = ''] = Buffer.from(base64, 'base64').toString().split('/');
      assert.deepEqual([from, of], [id, name]);
      return turned(value);
    },
  };
}
