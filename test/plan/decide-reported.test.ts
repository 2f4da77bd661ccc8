import assert from 'node:assert/strict';
import type { KeyRights } from '../../src/certificates/certificate.ts';
import type { Configuration } from '../../src/documents/configuration.ts';
import type { SkippedEntry } from '../../src/documents/runs/plan.ts';
import { makersCommand, reportedHolders } from '../../src/holders/reported/reported.ts';
import { reportedKinds, reportedRules } from '../../src/holders/reported/reported-kinds.ts';
import type { Snapshot } from '../../src/holders/snapshot.ts';
import { lineFor, lineForRecord } from '../../src/plan/decide-reported.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { serviceAccount } from '../../src/windows/service-account.ts';
import {
  certificate,
  now,
  type OtherParts,
  policy,
  record,
  renewal,
  type SnapshotParts,
  snapshot,
  thumbprintOf,
} from '../builders/snapshot.ts';

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
      const { key, reason, consumers, detail, command = '' } = only(skippedAt({ others: [uses(kind, "it's one")] }));
      assert.deepEqual([key, reason, consumers], [`${kind}/it's one`, 'report-only', [{ kind, detail: "it's one" }]]);
      assert.ok(detail.startsWith(`${reportedRules[kind].called} still uses ${old} (in HKLM:\\PLACE).`), detail);
      // What a person has to look up first is left in angle brackets; nothing that is known is.
      assert.doesNotMatch(command, /<(?:new|NEW|OLD|detail|key|service|new thumbprint)>/);
      if (kind !== 'wac') assert.match(command.toUpperCase(), new RegExp(successor));
      if (reportedRules[kind].command.includes("'<detail>'")) assert.match(command, /'it''s one'/);
    });
  }

  for (const quote of ["'", '\u2018', '\u2019', '\u201a', '\u201b'])
    it(`cannot end the quotes of its command: ${quote}`, () => {
      const place = `HKLM:\\A${quote}; Remove-Item C:\\; ${quote}`;
      const { command } = makersCommand(reportedRules.sql, {
        stands: { place, written: old, service: '', state: 'started' },
        old,
        new: successor,
      });
      assert.ok(
        command.startsWith(`Set-ItemProperty '${place.replaceAll(quote, quote + quote)}' Certificate `),
        command,
      );
    });

  it('is found by the SHA-256 that SSTP keeps', () => {
    const sha256 = certificate('old', { names }).sha256.toLowerCase();
    const { key, command } = only(skippedAt({ others: [uses('sstp', 'SstpSvc', sha256)] }));
    assert.deepEqual(
      [key, command],
      ['sstp/SstpSvc', `Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\${successor})`],
    );
  });

  it('is nothing to speak of where it holds the new certificate, or any other', () => {
    for (const label of ['new', 'other']) {
      assert.deepEqual(skippedAt({ others: [uses('sql', 'MSSQLSERVER', thumbprintOf(label))] }), []);
    }
  });

  it('is left alone by its key, in whatever letters', () => {
    const entry = only(skippedAt({ others: [uses('sql', 'MSSQLSERVER')] }, { holders: ['SQL/mssqlserver'] }));
    assert.deepEqual([entry.reason, entry.command], ['excluded', undefined]);
  });

  for (const [what, thumbprint] of [
    ['the old', old],
    ['the new', successor],
  ] as const)
    it(`is left alone where ${what} certificate is excluded`, () => {
      const entry = only(skippedAt({ others: [uses('sql', 'MSSQLSERVER')] }, { thumbprints: [thumbprint] }));
      assert.deepEqual([entry.key, entry.reason, entry.command], ['sql/MSSQLSERVER', 'excluded', undefined]);
      assert.match(entry.detail, new RegExp(thumbprint));
    });

  it('gets no command where two certificates replace the old one', () => {
    const certificates = ['old', 'new', 'other'].map((label) => certificate(label, { names }));
    const both = [renewal('old', 'new'), renewal('old', 'other')];
    const entry = only(skippedAt({ others: [uses('sql', 'MSSQLSERVER')], certificates }, {}, both));
    assert.deepEqual(
      [entry.reason, entry.detail, entry.command],
      [
        'report-only',
        `SQL Server still uses ${old} (in HKLM:\\PLACE). That certificate has more than one successor.`,
        undefined,
      ],
    );
  });

  it('is shown with its command before anything renews its certificate, with a word for the new thumbprint', () => {
    const lines = reportedHolders(server({ others: [uses('sql', 'MSSQLSERVER'), uses('ldaps', 'NTDS')] })).map((one) =>
      lineFor(one, null),
    );
    const [ldaps, sql] = lines.map(({ command }) => command).toSorted();
    assert.equal(sql, "Set-ItemProperty 'HKLM:\\PLACE' Certificate <new thumbprint>");
    assert.match(
      ldaps ?? '',
      /Certificates\\<new thumbprint> .*Remove-Item HKLM:\\.*\\<OLD>; .*'renewServerCertificate'.*CommitChanges\(\)$/,
    );
  });

  const unfit: readonly (readonly [what: string, parts: Parameters<typeof certificate>[1], says: RegExp])[] = [
    [
      'is not for servers',
      { names, ekus: ['1.3.6.1.5.5.7.3.2'] },
      /would not start with .*not for server authentication/,
    ],
    ['is for another name', { names: ['shop.example.com'] }, /would not start with .*does not cover the name WEB01/],
    ['has ended', { names, notAfter: '2026-01-01T00:00:00.000Z' }, /would not start with .*has expired/],
    ['ends at this moment', { names, notAfter: now }, /would not start with .*has expired/],
    ['is not valid yet', { names, notBefore: '2026-07-01T00:00:00.000Z' }, /would not start with .*not valid yet/],
    ['has no key', { names, key: 'missing' }, /has no private key/],
    ['lies in another store', { names, store: 'WebHosting' }, /store My, and \w+ is not there/],
  ];
  for (const [what, parts, says] of unfit) {
    it(`gets no command where SQL Server would fail with a certificate that ${what}`, () => {
      const certificates = [certificate('old', { names }), certificate('new', parts)];
      const entry = only(skippedAt({ others: [uses('sql', 'MSSQLSERVER')], certificates }));
      assert.match(entry.detail, says);
      assert.equal(entry.command, undefined);
    });
  }

  it('gets its command for a certificate that is valid from this moment on', () => {
    const certificates = [certificate('old', { names }), certificate('new', { names, notBefore: now })];
    const { command } = only(skippedAt({ others: [uses('sql', 'MSSQLSERVER')], certificates }));
    assert.match(command ?? '', /^Set-ItemProperty /);
  });
});

describe('the key of what SQL Server would get', () => {
  const runsAs = serviceAccount('MSSQLSERVER', 'NT Service\\MSSQLSERVER');
  const [unread, read] = ['', `(A;;FR;;;${runsAs.serviceSid})`].map((more) => ({
    sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)${more}`,
  }));

  function said(keyRights: KeyRights | undefined): SkippedEntry {
    const use = uses('sql', 'MSSQLSERVER');
    const stands = { place: 'HKLM:\\PLACE', written: old, service: 'MSSQLSERVER', state: 'started', runsAs } as const;
    const renewed = certificate('new', { names, ...(keyRights === undefined ? {} : { keyRights }) });
    return only(skippedAt({ others: [{ ...use, stands }], certificates: [certificate('old', { names }), renewed] }));
  }

  it('comes with the command where the service may read it', () => {
    const { detail, command } = said(read);
    assert.match(detail, /NT SERVICE\\MSSQLSERVER can read the private key of the new certificate\.$/);
    assert.match(command ?? '', /^Set-ItemProperty /);
  });

  it('comes without one where it may not, and says who needs the right', () => {
    const { detail, command } = said(unread);
    assert.match(detail, /would not start with \w+: NT SERVICE\\MSSQLSERVER cannot read its private key\. Give it/);
    assert.equal(command, undefined);
  });

  it('comes with the command, and what it needs, where its rights are not known', () => {
    for (const keyRights of [undefined, { why: 'it is in a TPM' }]) {
      const { detail, command } = said(keyRights);
      assert.match(detail, /NT SERVICE\\MSSQLSERVER must be able to read the private key of the new certificate\.$/);
      assert.match(command ?? '', /^Set-ItemProperty /);
    }
  });
});

describe('a TLS record that is not of IIS', () => {
  const of = (appId: string) => only(skippedAt({ records: [record('0.0.0.0:8443', 'old', { appId })] }));

  it('comes with the line that lets CertRebind change it, where nobody knows its owner', () => {
    const { reason, command } = of('{5F0A1C6E-8B52-4D3B-9A57-2F6F5F1F3A10}');
    assert.deepEqual(
      [reason, command],
      ['not-ours', 'certrebind config add applicationIds 5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10'],
    );
  });

  it('comes with the command of its maker where that is known', () => {
    assert.equal(
      of('{5d89a20c-beab-4389-9447-324788eb944a}').command,
      `Set-AdfsSslCertificate -Thumbprint ${successor}`,
    );
  });

  const adfs = '{5d89a20c-beab-4389-9447-324788eb944a}';
  for (const [what, appId, pair, command] of [
    ['has no line where it is of IIS', undefined, null, undefined],
    ['has no line where it is renewed in place', adfs, renewal('old', 'old'), undefined],
    [
      'keeps a word for the new thumbprint until it is known',
      adfs,
      null,
      'Set-AdfsSslCertificate -Thumbprint <new thumbprint>',
    ],
  ] as const)
    it(what, () =>
      assert.equal(
        lineForRecord(record('0.0.0.0:8443', 'old', appId === undefined ? {} : { appId }), pair).command,
        command,
      ),
    );

  it('comes without one where it follows a listener of WinRM, or is left alone', () => {
    assert.equal(of('{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}').command, undefined);
    const records = [record('0.0.0.0:8443', 'old', { appId: '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}' })];
    const entry = only(skippedAt({ records }, { records: ['0.0.0.0:8443'] }));
    assert.deepEqual([entry.reason, entry.command], ['excluded', undefined]);
  });
});
