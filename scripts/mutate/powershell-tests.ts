// Which test files are to notice a change of which script: the first row whose pattern fits. They are looked through for what
// reaches each change (powershell.mjs), so a row may name more than a script needs.

import { readdirSync } from 'node:fs';

interface Row {
  readonly scripts: RegExp;
  readonly tests: readonly string[];
  /** Test files that start the built program, which has the adapter in it. */
  readonly built: readonly string[];
  /** Test files that read scripts as texts: no change reaches them, so each is tried on them. */
  readonly texts: readonly string[];
  /** Their tests take minutes, so they are measured only when they are named. */
  readonly slow: boolean;
}

const server = (names: string) => names.split(' ').map((name) => `test/server/windows/${name}.ts`);
const lab = (names: string) => names.split(' ').map((name) => `test/lab/windows/${name}.ts`);
const module = (names: string) => names.split(' ').map((name) => `test/module/${name}.Tests.ps1`);

const ADAPTER_AS_TEXT = ['test/powershell/Imports.Tests.ps1', ...server('adapter-contract.test')];

/** All that load the adapter, or a part of it. */
const OVER_THE_ADAPTER = readdirSync(new URL('../../test/powershell', import.meta.url))
  .filter((name) => name.endsWith('.Tests.ps1') && !/^(?:ApiFloor|Imports|Lab|Signatures)\./.test(name))
  .map((name) => `test/powershell/${name}`);

export const ROWS: readonly Row[] = [
  adapter(/\/(?:call|parts|serve)\.ps1$/, { tests: server('session.slow windows-server.slow') }),
  adapter(/\/(?:change|folders)\.ps1$/, { tests: server('windows-server.slow') }),
  adapter(/\/(?:holders|windows)\.ps1$/, { tests: lab('holders.slow') }),
  adapter(/\/reported\.ps1$/, { tests: lab('roles.slow') }),
  adapter(/\/read-[a-z]+\.ps1$/, { tests: [...server('windows-server.slow'), ...lab('holders.slow roles.slow')] }),
  adapter(/\/services\.ps1$/, { built: ['test/stories/holders.test.ts'] }),
  adapter(/\/written\.ps1$/, { built: ['test/stories/written-elsewhere.test.ts'] }),
  adapter(/\/import\.ps1$/, { built: ['test/stories/import.test.ts'] }),
  adapter(/\/secrets\.ps1$/, { built: ['test/security/protected-secrets.slow.ts'] }),
  adapter(/\/rehearse\.ps1$/, {
    tests: server('windows-server.slow'),
    built: ['test/stories/rehearse.slow.ts'],
    slow: true,
  }),
  ofModule(/Fleet|Campaign|Inventory/, {
    tests: module('FleetParts Starts Fleet Fleet.Slow FleetTrouble.Slow FleetStates.Slow FleetStory.Slow'),
    slow: true,
  }),
  ofModule(/Rehearsal/, { tests: module('Caller.Slow Rehearsal.Slow'), slow: true }),
  ofModule(/Dsc/, { tests: module('Dsc Dsc.Slow') }),
  ofModule(/\.psm?1$/, {
    tests: module(
      'Analyzer Restricted Starts Program Package Package.Slow Documentation Documentation.Slow Server Server.Slow Invoke.Slow Caller Caller.Slow',
    ),
  }),
  // The lab's side is not changed on purpose, but what is near it is known here too.
  {
    scripts: /^src\/lab\/windows\/(?:modules|system32)\//,
    tests: [
      ...['Lab', 'StandIns', 'Signatures', 'ApiFloor'].map((name) => `test/powershell/${name}.Tests.ps1`),
      ...lab('system-root.test open.slow command-line.slow pwsh.slow holders.slow roles.slow'),
    ],
    built: [],
    texts: [],
    slow: true,
  },
];

function adapter(end: RegExp, { tests = [], built = [], slow = false }: Partial<Row>): Row {
  const scripts = new RegExp(`^src/(?:server/windows/adapter|kinds/[a-z-]+)${end.source}`);
  return { scripts, tests: [...OVER_THE_ADAPTER, ...tests], built, texts: ADAPTER_AS_TEXT, slow };
}

function ofModule(name: RegExp, { tests = [], built = [], slow = false }: Partial<Row>): Row {
  return { scripts: new RegExp(`^module/.*(?:${name.source})`), tests, built, texts: module('Style'), slow };
}

export function rowOf(script: string): Row | undefined {
  return ROWS.find(({ scripts }) => scripts.test(script));
}
