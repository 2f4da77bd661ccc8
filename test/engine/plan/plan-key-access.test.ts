import assert from 'node:assert/strict';
import type { Step } from '../../../src/documents/runs/plan.ts';
import { certificatesByThumbprint, toPair } from '../../../src/engine/known/renewal-pair.ts';
import { planKeyAccess } from '../../../src/engine/plan/plan-key-access.ts';
import { type Holder, holding } from '../../../src/kinds/holder.ts';
import { keyAccessKey } from '../../../src/kinds/key-access/key-access.ts';
import { rdpKey, rdpListener } from '../../../src/kinds/rdp/rdp.ts';
import type { Certificate, KeyRights } from '../../../src/model/certificates/certificate.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import { evaluateTrust } from '../../../src/model/certificates/trust.ts';
import { certificate, policy, record, renewal, thumbprintOf } from '../../builders/snapshot.ts';
import { restoreStep, swapStep } from '../../builders/steps.ts';

const service = 'S-1-5-80-1-2-3-4-5';
const another = 'S-1-5-80-5-4-3-2-1';
const networkService = 'S-1-5-20';
const unread = { why: 'the key is on a smart card' };

/** A key that SYSTEM, the administrators and these accounts may read. */
const readableBy = (...accounts: readonly string[]): KeyRights => ({
  sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)${accounts.map((account) => `(A;;FR;;;${account})`).join('')}`,
});
const denying = (...accounts: readonly string[]): KeyRights => ({
  sddl: `O:SYG:SYD:PAI(D;;FR;;;BG)(A;;FA;;;SY)${accounts.map((account) => `(A;;FR;;;${account})`).join('')}`,
});
const withRights = (label: string, keyRights: KeyRights | undefined, parts: Partial<Pick<Certificate, 'store'>> = {}) =>
  certificate(label, { ...parts, ...(keyRights === undefined ? {} : { keyRights }) });

const swapped = (id: number, pair: Renewal, key = `h${id}.example.com:443`, store = 'My') =>
  swapStep(id, { ...record(key, 'old', { store }), thumbprint: pair.old }, pair);

/** Remote Desktop is moved from the old certificate to the new one. */
function remoteDesktop(pair: Renewal): Step {
  const before: Holder<'rdp'> = { kind: 'rdp', key: rdpKey('RDP-Tcp'), value: rdpListener('RDP-Tcp', pair.old) };
  return { ...swapped(9, pair), key: before.key, before, wanted: holding(before, pair.new, 'My') };
}

function accessOf(
  certificates: readonly Certificate[],
  steps: readonly Step[],
  keyAccess: 'report' | 'copy' = 'report',
  pairs: readonly Renewal[] = [renewal('old', 'new')],
) {
  const known = certificatesByThumbprint(certificates);
  return planKeyAccess(
    steps,
    new Map(pairs.map((one) => [one.old, toPair(one, known, evaluateTrust(undefined, 0))])),
    policy({ keyAccess }),
    new Map(),
  );
}

const given = ({ steps }: ReturnType<typeof accessOf>) =>
  steps.map(({ id, key, consumers }) => [
    id,
    key,
    ...consumers.map((consumer) => 'detail' in consumer && consumer.detail),
  ]);
const told = ({ notes }: ReturnType<typeof accessOf>) => notes.map(({ code, text }) => `${code}: ${text}`);

const oldToNew = renewal('old', 'new');
const newKey = keyAccessKey(thumbprintOf('new'));
const about = `key-access: Permissions of the private key of ${thumbprintOf('new')}: `;
const toCopy = 'CertRebind can copy the permissions.';
const byHand = 'Check it under Manage Private Keys.';

describe('the rights on the new key', () => {
  interface Row {
    readonly situation: string;
    readonly old: KeyRights | undefined;
    readonly successor: KeyRights | undefined;
    readonly keyAccess?: 'report' | 'copy';
    readonly steps?: readonly Step[];
    /** Accounts that are given the right to read, by what they are called. */
    readonly given?: readonly string[];
    readonly notes?: readonly string[];
  }
  const rdp = [remoteDesktop(oldToNew)];
  const rows: readonly Row[] = [
    { situation: 'nobody but the system read the old one', old: readableBy(), successor: readableBy() },
    { situation: 'everybody who read the old one reads it', old: readableBy(service), successor: readableBy(service) },
    { situation: 'it gives more than the old one did', old: readableBy(), successor: readableBy(service) },
    {
      situation: 'a service read the old one',
      old: readableBy(service),
      successor: readableBy(),
      notes: [`${about}${service} can read the old key but not the new one. ${toCopy}`],
    },
    {
      situation: 'two services read the old one',
      old: readableBy(another, 'NS', service),
      successor: readableBy(another),
      notes: [
        `${about}NETWORK SERVICE (${networkService}), ${service} can read the old key but not the new one. ${toCopy}`,
      ],
    },
    {
      situation: 'a service read the old one, and rights are copied',
      old: readableBy(service),
      successor: readableBy(),
      keyAccess: 'copy',
      given: [service],
    },
    {
      situation: 'two accounts read the old one, and rights are copied',
      old: readableBy(service, networkService),
      successor: readableBy(),
      keyAccess: 'copy',
      given: [`NETWORK SERVICE (${networkService})`, service],
    },
    {
      situation: 'a service read the old one, which denies rights, and rights are copied',
      old: denying(service),
      successor: readableBy(),
      keyAccess: 'copy',
      notes: [
        `${about}${service} can read the old key but not the new one. ` +
          `The permissions are not copied, because the old or the new key has deny entries. ${byHand}`,
      ],
    },
    {
      situation: 'everyone read the old one, and rights are copied',
      old: readableBy('WD'),
      successor: readableBy(),
      keyAccess: 'copy',
      notes: [
        `${about}The permissions are not copied, because the old or the new key could be read by Everyone (S-1-1-0). ${byHand}`,
      ],
    },
    {
      situation: 'everyone read the old one, and rights are only reported',
      old: readableBy('WD'),
      successor: readableBy(),
      notes: [
        `${about}The permissions are not copied, because the old or the new key could be read by Everyone (S-1-1-0). ${byHand}`,
      ],
    },
    {
      situation: 'Remote Desktop is moved, and its account does not read it',
      old: readableBy(),
      successor: readableBy(),
      steps: rdp,
      given: [`NETWORK SERVICE (${networkService})`],
    },
    {
      situation: 'Remote Desktop is moved together with a record',
      old: readableBy(),
      successor: readableBy(),
      steps: [swapped(1, oldToNew), ...rdp],
      given: [`NETWORK SERVICE (${networkService})`],
    },
    {
      situation: 'Remote Desktop is moved, and its account reads it already',
      old: readableBy(networkService),
      successor: readableBy(networkService),
      steps: rdp,
    },
    {
      situation: 'Remote Desktop is moved, and a service that also read the old one is only reported',
      old: readableBy(networkService, service),
      successor: readableBy(),
      steps: rdp,
      given: [`NETWORK SERVICE (${networkService})`],
      notes: [`${about}${service} can read the old key but not the new one. ${toCopy}`],
    },
    {
      situation: 'Remote Desktop is moved, its account and others read the old one, and rights are copied',
      old: readableBy(networkService, service, 'LS'),
      successor: readableBy(),
      keyAccess: 'copy',
      steps: rdp,
      given: ['LOCAL SERVICE (S-1-5-19)', `NETWORK SERVICE (${networkService})`, service],
    },
    {
      situation: 'Remote Desktop is moved, and the rights on the new key could not be read',
      old: readableBy(),
      successor: unread,
      steps: rdp,
      notes: [
        `key-access-unchecked: The permissions of the private key of ${thumbprintOf('new')} were not checked: ${unread.why}.`,
      ],
    },
    {
      situation: 'the rights on neither key could be read, and rights are copied',
      old: unread,
      successor: { why: 'it is in a TPM' },
      keyAccess: 'copy',
      notes: [
        `key-access-unchecked: The permissions of the private key of ${thumbprintOf('old')} were not checked: ${unread.why}.`,
        `key-access-unchecked: The permissions of the private key of ${thumbprintOf('new')} were not checked: it is in a TPM.`,
      ],
    },
    {
      situation: 'nobody has looked at the rights on the old key',
      old: undefined,
      successor: readableBy(),
      keyAccess: 'copy',
    },
    {
      situation: 'nobody has looked at the rights on the new key',
      old: readableBy(service),
      successor: undefined,
      keyAccess: 'copy',
      steps: rdp,
    },
  ];
  for (const row of rows) {
    const { situation, keyAccess, steps = [swapped(1, oldToNew)], given: accounts = [], notes = [] } = row;
    it(`${accounts.length > 0 ? 'are given' : notes.length > 0 ? 'are reported' : 'need nothing'}: ${situation}`, () => {
      const certificates = [withRights('old', row.old), withRights('new', row.successor)];
      const access = accessOf(certificates, steps, keyAccess);
      assert.deepEqual(given(access), accounts.length === 0 ? [] : [[1, newKey, ...accounts]]);
      assert.deepEqual(told(access), notes);
    });
  }

  it('are given by a step that adds these accounts and leaves everybody else alone', () => {
    const certificates = [withRights('old', readableBy(service)), withRights('new', readableBy(another))];
    const holder = (reads: boolean) => ({
      kind: 'keyAccess',
      key: newKey,
      value: { thumbprint: thumbprintOf('new'), store: '', ...readableBy(another), asked: [{ sid: service, reads }] },
    });
    assert.deepEqual(accessOf(certificates, [swapped(1, oldToNew)], 'copy').steps, [
      {
        id: 1,
        key: newKey,
        before: holder(false),
        wanted: holder(true),
        renewal: oldToNew,
        consumers: [{ kind: 'private-key', detail: service }],
        verify: [],
        notes: [],
      },
    ]);
  });

  it('are given once for a renewal of many records, and for each renewal of a plan', () => {
    const second = renewal('old 2', 'new 2');
    const certificates = [
      withRights('old', readableBy(service)),
      withRights('new', readableBy()),
      withRights('old 2', readableBy(another)),
      withRights('new 2', readableBy()),
    ];
    const steps = [swapped(1, oldToNew), swapped(2, oldToNew), swapped(3, second)];
    assert.deepEqual(given(accessOf(certificates, steps, 'copy', [oldToNew, second])), [
      [1, newKey, service],
      [2, keyAccessKey(thumbprintOf('new 2')), another],
    ]);
    assert.equal(told(accessOf(certificates, steps, 'report', [oldToNew, second])).length, 2);
  });

  it('are judged by the entry of the store that the step takes the certificate from', () => {
    const certificates = [
      withRights('old', readableBy(service)),
      withRights('new', readableBy()),
      withRights('new', readableBy(service), { store: 'WebHosting' }),
    ];
    const from = (store: string) => given(accessOf(certificates, [swapped(1, oldToNew, undefined, store)], 'copy'));
    assert.deepEqual(from('My'), [[1, newKey, service]]);
    assert.deepEqual(from('WebHosting'), []);
  });

  it('are not spoken of where the new certificate is in no store, or the old one is gone', () => {
    const nothing = { steps: [], notes: [] };
    const steps = [remoteDesktop(oldToNew)];
    assert.deepEqual(accessOf([withRights('old', readableBy(service))], steps, 'copy'), nothing);
    const gone = accessOf([withRights('new', readableBy(networkService))], steps, 'copy');
    assert.deepEqual(gone, nothing);
  });

  const lost = [withRights('old', readableBy(service)), withRights('new', readableBy())];
  const changesNoKey: Readonly<Record<string, Step>> = {
    'a record is only looked at again': {
      ...swapped(1, oldToNew),
      before: swapped(1, oldToNew).wanted,
    },
    'a record is repaired': restoreStep(1, record('h1.example.com:443', 'new')),
    'a record is set to the same certificate again': swapped(1, renewal('old', 'old')),
  };
  for (const [what, step] of Object.entries(changesNoKey)) {
    it(`are left alone where ${what}`, () =>
      assert.deepEqual(accessOf(lost, [step], 'copy', [oldToNew, renewal('new', 'new')]), { steps: [], notes: [] }));
  }
});
