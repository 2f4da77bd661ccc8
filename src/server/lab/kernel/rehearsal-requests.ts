import { parseApplicationHost } from '../../../model/application-host.ts';
import { toRecordKey } from '../../../model/record-key.ts';
import type { RehearsalAct } from '../../../model/rehearsal.ts';
import { escapeXml } from '../../../model/xml-text.ts';
import type { ChangeErrorCode } from '../../server.ts';
import type { LabCertificate, LabState } from './lab-state.ts';
import type { LabRequest, WriteEvent } from './requests.ts';

interface Known {
  readonly state: LabState | null;
  readonly issued: ReadonlyMap<string, LabCertificate>;
}

/** What a lab does for an act of a rehearsal; or why it does not. */
export function stepsForAct(
  act: RehearsalAct,
  { state, issued }: Known,
): readonly LabRequest[] | { readonly code: ChangeErrorCode; readonly message: string } {
  if (state === null) return refused('the state of this lab was not read');
  switch (act.act) {
    case 'add-site': {
      const text = withSite(state.applicationHost, act);
      return text === null
        ? refused('the configuration of this lab has no list of sites')
        : [{ kind: 'set-configuration', applicationHost: text }];
    }
    case 'remove-site': {
      const text = withoutSite(state.applicationHost, act.name);
      return text === state.applicationHost ? [] : [{ kind: 'set-configuration', applicationHost: text }];
    }
    case 'add-certificate': {
      const certificate = issued.get(act.friendlyName);
      if (certificate === undefined) return refused('nobody here issues certificates');
      const { thumbprint } = certificate;
      return [
        { kind: 'add-certificate', certificate },
        { ...writer, eventId: 1006, action: 'Enroll', old: null, new: null, certificate: thumbprint },
      ];
    }
    case 'remove-certificate': {
      const { thumbprint, store } = act;
      const isThere = state.certificates.some((each) => each.thumbprint === thumbprint && each.store === store);
      return isThere ? [{ kind: 'remove-certificate', thumbprint, store }] : [];
    }
    case 'archive-certificate':
      return [{ kind: 'archive-certificate', thumbprint: act.thumbprint, archived: act.archived }];
    case 'announce':
      return [
        { kind: 'set-renewal', thumbprint: act.old, renewedTo: act.new },
        { ...writer, eventId: 1001, action: 'Replace', old: act.old, new: act.new, certificate: null },
      ];
    case 'binding-method': {
      const { site, information, method, thumbprint } = act;
      return method === 'RemoveSslCertificate'
        ? [{ kind: 'binding-method', site, information, method }]
        : [{ kind: 'binding-method', site, information, method, hash: thumbprint, store: 'My' }];
    }
    case 'netsh-update': {
      const name = toRecordKey(act.key)?.table === 'ip' ? 'ipport' : 'hostnameport';
      const words = [`${name}=${act.key}`, `certhash=${act.thumbprint}`, `appid=${act.appId}`, 'certstorename=My'];
      return [{ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words] }];
    }
  }
}

const writer = {
  kind: 'write-event',
  writtenBy: 'S-1-5-18',
  processName: 'powershell.exe',
  accountName: 'NT AUTHORITY\\SYSTEM',
} as const satisfies Partial<WriteEvent>;

function withSite(text: string, { name, bindings }: Extract<RehearsalAct, { act: 'add-site' }>): string | null {
  const ids = parseApplicationHost(text, 'applicationHost.config').sites.map(({ id }) => id ?? 0);
  const end = text.lastIndexOf('</sites>');
  if (end < 0) return null;
  const lines = bindings.map(
    ({ information, sslFlags }) =>
      `<binding protocol="https" bindingInformation="${escapeXml(information)}" sslFlags="${sslFlags}" />`,
  );
  const site = `<site name="${escapeXml(name)}" id="${Math.max(0, ...ids) + 1}"><bindings>${lines.join('')}</bindings></site>`;
  return text.slice(0, end) + site + text.slice(end);
}

/** Only a site in the very words of `withSite`. */
function withoutSite(text: string, name: string): string {
  const begin = text.indexOf(`<site name="${escapeXml(name)}" id="`);
  if (begin < 0) return text;
  const closing = '</site>';
  const end = text.indexOf(closing, begin);
  return end < 0 ? text : text.slice(0, begin) + text.slice(end + closing.length);
}

function refused(message: string): { readonly code: ChangeErrorCode; readonly message: string } {
  return { code: 'refused', message };
}
