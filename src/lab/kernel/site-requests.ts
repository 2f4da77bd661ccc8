import { escapeXml } from '../../base/xml-text.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import type { Outcome } from './answers.ts';
import type { LabState } from './lab-state.ts';
import type { LabRequest } from './requests.ts';
import { spanOf } from './sites.ts';
import { refuse, windowsErrors } from './windows-errors.ts';

type SiteRequest<K> = Extract<LabRequest, { kind: K }>;

/** A started site with https bindings; an existing name is refused. */
export function addSite(state: LabState, { name, bindings }: SiteRequest<'add-site'>): Outcome {
  const text = state.applicationHost;
  const { sites } = parseApplicationHost(text, 'applicationHost.config');
  if (sites.some((site) => site.name.toLowerCase() === name.toLowerCase()))
    return refuse(state, windowsErrors.alreadyExists);
  const end = text.lastIndexOf('</sites>');
  if (end < 0) return refuse(state, windowsErrors.notFound);
  const id = Math.max(0, ...sites.map((site) => site.id ?? 0)) + 1;
  const lines = bindings.map(bindingText).join('');
  const site = `<site name="${escapeXml(name)}" id="${id}"><bindings>${lines}</bindings></site>`;
  return { state: { ...state, applicationHost: text.slice(0, end) + site + text.slice(end) } };
}

export function addBinding(state: LabState, { site, ...binding }: SiteRequest<'add-binding'>): Outcome {
  const text = state.applicationHost;
  const span = spanOf(text, site);
  const at = span === null ? -1 : text.indexOf('</bindings>', span.begin);
  if (span === null || at < 0 || at > span.end) return refuse(state, windowsErrors.notFound);
  return { state: { ...state, applicationHost: text.slice(0, at) + bindingText(binding) + text.slice(at) } };
}

export function removeSite(state: LabState, { name }: SiteRequest<'remove-site'>): Outcome {
  const text = state.applicationHost;
  const span = spanOf(text, name);
  if (span === null) return refuse(state, windowsErrors.notFound);
  return { state: { ...state, applicationHost: text.slice(0, span.begin) + text.slice(span.end) } };
}

function bindingText({ information, sslFlags }: { readonly information: string; readonly sslFlags: number }): string {
  return `<binding protocol="https" bindingInformation="${escapeXml(information)}" sslFlags="${sslFlags}" />`;
}
