import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plain } from '../../src/command-line/print/look.ts';
import { doctorText } from '../../src/doctor/text.ts';
import { importSnapshot } from '../../src/documents/import-snapshot.ts';
import { emptyLedger } from '../../src/documents/runs/ledger.ts';
import { scopeOf } from '../../src/documents/scope.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { isKnown, partNames, unknownParts } from '../../src/holders/unknown-parts.ts';
import { diagnose } from '../../src/inspect/findings/diagnose.ts';
import { planText } from '../../src/inspect/history/plan-text.ts';
import { statusOf } from '../../src/inspect/status/server-status.ts';
import { statusText } from '../../src/inspect/status/text.ts';
import { usageText } from '../../src/inspect/usage/text.ts';
import { usageOf } from '../../src/inspect/usage/usage.ts';
import { verifyText } from '../../src/inspect/verify/text.ts';
import { planPending } from '../../src/plan/plan-pending.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { planRepair } from '../../src/plan/plan-repair.ts';
import { certificate, policy, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';
import { factsOf } from '../inspect/findings/facts.ts';

const configuration = `<configuration><system.applicationHost><sites>
  <site name="Shop" id="1"><bindings><binding protocol="https" bindingInformation="*:443:shop.example.com" sslFlags="1"/></bindings>
    <ftpServer><security><ssl serverCertHash="${thumbprintOf('ftp')}" /></security></ftpServer></site>
</sites></system.applicationHost></configuration>`;
const netsh = `
    Hostname:port                : shop.example.com:443
    Certificate Hash             : ${thumbprintOf('old').toLowerCase()}
    Application ID               : {4dc3e181-e14b-4a21-b022-59fc669b0914}
    Certificate Store Name       : My
`;
const given = {
  at: '2026-06-01T12:00:00.000Z',
  configuration: { where: 'applicationHost.config', bytes: Buffer.from(configuration) },
  registry: null,
  netsh: null,
  certificates: [],
};
const configurationOnly = importSnapshot(given);
const withRecords = importSnapshot({ ...given, netsh: { where: 'netsh.txt', bytes: Buffer.from(netsh) } });

const planOf = (server: typeof configurationOnly) =>
  planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() });

describe('what was not given is unknown', () => {
  it('doctor does not say that IIS, HTTP.SYS and the wire agree, and names what it looked at', () => {
    const findings = diagnose(factsOf(configurationOnly));
    assert.deepEqual([...new Set(findings.map(({ code }) => code))], ['part-unknown']);
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      ['warning', 'warning', 'info'],
    );
    const text = doctorText({ schema: 'certrebind/doctor/1', ...scopeOf(configurationOnly, []), findings }, plain);
    assert.doesNotMatch(text, /No problems found/);
    assert.match(text, /Looked at: sites \(applicationHost\.config\)\./);
    assert.match(text, /Not looked at: TLS records, certificates,[^\n]* \(not given\)/);
  });

  it('doctor judges neither the certificates of records nor those of FTP sites', () => {
    const codes = diagnose(factsOf(withRecords)).map(({ code }) => code);
    assert.deepEqual([...new Set(codes)], ['part-unknown'], 'no certificate-gone, no ftps-certificate-gone');
  });

  it('doctor plans no repair of records that are not known', () => {
    const known = record('shop.example.com:443', 'old');
    assert.throws(
      () =>
        planRepair({
          repair: 'binding-without-record',
          snapshot: configurationOnly,
          configuration: policy(),
          lastKnown: new Map([[known.key, known]]),
          owed: [],
          byHand: [],
        }),
      { code: 'no-repair' },
    );
  });

  it('a plan says of a kind that is moved, and of no other, that nothing is known of it', () => {
    const facts = snapshot({ notLookedAt: unknownParts('not-read', ['ftps']) });
    const notesUnder = (configuration: ReturnType<typeof policy>) =>
      planPending(facts, emptyLedger, configuration).notes.map(({ code, text }) => `${code}: ${text}`);
    assert.deepEqual(notesUnder(policy()), []);
    const moved = policy({ holders: { ...policy().holders, ftp: { policy: 'swap' } } });
    assert.deepEqual(notesUnder(moved), [
      'part-unknown: Not read, so not checked: certificates of FTP sites (could not be read).',
    ]);
  });

  it('verify does not say that there is no endpoint', () => {
    const text = verifyText(
      { schema: 'certrebind/verify/1', ...scopeOf(configurationOnly, []), endpoints: [], findings: [] },
      plain,
    );
    assert.match(text, /^The endpoints are not known, so nothing was verified\.\n/);
  });

  it('status says unknown of tasks, log, renewals and certificates', () => {
    const status = statusOf(factsOf(configurationOnly));
    assert.deepEqual(
      [status.enabled, status.native, status.log.enabled, status.pending, status.expiring, status.tasks],
      [null, { present: null, enabled: null }, null, null, null, []],
    );
    const text = statusText(status, plain);
    for (const said of ['CertRebind is enabled is not known', 'lifecycle log is enabled is not known']) {
      assert.ok(text.includes(said), said);
    }
    assert.ok(text.includes('It is not known whether a renewal is pending.'));
    assert.ok(status.findings.length > 0, 'so that --check ends with 9');
  });

  it('plan does not say that there is nothing to do', () => {
    const plan = planOf(configurationOnly);
    assert.deepEqual(
      plan.notes.map(({ code }) => code),
      ['records-unknown'],
    );
    assert.doesNotMatch(planText(plan, plain), /Nothing to do/);
  });

  it('plan calls no certificate missing where none was given', () => {
    const { steps, blocked } = planOf(withRecords);
    assert.deepEqual([steps, blocked.map(({ reason }) => reason)], [[], ['certificate-unknown']]);
    assert.doesNotMatch(blocked[0]?.detail ?? '', /not in My or WebHosting/);
  });

  it('a folder of certificates tells nothing of those that were left out of it', () => {
    const folder = join(import.meta.dirname, '..', 'fixtures', 'certificates');
    const one = { where: 'rsa-names.cer', bytes: readFileSync(join(folder, 'rsa-names.cer')) };
    const server = importSnapshot({
      ...given,
      netsh: { where: 'netsh.txt', bytes: Buffer.from(netsh) },
      certificates: [one],
    });
    assert.equal(server.certificates.length, 1);
    const codes = diagnose(factsOf(server)).map(({ code }) => code);
    assert.deepEqual([...new Set(codes)], ['part-unknown'], 'no certificate-gone, no ftps-certificate-gone');
    const { blocked } = planOf(server);
    assert.deepEqual(
      blocked.map(({ reason }) => reason),
      ['certificate-unknown'],
    );
    assert.match(blocked[0]?.detail ?? '', /not in the capture/);
    assert.doesNotMatch(usageText(usageOf(server, policy(), null), plain), /not in any store/);

    const all = { ...server, notLookedAt: server.notLookedAt.filter(({ part }) => part !== 'other certificates') };
    assert.ok(diagnose(factsOf(all)).some(({ code }) => code === 'certificate-gone'));
  });

  it('plan of what is pending does not say that no certificate was renewed', () => {
    const plan = planPending(withRecords, emptyLedger, policy());
    assert.deepEqual(
      plan.notes.map(({ code }) => code),
      ['renewals-unknown'],
    );
    const text = planText(plan, plain);
    assert.match(text, /It is not known whether a certificate was renewed\./);
    assert.doesNotMatch(text, /Nothing to do\./);
  });

  it('usage says neither yes of keys nor that they could not be read', () => {
    const server = snapshot({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop', { key: 'unknown' })],
      notLookedAt: unknownParts('not-given', ['keys', 'others']),
    });
    const usage = usageOf(server, policy(), null);
    assert.deepEqual(
      usage.certificates.map(({ hasKey }) => hasKey),
      [null],
    );
    const text = usageText(usage, plain);
    assert.match(text, /private keys \(not given\)/);
    assert.doesNotMatch(text, /could not be read/);
  });

  it('usage does not say that no store has a certificate where none was given', () => {
    const text = usageText(usageOf(withRecords, policy(), null), plain);
    assert.match(text, /^It is not known which certificates this server has\.\n/);
    assert.match(text, /\nNamed by consumers\n/);
    assert.doesNotMatch(text, /not in any store|No store/);
  });

  it('a key of which nothing was given is not called unknown to this user', () => {
    const server = (parts: readonly ['keys'] | readonly []) =>
      snapshot({
        sites: [site('Shop', [sni('shop.example.com')])],
        records: [record('shop.example.com:443', 'old')],
        certificates: [certificate('old'), certificate('new', { key: 'unknown' })],
        notLookedAt: unknownParts('not-given', parts),
      });
    const note = (parts: readonly ['keys'] | readonly []) => planOf(server(parts)).steps[0]?.notes[0];
    assert.deepEqual(note([]), {
      code: 'key-unknown',
      text: `It could not be checked whether SYSTEM can open the private key of ${thumbprintOf('new')}.`,
    });
    assert.deepEqual(note(['keys']), {
      code: 'key-unknown',
      text: `The private key of ${thumbprintOf('new')} was not checked.`,
    });
  });

  it('every part of a capture is read back as it was written', () => {
    const notLookedAt = unknownParts('withheld', partNames);
    const read = parseSnapshot(JSON.stringify(snapshot({ notLookedAt })), 'capture.json');
    assert.deepEqual(
      partNames.filter((part) => isKnown(read, part)),
      [],
    );
  });
});
