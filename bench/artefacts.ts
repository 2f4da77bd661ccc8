import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };

const dist = join(import.meta.dirname, '..', 'dist');

/** What `npm run build` makes. */
export const bundles = { server: join(dist, 'certrebind.cjs'), lab: join(dist, 'certrebind-lab.cjs') };

/** What `npm run package` makes. */
export const artefacts = {
  exe: join(dist, 'certrebind.exe'),
  zip: join(dist, `certrebind-${packageJson.version}-win-x64.zip`),
  linux: join(dist, `certrebind-${packageJson.version}-linux-x64`),
};
