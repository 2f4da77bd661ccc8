import { exactly, fact, type Measurement } from '../measurement.ts';

const overridden = 'C:\\CertRebind-Rehearsal';
export const measurement: Measurement = {
  safe: 'yes',
  seconds: 120,
  collect: ({ ask }) => ask('core/host', [process.execPath]),
  rows: {
    'powershell-json': fact('json', 'ConvertTo-Json of a date', ([text = '']) => text.includes('\\/Date('), {
      so: ['{"at":"\\/Date(1767323045000)\\/"}'],
      not: ['{"at":"2026-01-02T03:04:05Z"}'],
    }),
    'quotes-in-arguments': fact(
      'arguments',
      'the arguments that Node got of a call with double quotes in them',
      ([got]) => got === '["[Shop]","[My","Shop]"]',
      { so: ['["[Shop]","[My","Shop]"]'], not: ['["[\\"Shop\\"]","[\\"My Shop\\"]"]'] },
    ),
    'framework-floor': fact(
      'framework',
      'the release of .NET Framework in the registry, and the types that came later than 4.5',
      // 379893 is 4.5.2, 393295 is 4.6, with which the first of the types came.
      ([release = '', rsa]) => Number(release) >= 379893 && (Number(release) < 393295 || rsa === 'True'),
      { so: ['528449', 'True', 'True'], not: ['528449', 'False', 'True'] },
    ),
    'service-sid': fact('services', 'sc showsid against the formula', (said) => said.length === 6, {
      so: ['W3SVC', 'WinRM', 'TermService', 'Schedule', 'MSSQL$SQLEXPRESS', 'TSGateway'].map((name) => `${name} yes`),
      not: ['W3SVC yes'],
    }),
    'control-sets': fact(
      'control set',
      'HKLM:\\SYSTEM\\Select',
      ([number, isThere]) => Number(number) > 0 && isThere === 'True',
      { so: ['1', 'True'], not: ['1', 'False'] },
    ),
    'module-path': fact(
      'module path',
      'PSModulePath of the machine',
      (said) => said.some((path) => /\\Program Files\\WindowsPowerShell\\Modules\\?$/i.test(path)),
      { so: ['C:\\Program Files\\WindowsPowerShell\\Modules', 'C:\\WINDOWS\\system32'], not: ['C:\\Modules'] },
    ),
    'lifecycle-log': fact('lifecycle log', 'Get-WinEvent -ListLog', ([isOn]) => isOn === 'True', {
      so: ['True'],
      not: ['False'],
    }),
    'iis-version': fact(
      'iis version',
      'MajorVersion and MinorVersion of InetStp, with their types',
      ([majorType, major = '', minorType]) => majorType === 'Int32' && minorType === 'Int32' && Number(major) >= 8,
      { so: ['Int32', '10', 'Int32', '0'], not: ['String', '10', 'String', '0'] },
    ),
    'machine-data-protection': fact(
      'data protection',
      'ProtectedData with the scope LocalMachine, opened with the same entropy and with another',
      ([opened, refused]) => opened === '1,2,3' && refused !== undefined && refused !== 'done',
      { so: ['1,2,3', '0x8007000D : The data is invalid.'], not: ['1,2,3', 'done'] },
    ),
    'reported-wmi': fact(
      'absent class',
      'Get-CimInstance of a class and of a namespace that there are not',
      ([ofClass = '', ofNamespace = '']) =>
        ofClass.includes('HRESULT 0x80041010') && /HRESULT 0x8004100E|HRESULT 0x80041010/i.test(ofNamespace),
      {
        so: [
          '0x80131500 HRESULT 0x80041010,Get: Invalid class',
          '0x80131500 HRESULT 0x8004100e,Get: Invalid namespace',
        ],
        not: ['done', 'done'],
      },
    ),
    'block-on-stdin': exactly(
      'block on standard input',
      'a block of several lines and an empty one on the standard input of -Command -',
      ['within the block', 'behind it'],
      ['behind it'],
    ),
    'dash-behind-file': fact(
      'dash behind a script',
      'a lone - behind the script of -File',
      ([ran, exit]) => ran === 'False' && exit !== '0',
      { so: ['False', '1'], not: ['True', '0'] },
    ),
    'pki-by-name': fact(
      'pki by name',
      'the modules after the first use of the drive Cert: in a new Windows PowerShell',
      ([isLoaded]) => isLoaded === 'True',
      { so: ['True'], not: ['False'] },
    ),
    'powershell-7-iis': exactly(
      'PowerShell 7',
      'WebAdministration in PowerShell 7: the drive IIS:, and the methods of a binding',
      ['False', '0'],
      ['True', '1'],
    ),
    'event-query': fact(
      'event query',
      'Get-WinEvent -FilterXPath with contains, starts-with, 20 and 40 terms',
      // No such event is an error too, with an id of its own.
      ([contains, startsWith, few = '', many = '']) =>
        [contains, startsWith].every((each) => each !== 'done' && !each?.includes('NoMatchingEventsFound')) &&
        few.includes('NoMatchingEventsFound') &&
        !many.includes('NoMatchingEventsFound'),
      {
        so: [
          '0x80073A99 x: not valid',
          '0x80073A99 x: not valid',
          '0x80131500 NoMatchingEventsFound,x: none',
          '0x80073A99 x: not valid',
        ],
        not: ['done', 'done', 'done', 'done'],
      },
    ),
    'engine-streams-open': exactly(
      'streams left open',
      'the output of a Windows PowerShell that has ended and left a program of its own behind, before and after that ended',
      ['ended True', 'closed False', 'closed True'],
      ['ended True', 'closed True', 'closed True'],
    ),
    'psmodulepath-inherited': fact(
      'module path below PowerShell 7',
      'PSModulePath of a Windows PowerShell that PowerShell 7 started through cmd.exe; and whether there is the drive Cert:',
      ([isInherited]) => isInherited === 'True',
      { so: ['True', 'False'], not: ['False', 'True'] },
    ),
    'system-root': fact(
      'system root',
      'a program whose caller set SystemRoot and windir: what it sees, and whether its ntdll.dll is that of Windows',
      (said) => said.join() === `${overridden},${overridden},True`,
      { so: [overridden, overridden, 'True'], not: ['C:\\Windows', 'C:\\Windows', 'True'] },
    ),
  },
};
