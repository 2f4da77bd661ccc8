import { CertRebindError } from '../../base/errors.ts';
import { attribute, child, children, localName, parseXml, type XmlElement, type XmlOutline } from '../../base/xml.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import { type FtpsSetting, ftpHolder } from '../ftp/ftp.ts';
import type { Standing } from '../kind-rules.ts';
import type { Unreadable } from '../unknown-parts.ts';
import { type Binding, isHttps, parseBinding, type Site } from './binding.ts';

/** What this program takes from `applicationHost.config`, and nothing else: passwords stay in the file. */
export interface ApplicationHost {
  /** States are `unknown`: the file does not say what runs. */
  readonly sites: readonly Site[];
  /** The certificates that it names itself. */
  readonly holders: readonly Standing<'ftp', FtpsSetting>[];
  readonly unreadable: readonly Unreadable[];
  /** The legacy property 5506, which makes HTTP.SYS lose TLS settings (fidelity: legacy-5506). */
  readonly legacyMetadata5506: boolean;
}

/**
 * Reads sites, bindings and FTPS certificates.
 * @throws CertRebindError `bad-xml` for what is not XML; `bad-input` when it is not a configuration of a server, or
 * keeps its sites elsewhere (`configSource`) or encrypted
 */
export function parseApplicationHost(source: Uint8Array | string, where: string): ApplicationHost {
  const root = parseXml(source, where, outline);
  if (localName(root) !== 'configuration')
    throw badInput(where, `is not an IIS configuration: its root element is <${root.name.slice(0, 80)}>`);
  refuseOtherFiles(root, where);
  const hosts = sections(root, 'system.applicationHost');
  const parts = hosts.flatMap((host) => children(host, 'sites'));
  // If a web.config were taken for a server without sites, every record would look like another product's.
  if (parts.length === 0) {
    throw badInput(where, 'has no <sites>, so it is not an applicationHost.config. It may be a web.config');
  }
  const collected = collectSites(parts, where);
  const unreadable: Unreadable[] = [...collected.unreadable];
  const inherited = readBindings(collected.defaults, [], 'siteDefaults', unreadable);
  const defaultStore = collected.defaults.map(sslElement).map((ssl) => attributeOf(ssl, 'serverCertStoreName'));
  const store = defaultStore.findLast((name) => name !== null) ?? null;
  return {
    sites: collected.sites.map((site) => readSite(site, inherited, unreadable)),
    holders: [
      ...collected.defaults.flatMap((defaults) => readFtp(defaults, null, store, unreadable)),
      ...collected.sites.flatMap((site) => readFtp(site, siteName(site), store, unreadable)),
    ],
    unreadable,
    legacyMetadata5506: hosts.some(hasLegacyProperty),
  };
}

/**
 * The elements that are read below; application pools, virtual directories and their passwords are not even kept in
 * memory.
 */
const outline: XmlOutline = {
  configuration: [
    'system.applicationHost',
    'configurationRedirection',
    'location',
    'moduleProviders',
    'system.webServer',
  ],
  'system.webServer': ['management'],
  location: ['system.applicationHost', 'configurationRedirection'],
  'system.applicationHost': ['sites', 'customMetadata'],
  sites: ['site', 'siteDefaults', 'clear', 'remove', 'EncryptedData'],
  site: ['bindings', 'ftpServer'],
  siteDefaults: ['bindings', 'ftpServer'],
  bindings: ['binding', 'add', 'clear', 'remove'],
  ftpServer: ['security'],
  security: ['ssl'],
  customMetadata: ['key'],
  key: ['property'],
};

/** A section is at the root or in a location tag; only tags without a path, or with `.`, mean the whole server. */
function sections(root: XmlElement, name: string): readonly XmlElement[] {
  return children(root).flatMap((element) => {
    if (localName(element) === name) return [element];
    const wholeServer = localName(element) === 'location' && ['', '.'].includes(attribute(element, 'path') ?? '');
    return wholeServer ? children(element, name) : [];
  });
}

/** Files in the same folder that are easily mistaken for the right one. */
function refuseOtherFiles(root: XmlElement, where: string): void {
  if (sections(root, 'configurationRedirection').length > 0 && sections(root, 'system.applicationHost').length === 0) {
    throw badInput(where, 'is redirection.config. Give the applicationHost.config from the folder that it names');
  }
  const managesIis = sections(root, 'system.webServer').some((section) => child(section, 'management') !== null);
  if (managesIis || sections(root, 'moduleProviders').length > 0) {
    throw badInput(where, 'is administration.config, which has no sites. Give the applicationHost.config next to it');
  }
}

/** Merges the collection over all its parts: `clear` and `remove` remove what came before them. */
function collectSites(
  parts: readonly XmlElement[],
  where: string,
): {
  readonly sites: readonly XmlElement[];
  readonly defaults: readonly XmlElement[];
  readonly unreadable: Unreadable[];
} {
  let sites: XmlElement[] = [];
  const defaults: XmlElement[] = [];
  const unreadable: Unreadable[] = [];
  for (const part of parts) {
    refuseElsewhere(part, where);
    for (const element of children(part)) {
      switch (localName(element)) {
        case 'site':
          if (attribute(element, 'name') === null) {
            unreadable.push({
              where,
              text: `id ${attribute(element, 'id') ?? 'missing'}`,
              why: 'a site without a name',
            });
          } else sites.push(element);
          break;
        case 'siteDefaults':
          defaults.push(element);
          break;
        case 'clear':
          sites = [];
          break;
        case 'remove':
          sites = sites.filter((site) => siteName(site).toLowerCase() !== attribute(element, 'name')?.toLowerCase());
          break;
      }
    }
  }
  unreadable.push(...duplicates(sites.map(siteName), where));
  return { sites, defaults, unreadable };
}

function refuseElsewhere(part: XmlElement, where: string): void {
  const source = attribute(part, 'configSource');
  if (source !== null) {
    throw badInput(where, `keeps its sites in another file (configSource ${JSON.stringify(source.slice(0, 200))})`);
  }
  if (attribute(part, 'configProtectionProvider') !== null || child(part, 'EncryptedData') !== null) {
    throw badInput(where, 'keeps its sites encrypted');
  }
}

/** IIS refuses such a configuration; both are read, so that no binding is missed. */
function duplicates(names: readonly string[], where: string): readonly Unreadable[] {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const id = name.toLowerCase();
    const twice = seen.has(id);
    seen.add(id);
    return twice ? [{ where, text: name, why: 'a second site with this name' }] : [];
  });
}

function readSite(site: XmlElement, inherited: readonly Binding[], unreadable: Unreadable[]): Site {
  const name = siteName(site);
  const id = attribute(site, 'id')?.trim() ?? '';
  return {
    name,
    id: /^\d{1,10}$/.test(id) ? Number(id) : null,
    state: 'unknown',
    bindings: readBindings([site], inherited, name, unreadable),
  };
}

/** A site's bindings come after those of the defaults, unless it clears or removes them. */
function readBindings(
  owners: readonly XmlElement[],
  inherited: readonly Binding[],
  ownerName: string,
  unreadable: Unreadable[],
): readonly Binding[] {
  const bindings = new Map(inherited.map((binding) => [bindingId(binding.protocol, binding.information), binding]));
  for (const element of owners.flatMap((owner) => children(owner, 'bindings')).flatMap((part) => children(part))) {
    const protocol = attribute(element, 'protocol');
    const information = attribute(element, 'bindingInformation');
    const id = bindingId(protocol ?? '', information ?? '');
    switch (localName(element)) {
      case 'binding':
      case 'add':
        if (protocol === null || information === null) {
          const text = protocol ?? information ?? '';
          unreadable.push({ where: ownerName, text, why: 'a binding without protocol or bindingInformation' });
        } else bindings.set(id, readBinding(protocol, information, element, ownerName, unreadable));
        break;
      case 'clear':
        bindings.clear();
        break;
      case 'remove':
        bindings.delete(id);
        break;
    }
  }
  return [...bindings.values()];
}

function readBinding(
  protocol: string,
  information: string,
  element: XmlElement,
  ownerName: string,
  unreadable: Unreadable[],
): Binding {
  const flags = attribute(element, 'sslFlags')?.trim() ?? '0';
  const whyNot = whyNoFlags(flags);
  const readableFlags = whyNot === null;
  const binding = parseBinding(protocol, information, readableFlags ? Number(flags) : 0);
  if (!readableFlags) {
    unreadable.push({
      where: ownerName,
      text: information,
      why: `sslFlags ${JSON.stringify(flags.slice(0, 40))} ${whyNot}`,
    });
    return { ...binding, parts: null, recordKey: null };
  }
  if (isHttps(protocol) && binding.parts === null) {
    unreadable.push({ where: ownerName, text: information, why: 'not a valid address:port:host' });
  }
  return binding;
}

/** `null` for the decimal number of 32 bits that the schema of IIS asks for. */
function whyNoFlags(written: string): string | null {
  if (/^0x[0-9a-f]+$/i.test(written)) return 'is hexadecimal, but IIS writes a decimal number';
  if (!/^\d+$/.test(written)) return 'is not a number';
  return Number(written) > 0xffff_ffff ? 'is above 32 bits' : null;
}

function readFtp(
  owner: XmlElement,
  site: string | null,
  defaultStore: string | null,
  unreadable: Unreadable[],
): ApplicationHost['holders'] {
  const ssl = sslElement(owner);
  const written = attributeOf(ssl, 'serverCertHash')?.trim() ?? '';
  if (written === '') return [];
  const thumbprint = toThumbprint(written);
  if (thumbprint === null) {
    unreadable.push({ where: site ?? 'siteDefaults', text: written, why: 'serverCertHash is not a thumbprint' });
    return [];
  }
  const store = normaliseStore(attributeOf(ssl, 'serverCertStoreName') ?? defaultStore);
  return [ftpHolder({ site, thumbprint, store })];
}

function sslElement(owner: XmlElement): XmlElement | null {
  return child(owner, 'ftpServer', 'security', 'ssl');
}

function hasLegacyProperty(host: XmlElement): boolean {
  return children(host, 'customMetadata')
    .flatMap((metadata) => children(metadata, 'key'))
    .flatMap((key) => children(key, 'property'))
    .some((property) => attribute(property, 'id')?.trim() === '5506');
}

function siteName(site: XmlElement): string {
  return attribute(site, 'name') ?? '';
}

function bindingId(protocol: string, information: string): string {
  return `${protocol.trim().toLowerCase()} ${information.trim().toLowerCase()}`;
}

function attributeOf(element: XmlElement | null | undefined, name: string): string | null {
  return element === null || element === undefined ? null : attribute(element, name);
}

function badInput(where: string, what: string): CertRebindError {
  return new CertRebindError('bad-input', { message: `${where} ${what}.`, where });
}
