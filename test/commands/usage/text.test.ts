import assert from 'node:assert/strict';
import { usageText } from '../../../src/commands/usage/text.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { certificate, https, policy, record, site, snapshot, sni } from '../../builders/snapshot.ts';

const id = '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}';

const server = snapshot({
  sites: [
    site('Default Web Site', [https('*:443:'), sni('portal.example.net')]),
    site('Partner API', [sni('api.example.org')]),
  ],
  records: [
    record('0.0.0.0:443', 'shop'),
    record('portal.example.net:443', 'shop'),
    record('api.example.org:443', 'api'),
    record('0.0.0.0:9443', 'shop', { appId: id }),
  ],
  certificates: [
    certificate('shop', { issuer: 'CN=Example Issuing CA 2' }),
    certificate('api', { names: ['api.example.org'], store: 'WebHosting', key: 'missing' }),
  ],
});

describe('usage', () => {
  it('fits 80 columns and breaks no word', () => {
    const usage = usageOf(server, policy(), null);
    const text = usageText(usage, { ...plain, width: 80 });
    const lines = text.split('\n');
    assert.deepEqual(
      lines.filter((line) => displayWidth(line) > 80),
      [],
    );
    const words = [
      'shop.example.com',
      '(*:443:portal.example.net)',
      '(*:443:api.example.org)',
      '{5f0a1c6e-…}',
      'WebHosting',
    ];
    for (const word of words) assert.ok(text.includes(word), `${word} in\n${text}`);
    assert.match(text, /no private key/);
  });

  it('shows whole thumbprints and application ids with --full', () => {
    const text = usageText(usageOf(server, policy(), null), { ...plain, full: true });
    assert.ok(text.includes(id));
    assert.match(text, /\b[0-9A-F]{40}, ends 2027-01-01/);
  });
});
