/** `My` and `WebHosting` in their own letter case, whatever was written; nothing, and netsh's `(null)`, is `My`. */
export function normaliseStore(written: string | null): string {
  const name = written?.trim() ?? '';
  switch (name.toLowerCase()) {
    case '':
    case '(null)':
    case 'my':
      return 'My';
    case 'webhosting':
      return 'WebHosting';
    default:
      return name;
  }
}
