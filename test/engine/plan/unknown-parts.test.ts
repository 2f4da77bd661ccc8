import assert from 'node:assert/strict';
import { doctorText } from '../../../src/commands/doctor/text.ts';
import { usageText } from '../../../src/commands/usage/text.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { scopeOf } from '../../../src/documents/scope.ts';
import { parseSnapshot } from '../../../src/documents/snapshot-document.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { isKnown, partNames, unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { statusText } from '../../../src/shell/print/status-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import {
  certificate,
  https,
  policy,
  record,
  renewal,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf } from '../findings/facts.ts';

const unread = snapshot({ notLookedAt: unknownParts('not-read', ['tasks', 'lifecycle', 'others']) });

describe('what was not read is unknown', () => {
  it('doctor does not say that IIS, HTTP.SYS and the wire agree, and names what it looked at', () => {
    const findings = lookAt(factsOf(unread)).findings;
    assert.deepEqual(each(findings, 'code', 'severity'), [['part-unknown', 'warning']]);
    const text = doctorText({ schema: 'certrebind/doctor/1', ...scopeOf(unread, []), findings }, plain);
    assert.doesNotMatch(text, /No problems found/);
    assert.match(
      text,
      /Not looked at: tasks of Task Scheduler, certificate lifecycle log,[^\n]* \(could not be read\)/,
    );
  });

  it('status says unknown of tasks and log', () => {
    const status = statusOf(lookAt(factsOf(unread)));
    assert.deepEqual(
      [status.enabled, status.native, status.log.enabled, status.tasks],
      [null, { present: null, enabled: null }, null, []],
    );
    const text = statusText(status, { ...plain, full: true });
    for (const said of ['CertRebind is enabled is not known', "Windows' renewal log is on is not known"]) {
      assert.ok(text.includes(said), said);
    }
    assert.ok(status.findings.length > 0, 'so that --check ends with 9');
  });

  it('a plan says of a kind that is moved, and of no other, that nothing is known of it', () => {
    const facts = snapshot({ notLookedAt: unknownParts('not-read', ['ftps']) });
    const notesUnder = (configuration: ReturnType<typeof policy>) =>
      planPending(facts, emptyLedger, configuration).notes.map(({ code, text }) => `${code}: ${text}`);
    assert.deepEqual(notesUnder(policy()), []);
    const moved = policy({ holders: { ...policy().holders, ftp: { policy: 'replace' } } });
    assert.deepEqual(notesUnder(moved), [
      'part-unknown: Not read, so not checked: certificates of FTP sites (could not be read).',
    ]);
  });

  it('a plan that changes something says that nothing is known of other services, and one that does not is silent', () => {
    const onlyReported = Object.fromEntries(
      Object.entries(policy().holders).map(([kind, one]) => [kind, { ...one, policy: 'report' }]),
    ) as ReturnType<typeof policy>['holders'];
    const notesOf = (parts: Parameters<typeof certificate>[1]) => {
      const certificates = [certificate('old', parts), certificate('new')];
      const sites = [site('Shop', [https('*:443:')])];
      const records = [record('0.0.0.0:443', 'old')];
      const facts = snapshot({ sites, records, certificates, notLookedAt: unknownParts('not-read', ['others']) });
      return planPending(facts, emptyLedger, policy({ holders: onlyReported })).notes.flatMap(({ code }) =>
        code === 'part-unknown' ? code : [],
      );
    };
    assert.deepEqual([notesOf({ renewedTo: 'new' }), notesOf({})], [['part-unknown'], []]);
  });

  it('usage says neither yes of keys nor that they could not be read', () => {
    const server = snapshot({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop', { key: 'unknown' })],
      notLookedAt: unknownParts('withheld', ['keys', 'others']),
    });
    const usage = usageOf(server, policy(), null);
    assert.deepEqual(each(usage.certificates, 'hasKey'), [null]);
    const text = usageText(usage, plain);
    assert.match(text, /private keys \(left out of the capture\)/);
    assert.doesNotMatch(text, /could not be read/);
  });

  it('a key that was not read is not called unknown to this user', () => {
    const server = (parts: readonly ['keys'] | readonly []) =>
      snapshot({
        sites: [site('Shop', [sni('shop.example.com')])],
        records: [record('shop.example.com:443', 'old')],
        certificates: [certificate('old'), certificate('new', { key: 'unknown' })],
        notLookedAt: unknownParts('not-read', parts),
      });
    const note = (parts: readonly ['keys'] | readonly []) =>
      planRebind({ snapshot: server(parts), renewals: [renewal('old', 'new')], configuration: policy() }).steps[0]
        ?.notes[0];
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
