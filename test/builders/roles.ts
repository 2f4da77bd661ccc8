import { ntdsStore } from '../../src/kinds/ldaps/ldaps.ts';
import { reportedRules } from '../../src/kinds/reported/reported-kinds.ts';
import { peap } from '../../src/lab/host/sample-roles.ts';
import type { LabRoles } from '../../src/lab/kernel/lab-state.ts';
import { rawBinary } from '../../src/model/windows/raw-value.ts';

const sqlServer = 'SOFTWARE\\Microsoft\\Microsoft SQL Server';
const services = 'SYSTEM\\CurrentControlSet\\Services';

/** Every role that is only reported, and some that can be moved, each with this certificate in the form in which it keeps it. */
export function everyRole({ thumbprint, sha256 }: { readonly thumbprint: string; readonly sha256: string }): LabRoles {
  const hash = thumbprint.toLowerCase();
  const there = Object.fromEntries(Object.values(reportedRules).map((rules) => [rules.there.key, { Start: 2 }]));
  return {
    registry: {
      ...there,
      [`${services}\\RemoteAccess`]: { Start: 2 },
      [`${services}\\TSGateway`]: { Start: 2 },
      [`${services}\\SstpSvc\\Parameters`]: {
        UseHttps: 1,
        SHA256CertificateHash: rawBinary(Buffer.from(sha256, 'hex')),
      },
      [`${sqlServer}\\Instance Names\\SQL`]: {
        MSSQLSERVER: 'MSSQL16.MSSQLSERVER',
        SHOP: 'MSSQL15.SHOP',
        PLAIN: 'MSSQL15.PLAIN',
      },
      [`${sqlServer}\\MSSQL16.MSSQLSERVER\\MSSQLServer\\SuperSocketNetLib`]: { Certificate: hash },
      [`${sqlServer}\\MSSQL15.SHOP\\MSSQLServer\\SuperSocketNetLib`]: { Certificate: `\u200e${hash}` },
      [`${sqlServer}\\MSSQL15.PLAIN\\MSSQLServer\\SuperSocketNetLib`]: { Certificate: '' },
      [`${services}\\MSSQL$SHOP`]: { Start: 2, ObjectName: 'NT AUTHORITY\\NETWORK SERVICE' },
      [reportedRules['ldaps-my'].there.key]: { ProductType: 'LanmanNT' },
      [`${ntdsStore}\\${thumbprint}`]: { Blob: rawBinary(Buffer.from('00', 'hex')) },
    },
    classes: {
      'root/CIMV2/TerminalServices:Win32_TSGatewayServerSettings': [{ CertHash: `0x${hash}` }],
      'root/Microsoft/Windows/SMB:MSFT_SmbServerCertificateMapping': [
        { Name: 'files.example.com', Thumbprint: thumbprint, StoreName: 'My' },
      ],
      'root/virtualization/v2:Msvm_ReplicationServiceSettingData': [{ CertificateThumbPrint: thumbprint }],
      'root/virtualization/v2:Msvm_ReplicationSettingData': [
        { ElementName: 'Vm 1', CertificateThumbPrint: thumbprint },
      ],
    },
    policies: [
      { name: 'Wi-Fi', eap: peap(hash) },
      { name: 'VPN & "more"', eap: `0d${'0'.repeat(70)}14000000${hash}0000` },
      { name: 'odd', eap: `1a${'0'.repeat(150)}` },
    ],
  };
}
