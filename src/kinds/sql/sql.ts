import { powerShellText } from '../../base/safe-text.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversComputer } from '../../model/certificates/host-name.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import {
  listening,
  type MovableKindRules,
  type NamesCertificate,
  type ServiceSeen,
  type Standing,
} from '../kind-rules.ts';
import { holderKey, type KeyText } from '../record-key.ts';

/** The certificate of an instance of SQL Server; none where the instance chooses one by itself. */
export interface SqlInstance extends NamesCertificate {
  readonly instance: string;
  /** Of its settings in the registry, for example `MSSQL16.SHOP`. */
  readonly id: string;
}

/** What is known of an instance beside its certificate. */
export interface SqlFacts {
  /** Of TCP; `null` where nobody meets it over TCP, or where that is not known. */
  readonly port: number | null;
  readonly isClustered: boolean;
  readonly isInGroups: boolean;
  readonly service: Omit<ServiceSeen, 'refuses'>;
}

/** Below HKEY_LOCAL_MACHINE. */
export const sqlServers = 'SOFTWARE\\Microsoft\\Microsoft SQL Server';

export const sqlRules: MovableKindRules<'sql', SqlInstance> = {
  ...listening((instance) => `SQL Server ${instance}`, 'tds'),
  plural: 'SQL Server',
  anonymised: ({ instance, id }, names) => ({ instance: names.text(instance), id: names.text(id) }),
  owner: ({ instance }) => `SQL Server (${instance})`,
  differences: (wanted, found) => (wanted.id === found.id ? [] : ['id']),
  withCertificate: (value, thumbprint, store) => ({ ...value, thumbprint, store }),
  unfit: (_value, successor, server) => whyNotStarted(successor, server),
  restarts: {
    notInUse: null,
    lastResort: (value) => ({ ...value, thumbprint: null }),
    byHand: ({ id }, service, successor) => {
      const key = powerShellText(`HKLM:\\${settingsOfInstance(id)}`);
      const hash = successor?.toLowerCase() ?? '<new thumbprint>';
      return {
        command: `Set-ItemProperty ${key} Certificate ${hash} -ErrorAction Stop; Restart-Service ${powerShellText(service.name)} -Force`,
        besides: 'The restart disconnects everyone who uses the instance.',
      };
    },
  },
};

/** @param written as the registry has it; people paste hashes with invisible characters (Microsoft's KB 2023869) */
export function sqlInstance(instance: string, id: string, written: string): SqlInstance {
  return { instance, id, thumbprint: toThumbprint(written), store: 'My' };
}

export function sqlHolder(value: SqlInstance, facts: SqlFacts): Standing<'sql', SqlInstance> {
  const { port, service } = facts;
  const refuses = whyNeverRestarted(facts);
  return {
    kind: 'sql',
    key: sqlKey(value.instance),
    value,
    ...(port === null ? {} : { listens: { address: '*', port, state: service.state } }),
    service: { ...service, ...(refuses === null ? {} : { refuses }) },
  };
}

export function sqlKey(instance: string): KeyText {
  return holderKey('sql', instance);
}

/** The service of an instance: the default one is called like the product. */
export function sqlService(instance: string): string {
  return instance.toUpperCase() === 'MSSQLSERVER' ? instance : `MSSQL$${instance}`;
}

/** Below HKEY_LOCAL_MACHINE. */
export function settingsOfInstance(id: string): string {
  return `${sqlServers}\\${id}\\MSSQLServer\\SuperSocketNetLib`;
}

/** The first port that the registry lists, or the one that was chosen at the last start. */
export function sqlPort(listed: string, chosen: string): number | null {
  const [first = ''] = [...listed.split(','), ...chosen.split(',')].map((text) => text.trim()).filter(Boolean);
  const port = /^\d{1,5}$/.test(first) ? Number(first) : 0;
  return port > 0 && port < 65536 ? port : null;
}

function whyNeverRestarted({ isClustered, isInGroups }: SqlFacts): string | null {
  if (isClustered) return 'This instance belongs to a failover cluster, which starts and stops it.';
  return isInGroups ? 'This instance belongs to availability groups, whose listeners would fail over.' : null;
}

/** With a certificate that fits only in part, SQL Server does not start (fidelity: sql-certificate). */
function whyNotStarted(certificate: Certificate, server: { readonly name: string }): string | null {
  const [algorithm, bits = ''] = certificate.keyType.split(' ');
  if (algorithm !== 'RSA') return `SQL Server needs an RSA key, and this one is ${certificate.keyType}.`;
  if (Number(bits) < 2048) return `SQL Server needs an RSA key of 2048 bits, and this one has ${bits}.`;
  if (certificate.weakHash !== undefined) return `It is signed with ${certificate.weakHash}.`;
  if (certificate.signs === false || certificate.enciphers === false)
    return 'Its key usage lacks digitalSignature or keyEncipherment.';
  return coversComputer(certificate, server.name) ? null : `It does not cover the name ${server.name}.`;
}
