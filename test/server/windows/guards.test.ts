import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shortLife } from '../../../src/lab/windows/open.ts';
import type { Server } from '../../../src/server/server.ts';
import serve from '../../../src/server/windows/adapter/serve.ps1';
import { adapterText } from '../../../src/server/windows/adapter-script.ts';
import { engineEnvironment } from '../../../src/server/windows/engine.ts';
import { WindowsServer } from '../../../src/server/windows/windows-server.ts';
import { dangersOf } from '../../../src/session/run/import-watched.ts';
import { assertSafeCommand, assertSafeTarget } from '../../../src/session/safe-paths.ts';
import { assertSafeRun, assertSafeState } from '../../../src/session/safe-state.ts';
import { findWindowsPowerShell } from '../../engine.ts';
import { newFolder } from '../../support/temporary-lab.ts';

/** As Windows answers where there is one: rights by path, from a file; the SIDs behind letters; one key of the registry. */
const standIns = `
function Get-Told { param([string]$Of) foreach ($line in [IO.File]::ReadAllLines([IO.Path]::Combine($script:SystemRoot, 'told'))) { $path, $text = $line -split '=', 2; if ($path -eq $Of) { $text } } }
function Get-Acl { param($LiteralPath) [pscustomobject]@{ Sddl = @(@(Get-Told $LiteralPath) + @(Get-Told 'else'))[0] } }
function Get-SidOfLetters { param([string]$Letters) @{ LA = 'S-1-5-21-1-1-1-500'; DA = 'S-1-5-21-2-2-2-512'; EA = 'S-1-5-21-3-3-3-519' }[$Letters] }
function Get-RegistryKey { param([string]$Path)
    $accounts = @(Get-Told 'trusted')
    if ($accounts.Count -gt 0) { [pscustomobject]@{} | Add-Member -PassThru -MemberType ScriptMethod -Name GetValue -Value { , [string[]]$accounts }.GetNewClosure() }
}
`;

/** Rights that Windows gives below Program Files: users read and start. */
const safe = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)';
const agent = 'S-1-5-21-2-2-2-1105';

type Place = '/' | 'above' | 'above/own' | 'above/own/program';

interface Given {
  /** Entries besides the safe ones, or a whole descriptor. */
  readonly rights?: Partial<Record<Place, string>>;
  readonly program?: string;
  readonly args?: readonly string[];
  readonly trusted?: string;
  /** Descriptor of the key that names trusted accounts. */
  readonly key?: string;
}

/** For each rule what is refused, and the nearest to it that is let through. */
const rules: readonly (readonly [rule: string, refused: Given, letThrough: Given])[] = [
  [
    'others cannot write to the program',
    at('above/own/program', '(A;;FW;;;BU)'),
    at('above/own/program', '(A;;FRFX;;;BU)'),
  ],
  [
    'others cannot delete the program',
    at('above/own/program', '(A;;SD;;;AU)'),
    at('above/own/program', '(A;;RC;;;AU)'),
  ],
  [
    'others cannot change the rights of the program',
    at('above/own/program', '(A;;WD;;;AU)'),
    at('above/own/program', '(D;;WD;;;AU)'),
  ],
  ['others cannot add files beside the program', at('above/own', '(A;CI;DC;;;BU)'), at('above', '(A;CI;DC;;;BU)')],
  ['others cannot remove folders above it', at('above', '(A;;DT;;;BU)'), at('above', '(A;;LC;;;BU)')],
  [
    'others cannot delete a folder above it, other than the root of a volume',
    at('above', '(A;;SD;;;AU)'),
    at('/', '(A;;SD;;;AU)'),
  ],
  [
    'entries count where they are in force, and not where they are only passed on',
    at('above/own', '(A;OICI;GA;;;BU)'),
    at('above/own', '(A;OICIIO;GA;;;BU)'),
  ],
  [
    'the condition of an entry counts as fulfilled',
    at('above/own', '(XA;;FW;;;BU;(WIN://x))'),
    at('above/own', '(XA;;FR;;;BU;(WIN://x))'),
  ],
  ['the rights can be understood', at('above/own', '(XA;;FR;;;BU;('), at('above/own', '')],
  [
    'there is a list of rights',
    at('above/own', 'O:BAG:SYD:NO_ACCESS_CONTROL'),
    at('above/own', 'O:BAG:SYD:P(A;;FA;;;SY)'),
  ],
  [
    'the owner is an administrator',
    at('above/own', safe.replace('O:BA', 'O:S-1-5-21-1-1-1-1001')),
    at('above/own', safe.replace('O:BA', 'O:SY')),
  ],
  [
    'Domain Admins are those of the domain of this server',
    at('above', '(A;;FA;;;S-1-5-21-9-9-9-512)'),
    at('above', '(A;;FA;;;S-1-5-21-2-2-2-512)'),
  ],
  [
    'Enterprise Admins are those of its forest',
    at('above', '(A;;FA;;;S-1-5-21-2-2-2-519)'),
    at('above', '(A;;FA;;;S-1-5-21-3-3-3-519)'),
  ],
  [
    'the built-in Administrator is that of this server',
    at('above', '(A;;FA;;;S-1-5-21-1-1-1-501)'),
    at('above', '(A;;FA;;;S-1-5-21-1-1-1-500)'),
  ],
  [
    'an account is trusted by its whole SID',
    { ...at('above', `(A;;FA;;;${agent})`), trusted: `${agent}6` },
    { ...at('above', `(A;;FA;;;${agent})`), trusted: agent },
  ],
  [
    'groups of everybody cannot be trusted',
    { ...at('above', '(A;;FA;;;AU)'), trusted: 'S-1-5-11' },
    { ...at('above', '(A;;FA;;;SO)'), trusted: 'S-1-5-32-549' },
  ],
  [
    'others cannot write to the key that names trusted accounts',
    { ...at('above', `(A;;FA;;;${agent})`), trusted: agent, key: 'O:BAD:(A;;KA;;;BA)(A;;KW;;;BU)' },
    { ...at('above', `(A;;FA;;;${agent})`), trusted: agent, key: 'O:BAD:(A;;KA;;;BA)(A;;KR;;;BU)' },
  ],
  [
    'the key that names trusted accounts belongs to an administrator',
    { ...at('above', `(A;;FA;;;${agent})`), trusted: agent, key: `O:${agent}D:(A;;KA;;;BA)` },
    { ...at('above', `(A;;FA;;;${agent})`), trusted: agent, key: 'O:SYD:(A;;KA;;;BA)' },
  ],
  ['the program is not a link', { program: 'above/own/link' }, { program: 'above/own/program' }],
  ['no folder above it is a link', { program: 'linked/own/program' }, { program: 'above/own/program' }],
  [
    'others cannot write to a file in its arguments',
    { ...at('above/own', ''), args: ['open/script'] },
    { args: ['script'] },
  ],
  ['others cannot create a file in its arguments that is missing', { args: ['open/none'] }, { args: ['none'] }],
];

function at(place: Place, rights: string): Given {
  return { rights: { [place]: rights } };
}

const engine = findWindowsPowerShell();

(engine === null ? describe.skip : describe)('what guards SYSTEM, by what the adapter sees', () => {
  const folder = newFolder();
  let server: Server;
  const below = (place: string) => (place.startsWith('/') ? place : join(folder, place));

  before(async () => {
    for (const name of ['above/own/open', 'home/runs', 'home/tmp']) await mkdir(below(name), { recursive: true });
    for (const name of ['program', 'script', 'open/script']) await writeFile(below(`above/own/${name}`), '');
    await writeFile(below('home/ledger.json'), '');
    await symlink(below('above/own/program'), below('above/own/link'));
    await symlink(below('above'), below('linked'));
    const file = below('adapter.ps1');
    const text = adapterText.replace(serve, () => standIns + serve);
    assert.notEqual(text, adapterText);
    await writeFile(file, text);
    server = new WindowsServer({
      engine: engine ?? '',
      script: { file, text },
      env: { ...engineEnvironment(process.env, { systemRoot: folder, temporary: folder }), ...shortLife },
      systemRoot: folder,
      systemFolder: folder,
      changingFile: below('changing'),
    });
  });
  after(async () => {
    await server?.close();
  });

  async function tell({ rights = {}, trusted, key = 'O:BAD:(A;;KA;;;BA)' }: Given): Promise<void> {
    const rows = Object.entries(rights).map(
      ([place, text]) => `${below(place)}=${text.startsWith('O:') ? text : safe + text}`,
    );
    const open = `${below('above/own/open')}=${safe}(A;;FW;;;BU)`;
    const accounts = trusted === undefined ? [] : [`trusted=${trusted}`, `HKLM:\\SOFTWARE\\CertRebind=${key}`];
    await writeFile(below('told'), [...rows, open, ...accounts, `else=${safe}`].join('\n'));
  }

  for (const [rule, refused, letThrough] of rules) {
    it(`${rule}: refused where it is broken, let through where it just holds`, async () => {
      const start = async (given: Given) => {
        await tell(given);
        const { program = 'above/own/program', args = [] } = given;
        const words = args.map((word) => below(`above/own/${word}`));
        return assertSafeCommand(server, { program: below(program), args: words });
      };
      await assert.rejects(start(refused), { code: 'unsafe-folder' });
      await start(letThrough);
    });
  }

  it('a program is a file: a folder, and what is not there, are refused', async () => {
    await tell({});
    for (const program of ['above/own', 'above/own/none'])
      await assert.rejects(assertSafeCommand(server, { program: below(program), args: [] }), { code: 'bad-input' });
  });

  it('a file is written only where others cannot replace it', async () => {
    await tell({});
    await assertSafeTarget(server, below('above/own/new'));
    await assert.rejects(assertSafeTarget(server, below('above/own/open/new')), { code: 'unsafe-folder' });
    await assert.rejects(assertSafeTarget(server, below('linked/new')), { code: 'unsafe-folder' });
  });

  it('certificates are taken from a folder only where nobody else can put one', async () => {
    const danger = async (folder: string) => (await dangersOf(server, [below(folder)])).get(below(folder));
    await tell({});
    assert.deepEqual([await danger('above/own'), await danger('above/own/program')], [undefined, undefined]);
    for (const [folder, why] of [
      ['above/own/open', /open can be written by .*S-1-5-32-545/],
      ['linked/own', /linked is a link/],
      ['above/own/none', /^the permissions of .*none cannot be read$/],
    ] as const)
      assert.match((await danger(folder)) ?? '', why);
  });

  it('a run is undone only where nobody else can have changed it', async () => {
    const [home, run, journal] = [below('home'), '20200101-run', below('home/runs/20200101-run/journal.ndjson')];
    await mkdir(below('home/runs/20200101-run'));
    await writeFile(journal, '');
    await tell({});
    await assertSafeRun(server, home, run);
    await writeFile(below('told'), `${journal}=${safe}(A;;FW;;;BU)\nelse=${safe}`);
    await assert.rejects(assertSafeRun(server, home, run), { code: 'unsafe-folder', where: journal });
  });

  it('a state folder is taken whole, or refused for one file or link in it', async () => {
    const home = below('home');
    await tell({});
    await assertSafeState({ server, home });
    await writeFile(below('told'), `${below('home/ledger.json')}=${safe}(A;;FW;;;BU)\nelse=${safe}`);
    await assert.rejects(assertSafeState({ server, home }), {
      code: 'unsafe-folder',
      where: below('home/ledger.json'),
    });
    await tell({});
    await symlink(below('above'), below('home/runs/20200101-link'));
    await assert.rejects(assertSafeState({ server, home }), {
      code: 'unsafe-folder',
      where: below('home/runs/20200101-link'),
    });
  });
});
