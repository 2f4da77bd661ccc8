// How Stryker runs our tests: with the project's own mocha, in one process for many mutants. (Its own runner for mocha
// needs an older one.) The files are loaded once; the tests that reach a mutant are then run again with it switched on.

import { pathToFileURL } from 'node:url';
import { commonTokens, declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import Mocha from 'mocha';

class MochaRunner {
  static inject = [commonTokens.options];

  #options;
  #mocha;
  /** What the changed code looks at: which mutant is on, how often it was passed, which test is running. */
  #switchboard;

  constructor(options) {
    this.#options = options;
  }

  capabilities() {
    // An imported module stays imported; Stryker starts another process for what happens while files are loaded.
    return { reloadEnvironment: false };
  }

  async init() {
    globalThis.__stryker__ ??= {};
    this.#switchboard = globalThis.__stryker__;
    // The same examples for every mutant, or a mutant would live or die by chance; and fewer, since there are thousands.
    fc.configureGlobal({ seed: 20260601, numRuns: 30 });
    this.#mocha = new Mocha({ reporter: Silent, timeout: 0 });
    this.#mocha.cleanReferencesAfterRun(false);
    for (const file of this.#options.mochaFiles) this.#mocha.addFile(file);
    const switchboard = this.#switchboard;
    this.#mocha.suite.beforeEach(function () {
      switchboard.currentTestId = this.currentTest.fullTitle();
    });
  }

  async dryRun({ disableBail }) {
    const result = await this.#run({ bail: !disableBail });
    // Nothing was reached where loading or the first test failed, which Stryker then tells.
    const { mutantCoverage = { static: {}, perTest: {} } } = this.#switchboard;
    return { ...result, mutantCoverage: withoutHybrids(withSuites(mutantCoverage, this.#mocha.suite)) };
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    this.#switchboard.hitLimit = hitLimit;
    this.#switchboard.hitCount = hitLimit === undefined ? undefined : 0;
    const result = await this.#run({
      bail: !disableBail,
      only: testFilter && new Set(testFilter),
      mutant: activeMutant.id,
      whileLoading: mutantActivation === 'static',
    });
    return toMutantRunResult(result);
  }

  async #run({ bail, only, mutant, whileLoading = false }) {
    try {
      if (!this.#loaded) {
        this.#switchboard.activeMutant = whileLoading ? mutant : undefined;
        // Some are loaded late, by the first test that needs them: what happens then happens once, whatever is switched on later.
        for (const file of this.#options.mutate) await import(pathToFileURL(file).href);
        await this.#mocha.loadFilesAsync();
        this.#loaded = true;
      }
      this.#mocha.grep({ test: (title) => !leftOut.test(title) && (only === undefined || only.has(title)) });
      setBail(this.#mocha.suite, bail);
      this.#switchboard.activeMutant = mutant;
      await new Promise((resolve) => this.#mocha.run(resolve));
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error?.stack ?? error) };
    }
    const { hitCount, hitLimit } = this.#switchboard;
    return determineHitLimitReached(hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests: Silent.results };
  }

  #loaded = false;
}

/** Tests of how the work grows, and whole programs: seconds each, and others hold the same code; one becomes another user. */
const leftOut =
  /ten thousand|of any length|a long history on a server|fifty (?:starts|want it)|at any moment of a run|that cannot be written is named in the error/;

/** A reporter that says nothing and keeps the results of the latest run. */
class Silent {
  static results = [];

  constructor(runner) {
    const results = [];
    runner.on('hook', ({ title, parent }) => {
      if (title.startsWith('"before all"')) globalThis.__stryker__.currentTestId = beforeTestsOf(parent);
    });
    let started = Date.now();
    runner.on('test', () => {
      started = Date.now();
    });
    runner.on('pass', (test) => results.push({ ...resultOf(test, started), status: TestStatus.Success }));
    runner.on('fail', (test, error) =>
      results.push({
        ...resultOf(test.ctx?.currentTest ?? test, started),
        status: TestStatus.Failed,
        failureMessage: error.message || '(no message)',
      }),
    );
    Silent.results = results;
  }
}

function resultOf(test, started) {
  const title = test.fullTitle();
  return { id: title, name: title, timeSpentMs: Date.now() - started, fileName: test.file };
}

const beforeTestsOf = (suite) => `before the tests of ${suite.fullTitle()}`;

/** What is reached before the tests of a suite counts for each of them. */
function withSuites({ static: whileLoading, perTest }, root) {
  const byTest = { ...perTest };
  const ran = new Set(Silent.results.map(({ id }) => id));
  const add = (suite) => {
    const { [beforeTestsOf(suite)]: hits = {} } = perTest;
    delete byTest[beforeTestsOf(suite)];
    suite.eachTest((test) => {
      if (ran.has(test.fullTitle())) byTest[test.fullTitle()] = { ...byTest[test.fullTitle()], ...hits };
    });
    suite.suites.forEach(add);
  };
  add(root);
  return { static: whileLoading, perTest: byTest };
}

/**
 * Some tests plan while they are loaded. What is passed then and in a test as well counts for the test only: Stryker would
 * start a process for each such mutant, a hundred times slower.
 */
function withoutHybrids({ static: whileLoading, perTest }) {
  const inTests = new Set(Object.values(perTest).flatMap((hits) => Object.keys(hits)));
  return { perTest, static: Object.fromEntries(Object.entries(whileLoading).filter(([id]) => !inTests.has(id))) };
}

function setBail(suite, bail) {
  suite.bail(bail);
  for (const inner of suite.suites) setBail(inner, bail);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha-in-process', MochaRunner)];

/** The one option of this runner: the test files. */
export const strykerValidationSchema = {
  properties: { mochaFiles: { type: 'array', items: { type: 'string' } } },
};
