import assert from 'node:assert/strict';
import type { Configuration } from '../../../src/documents/configuration.ts';
import { byHandFindings } from '../../../src/engine/findings/suggested-findings.ts';
import { renewalsOf } from '../../../src/engine/plan/plan-pending.ts';
import { surveyServer } from '../../../src/engine/plan/server-survey.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  now,
  type OtherParts,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const appId = '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}';
const names = ['shop.example.com', 'web01.example.com'];

const sql = (label: string): OtherParts => ({
  thumbprint: thumbprintOf(label),
  consumer: { kind: 'sql', detail: 'MSSQLSERVER' },
});

type More = { readonly configuration?: Configuration; readonly entries?: readonly EntryParts[] };

function findings(parts: SnapshotParts, { configuration = policy(), entries = [] }: More = {}) {
  const certificates = [certificate('old', { names, renewedTo: 'new' }), certificate('new', { names })];
  const server = snapshot({ certificates, ...parts });
  const renewals = renewalsOf({ snapshot: server, ledger: ledgerOf(entries), configuration });
  const survey = surveyServer(server, configuration, []);
  return byHandFindings({ snapshot: server, succession: renewals.succession, configuration, renewals, survey });
}

function found(parts: SnapshotParts, more: More = {}) {
  return findings(parts, more).map(({ code, message, commands }) => [
    `${code}: ${message}`,
    commands.join('\n') || null,
  ]);
}

const stillUses = `still uses ${old}, which has been renewed.`;
const excluding = (parts: Partial<Configuration['exclude']>) => ({
  configuration: policy({ exclude: { ...policy().exclude, ...parts } }),
});

describe('what is left to a person', () => {
  it('is a record of another product, with the line that lets CertRebind change it', () => {
    assert.deepEqual(found({ records: [record('0.0.0.0:8443', 'old', { appId })] }), [
      [
        `change-by-hand: 0.0.0.0:8443 ${stillUses}`,
        'certrebind config add applicationIds 5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10',
      ],
    ]);
  });

  it('is an FTP site, with the line that lets CertRebind move it', () => {
    assert.deepEqual(found({ ftps: [{ site: 'Files', thumbprint: old, store: 'My' }] }), [
      [`change-by-hand: ftp/Files ${stillUses}`, 'certrebind config set holders.ftp.policy replace'],
    ]);
  });

  it('is an FTP site that other servers share, with the reason and the whole line', () => {
    const sources = [{ part: 'shared configuration', from: '\\\\files\\iis' }] as const;
    const [[message, command] = []] = found({ ftps: [{ site: 'Files', thumbprint: old, store: 'My' }], sources });
    assert.match(message ?? '', /^change-by-hand: ftp\/Files still uses .* Change it once all of them have the new/);
    assert.match(command ?? '', new RegExp(`^Set-WebConfigurationProperty .* -Value ${successor}$`));
  });

  it('is a role, with the settings that let CertRebind restart its service', () => {
    assert.deepEqual(found({ others: [sql('old')] }), [
      [
        `change-by-hand: sql/MSSQLSERVER ${stillUses}`,
        'certrebind config set holders.sql replace holders.sql.restart window window 22:00-04:00',
      ],
    ]);
  });

  for (const [what, sddl, says] of [
    [
      'can read the new key',
      'D:(A;;FA;;;SY)(A;;FR;;;S-1-5-80-0)',
      /NT SERVICE\\MSSQLSERVER can read the new private key\.$/,
    ],
    [
      'may not be able to',
      undefined,
      /First, in certlm\.msc .*Manage Private Keys\), let NT SERVICE\\MSSQLSERVER read /,
    ],
  ] as const)
    it(`says what the command of a role ends, and that its service ${what}`, () => {
      const keyRights = sddl === undefined ? {} : { keyRights: { sddl } };
      const certificates = [
        certificate('old', { names, renewedTo: 'new' }),
        { ...certificate('new', { names }), ...keyRights },
      ];
      const [{ hint } = { hint: '' }] = findings({ others: [sql('old')], certificates });
      assert.match(
        hint,
        /^MSSQLSERVER uses the new certificate only after a restart, and the command allows that restart in the change window\. The plan shows how to change it yourself\. The change restarts MSSQLSERVER, and SQLSERVERAGENT with it: 2 connections end\. /,
      );
      assert.match(hint, says);
      assert.doesNotMatch(hint, /[A-Z]{2,} ?\.$|KEY|<|>/);
    });

  it('comes with the reason where no command would do', () => {
    const certificates = [
      certificate('old', { names, renewedTo: 'new' }),
      certificate('new', { names, key: 'missing' }),
    ];
    assert.deepEqual(found({ others: [sql('old')], certificates }), [
      [
        `change-by-hand: sql/MSSQLSERVER still uses ${old}. The new certificate ${successor} in My has no private key.`,
        null,
      ],
    ]);
  });

  for (const [what, parts, more] of [
    ['where it names the new certificate', { others: [sql('new')] }, {}],
    ['where nothing renews its certificate', { others: [sql('other')] }, {}],
    ['where it is excluded', { others: [sql('old')] }, excluding({ holders: ['sql/MSSQLSERVER'] })],
  ] as const)
    it(`is nothing ${what}`, () => assert.deepEqual(found(parts, more), []));

  it('is still there where the renewal was undone at another place', () => {
    const heldAt = [record('shop.example.com:443', 'old').key];
    const entries = [{ renewal: renewal('old', 'new'), state: 'undone', heldAt }] as const;
    assert.equal(found({ others: [sql('old')] }, { entries }).length, 1);
  });

  for (const [kind, count] of [
    ['chain', 0],
    ['handshake', 1],
  ] as const)
    it(`is ${count === 0 ? 'not ' : ''}there where the renewal was rolled back at another place for its ${kind}`, () => {
      const shop = record('shop.example.com:443', 'old');
      const cause = { kind, issuer: 'CN=Issuing CA 2', said: 'Bad.' } as const;
      const entries = [{ renewal: renewal('old', 'new'), state: 'undone', heldAt: [shop.key], cause }] as const;
      const parts = { sites: [site('Shop', [sni('shop.example.com')])], records: [shop], others: [sql('old')] };
      assert.equal(found(parts, { entries }).length, count);
    });

  it('is not there where a person took the renewal back at another place', () => {
    const shop = record('shop.example.com:443', 'old');
    const entries = [{ renewal: renewal('old', 'new'), state: 'undone', heldAt: [shop.key], cause: null }] as const;
    const parts = { sites: [site('Shop', [sni('shop.example.com')])], records: [shop], others: [sql('old')] };
    assert.equal(found(parts, { entries }).length, 0);
  });

  it('is still there when the renewal is only remembered', () => {
    const certificates = [certificate('old', { names }), certificate('new', { names })];
    const entries = [{ renewal: renewal('old', 'new'), state: 'settled', reasons: [], run: null, at: now }] as const;
    assert.equal(found({ others: [sql('old')], certificates }).length, 0);
    assert.equal(found({ others: [sql('old')], certificates }, { entries }).length, 1);
  });
});
