import type { RunState } from './iis/binding.ts';
import { movable, type ServiceKind } from './kinds.ts';
import { isReportedKind, type ReportedKind, reportedRules } from './reported/reported-kinds.ts';

/** Anything that depends on a certificate. */
export type Consumer =
  | { readonly kind: 'iis-binding'; readonly site: string; readonly information: string; readonly siteState: RunState }
  | { readonly kind: 'ftps'; readonly site: string | null }
  | { readonly kind: 'http-sys'; readonly appId: string; readonly owner: string | null }
  | { readonly kind: ServiceKind | 'private-key' | ReportedKind; readonly detail: string };

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
      return movable.ftp.user(consumer.site ?? '*');
    case 'http-sys':
      return consumer.owner ?? `application ${consumer.appId}`;
    case 'private-key':
      return `read for ${consumer.detail}`;
    default: {
      const { kind, detail } = consumer;
      if (!isReportedKind(kind)) return movable[kind].user(detail);
      return `${reportedRules[kind].called}${detail === '' ? '' : ` (${detail})`}`;
    }
  }
}
