import assert from 'node:assert/strict';
import { CertRebindError } from '../../src/base/errors.ts';
import { campaignStep, campaignText } from '../../src/commands/report/campaign-section.ts';
import { fleetPage } from '../../src/commands/report/fleet-page.ts';
import { type Campaign, type CampaignSeen, parseCampaign } from '../../src/documents/campaign.ts';
import { elementsOf, rowsOf, textOf } from '../commands/report/read-page.ts';

type Part = Campaign['servers'][number]['asked'];

const done: Part = { state: 'done', wave: 1, result: 'rebound', problems: [] };
const failed: Part = { state: 'failed', wave: 2, result: 'undone', problems: [{ message: 'It no longer answers.' }] };
const idle: Part = { state: 'nothing-to-do', wave: 1, result: 'nothing-planned' };
const left: Part = { state: 'not-started' };

function seen(parts: readonly Part[], more: Partial<Campaign> = {}, around: Partial<CampaignSeen> = {}): CampaignSeen {
  const servers = parts.map((asked, at) => ({ server: `web0${at + 1}`, asked, undo: null }));
  const createdAt = '2026-06-01T09:00:00.000Z';
  const campaign = { schema: 'certrebind/campaign/1', action: 'Sync', createdAt, servers, ...more } as const;
  return { campaign, file: 'autumn.json', isRunning: false, ...around };
}

describe('a campaign on the page of many servers', () => {
  const undone = [done, failed].map((asked, at) => ({ server: `web0${at + 1}`, asked, undo: at === 0 ? done : null }));
  const texts: readonly (readonly [what: string, of: CampaignSeen, text: string])[] = [
    ['has come to its end', seen([done, done]), 'Campaign Sync is done on 2 servers'],
    [
      'is going on',
      seen([done, failed, left], {}, { isRunning: true }),
      'Campaign Sync is running: 1 of its 3 servers done',
    ],
    [
      'stopped, and at which server',
      seen([done, failed, left, left]),
      'Campaign Sync stopped: web02 failed; 1 of its 4 servers done, 2 not asked',
    ],
    ['went on to its end', seen([done, failed]), 'Campaign Sync ended: 1 of its 2 servers done, web02 failed'],
    [
      'stopped at several servers',
      seen([failed, { ...failed, state: 'unreachable' }, { state: 'asked' }]),
      'Campaign Sync stopped: web01, web02 did not succeed; 0 of its 3 servers done, 1 not asked',
    ],
    [
      'had nothing to do on some, which is not the same as not being asked',
      seen([done, idle, failed, left]),
      'Campaign Sync stopped: web03 failed; 1 of its 4 servers done, 1 with nothing to do, 1 not asked',
    ],
    [
      'has come to its end where there was nothing to do',
      seen([done, idle]),
      'Campaign Sync is done on 1 server, 1 with nothing to do',
    ],
    ['was left', seen([done, left]), 'Campaign Sync: 1 of its 2 servers done'],
    ['is rolled back', seen([], { servers: undone }), 'Campaign Sync, its rollback, is done on 1 server'],
  ];
  for (const [what, of, text] of texts) it(`tells that it ${what}`, () => assert.equal(campaignText(of), text));

  it('has the command that goes on, unless a console works on it or nothing is in its way', () => {
    const pair = { action: 'Rebind', old: 'A'.repeat(40), new: 'B'.repeat(40) } as const;
    const command = (of: CampaignSeen) => campaignStep(of).map(({ commands }) => commands[0]);
    assert.deepEqual(
      [
        command(seen([failed, left])),
        command(seen([failed, left], pair)),
        command(seen([failed, left], { action: 'Rebind' }, { file: "C:\\o'clock.json" })),
        command(seen([failed, left], {}, { isRunning: true })),
        command(seen([done, left])),
      ],
      [
        ['$fleet | Invoke-CertRebindFleet -Action Sync -Campaign autumn.json'],
        [
          `$fleet | Invoke-CertRebindFleet -Action Rebind -OldThumbprint ${pair.old} -NewThumbprint ${pair.new} -Campaign autumn.json`,
        ],
        ["$fleet | Invoke-CertRebindFleet -Action Rebind -Plan $plans -Campaign 'C:\\o''clock.json'"],
        [],
        [],
      ],
    );
  });

  it('stands in the first lines, among what is to be done, and with each server where it did not succeed', () => {
    const inventory = { schema: 'certrebind/inventory/1', takenAt: '2026-06-01T12:00:00.000Z', entries: [] } as const;
    const page = fleetPage({ inventory, campaign: seen([done, failed, left]), version: '1' });
    const text = 'Campaign Sync stopped: web02 failed; 1 of its 3 servers done, 1 not asked';
    const header = elementsOf(page, 'header').map(textOf).join('');
    assert.ok(header.includes(text) && !header.includes('below'), header);
    assert.match(
      header,
      /Mend web02\.\s+Type on your console:.*-Campaign autumn\.json.*web02: It no longer answers\./s,
    );
    assert.deepEqual(rowsOf(page, 'campaign'), [['web02', ' FailedIt no longer answers.', 'undone', 'wave 2']]);
    assert.ok(!fleetPage({ inventory, campaign: null, version: '1' }).includes('ampaign'));
  });

  it('is the headline where it is the first thing to do, whatever else is not well', () => {
    const silent = { kind: 'server', server: 'web07', code: 'unreachable', message: 'No session.' } as const;
    const inventory = {
      schema: 'certrebind/inventory/1',
      takenAt: '2026-06-01T12:00:00.000Z',
      entries: [silent],
    } as const;
    const page = fleetPage({ inventory, campaign: seen([done, failed]), version: '1' });
    assert.match(elementsOf(page, 'h1').map(textOf).join(), /^Campaign Sync ended: /);
  });

  it('is read as the module writes it, and nothing else is', () => {
    const part = {
      ...done,
      before: null,
      run: 'r',
      exitCode: 0,
      changed: 2,
      startedAt: '2026-06-01T09:00:01Z',
      seconds: 1.5,
    };
    const { campaign } = seen([part]);
    assert.deepEqual(
      parseCampaign(JSON.stringify({ ...campaign, old: null, new: null }), 'autumn.json').servers[0]?.asked,
      part,
    );
    for (const broken of [
      { ...campaign, schema: 'certrebind/campaign/3' },
      { ...campaign, servers: [{ server: 'web01', asked: { state: 'perhaps' } }] },
      { ...campaign, action: 'Test' },
    ])
      assert.throws(() => parseCampaign(JSON.stringify(broken), 'autumn.json'), CertRebindError);
  });
});
