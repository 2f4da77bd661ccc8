import { escapeXml } from '../../../base/xml-text.ts';
import { type FtpsSetting, ftpKey, siteOfFtp } from '../../../kinds/ftp/ftp.ts';
import { normaliseStore } from '../../../model/certificates/store-name.ts';
import type { Connection, Outcome } from '../answers.ts';
import type { LabState } from '../lab-state.ts';
import { ftpBindings, ftpSettings, isAny, spanOf } from '../sites.ts';
import { usable } from '../tls-resolution.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

/** Writes both attributes in one commit; without a store only the hash. */
interface SetFtp {
  readonly kind: 'set-ftp';
  readonly site: string | null;
  readonly hash: string;
  readonly store?: string;
}

/** FTP sites, whose certificates are in the configuration of IIS. */
export const ftpInLab: KindInLab<'ftp', SetFtp> = {
  value: (state, key) => ftpSettingNow(state, siteOfFtp(key)),
  put: ({ site, thumbprint, store }) => [{ kind: 'set-ftp', site, hash: thumbprint, store }],
  own: { kind: 'set-ftp', about: (_state, { site }) => ftpKey(site), apply: setFtpCertificate },
  connect: connectFtp,
  listens: (state) =>
    ftpBindings(state).map(({ parts: { address, port } }) => {
      return { address: address === '*' ? '0.0.0.0' : address, port, service: 'ftp' };
    }),
};

/** What the configuration says of a site, or of the defaults; `null` if it names no certificate. */
export function ftpSettingNow(state: Pick<LabState, 'applicationHost'>, site: string | null): FtpsSetting | null {
  return ftpSettings(state).find((setting) => setting.site?.toLowerCase() === site?.toLowerCase()) ?? null;
}

/** Both attributes in one commit; elements that are not there yet are made. */
export function setFtpCertificate(state: LabState, { site, hash, store }: SetFtp): Outcome {
  const text = state.applicationHost;
  const span = site === null ? defaultsSpan(text) : spanOf(text, site);
  if (span === null) return refuse(state, windowsErrors.notFound);
  const inside = withSsl(text.slice(span.begin, span.end), {
    serverCertHash: hash,
    ...(store === undefined ? {} : { serverCertStoreName: store }),
  });
  const applicationHost = text.slice(0, span.begin) + inside + text.slice(span.end);
  return { state: { ...state, applicationHost } };
}

/**
 * The certificate that an FTP client gets there; `null` if no FTP site has a binding. IIS recognises a site with a host
 * name only by the HOST command (fidelity: ftp-certificate-before-host).
 */
function connectFtp(state: LabState, { address, port, serverName }: Connecting, now: string): Connection | null {
  const here = ftpBindings(state).filter(
    ({ parts }) => parts.port === port && (parts.address === '*' || parts.address === address || isAny(address)),
  );
  if (here.length === 0) return null;
  const running = here.filter(({ site }) => !state.stoppedSites.includes(site));
  if (running.length === 0) return { outcome: 'not-listening' };
  const named = running.find(({ parts: { host } }) => host !== '' && host === serverName?.toLowerCase());
  const open = running.find(({ parts: { host } }) => host === '');
  const knows = state.switches['ftp-certificate-before-host'] === 'site' ? (named ?? open) : open;
  const setting = (knows === undefined ? null : ftpSettingNow(state, knows.site)) ?? ftpSettingNow(state, null);
  const why = 'Local policy on server does not allow TLS secure connections.';
  if (setting === null) return { outcome: 'refused', why };
  const thumbprint = usable(state, setting.thumbprint, normaliseStore(setting.store), now);
  return thumbprint === null
    ? { outcome: 'refused', why }
    : { outcome: 'served', thumbprint, record: ftpKey(setting.site) };
}

interface Span {
  readonly begin: number;
  readonly end: number;
}

function defaultsSpan(text: string): Span | null {
  const begin = text.indexOf('<siteDefaults>');
  const end = text.indexOf('</siteDefaults>', begin);
  return begin < 0 || end < 0 ? null : { begin, end: end + '</siteDefaults>'.length };
}

/** The element `ssl` of FTP with these attributes, in the text of a site or of the defaults. */
function withSsl(owner: string, attributes: Readonly<Record<string, string>>): string {
  const [tag] = /<ssl\b[^>]*>/.exec(/<ftpServer\b[\s\S]*?<\/ftpServer>/.exec(owner)?.[0] ?? '') ?? [];
  if (tag !== undefined) return owner.replace(tag, () => withAttributes(tag, attributes));
  const element = `<ftpServer><security>${withAttributes('<ssl />', attributes)}</security></ftpServer>`;
  const closing = owner.lastIndexOf('</');
  return owner.slice(0, closing) + element + owner.slice(closing);
}

function withAttributes(tag: string, attributes: Readonly<Record<string, string>>): string {
  const bare = Object.keys(attributes).reduce(
    (text, name) => text.replace(new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*')`), ''),
    tag,
  );
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  return bare.replace(/^<ssl\b/, () => `<ssl${written.join('')}`);
}
