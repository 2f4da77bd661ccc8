import type { ValidateFunction } from 'ajv';
import { validateSecrets } from '../generated/validators.js';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';

/** The file of secrets. */
export interface Secrets {
  readonly schema: 'certrebind/secrets/1';
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>;
}

const secretsKind: DocumentKind<Secrets> = {
  name: 'secrets',
  version: 1,
  validate: validateSecrets as ValidateFunction<Secrets>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseSecrets(text: string, where: string): Secrets {
  return checkDocument(parseJson(text, where), secretsKind, where);
}

export function isSecretName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text);
}

export function nameOfSecret(reference: string): string {
  return reference.slice('secret:'.length);
}
