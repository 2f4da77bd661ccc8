// mocha-file.mjs <file>: runs a test file up to the first failure. The last line on stdout is JSON. Started by powershell.mjs in a
// copy of the tree.

import Mocha from 'mocha';

// Of a file in both tiers what goes through Windows.
process.env.CERTREBIND_SLOW = '1';

import '../../test/support/fixed-chance.ts';

const mocha = new Mocha({ reporter: 'dot', timeout: 120_000, bail: true });
mocha.addFile(process.argv[2]);
await mocha.loadFilesAsync();
let failed = null;
const runner = mocha.run((failures) => {
  const result = { failed: failures > 0 ? (failed ?? 'a hook') : null, passed: runner.stats.passes };
  // What tests leave running must not keep this process.
  process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
});
runner.on('fail', (test) => {
  failed ??= test.fullTitle();
});
