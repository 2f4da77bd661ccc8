import assert from 'node:assert/strict';
import { taskOf } from '../../../src/documents/runs/plan.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { renewalsFromEvents } from '../../../src/engine/known/renewals.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { verifyOf } from '../../../src/engine/views/server-verify.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { thumbprintOf } from '../../../src/kinds/holder.ts';
import { placesOf } from '../../../src/kinds/place.ts';
import { met } from '../../builders/met.ts';

interface Offer {
  readonly by: string;
  readonly key: string;
  readonly new: string;
}

/** Every certificate that a place is to get, by whoever says so. */
export function offersIn(facts: DoctorFacts): readonly Offer[] {
  const { snapshot, ledger, configuration } = facts;
  const held = heldIn(facts);
  const look = lookAt(facts);
  const typed = (by: string, key: string, command: string | null | undefined): readonly Offer[] =>
    (command?.match(/\b[0-9a-f]{40}\b/gi) ?? [])
      .map((digits) => ({ by, key, new: digits.toUpperCase() }))
      .filter((offer) => offer.new !== held.get(key));
  const plan = planPending(snapshot, ledger, configuration, facts.owed);
  const { certificates } = usageOf(snapshot, configuration, null);
  return [
    ...plan.steps.flatMap((step) =>
      step.turn === 'debt' || taskOf(step) !== 'apply'
        ? []
        : { by: 'plan, steps', key: step.key as string, new: thumbprintOf(step.wanted) ?? '' },
    ),
    ...plan.skipped.map(met).flatMap(({ key, command }) => typed('plan, skipped', key, command)),
    ...plan.notes.flatMap(({ command }) =>
      typed('plan, notes', '', command).filter((one) => plan.renewals.some((renewal) => renewal.new === one.new)),
    ),
    ...statusOf(look).places.flatMap(({ key, certificate, successor }) =>
      successor === null || certificate !== held.get(key) ? [] : { by: 'status, places', key, new: successor },
    ),
    ...verifyOf(look).endpoints.flatMap(({ key, thumbprint, replacedBy }) =>
      replacedBy === undefined || thumbprint !== held.get(key) ? [] : { by: 'verify', key, new: replacedBy },
    ),
    ...look.every.flatMap(({ code, keys, commands }) =>
      keys.flatMap((key) => commands.flatMap((line) => typed(code, key, line))),
    ),
    ...certificates.flatMap(({ consumers }) => consumers.flatMap(({ key, command }) => typed('usage', key, command))),
  ];
}

function heldIn({ snapshot }: DoctorFacts): ReadonlyMap<string, string | null> {
  return new Map(placesOf(snapshot).map(({ key, thumbprint }) => [key, thumbprint] as const));
}

/**
 * Every view offers the same for one place, what a plan changes every place names, and none offers what only an untrusted
 * event names.
 * @returns how many offers there are
 */
export function assertOneOffer(facts: DoctorFacts): number {
  const offers = offersIn(facts);
  const named = (isTrusted: boolean) =>
    new Set<string>(
      renewalsFromEvents(facts.snapshot).flatMap((one) => (one.corroborated === isTrusted ? one.new : [])),
    );
  const [untrusted, trusted] = [named(false), named(true)];
  const isAsSet = facts.wire.every(({ matches }) => matches !== false);
  for (const { key, by, ...offer } of offers) {
    // Of what is unclear, one view offers each.
    const others = offers.filter((one) => one.key === key && one.new !== offer.new && one.by !== by);
    assert.deepEqual(others, [], `${by} offers ${offer.new} to ${key}`);
    const isForged = untrusted.has(offer.new) && !trusted.has(offer.new) && !isKnown(facts, offer.new);
    assert.ok(!isForged, `${by} offers ${offer.new} to ${key}`);
    if (by === 'plan, steps' && isAsSet)
      assert.ok(
        offers.some((one) => one.by === 'status, places' && one.key === key),
        `no place names what the plan changes at ${key}`,
      );
  }
  return offers.length;
}

/** Besides an event: by a renewal property, a run, or matching names. */
function isKnown({ snapshot, ledger }: DoctorFacts, thumbprint: string): boolean {
  return (
    snapshot.certificates.some(({ renewedTo }) => renewedTo === thumbprint) ||
    ledger.renewals.some(({ renewal }) => renewal.corroborated && renewal.new === thumbprint)
  );
}
