import { commandOf, type Obstacle, type SkippedEntry } from '../../src/documents/runs/plan.ts';

interface First {
  readonly reason: Obstacle['code'] | undefined;
  readonly detail: string;
  readonly hosts: readonly string[];
  readonly command: string | undefined;
  readonly settings: string | undefined;
}

/** What an entry of a plan meets first, beside the entry; nothing for no entry. */
export function met(entry: SkippedEntry | undefined): First & Partial<SkippedEntry>;
export function met<Entry extends SkippedEntry>(entry: Entry): First & Entry;
export function met(entry: SkippedEntry | undefined): First & Partial<SkippedEntry> {
  if (entry === undefined) return { reason: undefined, detail: '', hosts: [], command: undefined, settings: undefined };
  const { obstacles } = entry;
  const [first] = obstacles;
  return {
    ...entry,
    reason: first.code,
    detail: first.text,
    hosts: obstacles.flatMap((one) => ('hosts' in one ? one.hosts : [])),
    command: commandOf(first) ?? undefined,
    settings: 'settings' in first ? first.settings : undefined,
  };
}

/** One with a code and a text, and with as little else as belongs to it. */
export function obstacle(code: Obstacle['code'], text = ''): Obstacle {
  switch (code) {
    case 'excluded':
      return { code, text, list: 'sites', entry: 'Shop' };
    case 'held':
      return { code, text, by: 'run', run: null, at: '2026-01-01T00:00:00Z' };
    case 'ambiguous':
      return { code, text, candidates: [] };
    case 'names-lost':
    case 'names-fewer':
      return { code, text, hosts: [] };
    case 'not-yet-valid':
    case 'outside-window':
    case 'set-back':
      return { code, text, until: null };
    case 'already':
    case 'not-in-plan':
    case 'other-program':
    case 'report-only':
      return { code, text };
    default:
      return { code, text };
  }
}
