import { argumentText } from '../../base/safe-text.ts';
import type { CampaignPart, CampaignSeen } from '../../documents/campaign.ts';
import { listed } from '../../documents/finding.ts';
import { count } from '../../shell/print/phrases.ts';
import { html, type Markup } from './html.ts';
import { type Look, lookOfFinding, mix, row, rows, type Step, section, stateText } from './page-parts.ts';

type State = CampaignPart['state'];

const looks: Readonly<Record<State, Look>> = {
  failed: ['bad', 'bad', 'Failed'],
  lost: ['warn', 'warn', 'Answer lost'],
  unreachable: ['blocked', 'warn', 'No session'],
  asked: ['waiting', 'info', 'Asked'],
  done: ['good', 'good', 'Done'],
  'nothing-to-do': ['good', 'quiet', 'Nothing to do'],
  'not-started': ['quiet', 'quiet', 'Not asked'],
};

/** What one server that stops it did, the worst first. */
const stopping: ReadonlyMap<State, string> = new Map([
  ['failed', 'failed'],
  ['lost', 'gave no answer'],
  ['unreachable', 'has no session'],
]);

/** How far it is, and why it goes no further: one sentence without its end. */
export function campaignText(seen: CampaignSeen): string {
  const { name, parts, stopped } = summed(seen);
  const done = parts.filter(({ state }) => state === 'done').length;
  const [first] = stopped;
  const left = parts.filter(({ state }) => state === 'not-started' || state === 'asked').length;
  const idle = parts.filter(({ state }) => state === 'nothing-to-do').length;
  const none = idle === 0 ? '' : `, ${idle} with nothing to do`;
  const far = `${done} of its ${count(parts.length, 'server')} done${none}`;
  if (seen.isRunning) return `${name} is running: ${far}`;
  if (first === undefined) return left === 0 ? `${name} is done on ${count(done, 'server')}${none}` : `${name}: ${far}`;
  const servers = listed(stopped.map(({ server }) => server));
  const why = `${servers} ${stopped.length === 1 ? stopping.get(first.state) : 'did not succeed'}`;
  return left === 0 ? `${name} ended: ${far}, ${why}` : `${name} stopped: ${why}; ${far}, ${left} not asked`;
}

/** Where campaigns are begun, and go on. */
export const ownConsole = 'your console';

/** What continues it; nothing while a console works on it, and where nothing is in its way. */
export function campaignStep(seen: CampaignSeen): readonly Step[] {
  const { isUndo, stopped } = summed(seen);
  const { campaign, file, isRunning } = seen;
  if (isRunning || stopped.length === 0) return [];
  const pair = campaign.old ? `-OldThumbprint ${campaign.old} -NewThumbprint ${campaign.new}` : '-Plan $plans';
  const how = isUndo ? 'Undo' : campaign.action === 'Sync' ? 'Sync' : `Rebind ${pair}`;
  const named = `-Campaign ${argumentText(file)}`;
  const back = isUndo ? '' : ` To roll all of it back: $fleet | Invoke-CertRebindFleet -Action Undo ${named}.`;
  return [
    {
      title: campaignText(seen),
      severity: 'warning',
      look: lookOfFinding('', 'warning'),
      isNow: false,
      dueAt: null,
      hint: `First mend ${listed(stopped.map(({ server }) => server))}. The same command then asks only the servers that are not done.${back}`,
      commands: [`$fleet | Invoke-CertRebindFleet -Action ${how} ${named}`],
      messages: stopped.map(
        ({ server, problems = [] }) => `${server}: ${problems[0]?.message ?? 'it did not say why.'}`,
      ),
      on: ownConsole,
    },
  ];
}

export function campaignSection(seen: CampaignSeen, timeOf: (iso: string) => Markup): Markup {
  const { parts, stopped } = summed(seen);
  const states = Object.keys(looks);
  const tiles = parts
    .toSorted((a, b) => states.indexOf(a.state) - states.indexOf(b.state))
    .map(({ state, server }) => ({ look: looks[state], name: server }));
  const bodies = stopped.map(({ server, state, wave, result, problems = [] }) => {
    return row(html`<b>${server}</b>`, [
      stateText(looks[state], problems[0]?.message ?? ''),
      result ?? '–',
      wave == null ? '–' : `wave ${wave}`,
    ]);
  });
  const title = 'Servers where it did not succeed';
  return section(
    'campaign',
    'Campaign',
    html`<p>${campaignText(seen)}. Begun ${timeOf(seen.campaign.createdAt)}, in ${seen.file}.</p>
${mix(tiles, 'server')}${bodies.length === 0 ? null : rows(title, ['Server', 'State', 'Result', 'Wave'], bodies)}`,
  );
}

function summed({ campaign: { action, servers } }: CampaignSeen) {
  const isUndo = servers.some(({ undo }) => undo != null);
  const parts = servers.flatMap(({ server, asked, undo }) => {
    const part = isUndo ? undo : asked;
    return part == null ? [] : [{ server, ...part }];
  });
  const stopped = [...stopping.keys()].flatMap((state) => parts.filter((part) => part.state === state));
  return { isUndo, parts, stopped, name: `Campaign ${isUndo ? `${action}, its rollback,` : action}` };
}
