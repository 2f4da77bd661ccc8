import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type WindowsRights, windowsDangers } from '../../src/model/path-safety.ts';

/** As a new Server has them; the volume lets users make folders, and gives whoever makes one the rights to it. */
const volume =
  'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)(A;CIIO;DC;;;BU)(A;OICIIO;GA;;;CO)';
const programs = 'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICIIO;GA;;;CO)';

function entry(path: string, parts: Partial<WindowsRights> = {}): WindowsRights {
  return { path, exists: true, reparsePoint: false, owner: 'BA', sddl: programs, ...parts };
}

const file = (parts: Partial<WindowsRights> = {}) => entry('C:\\Ops\\run.exe', parts);
const folder = (parts: Partial<WindowsRights> = {}) => entry('C:\\Ops', parts);
const root = (parts: Partial<WindowsRights> = {}) => entry('C:\\', { sddl: volume, ...parts });

describe('a path that only administrators can change', () => {
  const safe: readonly (readonly [string, readonly WindowsRights[]])[] = [
    ['in a folder of administrators, on a volume with its usual rights', [file(), folder(), root()]],
    [
      'of TrustedInstaller',
      [file({ owner: 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464' }), folder(), root()],
    ],
    ['of the built-in Administrator', [file({ owner: 'S-1-5-21-1-2-3-500' }), folder(), root()]],
    ['where others may only read', [file({ sddl: 'D:(A;;FR;;;WD)(A;;FX;;;AU)' }), folder(), root()]],
    ['where others are denied', [file({ sddl: 'D:(D;;FA;;;WD)(A;;FA;;;SY)' }), folder(), root()]],
    ['where nobody is named', [file({ sddl: 'O:SYG:SYD:P' }), folder(), root()]],
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
  for (const [what, chain] of safe) it(what, () => assert.deepEqual(windowsDangers(chain), []));
});

describe('a path that others can change', () => {
  const unsafe: readonly (readonly [string, readonly WindowsRights[], RegExp])[] = [
    [
      'a file that users may write',
      [file({ sddl: 'D:(A;;FA;;;SY)(A;;FW;;;BU)' }), folder(), root()],
      /run\.exe can be written by BU/,
    ],
    ['a file by a mask of numbers', [file({ sddl: 'D:(A;;0x2;;;AU)' }), folder(), root()], /written by AU/],
    ['a file whose rights may be changed', [file({ sddl: 'D:(A;;WD;;;AU)' }), folder(), root()], /written by AU/],
    ['a file of a user', [file({ owner: 'S-1-5-21-1-2-3-1001' }), folder(), root()], /belongs to S-1-5-21-1-2-3-1001/],
    ['a link', [file({ reparsePoint: true }), folder(), root()], /is a link/],
    [
      'its folder, where a library could be put beside it',
      [file(), folder({ sddl: 'D:(A;;DC;;;BU)' }), root()],
      /Ops can be written by BU/,
    ],
    [
      'its folder right on the volume, with what the volume passes on',
      [file(), folder({ sddl: volume.replace('CIIO;DC', 'CI;DC') }), root()],
      /Ops can be written by BU/,
    ],
    [
      'a folder above, out of which it can be taken',
      [file(), folder(), root({ sddl: 'D:(A;;DT;;;BU)' })],
      /C:\\ can be written by BU/,
    ],
    ['without a list of rights', [file({ sddl: 'O:BAG:BA' }), folder(), root()], /written by everybody/],
    ['with an empty protection', [file({ sddl: 'D:NO_ACCESS_CONTROL' }), folder(), root()], /written by everybody/],
    ['with rights that are not known here', [file({ sddl: 'D:(A;;ZZ;;;BU)' }), folder(), root()], /written by BU/],
    ['with half a right', [file({ sddl: 'D:(A;;2;;;BU)' }), folder(), root()], /written by BU/],
    [
      'a file that users may write, behind an entry with a condition',
      [file({ sddl: 'D:PAI(XA;;FR;;;BU;(Member_of {SID(BA)}))(A;OICI;FA;;;BU)' }), folder(), root()],
      /written by BU/,
    ],
    [
      'a file that users may write under a condition',
      [file({ sddl: 'D:(XA;;FW;;;BU;(Member_of {SID(BA)}))' }), folder(), root()],
      /written by BU/,
    ],
    [
      'a file that users may write by an entry for one type of object, under a condition',
      [file({ sddl: 'D:(ZA;;FW;bf967aba-0de6-11d0-a285-00aa003049e2;;BU;(@User.Level > 2))' }), folder(), root()],
      /written by BU/,
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
        [`whose rights hold ${what}`, [file({ sddl }), folder(), root()], /rights that cannot be understood/] as const,
    ),
  ];
  for (const [what, chain, says] of unsafe)
    it(what, () => {
      const found = windowsDangers(chain).map(({ where, why }) => `${where} ${why}`);
      assert.match(found.join('\n'), says);
    });
});

describe('a danger in a list of rights', () => {
  const dangers = (sddl: string) => windowsDangers([file({ sddl })]);
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
