const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Shortest lower-case form of an IPv6 address (RFC 5952, zone kept); `null` when the text is none. */
export function canonicalIpv6(text: string): string | null {
  // Fast path: this is also called for tens of thousands of hosts.
  if (!text.includes(':')) return null;
  const [address = '', zone] = text.split('%', 2);
  if (!address.includes(':') || /[^0-9A-Fa-f:.]/.test(address)) return null;
  try {
    const shortest = new URL(`http://[${address}]/`).hostname.slice(1, -1);
    return zone === undefined ? shortest : `${shortest}%${zone}`;
  } catch {
    return null;
  }
}

/** An address as it is compared; `null` when the text is none. */
export function canonicalAddress(text: string): string | null {
  return isIpv4(text) ? text : canonicalIpv6(text);
}

export function isIpv4(text: string): boolean {
  return ipv4.test(text);
}
