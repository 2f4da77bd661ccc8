import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseApplicationHost } from '../../../src/kinds/iis/application-host.ts';
import { formatRecordKey, parseRecordKey } from '../../../src/kinds/record-key.ts';
import { fixture } from '../../support/fixture.ts';

const host = (sites: string) =>
  Buffer.from(
    `<configuration><system.applicationHost><sites>${sites}</sites></system.applicationHost></configuration>`,
  );

describe('odd configurations', () => {
  for (const [flags, why] of [
    ['0x1', 'hexadecimal'],
    ['4294967296', 'above 32 bits'],
    ['9999999999', 'above 32 bits'],
    ['yes', 'not a number'],
  ] as const) {
    it(`sslFlags ${flags} is named with the reason: ${why}`, () => {
      const binding = `<site name="S" id="1"><bindings><binding protocol="https" bindingInformation="*:443:" sslFlags="${flags}"/></bindings></site>`;
      const { unreadable } = parseApplicationHost(host(binding), 'a.config');
      assert.match(unreadable[0]?.why ?? '', new RegExp(why));
    });
  }

  it('sslFlags of all 32 bits is read', () => {
    const binding =
      '<site name="S" id="1"><bindings><binding protocol="https" bindingInformation="*:443:" sslFlags="4294967295"/></bindings></site>';
    assert.deepEqual(parseApplicationHost(host(binding), 'a.config').unreadable, []);
  });

  it('a redirection.config as Windows writes it is called by its name', () =>
    assert.throws(() => parseApplicationHost(fixture('iis/redirected.config'), 'x'), /is redirection\.config/));

  for (const [name, inner] of [
    ['redirection.config', '<configurationRedirection enabled="true" path="\\\\share\\iis" />'],
    ['administration.config', '<moduleProviders><add name="x"/></moduleProviders>'],
    ['administration.config', '<system.webServer><management><trustedProviders/></management></system.webServer>'],
  ] as const) {
    it(`${name} in place of the configuration is called by its name: ${inner.slice(0, 20)}`, () =>
      assert.throws(
        () => parseApplicationHost(`<configuration>${inner}</configuration>`, 'x'),
        (error: Error) => {
          return error.message.includes(`is ${name}`) && error.message.includes('applicationHost.config');
        },
      ));
  }

  it('a redirection that is switched off, beside the sites themselves, is read', () => {
    const sites = '<system.applicationHost><sites/></system.applicationHost>';
    for (const inner of [sites, `<location>${sites}</location>`]) {
      const xml = `<configuration><configurationRedirection enabled="false"/>${inner}</configuration>`;
      assert.deepEqual(parseApplicationHost(xml, 'x').sites, []);
    }
  });

  it('a record key is the same key after it was written', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), (name, port) => {
        const key = formatRecordKey(parseRecordKey(`${name}.:${port}`, 'key'));
        assert.equal(formatRecordKey(parseRecordKey(key, 'key')), key);
        assert.ok(!key.includes('.:'));
      }),
    );
  });
});
