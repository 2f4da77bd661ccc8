import type { RegistryKey } from '../../windows/registry-export.ts';
import type { HttpSysTables, RegistryEntry } from '../kernel/lab-state.ts';

const parameters = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters';
const tableNames = ['SslBindingInfo', 'SslCcsBindingInfo', 'SslSniBindingInfo'] as const;

/** The tables as keys of a registry export, which stock tools read and write. */
export function registryKeys(tables: HttpSysTables): readonly RegistryKey[] {
  return tableNames.flatMap((name) => {
    const table = tables[name];
    if (table === null) return [];
    const path = `${parameters}\\${name}`;
    return [{ path, values: {} }, ...table.map(({ subKey, values }) => ({ path: `${path}\\${subKey}`, values }))];
  });
}

export function tablesFrom(keys: readonly RegistryKey[]): HttpSysTables {
  const tableOf = (name: keyof HttpSysTables): readonly RegistryEntry[] | null => {
    const root = `${parameters}\\${name}`;
    const entries = keys
      .filter(({ path }) => path.startsWith(`${root}\\`))
      .map(({ path, values }) => ({ subKey: path.slice(root.length + 1), values }));
    return entries.length > 0 || keys.some(({ path }) => path === root) ? entries : null;
  };
  return {
    SslBindingInfo: tableOf('SslBindingInfo'),
    SslSniBindingInfo: tableOf('SslSniBindingInfo'),
    SslCcsBindingInfo: tableOf('SslCcsBindingInfo'),
  };
}
