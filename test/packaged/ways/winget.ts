import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitArguments } from '../../../src/lab/host/command-line.ts';
import { readPlainYaml } from '../../packaging/plain-yaml.ts';
import type { Ended, Server } from './server.ts';
import { sha256 } from './versions.ts';

/**
 * What winget does with the manifests of a package: the hash first, then the installer with the switches of the mode and
 * those of Custom behind them, then the entry among the installed programs, by which it knows version and way out later
 * (fidelity: installed-programs).
 */
export function wingetOn(server: Server) {
  const entry = async (key: string) => {
    const { registry = {} } = await server.state();
    return Object.entries(registry).find(([name]) => name.endsWith(`\\${key}`) || name === key)?.[1];
  };
  return {
    /** Installs, or upgrades where an older version is listed. @returns the exit code that a person is told */
    async install(folder: string): Promise<Ended & { readonly did: 'install' | 'upgrade' | 'nothing' }> {
      const manifest = installerIn(folder);
      const program = join(folder, 'certrebind');
      const listed = (await entry(manifest.ProductCode))?.DisplayVersion;
      if (listed !== undefined && compareVersions(`${listed}`, manifest.PackageVersion) >= 0)
        return { did: 'nothing', exitCode: 0, printed: [] };
      assert.equal(sha256(program).toUpperCase(), manifest.Installers[0].InstallerSha256, 'what was downloaded');
      const { Silent, Custom } = manifest.InstallerSwitches;
      const ended = server.start(program, [Silent, Custom].filter(Boolean).join(' ').split(' '));
      const found = (await entry(manifest.ProductCode)) ?? {};
      const { DisplayName, Publisher } = manifest.AppsAndFeaturesEntries[0];
      assert.deepEqual([found.DisplayName, found.Publisher], [DisplayName, Publisher], 'found again by its entry');
      assert.equal(found.DisplayVersion, manifest.PackageVersion);
      return { did: listed === undefined ? 'install' : 'upgrade', ...ended };
    },
    /** By the quiet command line of the entry; the other one would ask. */
    async uninstall(folder: string): Promise<Ended> {
      const { QuietUninstallString } = (await entry(installerIn(folder).ProductCode)) ?? {};
      const [program = '', ...words] = splitArguments(`${QuietUninstallString}`);
      return server.start(program, words);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a manifest, which another test judges
function installerIn(folder: string): any {
  return readPlainYaml(readFileSync(join(folder, 'CertRebind.CertRebind.installer.yaml'), 'utf8'));
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
