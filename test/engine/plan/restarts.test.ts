import assert from 'node:assert/strict';
import type { SkippedEntry } from '../../../src/documents/runs/plan.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import type { KeyRights } from '../../../src/model/certificates/certificate.ts';
import { serviceAccount } from '../../../src/model/windows/service-account.ts';
import { met } from '../../builders/met.ts';
import { certificate, now, type OtherParts, policy, renewal, snapshot, thumbprintOf } from '../../builders/snapshot.ts';

const names = ['shop.example.com', 'web01.example.com'];
const old = certificate('old', { names });

/** What a plan says of an instance of SQL Server that the policy only reports. */
function said(parts: Parameters<typeof certificate>[1], instance = 'MSSQLSERVER'): SkippedEntry {
  const others: readonly OtherParts[] = [
    { thumbprint: thumbprintOf('old'), consumer: { kind: 'sql', detail: instance } },
  ];
  const server = snapshot({ certificates: [old, certificate('new', { names, ...parts })], others });
  const { skipped } = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() });
  assert(skipped[0] !== undefined && skipped.length === 1);
  return skipped[0];
}

describe('a holder whose service is restarted, left to a person', () => {
  const unfit: readonly (readonly [what: string, parts: Parameters<typeof certificate>[1], says: RegExp])[] = [
    ['is not for servers', { ekus: ['1.3.6.1.5.5.7.3.2'] }, /would not start with .*not for server authentication/],
    ['is for another name', { names: ['shop.example.com'] }, /would not start with .*does not cover the name WEB01/],
    ['has ended', { notAfter: '2026-01-01T00:00:00.000Z' }, / expired at 2026-01-01 00:00 UTC\.$/],
    ['ends at this moment', { notAfter: now }, / expired at 2026-06-01 12:00 UTC\.$/],
    ['is not valid yet', { notBefore: '2026-07-01T00:00:00.000Z' }, / is valid from 2026-07-01 00:00 UTC\.$/],
    ['has an elliptic key', { keyType: 'EC P-256' }, /would not start with .*needs an RSA key/],
    ['has a short key', { keyType: 'RSA 1024' }, /would not start with .*2048 bits/],
    ['has a weak hash', { weakHash: 'SHA-1' }, /would not start with .*signed with SHA-1/],
    ['may not sign', { signs: false }, /would not start with .*key usage/],
    ['may not encipher keys', { enciphers: false }, /would not start with .*key usage/],
    ['has no key', { key: 'missing' }, /has no private key/],
    ['has a key that cannot be opened', { key: 'unusable' }, /SYSTEM cannot open the private key/],
    ['lies in another store', { store: 'WebHosting' }, / is in WebHosting, and has to be in My\.$/],
  ];
  for (const [what, parts, says] of unfit) {
    it(`gets no command for a certificate that ${what}`, () => {
      const { detail, command } = met(said(parts));
      assert.match(detail, says);
      assert.equal(command, undefined);
    });
  }

  it('gets its command for a certificate that is valid from this moment on', () =>
    assert.match(met(said({ notBefore: now })).command ?? '', /^Set-ItemProperty /));

  for (const quote of ["'", '\u2018', '\u2019', '\u201a', '\u201b'])
    it(`cannot end the quotes of its command: ${quote}`, () => {
      const { command = '' } = met(said({}, `A${quote}; Remove-Item C:\\; ${quote}`));
      assert.ok(
        command.includes(`MSSQL16.A${quote}${quote}; Remove-Item C:\\; ${quote}${quote}\\MSSQLServer`),
        command,
      );
    });

  const runsAs = serviceAccount('MSSQLSERVER', 'NT Service\\MSSQLSERVER');
  const rights = (more: string): KeyRights => ({ sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)${more}` });

  it('gets its command where the service may read the key, or where that is not known', () => {
    for (const keyRights of [rights(`(A;;FR;;;${runsAs.serviceSid})`), { why: 'it is in a TPM' }])
      assert.match(met(said({ keyRights })).command ?? '', /^Set-ItemProperty /);
  });

  it('gets none where it may not, and says who needs the right', () => {
    const { detail, command } = met(said({ keyRights: rights('') }));
    assert.match(detail, /would not start with \w+\. NT SERVICE\\MSSQLSERVER cannot read its private key\. Give it/);
    assert.equal(command, undefined);
  });
});
