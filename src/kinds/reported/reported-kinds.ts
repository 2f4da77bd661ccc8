import type { Endpoint } from '../../model/certificates/handshake.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { ldapsPorts, ntdsStore } from '../ldaps/ldaps.ts';

/** Where a kind keeps the hash, or how it is asked for. Registry keys lie below HKEY_LOCAL_MACHINE. */
export type HashPlace =
  /** A property of each object of a WMI class; `detail` is a property, or `=` and a word where there is one object. */
  | {
      readonly how: 'wmi';
      readonly namespace: string;
      readonly className: string;
      readonly name: string;
      readonly detail: string;
    }
  /** In the policies of `ias.xml`. */
  | { readonly how: 'policies' }
  /** Nothing cheap shows the hash; what the connectors of Exchange name instead stands in the directory. */
  | { readonly how: 'connectors' }
  /** Nothing cheap shows the hash: only that the role exists. `unless` this key has a key below it, which tells. */
  | { readonly how: 'not-read'; readonly unless?: string };

/** Something that holds a certificate and is only reported: it is changed with its vendor's own tool. */
export interface ReportedRules {
  /** What people call it. */
  readonly called: string;
  /** The role is there where this key is; and its value is `is`, where one is named; and from this build of Windows on. */
  readonly there: { readonly key: string; readonly value?: string; readonly is?: string; readonly from?: number };
  readonly places: readonly HashPlace[];
  /** The hash stands inside the settings of EAP, and not by itself, as digits or bytes. */
  readonly isInEap?: true;
  /** The service that uses it. */
  readonly service?: string;
  /**
   * The vendor's command for changing it, whole, and without a question that nobody would answer: `<OLD>` and `<NEW>` stand for
   * the thumbprints, `<detail>` for the instance.
   */
  readonly command: string;
  /** What else a person has to know. */
  readonly besides?: string;
  /** Its service takes the new certificate only when it is started again. */
  readonly restarts?: true;
  /** The application id of its certificate bindings. */
  readonly appId?: string;
  /** Where clients meet it, beside certificate bindings. */
  readonly dial?: readonly Pick<Endpoint, 'port' | 'startTls'>[];
  /** Row of the fidelity table. */
  readonly fact: string;
}

const services = 'SYSTEM\\CurrentControlSet\\Services';
const sqlServer = 'SOFTWARE\\Microsoft\\Microsoft SQL Server';

/** What is only reported; the words of documents and the beginnings of keys. */
export type ReportedKind =
  | 'ldaps-my'
  | 'ip-https'
  | 'ssrs'
  | 'rds-roles'
  | 'adfs'
  | 'wap'
  | 'nps'
  | 'exchange'
  | 'smb-quic'
  | 'hyper-v'
  | 'wac'
  | 'wac-1';

const commandOfExchange = [
  '$old, $new = "<OLD>", "<NEW>" | ForEach-Object { Get-ExchangeCertificate -Thumbprint $_ }',
  'Enable-ExchangeCertificate -Thumbprint <NEW> -Services $old.Services -Force',
  '$was, $name = $old, $new | ForEach-Object { "<I>$($_.Issuer)<S>$($_.Subject)" }',
  'Get-SendConnector | Where-Object { "$($_.TlsCertificateName)" -eq $was } | Set-SendConnector -TlsCertificateName $name -Force',
  'Get-ReceiveConnector | Where-Object { "$($_.TlsCertificateName)" -eq $was } | Set-ReceiveConnector -TlsCertificateName $name',
].join('; ');

/** All leave before one comes: HTTP.SYS has one certificate for what several applications use (fidelity: report-server-bindings). */
const commandOfReportServer = [
  "$root = 'root/Microsoft/SqlServer/ReportServer'",
  '$call = { $is = Invoke-CimMethod -InputObject $args[0] -MethodName $args[1] -Arguments ($args[2] + @{ Lcid = 1033 }); if ($is.HRESULT -ne 0) { throw "$($args[1]): $($is.Error)" }; $is }',
  '$servers = (Get-CimInstance -Namespace $root -ClassName __Namespace).Name | ForEach-Object { $of = "$root/$_"; (Get-CimInstance -Namespace $of -ClassName __Namespace).Name | ForEach-Object { Get-CimInstance -Namespace "$of/$_/Admin" -ClassName MSReportServer_ConfigurationSetting } }',
  'foreach ($server in $servers) { $has = & $call $server ListSSLCertificateBindings @{}; $all = @{}',
  'for ($i = 0; $i -lt @($has.Application).Count; $i++) { if ($has.CertificateHash[$i] -eq "<OLD>") { $all["$($has.Application[$i]) $($has.IPAddress[$i]):$($has.Port[$i])"] = @{ Application = $has.Application[$i]; CertificateHash = $has.CertificateHash[$i]; IPAddress = $has.IPAddress[$i]; Port = $has.Port[$i] } } }',
  'foreach ($at in $all.Values) { $null = & $call $server RemoveSSLCertificateBindings $at }',
  'foreach ($at in $all.Values) { $at.CertificateHash = "<NEW>".ToLower(); $null = & $call $server CreateSSLCertificateBinding $at } }',
].join('; ');

export const reportedRules: Readonly<Record<ReportedKind, ReportedRules>> = {
  'ldaps-my': {
    called: 'Active Directory (LDAPS)',
    there: { key: 'SYSTEM\\CurrentControlSet\\Control\\ProductOptions', value: 'ProductType', is: 'LanmanNT' },
    places: [{ how: 'not-read', unless: ntdsStore }],
    service: 'NTDS',
    command:
      "$root = [adsi]'LDAP://localhost/rootDSE'; [void]$root.Properties['renewServerCertificate'].Add(1); $root.CommitChanges()",
    besides:
      'It uses a certificate from My that it chooses itself, because the store of its service is empty. The command makes it choose again.',
    dial: ldapsPorts,
    fact: 'ldaps-store',
  },
  'ip-https': {
    called: 'IP-HTTPS (DirectAccess) or the KDC proxy',
    there: { key: `${services}\\iphlpsvc` },
    // Windows has it everywhere; certificate bindings tell whether it is used.
    places: [],
    service: 'RemoteAccess',
    command: 'Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\<NEW>) -Force',
    besides:
      'This is for DirectAccess: it changes the group policy of its servers, on every node, and clients outside are cut off at once. They refuse a certificate whose subject is empty or has more than the name they connect to. See afterwards that the certificate binding has changed too. A certificate binding of the KDC proxy is changed with certrebind config add applicationIds 5d8e2743-ef20-4d38-8751-7e400f200e65.',
    restarts: true,
    appId: '{5d8e2743-ef20-4d38-8751-7e400f200e65}',
    fact: 'reported-records',
  },
  ssrs: {
    called: 'Reporting Services',
    there: { key: `${sqlServer}\\Instance Names\\RS` },
    places: [{ how: 'not-read' }],
    command: commandOfReportServer,
    besides:
      'rsreportserver.config also stores the thumbprint, so changing the certificate binding alone is not enough. The command removes each binding and creates it again. Nobody gets reports over HTTPS in between. If the command ends with an error, set the certificate in Report Server Configuration Manager.',
    appId: '{1d40ebc7-1983-4ac5-82aa-1e17a7ae9a0e}',
    fact: 'reported-records',
  },
  'rds-roles': {
    called: 'Remote Desktop Services deployment',
    there: { key: `${services}\\Tssdis` },
    places: [{ how: 'not-read' }],
    command:
      "Get-RDCertificate | Where-Object { $_.Thumbprint -eq '<OLD>' } | ForEach-Object { Set-RDCertificate -Role $_.Role -Thumbprint <NEW> -Force }",
    besides: 'Run it on the connection broker. The certificate must be in My on each server with the role.',
    fact: 'reported-roles',
  },
  adfs: {
    called: 'AD FS',
    there: { key: `${services}\\adfssrv` },
    places: [{ how: 'not-read' }],
    service: 'adfssrv',
    command:
      "Set-AdfsSslCertificate -Thumbprint <NEW>; Get-AdfsCertificate -CertificateType Service-Communications | Where-Object { $_.Thumbprint -eq '<OLD>' } | ForEach-Object { Set-AdfsCertificate -CertificateType Service-Communications -Thumbprint <NEW> }",
    besides:
      'Run it on the primary server. It changes every server of the farm. The second part is for the certificate of service communications, which is separate.',
    appId: '{5d89a20c-beab-4389-9447-324788eb944a}',
    fact: 'reported-records',
  },
  wap: {
    called: 'Web Application Proxy',
    there: { key: `${services}\\appproxysvc` },
    places: [{ how: 'not-read' }],
    service: 'appproxysvc',
    command:
      "Set-WebApplicationProxySslCertificate -Thumbprint <NEW>; Get-WebApplicationProxyApplication | Where-Object { $_.ExternalCertificateThumbprint -eq '<OLD>' } | ForEach-Object { Set-WebApplicationProxyApplication -ID $_.ID -ExternalCertificateThumbprint <NEW> }",
    besides: 'The second part is for the published applications, each of which has a certificate of its own.',
    appId: '{f955c070-e044-456c-ac00-e9e4275b3f04}',
    fact: 'reported-records',
  },
  nps: {
    called: 'Network Policy Server',
    there: { key: `${services}\\IAS` },
    places: [{ how: 'policies' }],
    isInEap: true,
    service: 'IAS',
    command: 'nps.msc: choose <NEW> in the policy <detail>, under Constraints, Authentication Methods, Edit',
    besides: 'A wrong certificate locks out everyone who logs on over Wi-Fi or VPN.',
    fact: 'reported-nps',
  },
  exchange: {
    called: 'Exchange',
    there: { key: 'SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup' },
    places: [{ how: 'connectors' }],
    command: commandOfExchange,
    besides:
      'Run it in the Exchange Management Shell. It enables the new certificate for the services of the old one, and changes connectors. Exchange cannot undo that.',
    dial: [
      { port: 25, startTls: 'smtp' },
      { port: 587, startTls: 'smtp' },
    ],
    fact: 'reported-roles',
  },
  'smb-quic': {
    called: 'SMB over QUIC',
    // An earlier Windows may take long to say that it has no such class.
    there: { key: `${services}\\LanmanServer`, from: 20348 },
    places: [
      {
        how: 'wmi',
        namespace: 'root/Microsoft/Windows/SMB',
        className: 'MSFT_SmbServerCertificateMapping',
        name: 'Thumbprint',
        detail: 'Name',
      },
    ],
    service: 'LanmanServer',
    command: "Set-SmbServerCertificateMapping -Name '<detail>' -Thumbprint <NEW> -StoreName My",
    besides:
      'Options and clients of the mapping may be lost: compare Get-SmbServerCertificateMapping, and on Server 2025 Get-SmbClientAccessToServer, before and after. A KDC proxy has a certificate binding of its own.',
    dial: [{ port: 443, startTls: 'smb' }],
    fact: 'smb-quic-mapping',
  },
  'hyper-v': {
    called: 'Hyper-V Replica',
    there: { key: `${services}\\vmms` },
    places: [
      {
        how: 'wmi',
        namespace: 'root/virtualization/v2',
        className: 'Msvm_ReplicationServiceSettingData',
        name: 'CertificateThumbPrint',
        detail: '=server',
      },
      {
        how: 'wmi',
        namespace: 'root/virtualization/v2',
        className: 'Msvm_ReplicationSettingData',
        name: 'CertificateThumbPrint',
        detail: 'ElementName',
      },
    ],
    service: 'vmms',
    command:
      'Set-VMReplicationServer -CertificateThumbprint <NEW> -Force; Get-VMReplication | Set-VMReplication -CertificateThumbprint <NEW>',
    besides: 'Change the server at the other end too.',
    fact: 'reported-hyper-v',
  },
  wac: {
    called: 'Windows Admin Center',
    there: { key: `${services}\\WindowsAdminCenter` },
    places: [{ how: 'not-read' }],
    service: 'WindowsAdminCenter',
    command: 'Restart-Service WindowsAdminCenter -Force',
    besides: 'It finds its certificate by subject and uses the new one after a restart.',
    restarts: true,
    fact: 'reported-roles',
  },
  'wac-1': {
    called: 'Windows Admin Center, version 1',
    there: { key: `${services}\\ServerManagementGateway` },
    places: [{ how: 'not-read' }],
    service: 'ServerManagementGateway',
    command:
      "Get-ChildItem HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall | Where-Object { $_.GetValue('DisplayName') -eq 'Windows Admin Center' } | ForEach-Object { msiexec /i $_.PSChildName /qn SME_THUMBPRINT=<NEW> SSL_CERTIFICATE_OPTION=installed }",
    besides:
      'The command restarts WinRM. It may report success although the old certificate stays, so look at what clients get afterwards.',
    fact: 'reported-roles',
  },
};

export const reportedKinds = Object.keys(reportedRules) as readonly ReportedKind[];

export function isReportedKind(word: string): word is ReportedKind {
  return Object.hasOwn(reportedRules, word);
}

/** The values for the vendor's command, as far as they are known. */
export interface CommandParts {
  readonly detail?: string | undefined;
  readonly old: Thumbprint | null;
  /** `null`: the command keeps its placeholder. */
  readonly new: Thumbprint | null;
}

const placeholders: Readonly<Record<string, string>> = {
  NEW: '<new thumbprint>',
  OLD: '<old thumbprint>',
  detail: '<name>',
};

/** The vendor's command with the known values filled in, and what else a person has to know. */
export function makersCommand(
  { command, besides }: ReportedRules,
  parts: CommandParts,
): { readonly command: string; readonly besides: string | null } {
  const known: Readonly<Record<string, string | undefined>> = {
    NEW: parts.new ?? undefined,
    OLD: parts.old ?? undefined,
    detail: command.includes("'<detail>'") ? parts.detail?.replaceAll("'", "''") : parts.detail,
  };
  const fill = (text: string) =>
    text.replace(/<(\w+)>/g, (word, name: string) => known[name] ?? placeholders[name] ?? word);
  return { command: fill(command), besides: besides === undefined ? null : fill(besides) };
}
