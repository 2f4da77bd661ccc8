import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Administrators,
  administratorsFrom,
  parseTrustedAccounts,
} from '../../../src/model/windows/administrators.ts';
import { registryDanger, type WindowsRights, windowsDangers } from '../../../src/model/windows/path-safety.ts';
import { each } from '../../support/each.ts';

const machine = 'S-1-5-21-1-2-3';
const domain = 'S-1-5-21-4-5-6';
const forest = 'S-1-5-21-7-8-9';
const agent = `${domain}-1105`;

function administrators(...trusted: readonly string[]): Administrators {
  const told = { local: `${machine}-500`, domain: `${domain}-512`, forest: `${forest}-519` };
  return administratorsFrom(told, parseTrustedAccounts(trusted));
}

/** As a new Server has them; the volume lets users make folders, and gives whoever makes one the rights to it. */
const volume =
  'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)(A;CIIO;DC;;;BU)(A;OICIIO;GA;;;CO)';
const programs = 'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICIIO;GA;;;CO)';

function entry(path: string, parts: Partial<WindowsRights> = {}): WindowsRights {
  return { path, is: 'folder', reparsePoint: false, owner: 'BA', sddl: programs, ...parts };
}

const file = (parts: Partial<WindowsRights> = {}) => entry('C:\\Ops\\run.exe', { is: 'file', ...parts });
const folder = (parts: Partial<WindowsRights> = {}) => entry('C:\\Ops', parts);
const root = (parts: Partial<WindowsRights> = {}) => entry('C:\\', { sddl: volume, ...parts });

describe('a path that only administrators can change', () => {
  const safe: readonly (readonly [string, readonly WindowsRights[]])[] = [
    ['in a folder of administrators, on a volume with its usual rights', [file(), folder(), root()]],
    [
      'of TrustedInstaller',
      [file({ owner: 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464' }), folder(), root()],
    ],
    ['of the built-in Administrator of the machine', [file({ owner: `${machine}-500` }), folder(), root()]],
    ['of the built-in Administrator of its domain', [file({ owner: `${domain}-500` }), folder(), root()]],
    ['of Domain Admins of its domain', [file({ owner: `${domain}-512` }), folder({ owner: 'DA' }), root()]],
    ['of Enterprise Admins of its forest', [file({ owner: `${forest}-519` }), folder({ owner: 'EA' }), root()]],
    [
      'where Domain Admins and Enterprise Admins may do everything',
      [file({ sddl: 'D:(A;;FA;;;DA)(A;;FA;;;EA)' }), folder(), root({ sddl: `D:(A;;FA;;;${domain}-512)` })],
    ],
    [
      'on a volume in whose root others may modify, since deleting a root does nothing',
      [file(), folder(), root({ sddl: 'D:(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;AU)' })],
    ],
    ['where others may only read', [file({ sddl: 'D:(A;;FR;;;WD)(A;;FX;;;AU)' }), folder(), root()]],
    ['where others are denied', [file({ sddl: 'D:(D;;FA;;;WD)(A;;FA;;;SY)' }), folder(), root()]],
    ['where nobody is named', [file({ sddl: 'O:SYG:SYD:P' }), folder(), root()]],
    [
      'missing in a folder of administrators, on a volume in whose root others may add',
      [
        file({ is: 'missing', owner: '', sddl: '' }),
        folder(),
        root({ sddl: 'D:(A;CI;LC;;;BU)(A;OICI;0x1301bf;;;AU)' }),
      ],
    ],
    [
      'where others may read under a condition',
      [
        file({ sddl: 'D:(XA;;FR;;;BU;(Member_of {SID(BA)} && (@User.Team == ")(A;;FA;;;WD)")))(A;;FA;;;SY)' }),
        folder(),
        root(),
      ],
    ],
    [
      'where others are denied under a condition',
      [file({ sddl: 'D:(XD;;FA;;;WD;(@User.Level < 2))' }), folder(), root()],
    ],
    [
      'that is audited and has attributes and a label',
      [
        file({ sddl: 'D:(A;;FA;;;SY)S:AI(AU;SAFA;FA;;;WD)(RA;;;;;WD;("Team",TS,0,"a)(A;;FA;;;WD)"))(ML;;NW;;;HI)' }),
        folder(),
        root(),
      ],
    ],
  ];
  for (const [what, chain] of safe) it(what, () => assert.deepEqual(windowsDangers(chain, administrators()), []));
});

describe('a path that others can change', () => {
  const unsafe: readonly (readonly [string, readonly WindowsRights[], RegExp])[] = [
    [
      'a file that users may write',
      [file({ sddl: 'D:(A;;FA;;;SY)(A;;FW;;;BU)' }), folder(), root()],
      /run\.exe can be written by Users/,
    ],
    [
      'a file by a mask of numbers',
      [file({ sddl: 'D:(A;;0x2;;;AU)' }), folder(), root()],
      /written by Authenticated Users/,
    ],
    [
      'a file whose rights may be changed',
      [file({ sddl: 'D:(A;;WD;;;AU)' }), folder(), root()],
      /written by Authenticated Users/,
    ],
    ['a file of a user', [file({ owner: 'S-1-5-21-1-2-3-1001' }), folder(), root()], /belongs to S-1-5-21-1-2-3-1001/],
    ['a link', [file({ reparsePoint: true }), folder(), root()], /is a link/],
    ['a file of Domain Admins of another domain', [file({ owner: `${forest}-512` }), folder(), root()], /belongs to/],
    ['a file of an Administrator of another domain', [file({ owner: 'S-1-5-21-9-9-9-500' })], /belongs to/],
    [
      'right in the root of a volume where others may modify',
      [entry('C:\\run.exe', { is: 'file' }), root({ sddl: 'D:(A;OICI;0x1301bf;;;AU)' })],
      /C:\\ can be written by Authenticated Users/,
    ],
    [
      'a folder above that others may delete, when it is no root',
      [file(), folder(), entry('C:\\Above', { sddl: 'D:(A;OICI;0x1301bf;;;AU)' }), root()],
      /Above can be written by Authenticated Users/,
    ],
    [
      'a root in which others may delete everything',
      [file(), folder(), root({ sddl: `D:(A;OICI;FA;;;${agent})` })],
      /C:\\ can be written by S-1-5-21-4-5-6-1105/,
    ],
    [
      'missing, in a folder into which others can put it',
      [file({ is: 'missing', owner: '', sddl: '' }), folder({ sddl: 'D:(A;;0x2;;;AU)' }), root()],
      /Ops can be written by Authenticated Users/,
    ],
    [
      'missing with its folder, where others can make that one',
      [
        file({ is: 'missing', owner: '', sddl: '' }),
        folder({ is: 'missing', owner: '', sddl: '' }),
        root({ sddl: 'D:(A;CI;LC;;;BU)' }),
      ],
      /C:\\ can be written by Users/,
    ],
    [
      'its folder, where a library could be put beside it',
      [file(), folder({ sddl: 'D:(A;;DC;;;BU)' }), root()],
      /Ops can be written by Users/,
    ],
    [
      'its folder right on the volume, with what the volume passes on',
      [file(), folder({ sddl: volume.replace('CIIO;DC', 'CI;DC') }), root()],
      /Ops can be written by Users/,
    ],
    [
      'a folder above, out of which it can be taken',
      [file(), folder(), root({ sddl: 'D:(A;;DT;;;BU)' })],
      /C:\\ can be written by Users/,
    ],
    ['without a list of rights', [file({ sddl: 'O:BAG:BA' }), folder(), root()], /written by everyone/],
    ['with an empty protection', [file({ sddl: 'D:NO_ACCESS_CONTROL' }), folder(), root()], /written by everyone/],
    ['with rights that are not known here', [file({ sddl: 'D:(A;;ZZ;;;BU)' }), folder(), root()], /written by Users/],
    ['with half a right', [file({ sddl: 'D:(A;;2;;;BU)' }), folder(), root()], /written by Users/],
    [
      'a file that users may write, behind an entry with a condition',
      [file({ sddl: 'D:PAI(XA;;FR;;;BU;(Member_of {SID(BA)}))(A;OICI;FA;;;BU)' }), folder(), root()],
      /written by Users/,
    ],
    [
      'a file that users may write under a condition',
      [file({ sddl: 'D:(XA;;FW;;;BU;(Member_of {SID(BA)}))' }), folder(), root()],
      /written by Users/,
    ],
    [
      'a file that users may write by an entry for one type of object, under a condition',
      [file({ sddl: 'D:(ZA;;FW;bf967aba-0de6-11d0-a285-00aa003049e2;;BU;(@User.Level > 2))' }), folder(), root()],
      /written by Users/,
    ],
    ...[
      ['a type of entry that is not known', 'D:(QA;;FR;;;BU)'],
      ['a flag that is not known', 'D:(A;ZZIO;FA;;;BU)'],
      ['a bracket that stays open', 'D:(A;;FA;;;SY)(XA;;FR;;;BU;(Member_of {SID(BA)})'],
      ['quoted text that stays open', 'D:(XA;;FR;;;BU;(@User.Team == "a))'],
      ['a bracket too many', 'D:)(A;;FA;;;SY)'],
      ['words between entries', 'D:(A;;FA;;;SY) (A;;FR;;;BU)'],
      ['two lists', 'D:(A;;FA;;;SY)D:(A;;FA;;;BU)'],
      ['an entry for rights among the audits', 'D:(A;;FA;;;SY)S:(A;;FA;;;BU)'],
      ['a name in place of a SID', 'D:(A;;FA;;;Users)'],
    ].map(
      ([what = '', sddl = '']) =>
        [`whose rights hold ${what}`, [file({ sddl }), folder(), root()], /permissions that cannot be read/] as const,
    ),
  ];
  for (const [what, chain, says] of unsafe)
    it(what, () => {
      const found = windowsDangers(chain, administrators()).map(({ where, why }) => `${where} ${why}`);
      assert.match(found.join('\n'), says);
    });
});

describe('a danger in a list of rights', () => {
  const dangers = (sddl: string) => windowsDangers([file({ sddl })], administrators());
  const entries = [
    '(A;OICI;FA;;;SY)',
    '(D;;FA;;;BU)',
    '(XA;;FR;;;BU;(Member_of {SID(BA)}))',
    '(XD;;FA;;;BU;(@User.Team == ")" || (@User.Level < 2)))',
  ];
  const pieces = [
    ...entries,
    '(RA;;;;;WD;("Team",TS,0,"("))',
    'D:',
    'S:',
    'O:BA',
    'P',
    'NO_ACCESS_CONTROL',
    '(',
    ')',
    '"',
    ';',
    '(A;;FA;;;',
    '(XA;;FR;;;BU;(',
  ];
  const anyText = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 2 }))).map((texts) => texts.join('')),
  );

  it('is hidden by no text before it, behind it, or between the entries', () => {
    const around = fc.array(fc.constantFrom(...entries), { maxLength: 3 });
    fc.assert(
      fc.property(around, around, fc.nat(), anyText, (before, after, at, text) => {
        const parts = ['O:BAG:BA', 'D:', ...before, '(A;;FW;;;BU)', ...after];
        assert.notDeepEqual(dangers(parts.join('')), []);
        assert.notDeepEqual(dangers(parts.toSpliced(at % (parts.length + 1), 0, text).join('')), []);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('administrators of a domain', () => {
  for (const [what, told] of [
    ['Windows does not tell of', { local: '', domain: '', forest: '' }],
    ['Windows tells of by another number', { local: '', domain: `${domain}-513`, forest: `${forest}-513` }],
    ['Windows tells of in words', { local: 'LA', domain: 'DA', forest: 'EA' }],
  ] as const)
    it(`that ${what} are not trusted, by letters or by number`, () => {
      const unknown = administratorsFrom(told, parseTrustedAccounts([]));
      for (const owner of ['DA', 'EA', `${domain}-512`, `${forest}-519`, `${domain}-500`, 'S-1-5-21-0-0-0-512'])
        assert.equal(windowsDangers([file({ owner }), folder(), root()], unknown).length, 1, owner);
    });
});

describe('what is typed against a danger', () => {
  const mends = (...chain: readonly WindowsRights[]) =>
    windowsDangers(chain, administrators()).map(({ mend, trust }) => [mend, trust]);

  it('gives a file to the administrators', () => {
    assert.deepEqual(mends(file({ owner: 'BU' }), folder(), root()), [
      ['icacls "C:\\Ops\\run.exe" /setowner "*S-1-5-32-544"', null],
    ]);
  });

  it('leaves what others may read, and passes it on as before', () => {
    const sddl = 'D:(A;OICI;FA;;;SY)(A;OICI;FA;;;BU)(A;;FA;;;BU)(A;OICI;FR;;;AU)';
    assert.deepEqual(mends(file(), folder({ sddl }), root()), [
      ['icacls "C:\\Ops" /grant:r "*S-1-5-32-545:(OI)(CI)RX" "*S-1-5-32-545:RX"', null],
    ]);
  });

  it('ends the inheritance of what is inherited, and writes out what stays', () => {
    const sddl = 'D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1301bf;;;AU)(A;OICIID;FRFX;;;BU)';
    assert.deepEqual(mends(file(), folder({ sddl }), root({ sddl: 'D:(A;OICI;0x1301bf;;;AU)' })), [
      [
        'icacls "C:\\Ops" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-11:(OI)(CI)RX" "*S-1-5-32-545:(OI)(CI)RX"',
        null,
      ],
    ]);
  });

  it('is one line where a folder above passes the danger on, and can name the account as trusted', () => {
    const passed = 'D:AI(A;OICIID;FA;;;S-1-5-21-4-5-6-1105)';
    const lines = mends(file({ sddl: passed }), folder({ sddl: passed }), root({ sddl: `D:(A;OICI;FA;;;${agent})` }));
    const trust = `reg add HKLM\\SOFTWARE\\CertRebind /v TrustedAccounts /t REG_MULTI_SZ /d "${agent}" /f /reg:64`;
    assert.deepEqual(lines, [
      [null, trust],
      [null, trust],
      [`icacls C:\\ /grant:r "*${agent}:(OI)(CI)RX"`, trust],
    ]);
  });

  it('names groups of the domain by number, where Windows tells which domain that is', () => {
    const chain = [file({ sddl: 'D:(A;;FA;;;DU)' }), folder(), root()];
    assert.deepEqual(mends(...chain), [[`icacls "C:\\Ops\\run.exe" /grant:r "*${domain}-513:RX"`, null]]);
    const told = { local: '', domain: '', forest: '' };
    const unknown = windowsDangers(chain, administratorsFrom(told, parseTrustedAccounts([])));
    assert.deepEqual(each(unknown, 'mend'), ['icacls "C:\\Ops\\run.exe" /reset']);
  });

  it('keeps who is trusted already', () => {
    const [danger] = windowsDangers([file({ owner: agent })], administrators('S-1-5-21-4-5-6-1200'));
    assert.match(danger?.trust ?? '', /\/d "S-1-5-21-4-5-6-1200\\0S-1-5-21-4-5-6-1105" \/f/);
  });

  it('replaces a list of rights that is not there or not understood', () => {
    assert.deepEqual(mends(file({ sddl: 'O:BA' }), folder({ sddl: 'D:(QA;;FR;;;BU)' }), root()), [
      ['icacls "C:\\Ops\\run.exe" /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F"', null],
      ['icacls "C:\\Ops" /reset', null],
    ]);
  });
});

describe('an account in the list of trusted accounts', () => {
  const full = [file({ owner: agent }), folder(), root({ sddl: `D:(A;OICI;FA;;;${agent})` })];

  it('may own and write what runs as SYSTEM', () => {
    assert.notDeepEqual(windowsDangers(full, administrators()), []);
    assert.deepEqual(windowsDangers(full, administrators(agent.toLowerCase())), []);
  });

  for (const [sid, why] of [
    ['S-1-1-0', /is Everyone/],
    ['S-1-5-32-545', /is Users/],
    ['S-1-5-11', /is Authenticated Users/],
    ['S-1-5-4', /is Interactive/],
    [`${domain}-513`, /is Domain Users/],
    [`${domain}-515`, /is Domain Computers/],
    ['S-1-5-19', /is Local Service/],
    ['S-1-5-80-0', /is not an account or group/],
    ['S-1-5-82-1-2-3-4-5', /is not an account or group/],
    ['S-1-15-2-1', /is All Application Packages/],
    ['WD', /is not a SID/],
    ['Everyone', /is not a SID/],
    ['S-1-5-21-4-5-6-1105 ; S-1-1-0', /is not a SID/],
  ] as const)
    it(`is refused: ${sid}`, () => {
      const { accounts, refused } = parseTrustedAccounts([sid, agent]);
      assert.deepEqual(accounts, [agent]);
      assert.match(refused[0]?.why ?? '', why);
    });

  for (const sid of [agent, `${machine}-1001`, 'S-1-5-32-551', 'S-1-5-80-1-2-3-4-5'])
    it(`is taken: ${sid}`, () => assert.deepEqual(parseTrustedAccounts([` ${sid}`, '', sid]).accounts, [sid]));
});

describe('the key that names trusted accounts', () => {
  const usual = 'O:BAG:SYD:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)(A;CIIOID;KA;;;CO)(A;CIID;KR;;;AC)';
  const judged = (owner: string, sddl: string) => registryDanger({ owner, sddl }, administrators(agent));

  it('is believed with the rights that Windows gives it', () => assert.equal(judged('BA', usual), null));

  for (const [what, owner, sddl] of [
    ['its owner is a user', `${machine}-1001`, usual],
    ['users may set its values', 'BA', `${usual}(A;;KW;;;BU)`],
    ['users may make a link of it', 'BA', `${usual}(A;;0x20;;;BU)`],
    ['users may change its rights', 'BA', `${usual}(A;;WD;;;BU)`],
    ['it has no list of rights', 'BA', 'O:BA'],
    ['an account that it names itself may write it', 'BA', `${usual}(A;;KA;;;${agent})`],
  ] as const)
    it(`is not believed when ${what}`, () => assert.notEqual(judged(owner, sddl), null));
});
