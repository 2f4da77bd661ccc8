import { escapeControls } from '../../base/safe-text.ts';
import { type Installation, replacedEnding, type Uninstallation } from '../../documents/installation.ts';
import { paragraphs } from '../../shell/print/phrases.ts';
import { paint, type TerminalStyle } from '../../shell/print/terminal-style.ts';

export function installationText(installation: Installation, look: TerminalStyle): string {
  const { folder, version, previous, changed, removed, modules, dscManifest, warnings } = installation;
  const before = previous === null || previous === version ? '' : ` and replaced ${previous}`;
  const done = changed.length === 0 ? 'is already installed' : `was installed${before}`;
  return paragraphs(
    [
      `CertRebind ${escapeControls(version)} ${escapeControls(done)}: ${escapeControls(folder)}`,
      removed.length === 0 ? null : `Removed, because this version no longer has them: ${listed(removed)}`,
      modules.length === 0 ? null : 'To use the PowerShell module: Import-Module CertRebind',
      dscManifest.needsPath
        ? [
            `For DSC v3, add the folder of ${escapeControls(dscManifest.file)} to PATH; install does not change PATH:`,
            `$env:PATH += ';${escapeControls(folder)}'`,
          ]
        : `DSC v3 finds ${escapeControls(dscManifest.file)}`,
      warnings.map((text) => paint(escapeControls(text), 'warn', look)),
    ],
    look,
  );
}

export function uninstallationText(uninstallation: Uninstallation, look: TerminalStyle): string {
  const { folder, removed, modules, restored, left, state, purged, warnings } = uninstallation;
  const place = escapeControls(folder);
  const nothing =
    left.length === 0
      ? `Nothing was installed in ${place}.`
      : `${place} has no list of installed files, so nothing was removed there.`;
  return paragraphs(
    [
      removed.length === 0 ? nothing : `Removed from ${place}.`,
      modules.length === 0 ? null : `Removed with its files: ${listed(modules)}`,
      restored.length === 0 ? null : `Enabled again (enable --replace-native had disabled it): ${listed(restored)}`,
      left.length === 0 ? null : [`Left there: ${listed(left)}`, ...whyLeft(removed, left)],
      state === null
        ? null
        : `History and configuration are kept in ${escapeControls(state)}. To remove them too: --purge`,
      purged === null ? null : `History and configuration were removed from ${escapeControls(purged)}.`,
      warnings.map((text) => paint(escapeControls(text), 'warn', look)),
    ],
    look,
  );
}

function whyLeft(removed: readonly string[], left: readonly string[]): readonly string[] {
  if (removed.length === 0)
    return ['If CertRebind is installed there, run install to make the list again, then run uninstall.'];
  if (!left.some((name) => name.endsWith(replacedEnding))) return [];
  return [
    `Files that end in ${replacedEnding} are still running. Delete them later. The next install also removes them.`,
  ];
}

function listed(names: readonly string[]): string {
  return names.map(escapeControls).join(', ');
}
