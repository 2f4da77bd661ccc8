// Which quick tests are to notice every change of which TypeScript: what `npm run mutate` measures, and one of the sources of what
// `npm test -- --near` runs (lib/near.ts).

import { filesBelow } from '../lib/paths.mjs';

/** By folder. */
const PARSERS = {
  'model/certificates': 'certificate host-name thumbprint',
  documents: 'configuration',
  'documents/runs': 'ledger',
  'kinds/iis': 'application-host binding',
  kinds: 'record-key',
  'kinds/tls': 'http-sys-tables netsh-options certificate-binding',
  base: 'document text-encoding xml xml-text',
  'model/windows': 'lifecycle-event raw-value task',
};

// A kill at every single step and a full disk take most of the seconds of this folder.
const RUNS = [
  ...tests('test/engine/run').filter((file) => !/crash-explorer|full-disk/.test(file)),
  'test/faults/faults.test.ts',
  // Repairs are runs.
  'test/stories/doctor.test.ts',
];

const FINDINGS = ['engine/look', 'engine/findings', 'engine/views'];

/**
 * What is measured together: code, the quick tests that are to notice every change of it, and the goal in per cent.
 * Tests of commands and of whole programs would notice some more, thousands of times slower.
 */
export const AREAS = [
  {
    name: 'plan',
    code: [...sources('src/engine/known'), ...sources('src/engine/plan')],
    // Restarts, debts and what watched folders bring are told as runs.
    tests: [
      ...tests('test/engine/known'),
      ...tests('test/engine/plan'),
      ...RUNS,
      'test/model/certificates/source-folder.test.ts',
      'test/session/run/arrival.test.ts',
    ],
    goal: 90,
  },
  {
    name: 'findings',
    code: FINDINGS.flatMap((folder) => sources(`src/${folder}`)),
    tests: FINDINGS.flatMap((folder) => tests(`test/${folder}`)),
    goal: 90,
  },
  {
    name: 'run',
    code: sources('src/engine/run'),
    tests: RUNS,
    goal: 90,
  },
  {
    name: 'rehearse',
    code: ['src/commands/rehearse/rehearse.ts'],
    tests: ['test/commands/rehearse/rehearse.test.ts'],
    goal: 90,
  },
  {
    name: 'notify',
    code: [
      ...sources('src/session/notify/send'),
      'src/session/notify/match-trigger.ts',
      'src/session/notify/outbox-messages.ts',
    ],
    tests: [...tests('test/session/notify'), 'test/security/hostile-peers.test.ts'],
    goal: 90,
  },
  {
    name: 'setup',
    code: [...sources('src/commands/setup'), ...sources('src/session/setup')],
    // What commands say of themselves is in the pages.
    tests: [
      ...tests('test/commands/setup'),
      ...tests('test/session/setup'),
      'test/security/install.test.ts',
      'test/docs/generated-pages.test.ts',
    ],
    goal: 90,
  },
  {
    name: 'state',
    code: sources('src/engine/state'),
    // Whole programs take a minute.
    tests: [
      ...tests('test/engine/state').filter((file) => !/odd-files/.test(file)),
      'test/commands/setup/prove.test.ts',
    ],
    goal: 90,
  },
  {
    name: 'windows',
    // What starts or speaks to an engine is reached by tests that start one, a second for each mutant.
    code: sources('src/server/windows').filter(
      (file) => !/\/(?:session|engine-shell|start-[a-z]+|process-tree|this-server|windows-server)\.ts$/.test(file),
    ),
    tests:
      'adapter-script change-rows engine kinds path-rights roll-back-lost read-certificates read-snapshot reported-places session-errors'
        .split(' ')
        .map((name) => `test/server/windows/${name}.test.ts`),
    goal: 80,
  },
  {
    name: 'packaging',
    // What only a whole build reaches is counted too, as not reached.
    code: sources('scripts/package'),
    // The others start the built program, which is not where the changed code is, or load the tools of tests a second time.
    tests: [
      ...['sign', 'bases', 'executable', 'third-parties', 'zip', 'filled-in', 'version-resource'].map(
        (name) => `test/packaging/${name}.test.ts`,
      ),
      'test/module/module-folder.test.ts',
    ],
    goal: 75,
  },
  {
    name: 'parsers',
    code: Object.entries(PARSERS).flatMap(([folder, names]) =>
      names.split(' ').map((name) => `src/${folder}/${name}.ts`),
    ),
    tests: ['model/certificates', 'documents', 'kinds', 'base', 'model/windows'].flatMap((room) =>
      tests(`test/${room}`),
    ),
    goal: 80,
  },
];

function sources(folder) {
  return filesBelow(folder).filter((file) => /\.(?:ts|mjs)$/.test(file));
}

function tests(folder) {
  return filesBelow(folder).filter((file) => file.endsWith('.test.ts'));
}
