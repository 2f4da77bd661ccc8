import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import { dscManifestText } from '../../src/documents/dsc-manifest.ts';

// What DSC 3.2.1 reads of a resource manifest (lib/dsc-lib/src/dscresources/resource_manifest.rs and the types it names;
// fidelity: dsc-what-if). It refuses a member that it does not know beside the verbs, and passes over one within a verb
// without a word, so here both are faults.

const texts = { type: 'string', minLength: 1 };
const input = { enum: ['env', 'stdin'] };
const requireSecurityContext = { enum: ['current', 'elevated', 'restricted'] };
const returned = { enum: ['state', 'stateAndDiff'] };

function argument(...more: readonly object[]) {
  const named = (name: string, rest = {}) => record({ [name]: texts, ...rest }, name);
  return {
    anyOf: [
      { type: 'string' },
      named('jsonInputArg', { mandatory: { type: 'boolean' } }),
      named('resourcePathArg', { includeQuotes: { type: 'boolean' } }),
      named('resourceTypeArg'),
      ...more,
    ],
  };
}

function record(properties: object, ...required: readonly string[]) {
  return { type: 'object', additionalProperties: false, properties, required };
}

const args = { type: 'array', items: argument() };
const argsOfSet = { type: 'array', items: argument(record({ whatIfArg: texts }, 'whatIfArg')) };
const verb = { executable: texts, input, requireSecurityContext };

const manifestSchema = record(
  {
    $schema: {
      // Other addresses are refused; v3 is that of every version of this number.
      pattern: '^https://aka[.]ms/dsc/schemas/v3(?:[.]\\d+){0,2}/(?:bundled/)?resource/manifest(?:[.]vscode)?[.]json$',
    },
    type: { pattern: '^\\w+(?:[.]\\w+)*/\\w+$' },
    version: { pattern: '^\\d+[.]\\d+[.]\\d+(?:-[0-9A-Za-z.-]+)?(?:[+][0-9A-Za-z.-]+)?$' },
    description: texts,
    tags: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^\\w+$' } },
    get: record({ ...verb, args }, 'executable'),
    set: record(
      {
        ...verb,
        args: argsOfSet,
        implementsPretest: { type: 'boolean' },
        handlesExist: { type: 'boolean' },
        return: returned,
        whatIfReturns: returned,
      },
      'executable',
      'input',
    ),
    test: record({ ...verb, args, return: returned }, 'executable', 'input'),
    export: record({ ...verb, args }, 'executable'),
    exitCodes: {
      type: 'object',
      minProperties: 1,
      additionalProperties: false,
      patternProperties: { '^-?[0-9]+$': texts },
    },
    schema: record({ embedded: { type: 'object' } }, 'embedded'),
  },
  '$schema',
  'type',
  'version',
  'get',
  'set',
  'test',
  'schema',
);

describe('the manifest for DSC, held to what DSC reads', () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const validate = ajv.compile(manifestSchema);
  // biome-ignore lint/suspicious/noExplicitAny: a document, judged here
  const manifest = (): any => JSON.parse(dscManifestText('1.2.3-rc1', 'C:\\Program Files\\CertRebind\\certrebind.exe'));

  it('has nothing that DSC does not know, and everything as DSC reads it', () => {
    assert.equal(validate(manifest()), true, ajv.errorsText(validate.errors));
  });

  it('embeds a schema that compiles by itself, as DSC compiles it without a connection', () => {
    const { embedded } = manifest().schema;
    assert.equal(embedded.$schema, 'http://json-schema.org/draft-07/schema#');
    const state = new Ajv({ strict: false }).compile(embedded);
    assert.equal(state({ _exist: true, policy: { undo: 'run' } }), true);
    assert.equal(state({ _exist: 'yes' }), false);
  });

  /** Each is what DSC refuses or passes over, so the schema here must see it. */
  for (const [what, change] of [
    ['an argument of no kind', { set: { args: ['dsc', 'set', { previewArg: '--what-if' }] } }],
    ['the preview where nothing is set', { get: { args: ['dsc', 'get', { whatIfArg: '--what-if' }] } }],
    ['a misspelt member of a verb', { set: { implementsPreTest: true } }],
    ['a member of the manifest that is none', { condition_: 'true' }],
    ['another kind of answer', { test: { return: 'diff' } }],
    ['a tag of two words', { tags: ['Web server'] }],
    ['an exit code that is no number', { exitCodes: { success: 'done' } }],
    ['a name without an owner', { type: 'Server' }],
    ['a schema of version 2', { $schema: 'https://aka.ms/dsc/schemas/v2/bundled/resource/manifest.json' }],
  ] as const)
    it(`sees ${what}`, () => {
      const changed = manifest();
      for (const [name, value] of Object.entries(change))
        changed[name] = typeof value === 'object' && !Array.isArray(value) ? { ...changed[name], ...value } : value;
      assert.equal(validate(changed), false);
    });
});
