/**
 * The entry of this program in Windows' list of installed programs, below `Uninstall` in the registry: texts, and
 * numbers as DWORD.
 */
export interface Product {
  readonly values: Readonly<Record<string, string | number>>;
}

/** The name of its key. */
export const productKey = 'CertRebind';

/**
 * The entry by which Settings, inventories and package managers find and remove it.
 * @param program absolute path of the executable under the name that stays the same
 * @param bytes of all that was put in place
 */
export function productEntry({
  version,
  folder,
  program,
  bytes,
}: {
  readonly version: string;
  readonly folder: string;
  readonly program: string;
  readonly bytes: number;
}): Product {
  const uninstall = `"${program}" uninstall`;
  return {
    values: {
      DisplayName: 'CertRebind',
      DisplayVersion: version,
      Publisher: 'CertRebind contributors',
      DisplayIcon: program,
      InstallLocation: folder,
      EstimatedSize: Math.ceil(bytes / 1024),
      UninstallString: uninstall,
      // Asks nothing, and waits for a run that is under way.
      QuietUninstallString: `${uninstall} --yes --wait`,
      NoModify: 1,
      NoRepair: 1,
    },
  };
}
