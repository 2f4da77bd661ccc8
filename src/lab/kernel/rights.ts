import { type Administrators, administratorsFrom, parseTrustedAccounts } from '../../model/windows/administrators.ts';
import type { Switches } from './switches.ts';

/** Accounts with rights on a lab besides those given by owner and mode of its machine's files. */
export interface LabRights {
  readonly administrators: Administrators;
  /** Entries of the root of the volume, as text of Windows. */
  readonly root: string;
}

const domain = 'S-1-5-21-1004336348-1177238915-682003330';
export const labDomainAdmins = `${domain}-512`;
export const labAgent = `${domain}-1105`;

/**
 * A member of a domain, whose administrators have full rights in the root (fidelity: volume-root-rights,
 * domain-letters).
 */
export function rightsInLab(switches: Switches): LabRights {
  const isTold = switches['domain-letters'] === 'told';
  const hasAgent = switches['agent-rights'] !== 'none';
  return {
    administrators: administratorsFrom(
      isTold
        ? { local: 'S-1-5-21-1-2-3-500', domain: labDomainAdmins, forest: `${domain}-519` }
        : { local: '', domain: '', forest: '' },
      parseTrustedAccounts(switches['agent-rights'] === 'trusted' ? [labAgent] : []),
    ),
    root: [
      `(A;OICI;FA;;;${labDomainAdmins})`,
      switches['volume-root'] === 'modify' ? '(A;OICI;0x1301bf;;;AU)' : '',
      hasAgent ? `(A;OICI;FA;;;${labAgent})` : '',
    ].join(''),
  };
}
