// Which test files are to notice a change of which script: the first row whose pattern fits. Those that are listed here are looked
// through for what reaches each change (powershell.mjs), so a row may name more than one script needs.

const pester = (...names: readonly string[]) => names.map((name) => `test/powershell/${name}.Tests.ps1`);
const server = (...names: readonly string[]) => names.map((name) => `test/server/windows/${name}.test.ts`);
const lab = (...names: readonly string[]) => names.map((name) => `test/server/windows-lab/${name}.test.ts`);
const module = (...names: readonly string[]) => names.map((name) => `test/module/${name}.Tests.ps1`);

/** Reads scripts as texts: never reached by a change, so each change is tried on it. */
const ADAPTER_AS_TEXT = server('adapter-contract');
const MODULE_AS_TEXT = module('Style');

interface Row {
  readonly area: string;
  readonly pattern: RegExp;
  readonly tests: readonly string[];
  /** Test files that start the built program, which has the adapter in it. */
  readonly built: readonly string[];
  readonly texts: readonly string[];
  /** Their tests take minutes, so they are measured only when they are named. */
  readonly slow: boolean;
}

export const ROWS: readonly Row[] = [
  row('src/server/windows/adapter', /\/call\.ps1$/, {
    tests: [...pester('Sites'), ...server('session', 'windows-server')],
  }),
  row('src/server/windows/adapter', /\/serve\.ps1$/, { tests: server('session') }),
  row('src/server/windows/adapter', /\/parts\.ps1$/, {
    tests: [...pester('Changes', 'Keys'), ...server('session', 'windows-server')],
  }),
  row('src/server/windows/adapter', /\/change\.ps1$/, {
    tests: [...pester('Changes'), ...server('windows-server'), ...lab('holders')],
  }),
  row('src/server/windows/adapter', /\/folders\.ps1$/, { tests: [...pester('Paths'), ...server('windows-server')] }),
  row('src/server/windows/adapter', /\/(?:holders|key-access)\.ps1$/, {
    tests: [...pester('Changes', 'Keys'), ...lab('holders')],
  }),
  row('src/server/windows/adapter', /\/import\.ps1$/, { built: ['test/stories/import.test.ts'] }),
  row('src/server/windows/adapter', /\/secrets\.ps1$/, {
    tests: [],
    built: ['test/security/protected-secrets.test.ts'],
  }),
  row('src/server/windows/adapter', /\/reported\.ps1$/, { tests: [...pester('Registry'), ...lab('roles')] }),
  row('src/server/windows/adapter', /\/rehearse\.ps1$/, {
    tests: server('windows-server'),
    built: ['test/stories/rehearse.test.ts'],
    slow: true,
  }),
  row('src/server/windows/adapter', /\/read-[a-z]+\.ps1$/, {
    tests: [...pester('Registry', 'Keys', 'Sites', 'Changes'), ...server('windows-server'), ...lab('holders', 'roles')],
  }),
  row('module', /Fleet|Campaign|Inventory/, { tests: module('Fleet', 'FleetTrouble', 'FleetStory'), slow: true }),
  row('module', /Rehearsal/, { tests: module('Caller', 'Rehearsal'), slow: true }),
  row('module', /Dsc/, { tests: module('Dsc') }),
  row('module', /\.psm?1$/, { tests: module('Program', 'Package', 'Documentation', 'Server', 'Caller') }),
];

function row(area: string, pattern: RegExp, { tests = [], built = [], slow = false }: Partial<Row>): Row {
  return { area, pattern, tests, built, texts: area === 'module' ? MODULE_AS_TEXT : ADAPTER_AS_TEXT, slow };
}

export function rowOf(script: string): Row | undefined {
  return ROWS.find(({ area, pattern }) => script.startsWith(`${area}/`) && pattern.test(script));
}
