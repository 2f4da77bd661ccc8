import assert from 'node:assert/strict';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import type { LabCreated } from '../../../src/lab/host/create.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import { newCertificate } from '../../../src/lab/kernel/certificates.ts';
import { sentWith } from '../../../src/lab/kernel/parsed-certificates.ts';
import type { SwitchName } from '../../../src/lab/kernel/switches.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { evaluateTrust } from '../../../src/model/certificates/trust.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('an authority of a lab', () => {
  let lab: LabCreated & { remove(): Promise<void> };
  let client: OpenLab;
  let old: string;

  beforeEach(async () => {
    lab = await temporaryLab();
    client = await openLab(lab.folder);
    old = lab.certificates[0]?.thumbprint ?? '';
  });
  afterEach(async () => {
    await client.close();
    await lab.remove();
  });

  it('is trusted as long as its root is in the store Root', async () => {
    await client.ask({ ask: 'add-authority', authority: { name: 'staging' } });
    const renewed = await renew('staging');
    assert.deepEqual([await anchorOf(old), await anchorOf(renewed)], ['private', 'unknown']);
    await put('staging', 'Root');
    assert.equal(await anchorOf(renewed), 'private');
    await take('staging', 'Root');
    assert.equal(await anchorOf(renewed), 'unknown');
    await take('lab', 'Root');
    assert.equal(await anchorOf(old), 'unknown');
  });

  it('is known not to be where its root is in CA alone and Windows fetches none', async () => {
    await client.ask({ ask: 'add-authority', authority: { name: 'staging' } });
    const renewed = await renew('staging');
    await put('staging', 'CA');
    assert.equal(await anchorOf(renewed), 'unknown');
    await turn('root-store', 'only-stored');
    assert.deepEqual([await anchorOf(renewed), await anchorOf(old)], ['none', 'private']);
    await put('staging', 'Root');
    await take('staging', 'Root');
    await put('staging', 'CA');
    assert.equal(await anchorOf(renewed), 'none');
    await turn('root-store', 'fetched');
    assert.deepEqual([await anchorOf(renewed), await anchorOf(old)], ['unknown', 'public']);
  });

  it('whose root another has signed too is trusted by way of that one', async () => {
    await client.ask({ ask: 'add-authority', authority: { name: 'next', crossSignedBy: 'lab' } });
    const renewed = await renew('next');
    await put('next', 'CA');
    assert.deepEqual([await anchorOf(renewed), sentAlong(renewed)], ['private', 2]);
    await take('lab', 'Root');
    assert.equal(await anchorOf(renewed), 'unknown');
    await put('next', 'Root');
    assert.deepEqual([await anchorOf(renewed), sentAlong(renewed)], ['private', 1]);
  });

  it('has its organisation in the name of what issues', async () => {
    await client.ask({ ask: 'add-authority', authority: { name: 'acme', organisation: 'Acme, Inc.' } });
    const renewed = await renew('acme');
    const { certificates, trust } = await snapshot();
    const issuers = certificates.find(({ thumbprint }) => thumbprint === renewed)?.issuedBy;
    const issuer = trust?.authorities.find(({ thumbprint }) => issuers?.includes(thumbprint));
    assert.deepEqual([issuer?.organisation, issuer?.subject], ['Acme, Inc.', 'CN=acme Issuing (lab), O=Acme\\, Inc.']);
  });

  it('revokes what it issued, and what it revoked before stays so', async () => {
    const [first, second, third] = lab.certificates.map(({ thumbprint }) => thumbprint);
    await client.ask({ ask: 'add-authority', authority: { name: 'staging' } });
    const other = await renew('staging');
    for (const thumbprint of [first, second, other]) await client.ask({ ask: 'revoke', thumbprint: thumbprint ?? '' });
    const revoked = async (thumbprint: string | undefined) =>
      (await snapshot()).certificates.find((one) => one.thumbprint === thumbprint)?.disallowed === true;
    assert.deepEqual(
      [await revoked(first), await revoked(second), await revoked(other), await revoked(third)],
      [true, true, true, false],
    );
    assert.equal((await loadLab(lab.folder)).state.revocationLists.length, 2, 'a list an issuer');
  });

  it('is made once under a name, and asked for by one that there is', async () => {
    await client.ask({ ask: 'add-authority', authority: { name: 'staging' } });
    const again = client.ask({ ask: 'add-authority', authority: { name: 'staging' } });
    await assert.rejects(again, { code: 'bad-input', message: /"staging" already/ });
    await assert.rejects(renew('stagging'), { code: 'bad-input', message: /it has lab, staging/ });
    const thumbprint = 'A'.repeat(40);
    await assert.rejects(client.ask({ ask: 'revoke', thumbprint }), { code: 'bad-input', where: thumbprint });
  });

  it('gives a certificate apart, with its chain and key and nothing done to the server', async () => {
    const before = (await loadLab(lab.folder)).state;
    const { pem, eventRecordId } = await client.ask({ ask: 'renew', options: { thumbprint: old, apart: true } });
    assert.deepEqual(
      [pem?.match(/-----BEGIN [A-Z ]+-----/g), eventRecordId],
      [['-----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----', '-----BEGIN PRIVATE KEY-----'], null],
    );
    assert.deepEqual((await loadLab(lab.folder)).state, before);
  });

  async function renew(issuer: string): Promise<string> {
    return (await client.ask({ ask: 'renew', options: { thumbprint: old, issuer, archiveOld: false } })).new;
  }

  async function rootOf(name: string) {
    const found = (await client.ask({ ask: 'authorities' })).find((one) => one.name === name);
    return Buffer.from(found?.certificates[0] ?? '', 'base64');
  }

  async function put(name: string, store: 'Root' | 'CA') {
    const certificate = newCertificate(await rootOf(name), { store, key: 'missing' });
    await client.send({ kind: 'add-certificate', certificate });
  }

  async function take(name: string, store: 'Root' | 'CA') {
    const { thumbprint } = newCertificate(await rootOf(name), { store });
    await client.send({ kind: 'remove-certificate', thumbprint, store });
  }

  /** How many intermediates a client gets. */
  function sentAlong(thumbprint: string): number {
    const { state } = loadLab(lab.folder);
    return sentWith(state.certificates.find((one) => one.thumbprint === thumbprint)?.der ?? '', state).length;
  }

  async function turn(name: SwitchName, position: string) {
    await client.send({ kind: 'set-switch', name, position });
  }

  async function snapshot() {
    const { server } = await openLabServer(lab.folder);
    try {
      return await server.snapshot();
    } finally {
      await server.close();
    }
  }

  async function anchorOf(written: string) {
    const { certificates, trust } = await snapshot();
    const found = certificates.find(({ thumbprint }) => thumbprint === parseThumbprint(written, 'test'));
    assert.ok(found !== undefined);
    return evaluateTrust(trust, Date.now())(found).anchor;
  }
});
