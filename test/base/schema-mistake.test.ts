import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertRebindError } from '../../src/base/errors.ts';
import { schemaMistake } from '../../src/base/schema-mistake.ts';
import { parseConfiguration } from '../../src/documents/configuration.ts';

const mail = { server: 'mail.example.com', from: 'a@example.com', to: ['b@example.com'] };

describe('what a schema refuses', () => {
  for (const [written, says] of [
    [{ issuers: 'x' }, 'issuers is not a list'],
    [{ holders: [] }, 'holders is not an object'],
    [{ undo: 'all' }, 'undo is none of step, run'],
    [{ deadline: { days: -1 } }, 'deadline.days is less than 0'],
    [{ handshake: { attempts: 99 } }, 'handshake.attempts is more than 10'],
    [{ notify: { mail: { ...mail, to: [] } } }, 'notify.mail.to is empty'],
    [{ notify: { mail: { from: 'a@example.com', to: ['b@example.com'] } } }, 'notify.mail has no "server"'],
    [{ notify: { mail: { ...mail, from: 'web01' } } }, 'notify.mail.from is not a mail address like web01@example.com'],
    [
      { notify: { webhook: { url: 'https://hooks.example.com' } } },
      'notify.webhook.url is not a secret like secret:smtp. Store it with certrebind secret set smtp, then write secret:smtp here',
    ],
    [
      { notify: { webhook: { url: 'secret:hook', proxy: 'proxy:8080' } } },
      'notify.webhook.proxy is not a proxy like http://proxy.example.com:8080',
    ],
    [{ window: { from: '22:00' } }, 'window has no "to"'],
    [{ metrics: { file: 'C:\\x.txt' } }, 'metrics.file does not end in .prom'],
    [{ window: { from: '25:00', to: '06:00' } }, 'window.from is not a time of day like 22:00'],
  ] as const)
    it(`is said in words: ${says}`, () =>
      assert.throws(
        () => parseConfiguration(JSON.stringify(written), 'config.json'),
        ({ message }: CertRebindError) => {
          assert.equal(message, `config.json: ${says}.`);
          return true;
        },
      ));

  it('has words for every pattern of the configuration', () => {
    const schema = readFileSync(join(import.meta.dirname, '../../schemas/configuration.json'), 'utf8');
    const patterns = [...schema.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) => JSON.parse(text));
    assert.ok(patterns.length >= 5);
    for (const pattern of patterns) {
      const said = schemaMistake({
        keyword: 'pattern',
        instancePath: '',
        schemaPath: '',
        params: { pattern },
        message: 'raw',
      });
      assert.notEqual(said, 'raw', pattern);
    }
  });
});
