import assert from 'node:assert/strict';
import { centralStoreForm, netshLanguage } from '../../windows/suites/core/on-texts.ts';

const appId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';

describe('how netsh shows a record of the central store', () => {
  for (const [what, text, form] of [
    ['by its port behind a label of its own', '\r\n    Anything at all : 443\r\n    Id : x\r\n', 'own-label'],
    ['as a host name with a star', '    Hostname:port                : *:443\r\n', 'hostname-star'],
    ['not at all', '    IP:port : 0.0.0.0:443\r\n    Time : 4430\r\n', null],
    ['not at all, of another port', '    Hostname:port : *:8443\r\n', null],
  ] as const)
    it(what, () => assert.equal(centralStoreForm(text, 443)?.form ?? null, form));

  it('gives the line that tells', () =>
    assert.equal(centralStoreForm('a\r\n  Host:port  : *:443 \r\n', 443)?.line, 'Host:port  : *:443'));
});

describe('the language of netsh', () => {
  const shown = (label: string) => `    IP:port : 0.0.0.0:443\r\n    ${label.padEnd(29)}: ${appId}\r\n`;
  for (const [label, language] of [
    ['Application ID', 'english'],
    ['Anwendungs-ID', 'german'],
    ['ID do Aplicativo', 'other'],
  ] as const)
    it(`${language} where it says ${label}`, () => assert.deepEqual(netshLanguage(shown(label)), { language, label }));

  it('is not told where no record is shown', () =>
    assert.equal(netshLanguage('The system cannot find the file specified.\r\n'), null));
});
