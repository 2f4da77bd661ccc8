// mocha's `spec` reporter, which also prints what took longest, and writes how many tests passed and which failed into the file
// that scripts/test.mjs names.

const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');
const { reporters, Runner } = require('mocha');
const { slowestLines } = require('./slowest.cjs');

class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { EVENT_HOOK_END, EVENT_RUN_END, EVENT_TEST_END, EVENT_TEST_FAIL } = Runner.constants;
    const timed = [];
    const failures = [];
    runner.on(EVENT_TEST_FAIL, (one, error) =>
      failures.push(`${fileOf(one)}: ${one.fullTitle()}: ${inOneLine(String(error?.message ?? error))}`),
    );
    for (const event of [EVENT_TEST_END, EVENT_HOOK_END])
      runner.on(event, (one) => {
        if (one.duration > 0) timed.push({ seconds: one.duration / 1000, name: `${fileOf(one)}: ${one.title}` });
      });
    runner.once(EVENT_RUN_END, () => {
      for (const line of slowestLines(timed)) console.log(line);
      const { passes, pending } = this.stats;
      const file = process.env.CERTREBIND_COUNTS;
      if (file !== undefined)
        writeFileSync(
          file,
          JSON.stringify({ passed: passes, failed: this.stats.failures, skipped: pending, failures }),
        );
    });
  }
}

/** Of a long log, often only the last lines are at hand. */
function inOneLine(text) {
  return text.replace(/\s+/g, ' ').slice(0, 500);
}

function fileOf({ file }) {
  return file === undefined ? 'every file' : relative(process.cwd(), file);
}

module.exports = CountingReporter;
