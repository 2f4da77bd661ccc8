import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import type { LabCreated } from '../../../src/lab/host/create.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import type { RenewOptions } from '../../../src/lab/host/renew.ts';
import { parseLifecycleEvent } from '../../../src/model/windows/lifecycle-event.ts';
import { each } from '../../support/each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const day = 24 * 3600_000;

describe('lab renew', () => {
  let lab: LabCreated & { remove(): Promise<void> };
  let client: OpenLab;
  let old: string;
  let oldNames: readonly string[];

  beforeEach(async () => {
    lab = await temporaryLab();
    client = await openLab(lab.folder);
    const [first] = lab.certificates;
    old = first?.thumbprint ?? '';
    oldNames = first?.names ?? [];
  });
  afterEach(async () => {
    await client.close();
    await lab.remove();
  });

  it('without options it does what autoenrolment does', async () => {
    const renewed = await renew();
    assert.deepEqual({ ...renewed, new: '' }, { schema: 'certrebind/lab-renewed/1', old, new: '', eventRecordId: 2 });
    const [before, after] = [await stored(old), await stored(renewed.new)];
    assert.deepEqual([before.archived, before.renewedTo], [true, renewed.new]);
    assert.deepEqual([after.archived, after.renewedTo, after.key, after.store], [false, null, 'usable', before.store]);
    assert.deepEqual(namesOf(after.der), oldNames);
    assert.ok(end(after.der) > end(before.der));
  });

  it('event 1006 comes first, and 1001 names both certificates as SYSTEM', async () => {
    const renewed = await renew();
    const [installed, replaced] = await events();
    assert.deepEqual([installed?.eventId, installed?.certificate?.thumbprint], [1006, renewed.new]);
    assert.deepEqual(
      [replaced?.eventId, replaced?.recordId, replaced?.old?.thumbprint, replaced?.new?.thumbprint, replaced?.userId],
      [1001, renewed.eventRecordId, old, renewed.new, 'S-1-5-18'],
    );
    assert.equal(replaced?.action, 'Renew');
  });

  it('old and new certificate never share a key, renewal after renewal', async () => {
    const thumbprints = [old];
    for (let at = 0; at < 4; at++) thumbprints.push((await renew({ thumbprint: thumbprints.at(-1) ?? '' })).new);
    const { keys } = await loadLab(lab.folder);
    assert.equal(new Set(thumbprints.map((thumbprint) => keys.get(thumbprint))).size, thumbprints.length);
  });

  it('a chain of renewals ends later each time', async () => {
    const second = await renew();
    const third = await renew({ thumbprint: second.new });
    assert.ok(end((await stored(third.new)).der) > end((await stored(second.new)).der));
  });

  const choices: readonly (readonly [
    what: string,
    options: Partial<RenewOptions>,
    check: (renewed: Renewed) => Promise<void>,
  ])[] = [
    [
      'other names',
      { names: ['a.example.com', '*.b.example.com'] },
      async (renewed) => {
        assert.deepEqual(namesOf((await stored(renewed.new)).der), ['a.example.com', '*.b.example.com']);
      },
    ],
    [
      'another store',
      { store: 'WebHosting' },
      async (renewed) => {
        assert.equal((await stored(renewed.new)).store, 'WebHosting');
        assert.equal((await stored(old)).store, 'My');
      },
    ],
    [
      'no event 1001',
      { event: false },
      async (renewed) => {
        assert.equal(renewed.eventRecordId, null);
        assert.deepEqual(each(await events(), 'eventId'), [1006]);
      },
    ],
    ['no key', { privateKey: false }, async (renewed) => assert.equal((await stored(renewed.new)).key, 'missing')],
    ['no renewal property', { renewalProperty: false }, async () => assert.equal((await stored(old)).renewedTo, null)],
    ['the old one kept', { archiveOld: false }, async () => assert.equal((await stored(old)).archived, false)],
    [
      'another writer',
      { writtenBy: 'S-1-5-20' },
      async () => {
        assert.deepEqual(each(await events(), 'userId'), ['S-1-5-20', 'S-1-5-20']);
      },
    ],
    [
      'an early end',
      { expiresInMs: 30 * day },
      async (renewed) => {
        assert.ok(Math.abs(end((await stored(renewed.new)).der) - Date.now() - 30 * day) < 60_000);
      },
    ],
    [
      'an end in the past',
      { expiresInMs: -day },
      async (renewed) => {
        const { validFrom, validTo } = new X509Certificate(Buffer.from((await stored(renewed.new)).der, 'base64'));
        assert.ok(Date.parse(validFrom) < Date.parse(validTo) && Date.parse(validTo) < Date.now());
      },
    ],
    [
      'a later start',
      { validInMs: day },
      async (renewed) => {
        const { validFrom } = new X509Certificate(Buffer.from((await stored(renewed.new)).der, 'base64'));
        assert.ok(Date.parse(validFrom) > Date.now());
      },
    ],
  ];
  for (const [what, options, check] of choices) {
    it(`${what}, as asked for`, async () => check(await renew(options)));
  }

  it('the kind of the key stays', async () => {
    for (const { thumbprint } of lab.certificates) {
      const { new: successor } = await renew({ thumbprint });
      assert.equal(keyTypeOf((await stored(successor)).der), keyTypeOf((await stored(thumbprint)).der));
    }
  });

  it('a certificate that the lab does not have is refused by name', async () => {
    const thumbprint = 'A'.repeat(40);
    await assert.rejects(renew({ thumbprint }), { code: 'bad-input', where: thumbprint });
  });

  type Renewed = Awaited<ReturnType<typeof renew>>;

  function renew(options: Partial<RenewOptions> = {}) {
    return client.ask({ ask: 'renew', options: { thumbprint: old, ...options } });
  }

  async function stored(thumbprint: string) {
    const found = (await loadLab(lab.folder)).state.certificates.filter((each) => each.thumbprint === thumbprint);
    const [certificate] = found;
    assert.ok(certificate !== undefined && found.length === 1);
    return certificate;
  }

  async function events() {
    const { lifecycle } = (await loadLab(lab.folder)).state;
    return lifecycle.events.map(({ xml }) => parseLifecycleEvent(xml));
  }
});

function namesOf(der: string): readonly string[] {
  const names = new X509Certificate(Buffer.from(der, 'base64')).subjectAltName ?? '';
  return names.split(', ').map((name) => name.replace('DNS:', ''));
}

function end(der: string): number {
  return Date.parse(new X509Certificate(Buffer.from(der, 'base64')).validTo);
}

function keyTypeOf(der: string): string | undefined {
  return new X509Certificate(Buffer.from(der, 'base64')).publicKey.asymmetricKeyType;
}
