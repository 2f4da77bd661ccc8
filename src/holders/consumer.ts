import type { RunState } from './iis/binding.ts';
import type { ReportedKind } from './reported/reported-kinds.ts';

/** Anything that depends on a certificate. */
export type Consumer =
  | { readonly kind: 'iis-binding'; readonly site: string; readonly information: string; readonly siteState: RunState }
  | { readonly kind: 'ftps'; readonly site: string | null }
  | { readonly kind: 'http-sys'; readonly appId: string; readonly owner: string | null }
  | { readonly kind: 'winrm' | 'rdp' | 'wmsvc' | 'private-key' | ReportedKind; readonly detail: string };

/** Whether it is a site of IIS, or the defaults of some. */
export function isOfIis({ kind }: Consumer): boolean {
  return kind === 'iis-binding' || kind === 'ftps';
}
