import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import { dscManifestText, dscSchema } from '../../src/documents/dsc-manifest.ts';

// What DSC 3.2.1 reads of a resource manifest (lib/dsc-lib/src/dscresources/resource_manifest.rs and the types it names), as
// far as the schema that the manifest names allows it (fidelity: dsc-what-if). DSC refuses a member that it does not know
// beside the verbs, and passes over one within a verb without a word, so here both are faults.

const texts = { type: 'string', minLength: 1 };
const input = { enum: ['env', 'stdin'] };
const requireSecurityContext = { enum: ['current', 'elevated', 'restricted'] };
const returned = { enum: ['state', 'stateAndDiff'] };

function record(properties: object, ...required: readonly string[]) {
  return { type: 'object', additionalProperties: false, properties, required };
}

// It also allows an argument in the place of which the input is put.
const args = { type: 'array', items: { type: 'string' } };
const command = { executable: texts, args };
const verb = { ...command, input, requireSecurityContext };
const setting = record(
  { ...verb, implementsPretest: { type: 'boolean' }, handlesExist: { type: 'boolean' }, return: returned },
  ...['executable', 'input', 'return'],
);

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
    get: record(verb, 'executable', 'input'),
    set: setting,
    whatIf: setting,
    test: record({ ...verb, return: returned }, 'executable', 'input'),
    export: record(verb, 'executable', 'input'),
    exitCodes: {
      type: 'object',
      minProperties: 1,
      additionalProperties: false,
      patternProperties: { '^-?[0-9]+$': texts },
    },
    // An embedded one is refused unless its own properties of DSC are references to addresses, which DSC does not follow.
    schema: record({ command: record(command, 'executable') }, 'command'),
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

  it('has nothing that DSC does not know, and everything as DSC reads it', () =>
    assert.equal(validate(manifest()), true, ajv.errorsText(validate.errors)));

  it('has a schema that compiles by itself, as DSC compiles it without a connection', () => {
    const schema = JSON.parse(JSON.stringify(dscSchema()));
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
    const state = new Ajv({ strict: false }).compile(schema);
    assert.equal(state({ _exist: true, policy: { undo: 'run' } }), true);
    assert.equal(state({ _exist: 'yes' }), false);
  });

  /** Each is what DSC refuses or passes over, so the schema here must see it. */
  for (const [what, change] of [
    ['an argument of no kind', { set: { args: ['dsc', 'set', { previewArg: '--what-if' }] } }],
    ['an argument that the schema does not know', { set: { args: ['dsc', 'set', { whatIfArg: '--what-if' }] } }],
    ['a preview that says nothing', { whatIf: { return: undefined } }],
    ['an export of nothing', { export: { input: undefined } }],
    ['an embedded schema', { schema: { embedded: {} } }],
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
