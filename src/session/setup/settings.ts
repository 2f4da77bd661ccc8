import configurationSchema from '../../../schemas/configuration.json' with { type: 'json' };

/** As much of a JSON Schema as that of the configuration uses. */
export interface SettingSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** It is read and has no effect. */
  readonly deprecated?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly items?: SettingSchema;
}

export interface Setting {
  /** With those above it, for example `notify.mail.server`. */
  readonly key: string;
  readonly schema: SettingSchema;
  /** Needed where the object above it is given. */
  readonly required: boolean;
}

const { definitions, ...rest } = configurationSchema;
const named: Readonly<Record<string, SettingSchema>> = definitions;

export const wholeConfiguration: SettingSchema = rest;

/** Every key that holds a value. */
export const settings: readonly Setting[] = settingsOf('', wholeConfiguration);

/** Of texts. */
export function isList({ schema }: Setting): boolean {
  return schema.type === 'array' && resolved(schema.items ?? {}).type !== 'object';
}

/** The words that a setting, or each text of a list, may be; none if anything may stand. */
export function choicesOf({ schema }: Setting): readonly string[] {
  return (schema.items === undefined ? schema : resolved(schema.items)).enum ?? [];
}

/** A schema with what it refers to; its own words win. */
export function resolved(schema: SettingSchema): SettingSchema {
  const meant = schema.$ref === undefined ? {} : named[schema.$ref.replace('#/definitions/', '')];
  return { ...meant, ...schema };
}

function settingsOf(key: string, schema: SettingSchema, required = false): readonly Setting[] {
  const { properties, required: needed = [], deprecated = false } = schema;
  if (deprecated) return [];
  if (properties === undefined) return [{ key, schema, required }];
  return Object.entries(properties).flatMap(([name, below]) =>
    settingsOf(key === '' ? name : `${key}.${name}`, told(resolved(below), schema), needed.includes(name)),
  );
}

/** A key without its own description takes that of the object around it. */
function told(schema: SettingSchema, { description }: SettingSchema): SettingSchema {
  return description === undefined ? schema : { description, ...schema };
}
