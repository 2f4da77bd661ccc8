// mocha-units.mjs <file> [suite...]: runs the tests that stand directly in these suites of a test file, up to the first failure,
// or lists the suites. The last line on stdout is JSON. Started by powershell.mjs in a copy of the tree.

import Mocha from 'mocha';
import '../../test/support/fixed-chance.ts';

const [file, ...suites] = process.argv.slice(2);
const mocha = new Mocha({ reporter: 'dot', timeout: 300_000, bail: true });
mocha.addFile(file);
await mocha.loadFilesAsync();
if (suites.length === 0) {
  finish({ suites: suitesBelow(mocha.suite) });
} else {
  const wanted = new Set(suites);
  const titles = new Set();
  mocha.suite.eachTest((test) => {
    if (wanted.has(test.parent.fullTitle())) titles.add(test.fullTitle());
  });
  mocha.grep({ test: (title) => titles.has(title) });
  let failed = null;
  const runner = mocha.run((failures) =>
    finish({ failed: failures > 0 ? (failed ?? 'a hook') : null, passed: runner.stats.passes }),
  );
  runner.on('fail', (test) => {
    failed ??= test.fullTitle();
  });
}

function suitesBelow(suite) {
  const own = suite.tests.some(({ pending }) => !pending) ? [suite.fullTitle()] : [];
  return [...new Set([...own, ...suite.suites.flatMap(suitesBelow)])];
}

/** What tests leave running must not keep this process. */
function finish(result) {
  process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
}
