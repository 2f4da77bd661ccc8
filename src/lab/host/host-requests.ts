import type { LabReply } from '../kernel/answers.ts';
import type { LabCertificate } from '../kernel/lab-state.ts';
import type { LabRequest } from '../kernel/requests.ts';
import type { ListedAuthority, NewAuthority } from './authorities.ts';
import type { LabHost } from './lab-host.ts';
import type { LabRenewed, RenewOptions } from './renew.ts';
import type { FrontListener } from './tls-front.ts';

/** Everything a lab's host can be asked: the kernel's requests, and those beyond the server that the lab plays. */
export type HostRequest =
  | { readonly ask: 'lab'; readonly request: LabRequest }
  | { readonly ask: 'renew'; readonly options: RenewOptions }
  /** Those that the lab can issue from, its own first; one more of them; and a certificate onto the list of its issuer. */
  | { readonly ask: 'authorities' }
  | { readonly ask: 'add-authority'; readonly authority: NewAuthority }
  | { readonly ask: 'revoke'; readonly thumbprint: string }
  /** A certificate for a rehearsal: its key is kept, and nothing else is changed yet. */
  | { readonly ask: 'issue'; readonly name: string; readonly friendlyName: string }
  /** The key of a certificate that comes from elsewhere, PEM; nothing else is changed yet. */
  | { readonly ask: 'keep-key'; readonly thumbprint: string; readonly key: string }
  /** `enable` was run through this kind of server; the scheduler starts `on-event` the same way. */
  | { readonly ask: 'remember-server'; readonly server: string }
  /** Where the addresses of the lab are reached; none while it is not served. */
  | { readonly ask: 'listeners' }
  /** Ends `lab serve`. */
  | { readonly ask: 'stop' };

export interface HostReplies {
  readonly lab: LabReply;
  /** `pem` only where it was asked for apart. */
  readonly renew: LabRenewed & { readonly pem?: string };
  readonly authorities: readonly ListedAuthority[];
  readonly 'add-authority': null;
  readonly revoke: null;
  readonly issue: LabCertificate;
  readonly 'keep-key': null;
  readonly 'remember-server': null;
  readonly listeners: readonly FrontListener[];
  readonly stop: null;
}

/**
 * Requests beyond the server that the lab plays, which need no serving process; in memory, for the caller to save. The
 * authority is loaded only when it has to issue something, because the code that makes certificates is a large part of
 * the program.
 */
type HostWork = Exclude<HostRequest['ask'], 'lab' | 'listeners' | 'stop'>;

export async function performOnHost(
  host: LabHost,
  request: Extract<HostRequest, { ask: HostWork }>,
): Promise<HostReplies[HostWork]> {
  switch (request.ask) {
    case 'renew': {
      const { renewOnHost } = await import('./renew.ts');
      return renewOnHost(host, request.options);
    }
    case 'authorities':
    case 'add-authority':
    case 'revoke': {
      const { addAuthority, authoritiesOf, revokeOnHost } = await import('./authorities.ts');
      if (request.ask === 'authorities') return authoritiesOf(host);
      return request.ask === 'revoke' ? revokeOnHost(host, request.thumbprint) : addAuthority(host, request.authority);
    }
    case 'issue': {
      const { issueForRehearsal } = await import('./renew.ts');
      return issueForRehearsal(host, request.name, request.friendlyName);
    }
    case 'keep-key':
      host.addKey(request.thumbprint, request.key);
      return null;
    case 'remember-server':
      host.rememberServer(request.server);
      return null;
  }
}
