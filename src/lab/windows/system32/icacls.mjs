// icacls.mjs <system root> <file> </grant *SID:(R) or /remove:g *SID>: what the project uses of icacls.exe, at the file of a key.

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { askLab } from './ask-lab.mjs';

const [systemRoot, file = '', verb = '', account = ''] = process.argv.slice(2);
const sid = /^\*(S-1-[0-9-]+)(?::\(R\))?$/.exec(account)?.[1];
const access = { '/grant': 'read', '/remove:g': 'none' }[verb];

if (sid === undefined || access === undefined || account.endsWith(':(R)') !== (access === 'read'))
  fail(`Invalid parameter "${account}"`, 87);
if (!existsSync(file)) fail(`${file}: The system cannot find the file specified.`, 2);

const request = { kind: 'set-key-access', thumbprint: basename(file), sid, access };
askLab('icacls.exe', systemRoot, request, (result) => {
  if (result.kind === 'failed') fail(`${file}: ${result.message}`, 5);
  process.stdout.write(`processed file: ${file}\n`, () => process.exit(0));
});

function fail(text, code) {
  console.log(text);
  process.exit(code);
}
