import type { Installation, Uninstallation } from '../model/installation.ts';
import { escapeControls, type Look, paint } from './look.ts';
import { paragraphs } from './phrases.ts';

export function installationText(installation: Installation, look: Look): string {
  const { folder, version, previous, changed, module, dscManifest, warnings } = installation;
  const before = previous === null || previous === version ? '' : ` in the place of ${previous}`;
  const done = changed.length === 0 ? 'is in place already' : `was put in place${before}`;
  return paragraphs([
    `CertRebind ${escapeControls(version)} ${escapeControls(done)}: ${escapeControls(folder)}`,
    module === null ? null : `Import-Module '${escapeControls(module)}'`,
    [
      `DSC v3 finds ${escapeControls(dscManifest)} where PATH names its folder, which is not changed here:`,
      `$env:PATH += ';${escapeControls(folder)}'`,
    ],
    warnings.length === 0 ? null : warnings.map((text) => paint(escapeControls(text), 'warn', look)),
  ]);
}

export function uninstallationText({ folder, removed, restored, left, state }: Uninstallation, _look: Look): string {
  return paragraphs([
    removed.length === 0
      ? `Nothing was installed in ${escapeControls(folder)}.`
      : `Removed from ${escapeControls(folder)}.`,
    restored.length === 0
      ? null
      : `Enabled again, as before enable --replace-native: ${restored.map(escapeControls).join(', ')}`,
    left.length === 0 ? null : `Left there: ${left.map(escapeControls).join(', ')}`,
    state === null ? null : `What is remembered stays in ${escapeControls(state)}; --purge removes it too.`,
  ]);
}
