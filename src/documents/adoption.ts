import { parserOf } from '../base/document.ts';
import { validateAdoption } from './generated/validate-adoption.js';

/** The tasks of others that `enable --replace-native` disabled: only these does `disable --restore-native` enable. */
export interface Adoption {
  readonly schema: 'certrebind/adoption/1';
  readonly disabled: readonly { readonly path: string; readonly name: string; readonly at: string }[];
}

export const nothingAdopted: Adoption = { schema: 'certrebind/adoption/1', disabled: [] };

export const parseAdoption = parserOf<Adoption>('adoption', 1, validateAdoption);
