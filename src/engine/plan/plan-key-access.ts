import { type Group, groupBy } from '../../base/group.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { type Note, type Plan, type Step, taskOf } from '../../documents/runs/plan.ts';
import type { Holder } from '../../kinds/holder.ts';
import {
  accountName,
  isRead,
  keyAccess,
  keyAccessKey,
  lacksAccount,
  lostAccess,
  networkService,
} from '../../kinds/key-access/key-access.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { entryFor, type RenewalPair } from '../known/renewal-pair.ts';
import type { Today } from './why-not-set.ts';

/** Its steps are to be carried out before those that need them; numbered from 1. */
type KeyAccessPlan = Pick<Plan, 'steps' | 'notes'>;

/**
 * Which accounts would lose access with the new keys of the renewals in these steps. Remote Desktop, and services that are
 * restarted, get what they need if they are moved; all others get what the old key gave them if the policy says `copy`. Rights are never removed.
 */
export function planKeyAccess(
  steps: readonly Step[],
  pairs: ReadonlyMap<string, RenewalPair>,
  { keyAccess: policy }: Pick<Configuration, 'keyAccess'>,
  inUse: Today['inUse'],
): KeyAccessPlan {
  const brought = groupBy(steps.filter(bringsIn), ({ renewal }) => renewal.old);
  const plans = [...brought].map(([old, ofPair]) => planFor(ofPair, pairs.get(old), policy, inUse));
  return {
    steps: plans.flatMap((plan) => plan.steps).map((step, index) => ({ ...step, id: index + 1 })),
    notes: plans.flatMap((plan) => plan.notes),
  };
}

function bringsIn(step: Step): step is Step & { readonly renewal: Renewal } {
  return taskOf(step) === 'apply';
}

function planFor(
  steps: Group<Step>,
  pair: RenewalPair | undefined,
  policy: Configuration['keyAccess'],
  inUse: Today['inUse'],
): KeyAccessPlan {
  if (pair === undefined) return { steps: [], notes: [] };
  const { renewal } = pair;
  const store = steps[0].wanted?.value.store ?? 'My';
  const successor = entryFor(store, pair.successors);
  const lost = lostAccess(pair.old?.keyRights, successor?.keyRights);
  const isCopied = policy === 'copy' && lost !== null && lost.refused === null;
  const needed = neededBy(steps, successor, inUse);
  const accounts = [...new Set([...needed, ...(isCopied ? lost.accounts : [])])].sort();
  const left = (lost?.accounts ?? []).filter((sid) => !accounts.includes(sid));
  const notes = [
    ...(left.length === 0 && lost?.refused == null ? [] : [lostNote(renewal.new, left, lost?.refused ?? null)]),
    ...uncheckedNotes(pair.old, successor),
  ];
  if (successor === null || accounts.length === 0) return { steps: [], notes };
  return { steps: [grant(successor, accounts, renewal)], notes };
}

/** Remote Desktop opens the key as NETWORK SERVICE (fidelity: rdp-key-access); a service, with its own SID too. */
function neededBy(steps: readonly Step[], successor: Certificate | null, inUse: Today['inUse']): readonly string[] {
  const all = steps.flatMap(({ key, wanted }) =>
    wanted?.kind === 'rdp' ? networkService : (inUse.get(key)?.service?.runsAs?.serviceSid ?? []),
  );
  return [...new Set(all)].filter((sid) => lacksAccount(successor?.keyRights, sid));
}

function grant({ thumbprint, keyRights }: Certificate, accounts: readonly string[], renewal: Renewal): Step {
  const sddl = isRead(keyRights) ? keyRights.sddl : '';
  const value = keyAccess(thumbprint, sddl);
  const holder = (reads: boolean): Holder<'keyAccess'> => ({
    kind: 'keyAccess',
    key: keyAccessKey(thumbprint),
    value: { ...value, asked: accounts.map((sid) => ({ sid, reads })) },
  });
  const consumers = accounts.map((sid) => ({ kind: 'private-key', detail: accountName(sid) }) as const);
  return {
    id: 0,
    key: keyAccessKey(thumbprint),
    before: holder(false),
    wanted: holder(true),
    renewal,
    consumers,
    verify: [],
    notes: [],
  };
}

function lostNote(successor: string, accounts: readonly string[], refused: string | null): Note {
  const who =
    accounts.length === 0 ? '' : `${accounts.map(accountName).join(', ')} can read the old key but not the new one. `;
  const how =
    refused !== null
      ? `The permissions are not copied, because the old or the new key ${refused}. Check it under Manage Private Keys.`
      : 'CertRebind can copy the permissions.';
  const command = refused === null ? { command: 'certrebind config set keyAccess copy' } : {};
  return { code: 'key-access', text: `Permissions of the private key of ${successor}: ${who}${how}`, ...command };
}

/** Says why rights were not read, if that is known; nothing if nobody looked. */
function uncheckedNotes(...certificates: readonly (Certificate | null)[]): readonly Note[] {
  return certificates.flatMap((certificate): readonly Note[] => {
    const rights = certificate?.keyRights;
    if (rights === undefined || isRead(rights)) return [];
    const text = `The permissions of the private key of ${certificate?.thumbprint} were not checked: ${rights.why}.`;
    return [{ code: 'key-access-unchecked', text }];
  });
}
