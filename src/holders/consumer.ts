import type { RunState } from './iis/binding.ts';
import { type ReportedKind, reportedRules } from './reported/reported-kinds.ts';

/** Anything that depends on a certificate. */
export type Consumer =
  | { readonly kind: 'iis-binding'; readonly site: string; readonly information: string; readonly siteState: RunState }
  | { readonly kind: 'ftps'; readonly site: string | null }
  | { readonly kind: 'http-sys'; readonly appId: string; readonly owner: string | null }
  | {
      readonly kind:
        | 'winrm'
        | 'rdp'
        | 'wmsvc'
        | 'smb-quic'
        | 'sql'
        | 'ldaps'
        | 'sstp'
        | 'rd-gateway'
        | 'file'
        | 'private-key'
        | ReportedKind;
      readonly detail: string;
    };

/** Whether it is a site of IIS, or the defaults of some. */
export function isOfIis({ kind }: Consumer): boolean {
  return kind === 'iis-binding' || kind === 'ftps';
}

/** As people call it: the site, or the service. */
export function consumerText(consumer: Consumer): string {
  switch (consumer.kind) {
    case 'iis-binding':
      return `${consumer.site} (${consumer.information}${consumer.siteState === 'stopped' ? ', stopped' : ''})`;
    case 'ftps':
      return consumer.site === null ? 'FTP site defaults' : `FTP ${consumer.site}`;
    case 'http-sys':
      return consumer.owner ?? `application ${consumer.appId}`;
    case 'rdp':
      return `Remote Desktop ${consumer.detail}`;
    case 'winrm':
      return `WinRM ${consumer.detail}`;
    case 'smb-quic':
      return `SMB over QUIC ${consumer.detail}`;
    case 'file':
      return `certificate file ${consumer.detail}`;
    case 'sql':
      return `SQL Server ${consumer.detail}`;
    case 'ldaps':
      return 'Active Directory (LDAPS)';
    case 'sstp':
      return 'SSTP';
    case 'rd-gateway':
      return 'Remote Desktop Gateway';
    case 'private-key':
      return `read for ${consumer.detail}`;
    case 'wmsvc':
      return 'Web Management Service';
    default:
      return `${reportedRules[consumer.kind].called}${consumer.detail === '' ? '' : ` (${consumer.detail})`}`;
  }
}
