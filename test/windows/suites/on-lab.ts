import type { MeasuredRow } from './document.ts';
import { asBelieved, otherwise } from './measurement.ts';
import { believed } from './measurements.ts';

/**
 * How rows end on a lab that do not end as a hosted Windows is believed to: with another position, or with a reason why there is
 * no answer, in words of it. The row alone excuses nothing: one that fails for another reason is a mistake of the suites.
 */
export const onLab: Readonly<Record<string, string | RegExp>> = {
  // Its PowerShell is 7, and its keys have no provider.
  'powershell-json': otherwise,
  'quotes-in-arguments': otherwise,
  'pki-by-name': otherwise,
  'policy-refusal': otherwise,
  'pfx-provider': otherwise,
  'key-as-system': /: the key does not open$/,
  // What .NET does on Windows alone.
  'machine-data-protection': /PlatformNotSupportedException/,
  'elevated-groups': /PlatformNotSupportedException: Windows Principal/,
  // Programs of Windows that nothing plays.
  'service-sid': /'[^']*System32\/sc\.exe'/,
  'service-key': /'[^']*System32\/sc\.exe'/,
  'system-root': /'cmd\.exe'/,
  'native-task': /'[^']*inetsrv[\\/]appcmd\.exe'/,
  'record-ids-restart': /'[^']*System32\/wevtutil\.exe'/,
  'powershell-7-iis': /'PowerShell\/7\/pwsh\.exe' is not recognized/,
  'psmodulepath-inherited': /'PowerShell\/7\/pwsh\.exe' is not recognized/,
  // Keys, services, variables and accounts of Windows that it has not.
  'framework-floor': /NET Framework Setup/,
  'control-sets': /HKLM:\\SYSTEM\\Select/,
  'module-path': /module path: .*InvokeMethodOnNull/,
  'service-restart': /service name 'WAS'/,
  'volume-root-rights': /there is no system drive/,
  'icacls-grants': /does not contain a method named 'GetAccessRules'/,
  'precreated-folder': /ProgramData: .*InvokeMethodOnNull/,
  'raw-value-queries': /told\.txt'/,
  // What the modules that stand in do not model, as they say.
  'event-query': /NotImplementedException.*-FilterXPath is not modelled/,
  'task-boundary-utc': /0x80004001 no next run is told/,
  'gateway-setting': /Get-CimClass is not modelled/,
  'reported-hyper-v': /Get-CimClass is not modelled/,
  'installed-programs': /No package found for 'CertRebind'/,
  'sstp-hash': /New-SelfSignedCertificate is modelled for one name/,
  'ftp-xpath': /New-WebFtpSite is not modelled/,
  'wmsvc-value': /New-SelfSignedCertificate is modelled for one name/,
};

/** What is wrong with how a row ended on a lab; `null` where nothing is. */
export function unlikeALab({ row, measured, how }: Pick<MeasuredRow, 'row' | 'measured' | 'how'>): string | null {
  const expected = onLab[row] ?? believed(row) ?? asBelieved;
  const isSo = typeof expected === 'string' ? measured === expected : measured === null && expected.test(how);
  if (isSo) return null;
  return `${row} is ${measured ?? `not answered, ${how}`}, and ${typeof expected === 'string' ? expected : `not for that reason: ${expected}`} is expected`;
}
