// Which mutants Stryker tries: a sample, the same one for each seed, or those that are named by their numbers. Stryker has no option for
// either; it asks its checkers about each mutant, and tries none that one of them refuses.

import { createHash } from 'node:crypto';
import { CheckStatus } from '@stryker-mutator/api/check';
import { commonTokens, declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

class ChosenMutants {
  static inject = [commonTokens.options];

  #options;
  #chosen;

  constructor({ mutants }) {
    this.#options = mutants;
  }

  async init() {}

  /** Is given all mutants at once. */
  async group(mutants) {
    const { sample, seed, only } = this.#options;
    const ids = mutants
      .map((mutant) => ({ id: mutant.id, rank: rankOf(mutant, seed) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ id }) => id);
    this.#chosen = new Set(only ?? ids.slice(0, sample));
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const answer = ({ id }) =>
      this.#chosen.has(id)
        ? { status: CheckStatus.Passed }
        : { status: CheckStatus.CompileError, reason: 'not chosen' };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, answer(mutant)]));
  }
}

/** By what the change says and where: a sample of tomorrow has the same mutants where the code is the same. */
function rankOf({ fileName, location: { start, end }, replacement }, seed) {
  const place = fileName.replace(/^.*\/(?=(?:src|scripts)\/)/, '');
  return createHash('sha256')
    .update(JSON.stringify([seed, place, start, end, replacement]))
    .digest('hex');
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'chosen-mutants', ChosenMutants)];

export const strykerValidationSchema = {
  properties: {
    mutants: {
      type: 'object',
      properties: {
        sample: { type: 'number' },
        seed: { type: 'number' },
        only: { type: 'array', items: { type: 'string' } },
      },
    },
  },
};
