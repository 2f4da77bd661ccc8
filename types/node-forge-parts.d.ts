// What of node-forge is used, by its own files: all of it would be half as large again in the programs.

declare module 'node-forge/lib/pkcs12.js' {}

declare module 'node-forge/lib/forge.js' {
  import type { asn1, pkcs12, pki } from 'node-forge';

  const forge: { readonly asn1: typeof asn1; readonly pkcs12: typeof pkcs12; readonly pki: typeof pki };
  export default forge;
}
