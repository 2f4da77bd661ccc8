import type { ErrorObject } from 'ajv';

/** What is wrong with a value that a schema refuses, to stand behind its name: `is more than 90`. */
export function schemaMistake({ keyword, params, message = 'is wrong' }: ErrorObject): string {
  const { limit } = params;
  switch (keyword) {
    case 'type':
      return `is not ${typeText(String(params.type))}`;
    case 'enum':
      return `is none of ${[params.allowedValues].flat().join(', ')}`;
    case 'const':
      return `is not ${params.allowedValue}`;
    case 'required':
      return `has no "${params.missingProperty}"`;
    case 'minLength':
    case 'minItems':
      return limit === 1 ? 'is empty' : `has fewer than ${limit} ${keyword === 'minItems' ? 'entries' : 'characters'}`;
    case 'maxLength':
    case 'maxItems':
      return `has more than ${limit} ${keyword === 'maxItems' ? 'entries' : 'characters'}`;
    case 'minimum':
      return `is less than ${limit}`;
    case 'maximum':
      return `is more than ${limit}`;
    case 'uniqueItems':
      return 'names something twice';
    case 'pattern':
      return patternWords[String(params.pattern)] ?? message;
    default:
      return message;
  }
}

/** Of one type, or of several with commas between. */
function typeText(types: string): string {
  const words = types.split(',').map((type) => typeWords[type] ?? type);
  return words.join(' or ');
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** Of what a person writes; a test holds that every pattern of the configuration is here. */
const patternWords: Readonly<Record<string, string>> = {
  '^http://[^\\s/@]+:[0-9]{1,5}/?$': 'is not a proxy like http://proxy.example.com:8080',
  '[.]prom$': 'does not end in .prom',
  '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$': 'is not a name of letters and digits, with . _ - or blanks between',
  '^[^\\s@<>\\u0000-\\u001f]+@[^\\s@<>\\u0000-\\u001f]+$': 'is not a mail address like web01@example.com',
  '^secret:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$':
    'is not a secret like secret:smtp. Store it with certrebind secret set smtp, then write secret:smtp here',
  '^(?:[A-Za-z]:[\\\\/]|/(?!/))': 'is not the full path of a folder on a local disk',
  '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$': 'is not a time of day like 22:00',
};
