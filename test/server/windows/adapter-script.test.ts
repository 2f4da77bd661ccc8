import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertRebindError } from '../../../src/base/errors.ts';
import { adapterFileName, adapterText, findAdapterScript } from '../../../src/server/windows/adapter-script.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('the adapter script', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });

  function place(text: string): string {
    const path = join(folder, adapterFileName);
    writeFileSync(path, text);
    return path;
  }

  it('is the embedded text where no file lies beside the executable', () => {
    assert.deepEqual(findAdapterScript(null), { file: null, text: adapterText });
    assert.deepEqual(findAdapterScript(folder), { file: null, text: adapterText });
  });

  const signature = '\r\n# SIG # Begin signature block\r\n# MIIFvAYJKoZIhvcNAQ\r\n# SIG # End signature block\r\n';
  for (const [name, added] of [
    ['as built', ''],
    ['signed', signature],
  ] as const) {
    it(`is the file beside the executable, ${name}`, () => {
      const path = place(adapterText + added);
      assert.deepEqual(findAdapterScript(folder), { file: path, text: adapterText });
    });
  }

  it('is the one that was put where this version is installed, for a program that is not', () => {
    const path = place(adapterText + signature);
    assert.deepEqual(findAdapterScript(null, { placed: folder }), { file: path, text: adapterText });
    place(`${adapterText}\nRemove-Item C:\\`);
    assert.deepEqual(findAdapterScript(null, { placed: folder }), { file: null, text: adapterText });
    assert.deepEqual(findAdapterScript(null, { placed: join(folder, 'none') }), { file: null, text: adapterText });
  });

  const strangers: readonly [name: string, text: string][] = [
    ['of another version', adapterText.replace('Get-WebBinding', 'Get-WebSite')],
    ['with a line added', `${adapterText}\nRemove-Item C:\\`],
    ['with a line hidden behind a lone carriage return', `${adapterText}\n# SIG #\rRemove-Item C:\\`],
    ['with a directive that looks like a comment', `${adapterText}\n#requires -Modules Eve`],
    ['with a comment that is closed', `${adapterText}\n<# #>Remove-Item C:\\`],
    ['cut short', adapterText.slice(0, -100)],
    ['that is empty', ''],
  ];
  for (const [name, text] of strangers) {
    it(`is refused ${name}`, () => {
      place(text);
      assert.throws(() => findAdapterScript(folder), isUnsafe);
    });
  }

  it('leaves standard input to its own reading: the host of 5.1 takes it for a script whose text has $input', () =>
    assert.doesNotMatch(adapterText, /\$\{?(?:\w+:)?input\b/i));

  it('is refused when it cannot be read', () => {
    mkdirSync(join(folder, adapterFileName));
    assert.throws(() => findAdapterScript(folder), isUnsafe);
  });
});

function isUnsafe(error: unknown): boolean {
  return error instanceof CertRebindError && error.code === 'unsafe-folder' && error.exitCode === 7;
}
