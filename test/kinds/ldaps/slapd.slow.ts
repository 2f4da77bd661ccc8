import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ldapsPorts } from '../../../src/kinds/ldaps/ldaps.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { endAll, freePort, listens, makeCertificate } from '../../support/real-servers.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('a real slapd, where a domain controller is dialled', () => {
  const folder = newFolder();
  const running: ReturnType<typeof spawn>[] = [];
  before(async function () {
    needProgram(this, { program: 'slapd', asked: '-VV', untested: 'what a real server of LDAP answers' });
  });
  after(() => endAll(running));

  /** What each place of a domain controller answers, the plain port of slapd standing for 389 and the other for the rest. */
  async function answers(settings: readonly string[]) {
    const [plain, secure] = [await freePort(), await freePort()];
    const file = join(folder, `slapd-${plain}.conf`);
    writeFileSync(file, ['include /etc/ldap/schema/core.schema', ...settings, ''].join('\n'));
    const addresses = `ldap://127.0.0.1:${plain} ldaps://127.0.0.1:${secure}`;
    const server = spawn('slapd', ['-f', file, '-h', addresses, '-d', 'none'], { stdio: 'ignore' });
    running.push(server);
    await listens(plain, server);
    const at = (port: number) => ({ reachable: true, host: '127.0.0.1', port: port === 389 ? plain : secure }) as const;
    const dial = tlsHandshaker({ dial: ({ port }) => at(port) }, { timeoutMs: 60_000, attempts: 1 });
    const dialled = ldapsPorts.map((place) => dial({ address: '0.0.0.0', serverName: null, ...place }));
    return (await Promise.all(dialled)).map(({ handshake }) => handshake);
  }

  it('serves its certificate at each, the old one and then the new one', async () => {
    for (const name of ['before', 'after']) {
      const { certificate, key, thumbprint } = makeCertificate(folder, name);
      const seen = await answers([`TLSCertificateFile ${certificate}`, `TLSCertificateKeyFile ${key}`]);
      assert.deepEqual(
        seen.map((one) => [one.endpoint.port, one.thumbprint, one.reason]),
        ldapsPorts.map(({ port }) => [port, thumbprint, null]),
      );
    }
  });

  it('is told from one without a certificate', async () => {
    const [, startTls] = await answers([]);
    assert.equal(startTls?.result, 'unreachable');
    assert.match(startTls?.reason ?? '', /^LDAP refuses TLS: /);
  });
});
