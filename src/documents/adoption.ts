import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';
import { validateAdoption } from './generated/validate-adoption.js';

/** The tasks of others that `enable --replace-native` disabled: only these does `disable --restore-native` enable. */
export interface Adoption {
  readonly schema: 'certrebind/adoption/1';
  readonly disabled: readonly { readonly path: string; readonly name: string; readonly at: string }[];
}

export const nothingAdopted: Adoption = { schema: 'certrebind/adoption/1', disabled: [] };

const adoptionKind: DocumentKind<Adoption> = {
  name: 'adoption',
  version: 1,
  validate: validateAdoption as ValidateFunction<Adoption>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseAdoption(text: string, where: string): Adoption {
  return checkDocument(parseJson(text, where), adoptionKind, where);
}
