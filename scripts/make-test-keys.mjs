// make-test-keys.mjs: regenerates src/lab/host/test-keys.generated.ts. Making RSA keys is slow and a lab needs
// many, so they are made once and committed. A module and not PEM files, because the bundled program has no files
// beside it.

import { generateKeyPairSync } from 'node:crypto';
import { inRoot } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

const COUNT = 16;
const PKCS8 = { format: 'pem', type: 'pkcs8' };

const rsa = Array.from({ length: COUNT }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const ec = Array.from({ length: COUNT }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const list = (name, doc, keys) => `/** ${doc} */
export const ${name}: readonly string[] = [
${keys.map((key) => `  \`${key.export(PKCS8).trim()}\n\`,`).join('\n')}
];
`;

writeIfChanged(
  inRoot('src/lab/host/test-keys.generated.ts'),
  `// TEST KEYS, published with the source: they protect nothing and must never be used outside a lab.
// Written by scripts/make-test-keys.mjs.

${list('rsaTestKeys', 'RSA 2048, PKCS #8.', rsa)}
${list('ecTestKeys', 'ECDSA P-256, PKCS #8.', ec)}`,
);
