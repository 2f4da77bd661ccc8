import assert from 'node:assert/strict';
import { findingCodes } from '../../../src/base/codes/finding-codes.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { certificate, now, record, site, snapshot, sni } from '../../builders/snapshot.ts';
import { assertNone } from '../../support/each.ts';
import { holdAgainst } from '../../support/sentences.ts';
import { expectedTasks, factsOf, ownTasks, wireOf } from './facts.ts';
import { factsIn, shop, situations } from './situations.ts';

describe('diagnose', () => {
  for (const situation of situations) {
    const { finds, command, says, advises, titled } = situation;
    it(`${situation.situation}: ${finds.length === 0 ? 'no finding' : finds.join(', ')}`, () => {
      const findings = lookAt(factsIn(situation)).findings;
      assert.deepEqual(
        findings.map(({ severity, code, key }) => `${severity} ${code} ${key ?? '-'}`),
        finds,
      );
      if (command !== undefined) assert.deepEqual(findings[0]?.commands, [command ?? []].flat());
      if (says !== undefined) assert.match(findings[0]?.message ?? '', says);
      if (titled !== undefined) assert.match(findings[0]?.title ?? '', titled);
      if (advises !== undefined) assert.match(findings[0]?.hint ?? '', advises);
    });
  }

  holdAgainst(
    'findings.txt',
    situations.map((situation) => [
      situation.situation,
      () =>
        lookAt(factsIn(situation)).findings.map(
          ({ code, message, repair, commands }) => `${code} (${repair}): ${[message, ...commands].join(' | ')}`,
        ),
    ]),
  );

  // What is found above, and the parts without which it is not: each alone.
  for (const [code, parts] of [
    ['ftps-certificate-expired', ['ftps']],
    ['listener-certificate-expired', ['others']],
    ['service-key', ['others']],
  ] as const)
    for (const part of parts)
      it(`says no ${code} of a server of which not all is known of the part ${part}`, () => {
        const { server, facts = {} } =
          situations.find(({ finds }) => finds.some((text) => text.split(' ')[1] === code)) ?? assert.fail();
        const codesOf = (notLookedAt: Snapshot['notLookedAt']) => {
          const whole = { ...server, notLookedAt };
          return lookAt(factsIn({ server: whole, facts })).findings.map((finding) => finding.code);
        };
        assert.deepEqual(
          [codesOf([]).includes(code), codesOf(unknownParts('not-read', [part])).includes(code)],
          [true, false],
        );
      });

  it('has a situation above for every code', () => {
    const found = new Set(situations.flatMap(({ finds }) => finds.map((text) => text.split(' ')[1])));
    assertNone(findingCodes, ({ code }) => !found.has(code));
  });

  it('calls a repair a plan exactly where doctor --fix plans it', () => {
    for (const situation of situations) {
      for (const { code, repair, commands } of lookAt(factsIn(situation)).findings) {
        assert.equal(
          repair === 'plan',
          commands.includes(`certrebind doctor --fix ${code}`) && code !== 'log-disabled',
        );
        assert.equal(repair === null, commands.length === 0);
      }
    }
  });

  it('leaves out of what is to be typed no thumbprint that it knows', () => {
    for (const situation of situations)
      for (const { certificate: old, renewal, hint, commands } of lookAt(factsIn(situation)).findings) {
        const said = [hint, ...commands].join(' ');
        assert.equal(old !== null && said.includes('<old>'), false, said);
        assert.equal(renewal !== null && said.includes('<new>'), false, said);
      }
  });

  it('names a trouble of one certificate once, however many records share it', () => {
    const hosts = Array.from({ length: 8 }, (_, index) => `h${index}.example.com`);
    const findings = lookAt(
      factsOf({
        sites: [site('Shop', hosts.map(sni))],
        records: hosts.map((host) => record(`${host}:443`, 'shop')),
        certificates: [certificate('shop', { names: ['*.example.com'], notAfter: now })],
      }),
    ).findings;
    assert.equal(findings.length, 1);
    assert.equal(findings[0]?.key, null);
    assert.match(findings[0]?.message ?? '', /h0\.example\.com:443, .* and 3 more/);
  });

  it('finds the same in whatever order the server was read', () => {
    const server = snapshot({
      ...shop,
      tasks: ownTasks,
      records: [...shop.records, record('a.example.com:443', 'x'), record('b.example.com:443', 'shop')],
    });
    const reversed = {
      ...server,
      holders: server.holders.toReversed(),
      certificates: server.certificates.toReversed(),
    };
    const texts = (seen: Snapshot) =>
      lookAt(factsOf(seen))
        .findings.map((one) => JSON.stringify(one))
        .sort();
    assert.deepEqual(texts(reversed), texts(server));
  });

  it('finds nothing wrong with ten thousand bindings that agree', () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `host${index}.example.com`);
    const server = snapshot({
      tasks: ownTasks,
      sites: hosts.map((host) => site(host, [sni(host)])),
      records: hosts.map((host, index) => record(`${host}:443`, `c${index % 1000}`)),
      certificates: Array.from({ length: 1000 }, (_, index) => certificate(`c${index}`, { names: ['*.example.com'] })),
    });
    const facts = factsOf(server, { wire: wireOf(server), expected: expectedTasks });
    assert.deepEqual(lookAt(facts).findings, []);
  });
});
