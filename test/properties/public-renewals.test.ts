import assert from 'node:assert/strict';
import { emptyLedger, type Ledger } from '../../src/documents/runs/ledger.ts';
import { lookAt } from '../../src/engine/findings/diagnose.ts';
import { planPending } from '../../src/engine/plan/plan-pending.ts';
import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { makeCertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../src/model/certificates/certificate.ts';
import { parseCertificate } from '../../src/model/certificates/certificate.ts';
import { chainBuilder } from '../../src/model/certificates/certificate-chain.ts';
import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { certificateDer, type DerParts } from '../builders/certificate-der.ts';
import { policy, site, snapshot, sni } from '../builders/snapshot.ts';
import { factsOf as doctorFactsOf, ownTasks } from '../engine/findings/facts.ts';
import { isSlow } from '../support/slow.ts';

const hour = 3600_000;
const day = 24 * hour;
const begin = Date.parse('2026-12-01T00:00:00Z');
const configuration = policy({ successors: 'same-names' });

/** A certificate of the shop, or an authority, with a real signature. */
function made(subject: string, issuer: string, from: number, days: number, parts: Partial<DerParts> = {}): Buffer {
  return certificateDer({
    subject,
    issuer,
    names: subject === 'shop' ? ['shop.example.com'] : [],
    notBefore: new Date(from).toISOString(),
    notAfter: new Date(from + days * day).toISOString(),
    ekus: subject === 'shop' ? ['1.3.6.1.5.5.7.3.1'] : null,
    keyType: subject === 'shop' ? 'ec' : 'ed25519',
    seed: `${subject} ${from} ${issuer}`,
    authority: subject !== 'shop',
    signedBy: issuer,
    organisations: [organisationOf(subject), organisationOf(issuer)],
    ...parts,
  });
}

function organisationOf(name: string): string | null {
  return /^Y/.test(name) ? 'Lab Encrypt' : /^Staging/.test(name) ? '(STAGING) Lab Encrypt' : null;
}

const authority = (subject: string, issuer: string) =>
  made(subject, issuer, begin - 1000 * day, 9000, { seed: subject });
const public_ = authority('Root', 'Root');
const internal = authority('Internal', 'Internal');
const intermediates = ['Y1', 'Y2', 'Y3', 'Y4'].map((name) => authority(name, 'Root'));
const staging = authority('Staging', 'Staging');

/** What lies beside the certificates of the shop, and must never be taken. */
const twins = {
  nothing: () => [],
  'a staging twin': (from: number, days: number) => [made('shop', 'Staging', from + 2 * hour, days)],
  'an internal twin': (from: number, days: number) => [made('shop', 'Internal', from + 2 * hour, days * 2)],
  'an RSA twin': (from: number, days: number) => [
    made('shop', 'Y2', from + hour / 6, days, { keyType: 'rsa', seed: `rsa ${from}` }),
  ],
} as const;

interface World {
  now: number;
  holds: Thumbprint;
  readonly stored: Buffer[];
  readonly missing: string | null;
}

function factsOf(world: World): Snapshot {
  const takenAt = new Date(world.now).toISOString();
  const chains = chainBuilder(
    {
      authorities: [
        { der: public_, store: 'Root' },
        { der: internal, store: 'Root' },
        { der: staging, store: 'CA' },
        ...intermediates
          .filter((_, at) => `Y${at + 1}` !== world.missing)
          .map((der) => ({ der, store: 'CA' as const })),
      ],
      fetched: [thumbprintOf(public_)],
      disallowed: [],
      publicRoots: { publishedAt: takenAt, entry: () => null, withSubject: () => [] },
      disallowedList: null,
      revocationLists: [],
      updatedAt: takenAt,
      updatesOff: false,
    },
    world.now,
  );
  const certificates = world.stored.map((der) => ({ ...read(der), ...chains.chainOf(der) }));
  return snapshot({
    takenAt,
    sites: [site('Shop', [sni('shop.example.com')])],
    records: [makeCertificateBinding({ key: 'shop.example.com:443', thumbprint: world.holds })],
    certificates,
    trust: chains.trust(),
    tasks: ownTasks,
    lifecycle: { enabled: true, oldestRecordId: null, lastRecordId: null, events: [] },
  });
}

/** Once each: it is most of what a look takes. */
function read(der: Buffer): Certificate {
  const known = parsed.get(der);
  if (known !== undefined) return known;
  const facts = { store: 'My', key: 'usable', archived: false, renewedTo: null, friendlyName: null } as const;
  const certificate = parseCertificate(der, facts);
  parsed.set(der, certificate);
  return certificate;
}

const parsed = new WeakMap<Buffer, Certificate>();

function thumbprintOf(der: Buffer): Thumbprint {
  return read(der).thumbprint;
}

/** What the hourly task does: its plan is carried out. Returns the pair of each step. */
function look(world: World, before: Ledger) {
  let ledger = before;
  const facts = factsOf(world);
  const steps = planPending(facts, ledger, configuration).steps.flatMap(({ renewal }) => renewal ?? []);
  for (const renewal of steps) {
    world.holds = renewal.new;
    ledger = {
      ...ledger,
      renewals: [...ledger.renewals, { renewal, run: 'run', at: facts.takenAt, left: [] }],
    };
  }
  const warnings = lookAt(doctorFactsOf(factsOf(world), { ledger, configuration })).findings.filter(
    ({ severity }) => severity !== 'info',
  );
  return { ledger, steps, warnings };
}

/** Renewals in a row, each a certificate of the next intermediate after two thirds of the lifetime. */
function lifeOf(days: number, renewals: number, twin: keyof typeof twins, missing: string | null) {
  const first = made('shop', 'Y1', begin, days);
  const world: World = {
    now: begin + 2 * hour,
    holds: thumbprintOf(first),
    stored: [first, ...twins[twin](begin, days)],
    missing,
  };
  let ledger = emptyLedger;
  let from = begin;
  for (let turn = 1; turn <= renewals; turn++) {
    const quiet = look(world, ledger);
    assert.deepEqual([quiet.steps, quiet.warnings], [[], []], `turn ${turn}, before the renewal`);
    from += Math.floor((days * 2 * 24) / 3) * hour;
    const issuer = `Y${((turn * 7) % 4) + 1}`;
    const next = made('shop', issuer, from, days);
    world.stored.push(next, ...twins[twin](from, days));
    if (world.stored.length > 8) world.stored.splice(0, world.stored.length - 8);
    world.now = from + 3 * hour;
    const taken = look(world, ledger);
    ledger = { ...taken.ledger, renewals: taken.ledger.renewals.slice(-5) };
    const wanted = issuer === missing ? [] : [thumbprintOf(next)];
    assert.deepEqual(
      taken.steps.map((step) => step.new),
      wanted,
      `turn ${turn}, renewed by ${issuer}`,
    );
    if (wanted.length > 0) assert.deepEqual(taken.warnings, [], `turn ${turn}, after the renewal`);
    if (issuer === missing) return { world, ledger, from };
  }
  return { world, ledger, from };
}

describe('public certificates whose renewals only their names tell', () => {
  const all = isSlow;
  for (const [days, renewals] of [
    [6, 30],
    [47, 30],
    [100, 20],
    [200, 20],
  ] as const)
    for (const twin of Object.keys(twins) as (keyof typeof twins)[]) {
      const count = all ? renewals : Math.min(renewals, 2);
      it(`of ${days} days, beside ${twin}: ${count} in a row are taken within the hour, and nobody is warned`, () => {
        lifeOf(days, count, twin, null);
      }).timeout(60_000);
    }

  for (const days of all ? [6, 47, 200] : [47])
    it(`of ${days} days: a renewal that does not come is warned of before the end`, () => {
      const { world, ledger, from } = lifeOf(days, 3, 'nothing', null);
      for (world.now = from + 12 * hour; world.now < from + days * day; world.now += (days / 6) * hour) {
        if (look(world, ledger).warnings.some(({ code }) => code === 'certificate-ends-soon')) break;
      }
      const left = from + days * day - world.now;
      assert.ok(left > (days * day) / 40, `${left / hour} hours left`);
      assert.ok(left < (days * day) / 2, `${left / hour} hours left`);
    });

  it('are not taken where their issuer is missing, and what is in use is warned of before its end', () => {
    const { world, ledger } = lifeOf(47, 12, 'nothing', 'Y3');
    const held = world.holds;
    const end = Date.parse(factsOf(world).certificates.find((one) => one.thumbprint === held)?.notAfter ?? '');
    world.now = end - 2 * day;
    const late = look(world, ledger);
    assert.deepEqual(late.steps, []);
    assert.ok(late.warnings.some(({ code }) => code === 'certificate-ends-soon'));
  });
});
