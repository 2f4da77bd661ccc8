import type { Argv } from 'yargs';
import type { Configuration } from '../documents/configuration.ts';

/** Declares what lets a person make a change outside of the window. */
export function withNow<A>(yargs: Argv<A>): Argv<A & { now: boolean }> {
  return yargs.option('now', {
    type: 'boolean',
    default: false,
    describe: 'Now, even outside the change window',
  });
}

/** The configuration as if no window were set, for a command that must not wait for it. */
export function atOnce(configuration: Configuration, now = false): Configuration {
  if (!now) return configuration;
  const { window: _, ...rest } = configuration;
  return rest;
}
