import { type Installation, replacedEnding, type Uninstallation } from '../model/documents/installation.ts';
import { escapeControls } from '../model/text/safe-text.ts';
import { type Look, paint } from './look.ts';
import { paragraphs } from './phrases.ts';

export function installationText(installation: Installation, look: Look): string {
  const { folder, version, previous, changed, removed, modules, dscManifest, warnings } = installation;
  const before = previous === null || previous === version ? '' : ` in the place of ${previous}`;
  const done = changed.length === 0 ? 'is in place already' : `was put in place${before}`;
  return paragraphs(
    [
      `CertRebind ${escapeControls(version)} ${escapeControls(done)}: ${escapeControls(folder)}`,
      removed.length === 0 ? null : `Removed there, since this version no longer has them: ${listed(removed)}`,
      modules.length === 0 ? null : 'PowerShell finds the module by its name: Import-Module CertRebind',
      dscManifest.needsPath
        ? [
            `For DSC v3, add the folder of ${escapeControls(dscManifest.file)} to PATH; install does not change PATH:`,
            `$env:PATH += ';${escapeControls(folder)}'`,
          ]
        : `DSC v3 finds ${escapeControls(dscManifest.file)}`,
      warnings.length === 0 ? null : warnings.map((text) => paint(escapeControls(text), 'warn', look)),
    ],
    look,
  );
}

export function uninstallationText(uninstallation: Uninstallation, look: Look): string {
  const { folder, removed, modules, restored, left, state, warnings } = uninstallation;
  const place = escapeControls(folder);
  const nothing = left.length === 0 ? `Nothing was installed in ${place}.` : `${place} has no list of installed files.`;
  return paragraphs(
    [
      removed.length === 0 ? nothing : `Removed from ${place}.`,
      modules.length === 0 ? null : `Removed with its files: ${listed(modules)}`,
      restored.length === 0 ? null : `Enabled again, as before enable --replace-native: ${listed(restored)}`,
      left.length === 0 ? null : [`Left there: ${listed(left)}`, ...whyLeft(removed, left)],
      state === null ? null : `What is remembered stays in ${escapeControls(state)}; --purge removes it too.`,
      warnings.length === 0 ? null : warnings.map((text) => paint(escapeControls(text), 'warn', look)),
    ],
    look,
  );
}

function whyLeft(removed: readonly string[], left: readonly string[]): readonly string[] {
  if (removed.length === 0)
    return ['If that is CertRebind, install makes the list anew, and uninstall then removes it.'];
  if (!left.some((name) => name.endsWith(replacedEnding))) return [];
  return [`What ends in ${replacedEnding} still ran. Delete it when it has ended; the next install does so too.`];
}

function listed(names: readonly string[]): string {
  return names.map(escapeControls).join(', ');
}
