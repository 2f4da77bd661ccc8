import { byThumbprint, renewalText, shortOf } from '../model/certificates/named-certificate.ts';
import { eventOfNews, linesKept, type News, type NewsKind } from '../model/documents/news.ts';
import type { FailedProof } from '../model/documents/setup.ts';
import type { ServerIdentity } from '../model/documents/snapshot.ts';
import type { DeadlineAlert } from '../model/runs/ledger.ts';
import type { Outcome } from '../model/runs/outcome.ts';
import type { RunResult } from '../model/runs/step-states.ts';
import { escapeControls } from '../model/text/safe-text.ts';
import { resultTexts } from '../model/text/words.ts';
import { type NoNews, toldAs } from '../model/windows/log-events.ts';
import { byHandLines, leftByHand } from './log-entry.ts';

/** What a run reports outside this server; `null` for one that had nothing to do. */
export function newsOfOutcome(outcome: Outcome, server: ServerIdentity): News | null {
  const byHand = leftByHand(outcome);
  const kind = isNews(outcome.result) ? outcome.result : toldAs(outcome.result, byHand.length);
  if (!isNews(kind)) return null;
  const known = byThumbprint(outcome.certificates ?? []);
  return news(kind, server, {
    at: outcome.startedAt,
    // A run that is not kept is not named, because people would look for it.
    run: outcome.kept ? outcome.run : null,
    names: [...new Set((outcome.certificates ?? []).flatMap(({ names }) => names))].slice(0, namesKept),
    headline: `${server.name}: ${outcome.result}. ${resultTexts[outcome.result]}${byHand.length === 0 ? '' : ' You have to change some things yourself.'}`,
    lines: [
      ...outcome.renewals.map(
        (pair) => `${renewalText(pair, known)} (${shortOf(pair.old, known)} → ${shortOf(pair.new, known)})`,
      ),
      ...outcome.steps.flatMap(({ key, state, error }) =>
        error === null ? [] : [`${key}: ${state}. ${error.message}`],
      ),
      ...outcome.blocked.map(({ key, reason, detail }) => `${key}: ${reason}. ${detail}`),
      ...byHand.flatMap(byHandLines),
    ],
    ...(byHand.length === 0 ? {} : { leftByHand: byHand.length }),
  });
}

/** The daily report of certificates that end soon. */
export function newsOfAlert({ lines }: DeadlineAlert, server: ServerIdentity, at: string): News {
  return news('ends-soon', server, {
    at,
    run: null,
    names: [],
    headline: `${server.name}: certificates in use expire soon.`,
    lines,
  });
}

/** The report of an installation that was not proven. */
export function newsOfFailedProof(
  { at, version, why }: FailedProof,
  server: ServerIdentity,
  lines: readonly string[],
): News {
  return news('proof-failed', server, {
    at,
    run: null,
    names: [],
    headline: `${server.name}: it is not proven that version ${version} of CertRebind works. Nothing was removed.`,
    lines: [why, ...lines],
  });
}

const namesKept = 100;

function isNews(result: RunResult): result is Exclude<RunResult, NoNews> {
  return result !== 'nothing-to-do' && !result.startsWith('would-');
}

function news(
  kind: NewsKind,
  { id, name }: ServerIdentity,
  told: Pick<News, 'at' | 'run' | 'names' | 'headline' | 'lines' | 'leftByHand'>,
): News {
  return {
    kind,
    eventId: eventOfNews(kind),
    server: { id, name: escapeControls(name) },
    ...told,
    headline: escapeControls(told.headline),
    lines: told.lines.slice(0, linesKept).map(escapeControls),
    more: Math.max(0, told.lines.length - linesKept),
  };
}
