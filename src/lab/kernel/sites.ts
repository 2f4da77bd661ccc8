import { append } from '../../base/group.ts';
import { attribute, parseXml } from '../../base/xml.ts';
import { escapeXml } from '../../base/xml-text.ts';
import type { FtpsSetting } from '../../kinds/ftp/ftp.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { type Binding, type BindingParts, isFtp } from '../../kinds/iis/binding.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Outcome } from './answers.ts';
import type { LabState } from './lab-state.ts';
import { refuse, windowsErrors } from './windows-errors.ts';

interface HttpsBinding {
  readonly information: string;
  readonly sslFlags: number;
}

/** A binding with https and the record it uses. */
export interface TlsBinding {
  readonly site: string;
  readonly binding: Binding;
  readonly key: KeyText;
}

/** A binding with FTP and the site it belongs to. */
export interface FtpBinding {
  readonly site: string;
  readonly parts: BindingParts;
}

/** The https binding of this site with exactly this text; `null` when there is none. */
export function findTlsBinding(state: LabState, site: string, information: string): TlsBinding | null {
  return bindingsOf(state.applicationHost).byName.get(nameOf(site, information)) ?? null;
}

/** Whether something listens there: a started site of IIS, or another product that owns the record. */
export function hasListeningSite(state: LabState, address: string, port: number): boolean {
  if (state.webService === 'stopped') return false;
  const stopped = new Set(state.stoppedSites);
  const onPort = bindingsOf(state.applicationHost).byPort.get(port) ?? [];
  return onPort.some(({ site, binding }) => {
    const bound = binding.parts?.address;
    return !stopped.has(site) && (bound === '*' || bound === '0.0.0.0' || bound === address || isAny(address));
  });
}

/** Whether an IIS binding, of a running site or not, uses this record. */
export function hasTlsBinding(state: LabState, key: KeyText): boolean {
  return bindingsOf(state.applicationHost).keys.has(key);
}

/** Every FTP binding that can be read. */
export function ftpBindings({ applicationHost }: Pick<LabState, 'applicationHost'>): readonly FtpBinding[] {
  return bindingsOf(applicationHost).ftp;
}

/** The certificates of FTP sites, and of their defaults. */
export function ftpSettings({ applicationHost }: Pick<LabState, 'applicationHost'>): readonly FtpsSetting[] {
  return bindingsOf(applicationHost).ftps;
}

export function isAny(address: string): boolean {
  return address === '*' || address === '0.0.0.0' || address === '::';
}

interface Bindings {
  readonly byName: ReadonlyMap<string, TlsBinding>;
  readonly byPort: ReadonlyMap<number, readonly TlsBinding[]>;
  readonly keys: ReadonlySet<KeyText>;
  readonly ftp: readonly FtpBinding[];
  readonly ftps: readonly FtpsSetting[];
}

/** The configuration read last; ten thousand changes in a row all need the same one. */
let latest: { readonly text: string; readonly bindings: Bindings } | null = null;

function bindingsOf(text: string): Bindings {
  if (latest?.text === text) return latest.bindings;
  const bindings = readBindings(text);
  latest = { text, bindings };
  return bindings;
}

function readBindings(text: string): Bindings {
  const byName = new Map<string, TlsBinding>();
  const byPort = new Map<number, [TlsBinding, ...TlsBinding[]]>();
  const keys = new Set<KeyText>();
  const ftp: FtpBinding[] = [];
  const { sites, holders } = parseApplicationHost(text, 'applicationHost.config');
  for (const { name, bindings } of sites) {
    for (const binding of bindings) {
      if (isFtp(binding.protocol) && binding.parts !== null) ftp.push({ site: name, parts: binding.parts });
      if (binding.recordKey === null) continue;
      const entry: TlsBinding = { site: name, binding, key: binding.recordKey };
      byName.set(nameOf(name, binding.information), entry);
      keys.add(entry.key);
      append(byPort, binding.parts?.port ?? 0, entry);
    }
  }
  return { byName, byPort, keys, ftp, ftps: holders.map(({ value }) => value) };
}

function nameOf(site: string, information: string): string {
  return `${site.toLowerCase()}\n${information}`;
}

/** From the beginning of a site to behind its end, in the text. */
export function spanOf(text: string, name: string): { readonly begin: number; readonly end: number } | null {
  const closing = '</site>';
  for (const { 0: tag, index: begin } of text.matchAll(/<site\s[^>]*>/g)) {
    if (nameIn(tag) !== name) continue;
    const end = text.indexOf(closing, begin);
    return end < 0 ? null : { begin, end: end + closing.length };
  }
  return null;
}

/** The name in the opening tag of a site, with any quotes and character references. */
function nameIn(tag: string): string | null {
  return attribute(parseXml(tag.replace(/\/?>$/, '/>'), 'applicationHost.config'), 'name');
}

/** A started site with https bindings; an existing name is refused. */
export function addSite(
  state: LabState,
  { name, bindings }: { readonly name: string; readonly bindings: readonly HttpsBinding[] },
): Outcome {
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

export function addBinding(state: LabState, { site, ...binding }: HttpsBinding & { readonly site: string }): Outcome {
  const text = state.applicationHost;
  const span = spanOf(text, site);
  const at = span === null ? -1 : text.indexOf('</bindings>', span.begin);
  if (span === null || at < 0 || at > span.end) return refuse(state, windowsErrors.notFound);
  return { state: { ...state, applicationHost: text.slice(0, at) + bindingText(binding) + text.slice(at) } };
}

export function removeSite(state: LabState, name: string): Outcome {
  const text = state.applicationHost;
  const span = spanOf(text, name);
  if (span === null) return refuse(state, windowsErrors.notFound);
  return { state: { ...state, applicationHost: text.slice(0, span.begin) + text.slice(span.end) } };
}

function bindingText({ information, sslFlags }: HttpsBinding): string {
  return `<binding protocol="https" bindingInformation="${escapeXml(information)}" sslFlags="${sslFlags}" />`;
}
