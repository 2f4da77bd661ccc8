import assert from 'node:assert/strict';
import type { Configuration } from '../../../src/documents/configuration.ts';
import type { SkippedEntry } from '../../../src/documents/runs/plan.ts';
import { lineFor, lineForRecord } from '../../../src/engine/plan/decide-reported.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { reportedPlaces } from '../../../src/kinds/place.ts';
import { reportedKinds, reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  type OtherParts,
  policy,
  record,
  renewal,
  type SnapshotParts,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const names = ['shop.example.com', 'web01.example.com'];

function uses(kind: (typeof reportedKinds)[number], detail: string, hash: string = old): OtherParts {
  const stands = { place: 'HKLM:\\PLACE', written: hash, service: 'SERVICE', state: 'started' } as const;
  return { thumbprint: hash, consumer: { kind, detail }, stands };
}

function server(parts: SnapshotParts): Snapshot {
  return snapshot({ certificates: [certificate('old', { names }), certificate('new', { names })], ...parts });
}

function skippedAt(
  parts: SnapshotParts,
  exclude: Partial<Configuration['exclude']> = {},
  renewals = [renewal('old', 'new')],
) {
  const configuration = policy({ exclude: { sites: [], records: [], holders: [], thumbprints: [], ...exclude } });
  return planRebind({ snapshot: server(parts), renewals, configuration }).skipped;
}

function only(entries: readonly SkippedEntry[]): SkippedEntry {
  const [entry] = entries;
  assert(entry !== undefined && entries.length === 1);
  return entry;
}

describe('a holder that is only reported', () => {
  for (const kind of reportedKinds) {
    it(`comes with the command of its maker: ${reportedRules[kind].called}`, () => {
      const {
        key,
        reason,
        consumers,
        detail,
        command = '',
      } = met(only(skippedAt({ others: [uses(kind, "it's one")] })));
      assert.deepEqual([key, reason, consumers], [`${kind}/it's one`, 'report-only', [{ kind, detail: "it's one" }]]);
      assert.ok(detail.startsWith(`${reportedRules[kind].called} still uses ${old} (in HKLM:\\PLACE).`), detail);
      // What a person has to look up first is left in angle brackets; nothing that is known is.
      assert.doesNotMatch(command, /<(?:new|NEW|OLD|detail|key|service|new thumbprint)>/);
      if (kind !== 'wac' && kind !== 'ldaps-my') assert.match(command.toUpperCase(), new RegExp(successor));
      if (reportedRules[kind].command.includes("'<detail>'")) assert.match(command, /'it''s one'/);
    });
  }

  it('is nothing to speak of where it holds the new certificate, or any other', () => {
    for (const label of ['new', 'other']) {
      assert.deepEqual(skippedAt({ others: [uses('hyper-v', 'server', thumbprintOf(label))] }), []);
    }
  });

  it('is left alone by its key, in whatever letters', () => {
    const entry = only(skippedAt({ others: [uses('hyper-v', 'server')] }, { holders: ['HYPER-V/server'] }));
    assert.deepEqual([met(entry).reason, met(entry).command], ['excluded', undefined]);
  });

  for (const [what, thumbprint] of [
    ['the old', old],
    ['the new', successor],
  ] as const)
    it(`is left alone where ${what} certificate is excluded`, () => {
      const entry = only(skippedAt({ others: [uses('hyper-v', 'server')] }, { thumbprints: [thumbprint] }));
      assert.deepEqual([entry.key, met(entry).reason, met(entry).command], ['hyper-v/server', 'excluded', undefined]);
      assert.match(met(entry).detail, new RegExp(thumbprint));
    });

  const newer = (issuer: string) => `<I>${issuer}<S>CN=shop.example.com`;
  const unread = 'What its connectors name was not read.';
  const renamed = 'The new certificate has another issuer or subject: connectors name both, and end TLS without this.';
  const lost = (names: string) =>
    `Its connector Out names ${names}: the new certificate has another issuer or subject, so TLS ends there without this.`;
  const long = `CN=${'Y'.repeat(240)}`;
  for (const [what, issuer, connectors, trouble] of [
    ['nothing was read, and the names stay', 'CN=X', undefined, unread],
    ['no connector shows a name, and the issuer changes', 'CN=Y', [''], `${unread} ${renamed}`],
    ['a connector names an issuer that changes', 'CN=Y', [newer('CN=X')], lost(newer('CN=X'))],
    ['a connector names what stays, in other letters', 'CN=X', ['<i>cn=x<s>cn=SHOP.example.com'], ''],
    ['a connector names no issuer', 'CN=Y', ['<S>CN=shop.example.com'], ''],
    ['a connector names the new certificate already', 'CN=Y', [newer('CN=Y'), ''], ''],
    ['a connector names another certificate', 'CN=Y', ['<I>CN=X<S>CN=mail.example.org'], ''],
    [
      'no connector can name the new one',
      long,
      [newer('CN=X')],
      `${lost(newer('CN=X'))} It cannot name the new certificate at all: that takes 268 characters, and the directory takes 256.`,
    ],
  ] as const)
    it(`is told of Exchange, where ${what}`, () => {
      const { notes } = planRebind({
        snapshot: server({
          certificates: [certificate('old', { names, issuer: 'CN=X' }), certificate('new', { names, issuer })],
          records: [record('0.0.0.0:443', 'old')],
          roles: [
            {
              kind: 'exchange',
              why: null,
              ...(connectors && { connectors: connectors.map((text) => ({ name: 'Out', names: text })) }),
            },
          ],
        }),
        renewals: [renewal('old', 'new')],
        configuration: policy({}),
      });
      const [, told] = / this command changes it\. ?(.*?) ?Run it in the Exchange/.exec(notes[0]?.text ?? '') ?? [];
      assert.equal(told, trouble);
    });

  it('gets no command where two certificates replace the old one', () => {
    const certificates = ['old', 'new', 'other'].map((label) => certificate(label, { names }));
    const both = [renewal('old', 'new'), renewal('old', 'other')];
    const entry = only(skippedAt({ others: [uses('hyper-v', 'server')], certificates }, {}, both));
    assert.deepEqual(
      [met(entry).reason, met(entry).detail, met(entry).command],
      [
        'report-only',
        `Hyper-V Replica still uses ${old} (in HKLM:\\PLACE). That certificate has more than one successor.`,
        undefined,
      ],
    );
  });

  it('is shown with its command before anything renews its certificate, with a word for the new thumbprint', () => {
    const lines = reportedPlaces(server({ others: [uses('hyper-v', 'server'), uses('ldaps-my', 'NTDS')] })).map((one) =>
      lineFor(one, null),
    );
    const hyperV = lines.map(({ command }) => command).find((line) => line.startsWith('Set-VMReplicationServer'));
    assert.match(hyperV ?? '', / -CertificateThumbprint <new thumbprint>$/);
  });
});

describe('a certificate binding that is not of IIS', () => {
  const of = (appId: string) => only(skippedAt({ records: [record('0.0.0.0:8443', 'old', { appId })] }));

  it('comes with the line that lets CertRebind change it, where nobody knows its owner', () => {
    const { reason, command } = met(of('{5F0A1C6E-8B52-4D3B-9A57-2F6F5F1F3A10}'));
    assert.deepEqual(
      [reason, command],
      ['other-program', 'certrebind config add applicationIds 5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10'],
    );
  });

  it('comes with the command of its maker where that is known', () => {
    const { command = '' } = met(of('{5d89a20c-beab-4389-9447-324788eb944a}'));
    assert.match(
      command,
      new RegExp(`^Set-AdfsSslCertificate -Thumbprint ${successor}; .* '${old}' .*${successor} }$`),
    );
  });

  it('of IP-HTTPS comes with the command of Remote Access, and with the line for the KDC proxy besides', () => {
    const { command, detail } = met(of('{5D8E2743-EF20-4D38-8751-7E400F200E65}'));
    assert.equal(command, `Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\${successor}) -Force`);
    assert.match(detail, /certrebind config add applicationIds 5d8e2743-ef20-4d38-8751-7e400f200e65\.$/);
  });

  const adfs = '{5d89a20c-beab-4389-9447-324788eb944a}';
  for (const [what, appId, pair, command] of [
    ['has no line where it is of IIS', undefined, null, undefined],
    ['has no line where it is renewed in place', adfs, renewal('old', 'old'), undefined],
    [
      'keeps a word for the new thumbprint until it is known',
      adfs,
      null,
      `-eq '${old}' } | ForEach-Object { Set-AdfsCertificate -CertificateType Service-Communications -Thumbprint <new thumbprint> }`,
    ],
  ] as const)
    it(what, () => {
      const line = lineForRecord(record('0.0.0.0:8443', 'old', appId === undefined ? {} : { appId }), pair).command;
      assert.equal(line?.includes(command ?? ''), command === undefined ? undefined : true);
    });

  it('comes without one where it follows a listener of WinRM, or is left alone', () => {
    assert.equal(met(of('{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}')).command, undefined);
    const records = [record('0.0.0.0:8443', 'old', { appId: '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}' })];
    const entry = only(skippedAt({ records }, { records: ['0.0.0.0:8443'] }));
    assert.deepEqual([met(entry).reason, met(entry).command], ['excluded', undefined]);
  });
});
