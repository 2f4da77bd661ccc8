import { attribute, children, parseXml, type XmlElement } from '../../base/xml.ts';
import type { FoundText } from '../../documents/written.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { bytesOf } from '../../model/windows/raw-value.ts';
import { parseTask } from '../../model/windows/task.ts';
import type { WrittenOnServer } from '../../server/server.ts';
import type { LabState, RegistryValues } from './lab-state.ts';
import { registryKeyNow } from './roles.ts';

const services = 'SYSTEM\\CurrentControlSet\\Services';
export const remoteDesktopPolicies = 'SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services';

type Text = Pick<FoundText, 'kind' | 'where'> & { readonly text: string };

/** Which of its texts name these thumbprints, and the folders of its sites as they are written. */
export function writtenIn(state: LabState, wanted: readonly Thumbprint[]): WrittenOnServer {
  const texts = [...argumentsOf(state), ...commandLinesOf(state), ...valuesBelow(state, remoteDesktopPolicies)];
  return {
    found: texts.flatMap(({ kind, where, text }) => {
      const digits = text.replace(/[ :-]/g, '').toUpperCase();
      const program = kind === 'policy' ? 'Remote Desktop' : null;
      return wanted
        .filter((thumbprint) => digits.includes(thumbprint))
        .map((thumbprint) => ({ kind, where, line: null, thumbprint, program }));
    }),
    others: texts.length,
    folders: physicalPaths(parseXml(state.applicationHost, 'applicationHost.config')),
    disks: [],
    notRead: [],
  };
}

function argumentsOf({ tasks }: LabState): readonly Text[] {
  return tasks.flatMap(({ path, name, xml }) =>
    parseTask(xml).actions.flatMap(({ kind, arguments: text }) =>
      kind === 'Exec' ? { kind: 'task' as const, where: `${path}${name}`, text: text ?? '' } : [],
    ),
  );
}

function commandLinesOf(state: LabState): readonly Text[] {
  const names = registryKeyNow(state, services)?.subKeys ?? [];
  return names.map((name) => {
    const { ImagePath: text = '' } = registryKeyNow(state, `${services}\\${name}`)?.values ?? {};
    return { kind: 'service', where: name, text: textOf(text) };
  });
}

function valuesBelow(state: LabState, path: string): readonly Text[] {
  const { values = {}, subKeys = [] } = registryKeyNow(state, path) ?? {};
  return [
    ...Object.entries(values).map(([name, value]) => {
      return { kind: 'policy' as const, where: `HKLM\\${path}\\${name}`, text: textOf(value) };
    }),
    ...subKeys.flatMap((name) => valuesBelow(state, `${path}\\${name}`)),
  ];
}

function textOf(value: RegistryValues[string]): string {
  return typeof value === 'object' ? bytesOf(value).toString('hex') : String(value);
}

function physicalPaths(element: XmlElement): readonly string[] {
  return [attribute(element, 'physicalPath') ?? [], ...children(element).map(physicalPaths)].flat();
}
