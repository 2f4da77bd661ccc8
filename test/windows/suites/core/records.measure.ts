import { exactly, fact, type Measurement } from '../measurement.ts';

const thumbprint = 'AB'.repeat(20);
const iis = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';
const own = '{5f1d3b7e-6c0a-4d52-9e0b-7a3c2e91d846}';
const appIdBytes = '7E3B1D5F0A6C524D9E0B7A3C2E91D846';

export const measurement: Measurement = {
  safe: 'mark',
  seconds: 120,
  async collect({ ask, bench }) {
    const { port, old, site, successor } = await bench();
    return ask('core/records', [`${port}`, old, site, successor]);
  },
  rows: {
    'netsh-exit-codes': exactly(
      'netsh exit codes',
      'netsh http: a record added, added again, deleted, deleted again, and added with a hash that there is not',
      ['0', '1', '0', '1', '1'],
      ['0', '0', '0', '0', '0'],
    ),
    'netsh-texts': fact(
      'netsh text',
      'netsh http show sslcert of a new record: the column of the colons, and what stands for nothing',
      (said) =>
        said.filter((line) => line.slice(32, 35) === ' : ').length > 5 && said.some((line) => line.endsWith('(null)')),
      {
        so: [
          '0',
          ...[
            'IP:port',
            'Certificate Hash',
            'Application ID',
            'Certificate Store Name',
            'Usage Check',
            'Ctl Identifier',
          ].map((label) => `    ${label.padEnd(28)} : (null)`),
        ],
        not: ['0', 'IP:port : 127.0.0.1:443'],
      },
    ),
    'http-sys-tables': fact(
      'registry of a record',
      'the registry entry of a record that netsh made',
      (said) =>
        said.some((line) => line.startsWith('SslCertHash Byte[] ')) &&
        said.includes(`AppId Byte[] ${appIdBytes}`) &&
        said.some((line) => line.startsWith('DefaultFlags Int32 ')),
      {
        so: [`SslCertHash Byte[] ${thumbprint}`, `AppId Byte[] ${appIdBytes}`, 'DefaultFlags Int32 0'],
        not: [`SslCertHash String ${thumbprint}`],
      },
    ),
    'record-sub-keys': fact('sub-keys of a record', 'the sub-keys of a plain record', ([count]) => count === '0', {
      so: ['0'],
      not: ['2'],
    }),
    'netsh-silent-failure': fact(
      'netsh unknown parameter',
      'netsh http add sslcert with a parameter that there is not: refused, or ended well with nothing done',
      ([added, shown]) => added === '1' || (added === '0' && shown === '1'),
      { so: ['1', '1'], not: ['0', '0'] },
    ),
    'netsh-zero': fact(
      'netsh zero',
      'netsh http add sslcert with both revocation times 0: refused, or taken whole',
      ([added, shown]) => (added === '0') === (shown === '0'),
      { so: ['1', '1'], not: ['0', '1'] },
    ),
    'application-ids': fact(
      'application id of IIS',
      'the record that AddSslCertificate of a binding made',
      (said) => said.some((line) => line.toLowerCase().includes(iis)),
      { so: [`    Application ID               : ${iis}`], not: [`    Application ID               : ${own}`] },
    ),
    'binding-methods': fact(
      'binding methods',
      'the methods of a binding object, and what it says to a hash that is none',
      (said) =>
        ['AddSslCertificate', 'RebindSslCertificate', 'RemoveSslCertificate'].every((name) => said.includes(name)) &&
        said.at(-1)?.startsWith('0x') === true,
      {
        so: [
          'AddSslCertificate',
          'RebindSslCertificate',
          'RemoveSslCertificate',
          '0x80070057 x: The parameter is incorrect.',
        ],
        not: ['AddSslCertificate', 'done'],
      },
    ),
    'ssl-flags': fact(
      'flags of bindings',
      'sslFlags of a binding by address and of one by name',
      (said) =>
        said.length === 2 &&
        said.some((line) => line.endsWith(': 0')) &&
        said.some((line) => line.endsWith('.invalid 1')),
      { so: ['127.0.0.1:8443: 0', '127.0.0.1:8443:rehearsal.certrebind.invalid 1'], not: ['127.0.0.1:8443: 1'] },
    ),
    'error-texts': fact(
      'errors',
      'AddSslCertificate with a hash that no store has',
      ([refused = '']) => /^0x(?:80070520|8007051F|80070490|80070002|800710D8)/i.test(refused),
      { so: ['0x80070520 x: A specified logon session does not exist.'], not: ['done'] },
    ),
    'native-task': exactly(
      'appcmd renew',
      'appcmd renew binding, which the task of IIS Manager runs: its exit code, and whether the record has the new certificate',
      ['0', 'True'],
      ['0', 'False'],
    ),
  },
};
