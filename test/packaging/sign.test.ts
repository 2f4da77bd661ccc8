import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSigner, signatureOf, signExecutable } from '../../scripts/package/sign.mjs';
import { newFolder } from '../support/temporary-lab.ts';

const text = 'Get-Date\n';
const isReached = 'CERTREBIND_SIGN_PASSWORD_FILE';

describe('a script that is signed while it is packaged', () => {
  let folder: string;
  let script: string;
  let path: string | undefined;

  beforeEach(async () => {
    folder = newFolder();
    script = join(folder, 'a script.ps1');
    writeFileSync(script, text);
    path = process.env.PATH;
  });
  afterEach(async () => {
    process.env.PATH = path;
  });

  function program(name: string, ...lines: readonly string[]): string {
    const file = join(folder, name);
    writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(file, 0o755);
    return file;
  }
  for (const [version, scripts] of [
    ['2.5', false],
    ['2.8', true],
    ['2.13', true],
    ['3.0', true],
  ] as const)
    it(`is ${scripts ? 'signed' : 'refused'} where osslsigncode is ${version}`, () => {
      program('osslsigncode', `echo 'osslsigncode ${version}, using:'`);
      process.env.PATH = `${folder}:${path}`;
      const find = () =>
        findSigner({ CERTREBIND_SIGN_PFX: 'a.pfx', CERTREBIND_SIGN_TIMESTAMP_URL: 'http://time.example.com' });
      if (scripts) assert.equal(typeof find().sign, 'function');
      else assert.throws(find, { message: 'osslsigncode 2.5 cannot sign scripts, 2.8 or later can' });
    });

  const signedBy = (command: string): string =>
    signatureOf(findSigner({ CERTREBIND_SIGN_COMMAND: command }), script, text);

  it('has what the signer added behind it', () =>
    assert.equal(signedBy(program('sign', 'printf "# signed by us\\n" >> "$1"')), '# signed by us\n'));

  const wrong: readonly (readonly [what: string, line: string])[] = [
    ['puts a line before the text', 'sed -i "1i # signed" "$1"'],
    ['puts a byte order mark before the text', 'printf "\\357\\273\\277%s\\n# signed\\n" "$(cat "$1")" > "$1"'],
    ['changes the text and adds a block', 'sed -i "s/Date/Host/" "$1"; echo "# signed" >> "$1"'],
    ['changes the ends of lines', 'sed -i "s/$/\\r/" "$1"; echo "# signed" >> "$1"'],
    ['empties the file', ': > "$1"'],
    ['does nothing', ':'],
  ];
  for (const [what, line] of wrong)
    it(`is refused when the signer ${what}`, () => {
      assert.throws(() => signedBy(program('sign', line)), {
        message: `signing ${script} did not add a block behind its text`,
      });
    });

  it('is refused when the signer fails, with what it said', () => {
    assert.throws(() => signedBy(program('sign', 'echo so; echo "not so" >&2; exit 3')), {
      message: `signing ${script} failed: so\nnot so\n`,
    });
    assert.throws(() => signedBy(join(folder, 'nowhere')), /signing .* failed: .*ENOENT/);
  });

  for (const [env, more] of [
    [{}, []],
    [{ [isReached]: 'password.txt' }, ['-readpass', 'password.txt']],
    [{ CERTREBIND_SIGN_TIMESTAMP_URL: 'http://time.example.com' }, ['-ts', 'http://time.example.com']],
    [{ CERTREBIND_SIGN_COMMAND: '', [isReached]: '', CERTREBIND_SIGN_TIMESTAMP_URL: '' }, []],
  ] as const)
    it(`is signed with a PFX file, where ${JSON.stringify(env)} is set`, () => {
      const said: string[] = [];
      program(
        'osslsigncode',
        '[ "$1" = sign ] || exit 0',
        `printf '%s\\n' "$@" > '${folder}/words'`,
        'for word; do :; done; echo signed > "$word"',
      );
      process.env.PATH = `${folder}:${path}`;
      findSigner({ CERTREBIND_SIGN_PFX: 'key.pfx', ...env }, (line: string) => void said.push(line)).sign(script);
      const words = readFileSync(join(folder, 'words'), 'utf8').trimEnd().split('\n');
      const [before, after] = [
        ['sign', '-pkcs12', 'key.pfx'],
        ['-in', script, '-out', `${script}.signed`],
      ];
      const isStamped = more[0] === '-ts';
      const named = ['-n', 'CertRebind', '-h', 'sha256'];
      assert.deepEqual(words, [...before, ...(isStamped ? [...named, ...more] : [...more, ...named]), ...after]);
      assert.equal(readFileSync(script, 'utf8'), 'signed\n');
      assert.equal(readdirSync(folder).includes('a script.ps1.signed'), false);
      assert.equal(said.length, isStamped ? 0 : 1);
      if (!isStamped) assert.match(said.join(), /^NO TIME STAMP: /);
    });

  it('waits in a folder until somebody has signed it there, and comes back for the same text alone', () => {
    const elsewhere = join(folder, 'to-sign');
    const once = (of: string) => {
      const signer = findSigner({ CERTREBIND_SIGN_FOLDER: elsewhere });
      writeFileSync(script, of);
      return { signature: signatureOf(signer, script, of), waiting: signer.waiting };
    };
    const { signature, waiting } = once(text);
    assert.deepEqual([signature, waiting.length, readdirSync(elsewhere)], ['', 1, waiting]);
    assert.match(waiting[0] ?? '', /^[0-9a-f]{16}-a script\.ps1$/);
    const there = join(elsewhere, waiting[0] ?? '');
    assert.equal(readFileSync(there, 'utf8'), text);
    writeFileSync(there, `${text}# signed\n`);
    assert.deepEqual(once(text), { signature: '# signed\n', waiting: [] });
    assert.equal(once('Get-Host\n').waiting.length, 1);
    writeFileSync(there, 'Get-Host\n# signed\n');
    assert.throws(() => once(text), /did not add a block behind its text/);
  });

  for (const [what, change, isRefused] of [
    ['the signature behind it, and where the header tells of it', [], false],
    ['a byte of the program', [500], true],
    ['a byte of the header beside its checksum', [0x80 + 92], true],
    ['nothing at all', null, true],
  ] as const)
    it(`is ${isRefused ? 'refused' : 'taken'} as an executable when the signer changes ${what}`, () => {
      const exe = join(folder, 'program.exe');
      const bytes = Buffer.alloc(1024, 7);
      bytes.writeUInt32LE(0x80, 0x3c);
      writeFileSync(exe, bytes);
      const sign = (path: string) => {
        const signed = Buffer.concat([readFileSync(path), Buffer.from(change === null ? '' : 'signature')]);
        for (const at of [0x80 + 88, 0x80 + 91, 0x80 + 168, 0x80 + 175, ...(change ?? [])]) signed[at] = 1;
        writeFileSync(path, change === null ? bytes : signed);
        return true;
      };
      const run = () => signExecutable({ sign, waiting: [] }, exe);
      if (isRefused) assert.throws(run, /did not add a signature alone/);
      else run();
    });

  it('is signed in one way: two that are set are refused by name', () =>
    assert.throws(
      () => findSigner({ CERTREBIND_SIGN_COMMAND: '/bin/true', CERTREBIND_SIGN_PFX: 'a.pfx' }),
      /^Error: CERTREBIND_SIGN_COMMAND and CERTREBIND_SIGN_PFX are set/,
    ));

  it('is not claimed to be signed where nothing says with what', () => {
    const said: string[] = [];
    assert.equal(
      findSigner(
        { CERTREBIND_SIGN_COMMAND: '', CERTREBIND_SIGN_FOLDER: '', CERTREBIND_SIGN_PFX: '' },
        (line: string) => void said.push(line),
      ),
      null,
    );
    assert.match(said.join(), /^NOT SIGNED: /);
  });
});
