import assert from 'node:assert/strict';
import { serviceReads } from '../../../src/kinds/key-access/key-access.ts';
import { serviceAccount } from '../../../src/model/windows/service-account.ts';

const sqlServer = 'S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003';

describe('the account of a service', () => {
  it('has the SID that Windows gives the service, in whatever letters its name is written', () => {
    const known = [
      ['TrustedInstaller', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'],
      ['MSSQLSERVER', sqlServer],
      ['mssqlserver', sqlServer],
    ] as const;
    for (const [service, sid] of known) assert.equal(serviceAccount(service, '').serviceSid, sid);
  });

  const accounts: readonly (readonly [logsOnAs: string, sid: string | null])[] = [
    ['NT Service\\MSSQLSERVER', sqlServer],
    ['LocalSystem', 'S-1-5-18'],
    ['NT AUTHORITY\\SYSTEM', 'S-1-5-18'],
    ['NT AUTHORITY\\NetworkService', 'S-1-5-20'],
    ['NT AUTHORITY\\LOCAL SERVICE', 'S-1-5-19'],
    ['EXAMPLE\\svc-sql', null],
    ['EXAMPLE\\gmsa$', null],
    ['', null],
  ];
  for (const [logsOnAs, sid] of accounts)
    it(`is ${sid ?? 'not known'} where it logs on as "${logsOnAs}"`, () =>
      assert.equal(serviceAccount('MSSQLSERVER', logsOnAs).accountSid, sid));

  const own = 'NT Service\\MSSQLSERVER';
  const alone = 'O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)';
  const lists: readonly (readonly [what: string, logsOnAs: string, sddl: string, reads: boolean | null])[] = [
    ['it is in the list', own, `${alone}(A;;FR;;;${sqlServer})`, true],
    ['it is not', own, alone, false],
    ['its service is, whatever it logs on as', 'EXAMPLE\\svc', `${alone}(A;;FR;;;${sqlServer})`, true],
    ['only the account is', 'NT AUTHORITY\\NetworkService', `${alone}(A;;FR;;;NS)`, true],
    ['it is the system', 'LocalSystem', alone, true],
    ['another account is', own, `${alone}(A;;FR;;;NS)`, false],
    ['every service is', own, `${alone}(A;;FR;;;SU)`, true],
    ['its account may be, by a SID that is not known', 'EXAMPLE\\svc', alone, null],
    ['something is denied', own, `O:SYG:SYD:PAI(D;;FR;;;BU)(A;;FR;;;${sqlServer})`, null],
    ['the list is not understood', own, 'nonsense', null],
  ];
  for (const [what, logsOnAs, sddl, reads] of lists)
    it(`${reads === null ? 'may or may not read' : reads ? 'reads' : 'does not read'} a key where ${what}`, () =>
      assert.equal(serviceReads({ sddl }, serviceAccount('MSSQLSERVER', logsOnAs)), reads));

  it('may or may not read a key whose rights were not read', () => {
    assert.equal(serviceReads(undefined, serviceAccount('MSSQLSERVER', own)), null);
    assert.equal(serviceReads({ why: 'it is in a TPM' }, serviceAccount('MSSQLSERVER', own)), null);
  });
});
