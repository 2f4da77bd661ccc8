import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { prometheusText } from '../../../src/engine/views/metrics-text.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { certificate, record, site, snapshot, sni } from '../../builders/snapshot.ts';
import { factsOf } from '../findings/facts.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format by its rules, as collectors do: whatever breaks one makes them refuse the whole file. */
function parse(text: string): readonly Sample[] {
  assert.ok(text.endsWith('\n') && !text.includes('\r') && !text.startsWith('\uFEFF'));
  const types = new Set<string>();
  const samples: Sample[] = [];
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const about = /^# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)$/.exec(line);
    if (about !== null) {
      const [, what, name = '', rest] = about;
      if (what === 'HELP') assert.ok(!types.has(name), `${name} twice`);
      else assert.equal(rest, 'gauge');
      types.add(name);
      current = name;
      continue;
    }
    // A time behind the value would be another number.
    const sample = /^([a-z][a-z0-9_]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?)$/.exec(line);
    assert.ok(sample !== null, line);
    const [, name = '', inside = '', value] = sample;
    assert.equal(name, current, 'samples of one metric stand together, behind its HELP and TYPE');
    samples.push({ name, labels: labelsOf(inside), value: Number(value) });
  }
  const series = samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  assert.equal(new Set(series).size, series.length, 'a series twice');
  return samples;
}

function labelsOf(inside: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = inside;
  while (rest !== '') {
    const one = /^([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/.exec(rest);
    assert.ok(one !== null, rest);
    const [whole, name = '', value = ''] = one;
    labels[name] = value.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return labels;
}

describe('numbers for Prometheus', () => {
  const trick = 'O=Example\\, "Inc."\r\nx{a="b"} 1';
  const facts = factsOf({
    sites: [site('Shop', [sni('shop.example.com')])],
    records: [record('shop.example.com:443', 'old')],
    certificates: [
      certificate('old', { issuer: trick, notAfter: '2026-06-03T12:00:00.000Z', renewedTo: 'new' }),
      certificate('new', { names: ['other.example.com'] }),
    ],
  });
  let samples: ReturnType<typeof parse>;
  before(() => {
    samples = parse(prometheusText(statusOf(lookAt(facts)), '1.2.3'));
  });
  const of = (name: string) => samples.filter((sample) => sample.name === name);

  it('are in the format, whatever names hold', () => {
    const [first] = of('certrebind_certificate_not_after_timestamp_seconds').filter(
      ({ labels }) => labels.in_use === 'true',
    );
    assert.equal(first?.value, Date.parse('2026-06-03T12:00:00.000Z') / 1000);
    assert.equal(first?.labels.issuer, 'O=Example\\, "Inc."\\u000D\\u000Ax{a="b"} 1');
  });

  it('say what is on, used, pending and wrong', () => {
    assert.deepEqual(of('certrebind_build_info'), [
      { name: 'certrebind_build_info', labels: { version: '1.2.3' }, value: 1 },
    ]);
    assert.equal(of('certrebind_enabled')[0]?.value, 1);
    assert.equal(of('certrebind_sites')[0]?.value, 1);
    assert.deepEqual(
      of('certrebind_renewals').map(({ labels, value }) => `${labels.state} ${value}`),
      ['pending 1', 'waiting 0', 'held 0'],
    );
    assert.ok(of('certrebind_findings').some(({ labels }) => labels.code === 'renewal-blocked'));
    assert.equal(of('certrebind_certificate_not_after_timestamp_seconds').length, 2);
  });

  it('leave out what is not known', () => {
    const unknown = snapshot({ notLookedAt: unknownParts('not-read', ['tasks']) });
    const names = parse(prometheusText(statusOf(lookAt({ ...facts, snapshot: unknown })), '1.2.3')).map(
      ({ name }) => name,
    );
    for (const absent of ['certrebind_enabled', 'certrebind_last_run_exit_code'])
      assert.ok(!names.includes(absent), absent);
  });
});
