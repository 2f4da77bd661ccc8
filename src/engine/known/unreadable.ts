import { type Binding, isHttps } from '../../kinds/iis/binding.ts';
import { formatRecordKey, type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { type CertificateBinding, iisAppId } from '../../kinds/tls/certificate-binding.ts';
import { keyOf } from './bindings-of-records.ts';

export function isUnreadable({ protocol, parts }: Binding): boolean {
  return parts === null && isHttps(protocol);
}

/** Bindings with TLS that cannot be read, so that their record is not known. */
export function unreadableBindings({ sites }: Snapshot): readonly Binding[] {
  return sites.flatMap(({ bindings }) => bindings.filter(isUnreadable));
}

/**
 * Whether a binding that cannot be read may use a record with the application id of IIS: it does not if its port can be
 * read and is another one.
 */
export function mayStandOn(bindings: readonly Binding[], { key, appId }: CertificateBinding): boolean {
  if (appId !== iisAppId) return false;
  const { port } = keyOf(key);
  return bindings.some(({ information }) => {
    const numbers = information.split(':').filter((part) => /^\s*\d{1,5}\s*$/.test(part));
    return numbers.length === 0 || numbers.some((text) => Number(text) === port);
  });
}

/** Records of HTTP.SYS that exist and cannot be read; `nameless`: how many of them do not even show their key. */
export function unreadableRecords({ unreadable }: Snapshot) {
  const keys = new Set<KeyText>();
  let nameless = 0;
  for (const { text } of unreadable.filter(({ part }) => part === 'records')) {
    const key = toRecordKey(text);
    if (key === null) nameless++;
    else keys.add(formatRecordKey(key));
  }
  return { keys, nameless };
}
