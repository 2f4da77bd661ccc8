import assert from 'node:assert/strict';
import { isLaterThanLast, marginMs } from '../../src/certificates/deadline.ts';
import { certificate } from '../builders/snapshot.ts';

const hour = 3600_000;
const day = 24 * hour;
const begins = Date.parse('2029-03-15T00:00:00.000Z');
const at = (ms: number) => new Date(begins + ms).toISOString();
const lasting = (ms: number) => ({ ...certificate('shop'), notBefore: at(0), notAfter: at(ms) });

/** What clients do by default: how much of a lifetime in days is left when they renew, as their sources say. */
const clients: readonly { readonly client: string; readonly leavesDays: (days: number) => number }[] = [
  { client: 'certbot 4, lego 5', leavesDays: (days) => (days <= 10 ? days / 2 : days / 3) },
  { client: 'Caddy', leavesDays: (days) => days / 3 },
  { client: 'Posh-ACME', leavesDays: (days) => Math.min(30, days / 3) },
  { client: 'Certify', leavesDays: (days) => days / 4 },
  { client: 'simple-acme', leavesDays: (days) => Math.max(days - 55, Math.min(7, days / 2)) },
  { client: 'AD CS autoenrolment', leavesDays: (days) => Math.min(42, days / 5) },
];

describe('how long before its end a certificate is near it', () => {
  for (const [what, lifetime, margin] of [
    ['a day', day, 2.4 * hour],
    ['160 hours', 160 * hour, 16 * hour],
    ['30 days', 30 * day, 3 * day],
    ['47 days', 47 * day, 4.7 * day],
    ['70 days', 70 * day, 7 * day],
    ['a year', 365 * day, 7 * day],
  ] as const)
    it(`${what}: a tenth, and the days of the policy at most`, () =>
      assert.equal(marginMs(lasting(lifetime), { days: 7, names: {} }), margin));

  it('follows what the one before had left when it was renewed, where that is known', () => {
    assert.equal(marginMs(lasting(60 * day), { days: 7, names: {} }, at(7 * day)), 3.5 * day);
    assert.equal(marginMs(lasting(60 * day), { days: 7, names: {} }, at(30 * day)), 6 * day);
    assert.equal(marginMs(lasting(60 * day), { days: 7, names: {} }, at(-day)), 6 * day, 'renewed after its end');
    assert.equal(marginMs(lasting(365 * day), { days: 30, names: {} }), 30 * day, 'as the policy says');
  });

  it('is what the policy says for one of its names, the least of several', () => {
    const names = { 'shop.example.com': 0.5, 'other.example.com': 0.1 };
    assert.equal(marginMs(lasting(60 * day), { days: 7, names }, at(30 * day)), 12 * hour);
    const both = { ...lasting(60 * day), dnsNames: ['shop.example.com', 'other.example.com'] };
    assert.equal(marginMs(both, { days: 7, names }), 2.4 * hour);
  });

  for (const { client, leavesDays } of clients)
    it(`warns of no renewal in time: ${client}`, () => {
      for (const days of [3, 6, 6.7, 10, 20, 30, 45, 47, 60, 64, 90, 100, 200, 398]) {
        const left = leavesDays(days) * day;
        const margin = marginMs(lasting(days * day), { days: 7, names: {} }, at(left));
        // The client may look a day late, and the hourly task an hour.
        if (left > day)
          assert.ok(
            margin <= left - Math.min(day, left / 4) - hour,
            `${days} days: ${left / day} left, warns at ${margin / day}`,
          );
      }
    });
});

describe('a renewal that is later than the last one', () => {
  it('is so when less than 0.6 of what the one before had left is left', () => {
    const certificate = lasting(90 * day);
    assert.equal(isLaterThanLast(certificate, at(30 * day), begins + 72 * day + 1), true);
    assert.equal(isLaterThanLast(certificate, at(30 * day), begins + 72 * day), false);
    assert.equal(isLaterThanLast(certificate, null, begins + 89 * day), false);
    assert.equal(isLaterThanLast(certificate, at(-day), begins + 89 * day), false);
  });
});
