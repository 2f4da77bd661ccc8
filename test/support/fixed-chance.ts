// Loaded before every test file. CI draws the same cases each time, so that a failure there comes from the change and can
// be made again; everywhere else each run draws new ones, and CERTREBIND_SEED repeats a run.

import fc from 'fast-check';

// What programs show people goes by the zone of their process.
process.env.TZ = 'UTC';

const { CI, CERTREBIND_SEED } = process.env;
const seed = CERTREBIND_SEED ?? (CI === undefined ? undefined : '1001');
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
