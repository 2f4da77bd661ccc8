import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonHere, runHere } from '../cli/run-here.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { readPlainYaml } from './plain-yaml.ts';

const folder = join(import.meta.dirname, '../..', 'packaging', 'monitoring');
const read = <Content>(name: string) => readPlainYaml(readFileSync(join(folder, name), 'utf8')) as Content;

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

interface Tests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

describe('alerts for Prometheus', () => {
  const rules = read<Rules>('certrebind.rules.yml').groups.flatMap((group) => group.rules);
  const tests = read<Tests>('certrebind.rules.test.yml').tests;

  it('each have a test in which they come, and one in which they do not', () => {
    assert.ok(rules.length > 0);
    const all = tests.flatMap((test) => test.alert_rule_test);
    for (const { alert } of rules) {
      const expected = all.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length);
      assert.ok(expected.some((count) => count > 0) && expected.includes(0), `${alert}: ${expected}`);
    }
    assert.deepEqual(new Set(all.map(({ alertname }) => alertname)), new Set(rules.map(({ alert }) => alert)));
  });

  it('ask for numbers that the program writes, by the labels that it gives them', async () => {
    const lab = await temporaryLab({ sites: 1 });
    try {
      const [{ thumbprint }] = (await jsonHere(['usage', '--lab', lab.folder])).document.certificates;
      await jsonHere(['lab', 'renew', thumbprint, '--lab', lab.folder]);
      await jsonHere(['reconcile', '--lab', lab.folder]);
      const { stdout } = await runHere(['status', '--format', 'prometheus', '--lab', lab.folder]);
      const written = new Map(
        [...stdout.matchAll(/^(certrebind_\w+)(?:\{(.*)\})? /gm)].map(([, name = '', labels = '']) => [
          name,
          labelNames(labels),
        ]),
      );
      const asked = [
        ...rules.map(({ expr }) => expr),
        ...tests.flatMap((test) => test.input_series.map(({ series }) => series)),
      ].flatMap((text) => [...text.matchAll(/(certrebind_\w+)(?:\{(.*?)\})?/g)]);
      assert.ok(asked.length > rules.length);
      for (const [, name = '', labels = ''] of asked) {
        const known = written.get(name);
        assert.ok(known !== undefined, name);
        // Prometheus adds the server to each number itself.
        for (const label of labelNames(labels)) assert.ok([...known, 'instance'].includes(label), `${name}{${label}}`);
      }
    } finally {
      await lab.remove();
    }
  });
});

function labelNames(inside: string): readonly string[] {
  return [...inside.matchAll(/(\w+)=~?"/g)].map(([, name = '']) => name);
}
