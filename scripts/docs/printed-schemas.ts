import { fileURLToPath } from 'node:url';
import { createGenerator, type Schema } from 'ts-json-schema-generator';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The JSON Schema of every document that is printed, from the types of the program: file and text of each. */
export function printedSchemas(): readonly { readonly file: string; readonly text: string }[] {
  const { properties = {} } = createGenerator({
    path: `${root}scripts/docs/printed.ts`,
    tsconfig: `${root}tsconfig.json`,
    type: 'Printed',
    skipTypeCheck: true,
    expose: 'none',
    topRef: false,
    jsDoc: 'extended',
    // Later versions may add properties, and readers should ignore those that they do not know.
    additionalProperties: true,
  }).createSchema('Printed');
  return Object.entries(properties).map(([name, schema]) => ({
    file: `schemas/printed/${name}.json`,
    text: `${JSON.stringify(documentSchema(name, schema), null, 2)}\n`,
  }));
}

function documentSchema(name: string, schema: Schema | boolean): object {
  if (typeof schema === 'boolean') throw new TypeError(`${name} has no shape`);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `printed-${name}.schema.json`,
    title: `What CertRebind prints with --json as certrebind/${name}`,
    ...schema,
  };
}
