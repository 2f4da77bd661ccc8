import type { LabState } from './lab-state.ts';
import type { RegistryKeyNow } from './roles.ts';

/** Adds to the key what it does not have so. */
export function writeRegistry(
  state: LabState,
  key: string,
  values: Readonly<Record<string, string | number>>,
): LabState {
  const { registry = {} } = state;
  const now = registry[key];
  const isSo = now !== undefined && Object.entries(values).every(([name, value]) => now[name] === value);
  return isSo ? state : { ...state, registry: { ...registry, [key]: { ...now, ...values } } };
}

export const centralStoreFolder = '\\\\files\\certificates';

/** What a feature of IIS wrote there; `null` for any other key, and where it is not used (fidelity: central-store-folder). */
export function centralStoreKey({ centralStore }: Pick<LabState, 'centralStore'>, path: string): RegistryKeyNow | null {
  if (!centralStore.enabled || path.toLowerCase() !== 'software\\microsoft\\iis\\centralcertprovider') return null;
  return { values: { Enabled: 1, CertStoreLocation: centralStoreFolder }, subKeys: [] };
}

/** `null` when there is no such key. */
export function removeRegistryKey(state: LabState, key: string): LabState | null {
  const { registry = {} } = state;
  if (registry[key] === undefined) return null;
  const { [key]: _removed, ...others } = registry;
  return { ...state, registry: others };
}
