import assert from 'node:assert/strict';
import { arrivingCertificate, openCertificate } from '../../src/certificates/certificate-with-key.ts';
import { givenRenewal } from '../../src/certificates/renewal.ts';
import { emptyLedger } from '../../src/documents/runs/ledger.ts';
import { planGiven, withArrival } from '../../src/plan/plan-given.ts';
import { withProvider } from '../../src/rebind/arrival.ts';
import { authority, certificate, policy, record, site, snapshot, sni, testAuthorities } from '../builders/snapshot.ts';
import { fixture } from '../support/fixture.ts';

const arriving = async (name: string) =>
  openCertificate([{ where: name, bytes: fixture(`pfx/${name}.pfx`) }], async () => 'secret');

describe('a file that is imported', () => {
  for (const [standing, reasons] of [
    ['disallowed', ['trust-lost']],
    ['machine', []],
  ] as const)
    it(`is judged by an authority in it that this server has as ${standing}, before anything is imported`, async () => {
      const found = await arriving('rsa-aes');
      const arrived = arrivingCertificate(found, 'My');
      const [thumbprint] = arrived.issuedBy ?? [];
      const issuing = authority('CN=Fixture Issuing', {
        ...(thumbprint && { thumbprint, issuedBy: [thumbprint] }),
        standing,
      });
      const server = snapshot({
        takenAt: arrived.notBefore,
        sites: [site('Shop', [sni('shop.example.com')])],
        records: [record('shop.example.com:443', 'old')],
        certificates: [certificate('old', { notBefore: '2020-01-01T00:00:00.000Z' })],
        trust: { authorities: [...testAuthorities, issuing], list: 'current' },
      });
      const old = server.certificates[0]?.thumbprint ?? assert.fail();
      const plan = planGiven({
        snapshot: withArrival(server, arrived),
        ledger: emptyLedger,
        renewal: givenRenewal(old, arrived.thumbprint),
        oldOption: '--replace',
        configuration: policy(),
        reapply: false,
        purpose: 'import',
      });
      assert.deepEqual(
        plan.blocked.map(({ reason }) => reason),
        reasons,
      );
    });

  it('keeps what it says of its provider unless another one is wanted', async () => {
    const found = { ...(await arriving('rsa-aes')), provider: 'its own' };
    const named = ([undefined, 'csp', 'ksp'] as const).map((wanted) => withProvider(found, wanted).provider);
    assert.deepEqual(named, [
      'its own',
      'Microsoft RSA SChannel Cryptographic Provider',
      'Microsoft Software Key Storage Provider',
    ]);
  });

  it('with an EC key is refused for a legacy provider', async () => {
    const found = await arriving('ec');
    assert.throws(() => withProvider(found, 'csp'), { code: 'bad-input', message: /not an RSA key/ });
    assert.equal(withProvider(found, 'ksp').provider, 'Microsoft Software Key Storage Provider');
  });
});
