import { createHash } from 'node:crypto';
import { ntdsStore } from '../../kinds/ldaps/ldaps.ts';
import {
  gatewayClass,
  gatewayConnections,
  gatewayCore,
  gatewayService,
  terminalServices,
} from '../../kinds/rd-gateway/rd-gateway.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import { remoteAccess, sstpParameters, sstpService } from '../../kinds/sstp/sstp.ts';
import { rawBinary } from '../../model/windows/raw-value.ts';
import type { LabRoles } from '../kernel/lab-state.ts';
import { remoteDesktopPolicies } from '../kernel/written.ts';

const sqlServer = 'SOFTWARE\\Microsoft\\Microsoft SQL Server';
/** Of SSTP and of Remote Desktop Gateway; 443 belongs to the sites. */
export const sampleSstpPort = 4443;
export const sampleGatewayPort = 4444;

const services = 'SYSTEM\\CurrentControlSet\\Services';

/** Some roles beside IIS, each with this certificate: an instance of SQL Server, LDAPS, SSTP, Remote Desktop Gateway, SMB over QUIC, a policy of Network Policy Server. */
export function sampleRoles(thumbprint: string, der: string): LabRoles {
  const hash = thumbprint.toLowerCase();
  return {
    registry: {
      [`${sqlServer}\\Instance Names\\SQL`]: { MSSQLSERVER: 'MSSQL16.MSSQLSERVER' },
      [`${sqlServer}\\MSSQL16.MSSQLSERVER\\MSSQLServer\\SuperSocketNetLib`]: { Certificate: hash, ForceEncryption: 0 },
      [`${sqlServer}\\MSSQL16.MSSQLSERVER\\MSSQLServer\\SuperSocketNetLib\\Tcp`]: { Enabled: 1, ListenOnAllIPs: 1 },
      [`${sqlServer}\\MSSQL16.MSSQLSERVER\\MSSQLServer\\SuperSocketNetLib\\Tcp\\IPAll`]: {
        TcpPort: '1433',
        TcpDynamicPorts: '',
      },
      [`${services}\\MSSQLSERVER`]: { Start: 2, ObjectName: 'NT Service\\MSSQLSERVER' },
      [`${services}\\SQLSERVERAGENT`]: {
        Start: 2,
        ObjectName: 'NT Service\\SQLSERVERAGENT',
        DependOnService: 'MSSQLSERVER',
      },
      [sstpParameters]: {
        ListenerPort: sampleSstpPort,
        SHA256CertificateHash: rawBinary(createHash('sha256').update(Buffer.from(der, 'base64')).digest()),
      },
      [`${services}\\${sstpService}`]: { Start: 3 },
      [`${services}\\RasMan`]: { Start: 2, DependOnService: sstpService },
      [`${services}\\${remoteAccess}`]: { Start: 2, DependOnService: 'RasMan' },
      [`${services}\\${gatewayService}`]: { Start: 2, ObjectName: 'NT AUTHORITY\\NetworkService' },
      [`${services}\\ExampleProxy`]: { Start: 2, ImagePath: `"C:\\Proxy\\proxy.exe" --certificate ${hash}` },
      [remoteDesktopPolicies]: { TrustedCertThumbprints: thumbprint, AllowSignedFiles: 1 },
      [gatewayCore]: { HttpsPort: sampleGatewayPort },
      [reportedRules['ldaps-my'].there.key]: { ProductType: 'LanmanNT' },
      [`${ntdsStore}\\${thumbprint}`]: {},
      [reportedRules.nps.there.key]: { Start: 2 },
      [reportedRules['smb-quic'].there.key]: { Start: 2 },
      [reportedRules.wac.there.key]: { Start: 2 },
    },
    classes: {
      'root/StandardCimv2:MSFT_NetTCPConnection': [tcpConnection(1433), tcpConnection(1433), tcpConnection(3389)],
      'root/Microsoft/Windows/RemoteAccess:PS_RemoteAccessConnectionStatistics': ['Anna', 'Ben', 'Carla'].map(
        (UserName) => ({ UserName }),
      ),
      [`${terminalServices}:${gatewayClass}`]: [{ CertHash: `0x${thumbprint}`, IsConfigured: 'True' }],
      [`${terminalServices}:${gatewayConnections}`]: ['1', '1', '2'].map((TunnelId) => ({ TunnelId })),
      'root/Microsoft/Windows/SMB:MSFT_SmbServerCertificateMapping': [
        { Name: 'files.example.com', Thumbprint: thumbprint, StoreName: 'My' },
      ],
    },
    policies: [{ name: 'Wi-Fi', eap: peap(hash) }],
  };
}

/** As WMI tells of an open one. */
export function tcpConnection(port: number): Readonly<Record<string, string>> {
  return { LocalAddress: '192.0.2.10', LocalPort: `${port}`, State: '5' };
}

/** Settings of PEAP, in which the hash follows 72 digits (fidelity: reported-nps). */
export function peap(hash: string): string {
  return `19${'0'.repeat(30)}3800000002000000380000000100000014000000${hash}0100000001000000100000001a00000000000000`;
}
