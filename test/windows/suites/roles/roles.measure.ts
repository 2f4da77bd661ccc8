import { asBelieved, fact, type Measurement, otherwise } from '../measurement.ts';

export const measurement: Measurement = {
  safe: 'vm',
  seconds: 300,
  collect: ({ ask }) => ask('roles/roles'),
  rows: {
    'gateway-setting': fact(
      'gateway',
      'the properties of Win32_TSGatewayServerSettings',
      (said) => said.includes('CertHash'),
      { so: ['CertHash', 'ServerName'], not: ['ServerName'] },
    ),
    'reported-hyper-v': {
      how: 'the properties of the classes of Hyper-V Replica',
      from: ['hyper-v server', 'hyper-v machine'],
      decide: (said) =>
        ['hyper-v server', 'hyper-v machine'].every((part) => said(part).includes('CertificateThumbPrint'))
          ? asBelieved
          : otherwise,
      examples: {
        [asBelieved]: { 'hyper-v server': ['CertificateThumbPrint'], 'hyper-v machine': ['CertificateThumbPrint'] },
        [otherwise]: { 'hyper-v server': ['CertificateThumbPrint'], 'hyper-v machine': [] },
      },
    },
    'sstp-hash': fact(
      'sstp',
      'SHA256CertificateHash after Set-RemoteAccess, and the SHA-256 of that certificate',
      ([kept, own]) => kept !== undefined && kept === own,
      { so: ['AB', 'AB'], not: ['AB', 'CD'] },
    ),
  },
};
