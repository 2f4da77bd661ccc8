import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJson } from '../cli/run-program.ts';

/** The file of a certificate that another lab, of the same names, renewed just now; OpenSSL makes it. */
export async function renewedElsewhere(file: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  try {
    const lab = join(root, 'lab');
    const created = await runJson(['lab', 'create', lab]);
    const { document } = await runJson(['lab', 'renew', created.document.certificates[0].thumbprint, '--lab', lab]);
    const [leaf, key] = [`${lab}/stores/My/${document.new}.crt`, `${lab}/keys/${document.new}.key`];
    const words = ['pkcs12', '-export', '-in', leaf, '-inkey', key, '-passout', 'pass:', '-out', file];
    assert.equal(spawnSync('openssl', words).status, 0);
    return document.new;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
