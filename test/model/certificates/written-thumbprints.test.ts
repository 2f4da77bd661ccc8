import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { programThatReads, thumbprintFinder } from '../../../src/model/certificates/written-thumbprints.ts';

const one = parseThumbprint('A1B2C3D4E5F60718293A4B5C6D7E8F9001122334', 'test');
const other = parseThumbprint('00000000000000000000000000000000000000FF', 'test');
const find = thumbprintFinder([one, other]);
const pairs = (separator: string, digits: string = one) => digits.replace(/(..)(?=.)/g, `$1${separator}`);
const linesOf = (bytes: Buffer) => find(bytes).map(({ thumbprint, line }) => [thumbprint, line]);
const big = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('a thumbprint in a text', () => {
  for (const [form, text] of [
    ['upper case', one],
    ['lower case', one.toLowerCase()],
    ['blanks between pairs', pairs(' ').toLowerCase()],
    ['colons between pairs', pairs(':')],
    ['hyphens between pairs', pairs('-')],
    ['blanks between fours', one.replace(/(....)(?=.)/g, '$1 ')],
    ['behind a mark that the MMC adds', `\u200E${pairs(' ')}`],
    ['behind digits that end a word', `certificate fed ${one}`],
    ['within more digits', `00${one}FF`],
    ['before more digits with blanks', `${pairs(' ')} 5A 5B`],
    ['at the end of a long line', `${'x'.repeat(977)}${one}`],
  ] as const) {
    for (const [encoding, bytes] of [
      ['UTF-8', Buffer.from(`first\r\nsecond ${text}\r\nthird`)],
      ['UTF-8 with its mark', Buffer.from(`\uFEFFfirst\nsecond ${text}`)],
      ['UTF-16', Buffer.from(`\uFEFFfirst\r\nsecond ${text}\r\nthird`, 'utf16le')],
      ['UTF-16 without its mark', Buffer.from(`first\nsecond ${text}`, 'utf16le')],
      ['UTF-16, big end first', big(`\uFEFFfirst\r\nsecond ${text}`)],
    ] as const)
      it(`is found in its line: ${form}, ${encoding}`, () => assert.deepEqual(linesOf(bytes), [[one, 2]]));
  }

  for (const [what, text] of [
    ['39 of its digits', one.slice(1)],
    ['another digit in it', `${one.slice(0, 20)}0${one.slice(20)}`],
    ['two blanks between two digits', `${one.slice(0, 2)}  ${one.slice(2)}`],
    ['a line between two digits', `${one.slice(0, 20)}\n${one.slice(20)}`],
    ['a line between two digits, before others', `${one.slice(0, 20)}\n${one.slice(20)} ${'0 '.repeat(20)}`],
    ['a letter between two digits', `${one.slice(0, 20)}g${one.slice(20)}`],
    ['another thumbprint', 'B'.repeat(40)],
    ['nothing', ''],
  ] as const)
    it(`is not found: ${what}`, () => assert.deepEqual(linesOf(Buffer.from(`${text}\n`)), []));

  it('is found behind any number of other letters', () => {
    for (let before = 0; before < 130; before++) {
      assert.deepEqual(linesOf(Buffer.from(`${'x'.repeat(before)}${one}`)), [[one, 1]]);
      assert.deepEqual(linesOf(Buffer.from(`${'x'.repeat(before)}\0${'y'.repeat(20)}${one}${'x'.repeat(before)}`)), [
        [one, 1],
      ]);
    }
  });

  it('is told once a line, beside others, and only as often as is asked for', () => {
    const text = Buffer.from(`${one} ${one} ${other}\n\n${other}\n${one}`);
    assert.deepEqual(linesOf(text), [
      [one, 1],
      [other, 1],
      [other, 3],
      [one, 4],
    ]);
    assert.equal(find(text, 2).length, 2);
  });

  it('is in the line that an editor shows, where letters contain the byte of an end of line', () => {
    const text = `\u010A\u0A0A\u0A41 ${one}`;
    assert.deepEqual(linesOf(Buffer.from(`\uFEFF${text}\n${one}`, 'utf16le')), [
      [one, 1],
      [one, 2],
    ]);
    assert.deepEqual(linesOf(big(`\uFEFF${text}\n${one}`)), [
      [one, 1],
      [one, 2],
    ]);
  });

  it('is found wherever it stands, and nowhere else', () => {
    const around = fc.string({ unit: fc.constantFrom(...'0aF :-\n\0gx"'), maxLength: 130 });
    fc.assert(
      fc.property(around, around, fc.boolean(), (before, after, isThere) => {
        const text = `${before}|${isThere ? one : ''}|${after}`;
        const expected = isThere ? [[one, before.split('\n').length]] : [];
        // A text that begins with a zero byte looks like UTF-16.
        fc.pre(text[1] !== '\0' && text[0] !== '\0');
        assert.deepEqual(linesOf(Buffer.from(text)), expected);
      }),
    );
  });

  it('is found in the bytes that are given, where they are part of a larger buffer', () => {
    const buffer = Buffer.from(`${one}\nx ${one}`);
    assert.deepEqual(linesOf(buffer.subarray(41)), [[one, 1]]);
    assert.equal(programThatReads('a.rdp', buffer.subarray(41), 1), 'Remote Desktop');
  });
});

/** Written anew in the form of public files, whose repositories and paths are named (fidelity: written-thumbprints). */
const forms: readonly (readonly [source: string, path: string, program: string | null, line: number, text: string])[] =
  [
    [
      'dsccommunity/WebAdministrationDsc source/Examples/Resources/WebSite/Sample_WebSite_WithSSLFlags.ps1',
      'C:\\dsc\\site.ps1',
      'DSC',
      4,
      `configuration Shop {\n  Import-DscResource -ModuleName WebAdministrationDsc\n  WebSite Shop { BindingInfo = DSC_WebBindingInformation {\n    CertificateThumbprint = '${one}' } }\n}`,
    ],
    [
      'dotnet/samples framework/wcf/Basic/Binding/Basic/MessageSecurity/CS/service/App.config',
      'C:\\inetpub\\shop\\web.config',
      'WCF',
      2,
      `<serviceCredentials>\n  <serviceCertificate findValue="${pairs(' ')}" x509FindType="FindByThumbprint" />\n</serviceCredentials>`,
    ],
    [
      'skoruba/IdentityServer4.Admin src/Skoruba.IdentityServer4.STS.Identity/appsettings.json',
      'C:\\inetpub\\sts\\appsettings.json',
      'IdentityServer',
      3,
      `{\n  "CertificateConfiguration": {\n    "SigningCertificateThumbprint": "${one.toLowerCase()}"\n  }\n}`,
    ],
    [
      'dotnet/AspNetCore.Docs aspnetcore/fundamentals/servers/kestrel/endpoints.md (the section; its certificates are named by programs)',
      'C:\\inetpub\\api\\appsettings.Production.json',
      'Kestrel',
      2,
      `{ "Kestrel": { "Endpoints": { "Https": { "Url": "https://*:5001" } } },\n  "CertificateThumbprint": "${one}" }`,
    ],
    [
      'MicrosoftDocs/azure-devops-yaml-schema task-reference/iisweb-app-management-on-machine-group-v0.md',
      'D:\\deploy\\azure-pipelines.yml',
      'Azure Pipelines',
      4,
      `steps:\n- task: IISWebAppManagementOnMachineGroup@0\n  inputs:\n    SSLCertThumbPrint: '${one}'`,
    ],
    [
      'ansible-collections/community.windows tests/integration/targets/win_rds/tasks/win_rds_settings_tests.yml',
      'D:\\deploy\\site.yaml',
      'Ansible',
      3,
      `- name: Gateway\n  win_rds_settings:\n    certificate_hash: ${one}`,
    ],
    ['a settings file of no known program', 'C:\\inetpub\\shop\\other.json', null, 1, `{ "thumbprint": "${one}" }`],
    [
      'a script that is no configuration of DSC',
      'C:\\inetpub\\shop\\sign.ps1',
      null,
      1,
      `Get-Item Cert:\\LocalMachine\\My\\${one}`,
    ],
    [
      'a line of a configuration that WCF does not read',
      'C:\\a\\web.config',
      null,
      2,
      `<x findValue="-" />\n<add value="${one}" />`,
    ],
  ];

describe('the kind of program that reads it', () => {
  for (const [source, path, program, line, text] of forms)
    for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`, 'utf16le')])
      it(`${program ?? 'not known'}, ${bytes[0] === 0xff ? 'UTF-16' : 'UTF-8'}: ${source}`, () => {
        assert.deepEqual(linesOf(bytes), [[one, line]]);
        assert.equal(programThatReads(path, bytes, line), program);
      });
});
