import assert from 'node:assert/strict';
import { planGiven } from '../../../src/engine/plan/plan-rebind.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import {
  type Arriving,
  arrivingCertificate,
  openCertificate,
} from '../../../src/model/certificates/certificate-with-key.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { certificatesFrom } from '../../../src/server/windows/read-certificates.ts';
import { withProvider } from '../../../src/session/run/arrival.ts';
import { certificateDer } from '../../builders/certificate-der.ts';
import { labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { policy, sni } from '../../builders/snapshot.ts';
import { fixture } from '../../support/fixture.ts';
import { createKernel, kernelServer } from '../../support/kernel-server.ts';

const arriving = async (name: string) =>
  openCertificate([{ where: name, bytes: fixture(`pfx/${name}.pfx`) }], async () => 'secret');

/** By a seed each: an authority of the server, and one whose root is in no store. */
const made = (subject: string, issuer: string, isAuthority = false) =>
  certificateDer({
    subject,
    issuer,
    names: isAuthority ? [] : ['shop.example.com'],
    notBefore: '2026-05-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    ekus: isAuthority ? null : ['1.3.6.1.5.5.7.3.1'],
    keyType: isAuthority ? 'ed25519' : 'ec',
    seed: `${subject} ${issuer}`,
    keySeed: subject,
    authority: isAuthority,
    signedBy: issuer,
  });
const [stagingRoot, staging] = [made('Staging Root', 'Staging Root', true), made('Staging', 'Staging Root', true)];
const another = made('Another', 'Test Root', true);

const chains: readonly {
  readonly what: string;
  readonly leaf: Buffer;
  readonly intermediates?: readonly Buffer[];
  readonly roots?: readonly Buffer[];
  readonly is: string;
}[] = [
  { what: 'by an authority that is here', leaf: made('new', 'issuing'), is: 'set' },
  {
    what: 'by one that comes with it, below a root of the server',
    leaf: made('new', 'Another'),
    intermediates: [another],
    is: 'set',
  },
  { what: 'by one that neither is here nor comes with it', leaf: made('new', 'Another'), is: 'set, trust-unknown' },
  {
    what: 'by one that comes with it, and leads to no root here',
    leaf: made('new', 'Staging'),
    intermediates: [staging],
    is: 'trust-lost',
  },
  {
    what: 'with its whole chain, to a root that is not here',
    leaf: made('new', 'Staging'),
    intermediates: [staging],
    roots: [stagingRoot],
    is: 'trust-lost',
  },
  {
    what: 'by a root that comes with it and is not here',
    leaf: made('new', 'Staging Root'),
    roots: [stagingRoot],
    is: 'trust-lost',
  },
  {
    what: 'by a root that comes with it and is here',
    leaf: made('new', 'Test Root'),
    roots: [Buffer.from(labState().build().authorities[0] ?? '', 'base64')],
    is: 'set',
  },
  {
    what: 'beside an authority that did not sign it',
    leaf: made('new', 'Unknown'),
    intermediates: [staging],
    is: 'set, trust-unknown',
  },
];

describe('a certificate that arrives', () => {
  const lab = labState()
    .certificate('old')
    .site('Shop', [sni('shop.example.com')])
    .record('shop.example.com:443', 'old');
  const server = kernelServer(createKernel(lab.build(), { now: () => new Date('2026-06-01T00:00:00Z') }), {
    account: 'system',
  });
  /** The same as Windows tells it. */
  const onWindows = async (arriving: Arriving): Promise<Snapshot> => {
    const { certificates: stored, authorities } = lab.build();
    const rows = [
      ...stored.map(({ store, thumbprint, der }) => ['certificate', store, thumbprint, der, 'False', '', 'True', '']),
      ...authorities.map((der, at) => ['authority', at === 0 ? 'Root' : 'CA', der]),
    ];
    const snapshot = await server.snapshot();
    const { certificates, trust } = certificatesFrom(partsOf(rows), snapshot.takenAt, arriving);
    return { ...snapshot, certificates, trust };
  };

  for (const { what, is, ...found } of chains)
    it(`${what}: ${is}`, async () => {
      const arriving = {
        found: { intermediates: [], ...found },
        certificate: arrivingCertificate({ leaf: found.leaf, friendlyName: null }, 'My'),
      };
      for (const snapshot of [await server.snapshot('whole', arriving), await onWindows(arriving)]) {
        const renewals = [givenRenewal(lab.thumbprint('old'), arriving.certificate.thumbprint)];
        const { blocked, steps } = planGiven({ snapshot, renewals, configuration: policy() }, '--replace');
        const notes = steps
          .flatMap((step) => step.notes.map(({ code }) => code))
          .filter((code) => code === 'trust-unknown');
        assert.equal(
          blocked
            .map(met)
            .map(({ reason }) => reason)
            .join() || ['set', ...notes].join(', '),
          is,
        );
      }
    });
});

describe('a file that is imported', () => {
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
