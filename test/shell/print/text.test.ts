import assert from 'node:assert/strict';
import { renewedText } from '../../../src/commands/usage/renewed-text.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { renewedOf } from '../../../src/engine/views/renewed.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { briefText, statusText } from '../../../src/shell/print/status-text.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  now,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { factsOf, ownTasks, wireOf } from '../../engine/findings/facts.ts';

const hosts = ['shop.example.com', 'www.shop.example.com'];

function textOn(server: SnapshotParts, entries: readonly EntryParts[] = [], width: number | null = null, full = false) {
  const facts = { ...factsOf(server), ledger: ledgerOf(entries) };
  return statusText(statusOf(lookAt(facts)), { ...plain, width, full });
}

const inUse: SnapshotParts = {
  sites: [site('Shop', hosts.map(sni)), site('Mail', [sni('mail.example.org')])],
  records: [...hosts, 'mail.example.org'].map((host) =>
    record(`${host}:443`, host === 'mail.example.org' ? 'mail' : 'old'),
  ),
  certificates: [
    certificate('old', { names: hosts }),
    certificate('mail', { names: ['mail.example.org'], notAfter: '2026-08-04T13:00:00.000Z' }),
  ],
};

const renewed: SnapshotParts = {
  ...inUse,
  certificates: [
    certificate('old', { names: hosts, renewedTo: 'new' }),
    certificate('new', { names: ['shop.example.com'], notAfter: '2027-11-25T10:00:00.000Z' }),
    certificate('mail', { names: ['mail.example.org'], notAfter: '2026-08-04T13:00:00.000Z' }),
  ],
};

describe('one line of status', () => {
  const lineOf = (server: SnapshotParts) => briefText(statusOf(lookAt(factsOf(server))), plain);

  it('says that all is well, and what ends next', () =>
    assert.equal(
      lineOf(inUse),
      'OK WEB01: 2 sites on 2 certificates; mail.example.org expires first, in 64 days; no endpoint was dialled yet',
    ));

  for (const [hours, said] of [
    [0, 'endpoints dialled now'],
    [0.5, 'endpoints last dialled less than an hour ago'],
    [3, 'endpoints last dialled 3 hours ago'],
    [50, 'endpoints last dialled 2 days ago'],
    [-1, 'endpoints dialled now'],
  ] as const)
    it(`says how old what clients get is: ${said}, ${hours} hours after a dial`, () => {
      const facts = factsOf(inUse);
      const at = new Date(Date.parse(facts.snapshot.takenAt) - hours * 3600_000).toISOString();
      const wire = wireOf(facts.snapshot).map((one) => ({ ...one, at, since: at }));
      for (const text of [briefText, statusText]) {
        const [first] = text(statusOf(lookAt({ ...facts, wire })), plain).split('\n');
        assert.ok(first?.endsWith(`mail.example.org expires first, in 64 days; ${said}`), first);
      }
      const renewed = renewedText(renewedOf(lookAt({ ...facts, wire }), null), plain);
      assert.ok(renewed.includes(`\nOf what clients get: ${said}.\n`), renewed);
    });

  it('names the worst thing, how many others there are, and what to type', () =>
    assert.equal(
      lineOf({ ...inUse, records: inUse.records?.slice(1) ?? [], tasks: [] }),
      `ERROR WEB01: Shop (shop.example.com) is DOWN: no certificate; 1 more task. Type: netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('old')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
    ));
});

const entryOf = (state: EntryParts['state'], parts: Partial<EntryParts> = {}): EntryParts => ({
  renewal: renewal('old', 'new', { source: 'renewal-property' }),
  state,
  reasons: [],
  run: '20260601-100000000-0001',
  at: now,
  ...parts,
});

describe('the status as text', () => {
  it('says in one line first that all is well, on what, and what ends next', () => {
    const [first] = textOn(inUse).split('\n');
    assert.equal(
      first,
      'OK: 2 sites on 2 certificates; mail.example.org expires first, in 64 days; no endpoint was dialled yet',
    );
  });

  it('counts sites and certificates that only FTP has, once its kind is moved', () => {
    const facts: SnapshotParts = {
      ...inUse,
      sites: [site('Files', [parseBinding('ftp', '*:21:', 0)])],
      records: [],
      ftps: [{ site: 'Files', thumbprint: thumbprintOf('mail'), store: 'My' }],
    };
    assert.match(textOn(facts), /^OK: no IIS site uses a certificate on this server/);
    const configuration = policy({ holders: { ...policy().holders, ftp: { policy: 'replace' } } });
    assert.match(
      statusText(statusOf(lookAt({ ...factsOf(facts), configuration })), plain),
      /^OK: 1 site on 1 certificate; mail\.example\.org expires in 64 days/,
    );
  });

  it('names in the first line the holder that a finding is about', () => {
    const foreign = record('0.0.0.0:8443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' });
    const [first] = textOn({ ...renewed, sites: [], records: [foreign] }).split('\n');
    assert.match(first ?? '', /^WARNING: 0\.0\.0\.0:8443: still uses an old certificate, which ends in 213 days/);
  });

  it('says first what is worst and what to type, then what else there is to do, and no more', () =>
    assert.deepEqual(
      textOn({ ...inUse, tasks: [], lifecycle: { ...snapshot().lifecycle, enabled: false } }).split('\n'),
      [
        'ERROR: The certificate lifecycle log is disabled, so no event can start CertRebind',
        '    certrebind doctor --fix log-disabled',
        '',
        'Then',
        '  CertRebind is not enabled',
        '      certrebind enable',
        '',
        '2 sites on 2 certificates; mail.example.org expires first, in 64 days.',
        'CertRebind is not enabled.',
        'There are no runs yet.',
        'Everything else: certrebind status --full',
      ],
    ));

  it('shows five things to do at once', () => {
    const server = {
      sites: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => site(name, [sni(`${name}.example.com`)])),
      records: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => record(`${name}.example.com:443`, name)),
      certificates: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) =>
        certificate(name, { names: [`${name}.example.com`], notAfter: '2026-06-05T00:00:00.000Z' }),
      ),
    };
    assert.equal(textOn(server).match(/certificate ends in 3 days/g)?.length, 5);
    assert.match(textOn(server), /\n {2}and 2 more tasks \(--full\)\n/);
  });

  it('says of a certificate that has ended so, and of a server without any', () => {
    for (const [notAfter, said] of [
      ['2026-05-30T12:00:00.000Z', 'expired 2 days ago'],
      ['2026-06-01T09:00:00.000Z', 'expired 3 hours ago'],
      ['2026-06-01T11:59:50.000Z', 'expired less than an hour ago'],
      ['2026-06-01T12:00:10.000Z', 'expires first, in less than an hour'],
    ] as const) {
      const ended = certificate('mail', { names: ['mail.example.org'], notAfter });
      const text = textOn({ ...inUse, certificates: [certificate('old', { names: hosts }), ended] });
      assert.ok(text.includes(`\n2 sites on 2 certificates; mail.example.org ${said}.\n`), text);
    }
    assert.match(textOn({}), /^OK: no IIS site uses a certificate on this server\n/);
  });

  it('shows the tasks last', () => {
    const text = textOn(inUse, [], null, true);
    assert.ok(text.indexOf('Tasks in') > text.indexOf('There are no runs yet.'));
    assert.match(text, /\nCertRebind-Reconcile +ours +enabled +never +-$/);
  });

  it('says in words how a task ended', () => {
    const ended = (lastResult: number) => {
      const tasks = ownTasks.map((task) => ({ ...task, lastRunAt: now, lastResult }));
      return (
        textOn({ ...inUse, tasks }, [], null, true)
          .split('\n')
          .at(-1) ?? ''
      );
    };
    assert.match(ended(0), / 0$/);
    assert.match(ended(0x41301), / it is still running \(0x00041301\)$/);
    assert.match(ended(5), / A person has to act\. .* \(5\)$/);
  });

  it('tells a renewal once, and what becomes of each place of it', () => {
    const text = textOn(renewed, [], null, true);
    const of = (part: string) => text.split('\n').filter((line) => line.includes(part)).length;
    assert.match(text, /\n {2}shop\.example\.com \(Test CA\), ends 2027-01-01 → 2027-11-25, 1 name lost\n/);
    assert.deepEqual(
      [of('  renewal-pending shop.example.com:443'), of('  renewal-blocked www.shop.example.com:443')],
      [1, 1],
    );
    // At first, and with what else is said of it.
    assert.equal(of('certrebind reconcile'), 2);
  });

  it('says how to apply again what was rolled back', () => {
    const type = `certrebind rebind --old ${thumbprintOf('old')} --new ${thumbprintOf('new')}`;
    const undone = entryOf('undone', { heldAt: hosts.map((host) => record(`${host}:443`, 'old').key) });
    const text = textOn(renewed, [undone], null, true);
    assert.match(text, new RegExp(`was taken back by run 20260601-100000000-0001 (?:.*\\n)+ +${type}\\n`));
    assert.equal(text.split('20260601-100000000-0001').length, 2);
  });

  it('says what holds for several findings once', () => {
    const soon = { notAfter: '2026-06-03T12:00:00.000Z' };
    const certificates = [
      certificate('old', { names: hosts, ...soon }),
      certificate('mail', { names: ['mail.example.org'], ...soon }),
    ];
    const text = textOn({ ...inUse, certificates }, [], null, true);
    const lines = text.split('\n');
    const of = (part: string) => lines.filter((line) => line.includes(part)).length;
    assert.equal(of('certificate-ends-soon'), 2);
    const hint = lines[lines.findLastIndex((line) => line.includes('certificate-ends-soon')) + 1] ?? '';
    assert.equal(of(hint.trim()), 1, hint);
  });

  for (const width of [80, 60])
    it(`fits ${width} columns, but for commands to be copied`, () => {
      const text = textOn(renewed, [entryOf('blocked', { reasons: ['names-lost', 'key-missing'] })], width);
      for (const line of text.split('\n'))
        assert.ok(
          displayWidth(line) <= width || line.trim().startsWith('certrebind '),
          `${displayWidth(line)}: ${line}`,
        );
      assert.match(text, /\n {4}/);
    });
});
