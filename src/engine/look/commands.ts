import type { KeyText } from '../../kinds/record-key.ts';
import { iisAppId } from '../../kinds/tls/certificate-binding.ts';
import { keyOption } from '../../kinds/tls/netsh-options.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';

/** Placeholder in a command for what the person who types it has to choose. */
const chosen = '<thumbprint>';

/** Installs the PowerShell module WebAdministration (fidelity: scripting-tools). */
export const webAdministrationCommand = 'Install-WindowsFeature Web-Scripting-Tools';

/**
 * Makes a record for IIS; the braces are quoted, since PowerShell would take them for a block.
 * @param certificate `null` for the central certificate store, whose record names none
 */
export function additionCommand(key: KeyText, certificate: Certificate | null): string {
  const named = certificate === null ? '' : ` certhash=${certificate.thumbprint} certstorename=${certificate.store}`;
  return `netsh http add sslcert ${keyParameter(key)}${named} appid="${iisAppId}"`;
}

export function deletionCommand(key: KeyText): string {
  return `netsh http delete sslcert ${keyParameter(key)}`;
}

/** Gives every record of a certificate another one. */
export function exchangeCommand(old: Thumbprint, successor: Thumbprint | null): string {
  return `certrebind rebind --old ${old} --new ${successor ?? chosen}`;
}

/** Looks for the key that belongs to a certificate and links the two again. */
export function keyRepairCommand({ store, thumbprint }: Pick<Certificate, 'store' | 'thumbprint'>): string {
  return `certutil -repairstore ${store} ${thumbprint}`;
}

/** Asks AD CS for a successor of a certificate of a template, as the page of certreq has it: by its serial number, in pairs. */
export function enrolmentCommand({ serialNumber }: Pick<Certificate, 'serialNumber'>): string {
  return `certreq -enroll -machine -q -cert "${serialNumber.toLowerCase().match(/../g)?.join(' ')}" renew`;
}

function keyParameter(key: KeyText): string {
  const { name, value } = keyOption(key);
  return `${name}=${value}`;
}
