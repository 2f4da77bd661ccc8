import assert from 'node:assert/strict';
import { CertRebindError } from '../../src/base/errors.ts';

/** Fails when `parse` throws anything that a caller is not prepared for. */
export function throwsOnlyTypedErrors(parse: () => unknown): void {
  try {
    parse();
  } catch (thrown) {
    assert.ok(thrown instanceof CertRebindError, `not a typed error: ${String(thrown)}`);
  }
}

/** The typed error that `act` ends with. */
export function typedError(act: () => unknown): CertRebindError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof CertRebindError) return thrown;
    throw thrown;
  }
  throw new assert.AssertionError({ message: 'no error was thrown' });
}
