import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leadsElsewhere, pathsInWords } from '../../src/base/paths-in-words.ts';

type Row = readonly [readonly string[], readonly string[]];

/** What is there, beside what a row expects of words that are only known as a whole. */
const onPosix = ['/opt/it/hook.sh', '/opt/it/my file;old.sh', '/opt/it/beside.js', '/usr/bin/env'];
const onWindows = ['C:\\Ops\\run.exe', 'C:\\Program Files\\Ops\\a=b.ps1', 'C:\\Ops\\beside.ps1'];

const posix: readonly Row[] = [
  [['--require=/world/evil.js'], ['/world/evil.js']],
  [['-c', '. /world/evil.sh'], ['/world/evil.sh']],
  [
    ['-c', "cd /opt/it && '/world/evil one.sh' > /var/log/x"],
    ['/opt/it', '/world/evil one.sh', '/var/log/x'],
  ],
  [
    ['-c', '/usr/bin/env sh /world/evil.sh'],
    ['/usr/bin/env sh', '/world/evil.sh'],
  ],
  [['../world/evil.js'], ['/opt/world/evil.js']],
  [['lib/x.js'], ['/opt/it/lib/x.js']],
  [['beside.js', 'missing.js'], ['/opt/it/beside.js']],
  [['--path=/opt/it:/world/lib'], ['/opt/it', '/world/lib']],
  [['-I/world/lib'], ['/opt/it/-I/world/lib', '/world/lib']],
  [['@/world/answers'], ['/opt/it/@/world/answers', '/world/answers']],
  [['file:///world/evil.js'], ['/world/evil.js']],
  [['file://localhost/world/evil.js'], ['/world/evil.js']],
  [['https://hooks.example.com/a/b?c=/d'], []],
  [['/opt/it/my file;old.sh'], ['/opt/it/my file;old.sh']],
  [['/world/not there yet.sh'], ['/world/not there yet.sh']],
  [['two words', '$(RecordId)', '%PATH%', '10', '-v'], []],
];

const windows: readonly Row[] = [
  [['--require=C:\\World\\evil.js'], ['C:\\World\\evil.js']],
  [['--require=C:/World/evil.js'], ['C:\\World\\evil.js']],
  [['-File:C:\\World\\evil.ps1'], ['C:\\World\\evil.ps1']],
  [['-NoProfile', '-Command', ". 'C:\\World\\evil one.ps1'; exit"], ['C:\\World\\evil one.ps1']],
  [['/c', 'C:\\World\\evil.cmd'], ['C:\\World\\evil.cmd']],
  [['C:\\Program Files\\Ops\\a=b.ps1'], ['C:\\Program Files\\Ops\\a=b.ps1']],
  [['C:\\Program Files\\Ops\\later.ps1'], ['C:\\Program Files\\Ops\\later.ps1']],
  [['..\\World\\evil.ps1'], ['C:\\World\\evil.ps1']],
  [['\\World\\evil.ps1'], ['C:\\World\\evil.ps1']],
  [['/World/evil.js'], ['C:\\World\\evil.js']],
  [['D:evil.ps1'], ['D:\\evil.ps1']],
  [['C:..\\World\\evil.ps1'], ['C:\\World\\evil.ps1']],
  [['-IC:\\World\\lib'], ['C:\\World\\lib']],
  [['C:\\Ops;D:\\World'], ['C:\\Ops', 'D:\\World']],
  [['file:///C:/World/evil.js'], ['C:\\World\\evil.js']],
  [['\\\\files\\share\\evil.ps1'], ['\\\\files\\share\\evil.ps1']],
  [['-File=\\\\files\\share\\evil.ps1'], ['\\\\files\\share\\evil.ps1']],
  [['beside.ps1', 'missing.ps1'], ['C:\\Ops\\beside.ps1']],
  [['/run', '/tn', 'Ops\\Renew'], ['C:\\Ops\\Ops\\Renew']],
  [['https://hooks.example.com/a', '-v', '10'], []],
];

describe('paths that words spell out', () => {
  for (const [system, folder, there, rows] of [
    ['posix', '/opt/it', onPosix, posix],
    ['windows', 'C:\\Ops', onWindows, windows],
  ] as const)
    for (const [words, expected] of rows)
      it(`${system}: ${words.join(' ')}`, () => {
        const found = pathsInWords(words, { system, folder, isThere: (path) => there.includes(path) });
        for (const path of expected) assert.ok(found.includes(path), `${path} is not among ${found.join(', ')}`);
        if (expected.length === 0) assert.deepEqual(found, []);
      });

  it('are found wherever a word holds them', () => {
    const around = fc.stringMatching(/^[-=:;,'"(&|]{0,3}$/);
    for (const [system, folder, path, evil] of [
      ['posix', '/opt/it', '/world/evil.js', '/world/evil.js'],
      ['windows', 'C:\\Ops', 'D:\\World\\evil.js', 'D:\\World\\evil.js'],
    ] as const)
      fc.assert(
        fc.property(fc.stringMatching(/^(?:-{1,2}[a-z]{0,6})?$/), around, around, (option, before, after) => {
          const word = `${option}${before}${path}${after}`;
          const found = pathsInWords([word], { system, folder, isThere: () => false });
          assert.ok(found.includes(evil) || found.some((each) => each.startsWith(evil)), `${word}: ${found.join(' ')}`);
        }),
      );
  });

  it('lead elsewhere on Windows when they name another machine or a device', () => {
    assert.ok(leadsElsewhere('\\\\files\\share\\x', 'windows'));
    assert.ok(leadsElsewhere('\\\\?\\C:\\x', 'windows'));
    assert.ok(!leadsElsewhere('C:\\x', 'windows'));
    assert.ok(!leadsElsewhere('//x', 'posix'));
  });
});
