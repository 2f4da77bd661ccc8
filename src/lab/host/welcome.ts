/** What happens to one connection; decided again for each, so that a replacement takes effect with the very next handshake. */
export type Welcome =
  | { readonly do: 'serve'; readonly thumbprint: string; readonly text: string }
  /** `status`: of HTTP, for a client that has TLS already. */
  | { readonly do: 'refuse'; readonly status?: number }
  /** The client never gets an answer. */
  | { readonly do: 'hang' };

export interface HasCredentials {
  /** Certificate with its chain and its private key, PEM; `null` when there is none to serve. */
  credentials(thumbprint: string): { readonly chain: string; readonly key: string } | null;
}
