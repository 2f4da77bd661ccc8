// The manifest with which DSC v3 finds the program, made of the same tables as the program's own answers.

import '../dev/register.mjs';

const { dscManifest, dscManifestName } = await import('../../src/model/dsc-manifest.ts');

/** @param version of package.json */
export function dscManifestFile(version) {
  return { name: dscManifestName, text: `${JSON.stringify(dscManifest(version), null, 2)}\n` };
}
