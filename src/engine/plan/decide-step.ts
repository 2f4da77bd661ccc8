import type { Configuration } from '../../documents/configuration.ts';
import type { BlockedEntry, Note, SkippedEntry, Step } from '../../documents/runs/plan.ts';
import { holding } from '../../kinds/holder.ts';
import { restartOf } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { type ScheduledStart, waits } from './change-window.ts';
import type { Objection, SwapCase } from './guards.ts';
import { objectionsTo, remarksOn } from './guards.ts';
import { judge, meetsDeadline } from './policy.ts';
import { sameStore } from './renewal-pair.ts';
import { restartText } from './restarts.ts';
import type { SetBackNow } from './set-backs.ts';

/** The parts of a plan while it is being made. */
export interface PlanDraft {
  readonly steps: Step[];
  readonly blocked: BlockedEntry[];
  readonly skipped: SkippedEntry[];
  /** The links that are blocked as ambiguous. */
  readonly ambiguous: Set<Renewal>;
  /** Where the old certificate came back after a run had set the new one. */
  readonly setBacks: Map<KeyText, SetBackNow>;
}

/** What a step says besides its change. */
export interface StepExtras {
  readonly verify: readonly Endpoint[];
  readonly notes: readonly Note[];
}

/**
 * Makes a step of a replacement; or a blocked entry if the guards and the policy say no, if the place was set back, or if it
 * waits for its window.
 */
export function decideStep(
  swap: SwapCase,
  configuration: Configuration,
  sorting: PlanDraft,
  scheduledStart: ScheduledStart | null,
  setBack: SetBackNow | null,
  surroundings: () => StepExtras,
): void {
  const { holder: before, pair, entry, consumers, service, asOf } = swap;
  if (setBack !== null) sorting.setBacks.set(before.key, setBack);
  const verdict = judge(objectionsTo(swap), configuration);
  const overruled = verdict.blocking.length > 0 && meetsDeadline(swap, verdict, configuration);
  const [first, ...others] = verdict.blocking;
  if (first !== undefined && !overruled) {
    sorting.blocked.push(blockedEntry(swap, first, others));
  } else if (setBack !== null && (setBack.until === null || setBack.until > asOf)) {
    sorting.blocked.push(blockedEntry(swap, { reason: 'set-back', detail: setBack.text, hosts: [] }, []));
  } else if (scheduledStart !== null && (service !== null || waits(scheduledStart, pair.old, configuration))) {
    sorting.blocked.push(blockedEntry(swap, outsideWindow(scheduledStart, swap), []));
  } else if (entry !== null) {
    const { verify, notes } = surroundings();
    const store = sameStore(entry.store, before.value.store) ? before.value.store : entry.store;
    sorting.steps.push({
      id: sorting.steps.length + 1,
      key: before.key,
      before,
      wanted: holding(before, pair.renewal.new, store),
      renewal: pair.renewal,
      consumers,
      verify,
      ...(service === null ? {} : { restart: restartOf(service) }),
      notes: [
        ...(overruled ? verdict.blocking.map(deadlineNote) : []),
        ...(scheduledStart === null ? [] : [notKept(scheduledStart, swap)]),
        ...(setBack === null ? [] : setBackNotes(setBack)),
        ...verdict.notes,
        ...remarksOn(swap),
        ...notes,
      ],
    });
  }
}

/** One entry per holder: the first objection is the reason, and the detail names the others. */
function blockedEntry(
  { holder: { key }, pair, consumers }: SwapCase,
  { reason, detail, hosts }: Objection,
  others: readonly Objection[],
): BlockedEntry {
  const besides = others.map((other) => ` Besides, ${other.reason}: ${other.detail}`).join('');
  const { renewal, old } = pair;
  return { key, consumers, renewal, reason, detail: `${detail}${besides}`, hosts, endsAt: old?.notAfter ?? null };
}

function setBackNotes({ urgent, text }: SetBackNow): readonly Note[] {
  return [{ code: 'set-back', text }, ...(urgent === null ? [] : [{ code: 'cannot-wait', text } as const])];
}

function deadlineNote({ detail }: Objection): Note {
  return {
    code: 'deadline-replace',
    text: `The old certificate expires soon, so the change is made anyway. ${detail}`,
  };
}

/** Nothing else is against it. */
function outsideWindow({ notBefore, window }: ScheduledStart, { service }: SwapCase): Objection {
  const cost = service === null ? '' : ` ${restartText(service)}`;
  const detail = `It waits for the window ${window}, which opens on this server at ${momentText(notBefore)}.${cost}`;
  return { reason: 'outside-window', detail, hosts: [] };
}

function notKept({ notBefore }: ScheduledStart, { pair: { old } }: SwapCase): Note {
  const ends = old === null ? '' : ` expires at ${momentText(old.notAfter)} and`;
  const text = `The old certificate${ends} cannot wait for the window, which opens on this server at ${momentText(notBefore)}.`;
  return { code: 'window-not-kept', text };
}
