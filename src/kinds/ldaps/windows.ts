import type { Parts } from '../../model/windows/rows.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import { type LdapsSetting, ldapsHolder, ldapsSetting } from './ldaps.ts';
import script from './windows.ps1';

/** The certificate of a domain controller: a key of the registry, and a word to the service. */
export const ldapsOnWindows: KindOnWindows<'ldaps', LdapsSetting> = {
  script,
  partOfServer: 'ldaps',
  reading: 'ldaps',
  read: (parts) => nowAmong(settingIn(parts)),
  standing: settingIn,
  put: ({ thumbprint }, expected) => ['put-ldaps', expected ?? '', thumbprint ?? ''],
};

function settingIn(parts: Parts) {
  const setting = ldapsSetting(parts.records('ldaps certificate').map(({ certificate }) => certificate));
  return setting === null ? [] : [ldapsHolder(setting)];
}
