/** Extended key usages (RFC 5280, 4.2.1.12). */
export const serverAuthentication = '1.3.6.1.5.5.7.3.1';
export const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

/** Whether a list of usages allows one; `null` stands for no list, which allows every usage. */
export function allowsUsage(usages: readonly string[] | null, usage: string): boolean {
  return usages === null || usages.includes(usage) || usages.includes(anyUsage);
}
