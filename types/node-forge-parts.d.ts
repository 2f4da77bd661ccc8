// What of node-forge is used, by its own files: all of it would be half as large again in the programs.

declare module 'node-forge/lib/pkcs12.js' {}
declare module 'node-forge/lib/sha512.js' {}

declare module 'node-forge/lib/forge.js' {
  import type { asn1, md, pkcs12, pki, util } from 'node-forge';

  /** Derives a key from a password (RFC 7292, B.2); the types of the library lack the digest. */
  type Derive = (
    password: string,
    salt: util.ByteStringBuffer,
    purpose: number,
    rounds: number,
    length: number,
    digest?: md.MessageDigest,
  ) => util.ByteStringBuffer;

  const forge: {
    readonly asn1: typeof asn1;
    readonly md: typeof md;
    readonly pkcs12: Omit<typeof pkcs12, 'generateKey'> & { generateKey: Derive };
    readonly pkcs5: {
      pbkdf2: (password: string, salt: string, rounds: number, length: number, digest: { algorithm: string }) => string;
    };
    readonly pki: typeof pki & { readonly pbe: { generatePkcs12Key: Derive } };
    readonly util: typeof util;
  };
  export default forge;
}
