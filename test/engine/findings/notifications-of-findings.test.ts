import assert from 'node:assert/strict';
import type { FindingCode } from '../../../src/base/codes/finding-codes.ts';
import { type FindingParts, finding, idOfFinding } from '../../../src/documents/finding.ts';
import type { Notification } from '../../../src/documents/notification.ts';
import { type Notified, nothingNotified, parseTold } from '../../../src/documents/notified.ts';
import type { Finding } from '../../../src/documents/status.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import {
  heartbeatOf,
  type LookSummary,
  lookSummaryOf,
  notificationsOfFindings,
} from '../../../src/engine/findings/notifications-of-findings.ts';
import { withTitle } from '../../../src/engine/findings/title.ts';
import { certificatesByThumbprint } from '../../../src/engine/known/renewal-pair.ts';
import {
  certificate,
  logOf,
  record,
  renewal,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { factsOf, wireOf } from './facts.ts';

const hour = 3600_000;
const day = 24 * hour;
const start = Date.parse('2026-06-01T12:00:00.000Z');
const at = (ms: number) => new Date(start + ms).toISOString();
const key = record('shop.example.com:443', 'old').key;

const down = finding('binding-without-record', 'No certificate binding.', { key });
const soon = (days: number) =>
  finding('certificate-ends-soon', 'It ends.', { certificate: thumbprintOf('old'), endsAt: at(days * day) });
const blocked = finding('renewal-blocked', 'Blocked.', {
  key,
  renewal: renewal('old', 'new'),
  commands: ['certrebind plan'],
});

function sightAt(ms: number, findings: readonly Finding[], parts: Partial<LookSummary> = {}): LookSummary {
  const certificates = certificatesByThumbprint(
    [...(parts.named?.values() ?? [])].map(({ name }) => certificate('old', { names: [name] })),
  );
  const titled = findings.map((found) => withTitle(found, { certificates, consumers: new Map() }, at(ms)));
  return {
    server: { id: 'server-1', name: 'WEB01' },
    at: at(ms),
    named: new Map(),
    margins: new Map(),
    every: titled,
    findings: titled,
    isWhole: true,
    ...parts,
  };
}

/** What is told at each look; every result goes through the file's own parser. */
function tell(...looks: readonly LookSummary[]): readonly (readonly Notification[])[] {
  let told: Notified = nothingNotified;
  return looks.map((look) => {
    const next = notificationsOfFindings(look, told);
    told = parseTold(JSON.stringify(next.told), 'told.json');
    return next.news;
  });
}

const kinds = (...looks: readonly LookSummary[]) =>
  tell(...looks).map((news) => news.map(({ kind }) => kind).join(' '));
const each = (ms: readonly number[], findings: readonly Finding[]) => kinds(...ms.map((one) => sightAt(one, findings)));

describe('news of findings', () => {
  it('comes when one begins, weekly while it stays, also where the hourly task starts a little early', () =>
    assert.deepEqual(each([0, hour, day, 7 * day - hour, 7 * day - hour / 2, 8 * day, 14 * day], [down]), [
      'problem',
      '',
      '',
      '',
      'problem',
      '',
      'problem',
    ]));

  it('comes daily in the last seven days of the certificate', () => {
    assert.deepEqual(each([0, day - hour, day, 2 * day, 3 * day], [soon(9)]), [
      'problem',
      '',
      '',
      'problem',
      'problem',
    ]);
    assert.deepEqual(each([0, day, 2 * day], [soon(-1)]), ['problem', 'problem', 'problem']);
  });

  it('comes the more often near its end the shorter the certificate lasts', () => {
    const margins = new Map([[thumbprintOf('old') as string, 16 * hour]]);
    const near = [0, 4 * hour, 5 * hour, 9 * hour].map((ms) => sightAt(ms, [soon(0.6)], { margins }));
    assert.deepEqual(kinds(...near), ['problem', '', 'problem', '']);
    assert.deepEqual(kinds(...[0, day].map((ms) => sightAt(ms, [soon(3)], { margins }))), ['problem', '']);
  });

  it('comes when a warning becomes an error, and not the other way round', () => {
    const worse = { ...blocked, severity: 'error' as const };
    assert.deepEqual(kinds(sightAt(0, [blocked]), sightAt(hour, [worse]), sightAt(2 * hour, [blocked])), [
      'problem',
      'problem',
      '',
    ]);
  });

  it('comes once when it is over', () =>
    assert.deepEqual(kinds(sightAt(0, [down]), sightAt(hour, []), sightAt(2 * hour, [])), ['problem', 'solved', '']));

  it('does not take what could not be read for over', () => {
    const partly = sightAt(hour, [], { isWhole: false });
    assert.deepEqual(kinds(sightAt(0, [down]), partly, sightAt(2 * hour, [down]), sightAt(3 * hour, [])), [
      'problem',
      '',
      '',
      'solved',
    ]);
  });

  it('is not repeated for one that comes and goes within a day', () => {
    const looks = [0, 1, 2, 3, 4].map((hours) => sightAt(hours * hour, hours % 2 === 0 ? [down] : []));
    assert.deepEqual(kinds(...looks), ['problem', 'solved', '', '', '']);
    assert.deepEqual(kinds(sightAt(0, [down]), sightAt(hour, []), sightAt(3 * day, [down])), [
      'problem',
      'solved',
      'problem',
    ]);
    assert.deepEqual(
      kinds(sightAt(0, [down]), sightAt(hour, []), sightAt(2 * hour, [down]), sightAt(day, [down])),
      ['problem', 'solved', '', 'problem'],
      'one that stays is told a day later',
    );
  });

  it('leaves out information, and what a person dismissed, which is not over either', () => {
    const decided = { ...down, severity: 'info' as const };
    assert.deepEqual(each([0], [decided]), ['']);
    assert.deepEqual(kinds(sightAt(0, [down]), sightAt(hour, [decided]), sightAt(2 * hour, [])), [
      'problem',
      '',
      'solved',
    ]);
    const dismissed = sightAt(hour, [blocked], { findings: [] });
    assert.deepEqual(kinds(sightAt(0, [blocked]), dismissed, sightAt(8 * day, [blocked])), ['problem', '', 'problem']);
  });

  it('takes a text with another time or number for the same, and another cause for another', () => {
    const failed = (message: string) => [finding('messages-not-accepted', message)];
    assert.deepEqual(
      kinds(sightAt(0, failed('3 tries.')), sightAt(hour, failed('4 tries.')), sightAt(2 * hour, failed('No answer.'))),
      ['problem', '', 'problem solved'],
    );
  });

  it('is not silenced by a clock that was ahead', () => {
    const [, later] = tell(sightAt(400 * day, [down]), sightAt(0, [down]));
    assert.equal(later?.length, 1);
  });
});

describe('the text of news of findings', () => {
  const only = (findings: readonly Finding[], parts: Partial<LookSummary> = {}): Notification => {
    const [[first] = []] = tell(sightAt(0, findings, parts));
    assert.ok(first !== undefined);
    return first;
  };
  const of = (code: FindingCode, parts: FindingParts) => only([finding(code, 'Text.', parts)]).headline;

  it('has server, place, what and the days left in its subject', () => {
    const endsAt = at(12 * day + hour);
    assert.equal(of('binding-without-record', { key }), 'WEB01: shop.example.com is DOWN: no certificate');
    assert.equal(
      of('binding-without-record', { key: record('0.0.0.0:443', 'old').key }),
      'WEB01: 0.0.0.0:443 is DOWN: no certificate',
    );
    assert.equal(
      of('renewal-rolled-back', { endsAt }),
      'WEB01: rolled back to the old certificate, which ends in 12 days',
    );
    assert.equal(
      of('certificate-ends-soon', { site: 'Shop', endsAt: at(hour) }),
      'WEB01: Shop: not renewed, certificate ends in 1 hour',
    );
    assert.equal(of('certificate-expired', { key, endsAt: at(-day) }), 'WEB01: shop.example.com: certificate expired');
    assert.equal(of('task-disabled', {}), 'WEB01: The scheduled task is registered but disabled');
    const named = new Map([[thumbprintOf('old') as string, { name: 'api.example.org', names: ['api.example.org'] }]]);
    const { headline, names } = only([soon(3)], { named: named as unknown as LookSummary['named'] });
    assert.deepEqual(
      [headline, names],
      ['WEB01: api.example.org: not renewed, certificate ends in 3 days', ['api.example.org']],
    );
  });

  it('begins with what to type, or who acts', () => {
    assert.equal(only([blocked]).advice, 'Type: certrebind plan');
    const twice = only([{ ...blocked, commands: ['certrebind plan', 'certrebind reconcile'] }]);
    assert.equal(twice.advice, 'Type: certrebind plan');
    assert.deepEqual(twice.lines.slice(-2), ['  certrebind plan', '  certrebind reconcile']);
    assert.match(only([soon(3)]).advice, /^What to do: Renew it /);
    const retried = finding('could-not-work', 'No.', { next: 'retried' });
    assert.match(only([retried]).advice, /^The hourly run tries it again by itself/);
  });

  it('names the place of a cause once, and none where it has none', () => {
    const lineOf = (one: Finding) => only([one]).lines[0];
    assert.equal(lineOf(finding('task-disabled', 'It is disabled.')), 'It is disabled.');
    assert.equal(lineOf({ ...down, message: `${key} has none.` }), `${key} has none.`);
    assert.equal(lineOf(down), `${key}: No certificate binding.`);
  });

  it('has a paragraph for each cause, however many places it concerns', () => {
    const places = Array.from({ length: 120 }, (_, index) => ({
      ...blocked,
      key: record(`s${index}.example.com:443`, 'old').key,
    }));
    const news = only(places);
    assert.equal(news.headline, 'WEB01: s0.example.com: renewal blocked (and 119 more)');
    assert.equal(news.lines.length, 2);
    assert.match(
      news.lines[0] ?? '',
      /^s0\.example\.com:443: Blocked\. The same at s1\.example\.com:443, .* and 114 more\.$/,
    );
    assert.equal(news.lines[1], '  certrebind plan');
  });

  it('names what is still open below what is new', () => {
    const [, [second] = []] = tell(sightAt(0, [blocked]), sightAt(hour, [down, blocked]));
    assert.equal(second?.headline, 'WEB01: shop.example.com is DOWN: no certificate (and 1 more)');
    assert.deepEqual(second?.lines.slice(2), ['Still open:', `${key}: Blocked.`, '  certrebind plan']);
  });

  it('says what is over, since when it was, and how many are still open', () => {
    const [, [over] = []] = tell(sightAt(0, [down, blocked]), sightAt(hour, [blocked]));
    assert.deepEqual(
      [over?.headline, over?.advice, over?.lines],
      [
        'WEB01: solved: shop.example.com is DOWN: no certificate',
        '1 still open. To see them: certrebind status',
        ['shop.example.com is DOWN: no certificate, since 2026-06-01 12:00 UTC.'],
      ],
    );
  });

  it('cannot be broken by a name that others chose', () => {
    const { headline } = only([finding('renewal-blocked', 'x', { site: 'Shop\r\nBcc: all@example.com' })]);
    assert.ok(!/[\r\n]/.test(headline));
  });
});

describe('a finding of which people were told', () => {
  const sinceOf = (facts: DoctorFacts) => lookAt(facts).findings.map(({ since }) => since);

  it('has the time of the look that first found it, and not of one before it was over', () => {
    const server = { sites: [site('Shop', [sni('shop.example.com')])], records: [] };
    const facts = factsOf({ ...server, takenAt: at(hour) });
    const { told } = notificationsOfFindings(sightAt(0, lookAt(facts).findings), nothingNotified);
    assert.deepEqual(sinceOf({ ...facts, told }), [at(0)]);
    const { told: over } = notificationsOfFindings(sightAt(hour, []), told);
    assert.deepEqual(sinceOf({ ...facts, told: over }), [null]);
  });
});

describe('a renewal that is announced while a run is going on', () => {
  const server = snapshot({
    sites: [site('Shop', [sni('shop.example.com')])],
    records: [record('shop.example.com:443', 'old')],
    certificates: [
      certificate('old', { names: ['shop.example.com'], renewedTo: 'new' }),
      certificate('new', { names: ['shop.example.com'] }),
    ],
    lifecycle: logOf(replaced(7, 'old', 'new')),
  });
  const look = lookAt({ ...factsOf(server), snapshot: server });
  const before = { ...server, lifecycle: logOf() };
  const told = (sight: LookSummary, already = nothingNotified) => notificationsOfFindings(sight, already);
  const renewals = (sight: LookSummary) =>
    told(sight).told.findings.flatMap(({ headline }) => (headline.includes('renewal') ? headline : []));

  it('is no news after that run, because its own start is still to come', () => {
    assert.deepEqual(renewals(lookSummaryOf(look, before)), []);
    const { told: already } = told(lookSummaryOf(look));
    assert.deepEqual(told(lookSummaryOf(look, before), already).news, [], 'told before, and not over');
  });

  it('is news when the run knew of it, or none has looked since', () => {
    const [pending, ...others] = renewals(lookSummaryOf(look));
    assert.match(pending ?? '', /^Shop \(shop\.example\.com\): renewal not applied yet/);
    assert.deepEqual(others, []);
    assert.deepEqual(renewals(lookSummaryOf(look, server)), [pending]);
  });
});

describe('a finding of what endpoints served when they were last dialled', () => {
  const server = snapshot({
    sites: [site('Shop', [sni('shop.example.com'), sni('api.example.com')])],
    records: [record('shop.example.com:443', 'shop'), record('api.example.com:443', 'shop')],
    certificates: [certificate('shop', { names: ['shop.example.com', 'api.example.com'] })],
  });
  const foundIn = (wire: DoctorFacts['wire'], code: FindingCode) =>
    lookAt({ ...factsOf(server), snapshot: server, wire }).findings.find((one) => one.code === code) ??
    assert.fail(code);

  it('is the one that is told when they are dialled now', () => {
    const wire = wireOf(server, { chain: 'broken', sent: { issuers: [], upTo: 'CN=Issuing' } });
    const [now, before] = [wire, wire.map((one) => ({ ...one, at: at(0), since: at(0) }))];
    const [said, earlier] = [now, before].map((some) => foundIn(some, 'intermediate-not-sent'));
    assert.ok(said !== undefined && earlier !== undefined);
    assert.notEqual(said.message, earlier.message);
    assert.equal(idOfFinding(said), idOfFinding(earlier));
  });

  it('is so since the first of those was that are not in order', () => {
    const wire = wireOf(server).map((one, index) => ({
      ...one,
      ...{ key, at: at(index * hour), since: at(index * hour - day) },
      ...(index === 0 ? {} : { result: 'unreachable' as const, thumbprint: null, matches: null, chain: null }),
    }));
    const { message, since } = foundIn(wire, 'endpoint-unreachable');
    assert.deepEqual([message.slice(0, 28), since], ['As of 2026-06-01 12:00 UTC: ', at(hour - day)]);
  });
});

describe('the heartbeat', () => {
  const used = { sites: 12, certificates: 2, thumbprints: [], nextEnd: null };
  const beat = (
    ms: number,
    heartbeat?: 'daily' | 'weekly',
    before: string | null = null,
    findings: readonly Finding[] = [],
  ) =>
    heartbeatOf(sightAt(ms, findings), { ...nothingNotified, heartbeatAt: before }, heartbeat, used, at(ms - 2 * hour));

  it('comes daily or weekly where it is wanted', () => {
    for (const [ms, often, before, comes] of [
      [0, undefined, null, false],
      [0, 'daily', null, true],
      [day - hour, 'daily', at(0), false],
      [day - hour / 2, 'daily', at(0), true],
      [day, 'weekly', at(0), false],
      [7 * day, 'weekly', at(0), true],
      [0, 'daily', at(400 * day), true],
    ] as const)
      assert.equal(beat(ms, often, before) !== null, comes, `${ms} ${often} ${before}`);
  });

  it('says that all is well, or how much is not', () => {
    assert.equal(beat(0, 'daily')?.headline, 'WEB01: all is well');
    assert.deepEqual(beat(0, 'daily')?.lines, ['12 sites, 2 certificates in use; endpoints last dialled 2 hours ago.']);
    const open = beat(0, 'daily', null, [down, { ...blocked, severity: 'info' }]);
    assert.equal(open?.headline, 'WEB01: CertRebind works, 1 problem is open');
    assert.equal(beat(0, 'daily', null, [down, blocked])?.headline, 'WEB01: CertRebind works, 2 problems are open');
  });
});
