// whoami.mjs <system root> /user /groups /fo csv /nh: whoami.exe of a lab, for the account that the lab's Windows is used by.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [systemRoot, ...args] = process.argv.slice(2);
if (args.join(' ') !== '/user /groups /fo csv /nh') {
  console.error(`Lab: whoami.exe ${args.join(' ')} is not modelled.`);
  process.exit(1);
}

const ROWS = {
  system: [
    ['nt authority\\system', 'S-1-5-18'],
    ['BUILTIN\\Administrators', 'Alias', 'S-1-5-32-544', 'Enabled by default, Enabled group, Group owner'],
    ['Mandatory Label\\System Mandatory Level', 'Label', 'S-1-16-16384', ''],
  ],
  administrator: [
    ['lab\\ada', 'S-1-5-21-1000000001-1000000002-1000000003-1001'],
    ['BUILTIN\\Administrators', 'Alias', 'S-1-5-32-544', 'Enabled by default, Enabled group, Group owner'],
    ['Mandatory Label\\High Mandatory Level', 'Label', 'S-1-16-12288', ''],
  ],
  other: [
    ['lab\\otto', 'S-1-5-21-1000000001-1000000002-1000000003-1002'],
    ['BUILTIN\\Users', 'Alias', 'S-1-5-32-545', 'Mandatory group, Enabled by default, Enabled group'],
    ['Mandatory Label\\Medium Mandatory Level', 'Label', 'S-1-16-8192', ''],
  ],
};

const { account } = JSON.parse(readFileSync(join(systemRoot, 'certrebind-lab.json'), 'utf8'));
for (const row of ROWS[account]) console.log(row.map((field) => `"${field}"`).join(','));
